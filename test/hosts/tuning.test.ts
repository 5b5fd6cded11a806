// The parts of the tuner, on made-up answers of members.
import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, softmax } from '../../src/main/core/expression.ts';
import { evenWeights, type Profile } from '../../src/main/core/profile.ts';
import { RULES } from '../../src/main/core/refine.ts';
import type { Scoring } from '../../src/main/core/scoring.ts';
import { checkTunable, fitProfile } from '../../src/main/hosts/tuning/fit.ts';
import { lossWords, verdictOf, warningsOf, type Effect } from '../../src/main/hosts/tuning/effect.ts';
import { meanLoss, scorePart, type TuningItem } from '../../src/main/hosts/tuning/objective.ts';
import { TuningSpace } from '../../src/main/hosts/tuning/space.ts';
import { finalTemperature, memberTemperatures } from '../../src/main/hosts/tuning/temperatures.ts';
import { runTrials } from '../../src/main/hosts/tuning/trials.ts';
import { Study } from '../../src/main/science/study.ts';
import type { Trial } from '../../src/main/science/trial.ts';
import { fakeProfile } from '../fixtures/fake-profile.ts';
import { scores } from '../fixtures/timeline-rows.ts';
import { madeUpItems } from '../fixtures/tuning.ts';

const HAPPY = EXPRESSIONS.indexOf('happiness');
const PROFILE = fakeProfile({ first: 1, second: 2, third: 1 });
const ITEMS = madeUpItems(60, [1, 2, 3]);
const allRules = (profile: Profile): Scoring => ({
  ...{ ...profile, override: true, rules: { ...profile.rules, active: RULES } },
});
const item = (happiness: number, label = HAPPY): TuningItem => ({
  ...{ label, votes: null },
  views: [{ members: [scores({ happiness, neutral: 1 - happiness })], shape: null }],
});

describe('what is tuned', () => {
  it('are the weights of every member and expression that is measured, and what active rules use', () => {
    const { ranges, notTuned } = new TuningSpace(allRules(PROFILE), PROFILE, ITEMS);
    const weights = ranges.filter(({ name }) => name.startsWith('weight'));
    expect(weights).toHaveLength(3 * 7); // nobody measures contempt
    for (const range of weights) expect(range).toMatchObject({ least: 1e-3, most: 3, scale: 'log' });
    expect(ranges.length - weights.length).toBe(18); // no rule uses the gap of ambiguous estimates
    expect(ranges.find(({ name }) => name === 'mouthOpen')).toMatchObject({ least: 0.08, most: 0.2, scale: 'linear' });
    expect(notTuned).toEqual([{ name: 'ambiguousGap', why: 'no rule that can fire uses it' }]);
  });

  it('are 24 weights where three members measure all eight, but those of contempt where it does not count', () => {
    const eight = ITEMS.map((one): TuningItem => {
      const members = one.views[0].members.map((values) => values?.map((p) => (Number.isNaN(p) ? 0 : p)) ?? null);
      return { ...one, views: [{ ...one.views[0], members }] };
    });
    expect(new TuningSpace(PROFILE, PROFILE, eight).ranges).toHaveLength(24);
    const { ranges, notTuned } = new TuningSpace({ ...PROFILE, contempt: false }, PROFILE, eight);
    expect(ranges).toHaveLength(21);
    expect(notTuned).toContainEqual({ name: 'weight second contempt', why: 'contempt does not count' });
  });

  it('is not what only one member measures, nor what needs faces that cannot be measured, nor a veto over nothing', () => {
    const one = ITEMS.map((seen): TuningItem => {
      const [first, ...others] = seen.views[0].members;
      const eight = first?.map((p) => (Number.isNaN(p) ? 0 : p)) ?? null;
      return { ...seen, views: [{ members: [eight, ...others], shape: null }] };
    });
    const { ranges, notTuned } = new TuningSpace(allRules(PROFILE), PROFILE, one);
    expect(notTuned).toContainEqual({ name: 'weight first contempt', why: 'fewer than two members measure it' });
    const parameters = ranges.map(({ name }) => name).filter((name) => !name.startsWith('weight'));
    expect(parameters).toEqual([
      ...['fearSurpriseDifference', 'fearSurpriseClose', 'sadnessAngerIntensity', 'happinessLift', 'happinessCap'],
    ]);
    const withoutOverride = { ...allRules(PROFILE), override: false };
    const names = new TuningSpace(withoutOverride, PROFILE, ITEMS).notTuned.map(({ name }) => name);
    expect(names).toContain('cornersUpturned');
  });

  it('begins where the profile is: weights in proportion, the least at the bound', () => {
    const space = new TuningSpace(PROFILE, PROFILE, ITEMS);
    expect(space.begin.slice(0, 3)).toEqual([1e-3, 1e-3 + Math.LN2, 1e-3]);
    const [first, second, third] = space.scoringAt(space.begin).members.map(({ weights }) => weights);
    expect(second.anger / first.anger).toBeCloseTo(2, 12);
    expect(first.anger + second.anger + third.anger).toBeCloseTo(1, 12);
    expect(first.contempt).toBe(1); // as it was
  });

  it('begins within the ranges, however far weights are apart', () => {
    const profile = fakeProfile({ none: 0, little: 1e-9, much: 5 });
    const { begin, ranges } = new TuningSpace(profile, profile, ITEMS);
    ranges.forEach(({ least, most }, i) => {
      expect(begin[i]).toBeGreaterThanOrEqual(least);
      expect(begin[i]).toBeLessThanOrEqual(most);
    });
    expect(begin.slice(0, 2)).toEqual([1e-3, 1e-3]);
    expect(begin[2]).toBeCloseTo(3, 12);
    const nothing = fakeProfile({ one: 0, two: 0, three: 0 });
    expect(new TuningSpace(nothing, nothing, ITEMS).begin.slice(0, 3)).toEqual([1e-3, 1e-3, 1e-3]);
  });

  it('means the softmax of the values over the members, and the parameters as they are', () => {
    const space = new TuningSpace(allRules(PROFILE), PROFILE, ITEMS);
    const point = space.ranges.map(({ name, least }) =>
      name === 'weight second fear' ? 2 : name === 'happinessCap' ? 90 : least,
    );
    const { members, rules } = space.scoringAt(point);
    const [low, high] = softmax([1e-3, 2, 1e-3]);
    expect(members.map(({ weights }) => weights.fear)).toEqual([low, high, low]);
    expect(members[0].weights.anger).toBeCloseTo(1 / 3, 12);
    expect(rules.parameters).toMatchObject({ happinessCap: 90, happinessLift: 1, ambiguousGap: 12 });
  });
});

describe('a profile of which nothing can be tuned', () => {
  const single = fakeProfile({ only: 1 });
  const words = { code: 'usage', message: 'Nothing of the profile "fake" can be tuned.' };

  it('is refused before a picture is looked at: one member, and no rule that can fire', () => {
    const refusal = (profile: Profile, rules: 'all' | 'none' | 'profile', isCropped = true): unknown => {
      try {
        checkTunable(profile, { rules, isCropped });
        return null;
      } catch (error) {
        return error;
      }
    };
    expect(refusal(single, 'none')).toMatchObject(words);
    expect(refusal(single, 'profile')).toMatchObject(words);
    expect(refusal(single, 'all')).toBeNull();
    expect(refusal(fakeProfile({ first: 1, second: 1 }), 'none')).toBeNull();
    const smiling = { ...single, override: true, rules: { ...single.rules, active: ['smile_kept'] as const } };
    expect(refusal(smiling, 'profile')).toMatchObject(words); // it looks at faces
    expect(refusal(smiling, 'profile', false)).toBeNull();
  });

  it('is refused before the study begins: two members that measure nothing in common', async () => {
    const profile = fakeProfile({ first: 1, second: 1 });
    const apart = (keeps: (e: number) => boolean): Float32Array =>
      scores({ happiness: 0.5, neutral: 0.5 }).map((p, e) => (keeps(e) ? p : NaN));
    const members = [apart((e) => e === HAPPY), apart((e) => e !== HAPPY)];
    const picture = {
      name: 'a',
      label: HAPPY,
      votes: null,
      split: null,
      subject: null,
      read: () => Promise.reject(new Error('is not read')),
    };
    const fitting = fitProfile({ pictures: [picture], views: [[{ members, shape: null }]] }, profile, {
      ...{ profile, rules: 'none', isVoted: false, seed: 1, trials: 1, jobs: 1, signal: { aborted: false } },
      ...{ historyFile: '/nowhere/at.all', onStudy: () => undefined, onTrial: () => undefined },
    });
    await expect(fitting).rejects.toMatchObject(words);
  });
});

describe('the objective', () => {
  const profile = fakeProfile({ one: 1 });

  it('is the sum of losses and of what is right, of a part', () => {
    const items = [item(0.5), item(0.8), item(0.25)];
    const { loss, right } = scorePart(items, profile, 1, 3);
    expect(loss).toBeCloseTo(-Math.log(0.8) - Math.log(0.25), 6);
    expect(right).toBe(1);
    expect(meanLoss(items, profile)).toBeCloseTo(-(Math.log(0.5) + Math.log(0.8) + Math.log(0.25)) / 3, 6);
  });

  it('leaves out what no member answered for', () => {
    const silent: TuningItem = { ...item(1), views: [{ members: [null], shape: null }] };
    expect(scorePart([silent], profile, 0, 1)).toEqual({ loss: 0, right: 0 });
  });
});

describe('temperatures', () => {
  // Says 0.9, and is right three times of four: p = 0.75 where (0.9 / 0.1)^(1 / T) = 3, so T = ln 9 / ln 3 = 2.
  const sure = [item(0.9), item(0.9), item(0.9), item(0.9, EXPRESSIONS.indexOf('neutral'))];
  const profile = fakeProfile({ one: 1 });

  it('make members as sure as they are right', () => {
    expect(memberTemperatures(sure, profile)[0]).toBeCloseTo(2, 2);
  });

  it('of the estimate come after those of the members: together they are the same', () => {
    const halfWay = { ...profile, members: profile.members.map((member) => ({ ...member, temperature: 4 })) };
    expect(finalTemperature(sure, halfWay)).toBeCloseTo(0.5, 2);
  });

  it('stay 1 where nothing is better', () => {
    const right = [item(0.75), item(0.75), item(0.75), item(0.75, EXPRESSIONS.indexOf('neutral'))];
    expect(finalTemperature(right, profile)).toBeCloseTo(1, 2);
    const silent: TuningItem = { ...item(1), views: [{ members: [null], shape: null }] };
    expect(memberTemperatures([silent], profile)).toEqual([1]);
  });
});

describe('trials', () => {
  const items = madeUpItems(450, [0, 1, 3]);
  const space = new TuningSpace(PROFILE, PROFILE, items);
  const run = async (study: Study, trials: number, jobs: number, signal = { aborted: false }): Promise<Trial[]> => {
    const heard: Trial[] = [];
    await runTrials({
      ...{ study, items, trials, jobs, signal },
      scoringAt: (point) => space.scoringAt(point),
      onTrial: (trial) => {
        heard.push(trial);
        if (heard.length === 25) signal.aborted ||= trials === 1000;
      },
    });
    return heard;
  };
  const begun = (): Study => new Study(space.ranges, { seed: 42, begins: [space.begin] });

  it('report every 200 pictures, are pruned by these, and are the same in every run with one thread', async () => {
    const study = begun();
    const heard = await run(study, 30, 1);
    expect(heard).toEqual(study.trials);
    const first = study.trials[0];
    const scoring = space.scoringAt(space.begin);
    expect(first.reports).toEqual(
      [200, 400].map((to): unknown => expect.closeTo(scorePart(items, scoring, 0, to).loss / to, 9)),
    );
    expect(first.value).toBeCloseTo(meanLoss(items, scoring), 9);
    expect(study.trials.filter(({ state }) => state === 'pruned').length).toBeGreaterThan(0);
    for (const { reports } of study.trials) expect(reports.length).toBeLessThanOrEqual(2);
    expect(study.best?.value).toBeLessThan(first.value ?? NaN); // the third member is worth more than the profile says

    const again = begun();
    await run(again, 30, 1);
    expect(again.trials).toEqual(study.trials);
  });

  it('run side by side, and no more of them than are missing', async () => {
    const study = begun();
    await run(study, 12, 3);
    expect(study.trials.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(await run(study, 12, 3)).toEqual([]);
    expect(await run(study, 13, 3)).toHaveLength(1);
  });

  it('stop when they are told to; those under way are not told of', async () => {
    const heard = await run(begun(), 1000, 2);
    expect(heard.length).toBeGreaterThanOrEqual(25);
    expect(heard.length).toBeLessThan(30);
  });

  it('end with the error of one that fails', async () => {
    const study = new Study(space.ranges, { seed: 1 });
    const failing = runTrials({
      ...{ study, items, trials: 20, jobs: 2, signal: { aborted: false } },
      scoringAt: (point) => space.scoringAt(point),
      onTrial: () => {
        throw new Error('the disk is full');
      },
    });
    await expect(failing).rejects.toThrow('the disk is full');
  });
});

describe('warnings', () => {
  const figures = (accuracy: number, loss: number): Effect['before'] => ({
    ...{ accuracy, balanced_accuracy: accuracy, macro_f1: accuracy, log_loss: loss, ece: 0 },
  });
  const effect = (low: number, p: number, pSubjects: number | null = null): Effect => ({
    ...{ images: 100, faces_not_found: 0, before: figures(0.5, 1), after: figures(0.6, 0.9) },
    log_loss_gain: { mean: 0.1, items: 100, low, high: 0.2 },
    comparison: {
      ...{ images: 100, accuracy: [0.6, 0.5], only_first_right: 20, only_second_right: 10, p, p_subjects: pSubjects },
      per_label: {},
    },
  });

  it('are none where log loss and accuracy gain beyond chance', () => {
    expect(warningsOf(effect(0.01, 0.049), null)).toEqual([]);
  });

  it('say when a gain is inside the noise; subjects count where they are known', () => {
    expect(warningsOf(effect(0, 0.01), null)).toEqual([expect.stringContaining('log loss on the test part is inside')]);
    expect(warningsOf(effect(0.01, 0.05), null)).toEqual([expect.stringContaining('p = 0.050')]);
    expect(warningsOf(effect(0.01, 0.01, 0.3), null)).toEqual([expect.stringContaining('p = 0.30')]);
  });

  it('say that a clear loss is one, and not noise', () => {
    const gain = { mean: -0.05, items: 100, low: -0.08, high: -0.02 };
    expect(warningsOf({ ...effect(0.01, 0.01), log_loss_gain: gain }, null)).toEqual([
      'The tuned profile is worse on the test part: the log loss rises by 0.0500 (95 %: 0.0200 to 0.0800).',
    ]);
    const touching = { ...gain, high: 0 };
    expect(warningsOf({ ...effect(0.01, 0.01), log_loss_gain: touching }, null)[0]).toContain(
      'inside the noise: it rises',
    );
    expect([gain, touching, null].map(verdictOf)).toEqual(['worse', 'inside the noise', 'inside the noise']);
    expect([0, 0.001].map((low) => verdictOf({ ...gain, low, high: 1 }))).toEqual(['inside the noise', 'better']);
    expect(lossWords({ mean: 0.1, items: 1, low: -0.1, high: 0.3 })).toBe('falls by 0.1000 (95 %: -0.1000 to 0.3000)');
  });

  it('say when the profile loses on other pictures, and in what', () => {
    const also = { ...effect(0.1, 0.01), dataset: 'photographs', after: figures(0.49, 0.9) };
    expect(warningsOf(effect(0.01, 0.01), also)).toEqual(['On photographs the tuned profile is worse in accuracy.']);
    const both = { ...also, after: figures(0.49, 1.1) };
    expect(warningsOf(effect(0.01, 0.01), both)[0]).toContain('accuracy and in log loss');
    expect(warningsOf(effect(0.01, 0.01), { ...also, after: figures(0.5, 1) })).toEqual([]);
  });
});

describe('members of which nobody knows anything', () => {
  it('weigh the same as before', () => {
    const even = fakeProfile({ a: 1, b: 1, c: 1 });
    const space = new TuningSpace(even, even, ITEMS);
    expect(space.scoringAt(space.begin).members[0].weights).toEqual({ ...evenWeights(1 / 3), contempt: 1 });
  });
});
