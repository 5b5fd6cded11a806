// Photographs through sharp, one frame each, upright as their EXIF orientation says. They have no time.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { MienError } from '../contract/errors.ts';
import type { AllocateSlot, FrameSource, SlottedFrame, SourceInfo } from '../engine/ports.ts';
import { hashFile } from './hash.ts';
import { readStill } from './still.ts';

export interface PictureFile {
  readonly path: string;
  /** What the rows call it. */
  readonly name: string;
}

export class Pictures implements FrameSource {
  readonly info: SourceInfo;
  readonly problems: string[] = [];
  readonly #files: readonly PictureFile[];
  #next = 0;
  #sequence = 0;
  #firstError: MienError | null = null;

  private constructor(info: SourceInfo, files: readonly PictureFile[]) {
    this.info = info;
    this.#files = files;
  }

  /** One session of all `files`, called `name`. Throws when the first cannot even be opened, if it is the only one. */
  static async open(name: string, files: readonly PictureFile[]): Promise<Pictures> {
    const hashes: string[] = [];
    for (const { path } of files) hashes.push(await hashFile(path));
    const all = createHash('sha256').update(hashes.join('\n')).digest('hex');
    const [only] = hashes;
    const info: SourceInfo = {
      kind: 'pictures',
      name,
      sha256: hashes.length === 1 && only ? only : all,
      width: 0,
      height: 0,
      expectedFrames: files.length,
      durationMs: null,
      details: { pictures: files.length },
    };
    return new Pictures(info, files);
  }

  /** The next picture that can be read; others become problems. Throws when none of them could. */
  async next(allocate: AllocateSlot): Promise<SlottedFrame | null> {
    for (;;) {
      const file = this.#files[this.#next++];
      if (!file) {
        if (this.#sequence === 0 && this.#firstError) throw this.#firstError;
        return null;
      }
      try {
        return await this.#read(file, allocate);
      } catch (error) {
        if (!(error instanceof MienError)) throw error;
        this.#firstError ??= error;
        this.problems.push(error.message);
      }
    }
  }

  async close(): Promise<void> {
    // Files are open only while they are read.
  }

  async #read({ path, name }: PictureFile, allocate: AllocateSlot): Promise<SlottedFrame> {
    const { width, height, bytes, pages } = await readStill(path, name || basename(path));
    if (pages > 1) this.problems.push(`${name} holds ${pages} pictures; the first one is read.`);
    const slot = await allocate('rgba', width, height);
    slot.bytes.set(bytes);
    return {
      slot,
      sequence: this.#sequence++,
      timeMs: NaN,
      width,
      height,
      format: 'rgba',
      colorSpace: { matrix: 'bt601', range: 'full' },
      droppedBefore: 0,
      name,
    };
  }
}
