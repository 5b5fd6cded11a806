// Writes what a Kinect gives, as fakenect's recordings are (recording-format.ts). A picture is named in the index when its file is
// whole, so that whatever ends the program leaves a recording that can be played.
import { constants } from 'node:fs';
import { open, readdir, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MienError } from '../../contract/errors.ts';
import { makeFolder } from '../../platform/folders.ts';
import type { DepthFrame } from '../depth-source.ts';
import { FILES, INDEX_NAME, nameOf } from './recording-format.ts';
import type { StreamName } from './pairing.ts';

/** A recording ends at whichever comes first. */
export interface RecordingLimits {
  /** Milliseconds from the first picture on. */
  readonly mostMs: number;
  /** Bytes of all pictures. A second takes about 46 MB. */
  readonly mostBytes: number;
}

/** What became of a frame: written, or left out because a limit is reached. */
export type WriteResult = 'written' | 'out-of-time' | 'out-of-space';

export class RecordingWriter {
  readonly #folder: string;
  readonly #index: FileHandle;
  readonly #limits: RecordingLimits;
  readonly #unixOffsetMs: number;
  #firstMs: number | null = null;
  #bytes = 0;
  #frames = 0;

  private constructor(folder: string, index: FileHandle, limits: RecordingLimits, unixOffsetMs: number) {
    this.#folder = folder;
    this.#index = index;
    this.#limits = limits;
    this.#unixOffsetMs = unixOffsetMs;
  }

  /**
   * Begins a recording in a folder that is empty or not there yet; only its owner can read it. `unixOffsetMs` is what makes a host time a
   * time since 1970. Throws output_unwritable.
   */
  static async create(folder: string, limits: RecordingLimits, unixOffsetMs: number): Promise<RecordingWriter> {
    try {
      makeFolder(folder, 0o700);
      if ((await readdir(folder)).length > 0) {
        const remedy = 'Choose a folder that is empty or does not exist yet.';
        throw new MienError('output_unwritable', `The folder ${folder} is not empty.`, remedy);
      }
      const index = await open(join(folder, INDEX_NAME), 'wx', 0o600);
      return new RecordingWriter(folder, index, limits, unixOffsetMs);
    } catch (error) {
      throw unwritable(folder, error);
    }
  }

  /** Bytes and frames that were written. */
  get written(): { readonly bytes: number; readonly frames: number } {
    return { bytes: this.#bytes, frames: this.#frames };
  }

  /** Writes a frame with raw depth, the earlier picture first. Throws output_unwritable, and usage for depth that is not raw. */
  async write({ color, depth }: DepthFrame): Promise<WriteResult> {
    if (depth.kind !== 'raw-11') {
      const message = 'A recording of a Kinect holds raw depth only.';
      throw new MienError('usage', message, 'Open the device with raw depth.');
    }
    this.#firstMs ??= Math.min(color.hostMs, depth.hostMs);
    const { mostMs, mostBytes } = this.#limits;
    if (Math.max(color.hostMs, depth.hostMs) - this.#firstMs > mostMs) return 'out-of-time';
    const size = (stream: StreamName): number => FILES[stream].head.length + FILES[stream].bytes;
    if (this.#bytes + size('color') + size('depth') > mostBytes) return 'out-of-space';
    const pictures = [
      { stream: 'color' as const, time: color, bytes: color.rgb },
      { stream: 'depth' as const, time: depth, bytes: littleEndian(depth.disparity) },
    ].sort((p, q) => p.time.hostMs - q.time.hostMs);
    try {
      for (const { stream, time, bytes } of pictures) {
        const name = nameOf(stream, (time.hostMs + this.#unixOffsetMs) / 1000, time.deviceTime);
        await writeFile(join(this.#folder, name), [FILES[stream].head, bytes], {
          flag: constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY,
          mode: 0o600,
        });
        await this.#index.appendFile(`${name}\n`);
        this.#bytes += size(stream);
      }
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
    this.#frames++;
    return 'written';
  }

  async close(): Promise<void> {
    await this.#index.close();
  }
}

/** The bytes of 16-bit numbers, low byte first. Every machine that Mien runs on has them so. */
const littleEndian = (values: Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** An error of a folder that cannot be written to, with its remedy; what has one already stays as it is. */
export function unwritable(folder: string, cause: unknown): MienError {
  if (cause instanceof MienError) return cause;
  const detail = cause instanceof Error ? ` (${cause.message})` : '';
  const remedy = 'Choose another folder, or make room on the disk.';
  return new MienError('output_unwritable', `The recording cannot be written to ${folder}${detail}.`, remedy, {
    cause,
  });
}
