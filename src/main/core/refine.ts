// What may be done to a fused estimate: the majority's override and the published rules of refinement (REFERENCE 2, 4 and 5). Each is
// a small function that says whether it fired. Scores are 0…100 here; an expression that nothing measures stays out of everything.
import { EXPRESSIONS, dominantIndex, normalized, type Expression, type Probabilities } from './expression.ts';
import type { FaceShape } from './face-shape.ts';

/** The 19 parameters: differences and intensities in points of 100, shapes as ratios (see FaceShape), multipliers without a unit. */
export interface RuleParameters {
  readonly headPoseLeft: number;
  readonly headPoseRight: number;
  readonly mouthOpen: number;
  readonly mouthWideOpen: number;
  readonly mouthClosed: number;
  readonly cornersUpturned: number;
  readonly cornersDownturned: number;
  readonly fearToSurpriseBoost: number;
  readonly surpriseToFearBoost: number;
  readonly sadnessToAngerBoost: number;
  readonly fearSurpriseDifference: number;
  readonly fearSurpriseClose: number;
  readonly sadnessAngerDifference: number;
  readonly sadnessAngerIntensity: number;
  readonly angerSadnessDifference: number;
  readonly ambiguousGap: number;
  readonly happinessLift: number;
  readonly happinessCap: number;
  readonly disgustToAngerBoost: number;
}

interface Range {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

/** Published defaults and the ranges in which they are searched. */
export const RULE_PARAMETERS: { readonly [N in keyof RuleParameters]: Range } = {
  headPoseLeft: { default: -0.15, least: -0.3, most: -0.05 },
  headPoseRight: { default: 0.15, least: 0.05, most: 0.3 },
  mouthOpen: { default: 0.12, least: 0.08, most: 0.2 },
  mouthWideOpen: { default: 0.18, least: 0.15, most: 0.3 },
  mouthClosed: { default: 0.05, least: 0.02, most: 0.1 },
  cornersUpturned: { default: -0.03, least: -0.1, most: 0 },
  cornersDownturned: { default: 0.05, least: 0, most: 0.15 },
  fearToSurpriseBoost: { default: 0.8, least: 0, most: 1 },
  surpriseToFearBoost: { default: 0.2, least: 0, most: 1 },
  sadnessToAngerBoost: { default: 0.35, least: 0, most: 1 },
  fearSurpriseDifference: { default: 35, least: 20, most: 50 },
  fearSurpriseClose: { default: 15, least: 5, most: 25 },
  sadnessAngerDifference: { default: 25, least: 15, most: 40 },
  sadnessAngerIntensity: { default: 20, least: 10, most: 30 },
  angerSadnessDifference: { default: 10, least: 5, most: 20 },
  ambiguousGap: { default: 12, least: 5, most: 20 },
  happinessLift: { default: 1.3, least: 1, most: 2 },
  happinessCap: { default: 85, least: 80, most: 100 },
  disgustToAngerBoost: { default: 0.3, least: 0, most: 1 },
};

/** Points of 100. Single precision holds seven digits: what lies behind them must not decide about a limit. */
export const points = (probability: number): number => Math.round(1e7 * probability) / 1e5;

/** Scores of one face while rules change them. */
class Scores {
  readonly #values: Float64Array;

  constructor(probabilities: Probabilities) {
    this.#values = Float64Array.from(probabilities, points);
  }

  of(name: Expression): number {
    return this.#values[EXPRESSIONS.indexOf(name)];
  }

  get top(): Expression {
    return EXPRESSIONS[dominantIndex(this.#values)];
  }

  /** The greatest score but for that of the top. */
  get second(): number {
    const top = dominantIndex(this.#values);
    return this.#values.reduce((most, value, i) => (i !== top && value > most ? value : most), 0);
  }

  /** True, for rules to return. */
  add(name: Expression, points: number): true {
    this.#values[EXPRESSIONS.indexOf(name)] += points;
    return true;
  }

  /** Gives points to one expression, and takes so many times as many from the other ("coupled"). */
  boost(to: Expression, points: number, from: Expression, multiplier: number): true {
    this.add(from, -points * multiplier);
    return this.add(to, points);
  }

  /** Nothing below 0, and 1 in all. */
  probabilities(): Probabilities {
    return normalized(Float32Array.from(this.#values, (value) => (value < 0 ? 0 : value)));
  }
}

/** A rule: changes the scores and says so, or leaves them and says that. */
type Rule = {
  readonly name: string;
  /** Parameters that it reads. */
  readonly uses: readonly (keyof RuleParameters)[];
} & (
  | { readonly looks: false; apply(scores: Scores, parameters: RuleParameters, fired: readonly string[]): boolean }
  /** Looks at the face, too. */
  | { readonly looks: true; apply(scores: Scores, parameters: RuleParameters, shape: FaceShape): boolean }
  /** Moves nothing itself: it keeps the majority from doing so, see {@link keepsSmile}. */
  | { readonly looks: true; readonly apply: null }
);

/**
 * In the order in which they are applied. Each sees what the one before has left, and looks for the top anew. Rules 1 to 5 of the
 * reference, of which the first has two parts, then those that it takes from the published description.
 */
const RULE_LIST = [
  { name: 'smile_kept', uses: ['cornersUpturned'], looks: true, apply: null },
  {
    name: 'fear_to_surprise',
    uses: ['mouthOpen', 'fearToSurpriseBoost'],
    looks: true,
    apply(s, { mouthOpen, fearToSurpriseBoost }, { mouthRatio }) {
      if (!isFearNearSurprise(s) || !(mouthRatio > mouthOpen)) return false;
      return s.boost('surprise', Math.min(40, s.of('fear') * fearToSurpriseBoost), 'fear', fearToSurpriseBoost);
    },
  },
  {
    // The larger of two biases: where it fires, the smaller one does not.
    name: 'fear_surprise_close',
    uses: ['fearSurpriseClose'],
    looks: false,
    apply: (s, { fearSurpriseClose }) =>
      isFearNearSurprise(s) &&
      s.of('fear') - s.of('surprise') < fearSurpriseClose &&
      s.boost('surprise', 15, 'fear', 1),
  },
  {
    name: 'fear_surprise_bias',
    uses: ['fearSurpriseDifference'],
    looks: false,
    apply: (s, { fearSurpriseDifference }, fired) =>
      !fired.includes('fear_surprise_close') &&
      isFearNearSurprise(s) &&
      s.of('fear') - s.of('surprise') < fearSurpriseDifference &&
      s.boost('surprise', 10, 'fear', 1),
  },
  {
    name: 'surprise_to_fear',
    uses: ['mouthClosed', 'surpriseToFearBoost'],
    looks: true,
    apply(s, { mouthClosed, surpriseToFearBoost }, { mouthRatio }) {
      if (s.top !== 'surprise' || !(s.of('fear') > 45) || !(mouthRatio < mouthClosed)) return false;
      return s.boost('fear', Math.min(10, s.of('surprise') * surpriseToFearBoost), 'surprise', surpriseToFearBoost);
    },
  },
  {
    name: 'happiness_lift',
    uses: ['happinessLift', 'happinessCap'],
    looks: false,
    apply(s, { happinessCap, happinessLift }) {
      const happiness = s.of('happiness');
      if (s.top !== 'happiness' || !(happiness < 50) || !(s.second < 0.7 * happiness)) return false;
      return s.add('happiness', Math.min(happinessCap, happiness * happinessLift) - happiness);
    },
  },
  {
    name: 'disgust_to_anger',
    uses: ['mouthWideOpen', 'disgustToAngerBoost'],
    looks: true,
    apply(s, { mouthWideOpen, disgustToAngerBoost }, { mouthRatio }) {
      if (s.top !== 'disgust' || !(s.of('anger') > 15) || !(mouthRatio > mouthWideOpen)) return false;
      return s.boost('anger', Math.min(15, s.of('disgust') * disgustToAngerBoost), 'disgust', disgustToAngerBoost);
    },
  },
  {
    name: 'sadness_to_anger',
    uses: ['cornersDownturned', 'sadnessAngerDifference', 'sadnessToAngerBoost'],
    looks: true,
    apply(s, { cornersDownturned, sadnessAngerDifference, sadnessToAngerBoost }, { cornerOffset }) {
      if (!isSadnessNearAnger(s) || cornerOffset > cornersDownturned) return false;
      if (!(s.of('sadness') - s.of('anger') < sadnessAngerDifference)) return false;
      return s.boost('anger', Math.min(18, s.of('sadness') * sadnessToAngerBoost), 'sadness', sadnessToAngerBoost);
    },
  },
  {
    name: 'anger_to_disgust',
    uses: ['mouthOpen'],
    looks: true,
    apply: (s, { mouthOpen }, { mouthRatio }) =>
      s.top === 'anger' && s.of('disgust') > 15 && mouthRatio < mouthOpen && s.add('disgust', 15),
  },
  {
    name: 'anger_to_sadness',
    uses: ['cornersDownturned', 'angerSadnessDifference'],
    looks: true,
    apply: (s, { cornersDownturned, angerSadnessDifference }, { cornerOffset }) =>
      s.top === 'anger' &&
      s.of('sadness') > 25 &&
      cornerOffset > cornersDownturned &&
      s.of('anger') - s.of('sadness') < angerSadnessDifference &&
      s.add('sadness', 8),
  },
  {
    name: 'sadness_anger_intensity',
    uses: ['sadnessAngerIntensity'],
    looks: false,
    apply: (s, { sadnessAngerIntensity }) =>
      isSadnessNearAnger(s) &&
      s.of('sadness') < 60 &&
      s.of('sadness') - s.of('anger') < sadnessAngerIntensity &&
      s.add('anger', 20),
  },
  {
    name: 'sadness_disgust_anger',
    uses: [],
    looks: false,
    apply: (s) => isSadnessNearAnger(s) && s.of('disgust') > 10 && s.add('anger', 12),
  },
] as const satisfies readonly Rule[];

export type RuleName = (typeof RULE_LIST)[number]['name'];

/** Published parameters. */
export const PUBLISHED_PARAMETERS: RuleParameters = Object.fromEntries(
  Object.entries(RULE_PARAMETERS).map(([name, range]) => [name, range.default]),
) as unknown as RuleParameters;

/** Names of all rules, in the order in which they are applied. */
export const RULES: readonly RuleName[] = RULE_LIST.map(({ name }) => name);

const isFearNearSurprise = (s: Scores): boolean => s.top === 'fear' && s.of('surprise') > 8;
const isSadnessNearAnger = (s: Scores): boolean => s.top === 'sadness' && s.of('anger') > 12;

/** The parameters that some active rule uses: others cannot be tuned. Where no face has a shape, rules that look at faces use none. */
export function parametersOf(active: ReadonlySet<RuleName>, hasShapes = true): (keyof RuleParameters)[] {
  const used = new Set<keyof RuleParameters>();
  for (const { name, uses, looks } of RULE_LIST) {
    if (!active.has(name) || (looks && !hasShapes)) continue;
    for (const parameter of uses) used.add(parameter);
    if (looks) used.add('headPoseLeft').add('headPoseRight');
  }
  return (Object.keys(RULE_PARAMETERS) as (keyof RuleParameters)[]).filter((name) => used.has(name));
}

export interface Refined {
  /** 1 in all; NaN where nothing measures an expression. */
  readonly probabilities: Probabilities;
  readonly fired: readonly RuleName[];
}

/**
 * Applies the active rules. Those that look at the face are skipped without a shape and where the head is turned beyond the limits
 * of `parameters`. Nothing comes out negative.
 */
export function refine(
  fused: Probabilities,
  shape: FaceShape | null,
  active: ReadonlySet<RuleName>,
  parameters: RuleParameters,
): Refined {
  if (active.size === 0 || dominantIndex(fused) < 0) return { probabilities: fused, fired: [] };
  const scores = new Scores(fused);
  const fired: RuleName[] = [];
  for (const rule of RULE_LIST) {
    if (!active.has(rule.name) || rule.apply === null) continue;
    const hasFired = rule.looks
      ? shape !== null && isFrontal(shape, parameters) && rule.apply(scores, parameters, shape)
      : rule.apply(scores, parameters, fired);
    if (hasFired) fired.push(rule.name);
  }
  return fired.length > 0 ? { probabilities: scores.probabilities(), fired } : { probabilities: fused, fired };
}

/** Whether the majority must leave a happiness alone: the rule is active, and the corners of the mouth point up. */
export function keepsSmile(
  shape: FaceShape | null,
  active: ReadonlySet<RuleName>,
  parameters: RuleParameters,
): boolean {
  if (!active.has('smile_kept') || shape === null || !isFrontal(shape, parameters)) return false;
  return shape.cornerOffset < parameters.cornersUpturned;
}

const isFrontal = ({ noseOffset }: FaceShape, { headPoseLeft, headPoseRight }: RuleParameters): boolean =>
  noseOffset > headPoseLeft && noseOffset < headPoseRight;

/** Members that must agree for an override, their mean score in points, and the most that is moved. */
const AGREEING_MEMBERS = 2;
const AGREED_SCORE = 30;
const MOST_MOVED = 20;

/**
 * Where at least two members share a first choice that is not the fused one, and give it more than 30 points on average, it gets
 * 0.4 × the score of the fused first choice (20 points at most), which loses half as much. Of several such choices that of the most members
 * counts, then the one with the higher mean. A face with upturned corners of the mouth is not moved away from happiness where
 * `keepsSmiles` says so. Returns null where nothing is to be changed.
 */
export function overrideByMajority(
  fused: Probabilities,
  members: readonly (Probabilities | null)[],
  keepsSmiles = false,
): Probabilities | null {
  const top = dominantIndex(fused);
  if (top < 0 || (keepsSmiles && EXPRESSIONS[top] === 'happiness')) return null;
  const choices = new Map<number, number[]>();
  for (const member of members) {
    const choice = member ? dominantIndex(member) : -1;
    if (member && choice >= 0) choices.set(choice, [...(choices.get(choice) ?? []), points(member[choice])]);
  }
  const mean = (scores: readonly number[]): number => scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const [agreed] = [...choices]
    .filter(([choice, scores]) => choice !== top && scores.length >= AGREEING_MEMBERS && mean(scores) > AGREED_SCORE)
    .sort(([, p], [, q]) => q.length - p.length || mean(q) - mean(p));
  if (!agreed) return null;
  const scores = new Scores(fused);
  const boost = Math.min(MOST_MOVED, 0.4 * scores.of(EXPRESSIONS[top]));
  scores.boost(EXPRESSIONS[agreed[0]], boost, EXPRESSIONS[top], 0.5);
  return scores.probabilities();
}

/** Each to the power 1 / temperature, normalised: above 1 the estimate becomes less sure, at 1 it is what it was. */
export function withTemperature(probabilities: Probabilities, temperature: number): Probabilities {
  if (temperature === 1) return probabilities;
  return normalized(probabilities.map((p) => p ** (1 / temperature)));
}

/**
 * The estimate without contempt, whose share goes to the others in proportion to what they hold, evenly where they hold nothing.
 * Nothing changes where contempt is not measured.
 */
export function withoutContempt(probabilities: Probabilities): Probabilities {
  const at = EXPRESSIONS.indexOf('contempt');
  if (Number.isNaN(probabilities[at])) return probabilities;
  const left = probabilities.slice();
  left[at] = NaN;
  const others = left.filter((p) => !Number.isNaN(p));
  if (others.some((p) => p > 0)) return normalized(left);
  return left.map((p) => (Number.isNaN(p) ? p : 1 / others.length));
}

export const LEVELS = ['high', 'medium', 'low'] as const;

/** How sure an estimate looks: its first choice has at least 60 points, at least 40, or less. */
export function levelOf(probabilities: Probabilities): (typeof LEVELS)[number] {
  const top = points(probabilities[dominantIndex(probabilities)] ?? 0);
  return top >= 60 ? 'high' : top >= 40 ? 'medium' : 'low';
}
