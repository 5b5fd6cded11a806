// AssemblyScript, compiled to WebAssembly by build/kernel.ts: the arithmetic of src/main/core/sample.ts, four pixels at a
// time. A language of its own with TypeScript's looks: usize is an address in the memory that the caller hands in, f32 is IEEE
// 754 single precision, so every machine computes the same numbers. Nothing is kept here between calls but constants, in the
// first bytes of the memory.
//
// Positions are in pixels of a channel, (0, 0) being the centre of its first pixel. A position advances by (dx, dy) from one
// output pixel to the next and by (bx, by) from one output row to the next.

import { REAL_0, REAL_128, REAL_255, addCloseRow, addRow, areClose, constant, fourValues } from './reading';

/** The first u of 0…count from which `start + u · slope` is within [low, high], as far as one straight line says. */
function firstInside(start: f32, slope: f32, low: f32, high: f32, count: i32): i32 {
  if (slope == 0.0) return start >= low && start <= high ? 0 : count;
  const at: f32 = slope > 0.0 ? (low - start) / slope : (high - start) / slope;
  return i32(min<f32>(max<f32>(ceil<f32>(at), 0.0), f32(count)));
}

/** The first u behind that range. */
function endInside(start: f32, slope: f32, low: f32, high: f32, count: i32): i32 {
  if (slope == 0.0) return start >= low && start <= high ? count : 0;
  const at: f32 = slope > 0.0 ? (high - start) / slope : (low - start) / slope;
  return i32(min<f32>(max<f32>(floor<f32>(at) + 1.0, 0.0), f32(count)));
}

/** One row of {@link resample}, before its values are finished; (x0, y0) is the position of the row's first pixel. */
function resampleRow(
  source: usize,
  stride: i32,
  step: i32,
  lastX: f32,
  lastY: f32,
  x0: f32,
  y0: f32,
  dx: f32,
  dy: f32,
  bx: f32,
  by: f32,
  width: i32,
  points: i32,
  border: f32,
  out: usize,
): void {
  const spacing: f32 = 1.0 / f32(points);
  const weight: f32 = spacing * spacing;
  // Where all points of a pixel have their neighbours: the points lie around its centre, a little is kept for rounding.
  const reach: f32 = 0.5 * (1.0 - spacing);
  const marginX: f32 = reach * (abs<f32>(dx) + abs<f32>(bx)) + 0.01;
  const marginY: f32 = reach * (abs<f32>(dy) + abs<f32>(by)) + 0.01;
  // The fast path takes whole fours of the part that lies inside.
  let from = width;
  let count = 0;
  if (step == 1) {
    const highX: f32 = lastX - marginX;
    const highY: f32 = lastY - marginY;
    from = max(firstInside(x0, dx, marginX, highX, width), firstInside(y0, dy, marginY, highY, width));
    const end = min(endInside(x0, dx, marginX, highX, width), endInside(y0, dy, marginY, highY, width));
    count = max(0, end - from) & ~3;
    if (count == 0) from = width;
  }
  const end = from + count;
  const close = areClose(dx, dy, lastX);
  const ramp = f32x4(0.0, 1.0, 2.0, 3.0);
  let block = 0;
  while (block < width) {
    if (block == from) {
      for (let j = 0; j < points; j++) {
        const below: f32 = (f32(j) + 0.5) * spacing - 0.5;
        for (let i = 0; i < points; i++) {
          const beside: f32 = (f32(i) + 0.5) * spacing - 0.5;
          const x: f32 = x0 + dx * f32(from) + (dx * beside + bx * below);
          const y: f32 = y0 + dy * f32(from) + (dy * beside + by * below);
          const place = out + 4 * from;
          const isFirst = i + j == 0;
          if (close) {
            addCloseRow(source, stride, i32(lastX), i32(lastY), x, y, dx, dy, count, weight, isFirst, place);
          } else addRow(source, stride, x, y, dx, dy, count, weight, isFirst, place);
        }
      }
      block = end;
      continue;
    }
    // A block may overlap its neighbours where 4 does not divide what is left.
    const u = min(block, width - 4);
    const columns = f32x4.add(f32x4.splat(f32(u)), ramp);
    let sum = f32x4.splat(0.0);
    for (let j = 0; j < points; j++) {
      const below: f32 = (f32(j) + 0.5) * spacing - 0.5;
      for (let i = 0; i < points; i++) {
        const beside: f32 = (f32(i) + 0.5) * spacing - 0.5;
        const firstX: f32 = x0 + (dx * beside + bx * below);
        const firstY: f32 = y0 + (dy * beside + by * below);
        const xs = f32x4.add(f32x4.splat(firstX), f32x4.mul(columns, f32x4.splat(dx)));
        const ys = f32x4.add(f32x4.splat(firstY), f32x4.mul(columns, f32x4.splat(dy)));
        sum = f32x4.add(sum, fourValues(source, stride, step, lastX, lastY, xs, ys, border));
      }
    }
    v128.store(out + 4 * u, f32x4.mul(sum, f32x4.splat(weight)));
    block += 4;
    if (block > from && block < end) block = from;
  }
}

/**
 * Reads a channel at width × height output pixels: for each the mean of points × points bilinear values spread evenly over it,
 * taken through (clamp(scale · value + offset) − mean) · factor if `factor` is not 0. (x0, y0) is the position of the centre of
 * the first output pixel. The width must be 4 at least; the channel must be less than 32,768 pixels wide
 * and high.
 */
export function resample(
  source: usize,
  stride: i32,
  step: i32,
  lastX: f32,
  lastY: f32,
  x0: f32,
  y0: f32,
  dx: f32,
  dy: f32,
  bx: f32,
  by: f32,
  width: i32,
  height: i32,
  points: i32,
  border: f32,
  scale: f32,
  offset: f32,
  mean: f32,
  factor: f32,
  out: usize,
): void {
  const zero = constant(REAL_0);
  const white = constant(REAL_255);
  const scales = f32x4.splat(scale);
  const offsets = f32x4.splat(offset);
  const means = f32x4.splat(mean);
  const factors = f32x4.splat(factor);
  for (let v = 0; v < height; v++, out += 4 * width) {
    const x = x0 + bx * f32(v);
    const y = y0 + by * f32(v);
    resampleRow(source, stride, step, lastX, lastY, x, y, dx, dy, bx, by, width, points, border, out);
    if (factor == 0.0) continue;
    const fours = out + 4 * (width & ~3);
    for (let at = out; at < fours; at += 16) {
      const value = f32x4.add(f32x4.mul(v128.load(at), scales), offsets);
      v128.store(at, normalized(value, zero, white, means, factors));
    }
    for (let at = fours; at < out + 4 * width; at += 4) {
      const value: f32 = load<f32>(at) * scale + offset;
      store<f32>(at, (max<f32>(0.0, min<f32>(255.0, value)) - mean) * factor);
    }
  }
}

/** (clamp(value, 0, 255) − mean) · factor; `zero` and `white` are 0 and 255. */
function normalized(value: v128, zero: v128, white: v128, mean: v128, factor: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(value, zero), white);
  return f32x4.mul(f32x4.sub(clamped, mean), factor);
}

/**
 * What {@link resample} does, for luma and chroma at once, to three planes of width × height: value = clamp(scale · luma +
 * offset + chroma part), out = (value − mean) · factor for red, green and blue. Chroma has half the resolution and is read on
 * half the grid. Both sizes must be even and the width at least 8. `scratch` is memory for 2 · width floats: what
 * passes from one step to the next never leaves the nearest cache.
 */
export function resampleYuv(
  luma: usize,
  cb: usize,
  cr: usize,
  lumaStride: i32,
  chromaStride: i32,
  chromaStep: i32,
  lastX: f32,
  lastY: f32,
  lastChromaX: f32,
  lastChromaY: f32,
  x0: f32,
  y0: f32,
  chromaX0: f32,
  chromaY0: f32,
  dx: f32,
  dy: f32,
  bx: f32,
  by: f32,
  width: i32,
  height: i32,
  points: i32,
  lumaBorder: f32,
  chromaBorder: f32,
  scale: f32,
  offset: f32,
  redCr: f32,
  greenCb: f32,
  greenCr: f32,
  blueCb: f32,
  meanRed: f32,
  meanGreen: f32,
  meanBlue: f32,
  factorRed: f32,
  factorGreen: f32,
  factorBlue: f32,
  scratch: usize,
  out: usize,
): void {
  const plane: usize = 4 * width * height;
  const half = width >> 1;
  const cbRow = scratch + 4 * width;
  const crRow = cbRow + 4 * half;
  for (let v = 0; v < height; v++, out += 4 * width) {
    if ((v & 1) == 0) {
      const x: f32 = chromaX0 + bx * f32(v >> 1);
      const y: f32 = chromaY0 + by * f32(v >> 1);
      const w = lastChromaX;
      const h = lastChromaY;
      resampleRow(cb, chromaStride, chromaStep, w, h, x, y, dx, dy, bx, by, half, points, chromaBorder, cbRow);
      resampleRow(cr, chromaStride, chromaStep, w, h, x, y, dx, dy, bx, by, half, points, chromaBorder, crRow);
    }
    const x: f32 = x0 + bx * f32(v);
    const y: f32 = y0 + by * f32(v);
    resampleRow(luma, lumaStride, 1, lastX, lastY, x, y, dx, dy, bx, by, width, points, lumaBorder, scratch);
    colorRow(scratch, crRow, crRow, width, scale, offset, redCr, 0.0, meanRed, factorRed, out);
    colorRow(scratch, cbRow, crRow, width, scale, offset, greenCb, greenCr, meanGreen, factorGreen, out + plane);
    colorRow(scratch, cbRow, cbRow, width, scale, offset, blueCb, 0.0, meanBlue, factorBlue, out + 2 * plane);
  }
}

/** One row of a plane of it: what chroma adds is ofU · (u − 128) + ofV · (v − 128). */
function colorRow(
  luma: usize,
  u: usize,
  v: usize,
  width: i32,
  scale: f32,
  offset: f32,
  ofU: f32,
  ofV: f32,
  mean: f32,
  factor: f32,
  out: usize,
): void {
  const center = constant(REAL_128);
  const white = constant(REAL_255);
  const zero = constant(REAL_0);
  const scales = f32x4.splat(scale);
  const offsets = f32x4.splat(offset);
  const us = f32x4.splat(ofU);
  const vs = f32x4.splat(ofV);
  const means = f32x4.splat(mean);
  const factors = f32x4.splat(factor);
  for (let block = 0; block < width; block += 8) {
    const column = min(block, width - 8); // the last block overlaps the one before where 8 does not divide the width
    const at = 2 * column;
    const place = 4 * column;
    const fromU = f32x4.mul(f32x4.sub(v128.load(u + at), center), us);
    const added = f32x4.add(fromU, f32x4.mul(f32x4.sub(v128.load(v + at), center), vs));
    const y0 = f32x4.add(f32x4.mul(v128.load(luma + place), scales), offsets);
    const y1 = f32x4.add(f32x4.mul(v128.load(luma + place, 16), scales), offsets);
    // Each chroma value serves two neighbouring pixels.
    const left = f32x4.add(y0, v128.shuffle<f32>(added, added, 0, 0, 1, 1));
    const right = f32x4.add(y1, v128.shuffle<f32>(added, added, 2, 2, 3, 3));
    v128.store(out + place, normalized(left, zero, white, means, factors));
    v128.store(out + place, normalized(right, zero, white, means, factors), 16);
  }
}
