// The folders of this machine, to choose files from: a browser does not tell a page where a file lies, and films are too large to
// be copied.
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { FolderListing } from '../../contract/api.ts';
import { MienError } from '../../contract/errors.ts';
import { isInputName } from '../../contract/inputs.ts';

const BY_NAME = new Intl.Collator('en', { numeric: true });

/** The folders in a folder, and the files that can be analysed. Throws input_missing or input_unreadable. */
export async function listFolder(folder: string): Promise<FolderListing> {
  const path = resolve(folder);
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
    const message = isMissing ? `There is no folder ${path}.` : `The folder ${path} cannot be opened.`;
    const remedy = isMissing ? 'Check its name.' : 'Check that you may read it.';
    throw new MienError(isMissing ? 'input_missing' : 'input_unreadable', message, remedy, { cause });
  });
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((p, q) => BY_NAME.compare(p.name, q.name));
  const found: FolderListing['entries'] = [];
  for (const { name } of visible) {
    const at = join(path, name);
    const facts = await stat(at).catch(() => null); // a link that leads nowhere, or something that is not ours
    if (facts?.isDirectory()) found.push({ kind: 'folder', name, path: at, bytes: null });
    else if (facts?.isFile() && isInputName(name)) found.push({ kind: 'file', name, path: at, bytes: facts.size });
  }
  found.sort((p, q) => (p.kind === q.kind ? 0 : p.kind === 'folder' ? -1 : 1));
  const parent = dirname(path);
  return { path, parent: parent === path ? null : parent, entries: found };
}
