import { describe, expect, it } from 'vitest';
import type { Affine, Point, Region } from '../../../src/main/core/geometry.ts';
import {
  MESH_POINTS,
  boxOfMesh,
  eyeCenters,
  faceCropRegion,
  interocularDistance,
  landmarks68,
  meshInFrame,
  meshToFrame,
  regionOfDetection,
  regionOfMesh,
  type Landmarks68,
  type Mesh,
} from '../../../src/main/core/landmarks.ts';
import { boxAround, frontalMesh } from '../../fixtures/fake-faces.ts';
import { seeded } from '../../fixtures/seeded.ts';

const degrees = (radians: number): number => (radians * 180) / Math.PI;

/** A point turned clockwise, as seen on the screen, around another. */
function turned({ x, y }: Point, angle: number, around: Point): Point {
  const [dx, dy] = [x - around.x, y - around.y];
  return {
    x: around.x + Math.cos(angle) * dx - Math.sin(angle) * dy,
    y: around.y + Math.sin(angle) * dx + Math.cos(angle) * dy,
  };
}

const at = (points: ArrayLike<number>, i: number, step: 2 | 3): Point => ({
  x: points[step * i],
  y: points[step * i + 1],
});

function turnedMesh(mesh: Mesh, angle: number, around: Point): Mesh {
  const result = Float32Array.from(mesh);
  for (let i = 0; i < MESH_POINTS; i++) {
    const { x, y } = turned(at(mesh, i, 3), angle, around);
    result.set([x, y], 3 * i);
  }
  return result;
}

/** Landmarks of which only some matter; the others lie far away. */
function landmarksWith(points: Readonly<Record<number, readonly [x: number, y: number]>>): Landmarks68 {
  const landmarks = new Float32Array(136).fill(-9999);
  for (const [i, point] of Object.entries(points)) landmarks.set(point, 2 * Number(i));
  return landmarks;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Landmarks with both eyes and the outer lip in single points. */
function faceWith(right: Point, left: Point, mouth: Point): Landmarks68 {
  const landmarks = landmarksWith({});
  for (const i of range(36, 41)) landmarks.set([right.x, right.y], 2 * i);
  for (const i of range(42, 47)) landmarks.set([left.x, left.y], 2 * i);
  for (const i of range(48, 59)) landmarks.set([mouth.x, mouth.y], 2 * i);
  return landmarks;
}

describe('the 68 points', () => {
  it('are those of the mesh that were measured to fit, in the order of iBUG', () => {
    const mesh = Float32Array.from({ length: 3 * MESH_POINTS }, (_, i) => i);
    const landmarks = landmarks68(mesh);
    const points = range(0, 67).map((i) => [landmarks[2 * i] / 3, (landmarks[2 * i + 1] - 1) / 3]);
    const measured = [
      ...[162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389, 71, 63, 105, 66, 107],
      ...[336, 296, 334, 293, 301, 168, 197, 5, 4, 75, 97, 2, 326, 305, 33, 160, 158, 133, 153, 144, 362, 385, 387],
      ...[263, 373, 380, 61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87],
    ];
    expect(points).toEqual(measured.map((point) => [point, point]));
  });

  it('give the middle of each eye as the mean of its six points', () => {
    const [right, left] = [
      [10, 20, 30, 40, 50, 60],
      [110, 120, 130, 140, 150, 190],
    ];
    const landmarks = landmarksWith({
      ...Object.fromEntries(right.map((x, i) => [36 + i, [x, i]])),
      ...Object.fromEntries(left.map((x, i) => [42 + i, [x, 10 * i]])),
    });
    expect(eyeCenters(landmarks)).toEqual({ right: { x: 35, y: 2.5 }, left: { x: 140, y: 25 } });
    expect(interocularDistance(landmarks)).toBeCloseTo(Math.hypot(105, 22.5), 9);
  });
});

describe('the box of a mesh', () => {
  it('just holds all points', () => {
    const mesh = frontalMesh(100, 80, 40);
    mesh.set([70, 90, 5], 3 * 17);
    mesh.set([110, 130, 5], 3 * 400);
    expect(boxOfMesh(mesh)).toEqual({ x: 70, y: 60, width: 50, height: 70 });
  });

  it('may lie outside the frame', () => {
    expect(boxOfMesh(frontalMesh(-100, -80, 40))).toEqual({ x: -120, y: -100, width: 40, height: 40 });
  });
});

describe('the region in which the mesh is looked for', () => {
  it('is one and a half times the longer side of a detection, turned to its eyes', () => {
    const keypoints = [
      { x: 90, y: 80 },
      { x: 110, y: 100 },
    ];
    const region = regionOfDetection({
      box: { x: 60, y: 50, width: 80, height: 100 },
      score: 1,
      keypoints,
      isAtEdge: false,
    });
    expect(region.center).toEqual({ x: 100, y: 100 });
    expect(region.size).toBeCloseTo(150, 9);
    expect(degrees(region.angle)).toBeCloseTo(45, 9);
  });

  it('is the same for a face that was followed as for one that was detected at the same place', () => {
    const [right, left] = [
      { x: 85, y: 72.5 },
      { x: 115, y: 72.5 },
    ];
    const detected = regionOfDetection({
      box: boxAround(100, 80),
      score: 1,
      keypoints: [right, left],
      isAtEdge: false,
    });
    expect(regionOfMesh(frontalMesh(100, 80))).toEqual(detected);
  });

  it.each([-170, -90, -30, 0, 12, 45, 100, 180])('turns with a face that is turned by %d degrees', (turn) => {
    const random = seeded(turn + 1000);
    const angle = (turn * Math.PI) / 180;
    const upright = frontalMesh(0, 0, 100);
    for (let i = 0; i < MESH_POINTS; i++) {
      if (![33, 263].includes(i)) upright.set([80 * random() - 40, 120 * random() - 50, 0], 3 * i);
    }
    upright.set([-50, 10, 0], 0); // left side
    upright.set([60, 0, 0], 30); // right side
    upright.set([5, -70, 0], 60); // top
    upright.set([-5, 90, 0], 90); // bottom: 110 wide, 160 high, its middle at 5, 10
    const center = { x: 300, y: 200 };
    const mesh = turnedMesh(upright, angle, { x: 0, y: 0 }).map((value, i) => value + [300, 200, 0][i % 3]);
    const region = regionOfMesh(mesh);
    const middle = turned({ x: center.x + 5, y: center.y + 10 }, angle, center);
    expect(region.center.x).toBeCloseTo(middle.x, 3);
    expect(region.center.y).toBeCloseTo(middle.y, 3);
    expect(region.size).toBeCloseTo(1.5 * 160, 3);
    expect(Math.cos(region.angle - angle)).toBeCloseTo(1, 9);
  });
});

describe('the mesh in the frame', () => {
  const region: Region = { center: { x: 300, y: 200 }, size: 96, angle: 0 };
  const through = (map: Affine, x: number, y: number): number[] =>
    [map.a * x + map.b * y + map.c, map.d * x + map.e * y + map.f].map((value) => Number(value.toFixed(6)));

  it('lies where the region was cut: 192 input pixels fill it', () => {
    const map = meshToFrame(region);
    expect(through(map, 0, 0)).toEqual([252, 152]);
    expect(through(map, 192, 0)).toEqual([348, 152]);
    expect(through(map, 96, 96)).toEqual([300, 200]);
    expect(through(map, 192, 192)).toEqual([348, 248]);
  });

  it('is turned clockwise with its region', () => {
    const map = meshToFrame({ ...region, angle: Math.PI / 2 });
    expect(through(map, 96, 96)).toEqual([300, 200]);
    expect(through(map, 192, 96)).toEqual([300, 248]); // what was right of the middle is below it
    expect(through(map, 96, 192)).toEqual([252, 200]);
  });

  it('has its depth in the same scale, and what the network gave stays as it was', () => {
    const points = new Float32Array(3 * MESH_POINTS);
    points.set([192, 96, 20]);
    points.set([0, 0, -8], 3 * (MESH_POINTS - 1));
    const before = Float32Array.from(points);
    const mesh = meshInFrame(points, meshToFrame({ ...region, angle: Math.PI / 2 }));
    expect(points).toEqual(before);
    expect(mesh).toHaveLength(3 * MESH_POINTS);
    // 96 pixels for 192: everything is half as large.
    [300, 248, 10].forEach((value, i) => expect(mesh[i]).toBeCloseTo(value, 3));
    [348, 152, -4].forEach((value, i) => expect(mesh[3 * (MESH_POINTS - 1) + i]).toBeCloseTo(value, 3));
  });
});

describe('the crop of a face', () => {
  const [right, left] = [
    { x: 80, y: 100 },
    { x: 120, y: 100 },
  ];

  it('is a multiple of twice the way from the eyes to the mouth, around the middle between them', () => {
    // From (100, 100) to (100, 150): the size is 100.
    const landmarks = faceWith(right, left, { x: 100, y: 150 });
    expect(faceCropRegion(landmarks, { scale: 1, down: 0 })).toEqual({
      center: { x: 100, y: 125 },
      size: 100,
      angle: 0,
    });
    const { center, size } = faceCropRegion(landmarks, { scale: 1.6, down: 0.1 });
    expect([center.x, center.y, size]).toEqual([100, 135, 160]);
  });

  it('goes by the distance of the eyes where the head is raised or lowered so far that this is larger', () => {
    const landmarks = faceWith(right, left, { x: 100, y: 120 });
    const region = faceCropRegion(landmarks, { scale: 1, down: 0 });
    expect(region).toEqual({ center: { x: 100, y: 110 }, size: 80, angle: 0 });
  });

  it('takes the middle of the outer lip for the mouth', () => {
    const landmarks = faceWith(right, left, { x: 100, y: 140 });
    for (const i of range(60, 67)) landmarks.set([100, 500], 2 * i); // the inner lip does not count
    landmarks.set([100, 200], 2 * 57); // one of twelve, 60 lower: the middle is 5 lower
    expect(faceCropRegion(landmarks, { scale: 1, down: 0 }).center.y).toBeCloseTo(122.5, 9);
  });

  it.each([-120, -20, 30, 90, 180])(
    'turns, with its shift down the face, when the face turns by %d degrees',
    (turn) => {
      const angle = (turn * Math.PI) / 180;
      const pivot = { x: 60, y: 210 };
      const crop = { scale: 1.4, down: 0.2 };
      const upright = faceCropRegion(faceWith(right, left, { x: 104, y: 150 }), crop);
      const [r, l, m] = [right, left, { x: 104, y: 150 }].map((point) => turned(point, angle, pivot));
      const region = faceCropRegion(faceWith(r, l, m), crop);
      const center = turned(upright.center, angle, pivot);
      expect(region.size).toBeCloseTo(upright.size, 3);
      expect(region.center.x).toBeCloseTo(center.x, 3);
      expect(region.center.y).toBeCloseTo(center.y, 3);
      expect(Math.cos(region.angle - angle)).toBeCloseTo(1, 9);
    },
  );
});
