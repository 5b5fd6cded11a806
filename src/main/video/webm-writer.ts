// The video of a session: VP8 in WebM, which every Chromium plays. Its presentation times are the session's clock in milliseconds;
// where nothing was recorded, time jumps. FFmpeg's calls run outside of the engine's thread, so pictures wait in a queue that is never
// long: a picture too many is left out of the video, and of nothing else.
import { closeSync, openSync, statSync } from 'node:fs';
import * as av from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame as AvFrame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';
import { asError } from '../contract/errors.ts';
import { planesIn, type PixelFormat } from '../core/frame.ts';
import type { Box } from '../core/geometry.ts';
import { paintGrey } from '../core/masks.ts';
import type { VideoPicture } from '../engine/ports.ts';

/** What the codec is called in files and tables. */
export const VIDEO_CODEC = 'vp8';

/** Pictures that wait for the encoder: a fifth of a second. */
const MOST_WAITING = 6;
/** Review jumps to any moment: from one picture that stands alone to the next. */
const KEY_EVERY_MS = 2000;
/** What a program that is killed loses at most, but for the queue. */
const CLUSTER_MS = 500;
const BITS_PER_PIXEL = 0.25;
const NOMINAL_RATE = 30;

const FORMATS: Readonly<Record<PixelFormat, av.AVPixelFormat>> = {
  i420: av.AV_PIX_FMT_YUV420P,
  nv12: av.AV_PIX_FMT_NV12,
  rgba: av.AV_PIX_FMT_RGBA,
  gray: av.AV_PIX_FMT_GRAY8,
};

const MATRICES = {
  bt601: av.AVCOL_SPC_SMPTE170M,
  bt709: av.AVCOL_SPC_BT709,
  bt2020: av.AVCOL_SPC_BT2020_NCL,
} as const;

/** What is known of a video when it has ended. */
export interface WrittenVideo {
  /** Pixels; 0 where no picture was written. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Pictures that came while too many waited. */
  readonly leftOut: number;
  /** Frames in which something was painted grey. */
  readonly masked: number;
  readonly bytes: number;
}

interface Output {
  readonly format: FormatContext;
  readonly encoder: CodecContext;
}

interface Waiting {
  readonly frame: AvFrame;
  readonly isMasked: boolean;
}

export class WebmWriter {
  readonly #path: string;
  readonly #waiting: Waiting[] = [];
  readonly #packet = new Packet();
  readonly #scaler = new SoftwareScaleContext();
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #output: Output | null = null;
  #fault: Error | null = null;
  #isOver = false;
  #ending: Promise<void> | null = null;
  #copy = new Uint8Array();
  #width = 0;
  #height = 0;
  #lastMs = -1;
  #keyMs = -Infinity;
  #frames = 0;
  #masked = 0;
  #leftOut = 0;

  private constructor(path: string) {
    this.#path = path;
    this.#packet.alloc();
  }

  /** Makes the file, for its owner alone. Throws what the system says where there is one already, or none can be made. */
  static create(path: string): WebmWriter {
    Log.setLevel(av.AV_LOG_QUIET); // FFmpeg would write to the user's terminal
    closeSync(openSync(path, 'wx', 0o600));
    return new WebmWriter(path);
  }

  /** Why nothing more is written; null while all is well. */
  get fault(): Error | null {
    return this.#fault;
  }

  /** See VideoWriter. A time that is not later than the one before, in whole milliseconds, is left out. */
  frame(picture: VideoPicture, timeMs: number, masks: readonly Box[]): void {
    if (this.#fault || this.#isOver) return;
    const atMs = Math.round(timeMs);
    if (this.#waiting.length >= MOST_WAITING || atMs <= this.#lastMs) {
      this.#leftOut++;
      return;
    }
    this.#lastMs = atMs;
    try {
      this.#waiting.push({ frame: this.#copied(picture, atMs, masks), isMasked: masks.length > 0 });
    } catch (error) {
      this.#fault = asError(error);
      return;
    }
    if (!this.#isWorking) this.#work = this.#drain();
  }

  /** Ends the file when everything is written. A fault is told by {@link fault}; what came before it is in the file. */
  async close(): Promise<WrittenVideo> {
    await this.#end(true);
    const bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    const [frames, leftOut, masked] = [this.#frames, this.#leftOut, this.#masked];
    return { width: this.#width, height: this.#height, frames, leftOut, masked, bytes };
  }

  /** Lets go of the file as it is; it may be said again. */
  async abandon(): Promise<void> {
    for (const { frame } of this.#waiting.splice(0)) frame.free();
    await this.#end(false);
  }

  #end(isWhole: boolean): Promise<void> {
    this.#isOver = true;
    return (this.#ending ??= this.#finish(isWhole));
  }

  async #finish(isWhole: boolean): Promise<void> {
    await this.#work;
    if (this.#output) await this.#closeOutput(this.#output, isWhole);
    this.#output = null;
    this.#packet.free();
    this.#scaler.freeContext();
  }

  /** A frame of FFmpeg's own memory with the masked picture. It is painted in ours: not every host lets us change FFmpeg's. */
  #copied(picture: VideoPicture, atMs: number, masks: readonly Box[]): AvFrame {
    const { width, height, format, colorSpace, bytes } = picture;
    if (this.#copy.length !== bytes.length) this.#copy = new Uint8Array(bytes.length);
    this.#copy.set(bytes);
    const planes = planesIn(this.#copy, format, width, height);
    for (const mask of masks) paintGrey(planes, format, width, height, mask);
    const frame = newFrame(FORMATS[format], width, height);
    // A frame that is made from a buffer goes on looking at it, whatever the documentation of node-av 6.1 says: it is copied again.
    const view = AvFrame.fromVideoBuffer(Buffer.from(this.#copy.buffer), { width, height, format: FORMATS[format] });
    FFmpegError.throwIfError(frame.copy(view), 'copying a frame');
    view.free();
    frame.pts = BigInt(atMs);
    if (format === 'i420' || format === 'nv12') {
      // The others are converted, to what FFmpeg takes for granted.
      frame.colorSpace = MATRICES[colorSpace.matrix];
      frame.colorRange = colorSpace.range === 'full' ? av.AVCOL_RANGE_JPEG : av.AVCOL_RANGE_MPEG;
    }
    return frame;
  }

  async #drain(): Promise<void> {
    this.#isWorking = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        try {
          await this.#write(next.frame);
          this.#frames++;
          if (next.isMasked) this.#masked++;
        } finally {
          next.frame.free();
        }
      }
    } catch (error) {
      this.#fault = asError(error);
      for (const { frame } of this.#waiting.splice(0)) frame.free();
    }
    this.#isWorking = false;
  }

  async #write(frame: AvFrame): Promise<void> {
    this.#output ??= await this.#open(frame);
    const picture = await this.#fitted(frame);
    try {
      const atMs = Number(frame.pts);
      const isKey = atMs - this.#keyMs >= KEY_EVERY_MS;
      if (isKey) this.#keyMs = atMs;
      picture.pts = frame.pts;
      picture.pictType = isKey ? av.AV_PICTURE_TYPE_I : av.AV_PICTURE_TYPE_NONE;
      await this.#encode(this.#output, picture);
    } finally {
      if (picture !== frame) picture.free();
    }
  }

  /** The frame as the encoder takes it. A camera that changes its size in the middle is brought to the size it began with. */
  async #fitted(frame: AvFrame): Promise<AvFrame> {
    const [width, height, target] = [this.#width, this.#height, av.AV_PIX_FMT_YUV420P];
    if (frame.format === target && frame.width === width && frame.height === height) return frame;
    const { format } = frame;
    this.#scaler.getContext(
      frame.width,
      frame.height,
      format as av.AVPixelFormat,
      width,
      height,
      target,
      av.SWS_BILINEAR,
    );
    const fitted = newFrame(target, width, height);
    try {
      FFmpegError.throwIfError(await this.#scaler.scaleFrame(fitted, frame), 'converting a frame');
      return fitted;
    } catch (error) {
      fitted.free();
      throw error;
    }
  }

  async #open(first: AvFrame): Promise<Output> {
    const { width, height } = first;
    const codec = Codec.findEncoderByName('libvpx' as never);
    if (!codec) throw new Error('this FFmpeg has no encoder for VP8');
    const encoder = new CodecContext();
    encoder.allocContext3(codec);
    encoder.width = width;
    encoder.height = height;
    encoder.pixelFormat = av.AV_PIX_FMT_YUV420P;
    encoder.timeBase = new Rational(1, 1000);
    encoder.framerate = new Rational(NOMINAL_RATE, 1);
    encoder.gopSize = 3600; // of pictures; when one stands alone is said by the time
    encoder.bitRate = BigInt(Math.round(width * height * NOMINAL_RATE * BITS_PER_PIXEL));
    encoder.colorSpace = first.colorSpace;
    encoder.colorRange = first.colorRange;
    encoder.threadCount = 1;
    const options = { deadline: 'realtime', 'cpu-used': '8', 'lag-in-frames': '0' };
    FFmpegError.throwIfError(await encoder.open2(codec, Dictionary.fromObject(options)), 'encoder');
    const format = new FormatContext();
    FFmpegError.throwIfError(format.allocOutputContext2(null, 'webm', `file:${this.#path}`), 'container');
    const stream = format.newStream();
    stream.codecpar.fromContext(encoder);
    stream.timeBase = encoder.timeBase;
    FFmpegError.throwIfError(await format.openOutput(), 'file');
    const container = { cluster_time_limit: String(CLUSTER_MS), flush_packets: '1' };
    FFmpegError.throwIfError(await format.writeHeader(Dictionary.fromObject(container)), 'header');
    this.#width = width;
    this.#height = height;
    return { format, encoder };
  }

  async #encode({ format, encoder }: Output, picture: AvFrame | null): Promise<void> {
    FFmpegError.throwIfError(await encoder.sendFrame(picture), 'encoding');
    const [stream] = format.streams;
    while (stream && (await encoder.receivePacket(this.#packet)) >= 0) {
      this.#packet.streamIndex = 0;
      this.#packet.rescaleTs(encoder.timeBase, stream.timeBase);
      FFmpegError.throwIfError(await format.interleavedWriteFrame(this.#packet), 'writing');
      this.#packet.unref();
    }
  }

  async #closeOutput(output: Output, isWhole: boolean): Promise<void> {
    const { format, encoder } = output;
    try {
      if (isWhole && !this.#fault) await this.#encode(output, null);
      if (isWhole) FFmpegError.throwIfError(await format.writeTrailer(), 'end of the file');
    } catch (error) {
      this.#fault ??= asError(error);
    }
    await format.closeOutput();
    encoder.freeContext();
    format.freeContext();
  }
}

function newFrame(format: av.AVPixelFormat, width: number, height: number): AvFrame {
  const frame = new AvFrame();
  frame.alloc();
  frame.format = format;
  frame.width = width;
  frame.height = height;
  FFmpegError.throwIfError(frame.getBuffer(), 'no memory for a frame');
  return frame;
}
