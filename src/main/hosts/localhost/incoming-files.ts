// Files that the window sends because a browser does not tell where they lie: written beside the sessions, for the engine to take.
// The engine makes the place that they go to (service/incoming.ts) and removes it.
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MienError } from '../../contract/errors.ts';
import { isInputName, refusalOfKind } from '../../contract/inputs.ts';

/** A recording that is under way, and everything else on the disk, needs some room. */
const ROOM_LEFT_BYTES = 512 * 2 ** 20;
/** A sender who says nothing for so long is gone. */
const SILENT_MS = 60_000;
const DEEPEST = 20;

export interface IncomingFilesOptions {
  /** See incomingFolder of service/incoming.ts. */
  readonly folder: string;
  /** Bytes that are free where a folder lies. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

export class IncomingFiles {
  readonly #folder: string;
  readonly #freeBytes: (folder: string) => Promise<number>;

  constructor({ folder, freeBytes = freeBytesAt }: IncomingFilesOptions) {
    this.#folder = folder;
    this.#freeBytes = freeBytes;
  }

  /**
   * Writes what a request brings to the place that `parts` name (see incomingParts of the contract). Throws usage for what is no
   * such place, input_unsupported, output_unwritable where there is no room, interrupted when it does not come to its end;
   * nothing is left of it then.
   */
  async take(parts: readonly string[], request: IncomingMessage): Promise<void> {
    const [id = '', item = '', ...path] = parts;
    const isPlace = /^\d+-[0-9a-f-]{36}$/.test(id) && /^\d{1,5}$/.test(item);
    if (!isPlace || path.length === 0 || path.length > DEEPEST || !path.every(isPlainName)) throw noPlace();
    const name = path[path.length - 1];
    if (!isInputName(name)) throw new MienError('input_unsupported', refusalOfKind(name), 'Give a video or a picture.');
    const place = join(this.#folder, id);
    if (!(await stat(place).catch(() => null))?.isDirectory()) throw noPlace();
    await this.#checkRoom(name, request);
    await this.#write(place, [item, ...path], request);
  }

  async #checkRoom(name: string, { headers }: IncomingMessage): Promise<void> {
    const bytes = Number(headers['content-length'] ?? NaN); // a browser says it of every file
    if (!Number.isSafeInteger(bytes)) throw noPlace();
    if (bytes + ROOM_LEFT_BYTES > (await this.#freeBytes(this.#folder))) throw noRoom(name);
  }

  async #write(place: string, parts: readonly string[], request: IncomingMessage): Promise<void> {
    let folder = place;
    // Step by step: the place itself must not come back when it was removed meanwhile.
    for (const part of parts.slice(0, -1)) await makeOne((folder = join(folder, part)));
    const name = parts[parts.length - 1];
    const target = join(folder, name);
    request.setTimeout(SILENT_MS, () => request.destroy());
    const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
    try {
      await pipeline(request, file);
    } catch (cause) {
      if (isCode(cause, 'EEXIST')) throw noPlace(); // it is there, and somebody else's
      await rm(target, { force: true });
      if (isCode(cause, 'ENOSPC')) throw noRoom(name, cause);
      if (request.destroyed && !request.complete)
        throw new MienError('interrupted', `${name} was not sent to its end.`, 'Drop it again.', { cause });
      throw new MienError('output_unwritable', `${name} could not be written.`, 'Check the disk.', { cause });
    } finally {
      request.setTimeout(0); // the connection may be used again
    }
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** A name in a folder that leads nowhere else. */
const isPlainName = (name: string): boolean =>
  name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name) && Buffer.byteLength(name) <= 255;

async function makeOne(folder: string): Promise<void> {
  await mkdir(folder, 0o700).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) throw noPlace();
    if (!isCode(error, 'EEXIST')) throw error;
  });
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const noPlace = (): MienError =>
  new MienError('usage', 'This file was sent to where none is waited for.', 'Drop it again.');

const noRoom = (name: string, cause?: unknown): MienError =>
  new MienError(
    'output_unwritable',
    `There is no room for a copy of ${name} on the disk.`,
    'Make room, or choose the file under “Files on this machine”: there it is read where it lies.',
    { cause },
  );
