// Heads whose angles are known: four points, turned by matrices that say which way is which.
import { describe, expect, it } from 'vitest';
import { headPose, type HeadPose } from '../../../src/main/core/pose.ts';

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** Axes: x to the picture's right, y down, z away from the camera. A face looks at the camera along −z. */
const STRAIGHT: Readonly<Record<number, Vector>> = {
  10: [0, -80, 0],
  152: [0, 80, 0],
  234: [-70, 0, 0],
  454: [70, 0, 0],
};

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Takes the direction of the nose, −z, to the picture's right, +x. */
function yawMatrix(degrees: number): Matrix {
  const [c, s] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return [
    [c, 0, -s],
    [0, 1, 0],
    [s, 0, c],
  ];
}

/** Takes the direction of the nose, −z, up, −y. */
function pitchMatrix(degrees: number): Matrix {
  const [c, s] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return [
    [1, 0, 0],
    [0, c, s],
    [0, -s, c],
  ];
}

/** Takes the top of the head, −y, to the picture's right, +x: clockwise on the screen. */
function rollMatrix(degrees: number): Matrix {
  const [c, s] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return [
    [c, -s, 0],
    [s, c, 0],
    [0, 0, 1],
  ];
}

function times(matrix: Matrix, [x, y, z]: Vector): Vector {
  const [p, q, r] = matrix.map((row) => row[0] * x + row[1] * y + row[2] * z);
  return [p, q, r];
}

function meshOf(points: Readonly<Record<number, Vector>>, place: (point: Vector) => Vector): Float32Array {
  const mesh = new Float32Array(3 * 468).fill(NaN); // no other point may matter
  for (const [index, point] of Object.entries(points)) mesh.set(place(point), 3 * Number(index));
  return mesh;
}

/** First roll, then pitch, then yaw about the axes of the camera. */
function turned(yaw: number, pitch: number, roll: number): (point: Vector) => Vector {
  return (point) => times(yawMatrix(yaw), times(pitchMatrix(pitch), times(rollMatrix(roll), point)));
}

function expectPose(pose: HeadPose, yaw: number, pitch: number, roll: number): void {
  expect(pose.yawDeg).toBeCloseTo(yaw, 3);
  expect(pose.pitchDeg).toBeCloseTo(pitch, 3);
  expect(pose.rollDeg).toBeCloseTo(roll, 3);
}

describe('the pose of a head', () => {
  it('is nought for a face that looks into the camera', () => {
    expectPose(headPose(meshOf(STRAIGHT, (point) => point)), 0, 0, 0);
  });

  it('has yaw > 0 for a face that turns to the picture’s right', () => {
    // The side on the picture's left comes nearer to the camera, the other goes away.
    const mesh = meshOf({ ...STRAIGHT, 234: [-60, 0, -20], 454: [60, 0, 20] }, (point) => point);
    expectPose(headPose(mesh), 18.435, 0, 0); // atan(20 / 60)
  });

  it('has pitch > 0 for a face that looks up', () => {
    // The top of the head goes away from the camera, the chin comes nearer.
    const mesh = meshOf({ ...STRAIGHT, 10: [0, -60, 20], 152: [0, 60, -20] }, (point) => point);
    expectPose(headPose(mesh), 0, 18.435, 0);
  });

  it('has roll > 0 for a head that leans clockwise on the screen', () => {
    // The top goes to the picture's right, the chin to its left; the side on the right goes down.
    const mesh = meshOf(
      { 10: [20, -60, 0], 152: [-20, 60, 0], 234: [-60, -20, 0], 454: [60, 20, 0] },
      (point) => point,
    );
    expectPose(headPose(mesh), 0, 0, 18.435);
  });

  it.each([
    [30, 0, 0],
    [-30, 0, 0],
    [0, 25, 0],
    [0, -25, 0],
    [0, 0, 40],
    [0, 0, -40],
    [0, 0, 170],
    [35, -20, 15],
    [-50, 30, -25],
    [80, 60, 120],
    [-120, 10, 5],
  ])('is yaw %d, pitch %d, roll %d when it was turned so', (yaw, pitch, roll) => {
    expectPose(headPose(meshOf(STRAIGHT, turned(yaw, pitch, roll))), yaw, pitch, roll);
  });

  it('does not depend on place and size', () => {
    const turn = turned(20, -10, 30);
    const mesh = meshOf(STRAIGHT, (point) => {
      const [x, y, z] = turn(point);
      return [0.25 * x + 300, 0.25 * y + 200, 0.25 * z - 7];
    });
    expectPose(headPose(mesh), 20, -10, 30);
  });

  it('does not depend on a chin that is pushed to the side', () => {
    const crooked = { ...STRAIGHT, 152: [25, 80, 0] as const };
    expectPose(headPose(meshOf(crooked, turned(20, -10, 30))), 20, -10, 30);
  });
});
