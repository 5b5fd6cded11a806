// A trial of a study: a point that was tried and what came of it. Smaller values are better.
import type { Point } from './search-space.ts';

export interface Trial {
  /** From 0 in the order in which trials were asked for. */
  readonly number: number;
  readonly point: Point;
  readonly state: 'running' | 'complete' | 'pruned';
  /** What was known after each step, the first step first. */
  readonly reports: readonly number[];
  /** What came of it; of a pruned trial its last report. Null while it runs. */
  readonly value: number | null;
}

/**
 * Trials that have ended, the best first: complete ones by their values, then pruned ones, of which those that came further are better,
 * and of those that came as far those with the smaller last report.
 */
export function ranked(trials: readonly Trial[]): Trial[] {
  const steps = ({ state, reports }: Trial): number => (state === 'complete' ? Infinity : reports.length);
  return trials
    .filter(({ value }) => value !== null)
    .sort((p, q) => {
      const [further, least] = [steps(q), steps(p)];
      return (further === least ? 0 : further - least) || (p.value ?? 0) - (q.value ?? 0) || p.number - q.number;
    });
}
