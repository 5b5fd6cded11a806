// Video files through FFmpeg (node-av), as YUV planes with their own presentation times. The one decoder of every host.
import { basename } from 'node:path';
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
  SoftwareScaleContext,
  avGetPixFmtName,
  type Rational,
  type Stream,
} from 'node-av/lib';
import { MienError } from '../contract/errors.ts';
import { planeSizes, planesIn, type ColorSpace, type PixelFormat } from '../core/frame.ts';
import { UPRIGHT, copyPlane, isTurned, orientationOfMatrix, turnDeg, type Orientation } from '../core/orientation.ts';
import type { AllocateSlot, FrameSource, SlottedFrame, SourceInfo } from '../engine/ports.ts';
import { hashFile } from './hash.ts';

/** Nothing but local files in formats that hold video: a playlist or script must not make FFmpeg open something else. */
const INPUT_OPTIONS = {
  protocol_whitelist: 'file',
  format_whitelist:
    'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg,ivf,h264,hevc,mjpeg,gif,yuv4mpegpipe',
};
const LARGE_FRAME = 1_000_000;
const FORMATS = new Map<number, PixelFormat>([
  [av.AV_PIX_FMT_YUV420P, 'i420'],
  [av.AV_PIX_FMT_YUVJ420P, 'i420'],
  [av.AV_PIX_FMT_NV12, 'nv12'],
  [av.AV_PIX_FMT_GRAY8, 'gray'],
]);

interface Opened {
  readonly format: FormatContext;
  readonly stream: Stream;
  readonly decoder: CodecContext;
}

export class VideoFile implements FrameSource {
  readonly info: SourceInfo;
  readonly problems: string[] = [];
  readonly #opened: Opened;
  readonly #orientation: Orientation;
  readonly #packet = new Packet();
  readonly #frame = new AvFrame();
  #scaled: AvFrame | null = null;
  #scaler: SoftwareScaleContext | null = null;
  #scalerKey = '';
  #sequence = 0;
  #drained = false;
  #damagedPackets = 0;
  #damagedFrames = 0;
  #withoutTime = 0;
  #lastTimeMs = NaN;
  /** Where the last packet of any track ends: sound may go on after the last frame. */
  #reachedMs = 0;
  #ended = false;

  private constructor(info: SourceInfo, opened: Opened, orientation: Orientation) {
    this.info = info;
    this.#opened = opened;
    this.#orientation = orientation;
    this.#packet.alloc();
    this.#frame.alloc();
  }

  /** Opens a file and reads its header. Throws input_unreadable or input_unsupported when there is no video in it. */
  static async open(path: string): Promise<VideoFile> {
    Log.setLevel(av.AV_LOG_QUIET); // FFmpeg would write to the user's terminal
    const opened = await openDecoder(path);
    const { stream } = opened;
    const orientation = orientationOfStream(stream);
    try {
      const info = describe(path, opened, orientation, await hashFile(path));
      return new VideoFile(info, opened, orientation);
    } catch (error) {
      opened.decoder.freeContext();
      await opened.format.closeInput();
      throw error;
    }
  }

  async next(allocate: AllocateSlot): Promise<SlottedFrame | null> {
    if (this.#ended) return null;
    if (!(await this.#decode())) {
      this.#ended = true;
      this.#noteEnd();
      return null;
    }
    const timeMs = this.#timeOf(this.#frame);
    if (this.#frame.decodeErrorFlags !== 0 || (this.#frame.flags & av.AV_FRAME_FLAG_CORRUPT) !== 0)
      this.#damagedFrames++;
    const picture = await this.#converted(this.#frame);
    const slotted = await this.#copy(picture, timeMs, allocate);
    this.#sequence++;
    this.#lastTimeMs = timeMs;
    return slotted;
  }

  async close(): Promise<void> {
    this.#scaler?.freeContext();
    this.#scaled?.free();
    this.#frame.free();
    this.#packet.free();
    this.#opened.decoder.freeContext();
    await this.#opened.format.closeInput();
  }

  /** Decodes the next frame into #frame; false at the end. Damaged packets are counted and passed over. */
  async #decode(): Promise<boolean> {
    const { format, stream, decoder } = this.#opened;
    for (;;) {
      const received = await decoder.receiveFrame(this.#frame);
      if (received >= 0) return true;
      if (received === av.AVERROR_EOF) return false;
      if (received !== av.AVERROR_EAGAIN) this.#damagedPackets++;
      if (this.#drained) return false;
      const read = await format.readFrame(this.#packet);
      if (read < 0) {
        if (read !== av.AVERROR_EOF) this.problems.push(`Reading stopped early: ${FFmpegError.strerror(read)}.`);
        this.#drained = true;
        await decoder.sendPacket(null);
        continue;
      }
      this.#noteReached();
      if (this.#packet.streamIndex === stream.index) {
        const sent = await decoder.sendPacket(this.#packet);
        if (sent < 0 && sent !== av.AVERROR_EAGAIN) this.#damagedPackets++;
      }
      this.#packet.unref();
    }
  }

  #noteReached(): void {
    const { pts, duration, streamIndex } = this.#packet;
    const stream = this.#opened.format.streams.find(({ index }) => index === streamIndex);
    if (!stream || pts === av.AV_NOPTS_VALUE) return;
    const { num, den } = stream.timeBase;
    this.#reachedMs = Math.max(this.#reachedMs, (1000 * Number(pts + duration) * num) / den);
  }

  #timeOf(frame: AvFrame): number {
    const { timeBase, avgFrameRate } = this.#opened.stream;
    const pts = frame.pts !== av.AV_NOPTS_VALUE ? frame.pts : frame.bestEffortTimestamp;
    if (pts !== av.AV_NOPTS_VALUE) return (1000 * Number(pts) * timeBase.num) / timeBase.den;
    this.#withoutTime++;
    if (Number.isNaN(this.#lastTimeMs)) return 0;
    return this.#lastTimeMs + (avgFrameRate.num > 0 ? (1000 * avgFrameRate.den) / avgFrameRate.num : 40);
  }

  /** The frame in a layout that the core reads, with square pixels. */
  async #converted(frame: AvFrame): Promise<AvFrame> {
    const { width, height } = squareSize(frame, this.#opened.stream);
    if (FORMATS.has(frame.format) && width === frame.width && height === frame.height) return frame;
    const target = targetFormat(frame);
    const key = [frame.width, frame.height, frame.format, width, height].join();
    if (key !== this.#scalerKey) {
      this.#scaler?.freeContext();
      this.#scaler = new SoftwareScaleContext();
      const flags = (av.SWS_BILINEAR | av.SWS_ACCURATE_RND | av.SWS_BITEXACT) as av.SwsFlags;
      this.#scaler.getContext(
        frame.width,
        frame.height,
        frame.format as av.AVPixelFormat,
        width,
        height,
        target,
        flags,
      );
      this.#scaled?.free();
      this.#scaled = new AvFrame();
      this.#scaled.alloc();
      this.#scaled.format = target;
      this.#scaled.width = width;
      this.#scaled.height = height;
      FFmpegError.throwIfError(this.#scaled.getBuffer(), 'no memory for a frame');
      this.#scalerKey = key;
    }
    const [scaler, scaled] = [this.#scaler, this.#scaled];
    if (!scaler || !scaled) throw new Error('the scaler is missing');
    FFmpegError.throwIfError(await scaler.scaleFrame(scaled, frame), 'converting a frame');
    scaled.colorSpace = frame.colorSpace;
    scaled.colorRange = isFullRange(frame) ? av.AVCOL_RANGE_JPEG : av.AVCOL_RANGE_MPEG;
    return scaled;
  }

  async #copy(picture: AvFrame, timeMs: number, allocate: AllocateSlot): Promise<SlottedFrame> {
    const format = FORMATS.get(picture.format);
    const { data, linesize } = picture;
    if (!format || !data) throw new Error(`a frame in the format ${picture.format} reached the copy`);
    const turned = isTurned(this.#orientation);
    const width = turned ? picture.height : picture.width;
    const height = turned ? picture.width : picture.height;
    const slot = await allocate(format, width, height);
    const stored = planeSizes(format, picture.width, picture.height);
    planesIn(slot.bytes, format, width, height).forEach(({ data: target }, i) => {
      const step = format === 'nv12' && i === 1 ? 2 : 1;
      const { stride, rows } = stored[i];
      copyPlane(data[i], linesize[i], stride / step, rows, step, this.#orientation, target);
    });
    return {
      slot,
      sequence: this.#sequence,
      timeMs,
      width,
      height,
      format,
      colorSpace: colorSpaceOf(picture),
      droppedBefore: 0,
      name: null,
    };
  }

  /** Says what could not be read, comparing what the container promised with what came. */
  #noteEnd(): void {
    if (this.#damagedPackets > 0) {
      this.problems.push(
        `Damaged pieces of the video that could not be decoded and were passed over: ${this.#damagedPackets}.`,
      );
    }
    if (this.#damagedFrames > 0) {
      this.problems.push(
        `Frames that are damaged, parts of which were made up by the decoder: ${this.#damagedFrames}.`,
      );
    }
    if (this.#withoutTime > 0) {
      this.problems.push(`Frames without a time of their own, which follow at the nominal rate: ${this.#withoutTime}.`);
    }
    const { durationMs } = this.info;
    if (durationMs === null || this.#sequence === 0) return;
    if (durationMs - this.#reachedMs > Math.max(500, 0.02 * durationMs)) {
      const seconds = (ms: number): string => (ms / 1000).toFixed(1);
      this.problems.push(
        `The file is cut short: it promises ${seconds(durationMs)} s, ${seconds(this.#reachedMs)} s could be read.`,
      );
    }
  }
}

async function openDecoder(path: string): Promise<Opened> {
  const format = new FormatContext();
  const options = Dictionary.fromObject(INPUT_OPTIONS);
  const opened = await format.openInput(`file:${path}`, null, options);
  if (opened < 0) throw notAVideo(path, opened);
  try {
    const found = await format.findStreamInfo();
    if (found < 0) throw notAVideo(path, found);
    const index = format.findBestStream(av.AVMEDIA_TYPE_VIDEO);
    const stream = format.streams.find((candidate) => candidate.index === index);
    if (!stream || (stream.disposition & av.AV_DISPOSITION_ATTACHED_PIC) !== 0) {
      const remedy = 'Give a file with a video track; a sound file cannot be analysed.';
      throw new MienError('input_unsupported', `${basename(path)} has no video in it.`, remedy);
    }
    return { format, stream, decoder: await createDecoder(path, stream) };
  } catch (error) {
    await format.closeInput();
    throw error;
  }
}

async function createDecoder(path: string, stream: Stream): Promise<CodecContext> {
  const { codecpar } = stream;
  const codec = Codec.findDecoder(codecpar.codecId);
  const decoder = new CodecContext();
  if (codec) {
    decoder.allocContext3(codec);
    decoder.parametersToContext(codecpar);
    decoder.pktTimebase = stream.timeBase;
    decoder.threadCount = codecpar.width * codecpar.height > LARGE_FRAME ? 2 : 1;
    if ((await decoder.open2(codec)) >= 0) return decoder;
    decoder.freeContext();
  }
  const name = codecpar.codecTagString ?? 'unknown';
  const remedy = 'Convert it to H.264 in an mp4 file, for instance with HandBrake, and try again.';
  throw new MienError('input_unsupported', `${basename(path)}: no decoder for its video format (${name}).`, remedy);
}

function notAVideo(path: string, code: number): MienError {
  const remedy =
    'Give an mp4, mov, mkv, webm or avi file. If it should be one, it is damaged: copy it again from the camera or the original.';
  const cause = new FFmpegError(code);
  return new MienError('input_unreadable', `${basename(path)} is not a video that can be read.`, remedy, { cause });
}

function orientationOfStream(stream: Stream): Orientation {
  const data = stream.codecpar.getCodedSideData(av.AV_PKT_DATA_DISPLAYMATRIX);
  if (!data || data.length < 36) return UPRIGHT;
  return orientationOfMatrix(Int32Array.from({ length: 9 }, (_, i) => data.readInt32LE(4 * i)));
}

function ratio({ num, den }: Rational): number {
  return num > 0 && den > 0 ? num / den : 1;
}

/** The size with square pixels: the side that is stored too short grows. */
function squareSize(
  frame: { readonly width: number; readonly height: number; readonly sampleAspectRatio: Rational },
  stream: Stream,
): { width: number; height: number } {
  const own = ratio(frame.sampleAspectRatio);
  const aspect = own !== 1 ? own : ratio(stream.sampleAspectRatio);
  const even = (value: number): number => 2 * Math.round(value / 2);
  if (Math.abs(aspect - 1) < 0.005) return { width: frame.width, height: frame.height };
  if (aspect > 1) return { width: even(frame.width * aspect), height: frame.height };
  return { width: frame.width, height: even(frame.height / aspect) };
}

const formatName = (format: number): string => avGetPixFmtName(format as av.AVPixelFormat) ?? '';

/** Whether black and white are 0 and 255. Formats of red, green and blue are converted to the limited range. */
function isFullRange({ format, colorRange }: AvFrame): boolean {
  const name = formatName(format);
  if (name.startsWith('yuvj')) return true;
  return colorRange === av.AVCOL_RANGE_JPEG && /^(yuv|nv|gray|p0)/.test(name);
}

/**
 * The layout that the scaler is to make. Its range must not change, and FFmpeg takes a format for full range by its
 * name alone.
 */
function targetFormat({ format }: AvFrame): av.AVPixelFormat {
  const name = formatName(format);
  if (name.startsWith('gray')) return av.AV_PIX_FMT_GRAY8;
  return name.startsWith('yuvj') ? av.AV_PIX_FMT_YUVJ420P : av.AV_PIX_FMT_YUV420P;
}

/** Files that do not say: high definition is BT.709, the rest BT.601, as players assume. */
function colorSpaceOf(picture: AvFrame): ColorSpace {
  const range = isFullRange(picture) ? 'full' : 'limited';
  switch (picture.colorSpace) {
    case av.AVCOL_SPC_BT709:
      return { matrix: 'bt709', range };
    case av.AVCOL_SPC_BT2020_NCL:
    case av.AVCOL_SPC_BT2020_CL:
      return { matrix: 'bt2020', range };
    case av.AVCOL_SPC_UNSPECIFIED:
      return { matrix: picture.height >= 720 ? 'bt709' : 'bt601', range };
    default:
      return { matrix: 'bt601', range };
  }
}

/** The duration of a track as Matroska files tell it, for instance 00:01:02.500000000. */
function taggedDurationMs(stream: Stream): number | null {
  const tag = stream.metadata?.get('DURATION')?.match(/^(\d+):(\d+):([\d.]+)/);
  return tag ? 1000 * (3600 * Number(tag[1]) + 60 * Number(tag[2]) + Number(tag[3])) : null;
}

function describe(
  path: string,
  { format, stream, decoder }: Opened,
  orientation: Orientation,
  sha256: string,
): SourceInfo {
  const { codecpar, timeBase, avgFrameRate } = stream;
  const turned = isTurned(orientation);
  const milliseconds = (value: bigint, num: number, den: number): number | null =>
    value > 0n ? (1000 * Number(value) * num) / den : null;
  const durationMs =
    milliseconds(stream.duration, timeBase.num, timeBase.den) ??
    taggedDurationMs(stream) ??
    milliseconds(format.duration, 1, 1_000_000);
  const shown = squareSize(codecpar, stream);
  const rate = avgFrameRate.den > 0 ? avgFrameRate.num / avgFrameRate.den : null;
  const counted = Number(stream.nbFrames);
  const expected = counted > 0 ? counted : durationMs !== null && rate ? Math.round((durationMs / 1000) * rate) : null;
  return {
    kind: 'video',
    name: basename(path),
    sha256,
    width: turned ? shown.height : shown.width,
    height: turned ? shown.width : shown.height,
    expectedFrames: expected,
    durationMs,
    details: {
      container: format.iformat?.name ?? null,
      codec: Codec.findDecoder(codecpar.codecId)?.name ?? null,
      pixel_format: avGetPixFmtName(decoder.pixelFormat),
      nominal_rate_hz: rate,
      time_base: `${timeBase.num}/${timeBase.den}`,
      turned_clockwise_deg: turnDeg(orientation),
      pixel_aspect_ratio: ratio(stream.sampleAspectRatio),
    },
  };
}
