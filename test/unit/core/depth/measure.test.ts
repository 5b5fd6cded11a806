import { describe, expect, it } from 'vitest';
import { faceLattice, measureFace } from '../../../../src/main/core/depth/measure.ts';
import {
  faceSegment,
  FURTHEST_MM,
  latticeOver,
  NEAREST_MM,
  personSegment,
  sampleGrid,
} from '../../../../src/main/core/depth/segment.ts';
import { readFace } from '../../../../src/main/core/depth/verdict.ts';
import { Ellipsoid, rotation, Sheet, type Solid } from '../../../../src/main/science/depth/solids.ts';
import { boxOf, exactDepth } from '../../../fixtures/depth.ts';

const ball = new Ellipsoid('skin', [0, 0, 1075], [75, 75, 75]);
const wall = new Sheet([0, 0, 2000], { width: 9000, height: 9000 }, rotation(0, 0, 0));
const sheet = (yaw: number, pitch: number, roll: number, radius = Infinity, side = 400): Sheet =>
  new Sheet([0, 0, 1000], { width: side, height: side }, rotation(yaw, pitch, roll), radius);

const measured = (solids: readonly Solid[], side = 120): ReturnType<typeof measureFace> =>
  measureFace(exactDepth(solids), boxOf(side, side, 1000));

describe('what is measured of a thing in a box', () => {
  it('is its distance, and the width of the box there', () => {
    const measure = measured([sheet(0, 0, 0)]);
    expect(measure?.distanceMm).toBe(1000);
    expect(measure?.widthMm).toBeCloseTo(120, 6);
    expect(measure?.validShare).toBe(1);
    expect(measure?.faceShare).toBe(1);
  });

  it('is a sag of 33 mm for a sphere of 75 mm: 70² / (2 × 75)', () => {
    // Further from the middle a sphere falls back faster than its curvature says; hence a small box, and a little more.
    const sag = measured([ball, wall], 60)?.sagMm ?? NaN;
    expect(sag).toBeGreaterThan(32.6);
    expect(sag).toBeLessThan(36);
  });

  it.each([
    [0, 0, 0],
    [40, 0, 0],
    [-30, 25, 20],
  ])('is no sag and no relief for a sheet, turned by %d, %d and %d degrees', (yaw, pitch, roll) => {
    const measure = measured([sheet(yaw, pitch, roll), wall]);
    expect(Math.abs(measure?.sagMm ?? NaN)).toBeLessThan(0.15);
    expect(measure?.reliefMm).toBeLessThan(0.5);
  });

  it.each([
    [0, 0, 0],
    [0, 0, 90],
    [0, 0, 45],
    [35, 20, 30],
  ])('is 8.2 mm for one that is bent to 150 mm, turned by %d, %d and %d degrees', (yaw, pitch, roll) => {
    // 70² / (4 × 150) = 8.17; a cylinder, too, falls back faster further out.
    const sag = measured([sheet(yaw, pitch, roll, 150, 260), wall])?.sagMm ?? NaN;
    expect(sag).toBeGreaterThan(7.9);
    expect(sag).toBeLessThan(8.9);
  });

  it('is a sag below 0 for one that is hollow', () => {
    expect(measured([sheet(0, 0, 0, -150, 260), wall])?.sagMm).toBeCloseTo(-8.17, 0);
  });

  it('is a ring far behind a head, and one in the plane of a larger sheet', () => {
    expect(measured([ball, wall], 160)?.ringDropMm).toBeGreaterThan(400); // the wall; nearer in inverse depth than 1 m
    expect(Math.abs(measured([sheet(30, 0, 0), wall])?.ringDropMm ?? NaN)).toBeLessThan(1);
  });

  it('has no ring where too little of it has depth', () => {
    expect(measured([ball], 160)?.ringDropMm).toBeNull();
  });

  it('is nothing around a head, and all that is around of a wall', () => {
    expect(measured([ball, wall], 160)?.aroundShare).toBe(0);
    expect(measured([sheet(0, 0, 0, Infinity, 2000)], 160)?.aroundShare).toBe(1);
  });

  it('is a greatest share of what goes on around, not the mean: a cupboard that ends on the left', () => {
    const half = new Sheet([950, 0, 1000], { width: 2000, height: 2000 }, rotation(0, 0, 0));
    expect(measured([half, wall], 160)?.aroundShare).toBe(1);
  });

  it('is null without depth', () => {
    expect(measured([])).toBeNull();
    expect(readFace(exactDepth([]), boxOf(150, 150, 1000))).toEqual({ verdict: 'unknown', measure: null });
  });

  it('is null nearer and further than faces are judged', () => {
    const at = (mm: number): Sheet => new Sheet([0, 0, mm], { width: 9000, height: 9000 }, rotation(0, 0, 0));
    const measureAt = (mm: number): unknown => measureFace(exactDepth([at(mm)]), boxOf(150, 150, mm));
    expect(measureAt(NEAREST_MM - 1)).toBeNull();
    expect(measureAt(NEAREST_MM)).not.toBeNull();
    expect(measureAt(FURTHEST_MM)).not.toBeNull();
    expect(measureAt(FURTHEST_MM + 1)).toBeNull();
  });
});

describe('the readings that are looked at', () => {
  it('are about 1,500 in a box of any size, and reach beyond the picture', () => {
    for (const side of [30, 100, 300]) {
      const { step, columns, rows } = faceLattice({ x: -50, y: -50, width: side, height: side });
      expect((side / step) ** 2).toBeLessThanOrEqual(1500);
      expect(columns * step).toBeGreaterThanOrEqual(2 * side);
      expect(rows * step).toBeGreaterThanOrEqual(1.75 * side);
    }
  });

  it('are 0 outside the picture', () => {
    const depth = exactDepth([wall]);
    const grid = sampleGrid(depth, latticeOver({ x: -2, y: -1, width: 4, height: 2 }, 100));
    expect([...grid.mm]).toEqual([0, 0, 0, 0, 0, 0, 2000, 2000]);
  });
});

describe('a segment', () => {
  const box = boxOf(150, 150, 1000);
  const area = { x: 0, y: 0, width: 512, height: 424 };

  it('takes the nearest thing that fills enough of the core: a face behind a bar, not the bar', () => {
    const bar = new Sheet([0, 0, 800], { width: 12, height: 900 }, rotation(0, 0, 0));
    const depth = exactDepth([bar, ball, wall]);
    const segment = faceSegment(depth, sampleGrid(depth, faceLattice(box)), box);
    expect(segment?.distanceMm).toBeGreaterThan(1000);
    expect(segment?.distanceMm).toBeLessThan(1060);
  });

  it('of a face ends at its edge, and of its person takes the shoulders and leaves the wall', () => {
    const torso = new Ellipsoid('cloth', [0, 330, 1120], [220, 280, 120]);
    const depth = exactDepth([ball, torso, wall]);
    const face = faceSegment(depth, sampleGrid(depth, faceLattice(box)), box);
    expect(face).not.toBeNull();
    if (!face) return;
    const grid = sampleGrid(depth, latticeOver(area, 8000));
    const person = personSegment(depth, grid, face);
    const isIn = (x: number, y: number): boolean => {
      const column = Math.round((x - grid.left) / grid.step);
      return person.mask[Math.round((y - grid.top) / grid.step) * grid.columns + column] === 1;
    };
    expect(isIn(256, 212)).toBe(true); // face
    expect(isIn(256, 300)).toBe(true); // chest
    expect(isIn(100, 212)).toBe(false); // wall
    const faceNodes = face.mask.reduce((sum, one) => sum + one, 0);
    expect(faceNodes).toBeGreaterThan(0);
    const [first] = face.mask; // the corner of the looked-at area is wall
    expect(first).toBe(0);
  });
});
