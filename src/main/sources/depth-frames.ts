// Colour and depth as frames to analyse: depth lies over the picture pixel by pixel, behind it in the same slot. They come from a recording
// that is read as a file, or from a device as it gives them.
import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MM_OF_RAW, V1_BASELINE, registerDepth } from '../core/depth/disparity.ts';
import type { DepthMap } from '../core/depth/frame.ts';
import { ALIGNED_CAMERAS, CAMERAS } from '../core/depth/pinhole.ts';
import { depthIn } from '../core/frame.ts';
import type { AllocateSlot, Clock, FrameSource, LiveClock, SlottedFrame, SourceInfo } from '../engine/ports.ts';
import type { DepthFrame, DepthPicture, DepthSource, DeviceFacts } from './depth-source.ts';
import { hashFile } from './hash.ts';
import { openReplay } from './kinect/open.ts';
import { LiveTimes } from './live-times.ts';

/** A file is read as fast as it goes: its times are those of its frames alone. */
const NO_TIME: Clock = { monotonicMs: () => 0, unixMs: () => 0 };

/** A frame with its place among the others. */
interface PlacedFrame extends Pick<
  SlottedFrame,
  'sequence' | 'timeMs' | 'droppedBefore' | 'capturedUnixMs' | 'gapBefore'
> {
  readonly frame: DepthFrame;
}

export class DepthFrames implements FrameSource {
  readonly info: SourceInfo;
  readonly problems: string[] = [];
  readonly #source: DepthSource;
  /** Null where times are those of a file. */
  readonly #live: LiveTimes | null;
  /** The first frame of a device, until it is asked for. */
  #first: PlacedFrame | null = null;
  #lost = 0;
  #firstMs: number | null = null;
  /** Number of the next frame, if none is lost before it. */
  #next = 0;

  private constructor(source: DepthSource, info: SourceInfo, live: LiveTimes | null) {
    this.#source = source;
    this.info = info;
    this.#live = live;
  }

  /**
   * Opens a folder that holds a Kinect's recording, or pairs of colour and depth pictures. What lies in folders of it is nobody's.
   * Throws input_missing, input_empty, input_unsupported and input_unreadable.
   */
  static async open(folder: string): Promise<DepthFrames> {
    const source = await openReplay(folder, NO_TIME, 'as-read');
    const name = basename(resolve(folder));
    const sha256 = await hashFiles(folder);
    const info = { kind: 'video', name, sha256, expectedFrames: source.frames, ...factsOf(source.facts) } as const;
    return new DepthFrames(source, info, null);
  }

  /**
   * The frames of a device, or of a recording that is played as one: of frames that nobody waits for only the newest is seen, and the
   * others are counted. The device is this source's from here on; its times must be those of `clock`.
   */
  static live(source: DepthSource, clock: LiveClock): DepthFrames {
    const { facts } = source;
    const sha256 = randomBytes(32).toString('hex');
    const info = { kind: 'camera', name: facts.name, sha256, expectedFrames: null, ...factsOf(facts) } as const;
    return new DepthFrames(source, info, new LiveTimes(clock));
  }

  async begin(): Promise<number | null> {
    this.#first ??= await this.#take();
    return this.#first?.capturedUnixMs ?? null;
  }

  async next(allocate: AllocateSlot): Promise<SlottedFrame | null> {
    const placed = this.#first ?? (await this.#take());
    this.#first = null;
    if (!placed) return null;
    const { frame, ...place } = placed;
    const { width, height, rgb } = frame.color;
    const { mm, ...depth } = depthOf(frame.depth);
    const slot = await allocate('rgba', width, height, depth);
    putRgb(slot.bytes, rgb);
    depthIn(slot.bytes, depth, 'rgba', width, height).set(mm);
    const colorSpace = { matrix: 'bt601', range: 'full' } as const;
    return { slot, ...place, width, height, format: 'rgba', colorSpace, name: null, depth };
  }

  /** Nothing more comes from here on: whoever waits for a frame hears so, at any moment. */
  close(): Promise<void> {
    return this.#source.close();
  }

  async #take(): Promise<PlacedFrame | null> {
    this.#live?.ask();
    const frame = await this.#source.next();
    if (!frame) {
      this.#noteSilence();
      return null;
    }
    const lost = this.#lostSince(frame);
    return this.#live ? this.#placed(frame, lost, this.#live) : this.#asRead(frame, lost);
  }

  /** A device that is gone when the recording ends leaves no row behind which it is back. */
  #noteSilence(): void {
    const silentMs = this.#live?.silentMs() ?? null;
    if (silentMs === null) return;
    this.problems.push(`The camera gave nothing in the last ${(silentMs / 1000).toFixed(1)} s of the recording.`);
  }

  #asRead(frame: DepthFrame, lost: number): PlacedFrame {
    const { hostMs } = frame.color;
    this.#firstMs ??= hostMs;
    return { frame, sequence: this.#number(lost), timeMs: hostMs - this.#firstMs, droppedBefore: lost };
  }

  #placed(frame: DepthFrame, lostBefore: number, live: LiveTimes): PlacedFrame {
    const lost = this.#next === 0 ? 0 : lostBefore; // nobody has waited for what came before the first frame
    const { timeMs, capturedUnixMs, gap } = live.place(frame.color.hostMs, lost, frame.isAfterGap);
    if (!gap) return { frame, sequence: this.#number(lost), timeMs, droppedBefore: lost, capturedUnixMs };
    const gapBefore = { ...gap, sequence: this.#number(lost), droppedBefore: lost };
    return { frame, sequence: this.#number(0), timeMs, droppedBefore: 0, capturedUnixMs, gapBefore };
  }

  /** The number of a row in front of which so many frames were lost. */
  #number(lost: number): number {
    const number = this.#next + lost;
    this.#next = number + 1;
    return number;
  }

  /** Colour pictures without depth, or that nobody has waited for, between the frame before and this one. */
  #lostSince({ dropped: { color } }: DepthFrame): number {
    const lost = color - this.#lost;
    this.#lost = color;
    return lost;
  }
}

/** The sha256 of all files of a folder with their names. */
async function hashFiles(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) hash.update(`${name} ${await hashFile(path)}\n`);
  }
  return hash.digest('hex');
}

/** What a device says of its frames. */
function factsOf(facts: DeviceFacts): Pick<SourceInfo, 'width' | 'height' | 'durationMs' | 'details'> {
  const { sensor, driver, depthKind, serial } = facts;
  const { width, height } = ALIGNED_CAMERAS[sensor];
  const details = { sensor, driver, depth: depthKind, ...(serial !== null && { serial }) };
  return { width, height, durationMs: null, details };
}

/** Depth as the colour camera sees it. */
export function depthOf(picture: DepthPicture): DepthMap {
  if (picture.kind === 'registered') return picture.map;
  const mm = Uint16Array.from(picture.disparity, (raw) => MM_OF_RAW[raw]);
  return registerDepth(mm, CAMERAS.v1Depth, CAMERAS.v1Color, V1_BASELINE, 'kinect-v1');
}

/** Pixels of three bytes as pixels of four. */
function putRgb(rgba: Uint8Array, rgb: Uint8Array): void {
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
    rgba[to + 3] = 255;
  }
}
