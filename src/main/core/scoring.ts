// The one way from what the members say of a face to its estimate: live, in files, when a session is scored again, and when a profile is
// evaluated or tuned (REFERENCE 2 and 5).
import { fuse, type ExpressionWeights } from './ensemble.ts';
import { dominantIndex, type Probabilities } from './expression.ts';
import type { FaceShape } from './face-shape.ts';
import {
  RULES,
  keepsSmile,
  overrideByMajority,
  points,
  refine,
  withTemperature,
  withoutContempt,
  type RuleName,
  type RuleParameters,
} from './refine.ts';

/** What of a profile decides about an estimate. */
export interface Scoring {
  /** `temperature` is applied to the member's probabilities before they are fused; see {@link withTemperature}. */
  readonly members: readonly { readonly weights: ExpressionWeights; readonly temperature: number }[];
  /** Whether members that agree move the fused estimate; see {@link overrideByMajority}. */
  readonly override: boolean;
  readonly rules: { readonly active: readonly RuleName[]; readonly parameters: RuleParameters };
  /** Of the estimate, when all else is done with it. */
  readonly temperature: number;
  /** Whether contempt is estimated; where not, its share goes to the others. */
  readonly contempt: boolean;
  /** Points of 100 that the first choice must have at least; null for no limit. */
  readonly reject: number | null;
}

/** What changed a fused estimate. */
export const FIRED_RULES = ['majority_override', ...RULES] as const;

export type FiredRule = (typeof FIRED_RULES)[number];

export interface Scored {
  /** The members' weighted mean, calibrated; sums to 1, NaN where nothing measures an expression, and all NaN without an answer. */
  readonly fused: Probabilities;
  /** After override and rules; the same array as `fused` where nothing fired. */
  readonly refined: Probabilities;
  /** In the order in which they fired. */
  readonly fired: readonly FiredRule[];
  /** Share of the members that agree with the commonest first choice, 0…1; NaN without an answer. */
  readonly agreement: number;
  /** Whether the first choice of `refined` has less than the profile asks for: then there is no estimate. */
  readonly isRejected: boolean;
}

/**
 * Scores one face. `members` are the probabilities that each member gave, in the order of `scoring.members`, null for one that
 * failed; `shape` is null where the face cannot be measured. The order is that of REFERENCE 5: fused, overridden, refined, clamped,
 * calibrated, and last without contempt.
 */
export function score(members: readonly (Probabilities | null)[], shape: FaceShape | null, scoring: Scoring): Scored {
  const { override, rules, temperature, contempt, reject } = scoring;
  const calibrated = members.map((member, i) => member && withTemperature(member, scoring.members[i].temperature));
  const { fused, agreement } = fuse(
    calibrated,
    scoring.members.map(({ weights }) => weights),
  );
  const active = new Set(rules.active);
  const isKept = keepsSmile(shape, active, rules.parameters);
  const overridden = override ? overrideByMajority(fused, calibrated, isKept) : null;
  const { probabilities, fired } = refine(overridden ?? fused, shape, active, rules.parameters);
  const finished = (estimate: Probabilities): Probabilities => {
    const sure = withTemperature(estimate, temperature);
    return contempt ? sure : withoutContempt(sure);
  };
  const raw = finished(fused);
  const refined = probabilities === fused ? raw : finished(probabilities);
  return {
    fused: raw,
    refined,
    fired: overridden ? ['majority_override', ...fired] : fired,
    agreement,
    isRejected: isRejected(refined, reject),
  };
}

/** Whether the first choice has less than so many points; null for no limit. An estimate of nothing is not rejected. */
export function isRejected(estimate: Probabilities, reject: number | null): boolean {
  return reject !== null && points(estimate[dominantIndex(estimate)] ?? NaN) < reject;
}
