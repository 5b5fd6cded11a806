import { describe, expect, it } from 'vitest';
import {
  applyAffine,
  boxCenter,
  distance,
  fitSimilarity,
  iou,
  middle,
  regionToFrame,
  shareInside,
  type Affine,
  type Point,
} from '../../../src/main/core/geometry.ts';
import { seeded } from '../../fixtures/seeded.ts';

function expectPoint(point: Point, x: number, y: number): void {
  expect(point.x).toBeCloseTo(x, 9);
  expect(point.y).toBeCloseTo(y, 9);
}

describe('points and boxes', () => {
  it('are measured from the top left corner', () => {
    expect(boxCenter({ x: 10, y: 20, width: 6, height: 8 })).toEqual({ x: 13, y: 24 });
    expect(middle({ x: 1, y: 2 }, { x: 4, y: -2 })).toEqual({ x: 2.5, y: 0 });
    expect(distance({ x: 1, y: 2 }, { x: 4, y: -2 })).toBe(5);
  });

  it('go through an affine map: first two factors and shift for x, last for y', () => {
    const map: Affine = { a: 2, b: 3, c: 5, d: 7, e: 11, f: 13 };
    // 2 · 10 + 3 · 100 + 5 and 7 · 10 + 11 · 100 + 13
    expect(applyAffine(map, { x: 10, y: 100 })).toEqual({ x: 325, y: 1183 });
  });
});

describe('the map of a region', () => {
  it('takes the corners of the picture to the corners of an upright square', () => {
    const map = regionToFrame({ center: { x: 100, y: 60 }, size: 40, angle: 0 }, 80, 20);
    expectPoint(applyAffine(map, { x: 0, y: 0 }), 80, 40);
    expectPoint(applyAffine(map, { x: 80, y: 0 }), 120, 40);
    expectPoint(applyAffine(map, { x: 80, y: 20 }), 120, 80);
    expectPoint(applyAffine(map, { x: 40, y: 10 }), 100, 60);
  });

  it('turns clockwise on the screen: at 90° the right of the picture is the bottom of the region', () => {
    const map = regionToFrame({ center: { x: 100, y: 60 }, size: 40, angle: Math.PI / 2 }, 80, 80);
    expectPoint(applyAffine(map, { x: 80, y: 40 }), 100, 80);
    expectPoint(applyAffine(map, { x: 40, y: 0 }), 120, 60);
    expectPoint(applyAffine(map, { x: 40, y: 40 }), 100, 60);
  });

  it('keeps centre, size and angle at any angle', () => {
    const angle = 0.7;
    const map = regionToFrame({ center: { x: -3, y: 8 }, size: 50, angle }, 192, 192);
    expectPoint(applyAffine(map, { x: 96, y: 96 }), -3, 8);
    const [left, right] = [applyAffine(map, { x: 0, y: 96 }), applyAffine(map, { x: 192, y: 96 })];
    expect(distance(left, right)).toBeCloseTo(50, 9);
    expect(Math.atan2(right.y - left.y, right.x - left.x)).toBeCloseTo(angle, 9);
  });
});

describe('intersection over union', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };

  it('is 1 for the same box and 0 for boxes apart', () => {
    expect(iou(box, box)).toBe(1);
    expect(iou(box, { x: 20, y: 0, width: 10, height: 10 })).toBe(0);
    expect(iou(box, { x: 0, y: -20, width: 10, height: 10 })).toBe(0);
  });

  it('is common area over joint area', () => {
    // Common 5 × 10 = 50, joint 100 + 100 − 50 = 150.
    expect(iou(box, { x: 5, y: 0, width: 10, height: 10 })).toBeCloseTo(1 / 3, 12);
    // Common 4 × 5 = 20, joint 100 + 40 − 20 = 120.
    expect(iou(box, { x: 6, y: 5, width: 4, height: 10 })).toBeCloseTo(1 / 6, 12);
    // One inside the other: 4 / 100.
    expect(iou(box, { x: 3, y: 3, width: 2, height: 2 })).toBeCloseTo(0.04, 12);
  });

  it('is 0 for boxes that only touch and for empty ones', () => {
    expect(iou(box, { x: 10, y: 0, width: 10, height: 10 })).toBe(0);
    const empty = { x: 5, y: 5, width: 0, height: 0 };
    expect(iou(box, empty)).toBe(0);
    expect(iou(empty, empty)).toBe(0);
  });

  it('does not depend on the order', () => {
    const random = seeded(1);
    for (let i = 0; i < 50; i++) {
      const [p, q] = [0, 1].map(() => ({
        x: 9 * random(),
        y: 9 * random(),
        width: 9 * random(),
        height: 9 * random(),
      }));
      expect(iou(p, q)).toBeCloseTo(iou(q, p), 12);
    }
  });
});

describe('the share of a box inside the frame', () => {
  it('is 1 inside, 0 outside and the share of the area between', () => {
    expect(shareInside({ x: 0, y: 0, width: 64, height: 48 }, 64, 48)).toBe(1);
    expect(shareInside({ x: 64, y: 0, width: 10, height: 10 }, 64, 48)).toBe(0);
    // A quarter is beyond the right edge; of another, only a quarter is in at the top left corner.
    expect(shareInside({ x: 49, y: 10, width: 20, height: 10 }, 64, 48)).toBe(0.75);
    expect(shareInside({ x: -5, y: -5, width: 10, height: 10 }, 64, 48)).toBe(0.25);
    // Larger than the frame: 64 · 48 of 128 · 96.
    expect(shareInside({ x: -32, y: -24, width: 128, height: 96 }, 64, 48)).toBe(0.25);
  });

  it('of an empty box is 0', () => {
    expect(shareInside({ x: 5, y: 5, width: 0, height: 10 }, 64, 48)).toBe(0);
  });
});

describe('the similarity between points', () => {
  const square = [0, 0, 2, 0, 2, 2, 0, 2];

  it('is found exactly where there is one', () => {
    const [cos, sin] = [3 * Math.cos(0.4), 3 * Math.sin(0.4)];
    const to = [0, 1, 2, 3].flatMap((i) => {
      const [x, y] = [square[2 * i], square[2 * i + 1]];
      return [cos * x - sin * y + 7, sin * x + cos * y - 5];
    });
    const map = fitSimilarity(square, to);
    const expected: Affine = { a: cos, b: -sin, c: 7, d: sin, e: cos, f: -5 };
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f'] as const) expect(map[key]).toBeCloseTo(expected[key], 9);
  });

  it('of two points goes through both', () => {
    const map = fitSimilarity([0, 0, 1, 0], [5, 5, 5, 9]);
    expectPoint(applyAffine(map, { x: 0, y: 0 }), 5, 5);
    expectPoint(applyAffine(map, { x: 1, y: 0 }), 5, 9);
    // A quarter turn clockwise and four times the size: (0, 1) goes to the left.
    expectPoint(applyAffine(map, { x: 0, y: 1 }), 1, 5);
  });

  it('never mirrors: the best for a mirrored square is none', () => {
    // Left and right change places: the turns cancel out, and all that is left is the shift of the centre.
    const map = fitSimilarity(square, [2, 0, 0, 0, 0, 2, 2, 2]);
    expect(Math.hypot(map.a, map.d)).toBeCloseTo(0, 12);
    expectPoint(applyAffine(map, { x: 17, y: 4 }), 1, 1);
  });

  it('has the least sum of squares: every small change makes it worse', () => {
    const random = seeded(2);
    const points = (): number[] => Array.from({ length: 12 }, () => 10 * random());
    const [from, to] = [points(), points()];
    const squares = ({ a, c, d, f }: Pick<Affine, 'a' | 'c' | 'd' | 'f'>): number => {
      let sum = 0;
      for (let i = 0; i < from.length; i += 2) {
        sum += (a * from[i] - d * from[i + 1] + c - to[i]) ** 2;
        sum += (d * from[i] + a * from[i + 1] + f - to[i + 1]) ** 2;
      }
      return sum;
    };
    const best = fitSimilarity(from, to);
    expect([best.e, best.b]).toEqual([best.a, -best.d]);
    for (const key of ['a', 'c', 'd', 'f'] as const)
      for (const change of [-0.01, 0.01])
        expect(squares({ ...best, [key]: best[key] + change })).toBeGreaterThan(squares(best));
  });
});
