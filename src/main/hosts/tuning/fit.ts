// Fits a profile to what its members said of pictures: temperatures, and the study of weights and thresholds.
import { createHash } from 'node:crypto';
import { MienError } from '../../contract/errors.ts';
import type { Profile } from '../../core/profile.ts';
import { RULES } from '../../core/refine.ts';
import type { Scoring } from '../../core/scoring.ts';
import { randomFrom } from '../../science/random.ts';
import { Study } from '../../science/study.ts';
import type { Trial } from '../../science/trial.ts';
import { StudyHistory, type StudySettings } from '../../store/study-history.ts';
import type { SeenPictures } from './effect.ts';
import type { TuningItem } from './objective.ts';
import { TuningSpace, usedParameters } from './space.ts';
import { finalTemperature, memberTemperatures } from './temperatures.ts';
import { runTrials, type TrialsOptions } from './trials.ts';

/** To be raised when the same settings mean another study. */
const METHOD = 1;

export interface FitOptions extends Pick<TrialsOptions, 'trials' | 'jobs' | 'signal' | 'onTrial'> {
  readonly profile: Profile;
  readonly seed: number;
  /** Which rules the study has: all and the override, none, or those of the profile. */
  readonly rules: 'all' | 'none' | 'profile';
  /** Whether votes are the labels, where there are any. */
  readonly isVoted: boolean;
  readonly historyFile: string;
  /** Hears what is known when the trials begin. */
  readonly onStudy: (study: Study) => void;
}

export interface Fitted {
  readonly space: TuningSpace;
  readonly study: Study;
  readonly best: Trial;
  /** So many trials are of an earlier run. */
  readonly earlier: number;
  /** Of the best trial, with the temperature of the whole estimate fitted to it. */
  readonly scoring: Scoring;
}

/**
 * The study of REFERENCE 7. Each member's temperature is fitted first, because the members say the same in every trial; that of the whole
 * estimate before the study, so that it does not look for sureness in the weights, and again after it. The first trial has the profile's
 * weights and thresholds, as near as the ranges allow, with these temperatures. Throws usage where nothing can be tuned and for a study
 * that was begun with other settings, interrupted, and what the history throws.
 */
export async function fitProfile(seen: SeenPictures, before: Scoring, options: FitOptions): Promise<Fitted> {
  const { profile, seed } = options;
  const named = namedItems(seen, options);
  const items = shuffled(named, seed).map(({ item }) => item);
  const temperatures = memberTemperatures(items, before);
  const calibrated: Scoring = {
    ...{ ...before, ...rulesOf(profile, options.rules) },
    members: before.members.map(({ weights }, i) => ({ weights, temperature: temperatures[i] })),
  };
  const begin: Scoring = { ...calibrated, temperature: finalTemperature(items, calibrated) };
  const space = new TuningSpace(begin, profile, items);
  if (space.ranges.length === 0) throw nothingToTune(profile);
  const { study, earlier } = await search(space, items, options, settingsOf(space, named, before.contempt, options));
  const { best } = study;
  if (!best) throw new Error('the first trials of a study are not pruned');
  const found = space.scoringAt(best.point);
  return { space, study, best, earlier, scoring: { ...found, temperature: finalTemperature(items, found) } };
}

/**
 * Throws usage where it is known without a picture that nothing can be tuned: a single member has no weights to search for. Of pictures
 * that are cut already no rule fires that looks at faces.
 */
export function checkTunable(
  profile: Profile,
  { rules, isCropped }: Pick<FitOptions, 'rules'> & { readonly isCropped: boolean },
): void {
  if (profile.members.length > 1) return;
  if (usedParameters(rulesOf(profile, rules), !isCropped).length === 0) throw nothingToTune(profile);
}

function nothingToTune({ name }: Profile): MienError {
  const remedy = 'It needs two members that measure the same expression, or rules: try --rules all.';
  return new MienError('usage', `Nothing of the profile "${name}" can be tuned.`, remedy);
}

function rulesOf({ rules, override }: Profile, choice: FitOptions['rules']): Pick<Scoring, 'rules' | 'override'> {
  if (choice === 'profile') return { rules, override };
  const isOn = choice === 'all';
  return { rules: { ...rules, active: isOn ? RULES : [] }, override: isOn };
}

interface NamedItem {
  readonly name: string;
  readonly item: TuningItem;
}

function namedItems({ pictures, views }: SeenPictures, { isVoted }: FitOptions): NamedItem[] {
  return pictures.flatMap(({ name, label, votes }, i) => {
    const own = views[i];
    return own ? [{ name, item: { label, votes: isVoted ? votes : null, views: own } }] : [];
  });
}

/** In an order drawn by lot (Fisher and Yates): data sets are often sorted by their labels, and every report should be a fair sample. */
function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = randomFrom(seed);
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** What must be the same for a study to go on, by words that a person understands. */
function settingsOf(
  { ranges, begin }: TuningSpace,
  items: readonly NamedItem[],
  contempt: boolean,
  { profile, seed, rules, isVoted }: FitOptions,
): StudySettings {
  const [pictures, scores] = [createHash('sha256'), createHash('sha256')];
  for (const { name, item } of items) {
    pictures.update(JSON.stringify([name, item.label, item.votes && [...item.votes]]));
    for (const { members, shape } of item.views)
      scores.update(JSON.stringify([members.map((values) => values && [...values]), shape]));
  }
  return {
    ...{ seed, rules, contempt, votes: isVoted, profile, method: METHOD },
    pictures: pictures.digest('hex'),
    'scores of the members': scores.digest('hex'),
    parameters: { ranges, begin },
  };
}

/** The study with all its trials, and how many of them an earlier run had made. */
async function search(
  space: TuningSpace,
  items: readonly TuningItem[],
  options: FitOptions,
  settings: StudySettings,
): Promise<{ readonly study: Study; readonly earlier: number }> {
  const { historyFile, seed, trials, jobs, signal } = options;
  const study = new Study(space.ranges, { seed, begins: [space.begin] });
  const history = StudyHistory.open(historyFile, settings);
  try {
    for (const trial of history.trials) study.restore(trial);
    const earlier = study.trials.length;
    options.onStudy(study);
    await runTrials({
      ...{ study, items, trials, jobs, signal },
      scoringAt: (point) => space.scoringAt(point),
      onTrial: (trial, accuracy) => {
        const { number, point, state, reports, value } = trial;
        if (state === 'running' || value === null) return;
        history.add({ number, point, state, reports, value, accuracy });
        options.onTrial(trial, accuracy);
      },
    });
    if (signal.aborted) {
      const words = `The study was stopped with ${study.trials.filter(({ value }) => value !== null).length} of ${trials} trials.`;
      throw new MienError('interrupted', words, 'The same command goes on with it.');
    }
    return { study, earlier };
  } finally {
    history.close();
  }
}
