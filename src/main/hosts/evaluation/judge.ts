// From the members' answers to one estimate of each picture.
import { normalized, type Probabilities } from '../../core/expression.ts';
import { score, type Scoring } from '../../core/scoring.ts';
import type { LabelledPicture } from '../../engine/dataset.ts';
import type { EvaluatedItem } from '../../science/evaluation.ts';
import type { Views } from './estimates.ts';

/** Items with the refined estimates. Those of both views count alike; none is rejected: every face that was found is judged. */
export function judge(
  pictures: readonly LabelledPicture[],
  views: readonly (Views | null)[],
  scoring: Scoring,
): EvaluatedItem[] {
  return pictures.map(({ name, label, subject }, i) => {
    const seen = views[i];
    return { name, label, subject, probabilities: seen && estimateOf(seen, scoring) };
  });
}

/** The refined estimate of a face; of several views their mean. */
export function estimateOf(views: Views, scoring: Scoring): Probabilities {
  return meanOf(views.map(({ members, shape }) => score(members, shape, scoring).refined));
}

function meanOf(estimates: readonly Probabilities[]): Probabilities {
  const [first, ...others] = estimates;
  return others.length === 0
    ? first
    : normalized(first.map((p, e) => others.reduce((sum, other) => sum + other[e], p)));
}
