// What depth says about the shape of the thing in a face's box: how far it is, how wide, how round, and what is around it.
import type { Box } from '../geometry.ts';
import type { DepthMap } from './frame.ts';
import { noiseAt } from './noise.ts';
import { metricLength } from './pinhole.ts';
import { fitSurface, heightAt, medianOf, type Heights, type Surface } from './quadratic.ts';
import { eachIn, faceSegment, latticeOver, sampleGrid, type Lattice, type Segment } from './segment.ts';

/** Numbers of one face, or their means over a track. */
export interface DepthMeasure {
  /** Distance of the face along the optical axis, in mm. */
  readonly distanceMm: number;
  /** Width of the box at that distance, in mm. */
  readonly widthMm: number;
  /**
   * How far the surface lies back {@link SAG_RADIUS_MM} beside its middle, on the mean over all directions, in mm: a quarter of the sum of
   * its two curvatures, times the radius squared. 0 for anything flat, however tilted; below 0 for what is hollow.
   */
  readonly sagMm: number;
  /** Standard error of `sagMm`. */
  readonly sagErrorMm: number;
  /** Robust spread (1.4826 × median deviation) of the surface about its plane, without what noise explains, in mm. */
  readonly reliefMm: number;
  /** Standard error of `reliefMm`. */
  readonly reliefErrorMm: number;
  /** Share of the box's pixels that have a reading, 0…1. */
  readonly validShare: number;
  /** Share of the ellipse in the box that the face fills, 0…1. */
  readonly faceShare: number;
  /** Pixels of the face in that ellipse. */
  readonly pixels: number;
  /** How far a ring around the box lies behind the plane of what is in it (median), in mm; null where the ring has too few readings. */
  readonly ringDropMm: number | null;
  /** Share of the places beyond hair that hang together with what is in the box, 0…1: the greatest of those left, right and above. */
  readonly aroundShare: number;
}

/** Half of a face's breadth. */
export const SAG_RADIUS_MM = 70;

/** About so many readings inside a box are looked at. */
const READINGS = 1500;
/** Area that is looked at, in sizes of the box: a face's own width aside and above, a little below. */
const AREA = { left: 0.5, right: 0.5, top: 0.5, bottom: 0.25 };
/** A printed face has its hair and ears beside it: so far outside the box its plane goes on. So far outside not even hair does. */
const RING = 0.15;
const HAIR = 0.42;
const LEAST_RING_SHARE = 0.3;
/** Below this share of the box's height shoulders may lie beside it. */
const NECK = 0.75;
const MEDIAN_TO_SIGMA = 1.4826;
/** The ellipse that is measured reaches so many times as far as the one inside the box: the further, the surer a curvature is told. */
const REACH = 1.15;
/** Cells along each side of a box, of which each gives one mean: more than the surface has terms, no smaller than errors reach. */
const [LEAST_CELLS, MOST_CELLS] = [6, 12];

/** The pixels that are looked at for a box: about 1,500 in it, and those around it as far apart. */
export function faceLattice(box: Box): Lattice {
  const area = {
    x: box.x - AREA.left * box.width,
    y: box.y - AREA.top * box.height,
    width: box.width * (1 + AREA.left + AREA.right),
    height: box.height * (1 + AREA.top + AREA.bottom),
  };
  return latticeOver(area, (READINGS * area.width * area.height) / (box.width * box.height));
}

/** Measures what is in a box (pixels of the depth picture). Null where it has too few readings to say anything. */
export function measureFace(depth: DepthMap, box: Box): DepthMeasure | null {
  const grid = sampleGrid(depth, faceLattice(box));
  const segment = faceSegment(depth, grid, box);
  if (!segment) return null;
  let [inBox, valid] = [0, 0];
  eachIn(grid, box, (index, u, v) => {
    if (u < 0 || u >= 1 || v < 0 || v >= 1) return;
    inBox++;
    if (grid.mm[index] !== 0) valid++;
  });
  const cells = cellsOf(depth, segment, box);
  const plane = fitSurface(cells, 'plane', cells.spreadMm);
  const bowl = fitSurface(cells, 'quadratic', cells.spreadMm);
  if (!plane || !bowl) return null;
  return {
    distanceMm: segment.distanceMm,
    widthMm: metricLength(depth, box.width, segment.distanceMm),
    ...sagOf(bowl, cells),
    ...reliefOf(plane, cells),
    validShare: valid / inBox,
    faceShare: cells.faceShare,
    pixels: cells.readings * grid.step ** 2,
    ...surroundings(depth, segment, box, plane),
  };
}

/** Means of the face's readings over small cells, in which errors of neighbours are averaged. */
interface Cells extends Heights {
  readonly faceShare: number;
  readonly readings: number;
  /** What noise makes of one reading, as far as its neighbours do not err with it: σ, or more where readings lie close. */
  readonly spreadMm: number;
  /** The variance of a surface through the cells is so many times what their scatter says, because neighbouring cells err together. */
  readonly inflation: number;
}

/**
 * Where a reading lies: aside and down in units of {@link SAG_RADIUS_MM} from the middle of the box, and how much nearer it is than the
 * face's middle, z0² (1/z − 1/z0) in mm. In inverse depth planes of any tilt are exactly flat and the errors of a Kinect v1 are the same everywhere.
 */
function placeOf(depth: DepthMap, { distanceMm }: Segment, box: Box): (u: number, v: number, mm: number) => Place {
  const unit = metricLength(depth, 1, distanceMm) / SAG_RADIUS_MM;
  const [width, height] = [unit * box.width, unit * box.height];
  return (u, v, mm) => ({
    x: (u - 0.5) * width,
    y: (v - 0.5) * height,
    h: distanceMm * (distanceMm / mm - 1),
  });
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly h: number;
}

function cellsOf(depth: DepthMap, segment: Segment, box: Box): Cells {
  const { grid, mask, distanceMm } = segment;
  const { sigmaMm, areaPx } = noiseAt(depth.sensor, distanceMm);
  const along = (px: number): number => Math.max(LEAST_CELLS, Math.min(MOST_CELLS, Math.floor(px / Math.sqrt(areaPx))));
  const [columns, rows] = [along(box.width), along(box.height)];
  const [x, y, h, weight] = Array.from({ length: 4 }, () => new Float64Array(columns * rows));
  const place = placeOf(depth, segment, box);
  const cellOf = (u: number, v: number): number => {
    const right = (u - 0.5) / REACH + 0.5;
    const down = (v - 0.5) / REACH + 0.5;
    const isInside = (right - 0.5) ** 2 + (down - 0.5) ** 2 < 0.25;
    return isInside ? Math.floor(down * rows) * columns + Math.floor(right * columns) : -1;
  };
  let [inside, readings] = [0, 0];
  eachIn(grid, box, (index, u, v) => {
    const cell = cellOf(u, v);
    if (cell < 0) return;
    inside++;
    if (mask[index] === 0) return;
    readings++;
    const at = place(u, v, grid.mm[index]);
    x[cell] += at.x;
    y[cell] += at.y;
    h[cell] += at.h;
    weight[cell]++;
  });
  const used = Array.from(weight.keys()).filter((cell) => weight[cell] > 0);
  const mean = (sums: Float64Array): Float64Array => Float64Array.from(used, (cell) => sums[cell] / weight[cell]);
  const cellPx = (REACH ** 2 * box.width * box.height) / (columns * rows);
  return {
    ...{ x: mean(x), y: mean(y), h: mean(h), weight: Float64Array.from(used, (cell) => weight[cell]) },
    ...{ faceShare: inside > 0 ? readings / inside : 0, readings },
    spreadMm: sigmaMm * Math.sqrt(Math.max(1, areaPx / grid.step ** 2)),
    inflation: Math.max(1, areaPx / cellPx),
  };
}

/**
 * Twice the mean curvature of a graph, (1 + hy²) hxx − 2 hx hy hxy + (1 + hx²) hyy over (1 + hx² + hy²)^1.5: without the slope, a bent photograph that
 * is held askew would look rounder than a head.
 */
function sagOf(
  { coefficients, covariance, variance }: Surface,
  { spreadMm, inflation }: Cells,
): Pick<DepthMeasure, 'sagMm' | 'sagErrorMm'> {
  const [slopeX, slopeY] = [coefficients[1] / SAG_RADIUS_MM, coefficients[2] / SAG_RADIUS_MM];
  const scale = (1 + slopeX ** 2 + slopeY ** 2) ** 1.5;
  // h = … + xx x² + xy x y + yy y², in units of the radius: the sag is half of the negative sum of both.
  const factors = [0, 0, 0, 1 + slopeY ** 2, -slopeX * slopeY, 1 + slopeX ** 2].map((factor) => factor / scale / -2);
  let [sagMm, square] = [0, 0];
  factors.forEach((factor, i) => {
    sagMm += factor * coefficients[i];
    factors.forEach((other, j) => (square += factor * other * covariance[i * factors.length + j]));
  });
  // Never surer than the sensor's noise allows: where all readings fall into one step, their scatter says nothing.
  const each = Math.max(spreadMm ** 2, inflation * variance);
  return { sagMm, sagErrorMm: Math.sqrt(each * square) };
}

function reliefOf(
  plane: Surface,
  { x, y, h, weight, spreadMm }: Cells,
): Pick<DepthMeasure, 'reliefMm' | 'reliefErrorMm'> {
  const off = Float64Array.from(h, (height, i) => Math.abs(height - heightAt(plane, x[i], y[i])));
  const noise = Float64Array.from(weight, (readings) => spreadMm ** 2 / readings);
  const noiseSquare = noise.reduce((sum, square) => sum + square, 0) / noise.length;
  const square = Math.max(0, (MEDIAN_TO_SIGMA * medianOf(off)) ** 2 - noiseSquare);
  // Of n normal values the spread errs by σ × 1.17 / √n when it is told from the median.
  const error = (1.17 * Math.sqrt(noiseSquare + square)) / Math.sqrt(h.length);
  return { reliefMm: Math.sqrt(square), reliefErrorMm: error };
}

/** What is around the box: how far its plane is left behind, and whether its surface goes on. */
function surroundings(
  depth: DepthMap,
  segment: Segment,
  box: Box,
  plane: Surface,
): Pick<DepthMeasure, 'ringDropMm' | 'aroundShare'> {
  const { grid, mask } = segment;
  const place = placeOf(depth, segment, box);
  const drops: number[] = [];
  let ring = 0;
  const [around, joined] = [new Uint32Array(3), new Uint32Array(3)]; // left, right, above
  eachIn(grid, box, (index, u, v) => {
    const outside = Math.max(Math.abs(u - 0.5), Math.abs(v - 0.5)) - 0.5;
    if (outside < 0) return;
    if (outside <= RING) {
      ring++;
      if (grid.mm[index] === 0) return;
      const { x, y, h } = place(u, v, grid.mm[index]);
      drops.push(heightAt(plane, x, y) - h);
    } else if (outside > HAIR && v < NECK) {
      const side = v < -HAIR ? 2 : u < 0.5 ? 0 : 1;
      around[side]++;
      joined[side] += mask[index];
    }
  });
  return {
    ringDropMm: drops.length >= LEAST_RING_SHARE * ring && ring > 0 ? medianOf(Float64Array.from(drops)) : null,
    aroundShare: Math.max(...Array.from(around, (places, side) => (places > 0 ? joined[side] / places : 0))),
  };
}
