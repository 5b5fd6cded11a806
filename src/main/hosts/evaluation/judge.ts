// From the members' answers to one estimate of each picture.
import { fuse, type ExpressionWeights } from '../../core/ensemble.ts';
import { normalized, type Probabilities } from '../../core/expression.ts';
import { withoutContempt } from '../../core/refine.ts';
import type { LabelledPicture } from '../../engine/dataset.ts';
import type { EvaluatedItem } from '../../science/evaluation.ts';
import type { Views } from './estimates.ts';

/** Items as members with these weights see them. The estimates of both views count alike. */
export function judge(
  pictures: readonly LabelledPicture[],
  views: readonly (Views | null)[],
  weights: readonly ExpressionWeights[],
  hasContempt: boolean,
): EvaluatedItem[] {
  return pictures.map(({ name, label, subject }, i) => {
    const estimates = views[i]?.map((members) => fuse(members, weights).fused) ?? null;
    const probabilities = estimates && meanOf(estimates);
    return {
      name,
      label,
      subject,
      probabilities: probabilities && (hasContempt ? probabilities : withoutContempt(probabilities)),
    };
  });
}

function meanOf(estimates: readonly Probabilities[]): Probabilities {
  const [first, ...others] = estimates;
  return others.length === 0
    ? first
    : normalized(first.map((p, e) => others.reduce((sum, other) => sum + other[e], p)));
}
