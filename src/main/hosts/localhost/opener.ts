// Opens the application in the browser of whoever is there. The address holds a secret, and everybody on a machine may see the
// words that a program was started with: the browser is handed a file instead, which its owner alone can read.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceFolders } from '../service/service.ts';

/** A browser that has not read the file by now never will. */
const KEPT_MS = 60_000;

type Folders = Pick<ServiceFolders, 'data' | 'exports'>;

/**
 * Opens an address by a file in one of these folders. The file goes after a minute, or when `done`, which is returned, is called. Calls
 * `onFailed` when there is nothing to open it with. Throws what the file system throws.
 */
export function openByFile(url: string, folders: Folders, onFailed: () => void): () => void {
  const file = writePage(pageTo(url), folders);
  const done = (): void => {
    clearTimeout(timer);
    rmSync(file, { force: true });
  };
  const timer = setTimeout(done, KEPT_MS).unref();
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ['open', file],
    win32: ['rundll32', 'url.dll,FileProtocolHandler', file],
  };
  const [command, ...words] = openers[process.platform] ?? ['xdg-open', file];
  const child = spawn(command, words, { stdio: 'ignore', detached: true });
  child.on('error', onFailed);
  child.unref();
  return done;
}

/** On Linux a browser may come as a snap, which cannot read hidden folders, and the data folder is in one. Returns the file's path. */
function writePage(page: string, { data, exports }: Folders): string {
  if (process.platform !== 'linux') return writeIn(data, page);
  try {
    mkdirSync(exports, { recursive: true });
    return writeIn(exports, page);
  } catch {
    return writeIn(data, page); // most browsers can read it there
  }
}

function writeIn(folder: string, page: string): string {
  const file = join(folder, `open-${process.pid}.html`);
  rmSync(file, { force: true });
  writeFileSync(file, page, { mode: 0o600, flag: 'wx' });
  return file;
}

/** Whether anybody could see a browser. */
export const hasScreen = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

const pageTo = (url: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mien</title>
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<p><a href="${url}">Open Mien</a></p>
`;
