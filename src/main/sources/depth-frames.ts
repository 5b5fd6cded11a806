// A recording of colour and depth as frames to analyse: depth lies over the picture pixel by pixel, behind it in the same slot.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MM_OF_RAW, V1_BASELINE, registerDepth } from '../core/depth/disparity.ts';
import type { DepthMap } from '../core/depth/frame.ts';
import { ALIGNED_CAMERAS, CAMERAS } from '../core/depth/pinhole.ts';
import { depthIn } from '../core/frame.ts';
import type { AllocateSlot, Clock, FrameSource, SlottedFrame, SourceInfo } from '../engine/ports.ts';
import type { DepthFrame, DepthPicture, DepthSource } from './depth-source.ts';
import { hashFile } from './hash.ts';
import { openReplay } from './kinect/open.ts';

/** A file is read as fast as it goes: its times are those of its frames alone. */
const NO_TIME: Clock = { monotonicMs: () => 0, unixMs: () => 0 };

export class DepthFrames implements FrameSource {
  readonly info: SourceInfo;
  readonly problems: string[] = [];
  readonly #source: DepthSource;
  #lost = 0;
  #firstMs: number | null = null;

  private constructor(source: DepthSource, info: SourceInfo) {
    this.#source = source;
    this.info = info;
  }

  /**
   * Opens a folder that holds a Kinect's recording, or pairs of colour and depth pictures. What lies in folders of it is nobody's.
   * Throws input_missing, input_empty, input_unsupported and input_unreadable.
   */
  static async open(folder: string): Promise<DepthFrames> {
    const source = await openReplay(folder, NO_TIME, 'as-read');
    const { facts } = source;
    const { width, height } = ALIGNED_CAMERAS[facts.sensor];
    return new DepthFrames(source, {
      kind: 'video',
      name: basename(resolve(folder)),
      sha256: await hashFiles(folder),
      ...{ width, height },
      expectedFrames: source.frames,
      durationMs: null,
      details: { sensor: facts.sensor, driver: facts.driver, depth: facts.depthKind },
    });
  }

  async next(allocate: AllocateSlot): Promise<SlottedFrame | null> {
    const frame = await this.#source.next();
    if (!frame) return null;
    const { color, sequence } = frame;
    const { width, height } = color;
    const { mm, ...depth } = depthOf(frame.depth);
    const slot = await allocate('rgba', width, height, depth);
    putRgb(slot.bytes, color.rgb);
    depthIn(slot.bytes, depth, 'rgba', width, height).set(mm);
    this.#firstMs ??= color.hostMs;
    return {
      ...{ slot, sequence: sequence + frame.dropped.color, timeMs: color.hostMs - this.#firstMs, width, height },
      ...{ format: 'rgba', colorSpace: { matrix: 'bt601', range: 'full' } },
      ...{ droppedBefore: this.#lostSince(frame), name: null, depth },
    };
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** Colour pictures without depth between the frame before and this one. */
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
