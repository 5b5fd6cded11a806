// Raw depth of a Kinect v1, and depth seen from another camera's place.
import type { DepthMap } from './frame.ts';
import type { Pinhole } from './pinhole.ts';

/** Raw values are 11 bits; from this one on they mean nothing. */
export const RAW_END = 1084;
/** libfreenect's own reference pixel size, in mm; a device can tell its own. */
const REFERENCE_PIXEL = 0.1042;
const [NEAREST_MM, FURTHEST_MM] = [400, 10_000];
/** Distances of the emitter and of the reference plane, in libfreenect's units of a centimetre. */
const [EMITTER, REFERENCE] = [7.5, 120];

/** Millimetres of a raw value that may lie between two whole ones; 0 where it means none (REFERENCE 9). */
export function mmOfRaw(raw: number, referencePixel = REFERENCE_PIXEL): number {
  if (!(raw >= 0 && raw < RAW_END)) return 0;
  const metric = ((raw - 800) / 4 - 0.375) * referencePixel;
  const mm = 10 * ((metric * REFERENCE) / (EMITTER - metric) + REFERENCE);
  return mm >= NEAREST_MM && mm <= FURTHEST_MM ? mm : 0;
}

/** The raw value, not rounded, that means a distance: the inverse of {@link mmOfRaw} with libfreenect's own pixel size. */
export function rawOfMm(mm: number): number {
  const beyond = mm / 10 - REFERENCE;
  const metric = (beyond * EMITTER) / (REFERENCE + beyond);
  return 4 * (metric / REFERENCE_PIXEL + 0.375) + 800;
}

/** For each raw value of 11 bits its whole millimetres, cut off as libfreenect does; 0 where it means none. */
export const MM_OF_RAW = Uint16Array.from({ length: 2048 }, (_, raw) => Math.floor(mmOfRaw(raw)));

/** Where one camera stands as another sees it, in mm right and down; both look the same way. */
export interface Offset {
  readonly x: number;
  readonly y: number;
}

/** Of a Kinect v1, the colour camera as the depth camera sees it. */
export const V1_BASELINE: Offset = { x: 25, y: 0 };

/** Of a Kinect v2, the colour camera as the depth camera sees it, where the picture is not mirrored. */
export const V2_BASELINE: Offset = { x: -52, y: 0 };

/** A reading that lies so much further away than what is seen beside it is of something behind, in shares of distance. */
const BEHIND = 0.05;

/**
 * Depth as `to` sees it, which stands at `offset` from the camera that measured it. Each reading goes to the pixel in which it is seen; of
 * several in one the nearest counts. Where `to` sees finer, or turns surfaces towards itself, pixels stay empty between readings: one
 * with readings on two opposite sides gets the further of these, if both are of one surface. What only the new place would see stays 0: that
 * is a shadow, and filling it (as libfreenect does, by writing each reading into four pixels) makes heads grow by a pixel.
 */
export function registerDepth(
  mm: ArrayLike<number>,
  from: Pinhole,
  to: Pinhole,
  offset: Offset,
  sensor: DepthMap['sensor'],
): DepthMap {
  const { width, height, focalPx, centerX, centerY } = to;
  const seen = new Uint16Array(width * height);
  const scale = focalPx / from.focalPx;
  const columns = Float64Array.from({ length: from.width }, (_, u) => centerX + scale * (u + 0.5 - from.centerX));
  const shiftX = focalPx * offset.x;
  const shiftY = focalPx * offset.y;
  for (let v = 0; v < from.height; v++) {
    const row = centerY + scale * (v + 0.5 - from.centerY);
    for (let u = 0; u < from.width; u++) {
      const z = mm[v * from.width + u];
      if (z === 0) continue;
      const x = columns[u] - shiftX / z;
      const y = row - shiftY / z;
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const at = Math.trunc(y) * width + Math.trunc(x);
      if (seen[at] === 0 || z < seen[at]) seen[at] = z;
    }
  }
  return { width, height, mm: filled(seen, width, height), focalPx, centerX, centerY, sensor };
}

/** Closes cracks of one pixel: first across, then along, so that crossing ones close too. */
function filled(mm: Uint16Array, width: number, height: number): Uint16Array {
  for (const [stepX, stepY] of [
    [1, 0],
    [0, 1],
  ]) {
    const before = mm;
    mm = before.slice();
    const aside = stepY * width + stepX;
    for (let y = stepY; y < height - stepY; y++) {
      for (let x = stepX; x < width - stepX; x++) {
        const at = y * width + x;
        if (before[at] !== 0) continue;
        const a = before[at - aside];
        const b = before[at + aside];
        if (a === 0 || b === 0 || Math.abs(a - b) > BEHIND * Math.min(a, b)) continue;
        mm[at] = Math.max(a, b);
      }
    }
  }
  return mm;
}
