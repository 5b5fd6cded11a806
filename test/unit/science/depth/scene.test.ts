import { describe, expect, it } from 'vitest';
import { MM_OF_RAW, mmOfRaw, registerDepth, V1_BASELINE } from '../../../../src/main/core/depth/disparity.ts';
import { CAMERAS } from '../../../../src/main/core/depth/pinhole.ts';
import { readFace } from '../../../../src/main/core/depth/verdict.ts';
import { randomScene, SCENE_KINDS } from '../../../../src/main/science/depth/scenes.ts';
import {
  depthOf,
  drawWarp,
  look,
  rawPicture,
  SensorErrors,
  wholePicture,
  type View,
} from '../../../../src/main/science/depth/sensor.ts';
import { Ellipsoid, rotation, Sheet, type Ray, type Solid } from '../../../../src/main/science/depth/solids.ts';
import { DEPTH_CASES, studyDepth } from '../../../../src/main/science/depth/study.ts';
import { seeded } from '../../../fixtures/seeded.ts';

const ray = (dx: number, dy: number): Ray => ({ ox: 0, oy: 0, oz: 0, dx, dy, dz: 1 });
const upright = rotation(0, 0, 0);
const plane = (mm: number): Sheet => new Sheet([0, 0, mm], { width: 20_000, height: 20_000 }, upright);

describe('a ray', () => {
  it('meets a ball in front', () => {
    const ball = new Ellipsoid('skin', [0, 0, 1000], [100, 200, 100]);
    expect(ball.hit(ray(0, 0))).toBeCloseTo(900, 9);
    expect(ball.hit(ray(0.2, 0))).toBe(Infinity);
    expect(ball.hit({ ...ray(0, 0), dz: -1 })).toBe(Infinity); // behind the camera
  });

  it('meets what was raised, as seen from the thing itself', () => {
    const nose = (x: number, y: number, z: number): number => (z < 0 && Math.hypot(x, y) < 1 ? 20 : 0);
    expect(new Ellipsoid('skin', [0, 0, 1000], [100, 100, 100], upright, nose).hit(ray(0, 0))).toBeCloseTo(880, 9);
    expect(new Ellipsoid('skin', [0, 0, 1000], [100, 100, 100], rotation(180, 0, 0), nose).hit(ray(0, 0))).toBeCloseTo(
      900,
      9,
    );
  });

  it('meets a sheet as far as it reaches, and a turned one further away on one side', () => {
    const sheet = new Sheet([0, 0, 1000], { width: 200, height: 100 }, upright);
    expect(sheet.hit(ray(0.099, 0.049))).toBeCloseTo(1000, 9);
    expect(sheet.hit(ray(0.101, 0))).toBe(Infinity);
    expect(sheet.hit(ray(0, 0.051))).toBe(Infinity);
    // Turned by 45° its x axis is (cos, 0, −sin): z = 1000 − x, met by x = 0.1 z at 1000 / 1.1.
    const turned = new Sheet([0, 0, 1000], { width: 400, height: 400 }, rotation(45, 0, 0));
    expect(turned.hit(ray(0.1, 0))).toBeCloseTo(1000 / 1.1, 6);
  });

  it('meets a bent sheet where its cylinder is', () => {
    const size = { width: 200, height: 200 };
    const [bulging, hollow] = [150, -150].map((radius) => new Sheet([0, 0, 1000], size, upright, radius));
    expect(bulging.hit(ray(0, 0))).toBeCloseTo(1000, 6);
    expect(hollow.hit(ray(0, 0))).toBeCloseTo(1000, 6);
    // 60 mm aside a cylinder of 150 mm lies 150 − √(150² − 60²) = 12.5 mm back, or before.
    expect(bulging.hit(ray(60 / 1012.523, 0))).toBeCloseTo(1012.523, 2);
    expect(hollow.hit(ray(60 / 987.477, 0))).toBeCloseTo(987.477, 2);
    // 100 mm along the paper are sin(100/150) × 150 = 92.8 mm aside, and 32 mm back.
    expect(bulging.hit(ray(92 / 1031.5, 0))).toBeLessThan(1100);
    expect(bulging.hit(ray(94 / 1032, 0))).toBe(Infinity);
  });
});

const correlation = (values: Float64Array, columns: number, aside: number): number => {
  let [sum, square, pairs] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    square += values[i] ** 2;
    if ((i % columns) + aside >= columns) continue;
    sum += values[i] * values[i + aside];
    pairs++;
  }
  return sum / pairs / (square / values.length);
};

describe('a synthetic Kinect', () => {
  const view = (solids: readonly Solid[], sensor: View['sensor'], random = seeded(1)): View =>
    look(
      solids,
      sensor === 'kinect-v1' ? CAMERAS.v1Color : CAMERAS.v2Depth,
      sensor,
      wholePicture(CAMERAS.v2Depth),
      random,
    );

  it('errs by one standard deviation, together with its neighbours', () => {
    const seen = view([], 'kinect-v1');
    const { values } = SensorErrors.draw(seen, seeded(2));
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(variance).toBeCloseTo(1, 1);
    expect(correlation(values, 512, 3)).toBeCloseTo(0.5, 1); // half of a window of 6
    expect(correlation(values, 512, 8)).toBeCloseTo(0, 1);
    const v2 = SensorErrors.draw(view([], 'kinect-v2'), seeded(3)).values;
    expect(correlation(v2, 512, 1)).toBeCloseTo(2 / 3, 1);
  });

  it('errs again in a later frame by the share that is asked for', () => {
    const seen = view([], 'kinect-v2');
    const first = SensorErrors.draw(seen, seeded(2));
    const later = first.mixed(SensorErrors.draw(seen, seeded(4)), 0.25);
    const product = first.values.reduce((sum, value, i) => sum + value * later.values[i], 0) / first.values.length;
    expect(product).toBeCloseTo(0.5, 1); // √0.25
  });

  it('of version 1 gives the noise that is published, in whole raw values', () => {
    const seen = view([plane(2000)], 'kinect-v1');
    const { mm } = depthOf(seen, SensorErrors.draw(seen, seeded(5)), 0, seeded(6));
    const known = [...mm].filter((depth) => depth > 0);
    const mean = known.reduce((sum, depth) => sum + depth, 0) / known.length;
    const sigma = Math.sqrt(known.reduce((sum, depth) => sum + (depth - mean) ** 2, 0) / known.length);
    expect(mean).toBeGreaterThan(1997);
    expect(mean).toBeLessThan(2003);
    expect(sigma / 5.7).toBeGreaterThan(0.9);
    expect(sigma / 5.7).toBeLessThan(1.1);
    const table = new Set(MM_OF_RAW);
    expect(known.every((depth) => table.has(depth))).toBe(true);
  });

  it('of version 1 has a shadow to the left of a near thing, version 2 has none', () => {
    const card = new Sheet([0, 0, 800], { width: 100, height: 100 }, upright);
    const row = 240 * 512;
    const lost = view([card, plane(1600)], 'kinect-v1').isLost.subarray(row, row + 512);
    const columns = [...lost.keys()].filter((column) => lost[column] !== 0);
    // The card ends 50 mm left: pixel 320 − 32.8. Its shadow reaches 525 × 75 × (1/800 − 1/1600) = 24.6 pixels further, less 525 × 25 × … that the colour camera sees behind.
    expect(Math.max(...columns)).toBeLessThan(320 - 32);
    expect(columns.length).toBeGreaterThan(10);
    expect(columns.length).toBeLessThan(26);
    expect(view([card, plane(1600)], 'kinect-v2').isLost.some((value) => value !== 0)).toBe(false);
  });

  it('sees nothing beyond its range or where nothing is', () => {
    const seen = view([], 'kinect-v1');
    const errors = SensorErrors.draw(seen, seeded(1));
    expect(depthOf(seen, errors, 0, seeded(1)).mm.every((depth) => depth === 0)).toBe(true);
    expect(depthOf(view([plane(11_000)], 'kinect-v1'), errors, 0, seeded(1)).mm.every((depth) => depth === 0)).toBe(
      true,
    );
  });

  it('gives raw pictures that lie over colour once they are registered', () => {
    const random = seeded(7);
    const { solids, box } = randomScene('face', 900, CAMERAS.v1Color, random);
    const raw = rawPicture(solids, random);
    expect(raw.length).toBe(640 * 480);
    expect(raw.every((value) => value < 2048)).toBe(true);
    const mm = Uint16Array.from(raw, (value) => MM_OF_RAW[value]);
    const depth = registerDepth(mm, CAMERAS.v1Depth, CAMERAS.v1Color, V1_BASELINE, 'kinect-v1');
    const { verdict, measure } = readFace(depth, box);
    expect(verdict).toBe('accept');
    // The face's middle is some mm behind its front, and what one camera sees at 900 mm the other does at the same depth.
    expect(measure?.distanceMm).toBeGreaterThan(880);
    expect(measure?.distanceMm).toBeLessThan(960);
    const straight = look(solids, CAMERAS.v1Color, 'kinect-v1', wholePicture(CAMERAS.v1Color), seeded(8));
    const colored = depthOf(straight, SensorErrors.draw(straight, seeded(9)), 0, seeded(9));
    expect(Math.abs((readFace(colored, box).measure?.sagMm ?? NaN) - (measure?.sagMm ?? NaN))).toBeLessThan(4);
  });
});

describe('the study of depth', () => {
  it('has two sensors, four things and seven distances', () => {
    expect(DEPTH_CASES).toHaveLength(2 * SCENE_KINDS.length * 7);
  });

  it('gives the same again for the same seed, and other scenes for another', () => {
    const scene = (seed: number): unknown => randomScene('photo', 1200, CAMERAS.v2Depth, seeded(seed)).box;
    expect(scene(1)).toEqual(scene(1));
    expect(scene(1)).not.toEqual(scene(2));
    const [one] = DEPTH_CASES;
    expect(studyDepth(one, 3, 0.5, 1)).toEqual(studyDepth(one, 3, 0.5, 1));
  });

  it.each(['kinect-v1', 'kinect-v2'] as const)('accepts faces and rejects flat pictures of a %s', (sensor) => {
    for (const distanceMm of [600, 1800]) {
      const study = (scene: (typeof SCENE_KINDS)[number]): ReturnType<typeof studyDepth> =>
        studyDepth({ sensor, scene, distanceMm }, 8, 0.5, 11);
      for (const counts of [study('face').single, study('face').averaged])
        expect(counts).toMatchObject({ accepted: 8, rejected: 0, unknown: 0 });
      for (const scene of ['photo', 'poster'] as const)
        expect(study(scene).single).toMatchObject({ accepted: 0, rejected: 8, unknown: 0 });
      const { accepted, rejected, unknown } = study('bent_photo').averaged;
      expect(accepted).toBe(0);
      expect(rejected + unknown).toBe(8);
    }
  });

  it('bends planes by a little, in both directions', () => {
    const random = seeded(3);
    const warps = Array.from({ length: 200 }, () => drawWarp(random));
    expect(Math.min(...warps)).toBeLessThan(0);
    expect(Math.max(...warps.map(Math.abs))).toBeLessThan(0.15 * 4);
  });

  it('knows that raw values of a Kinect v1 lie 2.9 mm apart at 1 m', () => {
    expect(mmOfRaw(731) - mmOfRaw(730)).toBeCloseTo(2.85e-6 * mmOfRaw(730.5) ** 2, 1);
  });
});
