// Values of a channel between its pixels, four at a time: anywhere, or fast where all neighbours are inside. See sample.ts.

// V8 makes a constant vector anew wherever it is used, in loops too; one that was read from memory stays in its register. So
// loops take these constants from addresses.
const INT_255 = memory.data<u32>([255]);
const INT_256 = memory.data<u32>([256]);
const INT_65535 = memory.data<u32>([65_535]);
const ZERO_BYTES = memory.data<u32>([0x80018000]);
const REAL_UNIT = memory.data<f32>([1.0 / 65_536.0]);
export const REAL_128 = memory.data<f32>([128.0]);
export const REAL_255 = memory.data<f32>([255.0]);
export const REAL_0 = memory.data<f32>([0.0]);

export function constant(address: usize): v128 {
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
export function fourValues(
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
export function addRow(
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
export function areClose(dx: f32, dy: f32, lastX: f32): bool {
  return abs<f32>(dx) <= f32(REACH - 3) / 3.0 && abs<f32>(dy) < 0.33 && lastX >= f32(REACH - 1);
}

/** What {@link addRow} computes, for steps of which {@link areClose} holds: three reads for four positions instead of eight. */
export function addCloseRow(
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
