import { describe, expect, it } from 'vitest';
import {
  UPRIGHT,
  copyPlane,
  isTurned,
  isUpright,
  orientationOfMatrix,
  turnDeg,
  type Orientation,
} from '../../../src/main/core/orientation.ts';

/** x′ = a·x + c·y, y′ = b·x + d·y with y down. Clockwise by 90°: what was right is down, what was down is left. */
const CLOCKWISE_90: Orientation = { a: 0, b: 1, c: -1, d: 0 };
const HALF_TURN: Orientation = { a: -1, b: 0, c: 0, d: -1 };
const CLOCKWISE_270: Orientation = { a: 0, b: -1, c: 1, d: 0 };
const MIRRORED: Orientation = { a: -1, b: 0, c: 0, d: 1 };
const UPSIDE_DOWN: Orientation = { a: 1, b: 0, c: 0, d: -1 };
const TRANSPOSED: Orientation = { a: 0, b: 1, c: 1, d: 0 };
const TRANSVERSED: Orientation = { a: 0, b: -1, c: -1, d: 0 };

const ALL = [UPRIGHT, CLOCKWISE_90, HALF_TURN, CLOCKWISE_270, MIRRORED, UPSIDE_DOWN, TRANSPOSED, TRANSVERSED] as const;

/** A display matrix a b u c d v x y w in 16.16 numbers. */
function matrix(a: number, b: number, c: number, d: number): Int32Array {
  return Int32Array.of(a * 65536, b * 65536, 0, c * 65536, d * 65536, 0, 0, 0, 1 << 30);
}

describe('an orientation', () => {
  it('is upright only when nothing is turned or mirrored', () => {
    expect(ALL.map(isUpright)).toEqual([true, false, false, false, false, false, false, false]);
  });

  it('is turned when width and height change places', () => {
    expect(ALL.map(isTurned)).toEqual([false, true, false, true, false, false, true, true]);
  });

  it('is told in degrees clockwise', () => {
    expect([UPRIGHT, CLOCKWISE_90, HALF_TURN, CLOCKWISE_270].map(turnDeg)).toEqual([0, 90, 180, 270]);
  });
});

describe('a display matrix', () => {
  it('means the orientation it holds', () => {
    for (const orientation of ALL) {
      const { a, b, c, d } = orientation;
      expect(orientationOfMatrix(matrix(a, b, c, d))).toEqual(orientation);
    }
  });

  it('of a film that a telephone took upright is a quarter turn clockwise', () => {
    // As FFmpeg prints it: "00000000 00010000 00000000, ffff0000 00000000 00000000, … 40000000", rotation of −90 degrees.
    const stored = Int32Array.of(0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000);
    expect(turnDeg(orientationOfMatrix(stored))).toBe(90);
  });

  it('with a little skew means the nearest quarter turn', () => {
    const [cos, sin] = [Math.cos(0.3), Math.sin(0.3)];
    expect(orientationOfMatrix(matrix(cos, sin, -sin, cos))).toEqual(UPRIGHT);
    expect(orientationOfMatrix(matrix(-sin, cos, -cos, -sin))).toEqual(CLOCKWISE_90);
    expect(orientationOfMatrix(matrix(-cos, -sin, sin, -cos))).toEqual(HALF_TURN);
    expect(orientationOfMatrix(matrix(sin, -cos, cos, sin))).toEqual(CLOCKWISE_270);
  });

  it('does not depend on scale', () => {
    expect(orientationOfMatrix(matrix(0, 0.5, -0.5, 0))).toEqual(CLOCKWISE_90);
  });

  it('without any content is upright', () => {
    expect(orientationOfMatrix(new Int32Array(9))).toEqual(UPRIGHT);
  });
});

describe('copying a plane', () => {
  const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6];

  function copied(orientation: Orientation): number[] {
    // A B C
    // D E F, in rows of 5 bytes
    const source = Uint8Array.of(A, B, C, 99, 99, D, E, F, 99, 99);
    const target = new Uint8Array(7).fill(77);
    copyPlane(source, 5, 3, 2, 1, orientation, target);
    expect(target[6]).toBe(77);
    return [...target.subarray(0, 6)];
  }

  it('takes rows one behind the other when it is upright', () => {
    expect(copied(UPRIGHT)).toEqual([A, B, C, D, E, F]);
  });

  it('turns', () => {
    expect(copied(CLOCKWISE_90)).toEqual([D, A, E, B, F, C]);
    expect(copied(HALF_TURN)).toEqual([F, E, D, C, B, A]);
    expect(copied(CLOCKWISE_270)).toEqual([C, F, B, E, A, D]);
  });

  it('mirrors', () => {
    expect(copied(MIRRORED)).toEqual([C, B, A, F, E, D]);
    expect(copied(UPSIDE_DOWN)).toEqual([D, E, F, A, B, C]);
    expect(copied(TRANSPOSED)).toEqual([A, D, B, E, C, F]);
    expect(copied(TRANSVERSED)).toEqual([F, C, E, B, D, A]);
  });

  it('keeps the bytes of a pixel together and puts every pixel where the orientation says', () => {
    const [width, height, step, stride] = [5, 3, 2, 13];
    const source = Uint8Array.from({ length: stride * height }, (_, i) => i + 1);
    for (const orientation of ALL) {
      const { a, b, c, d } = orientation;
      const [shownWidth, shownHeight] = isTurned(orientation) ? [height, width] : [width, height];
      const expected = new Uint8Array(width * height * step);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          // The formula, and as shift the far edge wherever a coordinate runs backwards.
          const shownX = a * x + c * y + (a < 0 || c < 0 ? shownWidth - 1 : 0);
          const shownY = b * x + d * y + (b < 0 || d < 0 ? shownHeight - 1 : 0);
          for (let i = 0; i < step; i++)
            expected[(shownY * shownWidth + shownX) * step + i] = source[y * stride + x * step + i];
        }
      const target = new Uint8Array(expected.length);
      copyPlane(source, stride, width, height, step, orientation, target);
      expect(target).toEqual(expected);
    }
  });
});
