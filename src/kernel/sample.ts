// AssemblyScript, compiled to WebAssembly by build/kernel.ts: the arithmetic of src/main/core/sample.ts, four pixels at a
// time. A language of its own with TypeScript's looks: usize is an address in the memory that the caller hands in, f32 is IEEE
// 754 single precision, so every machine computes the same numbers. Nothing is kept here between calls.
//
// Positions are in pixels of a channel, (0, 0) being the centre of its first pixel. A position advances by (dx, dy) from one
// output pixel to the next and by (bx, by) from one output row to the next.

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

/**
 * The channel's values at four positions. Beyond the edge the nearest pixel counts, or `border` where that is not negative.
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
  const cx = f32x4.pmin(f32x4.pmax(x, zero), f32x4.splat(lastX));
  const cy = f32x4.pmin(f32x4.pmax(y, zero), f32x4.splat(lastY));
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

/** Positions of the fast path are whole numbers of 1/65536 pixel. */
const ONE: f32 = 65536.0;

/**
 * The fast path of one row: adds `weight` times the value at each position to `out`, or stores it there if `isFirst`. For
 * channels without gaps between their pixels and positions whose neighbours are all inside. Of the horizontal fractions of a
 * pixel 1/256 counts. `count` must be a multiple of 4.
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
  const zero = i32x4.splat(0);
  const wholeDx = i32(nearest<f32>(dx * ONE));
  const wholeDy = i32(nearest<f32>(dy * ONE));
  const ramp = i32x4(0, 1, 2, 3);
  const fourDx = i32x4.splat(4 * wholeDx);
  const fourDy = i32x4.splat(4 * wholeDy);
  const scale = f32x4.splat(weight / 256.0);
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
    // Each pair becomes two 16-bit numbers, left and right, which meet their weights 256 − f and f in one product.
    const above = v128.shuffle<i8>(top, zero, 0, 16, 1, 16, 4, 16, 5, 16, 8, 16, 9, 16, 12, 16, 13, 16);
    const below = v128.shuffle<i8>(bottom, zero, 0, 16, 1, 16, 4, 16, 5, 16, 8, 16, 9, 16, 12, 16, 13, 16);
    const fx = v128.and(i32x4.shr_u(xs, 8), i32x4.splat(255));
    const weights = v128.or(i32x4.sub(i32x4.splat(256), fx), i32x4.shl(fx, 16));
    const upper = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(above, weights));
    const lower = f32x4.convert_i32x4_s(i32x4.dot_i16x8_s(below, weights));
    const fy = f32x4.mul(f32x4.convert_i32x4_s(v128.and(ys, i32x4.splat(65535))), f32x4.splat(1.0 / ONE));
    let value = f32x4.mul(f32x4.add(upper, f32x4.mul(fy, f32x4.sub(lower, upper))), scale);
    if (!isFirst) value = f32x4.add(value, v128.load(out));
    v128.store(out, value);
    xs = i32x4.add(xs, fourDx);
    ys = i32x4.add(ys, fourDy);
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
  const spacing: f32 = 1.0 / f32(points);
  const weight: f32 = spacing * spacing;
  const ramp = f32x4(0.0, 1.0, 2.0, 3.0);
  // Where all points of a pixel have their neighbours: the points lie around its centre, a little is kept for rounding.
  const reach: f32 = 0.5 * (1.0 - spacing);
  const marginX: f32 = reach * (abs<f32>(dx) + abs<f32>(bx)) + 0.01;
  const marginY: f32 = reach * (abs<f32>(dy) + abs<f32>(by)) + 0.01;
  for (let v = 0; v < height; v++, out += 4 * width) {
    const rowX: f32 = x0 + bx * f32(v);
    const rowY: f32 = y0 + by * f32(v);
    // The fast path takes whole fours of the part that lies inside.
    let from = width;
    let count = 0;
    if (step == 1) {
      const highX: f32 = lastX - marginX;
      const highY: f32 = lastY - marginY;
      from = max(firstInside(rowX, dx, marginX, highX, width), firstInside(rowY, dy, marginY, highY, width));
      const end = min(endInside(rowX, dx, marginX, highX, width), endInside(rowY, dy, marginY, highY, width));
      count = max(0, end - from) & ~3;
      if (count == 0) from = width;
    }
    const end = from + count;
    let block = 0;
    while (block < width) {
      if (block == from) {
        for (let j = 0; j < points; j++) {
          const below: f32 = (f32(j) + 0.5) * spacing - 0.5;
          for (let i = 0; i < points; i++) {
            const beside: f32 = (f32(i) + 0.5) * spacing - 0.5;
            const x: f32 = rowX + dx * f32(from) + (dx * beside + bx * below);
            const y: f32 = rowY + dy * f32(from) + (dy * beside + by * below);
            addRow(source, stride, x, y, dx, dy, count, weight, i + j == 0, out + 4 * from);
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
          const firstX: f32 = rowX + (dx * beside + bx * below);
          const firstY: f32 = rowY + (dy * beside + by * below);
          const xs = f32x4.add(f32x4.splat(firstX), f32x4.mul(columns, f32x4.splat(dx)));
          const ys = f32x4.add(f32x4.splat(firstY), f32x4.mul(columns, f32x4.splat(dy)));
          sum = f32x4.add(sum, fourValues(source, stride, step, lastX, lastY, xs, ys, border));
        }
      }
      v128.store(out + 4 * u, f32x4.mul(sum, f32x4.splat(weight)));
      block += 4;
      if (block > from && block < end) block = from;
    }
    if (factor != 0.0) {
      const fours = out + 4 * (width & ~3);
      for (let at = out; at < fours; at += 16) {
        const value = f32x4.add(f32x4.mul(v128.load(at), f32x4.splat(scale)), f32x4.splat(offset));
        v128.store(at, normalized(value, mean, factor));
      }
      for (let at = fours; at < out + 4 * width; at += 4) {
        const value: f32 = load<f32>(at) * scale + offset;
        store<f32>(at, (max<f32>(0.0, min<f32>(255.0, value)) - mean) * factor);
      }
    }
  }
}

/** (clamp(value, 0, 255) − mean) · factor */
function normalized(value: v128, mean: f32, factor: f32): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(value, f32x4.splat(0.0)), f32x4.splat(255.0));
  return f32x4.mul(f32x4.sub(clamped, f32x4.splat(mean)), f32x4.splat(factor));
}

/** Stores eight normalised values of luma plus chroma; each chroma value serves two neighbouring pixels. */
function twoQuads(out: usize, y0: v128, y1: v128, chroma: v128, mean: f32, factor: f32): void {
  const left = f32x4.add(y0, v128.shuffle<f32>(chroma, chroma, 0, 0, 1, 1));
  const right = f32x4.add(y1, v128.shuffle<f32>(chroma, chroma, 2, 2, 3, 3));
  v128.store(out, normalized(left, mean, factor));
  v128.store(out, normalized(right, mean, factor), 16);
}

/**
 * Luma at width × height and chroma at half of both to three planes: value = clamp(scale · luma + offset + chroma part),
 * out = (value − mean) · factor for red, green and blue. Both must be even and the width at least 8.
 */
export function yuvToRgb(
  luma: usize,
  cb: usize,
  cr: usize,
  width: i32,
  height: i32,
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
  out: usize,
): void {
  const plane: usize = 4 * width * height;
  const half = width >> 1;
  const center = f32x4.splat(128.0);
  for (let row = 0; row < height; row++) {
    for (let block = 0; block < width; block += 8) {
      const u = min(block, width - 8); // the last block overlaps the one before where 8 does not divide the width
      const chroma: usize = 4 * ((row >> 1) * half + (u >> 1));
      const b = f32x4.sub(v128.load(cb + chroma), center);
      const r = f32x4.sub(v128.load(cr + chroma), center);
      const red = f32x4.mul(r, f32x4.splat(redCr));
      const green = f32x4.add(f32x4.mul(b, f32x4.splat(greenCb)), f32x4.mul(r, f32x4.splat(greenCr)));
      const blue = f32x4.mul(b, f32x4.splat(blueCb));
      const at: usize = 4 * (row * width + u);
      const y0 = f32x4.add(f32x4.mul(v128.load(luma + at), f32x4.splat(scale)), f32x4.splat(offset));
      const y1 = f32x4.add(f32x4.mul(v128.load(luma + at, 16), f32x4.splat(scale)), f32x4.splat(offset));
      twoQuads(out + at, y0, y1, red, meanRed, factorRed);
      twoQuads(out + plane + at, y0, y1, green, meanGreen, factorGreen);
      twoQuads(out + 2 * plane + at, y0, y1, blue, meanBlue, factorBlue);
    }
  }
}
