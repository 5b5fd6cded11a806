import { describe, expect, it } from 'vitest';
import { MM_OF_RAW, mmOfRaw, rawOfMm, registerDepth, V1_BASELINE } from '../../../../src/main/core/depth/disparity.ts';
import { CAMERAS, type Pinhole } from '../../../../src/main/core/depth/pinhole.ts';

describe('raw depth of a Kinect v1', () => {
  it('is 882 mm for 699 with the pixel size of a known device', () => {
    // m = (−25.25 − 0.375) × 0.1052 = −2.69575; 10 × (−323.49 / 10.19575 + 120) = 882.72
    expect(mmOfRaw(699, 0.1052)).toBeCloseTo(882.72, 2);
  });

  it('is 884 mm for 699 with that of libfreenect, cut off and not rounded', () => {
    // m = −25.625 × 0.1042 = −2.670125; 10 × (−320.415 / 10.170125 + 120) = 884.94
    expect(mmOfRaw(699)).toBeCloseTo(884.94, 2);
    expect(MM_OF_RAW[699]).toBe(884);
  });

  it('means nothing when it is too near, too far, or no value', () => {
    expect(MM_OF_RAW).toHaveLength(2048);
    expect([MM_OF_RAW[0], MM_OF_RAW[1083], MM_OF_RAW[1084], MM_OF_RAW[2047]]).toEqual([0, 0, 0, 0]);
    const known = [...MM_OF_RAW.keys()].filter((raw) => MM_OF_RAW[raw] > 0);
    expect(MM_OF_RAW[known[0]]).toBeGreaterThanOrEqual(400);
    expect(MM_OF_RAW[known[0] - 1]).toBe(0);
    expect(MM_OF_RAW[known[known.length - 1]]).toBeLessThanOrEqual(10_000);
    expect(mmOfRaw(-1)).toBe(0);
    expect(mmOfRaw(NaN)).toBe(0);
  });

  it('can be told from a distance again', () => {
    for (const raw of [500, 699, 850, 1000]) expect(rawOfMm(mmOfRaw(raw))).toBeCloseTo(raw, 9);
  });

  it('has the step that the noise model says', () => {
    for (const mm of [1000, 2000, 3500]) {
      const raw = rawOfMm(mm);
      expect((mmOfRaw(raw + 0.5) - mmOfRaw(raw - 0.5)) / (2.85e-6 * mm ** 2)).toBeCloseTo(1, 1);
    }
  });
});

describe('depth seen from another place', () => {
  /** One row; 10 mm aside are 1 pixel at 1 m and 2 at half a metre. */
  const row = (width: number, focalPx = 100): Pinhole => ({
    ...{ width, height: 1, focalPx },
    ...{ centerX: width / 2, centerY: 0.5 },
  });
  const registered = (mm: readonly number[], to: Pinhole, x = 0): number[] => [
    ...registerDepth(mm, row(mm.length), to, { x, y: 0 }, 'kinect-v1').mm,
  ];

  it('moves what is near further, and the nearest wins', () => {
    expect(registered([0, 0, 1000, 500], row(4), 10)).toEqual([0, 500, 0, 0]);
    expect(registered([0, 0, 500, 1000], row(4), 10)).toEqual([500, 0, 1000, 0]);
  });

  it('leaves out what the other camera does not see', () => {
    expect(registered([1000, 0, 0, 0], row(4), 10)).toEqual([0, 0, 0, 0]);
  });

  it('closes cracks in a surface, with the further of two readings, and no gap between two surfaces', () => {
    expect(registered([1000, 1040, 2000], row(6, 200))).toEqual([0, 1000, 1040, 1040, 0, 2000]);
  });

  it('closes cracks that cross', () => {
    const from: Pinhole = { width: 2, height: 2, focalPx: 100, centerX: 1, centerY: 1 };
    const to: Pinhole = { width: 4, height: 4, focalPx: 200, centerX: 2, centerY: 2 };
    const { mm } = registerDepth([900, 900, 900, 900], from, to, { x: 0, y: 0 }, 'kinect-v1');
    expect([...mm]).toEqual([0, 0, 0, 0, 0, 900, 900, 900, 0, 900, 900, 900, 0, 900, 900, 900]);
  });

  it('leaves a shadow beside a near thing, 17.5 pixels wide between 0.5 and 1.5 m before a Kinect v1', () => {
    const { width, height } = CAMERAS.v1Depth;
    const mm = Uint16Array.from({ length: width * height }, (_, i) =>
      i % width > 200 && i % width < 400 ? 500 : 1500,
    );
    const map = registerDepth(mm, CAMERAS.v1Depth, CAMERAS.v1Color, V1_BASELINE, 'kinect-v1');
    const middle = [...map.mm.subarray(240 * width, 241 * width)];
    const inside = middle.slice(40, 600);
    // 525 × 25 × (1/500 − 1/1500) = 17.5
    expect(inside.filter((value) => value === 0).length).toBeGreaterThanOrEqual(17);
    expect(inside.filter((value) => value === 0).length).toBeLessThanOrEqual(18);
    // The near thing is as wide as before, 199 × 525/570 pixels, and no wider.
    expect(Math.abs(inside.filter((value) => value === 500).length - (199 * 525) / 570)).toBeLessThanOrEqual(1);
    expect(map).toMatchObject({ width: 640, height: 480, focalPx: 525, centerX: 320, centerY: 240 });
  });
});
