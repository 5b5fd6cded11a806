import { describe, expect, it } from 'vitest';
import { clockDrift } from '../../../src/main/core/clock-drift.ts';
import type { ClockReading } from '../../../src/main/core/record.ts';

const START = 1_790_000_000_000.25;

/** A reading every 10 s of a wall clock that gains so much, with an error each. */
const readings = (ppm: number, errorsMs: readonly number[]): ClockReading[] =>
  errorsMs.map((error, i) => ({ timeMs: 10_000 * i, unixMs: START + 10_000 * i * (1 + ppm / 1e6) + error }));

const none = (count: number): number[] => Array.from({ length: count }, () => 0);

describe('the drift of two clocks', () => {
  it('is unknown without readings at two times', () => {
    expect(clockDrift([])).toBeNull();
    expect(clockDrift(readings(0, [0]))).toBeNull();
    expect(clockDrift([...readings(0, [0]), ...readings(0, [5])])).toBeNull();
  });

  it.each([0, 50, -12.5])('of %d millionths is found', (ppm) => {
    const drift = clockDrift(readings(ppm, none(31)));
    expect(drift).toMatchObject({ spanSeconds: 300, readings: 31 });
    expect(drift?.ppm).toBeCloseTo(ppm, 2); // a Unix time in ms has digits down to 0.0002 ms
    expect(drift?.ms).toBeCloseTo((ppm * 300) / 1000, 2);
  });

  it('is found from two readings', () => {
    const drift = clockDrift(readings(100, [0, 0]));
    expect(drift?.ppm).toBeCloseTo(100, 1);
    expect(drift?.ms).toBeCloseTo(1, 3);
  });

  it('is that of the line of least squares', () => {
    // Gains 0, 3, 0 and 3 ms at 0, 10, 20 and 30 s: the slope is 0.6 ms in 10 s.
    expect(clockDrift(readings(0, [0, 3, 0, 3]))?.ppm).toBeCloseTo(60, 1);
    // One late reading in the middle of an even number moves a line through the ends not at all, and this one little.
    expect(Math.abs(clockDrift(readings(0, [0, 0, 0, 0, 9, 0, 0, 0, 0]))?.ppm ?? NaN)).toBeCloseTo(0, 1);
  });

  it('does not depend on the order of the readings', () => {
    const drift = clockDrift(readings(20, none(9)).reverse());
    expect(drift?.ppm).toBeCloseTo(20, 2);
    expect(drift?.spanSeconds).toBe(80);
  });
});
