import { describe, expect, it } from 'vitest';
import type { Point } from '../../../src/main/core/geometry.ts';
import { eyeCenters, faceCropRegion, type FaceCrop, type Landmarks68 } from '../../../src/main/core/landmarks.ts';
import { OCCLUSION_CELLS, occludedShare } from '../../../src/main/core/occlusion.ts';
import { seeded } from '../../fixtures/seeded.ts';

const CELLS = OCCLUSION_CELLS * OCCLUSION_CELLS;
const HIDDEN = 30; // logits that are as good as certain
const OPEN = -30;

/**
 * Eyes at (80, 100) and (120, 100), mouth at (100, 140): with a crop of 1.5 the cut goes from (40, 60) to (160, 180), and a cell
 * is 10 pixels wide. The outline is a rectangle from (70, 80) to (130, 160), which holds the middles of 6 × 8 cells.
 */
const CROP: FaceCrop = { scale: 1.5, down: 0 };
const [FIRST_COLUMN, LAST_COLUMN, FIRST_ROW, LAST_ROW] = [3, 8, 2, 9];
const INSIDE = 6 * 8;

function boxFace(x0 = 70, y0 = 80, x1 = 130, y1 = 160): Landmarks68 {
  const landmarks = new Float32Array(136);
  const put = (from: number, to: number, point: (share: number) => Point): void => {
    for (let i = from; i <= to; i++) {
      const { x, y } = point((i - from) / Math.max(1, to - from));
      landmarks.set([x, y], 2 * i);
    }
  };
  // The jaw goes from the picture's left down, across and up again, the brows from left to right.
  put(0, 5, (s) => ({ x: x0, y: y0 + s * (y1 - y0) }));
  put(6, 10, (s) => ({ x: x0 + ((s * 4 + 1) / 6) * (x1 - x0), y: y1 }));
  put(11, 16, (s) => ({ x: x1, y: y1 + s * (y0 - y1) }));
  put(17, 26, (s) => ({ x: x0 + s * (x1 - x0), y: y0 }));
  put(36, 41, () => ({ x: 80, y: 100 }));
  put(42, 47, () => ({ x: 120, y: 100 }));
  put(48, 67, () => ({ x: 100, y: 140 }));
  return landmarks;
}

const logitsWhere = (isHidden: (row: number, column: number) => boolean): Float32Array =>
  Float32Array.from({ length: CELLS }, (_, i) =>
    isHidden(Math.floor(i / OCCLUSION_CELLS), i % OCCLUSION_CELLS) ? HIDDEN : OPEN,
  );

describe('the hidden share of a face', () => {
  const share = (isHidden: (row: number, column: number) => boolean): number =>
    occludedShare(logitsWhere(isHidden), boxFace(), CROP);

  it('is 0 for an open face and 1 for one that is wholly hidden', () => {
    expect(share(() => false)).toBeCloseTo(0, 9);
    expect(share(() => true)).toBeCloseTo(1, 9);
  });

  it('counts the cells inside the outline and no other', () => {
    for (let row = 0; row < OCCLUSION_CELLS; row++) {
      for (let column = 0; column < OCCLUSION_CELLS; column++) {
        const isInside = FIRST_COLUMN <= column && column <= LAST_COLUMN && FIRST_ROW <= row && row <= LAST_ROW;
        const hidden = share((r, c) => r === row && c === column);
        expect(hidden, `row ${row}, column ${column}`).toBeCloseTo(isInside ? 1 / INSIDE : 0, 9);
      }
    }
  });

  it('is that of the side that is hidden', () => {
    expect(share((_, column) => column < 6)).toBeCloseTo(0.5, 9);
    expect(share((row) => row < 4)).toBeCloseTo(2 / 8, 9);
    expect(share((row, column) => row >= 8 && column >= 7)).toBeCloseTo(4 / INSIDE, 9);
  });

  it('is a mean of probabilities, not of verdicts', () => {
    const logits = new Float32Array(CELLS).fill(Math.log(0.2 / 0.8));
    expect(occludedShare(logits, boxFace(), CROP)).toBeCloseTo(0.2, 6);
  });

  it('is that of the part inside the cut where the face is larger', () => {
    const face = boxFace(0, 20, 200, 220);
    expect(
      occludedShare(
        logitsWhere((_, column) => column < 3),
        face,
        CROP,
      ),
    ).toBeCloseTo(0.25, 9);
    // All but one column lies to the left of the cut.
    expect(
      occludedShare(
        logitsWhere((_, column) => column === 0),
        boxFace(0, 20, 50, 220),
        CROP,
      ),
    ).toBeCloseTo(1, 9);
  });

  it('is not a number where the outline holds no cell', () => {
    expect(
      occludedShare(
        logitsWhere(() => true),
        boxFace(101, 101, 103, 103),
        CROP,
      ),
    ).toBeNaN();
    expect(
      occludedShare(
        logitsWhere(() => true),
        boxFace(200, 20, 300, 220),
        CROP,
      ),
    ).toBeNaN();
  });
});

describe('a face of any shape, size and turn', () => {
  /** Jaw and brows on two arcs that are not quite round, then turned, scaled and shifted. */
  function anyFace(random: () => number): Landmarks68 {
    const landmarks = new Float32Array(136);
    const angle = 2 * Math.PI * random();
    const size = 20 + 100 * random();
    const [x0, y0] = [500 * random(), 400 * random()];
    const put = (i: number, x: number, y: number): void => {
      const u = size * (x + 0.1 * (random() - 0.5));
      const v = size * (y + 0.1 * (random() - 0.5));
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      landmarks.set([x0 + cos * u - sin * v, y0 + sin * u + cos * v], 2 * i);
    };
    for (let i = 0; i <= 16; i++) put(i, -Math.cos((Math.PI * i) / 16), 1.2 * Math.sin((Math.PI * i) / 16));
    for (let i = 17; i <= 26; i++) put(i, (i - 21.5) / 6, -0.4 - 0.3 * Math.cos((i - 21.5) / 3));
    for (let i = 36; i <= 41; i++) put(i, -0.4, -0.15);
    for (let i = 42; i <= 47; i++) put(i, 0.4, -0.15);
    for (let i = 48; i <= 67; i++) put(i, 0, 0.6);
    return landmarks;
  }

  /** Whether a point of the frame lies in the outline: the outline then goes once around it. */
  function isInside({ x, y }: Point, outline: readonly Point[]): boolean {
    let turn = 0;
    outline.forEach((from, i) => {
      const to = outline[(i + 1) % outline.length];
      const [ax, ay, bx, by] = [from.x - x, from.y - y, to.x - x, to.y - y];
      turn += Math.atan2(ax * by - ay * bx, ax * bx + ay * by);
    });
    return Math.abs(turn) > Math.PI;
  }

  it('has the share that a look at every cell in the frame gives', () => {
    const random = seeded(12);
    let partly = 0;
    for (let trial = 0; trial < 150; trial++) {
      const landmarks = anyFace(random);
      const crop = { scale: 0.7 + 1.3 * random(), down: 0.4 * (random() - 0.5) };
      const logits = Float32Array.from({ length: CELLS }, () => 12 * (random() - 0.5));
      const order = [...Array.from({ length: 17 }, (_, i) => i), 26, 25, 24, 23, 22, 21, 20, 19, 18, 17];
      const outline = order.map((i) => ({ x: landmarks[2 * i], y: landmarks[2 * i + 1] }));
      const { center, size } = faceCropRegion(landmarks, crop);
      const { right, left } = eyeCenters(landmarks);
      const eyes = Math.hypot(left.x - right.x, left.y - right.y);
      const [cos, sin] = [(left.x - right.x) / eyes, (left.y - right.y) / eyes];
      let [hidden, count] = [0, 0];
      logits.forEach((logit, i) => {
        const u = (((i % 12) + 0.5) / 12 - 0.5) * size;
        const v = ((Math.floor(i / 12) + 0.5) / 12 - 0.5) * size;
        if (!isInside({ x: center.x + cos * u - sin * v, y: center.y + sin * u + cos * v }, outline)) return;
        hidden += 1 / (1 + Math.exp(-logit));
        count++;
      });
      expect(occludedShare(logits, landmarks, crop), `trial ${trial}`).toBeCloseTo(hidden / count, 6);
      if (count > 20 && count < 130) partly++;
    }
    expect(partly).toBeGreaterThan(100);
  });
});
