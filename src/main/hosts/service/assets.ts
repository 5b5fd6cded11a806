// The files of the window, read once when the program starts: what is not among them cannot be asked for.
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { MienError } from '../../contract/errors.ts';

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

/** By path, with a slash in front; the page itself is "/". */
export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Reads a folder. Throws model_missing before the set-up has built the window. */
export async function readAssets(folder: string): Promise<Assets> {
  const names = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw notBuilt(cause);
  });
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (!type) continue;
    const path = `/${name.split(sep).join('/')}`;
    assets.set(path === '/index.html' ? '/' : path, { type, bytes: await readFile(join(folder, name)) });
  }
  if (!assets.has('/')) throw notBuilt();
  return assets;
}

function notBuilt(cause?: unknown): MienError {
  const message = 'The window has not been built yet.';
  return new MienError('model_missing', message, 'Run "npm run setup": it builds the window.', { cause });
}
