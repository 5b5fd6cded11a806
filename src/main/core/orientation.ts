// Quarter turns and mirrorings, as cameras note them beside a picture instead of turning its pixels.

/** Takes a stored pixel (x, y) to the shown one: x′ = a·x + c·y, y′ = b·x + d·y, apart from a shift. Entries are −1, 0, 1. */
export interface Orientation {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

export const UPRIGHT: Orientation = { a: 1, b: 0, c: 0, d: 1 };

export function isUpright({ a, d }: Orientation): boolean {
  return a === 1 && d === 1;
}

/** Whether width and height change places. */
export function isTurned({ a }: Orientation): boolean {
  return a === 0;
}

/**
 * The orientation nearest to a display matrix: nine 16.16 numbers a b u c d v x y w, as the MP4 format and FFmpeg write them
 * (libavutil/display.h).
 */
export function orientationOfMatrix(matrix: Int32Array): Orientation {
  const [a, b, , c, d] = matrix;
  if (Math.abs(a) + Math.abs(d) >= Math.abs(b) + Math.abs(c)) return { a: sign(a), b: 0, c: 0, d: sign(d) };
  return { a: 0, b: sign(b), c: sign(c), d: 0 };
}

function sign(value: number): number {
  return value < 0 ? -1 : 1;
}

/** Degrees clockwise by which the stored picture is turned to be shown, mirroring aside. */
export function turnDeg({ a, b }: Orientation): number {
  return (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
}

/**
 * Copies a plane of `width × height` pixels of `step` bytes (stored size; `stride` bytes a row) into `target`, which has no gaps
 * between its rows, turning it on the way.
 */
export function copyPlane(
  source: Uint8Array,
  stride: number,
  width: number,
  height: number,
  step: number,
  { a, b, c, d }: Orientation,
  target: Uint8Array,
): void {
  if (a === 1 && d === 1) {
    const row = width * step;
    for (let y = 0; y < height; y++) target.set(source.subarray(y * stride, y * stride + row), y * row);
    return;
  }
  const turned = a === 0;
  const [shownWidth, shownHeight] = turned ? [height, width] : [width, height];
  // A turn's inverse is its transpose: x = a·x′ + b·y′, y = c·x′ + d·y′, with the far edge as origin where a factor is negative.
  const startX = a < 0 || b < 0 ? width - 1 : 0;
  const startY = c < 0 || d < 0 ? height - 1 : 0;
  const across = a * step + c * stride;
  const down = b * step + d * stride;
  let out = 0;
  for (let y = 0; y < shownHeight; y++) {
    let p = startY * stride + startX * step + y * down;
    for (let x = 0; x < shownWidth; x++, p += across) for (let i = 0; i < step; i++) target[out++] = source[p + i];
  }
}
