import { describe, expect, it } from 'vitest';
import { FrameSpacing } from '../../../src/main/core/frame-spacing.ts';

/** Whether the camera was gone before each frame. */
const goneBefore = (timesMs: readonly number[], nominalMs: number | null = null): boolean[] => {
  const spacing = new FrameSpacing(nominalMs);
  return timesMs.map((timeMs) => spacing.add(timeMs));
};

describe('a camera', () => {
  it('is gone behind a second, however fast it is', () => {
    expect(goneBefore([0, 40, 80, 1080, 2081])).toEqual([false, false, false, false, true]);
  });

  it('that is slow has three times as long as it usually takes', () => {
    const twoSeconds = [0, 1, 2, 3].map((i) => 2000 * i);
    expect(goneBefore([...twoSeconds, 12_000, 18_001], 2000)).toEqual([false, false, false, false, false, true]);
  });

  it('that promises nothing is known to be slow from its third interval on', () => {
    expect(goneBefore([0, 2000, 4000, 6000, 8000])).toEqual([false, true, false, false, false]);
    expect(goneBefore([0, 2000, 4000, 6000, 8000], 33)).toEqual([false, true, true, true, false]);
  });

  it('is not taken for slow for one long interval', () => {
    const spacing = new FrameSpacing();
    for (const timeMs of [0, 40, 80, 980]) spacing.add(timeMs);
    expect(spacing.goneMs).toBe(1000);
  });

  it('whose time goes back is not gone', () => {
    expect(goneBefore([5000, 5040, 0, 40])).toEqual([false, false, false, false]);
  });
});
