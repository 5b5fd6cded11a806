import { describe, expect, it } from 'vitest';
import { CameraClock, steadyUnixMs } from '../../../src/renderer/capture/camera-clock.ts';

/** What the clock says of frames with these time stamps that were on their way for so long; the camera counts from `zero`. */
const timesOf = (frames: readonly (readonly [stampMs: number, lagMs: number])[], zero = 0): (number | null)[] => {
  const clock = new CameraClock();
  return frames.map(([stampMs, lagMs]) => clock.unixMs(zero + stampMs, 1_790_000_000_000 + stampMs + lagMs));
};

describe("a camera's clock", () => {
  it('says nothing for two seconds, and then the time of the quickest frame of those, on and on', () => {
    const frames = [
      [0, 30],
      [1000, 12],
      [1999, 25],
      [2000, 90],
      [2040, 1], // quicker than all before: too late to count, or time would be stepped
      [3_600_000, 500],
    ] as const;
    const expected = [null, null, null, 2012, 2052, 3_600_012];
    expect(timesOf(frames).map((time) => time && time - 1_790_000_000_000)).toEqual(expected);
  });

  it.each([-5_000_000, 1e9])('does not depend on where the camera begins to count: %i', (zero) => {
    const frames = [
      [0, 30],
      [500, 20],
      [2500, 30],
    ] as const;
    expect(timesOf(frames, zero)).toEqual([null, null, 1_790_000_002_520]);
  });

  it('takes the first frame for want of others', () => {
    expect(
      timesOf([
        [0, 30],
        [5000, 10],
      ]),
    ).toEqual([null, 1_790_000_005_030]);
  });

  it('is of the same time as the wall clock', () => {
    const before = steadyUnixMs();
    expect(steadyUnixMs()).toBeGreaterThanOrEqual(before);
    expect(Math.abs(before - Date.now())).toBeLessThan(3_600_000);
  });
});
