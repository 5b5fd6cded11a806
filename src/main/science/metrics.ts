// How well estimates agree with labels. Everything here is a sum over items, so that a resample is a matter of weights.
import { EXPRESSIONS, dominantIndex, type Probabilities } from '../core/expression.ts';

/** A picture with a label and what was said of it. */
export interface Judged {
  /** Index in EXPRESSIONS. */
  readonly label: number;
  /** 1 in all over what is measured, NaN where nothing measures an expression; null where no face was found. */
  readonly probabilities: Probabilities | null;
  /** Shares of those who were asked, 1 in all, where the loss is to be the one that is expected if one of them is right. */
  readonly votes?: Probabilities | null;
}

export interface LabelFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Figures of a set of items. Shares are 0…1; NaN where there is nothing to divide by. */
export interface Figures {
  /** Items with an estimate. */
  readonly items: number;
  readonly accuracy: number;
  /** Mean recall over the labels that occur. */
  readonly balancedAccuracy: number;
  /** Mean F1 over the labels that occur. */
  readonly macroF1: number;
  /** Mean of −ln of the label's probability, which counts as 1e-7 at least; in nats. */
  readonly logLoss: number;
  /** Expected calibration error of the first choice, see {@link reliability}. */
  readonly calibrationError: number;
}

/** Smallest probability in the logarithm: an estimate of single precision may be 0. */
const LEAST_PROBABILITY = 1e-7;
/** Bins of equal width over the probability of the first choice. */
export const CALIBRATION_BINS = 15;

/** What of an item goes into the figures. */
export interface Outcome {
  readonly label: number;
  /** Index of the first choice. */
  readonly choice: number;
  readonly isRight: boolean;
  /** Probability of the first choice. */
  readonly sureness: number;
  readonly loss: number;
}

/** Of items with an estimate; null for others. */
export function outcomeOf({ label, probabilities, votes = null }: Judged): Outcome | null {
  const choice = probabilities ? dominantIndex(probabilities) : -1;
  if (!probabilities || choice < 0) return null;
  const loss = (votes && expectedLoss(probabilities, votes)) ?? lossOf(probabilities[label]);
  return { label, choice, isRight: choice === label, sureness: probabilities[choice], loss };
}

const lossOf = (probability: number): number =>
  -Math.log(Math.max(LEAST_PROBABILITY, Number.isNaN(probability) ? 0 : probability));

/** Votes for what is not measured do not count; null where there are no others. */
function expectedLoss(probabilities: Probabilities, votes: Probabilities): number | null {
  let [loss, counted] = [0, 0];
  votes.forEach((share, e) => {
    if (!(share > 0) || Number.isNaN(probabilities[e])) return;
    loss += share * lossOf(probabilities[e]);
    counted += share;
  });
  return counted > 0 ? loss / counted : null;
}

/** How often label i (row) was taken for j (column), at 8 i + j. `weights` counts an item more than once, or not at all. */
export function confusionOf(outcomes: readonly Outcome[], weights?: ArrayLike<number>): Float64Array {
  const E = EXPRESSIONS.length;
  const counts = new Float64Array(E * E);
  outcomes.forEach(({ label, choice }, i) => {
    counts[E * label + choice] += weights ? weights[i] : 1;
  });
  return counts;
}

/** Precision, recall and F1 of each expression from a confusion matrix. Precision is NaN where an expression was never chosen. */
export function labelFigures(confusion: Float64Array): LabelFigures[] {
  const E = EXPRESSIONS.length;
  return EXPRESSIONS.map((_, e) => {
    let [support, chosen] = [0, 0];
    for (let i = 0; i < E; i++) {
      support += confusion[E * e + i];
      chosen += confusion[E * i + e];
    }
    const right = confusion[E * e + e];
    return { precision: right / chosen, recall: right / support, f1: (2 * right) / (support + chosen), support };
  });
}

export interface ReliabilityBin {
  /** The bin holds sureness above `from` up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly items: number;
  /** Mean probability of the first choice, and how often it is right; NaN for an empty bin. */
  readonly meanSureness: number;
  readonly accuracy: number;
}

/** How often first choices are right by how sure they are, in {@link CALIBRATION_BINS} bins of equal width. */
export function reliability(outcomes: readonly Outcome[], weights?: ArrayLike<number>): ReliabilityBin[] {
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ items: 0, sureness: 0, right: 0 }));
  outcomes.forEach(({ sureness, isRight }, i) => {
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.max(0, Math.ceil(sureness * CALIBRATION_BINS) - 1))];
    const weight = weights ? weights[i] : 1;
    bin.items += weight;
    bin.sureness += weight * sureness;
    if (isRight) bin.right += weight;
  });
  return bins.map(({ items, sureness, right }, i) => ({
    from: i / CALIBRATION_BINS,
    to: (i + 1) / CALIBRATION_BINS,
    items,
    meanSureness: sureness / items,
    accuracy: right / items,
  }));
}

/** All figures of outcomes, or of a resample of them. */
export function figuresOf(outcomes: readonly Outcome[], weights?: ArrayLike<number>): Figures {
  let [items, right, loss] = [0, 0, 0];
  outcomes.forEach((outcome, i) => {
    const weight = weights ? weights[i] : 1;
    items += weight;
    loss += weight * outcome.loss;
    if (outcome.isRight) right += weight;
  });
  const present = labelFigures(confusionOf(outcomes, weights)).filter(({ support }) => support > 0);
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  let calibrationError = 0;
  for (const bin of reliability(outcomes, weights)) {
    if (bin.items > 0) calibrationError += (bin.items / items) * Math.abs(bin.accuracy - bin.meanSureness);
  }
  return {
    items,
    accuracy: right / items,
    balancedAccuracy: mean(present.map(({ recall }) => recall)),
    macroF1: mean(present.map(({ f1 }) => f1)),
    logLoss: loss / items,
    calibrationError: items > 0 ? calibrationError : NaN,
  };
}
