// A recording of a Kinect v1 in place of the device, read by Mien itself: libfreenect is not needed.
import { basename, resolve } from 'node:path';
import type { Clock } from '../../engine/ports.ts';
import type { DepthFrame, DepthSource, DeviceFacts, StreamCounts } from '../depth-source.ts';
import { V1_COLOR_BYTES, V1_DEPTH_BYTES, V1_HEIGHT, V1_WIDTH } from './geometry.ts';
import { Pairing } from './pairing.ts';
import { checkRecording, readPicture, type RecordedPicture } from './recording-format.ts';
import { ReplayClock, type ReplayPace } from './replay-clock.ts';

interface RecordedPair {
  readonly color: RecordedPicture;
  readonly depth: RecordedPicture;
  /** Pictures of each stream before this pair that are in no pair. */
  readonly unpaired: StreamCounts;
}

export class RecordingReplay implements DepthSource {
  readonly facts: DeviceFacts;
  /** How many frames there are. */
  get frames(): number {
    return this.#pairs.length;
  }

  /** Seconds since 1970 at which the first frame was taken; files hold times of the wall clock. */
  readonly startUnixS: number;
  readonly #folder: string;
  readonly #pairs: readonly RecordedPair[];
  readonly #clock: ReplayClock;
  readonly #rgb = new Uint8Array(V1_COLOR_BYTES);
  readonly #disparity = new Uint16Array(V1_DEPTH_BYTES / 2);
  #sequence = 0;

  private constructor(folder: string, pairs: readonly RecordedPair[], clock: Clock, pace: ReplayPace) {
    this.#folder = folder;
    this.#pairs = pairs;
    this.startUnixS = pairs[0]?.color.unixS ?? 0;
    const dueMs: number[] = [];
    // A wall clock that was set back must not hold up the replay.
    for (const { color } of pairs) dueMs.push(Math.max(dueMs.at(-1) ?? 0, 1000 * (color.unixS - this.startUnixS)));
    this.#clock = new ReplayClock(clock, pace, dueMs);
    this.facts = {
      sensor: 'kinect-v1',
      name: basename(resolve(folder)),
      serial: null,
      driver: 'recording',
      depthKind: 'raw-11',
      isLive: pace === 'as-recorded',
    };
  }

  /** See checkRecording for what it throws. */
  static async open(folder: string, clock: Clock, pace: ReplayPace): Promise<RecordingReplay> {
    return new RecordingReplay(folder, pairsOf(await checkRecording(folder)), clock, pace);
  }

  async next(): Promise<DepthFrame | null> {
    const index = await this.#clock.next();
    if (index === null) return null;
    const { color, depth, unpaired } = this.#pairs[index];
    await readPicture(this.#folder, color, this.#rgb);
    await readPicture(this.#folder, depth, new Uint8Array(this.#disparity.buffer));
    const hostMs = this.#clock.hostMs(index);
    const size = { width: V1_WIDTH, height: V1_HEIGHT };
    const sequence = this.#sequence++;
    const skipped = index - sequence;
    return {
      sequence,
      color: { ...size, rgb: this.#rgb, deviceTime: color.deviceTime, hostMs },
      depth: {
        ...{ ...size, kind: 'raw-11', disparity: this.#disparity },
        ...{ deviceTime: depth.deviceTime, hostMs: hostMs + 1000 * (depth.unixS - color.unixS) },
      },
      dropped: { color: unpaired.color + skipped, depth: unpaired.depth + skipped },
      isAfterGap: false,
    };
  }

  close(): Promise<void> {
    this.#clock.stop();
    return Promise.resolve();
  }
}

/** What belongs together, in the order in which it became whole. */
function pairsOf(pictures: readonly RecordedPicture[]): RecordedPair[] {
  const pairing = new Pairing<RecordedPicture & { readonly hostMs: number }>();
  const unpaired = { color: 0, depth: 0 };
  const pairs: RecordedPair[] = [];
  for (const picture of pictures) {
    const { pair, left } = pairing.add(picture.stream, { ...picture, hostMs: 1000 * picture.unixS });
    for (const { stream } of left) unpaired[stream]++;
    if (pair) pairs.push({ ...pair, unpaired: { ...unpaired } });
  }
  return pairs;
}
