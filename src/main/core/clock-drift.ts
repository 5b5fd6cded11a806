// How far two clocks drift apart. Times of a session are those of the capture clock and are never corrected by the wall clock.
import type { ClockReading } from './record.ts';

export interface ClockDrift {
  /** What the wall clock gains on the capture clock, in millionths; below 0 it loses. */
  readonly ppm: number;
  /** The same in milliseconds, over the time from the first reading to the last. */
  readonly ms: number;
  readonly spanSeconds: number;
  readonly readings: number;
}

/**
 * The slope of a straight line through the readings (least squares, so that single late readings matter little). Null for readings
 * at fewer than two times.
 */
export function clockDrift(readings: readonly ClockReading[]): ClockDrift | null {
  const [first] = readings;
  if (!first) return null;
  // Differences from the first reading: of Unix times themselves the squares would lose digits.
  const times = readings.map(({ timeMs }) => timeMs - first.timeMs);
  const gains = readings.map(({ unixMs }, i) => unixMs - first.unixMs - times[i]);
  const [meanTime, meanGain] = [meanOf(times), meanOf(gains)];
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < times.length; i++) {
    covariance += (times[i] - meanTime) * (gains[i] - meanGain);
    variance += (times[i] - meanTime) ** 2;
  }
  if (variance === 0) return null;
  const slope = covariance / variance;
  const spanMs = Math.max(...times) - Math.min(...times);
  return { ppm: 1e6 * slope, ms: slope * spanMs, spanSeconds: spanMs / 1000, readings: readings.length };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
