// How late a camera is: from a flash of the screen to the capture time of the first frame in which it is bright. A flash falls
// anywhere between two frames, so that one tells no more than the time between frames; several tell more.
import type { CameraLatency } from '../../main/contract/latency.ts';

/** How bright a frame is. */
export interface LumaSample {
  /** When it was captured, Unix time on the camera's clock. */
  readonly unixMs: number;
  /** Mean of its luma, 0…255. */
  readonly luma: number;
}

/** Before a flash the screen is dark for at least so long, and white after it. */
export const DARK_MS = 1000;
export const WHITE_MS = 900;

/** No camera is later than this: until then some frames may be dark yet. */
const LATEST_MS = 550;
/** Frames in front of a flash that tell how bright its absence is. */
const BEFORE_MS = 400;
const LEAST_FRAMES = 3;
/** A flash must be brighter than what was before by so much luma, and by so many times the noise. */
const LEAST_LEAP = 6;
const LEAST_LEAP_NOISES = 6;

/** In milliseconds; null where the camera has not seen the flash. Samples must be in the order of time. */
export function latencyOf(samples: readonly LumaSample[], flashUnixMs: number): number | null {
  const between = (fromMs: number, toMs: number): LumaSample[] =>
    samples.filter(({ unixMs }) => unixMs > flashUnixMs + fromMs && unixMs <= flashUnixMs + toMs);
  const [before, after] = [between(-BEFORE_MS, 0), between(LATEST_MS, WHITE_MS)].map((part) =>
    part.map(({ luma }) => luma),
  );
  if (Math.min(before.length, after.length) < LEAST_FRAMES) return null;
  const [dark, bright] = [median(before), median(after)];
  const leap = bright - dark;
  if (leap < Math.max(LEAST_LEAP, LEAST_LEAP_NOISES * Math.max(noise(before), noise(after)))) return null;
  const [isBright, until] = [({ luma }: LumaSample) => luma >= dark + leap / 2, between(0, LATEST_MS)];
  // One bright frame alone is something else.
  const first = until.findIndex((sample, i) => isBright(sample) && (i + 1 === until.length || isBright(until[i + 1])));
  return first < 0 ? null : until[first].unixMs - flashUnixMs;
}

/** What all flashes together say. */
export function summarise(
  camera: string,
  samples: readonly LumaSample[],
  flashesUnixMs: readonly number[],
): CameraLatency {
  const latencies = flashesUnixMs.map((flash) => latencyOf(samples, flash)).filter((ms) => ms !== null);
  const share = (of: number): number | null => (latencies.length > 0 ? quantile(latencies, of) : null);
  const [lowMs, medianMs, highMs] = [0.25, 0.5, 0.75].map(share);
  return { camera, flashes: flashesUnixMs.length, found: latencies.length, medianMs, lowMs, highMs };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The median distance from the median, which a few wild values do not change. */
const noise = (values: readonly number[]): number => median(values.map((value) => Math.abs(value - median(values))));

/** Every so manieth pixel tells how bright a frame is. */
const STRIDE = 13;

/** Mean luma of a frame, 0…255; `bytes` are its planes without gaps. */
export function meanLuma({
  format,
  width,
  height,
  bytes,
}: {
  readonly format: 'i420' | 'nv12' | 'rgba';
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}): number {
  const pixels = width * height;
  const lumaAt = (pixel: number): number =>
    format === 'rgba'
      ? 0.299 * bytes[4 * pixel] + 0.587 * bytes[4 * pixel + 1] + 0.114 * bytes[4 * pixel + 2]
      : bytes[pixel];
  let [sum, count] = [0, 0];
  for (let pixel = 0; pixel < pixels; pixel += STRIDE) {
    sum += lumaAt(pixel);
    count++;
  }
  return sum / count;
}
