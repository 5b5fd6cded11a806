import { describe, expect, it } from 'vitest';
import { flash } from '../../../src/renderer/capture/flashes.ts';
import { latencyOf, meanLuma, summarise, type LumaSample } from '../../../src/renderer/capture/latency.ts';
import { seeded } from '../../fixtures/seeded.ts';

const START_MS = 1_790_000_000_000;
const FLASHES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => START_MS + 2000 * i + 1000 + 17 * i);
const WHITE_MS = 900;

interface Sight {
  readonly everyMs?: number;
  readonly latencyMs?: number;
  /** What a flash adds to the luma, and what everything else is. */
  readonly leap?: number;
  readonly base?: (sinceMs: number) => number;
  readonly noise?: number;
  /** Flashes that the camera does not see. */
  readonly unseen?: readonly number[];
}

/** What a camera sees of the flashes. */
function seen({
  everyMs = 33,
  latencyMs = 80,
  leap = 100,
  base = () => 30,
  noise = 0,
  unseen = [],
}: Sight = {}): LumaSample[] {
  const random = seeded(7);
  return Array.from({ length: Math.ceil(22_000 / everyMs) }, (_, i) => {
    const sinceMs = everyMs * i;
    const isLit = FLASHES.some((at, k) => {
      const lateMs = START_MS + sinceMs - at;
      return !unseen.includes(k) && lateMs >= latencyMs && lateMs < latencyMs + WHITE_MS;
    });
    const luma = base(sinceMs) + (isLit ? leap : 0) + noise * (random() + random() + random() - 1.5);
    return { unixMs: START_MS + sinceMs, luma };
  });
}

describe('a flash', () => {
  it('is seen in the first frame that is bright, which says how late the camera is', () => {
    const samples = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26];
    const at = (i: number): number => START_MS + 50 * i - 400;
    const lumas = samples.map((i) => ({ unixMs: at(i), luma: i < 10 ? 20 : 200 }));
    expect(latencyOf(lumas, START_MS)).toBe(100);
    const withFlicker = lumas.map((sample, i) => (i === 8 ? { ...sample, luma: 200 } : sample));
    expect(latencyOf(withFlicker, START_MS)).toBe(100);
    const half = lumas.map((sample, i) => (i === 9 ? { ...sample, luma: 111 } : sample)); // while the shutter was open
    expect(latencyOf(half, START_MS)).toBe(50);
  });

  it.each([
    ['is not bright enough', seen({ leap: 5 })],
    ['is lost in the noise', seen({ leap: 20, noise: 20 })],
    ['makes it darker', seen({ leap: -100 })],
    ['comes too late', seen({ latencyMs: 700 })],
    ['is met by too few frames', seen({ everyMs: 250 })],
    ['is met by none', []],
  ])('is not seen where it %s', (_, samples) => {
    expect(FLASHES.map((at) => latencyOf(samples, at))).toEqual(FLASHES.map(() => null));
  });
});

describe('ten flashes', () => {
  it.each([20, 80, 200, 400])('say how late a camera is to a frame: %i ms', (latencyMs) => {
    const { flashes, found, medianMs, lowMs, highMs } = summarise('C', seen({ latencyMs }), FLASHES);
    expect([flashes, found]).toEqual([10, 10]);
    for (const value of [lowMs, medianMs, highMs]) {
      expect(value).toBeGreaterThanOrEqual(latencyMs);
      expect(value).toBeLessThan(latencyMs + 33);
    }
    expect([lowMs, medianMs, highMs]).toEqual([lowMs, medianMs, highMs].toSorted((a, b) => Number(a) - Number(b)));
  });

  it.each([
    ['noise', { noise: 8, leap: 40 }],
    ['light that drifts', { base: (sinceMs: number) => 30 + sinceMs / 400, leap: 40 }],
    ['light that flickers', { base: (sinceMs: number) => 30 + 3 * Math.sin(sinceMs / 13), leap: 40 }],
    ['half as many frames', { everyMs: 66 }],
  ])('say the same with %s', (_, sight: Sight) => {
    const { found, medianMs } = summarise('C', seen({ latencyMs: 120, ...sight }), FLASHES);
    expect(found).toBe(10);
    expect(medianMs).toBeGreaterThanOrEqual(120);
    expect(medianMs).toBeLessThan(120 + (sight.everyMs ?? 33));
  });

  it('count those that were missed, and say nothing where all were', () => {
    const missed = summarise('C', seen({ unseen: [2, 5, 9] }), FLASHES);
    expect([missed.flashes, missed.found]).toEqual([10, 7]);
    expect(summarise('C', seen({ leap: 0, noise: 4 }), FLASHES)).toEqual({
      ...{ camera: 'C', flashes: 10, found: 0, medianMs: null, lowMs: null, highMs: null },
    });
  });
});

describe('the luma of a frame', () => {
  const frame = (format: 'i420' | 'nv12' | 'rgba', bytes: readonly number[]) => {
    return { format, width: 2, height: 1, bytes: Uint8Array.from(bytes) };
  };

  it('is that of its pixels, and not of its colours', () => {
    expect(meanLuma(frame('i420', [77, 77, 255, 255]))).toBe(77);
    expect(meanLuma(frame('nv12', [77, 77, 255, 255]))).toBe(77);
    expect(meanLuma(frame('rgba', [100, 200, 50, 255, 100, 200, 50, 255]))).toBeCloseTo(153, 6); // 29.9 + 117.4 + 5.7
  });
});

describe('the screen', () => {
  it('is dark before each flash and behind the last, and a flash is seen with the frame behind the one it is drawn in', async () => {
    let nowMs = 0;
    const said: string[] = [];
    const screen = {
      paint: (isWhite: boolean) => void said.push(`${isWhite ? 'white' : 'black'} ${nowMs}`),
      nextFrame: () => Promise.resolve((nowMs = 10 * Math.floor(nowMs / 10) + 10)),
      wait: (ms: number) => {
        nowMs += ms;
        return Promise.resolve();
      },
      random: () => 0.5,
    };
    expect(await flash(screen, 2)).toEqual([1170, 3240]);
    expect(said).toEqual(['black 0', 'white 1150', 'black 2070', 'white 3220', 'black 4140']);
  });
});
