// How many trials a minute the tuner makes: node test/bench/tune.ts [pictures] [jobs] [trials]. The members' answers are made up (three
// members, seven expressions, shapes of faces, all rules and the override on), because what is measured comes after them: choosing points,
// scoring pictures in threads, reporting and pruning. With --whole nothing is pruned, which is the most that a trial can cost. Prints one
// JSON object. It measures, it does not judge: the numbers depend on what else the machine does.
import { RULES } from '../../src/main/core/refine.ts';
import { TuningSpace } from '../../src/main/hosts/tuning/space.ts';
import { runTrials } from '../../src/main/hosts/tuning/trials.ts';
import { medianPruner, neverPrune } from '../../src/main/science/pruner.ts';
import { Study } from '../../src/main/science/study.ts';
import { fakeProfile } from '../fixtures/fake-profile.ts';
import { madeUpItems } from '../fixtures/tuning.ts';

const isWhole = process.argv.includes('--whole');
const [pictures = 2000, jobs = 2, trials = 200] = process.argv
  .slice(2)
  .filter((word) => word !== '--whole')
  .map(Number);

const items = madeUpItems(pictures, [1, 2, 3]);
const profile = fakeProfile({ first: 1, second: 1, third: 1 });
const scoring = { ...profile, override: true, rules: { ...profile.rules, active: RULES } };
const space = new TuningSpace(scoring, profile, items);
const pruner = isWhole ? neverPrune : medianPruner({ startupTrials: 10, warmupSteps: 0 });
const study = new Study(space.ranges, { seed: 42, begins: [space.begin], pruner });

const startMs = performance.now();
await runTrials({
  ...{ study, items, trials, jobs, signal: { aborted: false } },
  scoringAt: (point) => space.scoringAt(point),
  onTrial: () => undefined,
});
const minutes = (performance.now() - startMs) / 60_000;
const pruned = study.trials.filter(({ state }) => state === 'pruned').length;
const figures = { made_up_pictures: pictures, jobs, parameters: space.ranges.length, trials, pruned };
process.stdout.write(
  `${JSON.stringify({ ...figures, seconds: Math.round(6000 * minutes) / 100, trials_a_minute: Math.round(trials / minutes) }, null, 2)}\n`,
);
