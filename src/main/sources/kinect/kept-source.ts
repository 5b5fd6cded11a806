// A device whose pictures are written as a recording while somebody looks at them. All that the device gives is written, however slow
// whoever looks is; and whatever becomes of the recording, the looking goes on.
import { rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MienError, asError } from '../../contract/errors.ts';
import type { Clock } from '../../engine/ports.ts';
import type { DepthFrame, DepthSource, DeviceFacts, StreamCounts } from '../depth-source.ts';
import { INDEX_NAME } from './recording-format.ts';
import { RecordingWriter, unwritable } from './recording-writer.ts';

/** What is left of the disk for everybody else. */
const LEAST_FREE_BYTES = 2 ** 30;
const LEAST_FREE = '1 GB';
/** The disk is looked at once in so many frames, which take 46 MB. */
const CHECK_EVERY = 30;

export interface KeepOptions {
  /** Empty or not there yet. */
  readonly folder: string;
  /** The clock of the device's times. */
  readonly clock: Clock;
  /** Is told, in a sentence, when the recording ends before the device does. */
  readonly onEnd: (words: string) => void;
  /** Bytes that may be written to the disk of a folder, which need not exist yet. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** What has been written. */
export interface KeptFrames {
  readonly folder: string;
  readonly frames: number;
  readonly bytes: number;
  /** Pictures that the device gave between those frames and that are not among them. */
  readonly dropped: StreamCounts;
  /** Whether it has ended before the device did. */
  readonly isCut: boolean;
}

export class KeptSource implements DepthSource {
  readonly #source: DepthSource;
  readonly #writer: RecordingWriter;
  readonly #options: Required<KeepOptions>;
  /** Settled when pictures may be written, or when nothing more comes. */
  readonly #settled: Promise<void>;
  #settle: () => void = () => undefined;
  #isAllowed = false;
  /** Nothing is read before somebody asks. */
  #pumping: Promise<void> | null = null;
  /** The newest frame that nobody has asked for. */
  #newest: DepthFrame | null = null;
  #waiting: { resolve: (frame: DepthFrame | null) => void; reject: (error: Error) => void } | null = null;
  #sequence = 0;
  /** Frames that were replaced by a newer one. */
  #missed = 0;
  #fault: Error | null = null;
  #isOver = false;
  #isCut = false;
  /** Pictures that were lost before the first frame that was written, and up to the last one. */
  #firstDropped: StreamCounts | null = null;
  #lastDropped: StreamCounts = { color: 0, depth: 0 };
  #closing: Promise<void> | null = null;

  private constructor(source: DepthSource, writer: RecordingWriter, options: Required<KeepOptions>) {
    this.#source = source;
    this.#writer = writer;
    this.#options = options;
    this.#settled = new Promise((resolve) => (this.#settle = resolve));
  }

  /**
   * The source is this one's from here on. Throws usage for one without raw depth, output_unwritable for a folder that is not empty or
   * cannot be written to, and for a disk that is nearly full.
   */
  static async create(source: DepthSource, options: KeepOptions): Promise<KeptSource> {
    const { folder, clock, freeBytes = freeBytesOf } = options;
    if (source.facts.depthKind !== 'raw-11') {
      const remedy = 'Give a Kinect v1, or a recording of one.';
      throw new MienError('usage', `${source.facts.name} has no raw depth that could be recorded.`, remedy);
    }
    if ((await freeBytes(folder)) < LEAST_FREE_BYTES) {
      const remedy = 'Make room, or choose a folder on another disk.';
      throw new MienError('output_unwritable', `The disk of ${folder} has less than ${LEAST_FREE} left.`, remedy);
    }
    const limits = { mostMs: Infinity, mostBytes: Infinity };
    const writer = await RecordingWriter.create(folder, limits, clock.unixMs() - clock.monotonicMs());
    return new KeptSource(source, writer, { ...options, freeBytes });
  }

  get facts(): DeviceFacts {
    return this.#source.facts;
  }

  get kept(): KeptFrames {
    const { frames, bytes } = this.#writer.written;
    const [first, last] = [this.#firstDropped ?? this.#lastDropped, this.#lastDropped];
    const dropped = { color: last.color - first.color, depth: last.depth - first.depth };
    return { folder: this.#options.folder, frames, bytes, dropped, isCut: this.#isCut };
  }

  /** From here on pictures are written; the first frame waits for it, and no other is read before. */
  allow(): void {
    this.#isAllowed = true;
    this.#settle();
  }

  next(): Promise<DepthFrame | null> {
    if (this.#waiting) throw new Error('one call at a time');
    this.#pumping ??= this.#pump();
    const frame = this.#newest;
    this.#newest = null;
    if (frame) return Promise.resolve(frame);
    if (this.#fault) return Promise.reject(this.#fault);
    if (this.#isOver) return Promise.resolve(null);
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#end();
    await this.#source.close();
    await this.#pumping;
    await this.#writer.close();
    // What holds nothing must not be in the way of the next attempt.
    if (this.#writer.written.frames === 0) await rm(join(this.#options.folder, INDEX_NAME), { force: true });
  }

  async #pump(): Promise<void> {
    try {
      for (let frame = await this.#source.next(); frame; frame = await this.#source.next()) {
        if (this.#isOver) break;
        this.#offer(frame);
        await this.#keep(frame);
      }
    } catch (error) {
      this.#fault = asError(error);
    }
    this.#end();
  }

  /** Hands a frame on; its bytes are copied, because they are overwritten while somebody looks at them. */
  #offer({ color, depth, dropped, isAfterGap }: DepthFrame): void {
    const replaced = this.#newest;
    if (replaced) this.#missed++;
    const copy: DepthFrame = {
      sequence: replaced?.sequence ?? this.#sequence++,
      color: { ...color, rgb: color.rgb.slice() },
      depth: depth.kind === 'raw-11' ? { ...depth, disparity: depth.disparity.slice() } : depth,
      dropped: { color: dropped.color + this.#missed, depth: dropped.depth + this.#missed },
      isAfterGap: isAfterGap || (replaced?.isAfterGap ?? false),
    };
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting.resolve(copy);
    else this.#newest = copy;
  }

  async #keep(frame: DepthFrame): Promise<void> {
    await this.#settled;
    if (this.#isCut || !this.#isAllowed) return;
    const { folder, freeBytes } = this.#options;
    try {
      const isTime = this.#writer.written.frames % CHECK_EVERY === 0;
      if (isTime && (await freeBytes(folder)) < LEAST_FREE_BYTES) {
        this.#cut(`The recording in ${folder} has ended: its disk has less than ${LEAST_FREE} left.`);
        return;
      }
      await this.#writer.write(frame);
      this.#lastDropped = frame.dropped;
      this.#firstDropped ??= frame.dropped;
    } catch (error) {
      this.#cut(asError(error).message);
    }
  }

  #cut(words: string): void {
    this.#isCut = true;
    this.#options.onEnd(words);
  }

  #end(): void {
    this.#isOver = true;
    this.#settle();
    const waiting = this.#waiting;
    this.#waiting = null;
    if (this.#fault) waiting?.reject(this.#fault);
    else waiting?.resolve(null);
  }
}

/** Of a folder that is not there yet, the nearest above it that is tells. */
async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(resolve(folder));
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT' && parent !== resolve(folder))
      return freeBytesOf(parent);
    throw unwritable(folder, error);
  }
}
