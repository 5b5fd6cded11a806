import { describe, expect, it } from 'vitest';
import { CutDetector, facePatch, patchCorrelation } from '../../../src/main/core/change.ts';
import { LOOK_SIZE } from '../../../src/main/core/quality.ts';
import { seeded } from '../../fixtures/seeded.ts';
import type { Frame } from '../../../src/main/core/frame.ts';

const WIDTH = 48;
const HEIGHT = 36;
const POINTS = WIDTH * HEIGHT; // 1,728: in a frame of this size the detector sees every pixel

function frameOf(data: Uint8Array, more: Partial<Frame> = {}, stride = WIDTH): Frame {
  const colorSpace = { matrix: 'bt601', range: 'full' } as const;
  const size = { width: WIDTH, height: HEIGHT };
  return { sequence: 0, timeMs: 0, ...size, format: 'gray', colorSpace, planes: [{ data, stride }], ...more };
}

function level(value: number): Frame {
  return frameOf(new Uint8Array(POINTS).fill(value));
}

/** A frame in which the first `count` points are brighter by `by` than in the others. */
function withChanged(count: number, by = 200, base = 20): Frame {
  const data = new Uint8Array(POINTS).fill(base);
  data.fill(base + by, 0, count);
  return frameOf(data);
}

/** Frames that change `count` points each time, there and back. */
function shake(detector: CutDetector, count: number, times: number): boolean[] {
  return Array.from({ length: times }, (_, i) => detector.isCut(withChanged(i % 2 === 0 ? count : 0)));
}

describe('a cut', () => {
  it('is never at the first frame', () => {
    expect(new CutDetector().isCut(level(0))).toBe(false);
  });

  it('is where everything changes, once', () => {
    const detector = new CutDetector();
    const frames = [level(20), level(20), level(220), level(220), level(20)];
    expect(frames.map((frame) => detector.isCut(frame))).toEqual([false, false, true, false, true]);
  });

  it('needs more than 15 % of the points to change', () => {
    // 0.15 · 1,728 = 259.2
    for (const [count, cut] of [
      [259, false],
      [260, true],
    ] as const) {
      const detector = new CutDetector();
      detector.isCut(withChanged(0));
      expect(detector.isCut(withChanged(count))).toBe(cut);
    }
  });

  it('needs a point to change by more than 30 grey levels, in either direction', () => {
    for (const [from, to, cut] of [
      [100, 130, false],
      [100, 131, true],
      [130, 100, false],
      [131, 100, true],
    ] as const) {
      const detector = new CutDetector();
      detector.isCut(level(from));
      expect(detector.isCut(level(to))).toBe(cut);
    }
  });

  it('must change more than four times as much as is usual', () => {
    // Usually 108 of 1,728 points, 1/16; four times as much is 432.
    for (const [count, cut] of [
      [432, false],
      [433, true],
    ] as const) {
      const detector = new CutDetector();
      detector.isCut(withChanged(0));
      expect(shake(detector, 108, 8)).toEqual(Array(8).fill(false));
      expect(detector.isCut(withChanged(count))).toBe(cut);
    }
  });

  it('is not made usual by one cut before it', () => {
    const detector = new CutDetector();
    const frames = [level(0), level(0), level(0), level(200), level(200), level(0)];
    expect(frames.map((frame) => detector.isCut(frame))).toEqual([false, false, false, true, false, true]);
  });

  it('is found again once the camera has been quiet for some frames', () => {
    const detector = new CutDetector();
    detector.isCut(withChanged(0));
    shake(detector, 1000, 14); // even: ends as it began
    expect(detector.isCut(withChanged(1000))).toBe(false); // the camera shakes
    expect(detector.isCut(withChanged(0))).toBe(false);
    shake(detector, 0, 12); // twelve frames is all that is remembered
    expect(detector.isCut(withChanged(1000))).toBe(true);
  });

  it('is seen in the green of RGBA', () => {
    const rgba = (r: number, g: number, b: number, a: number): Frame => {
      const data = Uint8Array.from({ length: 4 * POINTS }, (_, i) => [r, g, b, a][i % 4]);
      return frameOf(data, { format: 'rgba' }, 4 * WIDTH);
    };
    const detector = new CutDetector();
    detector.isCut(rgba(0, 0, 0, 0));
    expect(detector.isCut(rgba(255, 0, 255, 255))).toBe(false);
    expect(detector.isCut(rgba(255, 255, 255, 255))).toBe(true);
  });

  it('is seen in the luma alone of YUV', () => {
    const yuv = (luma: number, chroma: number): Frame => {
      const data = new Uint8Array(POINTS).fill(luma);
      const half = new Uint8Array(POINTS / 4).fill(chroma);
      const planes = [
        { data, stride: WIDTH },
        { data: half, stride: WIDTH / 2 },
        { data: half, stride: WIDTH / 2 },
      ];
      return frameOf(data, { format: 'i420', planes });
    };
    const detector = new CutDetector();
    detector.isCut(yuv(20, 20));
    expect(detector.isCut(yuv(20, 220))).toBe(false);
    expect(detector.isCut(yuv(220, 220))).toBe(true);
  });

  it('does not look at what lies between the rows of a plane', () => {
    const padded = (padding: number): Frame => {
      const stride = WIDTH + 16;
      const data = Uint8Array.from({ length: stride * HEIGHT }, (_, i) => (i % stride < WIDTH ? 50 : padding));
      return frameOf(data, {}, stride);
    };
    const detector = new CutDetector();
    detector.isCut(padded(0));
    expect(detector.isCut(padded(255))).toBe(false);
  });

  it('is looked for all over a large frame', () => {
    // The middle of each of 48 × 36 fields of a frame of 480 × 360, and nothing else.
    const large = (value: number): Frame => {
      const data = new Uint8Array(480 * 360);
      for (let y = 5; y < 360; y += 10) for (let x = 5; x < 480; x += 10) data[480 * y + x] = value;
      return frameOf(data, { width: 480, height: 360 }, 480);
    };
    const detector = new CutDetector();
    detector.isCut(large(0));
    expect(detector.isCut(large(31))).toBe(true);
  });
});

describe('a patch of a face', () => {
  /** A look from a function of column and row. */
  function look(paint: (x: number, y: number) => number): Float32Array {
    return Float32Array.from({ length: LOOK_SIZE ** 2 }, (_, i) => paint(i % LOOK_SIZE, Math.floor(i / LOOK_SIZE)));
  }

  const noise = (seed: number): Float32Array => {
    const random = seeded(seed);
    return look(() => random());
  };

  it('has 256 values of mean 0 and length 1', () => {
    const patch = facePatch(noise(5));
    expect(patch).toHaveLength(256);
    expect(patch.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
    expect(patchCorrelation(patch, patch)).toBeCloseTo(1, 5);
  });

  it('has one value for each 3 × 3 cells of the middle', () => {
    // Dark left, bright right half: −1 and +1 before scaling, so ±1/16.
    const patch = facePatch(look((x) => (x < 32 ? 0.2 : 0.8)));
    for (let i = 0; i < 256; i++) expect(patch[i]).toBeCloseTo(i % 16 < 8 ? -1 / 16 : 1 / 16, 6);
    // A single bright row of cells, the third: 16 of 256. Mean 1/16, so 15/16 and −1/16, over √(16 · 15) / 4 = √15.
    const row = facePatch(look((_, y) => (y >= 14 && y < 17 ? 1 : 0)));
    expect(row[2 * 16 + 7]).toBeCloseTo(15 / 16 / Math.sqrt(15), 6);
    expect(row[3 * 16 + 7]).toBeCloseTo(-1 / 16 / Math.sqrt(15), 6);
  });

  it('does not look beyond the middle', () => {
    const inside = (value: number): boolean => value >= 8 && value < 56;
    const [p, q] = [noise(6), noise(7)];
    const mixed = look((x, y) => (inside(x) && inside(y) ? p : q)[y * LOOK_SIZE + x]);
    expect(facePatch(mixed)).toEqual(facePatch(p));
  });

  it('does not depend on light and contrast', () => {
    const dim = noise(8);
    const bright = dim.map((value) => 0.3 + 0.5 * value);
    expect(patchCorrelation(facePatch(dim), facePatch(bright))).toBeCloseTo(1, 5);
    const negative = dim.map((value) => 1 - value);
    expect(patchCorrelation(facePatch(dim), facePatch(negative))).toBeCloseTo(-1, 5);
  });

  it('has nothing in common with a patch of other noise', () => {
    expect(Math.abs(patchCorrelation(facePatch(noise(9)), facePatch(noise(10))))).toBeLessThan(0.25);
  });

  it('of a look without any contrast is nought', () => {
    expect(new Set(facePatch(look(() => 0.3)))).toEqual(new Set([0]));
  });
});
