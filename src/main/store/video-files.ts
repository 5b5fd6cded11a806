// Where the videos of sessions lie in a data folder, and how one is removed: its bytes are overwritten first, as far as the disk does
// what it is told.
import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MienError } from '../contract/errors.ts';
import { isSessionId } from '../contract/video.ts';

const ENDING = '.webm';
const UNFINISHED = `${ENDING}.part`;
/** Bytes that are overwritten at once. */
const BLOCK = 2 ** 20;

export const videoFolder = (folder: string): string => join(folder, 'video');

/** The video of a session. Throws a RangeError for what is no id of a session: nothing else may become a path. */
export function videoPath(folder: string, id: string): string {
  if (!isSessionId(id)) throw new RangeError(`"${id}" is no id of a session`);
  return join(videoFolder(folder), id + ENDING);
}

/** Ids of the sessions of which there are files. */
export async function videosIn(folder: string): Promise<string[]> {
  const names = await readdir(videoFolder(folder)).catch(() => []); // no folder: no video was ever kept
  const ids = names.flatMap((name) =>
    [ENDING, UNFINISHED].flatMap((ending) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : [])),
  );
  return [...new Set(ids)].filter(isSessionId);
}

/** Removes the video of a session, and one that was being made of it; there may be none. Throws store_unusable where it cannot be. */
export async function removeVideo(folder: string, id: string): Promise<void> {
  const path = videoPath(folder, id);
  try {
    await removeFile(path);
    await removeFile(path.slice(0, -ENDING.length) + UNFINISHED);
  } catch (cause) {
    const message = 'A video that must go could not be removed now. No session shows it any more.';
    const remedy = `Close what uses ${path}: it is removed when Mien is started the next time.`;
    throw new MienError('store_unusable', message, remedy, { cause });
  }
}

async function removeFile(path: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(ENOENT|ENOTDIR)$/.test(String(error.code))) return;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const zeros = new Uint8Array(Math.min(size, BLOCK));
    for (let at = 0; at < size; at += BLOCK) await file.write(zeros, 0, Math.min(BLOCK, size - at), at);
    await file.sync();
  } finally {
    await file.close();
  }
  await rm(path, { force: true }); // somebody else may have removed it meanwhile
}
