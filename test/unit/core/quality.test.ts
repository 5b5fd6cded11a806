import { describe, expect, it } from 'vitest';
import {
  LOOK_SIZE,
  grayLook,
  insideShare,
  measureAppearance,
  overallQuality,
  qualityReason,
  type Quality,
  type QualityLimits,
} from '../../../src/main/core/quality.ts';
import { seeded } from '../../fixtures/seeded.ts';

const SIDE = 192;

function look(paint: (x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: LOOK_SIZE ** 2 }, (_, i) => paint(i % LOOK_SIZE, Math.floor(i / LOOK_SIZE)));
}

describe('the grey look', () => {
  it('is the middle pixel of every three by three of the tensor', () => {
    const tensor = new Float32Array(3 * SIDE * SIDE);
    // Red holds the column, green the row: 0.299 x + 0.587 y at x, y = 1, 4, 7, …
    for (let i = 0; i < SIDE * SIDE; i++) {
      tensor[i] = (i % SIDE) / 1000;
      tensor[SIDE * SIDE + i] = Math.floor(i / SIDE) / 1000;
    }
    const gray = grayLook(tensor);
    expect(gray).toHaveLength(64 * 64);
    for (const [x, y] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [63, 63],
      [17, 40],
    ])
      expect(gray[64 * y + x]).toBeCloseTo((0.299 * (3 * x + 1) + 0.587 * (3 * y + 1)) / 1000, 6);
  });

  it('weighs red 0.299, green 0.587 and blue 0.114', () => {
    [0.299, 0.587, 0.114].forEach((weight, plane) => {
      const tensor = new Float32Array(3 * SIDE * SIDE);
      tensor.fill(1, plane * SIDE * SIDE, (plane + 1) * SIDE * SIDE);
      for (const value of grayLook(tensor)) expect(value).toBeCloseTo(weight, 6);
    });
  });
});

describe('the appearance of a face', () => {
  it('without any structure has brightness and nothing else', () => {
    const { brightness, contrast, clipped, sharpness } = measureAppearance(look(() => 0.25));
    expect(brightness).toBe(63.75);
    expect(contrast).toBeCloseTo(0, 9);
    expect([clipped, sharpness]).toEqual([0, 0]);
  });

  it('in stripes one wide, two dark and two bright, has known numbers', () => {
    // 0 0 1 1 …: half is bright; (right − left) / 2 is ±0.5 everywhere, left + right − 2 · here is ±1: the quotient is 2.
    const { brightness, contrast, clipped, sharpness } = measureAppearance(look((x) => (x % 4 < 2 ? 0 : 1)));
    expect(brightness).toBeCloseTo(127.5, 9);
    expect(contrast).toBeCloseTo(127.5, 9);
    expect(clipped).toBeCloseTo(0.5, 9);
    expect(sharpness).toBeCloseTo(2, 9);
  });

  it.each([8, 12, 20])('in waves of %d has the sharpness 2 tan(π / wave length)', (period) => {
    // The curve of sin(w x) is 2 (1 − cos w) sin(w x), its slope sin(w) cos(w x). Over whole waves the quotient of the roots is
    // 2 (1 − cos w) / sin w = 2 tan(w / 2); the ellipse holds no whole waves, hence the tolerance.
    const { sharpness } = measureAppearance(look((x) => 0.5 + 0.4 * Math.sin((2 * Math.PI * x) / period)));
    expect(sharpness / (2 * Math.tan(Math.PI / period))).toBeCloseTo(1, 1);
  });

  it('is as sharp in rows as in columns', () => {
    const across = measureAppearance(look((x) => (x % 4 < 2 ? 0 : 1)));
    const down = measureAppearance(look((_, y) => (y % 4 < 2 ? 0 : 1)));
    expect(down.sharpness).toBeCloseTo(across.sharpness, 9);
  });

  it('is as sharp with little contrast as with much, and in the dark as in the light', () => {
    const random = seeded(11);
    const face = look(() => random());
    const faint = measureAppearance(face.map((value) => 0.1 + 0.05 * value));
    expect(faint.sharpness).toBeCloseTo(measureAppearance(face).sharpness, 4);
  });

  it('is less sharp when it is blurred', () => {
    const random = seeded(12);
    const sharp = look(() => random());
    const at = (x: number, y: number): number => sharp[Math.min(63, y) * 64 + Math.min(63, x)];
    const blurred = look((x, y) => (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4);
    expect(measureAppearance(blurred).sharpness).toBeLessThan(0.75 * measureAppearance(sharp).sharpness);
  });

  it('counts as clipped what is brighter than 250 of 255', () => {
    expect(measureAppearance(look(() => 250.5 / 255)).clipped).toBe(1);
    expect(measureAppearance(look(() => 249.5 / 255)).clipped).toBe(0);
  });

  it('is measured in an ellipse of 0.29 × 0.33 of the sides around the middle', () => {
    const random = seeded(13);
    const face = look(() => 0.9 * random());
    // Everything that the numbers are made of, pixel by pixel as the definition says.
    const inside = (x: number, y: number): boolean =>
      ((x - 31.5) / (0.29 * 64)) ** 2 + ((y - 31.5) / (0.33 * 64)) ** 2 <= 1;
    const values: number[] = [];
    let [slopes, curves] = [0, 0];
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 64; x++) {
        if (!inside(x, y)) continue;
        const at = (dx: number, dy: number): number => face[64 * (y + dy) + x + dx];
        values.push(at(0, 0));
        slopes += ((at(1, 0) - at(-1, 0)) / 2) ** 2 + ((at(0, 1) - at(0, -1)) / 2) ** 2;
        curves += (at(1, 0) + at(-1, 0) + at(0, 1) + at(0, -1) - 4 * at(0, 0)) ** 2;
      }
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const measured = measureAppearance(face);
    expect(measured.brightness).toBeCloseTo(255 * mean, 6);
    expect(measured.contrast).toBeCloseTo(255 * Math.sqrt(variance), 6);
    expect(measured.sharpness).toBeCloseTo(Math.sqrt(curves / slopes), 6);
    // π · 18.56 · 21.12 = 1,231
    expect(Math.abs(values.length - 1231)).toBeLessThan(20);
  });
});

const GOOD: Quality = {
  brightness: 128,
  contrast: 50,
  clipped: 0,
  sharpness: 1.2,
  interocularPx: 40,
  inside: 1,
  occlusion: 0,
  trackScore: 1,
  pose: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
};

const LIMITS: QualityLimits = {
  minInterocularPx: 12,
  minInside: 0.85,
  maxOcclusion: 0.06,
  minTrackScore: 0.9,
  minBrightness: 35,
  maxBrightness: 230,
  maxClipped: 0.3,
  minSharpness: 0.55,
  maxYawDeg: 40,
  maxPitchUpDeg: 35,
  maxPitchDownDeg: 45,
};

const pose = (yawDeg: number, pitchDeg: number, rollDeg = 0): Pick<Quality, 'pose'> => ({
  pose: { yawDeg, pitchDeg, rollDeg },
});

describe('the limits of a profile', () => {
  it('let a good face pass', () => {
    expect(qualityReason(GOOD, LIMITS)).toBeNull();
  });

  it('may be reached', () => {
    const atTheLow: Quality = {
      ...GOOD,
      interocularPx: 12,
      inside: 0.85,
      occlusion: 0.06,
      trackScore: 0.9,
      brightness: 35,
      clipped: 0.3,
      sharpness: 0.55,
      ...pose(40, 35, 180),
    };
    expect(qualityReason(atTheLow, LIMITS)).toBeNull();
    expect(qualityReason({ ...atTheLow, brightness: 230, ...pose(-40, -45) }, LIMITS)).toBeNull();
  });

  it.each<[Partial<Quality>, string]>([
    [{ interocularPx: 11.9 }, 'too_small'],
    [{ inside: 0.84 }, 'cut_off'],
    [{ brightness: 34.9 }, 'too_dark'],
    [{ brightness: 230.1 }, 'too_bright'],
    [{ clipped: 0.31 }, 'too_bright'],
    [pose(40.1, 0), 'extreme_pose'],
    [pose(-40.1, 0), 'extreme_pose'],
    [pose(0, 35.1), 'extreme_pose'],
    [pose(0, -45.1), 'extreme_pose'],
    [{ occlusion: 0.061 }, 'occluded'],
    [{ trackScore: 0.89 }, 'occluded'],
    [{ sharpness: 0.54 }, 'blurred'],
  ])('give %o the reason %s', (change, reason) => {
    expect(qualityReason({ ...GOOD, ...change }, LIMITS)).toBe(reason);
  });

  it('do not ask how a head leans', () => {
    expect(qualityReason({ ...GOOD, ...pose(0, 0, 179) }, LIMITS)).toBeNull();
  });

  it('give the first reason of several, in the order of the list', () => {
    const steps: readonly (readonly [Partial<Quality>, Partial<Quality>])[] = [
      [{ interocularPx: 1 }, { interocularPx: 40 }],
      [{ inside: 0 }, { inside: 1 }],
      [{ brightness: 1 }, { brightness: 128 }],
      [{ clipped: 1 }, { clipped: 0 }],
      [pose(90, 90), pose(0, 0)],
      [{ occlusion: 1 }, { occlusion: 0 }],
      [{ sharpness: 0 }, { sharpness: 1 }],
    ];
    let quality = steps.reduce((all, [bad]) => ({ ...all, ...bad }), GOOD);
    const reasons = steps.map(([, good]) => {
      const reason = qualityReason(quality, LIMITS);
      quality = { ...quality, ...good };
      return reason;
    });
    expect(reasons).toEqual([
      'too_small',
      'cut_off',
      'too_dark',
      'too_bright',
      'extreme_pose',
      'occluded',
      'blurred',
    ] satisfies typeof reasons);
    expect(qualityReason(quality, LIMITS)).toBeNull();
  });
});

describe('the overall quality', () => {
  it('is 1 where nothing more could be wished for', () => {
    expect(overallQuality(GOOD)).toBe(1);
    expect(overallQuality({ ...GOOD, interocularPx: 400, sharpness: 9 })).toBe(1);
  });

  it.each<[Partial<Quality>, number]>([
    [{ interocularPx: 10 }, 0.25], // of 40
    [{ inside: 0.8 }, 0.8],
    [{ sharpness: 0.3 }, 0.25], // of 1.2
    [{ brightness: 40 }, 0.5], // of 80
    [{ brightness: 225 }, 0.5], // 30 of 60 below 255
    [pose(-15, 10), 0.75], // 1 − 15 / 60
    [pose(5, -30), 0.5], // 1 − 30 / 60
    [{ occlusion: 0.05 }, 0.8], // 1 − 0.05 / 0.25
  ])('of %o is %d', (change, expected) => {
    expect(overallQuality({ ...GOOD, ...change })).toBeCloseTo(expected, 9);
  });

  it('is that of the weakest part', () => {
    expect(overallQuality({ ...GOOD, interocularPx: 30, inside: 0.6, occlusion: 0.05 })).toBeCloseTo(0.6, 9);
  });

  it('is never below 0', () => {
    expect(overallQuality({ ...GOOD, occlusion: 1 })).toBe(0);
    expect(overallQuality({ ...GOOD, ...pose(120, 0) })).toBe(0);
  });
});

describe('the share inside the frame', () => {
  it('is that of the box', () => {
    const box = { x: 90, y: 10, width: 20, height: 30 };
    expect(insideShare(box, { width: 100, height: 100 })).toBe(0.5);
    expect(insideShare(box, { width: 200, height: 100 })).toBe(1);
  });
});
