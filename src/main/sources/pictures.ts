// Photographs through sharp, one frame each, upright as their EXIF orientation says. They have no time.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import sharp from 'sharp';
import { MienError } from '../contract/errors.ts';
import type { AllocateSlot, FrameSource, SlottedFrame, SourceInfo } from '../engine/ports.ts';
import { hashFile } from './hash.ts';

/** Endings of the picture formats that are read. */
export const PICTURE_ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.avif', '.gif'] as const;

const MOST_PIXELS = 225_000_000;

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
        const failure = unreadable(file, error);
        this.#firstError ??= failure;
        this.problems.push(failure.message);
      }
    }
  }

  async close(): Promise<void> {
    // Files are open only while they are read.
  }

  async #read({ path, name }: PictureFile, allocate: AllocateSlot): Promise<SlottedFrame> {
    const picture = sharp(path, { limitInputPixels: MOST_PIXELS });
    const { pages = 1 } = await picture.metadata();
    if (pages > 1) this.problems.push(`${name} holds ${pages} pictures; the first one is read.`);
    const { data, info } = await picture
      .autoOrient()
      .toColourspace('srgb')
      .flatten({ background: '#000' })
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const slot = await allocate('rgba', info.width, info.height);
    slot.bytes.set(data);
    return {
      slot,
      sequence: this.#sequence++,
      timeMs: NaN,
      width: info.width,
      height: info.height,
      format: 'rgba',
      colorSpace: { matrix: 'bt601', range: 'full' },
      droppedBefore: 0,
      name,
    };
  }
}

function unreadable({ path, name }: PictureFile, cause: unknown): MienError {
  if (cause instanceof MienError) return cause;
  const detail = cause instanceof Error ? cause.message : '';
  const label = name || basename(path);
  if (detail.includes('pixel limit')) {
    const remedy = 'Reduce it below 225 megapixels and try again.';
    return new MienError('input_unsupported', `${label} has too many pixels.`, remedy, { cause });
  }
  const remedy = 'Give a jpeg, png, webp or tiff file; if it should be one, it is damaged.';
  return new MienError('input_unreadable', `${label} is not a picture that can be read.`, remedy, { cause });
}
