// One profile on one data set, from its pictures to what is written.
import { EXPRESSIONS, expressionOf, type Expression } from '../../core/expression.ts';
import { evenWeights } from '../../core/profile.ts';
import { PUBLISHED_PARAMETERS } from '../../core/refine.ts';
import type { Scoring } from '../../core/scoring.ts';
import type { Dataset } from '../../engine/dataset.ts';
import {
  compare,
  evaluate,
  mainFigures,
  type Comparison,
  type EvaluatedItem,
  type Evaluation,
  type MainFigures,
} from '../../science/evaluation.ts';
import { outcomeOf } from '../../science/metrics.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { estimatePictures, type EstimateOptions } from './estimates.ts';
import { judge } from './judge.ts';

/** A picture that is taken for something else. */
export interface Mistake {
  readonly name: string;
  readonly label: Expression;
  readonly choice: Expression;
  /** Score of the choice. */
  readonly sureness: number;
}

export interface ProfileEvaluation extends Evaluation {
  readonly dataset: string;
  readonly split: string | null;
  readonly profile: string;
  readonly models: readonly { readonly id: string; readonly sha256: string }[];
  readonly program_version: string;
  readonly crops: boolean;
  readonly flip: boolean;
  readonly contempt: 'on' | 'off';
  readonly left_out: { readonly duplicates: number; readonly unknown_labels: Readonly<Record<string, number>> };
  /** Each member alone, and all with the same weight. */
  readonly members: readonly ({ readonly name: string } & MainFigures)[];
  /** Elapsed, reading included. */
  readonly ms_per_face: number | null;
  readonly mistakes: readonly Mistake[];
  readonly comparison?: Comparison & { readonly with: string };
}

export interface EvaluationOptions extends EstimateOptions {
  readonly split: string | null;
  /** Null: as in the profile, and only where a picture is labelled so. */
  readonly hasContempt: boolean | null;
}

const MOST_MISTAKES = 24;

/** Throws what the networks and the pictures throw; one that cannot be read ends the evaluation. */
export async function evaluateProfile(
  dataset: Dataset,
  options: EvaluationOptions,
): Promise<{ readonly evaluation: ProfileEvaluation; readonly items: EvaluatedItem[] }> {
  const { registry, profile, split, isCropped, isFlipped } = options;
  const { pictures } = dataset;
  const contempt = EXPRESSIONS.indexOf('contempt');
  const hasContempt = options.hasContempt ?? (profile.contempt && pictures.some(({ label }) => label === contempt));
  const { views, msPerFace } = await estimatePictures(pictures, options);
  const items = judge(pictures, views, { ...profile, contempt: hasContempt });
  const others = [
    ...profile.members.map(({ model }, own) => ({ name: model, weighs: (i: number) => i === own })),
    { name: 'all with the same weight', weighs: () => true },
  ].map(({ name, weighs }) => ({ name, scoring: plain(profile.members.length, weighs, hasContempt) }));
  const evaluation: ProfileEvaluation = {
    dataset: dataset.name,
    split,
    profile: profile.name,
    models: profile.members.map(({ model }) => ({ id: model, sha256: registry.record(model).sha256 })),
    program_version: PROGRAM_VERSION,
    crops: isCropped,
    flip: isFlipped,
    contempt: hasContempt ? 'on' : 'off',
    ...evaluate(items),
    left_out: { duplicates: dataset.leftOut.duplicates, unknown_labels: dataset.leftOut.unknownLabels },
    members: others.map(({ name, scoring }) => ({ name, ...mainFigures(judge(pictures, views, scoring)) })),
    ms_per_face: Number.isNaN(msPerFace) ? null : msPerFace,
    mistakes: mistakesIn(items),
  };
  return { evaluation, items };
}

/** Some of the members, as they are and with the same weight, with nothing done to their mean. */
function plain(count: number, weighs: (member: number) => boolean, contempt: boolean): Scoring {
  const members = Array.from({ length: count }, (_, i) => ({
    weights: evenWeights(weighs(i) ? 1 : 0),
    temperature: 1,
  }));
  const rules = { active: [], parameters: PUBLISHED_PARAMETERS };
  return { members, override: false, rules, temperature: 1, contempt, reject: null };
}

function mistakesIn(items: readonly EvaluatedItem[]): Mistake[] {
  const mistakes = items.flatMap((item) => {
    const outcome = outcomeOf(item);
    if (!outcome || outcome.isRight) return [];
    const { label, choice, sureness } = outcome;
    return [{ name: item.name, label: EXPRESSIONS[label], choice: EXPRESSIONS[choice], sureness }];
  });
  return mistakes.sort((p, q) => q.sureness - p.sureness).slice(0, MOST_MISTAKES);
}

/** The same with a comparison, where both have seen the same pictures. */
export function compared(
  first: { readonly evaluation: ProfileEvaluation; readonly items: readonly EvaluatedItem[] },
  second: readonly EvaluatedItem[],
  name: string,
): ProfileEvaluation | null {
  const comparison = compare(first.items, second);
  return comparison && { ...first.evaluation, comparison: { ...comparison, with: name } };
}

/** An item as a line of a file, to be compared with later. */
export interface WrittenItem {
  readonly name: string;
  readonly label: Expression;
  readonly subject: string | null;
  /** In the order of EXPRESSIONS; null for one that is not measured. Null where no face was found. */
  readonly scores: readonly (number | null)[] | null;
}

export const writtenItem = ({ name, label, subject, probabilities }: EvaluatedItem): WrittenItem => ({
  ...{ name, subject, label: EXPRESSIONS[label] },
  scores: probabilities && [...probabilities].map((p) => (Number.isNaN(p) ? null : p)),
});

export const readItem = ({ name, label, subject, scores }: WrittenItem): EvaluatedItem => ({
  ...{ name, subject, label: EXPRESSIONS.indexOf(expressionOf(label) ?? 'neutral') },
  probabilities: scores && Float32Array.from(scores, (p) => p ?? NaN),
});
