// What a Kinect sees of a synthetic scene: noise, steps, shadows, holes and mixed readings at edges.
import type { DepthMap } from '../../core/depth/frame.ts';
import { MM_OF_RAW, rawOfMm, RAW_END, V1_BASELINE } from '../../core/depth/disparity.ts';
import { noiseAt } from '../../core/depth/noise.ts';
import { CAMERAS, type Pinhole } from '../../core/depth/pinhole.ts';
import { eachPixel, type Lattice } from '../../core/depth/segment.ts';
import type { Ray, Solid } from './solids.ts';

type Random = () => number;

export const wholePicture = ({ width, height }: Pinhole): Lattice => ({
  ...{ left: 0, top: 0, step: 1 },
  ...{ columns: width, rows: height },
});

/** What is where, before the sensor errs: mm along the optical axis (0: nothing), and whether it gives no reading there. */
export interface View {
  readonly lattice: Lattice;
  readonly camera: Pinhole;
  readonly sensor: DepthMap['sensor'];
  readonly mm: Float64Array;
  readonly isLost: Uint8Array;
}

/** Where a Kinect v1 projects its pattern from: 75 mm right of its depth camera, here as its colour camera sees it, in mm. */
const PROJECTOR_X = 75 - V1_BASELINE.x;
/** What lies so much behind something may be in its shadow, in mm. */
const SHADOW_MM = 20;
/** Holes in hair are about so wide, in mm. */
const TUFT_MM = 12;

/** Looks at solids from `eyeX` mm to the right of the camera that they were placed for (of a Kinect v1, that of colour), at the places of a lattice. */
export function look(
  solids: readonly Solid[],
  camera: Pinhole,
  sensor: DepthMap['sensor'],
  lattice: Lattice,
  random: Random,
  eyeX = 0,
): View {
  const { left, top, step, columns, rows } = lattice;
  const mm = new Float64Array(columns * rows);
  const isLost = new Uint8Array(columns * rows);
  const ray: Ray = { ox: eyeX, oy: 0, oz: 0, dx: 0, dy: 0, dz: 1 };
  const back: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 0 };
  const dark = random() < 0.5 ? random() : 0;
  const phase = 100 * random();
  for (let row = 0; row < rows; row++) {
    ray.dy = (top + row * step + 0.5 - camera.centerY) / camera.focalPx;
    for (let column = 0; column < columns; column++) {
      ray.dx = (left + column * step + 0.5 - camera.centerX) / camera.focalPx;
      let nearest = Infinity;
      let seen: Solid | null = null;
      for (const solid of solids) {
        const t = solid.hit(ray);
        if (t >= nearest) continue;
        nearest = t;
        seen = solid;
      }
      if (!seen) continue;
      const at = row * columns + column;
      mm[at] = nearest;
      const x = eyeX + nearest * ray.dx;
      const y = nearest * ray.dy;
      if (seen.material === 'hair' && dark > 0) {
        const tuft = Math.sin(x / TUFT_MM + phase) + Math.sin(y / TUFT_MM - phase) + Math.sin((x + y) / TUFT_MM);
        if (tuft / 3 > 1 - 2 * dark) isLost[at] = 1;
      }
      if (sensor === 'kinect-v1' && isLost[at] === 0) {
        back.ox = x;
        back.oy = y;
        back.oz = nearest;
        back.dx = PROJECTOR_X - x;
        back.dy = -y;
        back.dz = -nearest;
        const reach = SHADOW_MM / nearest;
        if (solids.some((solid) => isBetween(solid.hit(back), reach))) isLost[at] = 1;
      }
    }
  }
  return { lattice, camera, sensor, mm, isLost };
}

const isBetween = (t: number, least: number): boolean => t > least && t < 1;

/**
 * Errors of a Kinect v1's raw values: its matching windows overlap (see noiseAt), so neighbours within 6 pixels err together by 0.408
 * raw values; rounding to whole ones adds 0.289, together the 0.5 that are published. A Kinect v2 joins 3 × 3 pixels.
 */
const WINDOW_PX = { 'kinect-v1': 6, 'kinect-v2': 3 };
const RAW_SIGMA = 0.408;
/** Lens errors bend a plane by about so many raw values over this many pixels, as walls of real frames show. */
const WARP_RAW = 0.15;
const WARP_PX = 30;
/** Of readings at an edge of a Kinect v2, so many mix what is before and behind. */
const MIXED_SHARE = 0.5;
const EDGE_MM = 80;

/** Errors that a sensor makes, in standard deviations. */
export class SensorErrors {
  readonly values: Float64Array;

  private constructor(values: Float64Array) {
    this.values = values;
  }

  static draw({ lattice: { columns, rows, step }, sensor }: View, random: Random): SensorErrors {
    const size = Math.max(1, Math.round(WINDOW_PX[sensor] / step));
    const [wide, high] = [columns + size - 1, rows + size - 1];
    const white = new Float64Array(wide * high).map(() => normal(random));
    return new SensorErrors(windowSums(white, wide, high, size).map((sum) => sum / size));
  }

  /** Errors of a later frame, of whose variance a share is the same as in this one. */
  mixed(other: SensorErrors, common: number): SensorErrors {
    const [mine, its] = [Math.sqrt(common), Math.sqrt(1 - common)];
    return new SensorErrors(this.values.map((value, i) => mine * value + its * other.values[i]));
  }
}

/** The sums of all windows of `size` × `size` that lie in a field. */
function windowSums(field: Float64Array, wide: number, high: number, size: number): Float64Array {
  const [columns, rows] = [wide - size + 1, high - size + 1];
  const across = new Float64Array(columns * high);
  for (let y = 0; y < high; y++) {
    let sum = 0;
    for (let x = 0; x < wide; x++) {
      sum += field[y * wide + x] - (x >= size ? field[y * wide + x - size] : 0);
      if (x >= size - 1) across[y * columns + x - size + 1] = sum;
    }
  }
  const sums = new Float64Array(columns * rows);
  for (let x = 0; x < columns; x++) {
    let sum = 0;
    for (let y = 0; y < high; y++) {
      sum += across[y * columns + x] - (y >= size ? across[(y - size) * columns + x] : 0);
      if (y >= size - 1) sums[(y - size + 1) * columns + x] = sum;
    }
  }
  return sums;
}

/** Nearly normal, with mean 0 and variance 1. */
const normal = (random: Random): number => (random() + random() + random() + random() - 2) * Math.sqrt(3);

/** How lenses bend planes in this device: a share of {@link WARP_RAW}, drawn once for it. */
export const drawWarp = (random: Random): number => WARP_RAW * normal(random);

/** No reading, of the 11 bits of a Kinect v1. */
const RAW_NONE = 2047;

/** Raw values of a Kinect v1 for the places of a view. */
function rawValues(
  { lattice: { columns, rows, step }, mm, isLost }: View,
  errors: SensorErrors,
  warp: number,
): Uint16Array {
  return new Uint16Array(mm.length).map((_, at) => {
    const depth = mm[at];
    if (depth === 0 || isLost[at] !== 0) return RAW_NONE;
    const aside = (at % columns) - columns / 2;
    const down = Math.floor(at / columns) - rows / 2;
    const bent = (warp * (aside ** 2 + down ** 2) * step ** 2) / (2 * WARP_PX ** 2);
    const value = Math.round(rawOfMm(depth) + RAW_SIGMA * errors.values[at] + bent);
    return value >= 0 && value < RAW_END ? value : RAW_NONE;
  });
}

/** Whole millimetres of a Kinect v2 for the places of a view. */
function v2Values({ lattice: { step }, mm, isLost }: View, errors: SensorErrors, random: Random): Uint16Array {
  return new Uint16Array(mm.length).map((_, at) => {
    const depth = mm[at];
    if (depth === 0 || isLost[at] !== 0) return 0;
    const beside = at + 1 < mm.length ? mm[at + 1] : 0;
    const isMixed = Math.abs(beside - depth) > EDGE_MM && beside > 0 && random() < MIXED_SHARE / step;
    const seen = isMixed ? depth + random() * (beside - depth) : depth;
    return Math.max(0, Math.round(seen + noiseAt('kinect-v2', seen).sigmaMm * errors.values[at]));
  });
}

/**
 * The depth picture of a view, in the view's own camera: a Kinect v1's after rounding to raw values, a v2's in whole mm. It is written
 * to `mm`, which may be that of another frame of this view.
 */
export function depthOf(
  view: View,
  errors: SensorErrors,
  warp: number,
  random: Random,
  mm = new Uint16Array(view.camera.width * view.camera.height),
): DepthMap {
  const { camera, sensor, lattice } = view;
  const { width, height, focalPx, centerX, centerY } = camera;
  const isV1 = sensor === 'kinect-v1';
  const values = isV1 ? rawValues(view, errors, warp) : v2Values(view, errors, random);
  eachPixel(lattice, camera, (pixel, at) => (mm[pixel] = isV1 ? MM_OF_RAW[values[at]] : values[at]));
  return { width, height, focalPx, centerX, centerY, sensor, mm };
}

/** The raw depth picture of a Kinect v1 before solids that were placed for its colour camera: 640 × 480 values of 11 bits. */
export function rawPicture(solids: readonly Solid[], random: Random): Uint16Array {
  const camera = CAMERAS.v1Depth;
  const view = look(solids, camera, 'kinect-v1', wholePicture(camera), random, -V1_BASELINE.x);
  return rawValues(view, SensorErrors.draw(view, random), drawWarp(random));
}
