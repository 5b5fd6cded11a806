// Which readings belong to the face in a box, and which to the person: what hangs together, from the middle of the box outwards.
import type { Box } from '../geometry.ts';
import type { DepthMap } from './frame.ts';
import { noiseAt } from './noise.ts';

/** Every so many pixels of a part of a picture. */
export interface Lattice {
  /** Pixels of the first place, and from one to the next. */
  readonly left: number;
  readonly top: number;
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
}

/** Readings on a lattice. */
export interface DepthGrid extends Lattice {
  /** Millimetres, row by row; 0 where there is no reading, or no picture. */
  readonly mm: Uint16Array;
}

/** Readings of a segment, and what it was grown from. */
export interface Segment {
  readonly grid: DepthGrid;
  /** 1 for each reading of the grid that belongs to it. */
  readonly mask: Uint8Array;
  /** Distance of its middle, in mm. */
  readonly distanceMm: number;
}

/** Nearer or further, no face is judged; in mm. */
export const NEAREST_MM = 450;
export const FURTHEST_MM = 4500;

/** The part of a box in which nothing but the face should be, in shares of its size: middle and half axes of an ellipse. */
const CORE = { x: 0.5, y: 0.52, width: 0.3, height: 0.35 };
/** As deep as the front of a head, in mm, and the share of the core's readings that must lie there. */
const WINDOW_MM = 120;
const WINDOW_SHARE = 0.35;
/** How far from the middle a seed may lie, in mm. */
const SEED_MM = 60;
/** How far before and behind the middle a face and a person reach, in mm. */
const FACE_BAND = [120, 130] as const;
const PERSON_BAND = [500, 400] as const;
/** Steepest surface that still hangs together: so many mm back for each mm aside (72°). */
const STEEPEST = 3;

/** About so many places at most, spread evenly over an area, which may reach beyond the picture. */
export function latticeOver(area: Box, places: number): Lattice {
  const step = Math.max(1, Math.ceil(Math.sqrt((area.width * area.height) / places)));
  return {
    left: Math.round(area.x + (step - 1) / 2),
    top: Math.round(area.y + (step - 1) / 2),
    step,
    columns: Math.ceil(area.width / step),
    rows: Math.ceil(area.height / step),
  };
}

/** Calls `each` for the places of a lattice that lie in a picture: index of the pixel, then of the place. */
export function eachPixel(
  { left, top, step, columns, rows }: Lattice,
  { width, height }: { readonly width: number; readonly height: number },
  each: (pixel: number, index: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    const y = top + row * step;
    if (y < 0 || y >= height) continue;
    for (let column = 0; column < columns; column++) {
      const x = left + column * step;
      if (x >= 0 && x < width) each(y * width + x, row * columns + column);
    }
  }
}

export function sampleGrid(depth: DepthMap, lattice: Lattice): DepthGrid {
  const mm = new Uint16Array(lattice.columns * lattice.rows);
  eachPixel(lattice, depth, (pixel, index) => (mm[index] = depth.mm[pixel]));
  return { ...lattice, mm };
}

/** Calls `each` for every place of a lattice with its index, and where it lies in shares of `box` (0…1 inside). */
export function eachIn(grid: Lattice, box: Box, each: (index: number, u: number, v: number) => void): void {
  for (let row = 0; row < grid.rows; row++) {
    const v = (grid.top + row * grid.step + 0.5 - box.y) / box.height;
    for (let column = 0; column < grid.columns; column++)
      each(row * grid.columns + column, (grid.left + column * grid.step + 0.5 - box.x) / box.width, v);
  }
}

/**
 * The face in a box: what hangs together with the nearest surface that fills enough of its core, no further than a head is deep. Null where
 * there is none.
 */
export function faceSegment(depth: DepthMap, grid: DepthGrid, box: Box): Segment | null {
  const core: number[] = [];
  eachIn(grid, box, (index, u, v) => {
    const isInside = ((u - CORE.x) / CORE.width) ** 2 + ((v - CORE.y) / CORE.height) ** 2 <= 1;
    if (isInside && grid.mm[index] !== 0) core.push(index);
  });
  const distanceMm = nearestSurface(core.map((index) => grid.mm[index]));
  if (distanceMm === null || distanceMm < NEAREST_MM || distanceMm > FURTHEST_MM) return null;
  const seeds = core.filter((index) => Math.abs(grid.mm[index] - distanceMm) <= SEED_MM);
  return { grid, mask: flood(depth, grid, seeds, distanceMm, FACE_BAND), distanceMm };
}

/** The person of a face, in another grid of the same picture: a coarse one of the whole picture says where the person ends. */
export function personSegment(depth: DepthMap, grid: DepthGrid, face: Segment): Segment {
  const { grid: near, mask, distanceMm } = face;
  const seeds: number[] = [];
  for (let index = 0; index < grid.mm.length; index++) {
    if (grid.mm[index] === 0) continue;
    const x = grid.left + (index % grid.columns) * grid.step;
    const y = grid.top + Math.floor(index / grid.columns) * grid.step;
    const column = Math.round((x - near.left) / near.step);
    const row = Math.round((y - near.top) / near.step);
    const isNear = column >= 0 && column < near.columns && row >= 0 && row < near.rows;
    if (!isNear || mask[row * near.columns + column] === 0) continue;
    if (Math.abs(grid.mm[index] - distanceMm) <= SEED_MM) seeds.push(index);
  }
  return { grid, mask: flood(depth, grid, seeds, distanceMm, PERSON_BAND), distanceMm };
}

/** The middle of the nearest 120 mm that hold enough of the readings, in mm; null where there are none. */
function nearestSurface(readings: readonly number[]): number | null {
  const sorted = Uint16Array.from(readings).sort();
  const wanted = Math.ceil(WINDOW_SHARE * sorted.length);
  let end = 0;
  for (let start = 0; start < sorted.length; start++) {
    while (end < sorted.length && sorted[end] - sorted[start] <= WINDOW_MM) end++;
    if (end - start >= wanted) return sorted[(start + end) >> 1];
  }
  return null;
}

/** What is reached from the seeds over neighbours that are no further apart in depth than a surface can be. */
function flood(
  depth: DepthMap,
  { columns, rows, mm, step }: DepthGrid,
  seeds: readonly number[],
  distanceMm: number,
  [before, behind]: readonly [number, number],
): Uint8Array {
  const { stepMm } = noiseAt(depth.sensor, distanceMm);
  const most = Math.max(12, 2 * stepMm + (STEEPEST * step * distanceMm) / depth.focalPx);
  const [nearest, furthest] = [Math.max(1, distanceMm - before), distanceMm + behind];
  const mask = new Uint8Array(mm.length);
  const waiting = new Int32Array(mm.length);
  waiting.set(seeds);
  for (const seed of seeds) mask[seed] = 1;
  let count = seeds.length;
  const look = (from: number, to: number): void => {
    if (mask[to] !== 0 || mm[to] < nearest || mm[to] > furthest || Math.abs(mm[to] - mm[from]) > most) return;
    mask[to] = 1;
    waiting[count++] = to;
  };
  for (let at = 0; at < count; at++) {
    const from = waiting[at];
    const column = from % columns;
    if (column > 0) look(from, from - 1);
    if (column < columns - 1) look(from, from + 1);
    if (from >= columns) look(from, from - columns);
    if (from < columns * (rows - 1)) look(from, from + columns);
  }
  return mask;
}
