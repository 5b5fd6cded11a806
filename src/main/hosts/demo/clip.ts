// Makes the sample film: a camera that wanders over the photographs which @vladmandic/face-api ships, from face to face.
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as av from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';
import sharp from 'sharp';
import { MienError } from '../../contract/errors.ts';
import { makeFolder } from '../../platform/folders.ts';

const PHOTOGRAPHS = new URL('../../../../node_modules/@vladmandic/face-api/demo/', import.meta.url);

/** A view of a photograph: the middle and the width of what is shown, as shares of the photograph's width and height. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A ride over one photograph from one view to another. */
export interface Scene {
  readonly photograph: string;
  readonly seconds: number;
  readonly from: View;
  readonly to: View;
}

export interface ClipSpec {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** FFmpeg's name of the encoder. */
  readonly encoder: string;
  readonly scenes: readonly Scene[];
}

/** Three photographs, several people, twelve seconds. */
export const DEMO_CLIP: ClipSpec = {
  width: 640,
  height: 360,
  framesPerSecond: 25,
  encoder: 'libx264',
  scenes: [
    {
      photograph: 'sample1.jpg',
      seconds: 4,
      from: { x: 0.35, y: 0.45, width: 0.6 },
      to: { x: 0.6, y: 0.4, width: 0.7 },
    },
    { photograph: 'sample6.jpg', seconds: 4, from: { x: 0.4, y: 0.4, width: 0.7 }, to: { x: 0.6, y: 0.4, width: 0.6 } },
    {
      photograph: 'sample1.jpg',
      seconds: 4,
      from: { x: 0.6, y: 0.4, width: 0.7 },
      to: { x: 0.45, y: 0.45, width: 0.5 },
    },
  ],
};

/** Two views of one face. */
const FAR: View = { x: 0.21, y: 0.44, width: 0.34 };
const NEAR: View = { x: 0.23, y: 0.45, width: 0.3 };

/** One large face that moves, for measuring speed. */
export const ONE_FACE_CLIP: ClipSpec = {
  ...DEMO_CLIP,
  scenes: [
    {
      photograph: 'sample6.jpg',
      seconds: 6,
      from: { x: 0.21, y: 0.44, width: 0.3 },
      to: { x: 0.24, y: 0.46, width: 0.34 },
    },
    {
      photograph: 'sample6.jpg',
      seconds: 6,
      from: { x: 0.24, y: 0.46, width: 0.34 },
      to: { x: 0.2, y: 0.43, width: 0.28 },
    },
  ],
};

/** One face as a camera shows it, which ends as it begins: it is played over and over. */
export const CAMERA_CLIP: ClipSpec = {
  ...ONE_FACE_CLIP,
  width: 640,
  height: 480,
  framesPerSecond: 30,
  scenes: [
    { photograph: 'sample6.jpg', seconds: 4, from: NEAR, to: FAR },
    { photograph: 'sample6.jpg', seconds: 4, from: FAR, to: NEAR },
  ],
};

export function photographPath(name: string): string {
  const path = fileURLToPath(new URL(name, PHOTOGRAPHS));
  if (existsSync(path)) return path;
  const remedy = 'Run "npm run setup", or give a film of your own.';
  throw new MienError('input_missing', 'The photographs for the sample film are not installed.', remedy);
}

/** All frames of a clip as RGB, one after the other. */
export async function* clipFrames({ width, height, framesPerSecond, scenes }: ClipSpec): AsyncGenerator<Buffer> {
  for (const { photograph, seconds, from, to } of scenes) {
    const { data, info } = await sharp(photographPath(photograph))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: 3 as const };
    const count = Math.round(seconds * framesPerSecond);
    for (let i = 0; i < count; i++) {
      const t = (1 - Math.cos((Math.PI * i) / Math.max(1, count - 1))) / 2; // starts and stops gently
      const at = (key: keyof View): number => from[key] + t * (to[key] - from[key]);
      const shownWidth = Math.round(at('width') * info.width);
      const shownHeight = Math.min(info.height, Math.round((shownWidth * height) / width));
      const left = clamp(Math.round(at('x') * info.width - shownWidth / 2), info.width - shownWidth);
      const top = clamp(Math.round(at('y') * info.height - shownHeight / 2), info.height - shownHeight);
      yield sharp(data, { raw })
        .extract({ left, top, width: shownWidth, height: shownHeight })
        .resize(width, height, { fit: 'fill', kernel: 'linear' })
        .raw()
        .toBuffer();
    }
  }
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

/** Writes the film to `path`, whose ending names the container, unless it is there already. */
export async function makeClip(path: string, spec: ClipSpec): Promise<void> {
  if (existsSync(path)) return;
  makeFolder(dirname(path), 0o777);
  const unfinished = path.replace(/(\.\w+)$/, '.part$1');
  const writer = await ClipWriter.open(unfinished, spec);
  for await (const pixels of clipFrames(spec)) await writer.add(pixels);
  await writer.close();
  await rename(unfinished, path);
}

/** Encodes RGB frames into a film. */
export class ClipWriter {
  readonly #spec: ClipSpec;
  readonly #format: FormatContext;
  readonly #encoder: CodecContext;
  readonly #scaler = new SoftwareScaleContext();
  readonly #packet = new Packet();
  #next = 0n;

  private constructor(spec: ClipSpec, format: FormatContext, encoder: CodecContext) {
    this.#spec = spec;
    this.#format = format;
    this.#encoder = encoder;
    const { width, height } = spec;
    const target = av.AV_PIX_FMT_YUV420P;
    this.#scaler.getContext(width, height, av.AV_PIX_FMT_RGB24, width, height, target, av.SWS_BILINEAR);
    this.#packet.alloc();
  }

  static async open(path: string, spec: ClipSpec): Promise<ClipWriter> {
    Log.setLevel(av.AV_LOG_QUIET);
    const codec = Codec.findEncoderByName(spec.encoder as never);
    if (!codec) throw new Error(`no encoder ${spec.encoder}`);
    const format = new FormatContext();
    FFmpegError.throwIfError(format.allocOutputContext2(null, null, path), 'container');
    const encoder = new CodecContext();
    encoder.allocContext3(codec);
    encoder.width = spec.width;
    encoder.height = spec.height;
    encoder.pixelFormat = av.AV_PIX_FMT_YUV420P;
    encoder.timeBase = new Rational(1, spec.framesPerSecond);
    encoder.framerate = new Rational(spec.framesPerSecond, 1);
    encoder.gopSize = spec.framesPerSecond;
    encoder.bitRate = BigInt(2_000_000);
    encoder.colorSpace = av.AVCOL_SPC_SMPTE170M;
    encoder.colorRange = av.AVCOL_RANGE_MPEG;
    encoder.threadCount = 1;
    if (format.oformat && (format.oformat.flags & av.AVFMT_GLOBALHEADER) !== 0) {
      encoder.flags = (encoder.flags | av.AV_CODEC_FLAG_GLOBAL_HEADER) as av.AVCodecFlag;
    }
    FFmpegError.throwIfError(await encoder.open2(codec, Dictionary.fromObject({})), 'encoder');
    const stream = format.newStream();
    stream.codecpar.fromContext(encoder);
    stream.timeBase = encoder.timeBase;
    FFmpegError.throwIfError(await format.openOutput(), 'file');
    FFmpegError.throwIfError(await format.writeHeader(), 'header');
    return new ClipWriter(spec, format, encoder);
  }

  /** Adds a frame; `ticks` is its time in frames, for films whose rate varies. */
  async add(rgb: Buffer, ticks = this.#next): Promise<void> {
    const { width, height } = this.#spec;
    const source = Frame.fromVideoBuffer(rgb, { width, height, format: av.AV_PIX_FMT_RGB24 });
    const frame = new Frame();
    frame.alloc();
    frame.format = av.AV_PIX_FMT_YUV420P;
    frame.width = width;
    frame.height = height;
    FFmpegError.throwIfError(frame.getBuffer(), 'no memory for a frame');
    FFmpegError.throwIfError(await this.#scaler.scaleFrame(frame, source), 'converting a frame');
    frame.pts = ticks;
    frame.duration = 1n;
    this.#next = ticks + 1n;
    await this.#encode(frame);
    frame.free();
    source.free();
  }

  async close(): Promise<void> {
    await this.#encode(null);
    FFmpegError.throwIfError(await this.#format.writeTrailer(), 'end of the file');
    await this.#format.closeOutput();
    this.#packet.free();
    this.#scaler.freeContext();
    this.#encoder.freeContext();
    this.#format.freeContext();
  }

  async #encode(frame: Frame | null): Promise<void> {
    FFmpegError.throwIfError(await this.#encoder.sendFrame(frame), 'encoding');
    const [stream] = this.#format.streams;
    while (stream && (await this.#encoder.receivePacket(this.#packet)) >= 0) {
      this.#packet.streamIndex = 0;
      if (this.#packet.duration <= 0n) this.#packet.duration = 1n; // else a player leaves out the last frame
      this.#packet.rescaleTs(this.#encoder.timeBase, stream.timeBase);
      FFmpegError.throwIfError(await this.#format.interleavedWriteFrame(this.#packet), 'writing');
      this.#packet.unref();
    }
  }
}
