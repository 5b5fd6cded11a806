// How much less is lost by one way of estimating than by another, on the same items.
import { subjectsOf, type EvaluatedItem } from './evaluation.ts';
import { outcomeOf } from './metrics.ts';
import { bootstrap, type Interval } from './statistics.ts';

export interface LossGain extends Interval {
  /** Mean of the losses before less that of the losses after, in nats: above 0 where it became better. */
  readonly mean: number;
  readonly items: number;
}

const SEED = 1;

/**
 * The gain over items, paired by their places, that have an estimate in both, with its 95 % bootstrap interval: of subjects where all are
 * known, else of items. Null where there are none.
 */
export function lossGain(before: readonly EvaluatedItem[], after: readonly EvaluatedItem[]): LossGain | null {
  const pairs = before.flatMap((item, i) => {
    const [first, second] = [outcomeOf(item), outcomeOf(after[i])];
    return first && second ? [{ item, gain: first.loss - second.loss }] : [];
  });
  if (pairs.length === 0) return null;
  const meanOf = (weights: ArrayLike<number>): number => {
    let [sum, count] = [0, 0];
    pairs.forEach(({ gain }, i) => {
      sum += weights[i] * gain;
      count += weights[i];
    });
    return sum / count;
  };
  const subjects = subjectsOf(pairs.map(({ item }) => item));
  const { mean } = bootstrap(pairs.length, subjects, (weights) => ({ mean: meanOf(weights) }), SEED);
  return { mean: meanOf(new Float64Array(pairs.length).fill(1)), items: pairs.length, low: mean.low, high: mean.high };
}
