// What tuning did: the same pictures scored before and after.
import type { Scoring } from '../../core/scoring.ts';
import type { LabelledPicture } from '../../engine/dataset.ts';
import {
  compare,
  mainFigures,
  type Comparison,
  type EvaluatedItem,
  type MainFigures,
} from '../../science/evaluation.ts';
import { lossGain, type LossGain } from '../../science/gain.ts';
import type { Views } from '../evaluation/estimates.ts';
import { judge } from '../evaluation/judge.ts';

/** Pictures and what the members said of them; null where no face was found. */
export interface SeenPictures {
  readonly pictures: readonly LabelledPicture[];
  readonly views: readonly (Views | null)[];
}

export interface Effect {
  readonly images: number;
  readonly faces_not_found: number;
  readonly before: MainFigures;
  readonly after: MainFigures;
  /** Null where there is no estimate to compare. */
  readonly log_loss_gain: LossGain | null;
  /** First is after, second before. */
  readonly comparison: Comparison | null;
}

/** Unless a difference in accuracy is rarer than this by chance, it is called noise. */
const LEVEL = 0.05;

/** Items for figures; with votes their losses are the expected ones. */
export function itemsOf({ pictures, views }: SeenPictures, scoring: Scoring, isVoted: boolean): EvaluatedItem[] {
  return judge(pictures, views, scoring).map((item, i) => (isVoted ? { ...item, votes: pictures[i].votes } : item));
}

/** Pictures, and what they are scored with after tuning. */
export interface ScoredPart {
  readonly part: SeenPictures;
  readonly after: Scoring;
}

/** Of all parts together. */
export function effectOn(parts: readonly ScoredPart[], before: Scoring, isVoted: boolean): Effect {
  const first = parts.flatMap(({ part }) => itemsOf(part, before, isVoted));
  const second = parts.flatMap(({ part, after }) => itemsOf(part, after, isVoted));
  const views = parts.flatMap(({ part }) => part.views);
  return {
    images: views.length,
    faces_not_found: views.filter((view) => view === null).length,
    before: mainFigures(first),
    after: mainFigures(second),
    log_loss_gain: lossGain(first, second),
    comparison: compare(second, first),
  };
}

/** What a gain in log loss says: its interval is above 0, below 0, or neither. */
export function verdictOf(gain: LossGain | null): 'better' | 'worse' | 'inside the noise' {
  if (gain && gain.low > 0) return 'better';
  return gain && gain.high < 0 ? 'worse' : 'inside the noise';
}

/** Which way the log loss went, and by how much, in nats. */
export function lossWords({ mean, low, high }: LossGain): string {
  const isLoss = mean < 0;
  const [by, from, to] = (isLoss ? [-mean, -high, -low] : [mean, low, high]).map((value) => value.toFixed(4));
  return `${isLoss ? 'rises' : 'falls'} by ${by} (95 %: ${from} to ${to})`;
}

/** What to think of before the tuned profile is used, in sentences. */
export function warningsOf(test: Effect, also: (Effect & { readonly dataset: string }) | null): string[] {
  const warnings: string[] = [];
  const { log_loss_gain: gain, comparison } = test;
  const verdict = verdictOf(gain);
  if (verdict === 'worse' && gain) {
    warnings.push(`The tuned profile is worse on the test part: the log loss ${lossWords(gain)}.`);
  } else if (verdict === 'inside the noise') {
    const change = gain ? `: it ${lossWords(gain)}` : '';
    warnings.push(`The gain in log loss on the test part is inside the noise${change}.`);
  }
  const p = comparison && (comparison.p_subjects ?? comparison.p);
  if (!comparison || p === null || p >= LEVEL || comparison.accuracy[0] <= comparison.accuracy[1]) {
    const chance = p === null ? '' : ` (p = ${p.toPrecision(2)})`;
    warnings.push(`A gain in accuracy on the test part is not shown${chance}.`);
  }
  if (also) {
    const isWorse = (figure: 'accuracy' | 'log_loss', sign: 1 | -1): boolean =>
      sign * ((also.after[figure] ?? 0) - (also.before[figure] ?? 0)) < 0;
    const lost = [...(isWorse('accuracy', 1) ? ['accuracy'] : []), ...(isWorse('log_loss', -1) ? ['log loss'] : [])];
    if (lost.length > 0) warnings.push(`On ${also.dataset} the tuned profile is worse in ${lost.join(' and in ')}.`);
  }
  return warnings;
}
