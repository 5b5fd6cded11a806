// Points, boxes and affine maps. Coordinates are frame pixels with the origin at the top left corner of the picture: the
// first pixel covers 0…1 and its centre is at 0.5.

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An upright rectangle; `x`, `y` is its top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Maps (u, v) to (a·u + b·v + c, d·u + e·v + f). */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** A square of side `size` around `center`, turned clockwise (as seen on the screen) by `angle` radians. */
export interface Region {
  readonly center: Point;
  readonly size: number;
  readonly angle: number;
}

export function applyAffine(m: Affine, p: Point): Point {
  return { x: m.a * p.x + m.b * p.y + m.c, y: m.d * p.x + m.e * p.y + m.f };
}

/** The map from a picture of `width` × `height` pixels cut out of `region` to the frame. */
export function regionToFrame(region: Region, width: number, height: number): Affine {
  const [cos, sin] = [Math.cos(region.angle), Math.sin(region.angle)];
  const [sx, sy] = [region.size / width, region.size / height];
  const [a, b, d, e] = [cos * sx, -sin * sy, sin * sx, cos * sy];
  return {
    a,
    b,
    c: region.center.x - (a * width + b * height) / 2,
    d,
    e,
    f: region.center.y - (d * width + e * height) / 2,
  };
}

export function distance(p: Point, q: Point): number {
  return Math.hypot(p.x - q.x, p.y - q.y);
}

export function middle(p: Point, q: Point): Point {
  return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 };
}

export function boxCenter(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

export function centerDistance(p: Box, q: Box): number {
  const [a, b] = [boxCenter(p), boxCenter(q)];
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0…1; 0 for empty boxes. */
export function iou(a: Box, b: Box): number {
  const common = overlap(a, b);
  return common === 0 ? 0 : common / (a.width * a.height + b.width * b.height - common);
}

/** The share of `box` that lies inside a frame of the given size, 0…1. */
export function shareInside(box: Box, width: number, height: number): number {
  const area = box.width * box.height;
  return area > 0 ? overlap(box, { x: 0, y: 0, width, height }) / area : 0;
}

/**
 * The similarity (turn, equal scale, shift) that takes the points `from` to `to` with the least sum of squares. Both hold x, y
 * alternately. Closed form of the two-dimensional Procrustes problem.
 */
export function fitSimilarity(from: ArrayLike<number>, to: ArrayLike<number>): Affine {
  const count = from.length / 2;
  let [fx, fy, tx, ty] = [0, 0, 0, 0];
  for (let i = 0; i < 2 * count; i += 2) {
    fx += from[i] / count;
    fy += from[i + 1] / count;
    tx += to[i] / count;
    ty += to[i + 1] / count;
  }
  let [dot, cross, square] = [0, 0, 0];
  for (let i = 0; i < 2 * count; i += 2) {
    const [px, py, qx, qy] = [from[i] - fx, from[i + 1] - fy, to[i] - tx, to[i + 1] - ty];
    dot += px * qx + py * qy;
    cross += px * qy - py * qx;
    square += px * px + py * py;
  }
  const [a, d] = [dot / square, cross / square];
  return { a, b: -d, c: tx - a * fx + d * fy, d, e: a, f: ty - d * fx - a * fy };
}
