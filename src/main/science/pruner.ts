// Which trials are not worth going on with.
import { quantile } from './statistics.ts';
import type { Trial } from './trial.ts';

/** Whether a trial that has just reported should stop. `trials` are all of the study. */
export type Pruner = (trial: Trial, trials: readonly Trial[]) => boolean;

export interface MedianPrunerOptions {
  /** So many trials must be complete before any is stopped. */
  readonly startupTrials: number;
  /** No trial is stopped after so many steps or fewer. */
  readonly warmupSteps: number;
}

export const neverPrune: Pruner = () => false;

/**
 * Stops a trial whose best report until now is worse than the median of what complete trials reported at the same step (the median
 * stopping rule of Golovin et al., Google Vizier, KDD 2017, with the reports as they are and not their means). Complete trials alone
 * count: those that were stopped never had the chance to become better.
 */
export function medianPruner({ startupTrials, warmupSteps }: MedianPrunerOptions): Pruner {
  return ({ reports }, trials) => {
    const step = reports.length;
    if (step <= warmupSteps) return false;
    const complete = trials.filter(({ state }) => state === 'complete');
    if (complete.length < Math.max(1, startupTrials)) return false;
    const others = complete.flatMap((other) => (other.reports.length >= step ? [other.reports[step - 1]] : []));
    if (others.length === 0) return false;
    return Math.min(...reports) > quantile(Float64Array.from(others).sort(), 0.5);
  };
}
