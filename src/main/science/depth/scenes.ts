// Scenes with one thing that a detector takes for a face: a head, a photograph held before a body, a poster, a bent photograph.
import type { Box } from '../../core/geometry.ts';
import type { Pinhole } from '../../core/depth/pinhole.ts';
import { Ellipsoid, Sheet, rotation, type Solid, type Vector } from './solids.ts';

export const SCENE_KINDS = ['face', 'photo', 'poster', 'bent_photo'] as const;
export type SceneKind = (typeof SCENE_KINDS)[number];

export interface Scene {
  readonly solids: readonly Solid[];
  /** Where a detector sees the face, in pixels of the camera that it was made for. */
  readonly box: Box;
}

type Random = () => number;

const between = (random: Random, least: number, most: number): number => least + (most - least) * random();

/** A scene whose face is `distanceMm` away from the colour camera, at a random place in its picture. */
export function randomScene(kind: SceneKind, distanceMm: number, camera: Pinhole, random: Random): Scene {
  // A detector's box is as wide as the face or wider, and about as high; of a printed face it has any size that a head could have.
  const breadth = kind === 'face' ? between(random, 130, 158) : between(random, 110, 190);
  const [width, height] = [breadth * between(random, 1, 1.25), breadth * between(random, 1.05, 1.35)];
  const pixels = camera.focalPx / distanceMm;
  const free = (side: number, length: number): number => Math.max(0, 0.8 * (side / 2 - (pixels * length) / 2));
  const x = between(random, -1, 1) * free(camera.width, width);
  const y = between(random, -1, 1) * free(camera.height, height);
  const at: Vector = [x / pixels, y / pixels, distanceMm];
  const shift = (length: number): number => between(random, -0.05, 0.05) * length;
  const box = {
    x: camera.centerX + x + pixels * (shift(width) - width / 2),
    y: camera.centerY + y + pixels * (shift(height) - height / 2),
    width: pixels * width,
    height: pixels * height,
  };
  const size = { width, height };
  switch (kind) {
    case 'face':
      return { box, solids: [...person(at, breadth, random), ...background(at, random)] };
    case 'photo':
      return { box, solids: [...held(at, size, Infinity, random), ...background(at, random)] };
    case 'bent_photo': {
      const radius = between(random, 150, 400) * (random() < 0.7 ? 1 : -1);
      const side = Math.max(width, height); // paper that is bent askew must show the face all the same
      return { box, solids: [...held(at, { width: side, height: side }, radius, random), ...background(at, random)] };
    }
    case 'poster':
      return { box, solids: [wall(at, between(random, -40, 40), random)] };
  }
}

/**
 * A head that looks about at the camera, hair, a neck and shoulders. `at` is the front of the face, on the ellipsoid without its relief; the head
 * lies behind it, seen from the camera.
 */
function person(at: Vector, breadth: number, random: Random): Solid[] {
  const degrees = (length: number): number => (Math.atan2(length, at[2]) * 180) / Math.PI;
  const yaw = degrees(at[0]) + between(random, -35, 35);
  const pitch = -degrees(at[1]) + between(random, -20, 20);
  const axes = rotation(yaw, pitch, between(random, -15, 15));
  // Breadth, height and length of adult heads; the face lies below the middle.
  const radii: Vector = [breadth / 2 + between(random, 3, 8), between(random, 105, 122), between(random, 90, 102)];
  const low = 22;
  const behindFace = radii[2] / Math.hypot(...at);
  const center: Vector = [at[0] * (1 + behindFace), at[1] * (1 + behindFace) - low, at[2] * (1 + behindFace)];
  const head = new Ellipsoid('skin', center, radii, axes, faceRelief(random));
  const thick = between(random, 4, 22);
  const hair = new Ellipsoid(
    'hair',
    [center[0], center[1] - thick, center[2] + 32],
    [radii[0] + thick * between(random, 0.5, 1), radii[1] + thick / 2, radii[2] - 12],
    axes,
    strands(random),
  );
  const chin = center[1] + radii[1];
  const neck = new Ellipsoid('skin', [center[0], chin + 10, center[2] + 15], [60, 130, 58]);
  const torso = new Ellipsoid(
    'cloth',
    [center[0], chin + between(random, 330, 370), center[2] + 20],
    [between(random, 190, 240), 300, between(random, 105, 140)],
  );
  const long = new Ellipsoid(
    'hair',
    [center[0], center[1] + 60, center[2] + 45],
    [105, 170, 45],
    axes,
    strands(random),
  );
  const behind: Vector = [center[0], center[1], center[2] + between(random, 115, 180)];
  const rest = new Sheet(behind, { width: 300, height: 260 }, rotation(between(random, -15, 15), 0, 0));
  return [head, hair, neck, torso, ...(random() < 0.3 ? [long] : []), ...(random() < 0.15 ? [rest] : [])];
}

const bump = (distance: number, width: number): number => Math.exp(-(distance ** 2) / (2 * width ** 2));

/** Nose, brow, eyes, mouth and chin; and how much flatter than an ellipsoid this face is in front. */
function faceRelief(random: Random): (x: number, y: number, z: number) => number {
  const nose = between(random, 14, 26);
  const brow = between(random, 1, 6);
  const eyes = between(random, 3, 9);
  const chin = between(random, 2, 9);
  const flat = between(random, 0, 18);
  return (x, y, z) => {
    if (z > 0) return 0;
    const below = y - 22;
    return (
      nose * bump(x, 10) * bump(below - 10, 18) +
      brow * bump(x, 42) * bump(below + 36, 10) -
      eyes * bump(Math.abs(x) - 32, 12) * bump(below + 20, 10) +
      3 * bump(x, 26) * bump(below - 45, 9) +
      chin * bump(x, 20) * bump(below - 76, 14) -
      flat * bump(Math.hypot(x, below), 45)
    );
  };
}

/** Hair, uneven by some mm. */
function strands(random: Random): (x: number, y: number, z: number) => number {
  const [a, b, depth] = [between(random, 4, 9), between(random, 6, 14), between(random, 1, 5)];
  return (x, y, z) => depth * (Math.sin(x / a + y / b) + Math.sin(y / a - z / b));
}

/** A photograph in two hands, before a body and sometimes before its face. It shows the hair, too, so it is larger than the face. */
function held(at: Vector, face: { width: number; height: number }, radius: number, random: Random): Solid[] {
  const margin = between(random, 1.25, 2.4);
  const size = { width: face.width * margin, height: face.height * margin * between(random, 1, 1.3) };
  // Paper is bent upright, lying or askew; a flat sheet is turned the same way without being bent.
  const roll = Number.isFinite(radius) ? between(random, -90, 90) : between(random, -20, 20);
  const sheet = new Sheet(at, size, rotation(between(random, -40, 40), between(random, -30, 30), roll), radius);
  const aside = size.width / 2 + 8;
  const hands = [-1, 1].map(
    (side) => new Ellipsoid('skin', [at[0] + side * aside, at[1] + between(random, 0, 60), at[2]], [30, 45, 30]),
  );
  const behind = at[2] + between(random, 150, 400);
  const down = between(random, 80, 420);
  const torso = new Ellipsoid('cloth', [at[0], at[1] + down, behind + 60], [215, 300, 120]);
  const head = new Ellipsoid('skin', [at[0], at[1] + down - 430, behind + 40], [76, 112, 96]);
  return [sheet, ...hands, torso, head];
}

/** A room behind, or nothing that the sensor can reach. */
function background(at: Vector, random: Random): Solid[] {
  if (random() < 0.2) return [];
  return [wall([at[0], at[1], at[2] + between(random, 300, 2500)], between(random, -30, 30), random)];
}

const wall = (at: Vector, yaw: number, random: Random): Sheet =>
  new Sheet(at, { width: 20_000, height: 20_000 }, rotation(yaw, between(random, -10, 10), 0));
