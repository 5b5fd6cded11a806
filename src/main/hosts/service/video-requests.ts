// Answers a window that asks for the video of a session, or for a part of it: a player asks for what it is about to show. The host
// says who may ask; here no text of a request becomes a path, but the id of a session.
import { open, type FileHandle } from 'node:fs/promises';
import { VIDEO_PATH, isSessionId } from '../../contract/video.ts';
import { videoPath } from '../../store/video-files.ts';

/** Bytes of a file from the first to the last, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface VideoAnswer {
  readonly status: 200 | 206 | 404 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** The file and what of it is asked for, to be closed by whoever reads it; null where nothing is. */
  readonly body: { readonly file: FileHandle; readonly range: ByteRange } | null;
}

export interface VideoRequest {
  readonly method: string;
  /** The path of the address. */
  readonly path: string;
  /** What the request says of Range; null for nothing. */
  readonly range: string | null;
}

export const isVideoPath = (path: string): boolean => path.startsWith(VIDEO_PATH);

/**
 * The part of `size` bytes that a Range header asks for: null for the whole (there is no header, or one of a kind that may be passed
 * over), "unsatisfiable" for a part that is not there.
 */
export function rangeOf(header: string | null, size: number): ByteRange | 'unsatisfiable' | null {
  const asked = /^bytes=(\d*)-(\d*)$/.exec((header ?? '').trim());
  if (!asked || (asked[1] === '' && asked[2] === '')) return null;
  const [from, to] = [asked[1], asked[2]];
  if (from === '') {
    const count = Math.min(Number(to), size);
    return count > 0 ? { first: size - count, last: size - 1 } : 'unsatisfiable';
  }
  const [first, last] = [Number(from), to === '' ? Infinity : Number(to)];
  if (first > last) return null; // no range at all, by RFC 9110
  return first < size ? { first, last: Math.min(last, size - 1) } : 'unsatisfiable';
}

/** Answers GET or HEAD; `folder` is the data folder. Throws what the system says when a file cannot be read. */
export async function answerVideo(folder: string, { method, path, range }: VideoRequest): Promise<VideoAnswer> {
  const id = path.slice(VIDEO_PATH.length);
  const file = isVideoPath(path) && isSessionId(id) ? await openIfThere(videoPath(folder, id)) : null;
  if (!file) return { status: 404, headers: {}, body: null };
  let isHandedOn = false;
  try {
    const { size } = await file.stat();
    const part = rangeOf(range, size);
    if (part === 'unsatisfiable') return { status: 416, headers: { 'Content-Range': `bytes */${size}` }, body: null };
    const { first, last } = part ?? { first: 0, last: size - 1 };
    const headers = {
      ...{ 'Content-Type': 'video/webm', 'Accept-Ranges': 'bytes', 'Content-Length': String(last - first + 1) },
      ...(part ? { 'Content-Range': `bytes ${first}-${last}/${size}` } : {}),
    };
    isHandedOn = method === 'GET' && size > 0;
    return { status: part ? 206 : 200, headers, body: isHandedOn ? { file, range: { first, last } } : null };
  } finally {
    if (!isHandedOn) await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
