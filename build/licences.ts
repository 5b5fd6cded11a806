// What a package says about its licences: its own as a whole, the text that this names, and those of everything in it.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOTICES_FILE, notices, type Notice } from '../src/main/contract/notices.ts';

/** The folder of these texts in a package. */
export const LICENCES = 'licences';

const TEXTS = 'build/licences';

/** Ours, in the repository; made by others and named by ours. */
const COPIED = ['LICENCE.txt', 'GPL-3.0.txt'];

const THIRD_PARTIES = 'THIRD-PARTY-NOTICES.txt';

const LINE = '-'.repeat(80);

/** The list that the window shows, as a text to read without it. */
export function noticesText(list: readonly Notice[]): string {
  const parts = list.map(({ name, version, licence, text }) =>
    [
      LINE,
      [name, version].filter((word) => word !== '').join(' '),
      `Licence: ${licence}`,
      ...(text ? ['', text] : []),
    ].join('\n'),
  );
  return ['Mien contains these networks and packages of others.', ...parts, LINE, ''].join('\n\n');
}

/** Writes all texts into a folder, which is made where it is missing. Throws where the window of `root` has not been built. */
export function writeLicences(root: string, folder: string): void {
  const list = notices.parse(JSON.parse(readFileSync(join(root, 'out/renderer', NOTICES_FILE), 'utf8')));
  mkdirSync(folder, { recursive: true });
  for (const name of COPIED) copyFileSync(join(root, TEXTS, name), join(folder, name));
  writeFileSync(join(folder, THIRD_PARTIES), noticesText(list));
}
