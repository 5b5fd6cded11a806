// What a trial is judged by: the log loss of a part of the pictures.
import type { Probabilities } from '../../core/expression.ts';
import type { Scoring } from '../../core/scoring.ts';
import { outcomeOf } from '../../science/metrics.ts';
import { estimateOf } from '../evaluation/judge.ts';
import type { Views } from '../evaluation/estimates.ts';

/** A picture with a face, as its members saw it. */
export interface TuningItem {
  /** Index in EXPRESSIONS. */
  readonly label: number;
  /** Null where the label alone counts; see Judged. */
  readonly votes: Probabilities | null;
  readonly views: Views;
}

/** Sums over items. */
export interface Part {
  /** In nats. */
  readonly loss: number;
  /** Items of which the first choice is the label. */
  readonly right: number;
}

/** Of the items from `from` up to `to`; one that no member answered for adds nothing. */
export function scorePart(items: readonly TuningItem[], scoring: Scoring, from: number, to: number): Part {
  let [loss, right] = [0, 0];
  for (const { label, votes, views } of items.slice(from, to)) {
    const outcome = outcomeOf({ label, votes, probabilities: estimateOf(views, scoring) });
    if (!outcome) continue;
    loss += outcome.loss;
    if (outcome.isRight) right++;
  }
  return { loss, right };
}

/** Mean log loss of all items, in nats. */
export const meanLoss = (items: readonly TuningItem[], scoring: Scoring): number =>
  scorePart(items, scoring, 0, items.length).loss / items.length;
