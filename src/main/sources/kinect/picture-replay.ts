// A folder of colour and depth pictures in place of a device: NAME_rgb.png beside NAME_depth.png, with 16-bit millimetres that are
// aligned with colour. They have no times: they are played at a Kinect's rate.
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MienError } from '../../contract/errors.ts';
import { BY_NUMBER } from '../../contract/inputs.ts';
import type { Clock } from '../../engine/ports.ts';
import type { DepthMap } from '../../core/depth/frame.ts';
import type { DepthFrame, DepthSource, DeviceFacts } from '../depth-source.ts';
import { readMillimetres } from '../depth-picture.ts';
import { readStill } from '../still.ts';
import { registeredMap, sensorOfSize } from './geometry.ts';
import { ReplayClock, type ReplayPace } from './replay-clock.ts';

const RATE = 30;

const COLOR_NAME = /^(.+)_(?:rgb|colou?r)\.(?:png|jpe?g)$/i;
const DEPTH_NAME = /^(.+)_depth(?:_mm(?:16)?)?\.png$/i;

const REMEDY =
  'Give pairs such as 0001_rgb.png and 0001_depth.png of one size: 640 × 480 of a Kinect v1 or 512 × 424 of a Kinect v2, depth as 16-bit millimetres.';

interface PicturePair {
  readonly color: string;
  readonly depth: string;
}

interface ReadPair {
  readonly map: DepthMap;
  readonly rgb: Uint8Array;
}

export class PictureReplay implements DepthSource {
  readonly facts: DeviceFacts;
  /** How many frames there are. */
  get frames(): number {
    return this.#pairs.length;
  }

  readonly #pairs: readonly PicturePair[];
  readonly #clock: ReplayClock;
  #sequence = 0;

  private constructor(facts: DeviceFacts, pairs: readonly PicturePair[], clock: ReplayClock) {
    this.facts = facts;
    this.#pairs = pairs;
    this.#clock = clock;
  }

  /** Pictures in the order of their names, those with numbers by the numbers. Throws input_empty and what the first pair throws. */
  static async open(folder: string, clock: Clock, pace: ReplayPace): Promise<PictureReplay> {
    const pairs = await findPairs(folder);
    const [first] = pairs;
    if (!first) {
      throw new MienError('input_empty', `${folder} has no pairs of colour and depth pictures.`, REMEDY);
    }
    const { map } = await readPair(first);
    const facts: DeviceFacts = {
      ...{ sensor: map.sensor, name: basename(resolve(folder)), serial: null, driver: 'pictures' },
      ...{ depthKind: 'registered', isLive: pace === 'as-recorded' },
    };
    const dueMs = pairs.map((_, i) => (1000 * i) / RATE);
    return new PictureReplay(facts, pairs, new ReplayClock(clock, pace, dueMs));
  }

  /** Throws input_unreadable and input_unsupported for a pair that is damaged or of another kind than the first. */
  async next(): Promise<DepthFrame | null> {
    const index = await this.#clock.next();
    if (index === null) return null;
    const { map, rgb } = await readPair(this.#pairs[index]);
    if (map.sensor !== this.facts.sensor) throw unsupported(this.#pairs[index].depth, 'of another size than the first');
    const time = { deviceTime: 0, hostMs: this.#clock.hostMs(index) };
    const sequence = this.#sequence++;
    const skipped = index - sequence;
    return {
      sequence,
      color: { ...time, width: map.width, height: map.height, rgb },
      depth: { ...time, kind: 'registered', map },
      dropped: { color: skipped, depth: skipped },
      isAfterGap: false,
    };
  }

  close(): Promise<void> {
    this.#clock.stop();
    return Promise.resolve();
  }
}

async function findPairs(folder: string): Promise<PicturePair[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new MienError('input_missing', `There is no folder ${folder}.`, REMEDY, { cause });
  });
  const depths = new Map(names.flatMap((name) => pathsByStem(DEPTH_NAME, folder, name)));
  return names
    .flatMap((name) => pathsByStem(COLOR_NAME, folder, name))
    .sort(([p], [q]) => BY_NUMBER.compare(p, q))
    .flatMap(([stem, color]) => {
      const depth = depths.get(stem);
      return depth === undefined ? [] : [{ color, depth }];
    });
}

function pathsByStem(pattern: RegExp, folder: string, name: string): [string, string][] {
  const [, stem] = pattern.exec(name) ?? [];
  return stem === undefined ? [] : [[stem, join(folder, name)]];
}

async function readPair({ color, depth }: PicturePair): Promise<ReadPair> {
  const { width, height, mm } = await readMillimetres(depth);
  const sensor = sensorOfSize(width, height);
  if (!sensor) throw unsupported(depth, `of ${width} × ${height} pixels, which is no Kinect's size`);
  const still = await readStill(color, basename(color));
  if (still.width !== width || still.height !== height) {
    throw unsupported(
      color,
      `of ${still.width} × ${still.height} pixels and its depth picture of ${width} × ${height}`,
    );
  }
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = still.bytes[4 * i + c];
  }
  return { map: registeredMap(sensor, mm), rgb };
}

const unsupported = (path: string, why: string): MienError =>
  new MienError('input_unsupported', `${basename(path)} is ${why}.`, REMEDY);
