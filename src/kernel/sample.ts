// AssemblyScript, compiled to WebAssembly by build/kernel.ts: the arithmetic of src/main/core/sample.ts, four pixels at a
// time. A language of its own with TypeScript's looks: usize is an address in the memory that the caller hands in, f32 is IEEE
// 754 single precision, so every machine computes the same numbers. Nothing is kept here between calls but constants, in the
// first bytes of the memory.
//
// Positions are in pixels of a channel, (0, 0) being the centre of its first pixel. A position advances by (dx, dy) from one
// output pixel to the next and by (bx, by) from one output row to the next.

// V8 makes a constant vector anew wherever it is used, in loops too; one that was read from memory stays in its register. So
// loops take these constants from addresses.
const INT_255 = memory.data<u32>([255]);
const INT_256 = memory.data<u32>([256]);
const INT_65535 = memory.data<u32>([65_535]);
const ZERO_BYTES = memory.data<u32>([0x80018000]);
const REAL_UNIT = memory.data<f32>([1.0 / 65_536.0]);
const REAL_128 = memory.data<f32>([128.0]);
const REAL_255 = memory.data<f32>([255.0]);
const REAL_0 = memory.data<f32>([0.0]);

function constant(address: usize): v128 {
  return v128.load_splat<u32>(address);
}

/** The bytes at four addresses as four whole numbers. */
function fourBytes(p0: usize, p1: usize, p2: usize, p3: usize): v128 {
  let bytes = i32x4.splat(0);
  bytes = v128.load_lane<u8>(p0, bytes, 0);
  bytes = v128.load_lane<u8>(p1, bytes, 4);
  bytes = v128.load_lane<u8>(p2, bytes, 8);
  bytes = v128.load_lane<u8>(p3, bytes, 12);
  return bytes;
}

/** The pairs of neighbouring bytes at four addresses, each in the low half of a 32-bit lane. */
function fourPairs(p0: usize, p1: usize, p2: usize, p3: usize): v128 {
  let pairs = i32x4.splat(0);
  pairs = v128.load_lane<u16>(p0, pairs, 0);
  pairs = v128.load_lane<u16>(p1, pairs, 2);
  pairs = v128.load_lane<u16>(p2, pairs, 4);
  pairs = v128.load_lane<u16>(p3, pairs, 6);
  return pairs;
}

/** left + fx · (right − left) above and below, then between the two, for four positions. */
function bilinear(topLeft: v128, topRight: v128, bottomLeft: v128, bottomRight: v128, fx: v128, fy: v128): v128 {
  const left = f32x4.convert_i32x4_s(topLeft);
  const top = f32x4.add(left, f32x4.mul(fx, f32x4.sub(f32x4.convert_i32x4_s(topRight), left)));
  const lowLeft = f32x4.convert_i32x4_s(bottomLeft);
  const bottom = f32x4.add(lowLeft, f32x4.mul(fx, f32x4.sub(f32x4.convert_i32x4_s(bottomRight), lowLeft)));
  return f32x4.add(top, f32x4.mul(fy, f32x4.sub(bottom, top)));
}

/** A border of this value is a mirror at the channel's edge. */
const MIRROR: f32 = -2.0;

/** Positions along one axis, those up to a whole side beyond an edge taken to where a mirror there shows them. */
function mirrored(position: v128, last: v128): v128 {
  const one = f32x4.splat(1.0);
  const half = f32x4.splat(0.5);
  const inner = f32x4.sub(f32x4.abs(f32x4.add(position, half)), half); // before the first pixel
  const beyond = f32x4.sub(f32x4.add(f32x4.add(last, last), one), inner);
  return f32x4.pmin(inner, beyond);
}

/**
 * The channel's values at four positions. Beyond the edge the nearest pixel counts, or what a mirror would show for
 * a `border` of MIRROR, or `border` where that is not negative.
 * A channel is two pixels wide and high at least.
 */
function fourValues(
  source: usize,
  stride: i32,
  step: i32,
  lastX: f32,
  lastY: f32,
  x: v128,
  y: v128,
  border: f32,
): v128 {
  const zero = f32x4.splat(0.0);
  const lastsX = f32x4.splat(lastX);
  const lastsY = f32x4.splat(lastY);
  const isMirror = border == MIRROR;
  const cx = f32x4.pmin(f32x4.pmax(isMirror ? mirrored(x, lastsX) : x, zero), lastsX);
  const cy = f32x4.pmin(f32x4.pmax(isMirror ? mirrored(y, lastsY) : y, zero), lastsY);
  // The last pixel is the right neighbour of the one before it, at a distance of 1.
  const xi = i32x4.min_s(i32x4.relaxed_trunc_f32x4_s(cx), i32x4.splat(i32(lastX) - 1));
  const yi = i32x4.min_s(i32x4.relaxed_trunc_f32x4_s(cy), i32x4.splat(i32(lastY) - 1));
  const fx = f32x4.sub(cx, f32x4.convert_i32x4_s(xi));
  const fy = f32x4.sub(cy, f32x4.convert_i32x4_s(yi));
  const p = i32x4.add(i32x4.mul(yi, i32x4.splat(stride)), i32x4.mul(xi, i32x4.splat(step)));
  const p0 = source + i32x4.extract_lane(p, 0);
  const p1 = source + i32x4.extract_lane(p, 1);
  const p2 = source + i32x4.extract_lane(p, 2);
  const p3 = source + i32x4.extract_lane(p, 3);
  let values: v128;
  if (step == 1) {
    const low = i32x4.splat(255);
    const top = fourPairs(p0, p1, p2, p3);
    const bottom = fourPairs(p0 + stride, p1 + stride, p2 + stride, p3 + stride);
    const topLeft = v128.and(top, low);
    const bottomLeft = v128.and(bottom, low);
    values = bilinear(topLeft, i32x4.shr_u(top, 8), bottomLeft, i32x4.shr_u(bottom, 8), fx, fy);
  } else {
    const topLeft = fourBytes(p0, p1, p2, p3);
    const topRight = fourBytes(p0 + step, p1 + step, p2 + step, p3 + step);
    const down: i32 = stride;
    const across: i32 = stride + step;
    const bottomLeft = fourBytes(p0 + down, p1 + down, p2 + down, p3 + down);
    const bottomRight = fourBytes(p0 + across, p1 + across, p2 + across, p3 + across);
    values = bilinear(topLeft, topRight, bottomLeft, bottomRight, fx, fy);
  }
  if (border < 0.0) return values;
  const half = f32x4.splat(0.5);
  const beside = v128.or(f32x4.lt(f32x4.add(x, half), zero), f32x4.gt(f32x4.sub(x, half), f32x4.splat(lastX)));
  const beyond = v128.or(f32x4.lt(f32x4.add(y, half), zero), f32x4.gt(f32x4.sub(y, half), f32x4.splat(lastY)));
  return v128.bitselect(f32x4.splat(border), values, v128.or(beside, beyond));
}

/** Positions of the fast paths are whole numbers of 1/65536 pixel. */
const ONE: f32 = 65536.0;

/**
 * The fast path of one row: adds `weight` times the value at each position to `out`, or stores it there if `isFirst`. For
 * channels without gaps between their pixels and positions whose neighbours are all inside. `count` must be a multiple of 4.
 */
function addRow(
  source: usize,
  stride: i32,
  x0: f32,
  y0: f32,
  dx: f32,
  dy: f32,
  count: i32,
  weight: f32,
  isFirst: bool,
  out: usize,
): void {
  const zero = constant(REAL_0);
  const wholeDx = i32(nearest<f32>(dx * ONE));
  const wholeDy = i32(nearest<f32>(dy * ONE));
  const ramp = i32x4(0, 1, 2, 3);
  const fourDx = i32x4.splat(4 * wholeDx);
  const fourDy = i32x4.splat(4 * wholeDy);
  const scale = f32x4.splat(weight / 256.0);
  const int255 = constant(INT_255);
  const int256 = constant(INT_256);
  const int65535 = constant(INT_65535);
  const unit = constant(REAL_UNIT);
  let x = i32(x0 * ONE);
  let y = i32(y0 * ONE);
  let xs = i32x4.add(i32x4.splat(x), i32x4.mul(ramp, i32x4.splat(wholeDx)));
  let ys = i32x4.add(i32x4.splat(y), i32x4.mul(ramp, i32x4.splat(wholeDy)));
  for (let u = 0; u < count; u += 4, out += 16) {
    const p0 = source + (y >> 16) * stride + (x >> 16);
    x += wholeDx;
    y += wholeDy;
    const p1 = source + (y >> 16) * stride + (x >> 16);
    x += wholeDx;
    y += wholeDy;
    const p2 = source + (y >> 16) * stride + (x >> 16);
    x += wholeDx;
    y += wholeDy;
    const p3 = source + (y >> 16) * stride + (x >> 16);
    x += wholeDx;
    y += wholeDy;
    const top = fourPairs(p0, p1, p2, p3);
    const bottom = fourPairs(p0 + stride, p1 + stride, p2 + stride, p3 + stride);
    const above = v128.shuffle<i8>(top, zero, 0, 16, 1, 16, 4, 16, 5, 16, 8, 16, 9, 16, 12, 16, 13, 16);
    const below = v128.shuffle<i8>(bottom, zero, 0, 16, 1, 16, 4, 16, 5, 16, 8, 16, 9, 16, 12, 16, 13, 16);
    // Left and right meet their weights 256 − f and f, of which 1/256 counts, in one product.
    const fx = v128.and(i32x4.shr_u(xs, 8), int255);
    const weights = v128.or(i32x4.sub(int256, fx), i32x4.shl(fx, 16));
    const upper = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(above, weights));
    const lower = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(below, weights));
    const fy = f32x4.mul(f32x4.convert_i32x4_s(v128.and(ys, int65535)), unit);
    let value = f32x4.mul(f32x4.add(upper, f32x4.mul(fy, f32x4.sub(lower, upper))), scale);
    if (!isFirst) value = f32x4.add(value, v128.load(out));
    v128.store(out, value);
    xs = i32x4.add(xs, fourDx);
    ys = i32x4.add(ys, fourDy);
  }
}

/** Bytes that {@link addCloseRow} reads at once. */
const REACH = 16;

/** Whether four neighbouring positions, with the pixels beside them, lie within REACH columns and within three rows. */
function areClose(dx: f32, dy: f32, lastX: f32): bool {
  return abs<f32>(dx) <= f32(REACH - 3) / 3.0 && abs<f32>(dy) < 0.33 && lastX >= f32(REACH - 1);
}

/** What {@link addRow} computes, for steps of which {@link areClose} holds: three reads for four positions instead of eight. */
function addCloseRow(
  source: usize,
  stride: i32,
  lastX: i32,
  lastY: i32,
  x0: f32,
  y0: f32,
  dx: f32,
  dy: f32,
  count: i32,
  weight: f32,
  isFirst: bool,
  out: usize,
): void {
  const wholeDx = i32(nearest<f32>(dx * ONE));
  const wholeDy = i32(nearest<f32>(dy * ONE));
  const ramp = i32x4(0, 1, 2, 3);
  const fourDx = i32x4.splat(4 * wholeDx);
  const fourDy = i32x4.splat(4 * wholeDy);
  const scale = f32x4.splat(weight / 256.0);
  const int255 = constant(INT_255);
  const int256 = constant(INT_256);
  const int65535 = constant(INT_65535);
  const unit = constant(REAL_UNIT);
  const x = i32(x0 * ONE);
  const y = i32(y0 * ONE);
  let xs = i32x4.add(i32x4.splat(x), i32x4.mul(ramp, i32x4.splat(wholeDx)));
  let ys = i32x4.add(i32x4.splat(y), i32x4.mul(ramp, i32x4.splat(wholeDy)));
  const zeroBytes = constant(ZERO_BYTES);
  // Of four positions, the leftmost and the uppermost.
  let leftmost = min(x, x + 3 * wholeDx);
  let uppermost = min(y, y + 3 * wholeDy);
  const lastLeft = lastX + 1 - REACH;
  for (let u = 0; u < count; u += 4, out += 16) {
    const left = min(leftmost >> 16, lastLeft);
    const row = uppermost >> 16;
    const first = source + row * stride + left;
    const bytes0 = v128.load(first);
    const bytes1 = v128.load(first + stride);
    const bytes2 = v128.load(source + min(row + 2, lastY) * stride + left);
    // Bytes at column and column + 1, each with a byte of zeros behind it, which is what an index over 127 gives.
    const columns = i32x4.sub(i32x4.shr_s(xs, 16), i32x4.splat(left));
    const pairs = i32x4.add(v128.or(columns, i32x4.shl(columns, 16)), zeroBytes);
    const values0 = i8x16.relaxed_swizzle(bytes0, pairs);
    const values1 = i8x16.relaxed_swizzle(bytes1, pairs);
    const values2 = i8x16.relaxed_swizzle(bytes2, pairs);
    const isBelow = i32x4.ne(i32x4.shr_s(ys, 16), i32x4.splat(row));
    const above = v128.bitselect(values1, values0, isBelow);
    const below = v128.bitselect(values2, values1, isBelow);
    // Left and right meet their weights 256 − f and f, of which 1/256 counts, in one product.
    const fx = v128.and(i32x4.shr_u(xs, 8), int255);
    const weights = v128.or(i32x4.sub(int256, fx), i32x4.shl(fx, 16));
    const upper = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(above, weights));
    const lower = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(below, weights));
    const fy = f32x4.mul(f32x4.convert_i32x4_s(v128.and(ys, int65535)), unit);
    let value = f32x4.mul(f32x4.add(upper, f32x4.mul(fy, f32x4.sub(lower, upper))), scale);
    if (!isFirst) value = f32x4.add(value, v128.load(out));
    v128.store(out, value);
    xs = i32x4.add(xs, fourDx);
    ys = i32x4.add(ys, fourDy);
    leftmost += 4 * wholeDx;
    uppermost += 4 * wholeDy;
  }
}

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
