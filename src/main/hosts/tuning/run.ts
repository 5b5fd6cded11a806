// Tunes a profile on a data set, from its pictures to the tuned profile and what is to be said of it.
import { MienError } from '../../contract/errors.ts';
import { EXPRESSIONS } from '../../core/expression.ts';
import type { Profile } from '../../core/profile.ts';
import type { Scoring } from '../../core/scoring.ts';
import type { Dataset, LabelledPicture } from '../../engine/dataset.ts';
import { importances } from '../../science/importance.ts';
import type { Trial } from '../../science/trial.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { estimatePictures, type EstimateOptions } from '../evaluation/estimates.ts';
import type { ProfileEvaluation } from '../evaluation/run.ts';
import { effectOn, verdictOf, warningsOf, type Effect, type ScoredPart, type SeenPictures } from './effect.ts';
import { checkTunable, fitProfile, type FitOptions, type Fitted } from './fit.ts';
import type { Parts } from './parts.ts';
import type { NotTuned } from './space.ts';

export interface TuneOptions extends Omit<EstimateOptions, 'onProgress'>, FitOptions {
  /** Of the tuned profile. */
  readonly name: string;
  /** Whether there are two more studies for the figures, each of half of the pictures; their histories are beside the other one. */
  readonly isCrossed: boolean;
  /** Null: as in the profile, and only where a picture is labelled so. */
  readonly hasContempt: boolean | null;
  /** Another data set, of which the figures are reported too. */
  readonly also: Dataset | null;
  /** Hears that pictures of a data set will be looked at; what it returns hears how many were. */
  readonly onLooking: (dataset: string, pictures: number) => EstimateOptions['onProgress'];
}

/** A parameter that was searched for. Weights are given before they are normalised, as they were searched. */
export interface TunedParameter {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly scale: 'linear' | 'log';
  readonly before: number;
  readonly after: number;
  /** Share of 1, see importances; null where too little was tried. */
  readonly importance: number | null;
}

export interface TuningReport {
  readonly profile: string;
  readonly from: string;
  readonly program_version: string;
  readonly dataset: string;
  readonly validation_split: string | null;
  readonly test_split: string | null;
  readonly parted_by: 'splits' | 'halves' | 'crossed halves';
  readonly models: ProfileEvaluation['models'];
  readonly left_out: ProfileEvaluation['left_out'];
  readonly crops: boolean;
  readonly flip: boolean;
  readonly votes: boolean;
  readonly contempt: 'on' | 'off';
  readonly rules: readonly string[];
  readonly override: boolean;
  readonly seed: number;
  readonly jobs: number;
  readonly trials: {
    readonly complete: number;
    readonly pruned: number;
    readonly earlier: number;
    readonly best: number;
  };
  readonly parameters: readonly TunedParameter[];
  readonly not_tuned: readonly NotTuned[];
  readonly temperatures: { readonly members: Readonly<Record<string, number>>; readonly fused: number };
  /** Of the pictures that the study saw. */
  readonly validation: Effect;
  /** Of those that it never saw; of crossed halves both, each by the study that saw the other one. */
  readonly test: Effect;
  readonly also: (Effect & { readonly dataset: string }) | null;
  readonly warnings: readonly string[];
}

/**
 * Looks at every picture once, fits (see {@link fitProfile}) on those that the study may see, and tells what that did to the others.
 * Crossed, there is a study for each half, whose figures are of the other one, and the profile is fitted to both together: nothing of
 * the figures is of pictures that were seen, and no picture is lost for the fit.
 * Throws usage where nothing can be tuned, input_empty where a part has no face, and what fitting, the networks and the pictures throw.
 */
export async function tuneProfile(
  parts: Parts,
  options: TuneOptions,
): Promise<{ readonly report: TuningReport; readonly profile: Profile }> {
  const { profile, isVoted, isCrossed, historyFile } = options;
  checkTunable(profile, options);
  const views = await look(parts.dataset, parts.pictures, options);
  const seen = partOf(parts.pictures, views, (i) => parts.isSeen(i));
  const test = partOf(parts.pictures, views, (i) => !parts.isSeen(i));
  const also = options.also && {
    ...{ dataset: options.also.name, pictures: options.also.pictures },
    views: await look(options.also.name, options.also.pictures, options),
  };
  checkPart(seen, 'the study');
  checkPart(test, 'the test');

  const contempt = options.hasContempt ?? (profile.contempt && parts.pictures.some(({ label }) => label === CONTEMPT));
  const before = scoringOf(profile, contempt);
  const fit = async (part: SeenPictures, suffix: string): Promise<Fitted> =>
    fitProfile(part, before, { ...options, historyFile: historyFile + suffix });
  const whole = isCrossed ? { pictures: parts.pictures, views } : seen;
  const fitted = await fit(whole, ''); // before the halves: a history of other settings is found out at once
  const after = fitted.scoring;
  const tests: ScoredPart[] = [];
  if (isCrossed) {
    tests.push({ part: test, after: (await fit(seen, '.half-1')).scoring });
    tests.push({ part: seen, after: (await fit(test, '.half-2')).scoring });
  } else tests.push({ part: test, after });
  const effectIn = (scored: readonly ScoredPart[]): Effect => effectOn(scored, before, isVoted);
  const effects = {
    ...{ validation: effectIn([{ part: whole, after }]), test: effectIn(tests) },
    also: also && { dataset: also.dataset, ...effectIn([{ part: also, after }]) },
  };
  const report: TuningReport = {
    ...{ profile: options.name, from: profile.name, program_version: PROGRAM_VERSION, dataset: parts.dataset },
    ...{ validation_split: parts.validation, test_split: parts.test },
    parted_by: isCrossed ? 'crossed halves' : parts.partedBy,
    models: profile.members.map(({ model }) => ({ id: model, sha256: options.registry.record(model).sha256 })),
    left_out: { duplicates: parts.leftOut.duplicates, unknown_labels: parts.leftOut.unknownLabels },
    ...{ crops: options.isCropped, flip: options.isFlipped, votes: isVoted, contempt: contempt ? 'on' : 'off' },
    ...{ seed: options.seed, jobs: options.jobs, ...studyReport(fitted, profile) },
    ...effects,
    warnings: warningsOf(effects.test, effects.also),
  };
  return { report, profile: tunedProfile(profile, after, report, options.hasContempt) };
}

type StudyReport = Pick<TuningReport, 'rules' | 'override' | 'trials' | 'parameters' | 'not_tuned' | 'temperatures'>;

function studyReport({ space, study, best, earlier, scoring }: Fitted, { members }: Profile): StudyReport {
  const shares = importances(space.ranges, study.trials);
  const count = (wanted: Trial['state']): number => study.trials.filter(({ state }) => state === wanted).length;
  return {
    ...{ rules: scoring.rules.active, override: scoring.override },
    trials: { complete: count('complete'), pruned: count('pruned'), earlier, best: best.number },
    parameters: space.ranges.map(({ name, least, most, scale }, i) => ({
      ...{ name, least, most, scale },
      ...{ before: space.begin[i], after: best.point[i], importance: shares?.[i] ?? null },
    })),
    not_tuned: space.notTuned,
    temperatures: {
      members: Object.fromEntries(members.map(({ model }, i) => [model, scoring.members[i].temperature])),
      fused: scoring.temperature,
    },
  };
}

async function look(
  dataset: string,
  pictures: readonly LabelledPicture[],
  options: TuneOptions,
): Promise<SeenPictures['views']> {
  const onProgress = options.onLooking(dataset, pictures.length);
  return (await estimatePictures(pictures, { ...options, onProgress })).views;
}

const CONTEMPT = EXPRESSIONS.indexOf('contempt');

function partOf(
  pictures: readonly LabelledPicture[],
  views: SeenPictures['views'],
  isIn: (index: number) => boolean,
): SeenPictures {
  return { pictures: pictures.filter((_, i) => isIn(i)), views: views.filter((_, i) => isIn(i)) };
}

function checkPart({ pictures, views }: SeenPictures, name: string): void {
  if (views.some((view) => view !== null)) return;
  const what = pictures.length === 0 ? 'no picture is left' : 'no face was found in any picture';
  throw new MienError('input_empty', `For ${name} ${what}.`, 'Give more pictures, or name both splits.');
}

function scoringOf({ members, override, rules, temperature }: Profile, contempt: boolean): Scoring {
  const own = members.map((member) => ({ weights: member.weights, temperature: member.temperature }));
  return { members: own, override, rules, temperature, contempt, reject: null };
}

/** What was asked for about contempt is kept; that no picture was labelled so says nothing against it, and is told only. */
function tunedProfile(
  profile: Profile,
  after: Scoring,
  report: TuningReport,
  hasContempt: TuneOptions['hasContempt'],
): Profile {
  const { dataset, validation, trials, seed } = report;
  const verdict = verdictOf(report.test.log_loss_gain);
  const leftOut = profile.contempt && report.contempt === 'off' ? ', contempt left out' : '';
  return {
    ...profile,
    name: report.profile,
    description:
      `The profile ${profile.name}, tuned on ${validation.images} pictures of ${dataset} ` +
      `(${trials.complete + trials.pruned} trials, seed ${seed}${leftOut}). Log loss on ${report.test.images} ${otherPictures(report)}: ` +
      `${(report.test.before.log_loss ?? NaN).toFixed(3)} before, ${(report.test.after.log_loss ?? NaN).toFixed(3)} after` +
      `${verdict === 'better' ? '' : ` (${verdict})`}.`,
    members: profile.members.map((member, i) => ({ ...member, ...after.members[i] })),
    ...{ override: after.override, rules: after.rules, temperature: after.temperature },
    contempt: hasContempt ?? profile.contempt,
  };
}

const otherPictures = ({ parted_by: partedBy }: TuningReport): string =>
  partedBy === 'crossed halves' ? 'pictures, each by a study of the other half' : 'other pictures';
