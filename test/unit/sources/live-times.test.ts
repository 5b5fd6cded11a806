import { beforeEach, describe, expect, it } from 'vitest';
import { LiveTimes, type LiveTime } from '../../../src/main/sources/live-times.ts';

let [monotonicMs, unixMs, uptimeMs] = [0, 0, 0];
let times: LiveTimes;

beforeEach(() => {
  [monotonicMs, unixMs, uptimeMs] = [5000, 1_700_000_000_000, 90_000];
  const clock = { monotonicMs: () => monotonicMs, unixMs: () => unixMs, uptimeMs: () => uptimeMs };
  times = new LiveTimes(clock);
});

/** A frame that comes so long after the one before, and is 10 ms old when it is there. */
function after(ms: number, { lost = 0, isAfterGap = false } = {}): LiveTime {
  monotonicMs += ms;
  unixMs += ms;
  uptimeMs += ms;
  return times.place(monotonicMs - 10, lost, isAfterGap);
}

describe("times of a device's frames", () => {
  it('count from the first one, and say what the wall clock said when it was captured', () => {
    expect(after(0)).toEqual({ timeMs: 0, capturedUnixMs: 1_699_999_999_990, gap: null });
    expect(after(33)).toEqual({ timeMs: 33, capturedUnixMs: 1_700_000_000_023, gap: null });
  });

  it('know for how long nothing has come, where that is longer than a device takes that is well', () => {
    expect(times.silentMs()).toBeNull();
    for (let i = 0; i < 4; i++) after(100);
    const pass = (ms: number, sleptMs = 0): void => {
      monotonicMs += ms;
      uptimeMs += ms + sleptMs;
    };
    pass(5000); // nobody has waited for a frame
    times.ask();
    expect(times.silentMs()).toBeNull();
    pass(1000);
    expect(times.silentMs()).toBeNull();
    pass(1, 3000);
    expect(times.silentMs()).toBe(9011); // the last frame was 10 ms old
  });

  it('tell a sleep from a device that is gone also where somebody has begun to wait behind it', () => {
    for (let i = 0; i < 4; i++) after(100);
    uptimeMs += 5000;
    times.ask();
    expect(after(100)).toMatchObject({ gap: { kind: 'slept' } });
  });

  it('are not moved by a wall clock that is set', () => {
    after(0);
    unixMs += 3_600_000;
    expect(after(40)).toEqual({ timeMs: 40, capturedUnixMs: 1_700_003_600_030, gap: null });
  });

  it('have a gap from where the next frame should have been, when none came for more than a second', () => {
    for (let i = 0; i < 4; i++) after(100);
    expect(after(1000).gap).toBeNull();
    for (let i = 0; i < 4; i++) after(100); // until 1700
    expect(after(1001)).toMatchObject({ timeMs: 2701, gap: { kind: 'camera_lost', timeMs: 1800 } });
    expect(after(100).gap).toBeNull();
  });

  it('have none where frames came that nobody has seen', () => {
    for (let i = 0; i < 4; i++) after(100);
    expect(after(1500, { lost: 14 })).toMatchObject({ timeMs: 1800, gap: null });
    expect(after(3200, { lost: 1 }).gap).toMatchObject({ kind: 'camera_lost' }); // two silences of 1.6 s
  });

  it('have one, not longer than half the silence, where the device says that it was gone', () => {
    for (let i = 0; i < 3; i++) after(100);
    expect(after(60, { isAfterGap: true })).toMatchObject({ timeMs: 260, gap: { kind: 'camera_lost', timeMs: 230 } });
  });

  it('count a sleep in which the monotonic clock stood still, and say that it was one', () => {
    for (let i = 0; i < 3; i++) after(100); // until 200
    uptimeMs += 20_000;
    unixMs += 20_000;
    expect(after(100)).toMatchObject({ timeMs: 20_300, gap: { kind: 'slept', timeMs: 300 } });
    expect(after(100)).toMatchObject({ timeMs: 20_400, gap: null });
  });

  it('take no coarse uptime for a sleep', () => {
    after(0);
    uptimeMs += 1000; // whole seconds only
    expect(after(100)).toMatchObject({ timeMs: 100, gap: null });
  });
});
