// Makes one estimate of what several networks say about a face.
import {
  EXPRESSIONS,
  dominantIndex,
  expressionOf,
  normalized,
  softmax,
  type Expression,
  type Probabilities,
} from './expression.ts';

/** What a network's output means. */
export interface ExpressionOutput {
  /** Name of the output tensor. */
  readonly name: string;
  /** One label for each value; see {@link expressionOf} for the spellings. */
  readonly labels: readonly string[];
  readonly kind: 'logits' | 'probabilities';
  /** Logits are divided by it; 1 changes nothing. */
  readonly temperature: number;
}

/** Takes one face's output of a network to probabilities; an expression that it has no label for is NaN. */
export function readExpressions(values: Float32Array, output: ExpressionOutput): Probabilities {
  if (values.length !== output.labels.length)
    throw new RangeError(`${values.length} values for ${output.labels.length} labels`);
  const shares = output.kind === 'logits' ? softmax(values, output.temperature) : values;
  const probabilities = new Float32Array(EXPRESSIONS.length).fill(NaN);
  output.labels.forEach((label, i) => {
    const expression = expressionOf(label);
    if (!expression) throw new RangeError(`the label ${label} means no expression`);
    probabilities[EXPRESSIONS.indexOf(expression)] = shares[i];
  });
  return probabilities;
}

export type ExpressionWeights = Readonly<Record<Expression, number>>;

/** One estimate of one face in one frame. */
export interface Estimate {
  /** The members' own probabilities, in the profile's order; null for a member that failed. */
  readonly members: readonly (Probabilities | null)[];
  /** Sums to 1 over what is measured; empty (all NaN) when no member answered. */
  readonly fused: Probabilities;
  /** Share of the members that agree with the commonest first choice, 0…1. */
  readonly agreement: number;
}

/**
 * The weighted mean of the members, expression by expression, normalised to 1. A member that has no value for an expression
 * (contempt, for a network of seven classes) says how the rest is shared among the others: its seven values are scaled to what
 * the other members leave, so it neither votes for contempt nor against it. Contempt stays NaN when no member measures it.
 */
export function fuse(members: readonly (Probabilities | null)[], weights: readonly ExpressionWeights[]): Estimate {
  const present = members.flatMap((member, i) => (member ? [{ member, weight: weights[i] }] : []));
  const fused = new Float32Array(EXPRESSIONS.length).fill(NaN);
  if (present.length === 0) return { members, fused, agreement: NaN };

  const mean = (index: number, value: (i: number) => number): number => {
    let [sum, total] = [0, 0];
    present.forEach(({ member, weight }, i) => {
      if (Number.isNaN(member[index])) return;
      const w = weight[EXPRESSIONS[index]];
      sum += w * value(i);
      total += w;
    });
    return total > 0 ? sum / total : NaN;
  };
  // First what only some members measure, then the others' share of the rest.
  const isPartial = EXPRESSIONS.map((_, e) => present.some(({ member }) => Number.isNaN(member[e])));
  EXPRESSIONS.forEach((_, e) => {
    if (isPartial[e]) fused[e] = mean(e, (i) => present[i].member[e]);
  });
  const left = present.map(({ member }) => {
    let taken = 0;
    EXPRESSIONS.forEach((_, e) => {
      if (Number.isNaN(member[e]) && !Number.isNaN(fused[e])) taken += fused[e];
    });
    return Math.max(0, 1 - taken);
  });
  EXPRESSIONS.forEach((_, e) => {
    if (!isPartial[e]) fused[e] = mean(e, (i) => present[i].member[e] * left[i]);
  });
  return { members, fused: normalized(fused), agreement: agreementOf(present.map(({ member }) => member)) };
}

function agreementOf(members: readonly Probabilities[]): number {
  const votes = new Map<number, number>();
  for (const member of members) {
    const choice = dominantIndex(member);
    votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  return Math.max(...votes.values()) / members.length;
}

/** Whether first and second lie so close (in points of 100) that the first means little. */
export function isAmbiguous(probabilities: Probabilities, gap = 12, least = 20): boolean {
  const sorted = [...probabilities].filter((p) => !Number.isNaN(p)).sort((p, q) => q - p);
  return sorted.length > 1 && 100 * (sorted[0] - sorted[1]) < gap && 100 * sorted[1] > least;
}
