import { describe, expect, it } from 'vitest';
import { faceShape } from '../../../src/main/core/face-shape.ts';

/** Eyes at x 100 and 200, height 100; the mouth from 120 to 180 at height 200; the nose's tip at 150. */
function face(changes: Readonly<Record<number, readonly [number, number]>> = {}): Float32Array {
  const points = new Float32Array(136);
  const set = (i: number, x: number, y: number): void => points.set([x, y], 2 * i);
  for (let i = 36; i < 42; i++) set(i, 100, 100);
  for (let i = 42; i < 48; i++) set(i, 200, 100);
  set(30, 150, 150);
  set(48, 120, 200);
  set(54, 180, 200);
  set(51, 150, 195);
  set(57, 150, 205);
  set(62, 150, 200);
  set(66, 150, 200);
  for (const [i, [x, y]] of Object.entries(changes)) set(Number(i), x, y);
  return points;
}

describe('the shape of a face', () => {
  it('is 0 everywhere for a closed, level mouth under a nose in the middle', () => {
    expect(faceShape(face())).toEqual({ mouthRatio: 0, cornerOffset: 0, noseOffset: 0 });
  });

  it('measures the opening of the lips by the width of the mouth', () => {
    expect(faceShape(face({ 66: [150, 212] }))?.mouthRatio).toBeCloseTo(12 / 60, 6);
  });

  it('measures the opening along any direction', () => {
    expect(faceShape(face({ 62: [147, 200], 66: [150, 204] }))?.mouthRatio).toBeCloseTo(5 / 60, 6);
  });

  it('has corners below the lips above 0, and above them below 0, by the distance between the eyes', () => {
    expect(faceShape(face({ 48: [120, 206], 54: [180, 210] }))?.cornerOffset).toBeCloseTo(8 / 100, 6);
    expect(faceShape(face({ 48: [120, 194], 54: [180, 196] }))?.cornerOffset).toBeCloseTo(-5 / 100, 6);
  });

  it('has a nose to the left of the middle between the eyes below 0', () => {
    expect(faceShape(face({ 30: [130, 150] }))?.noseOffset).toBeCloseTo(-0.2, 6);
    expect(faceShape(face({ 30: [165, 150] }))?.noseOffset).toBeCloseTo(0.15, 6);
  });

  it('takes the middle of six points for an eye', () => {
    const shape = faceShape(face({ 36: [88, 100], 39: [118, 100] })); // its middle: (88 + 118 + 4 × 100) / 6 = 101
    expect(shape?.noseOffset).toBeCloseTo((150 - (101 + 200) / 2) / 99, 6);
  });

  it('is not known where the eyes coincide or the mouth has no width', () => {
    const oneEye = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [36 + i, [150, 100] as const]));
    expect(faceShape(face(oneEye))).toBeNull();
    expect(faceShape(face({ 54: [120, 200] }))).toBeNull();
    expect(faceShape(face({ 40: [NaN, 100] }))).toBeNull();
  });
});
