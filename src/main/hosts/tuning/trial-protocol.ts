// What is said to the threads that score trials.
import type { Scoring } from '../../core/scoring.ts';
import type { TuningItem } from './objective.ts';

export interface TrialStart {
  readonly items: readonly TuningItem[];
}

export type TrialRequest =
  | { readonly kind: 'score'; readonly scoring: Scoring; readonly from: number; readonly to: number } // answered with Part
  | { readonly kind: 'stop' };
