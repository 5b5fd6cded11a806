// What a study tries next: by lot, or where good trials lie and bad ones do not.
import { ParzenEstimator } from './parzen.ts';
import { fromUnit, toUnit, type Point, type SearchSpace } from './search-space.ts';
import { ranked, type Trial } from './trial.ts';

/** Chooses a point. `trials` are those before it, running ones too; `random` gives numbers 0…1 without 1. */
export type Sampler = (space: SearchSpace, trials: readonly Trial[], random: () => number) => Point;

/** So many trials are drawn by lot before anything is concluded from them. */
const STARTUP_TRIALS = 10;
/** Places that are drawn and compared for each range. */
const CANDIDATES = 24;
/** The best tenth of the trials is called good, but no more than so many. */
const GOOD_SHARE = 0.1;
const MOST_GOOD = 25;

/** Every point as likely as every other one, on the scales of the space. */
export const byLot: Sampler = (space, _, random) => space.map((range) => fromUnit(range, random()));

/** How many of so many trials are called good. */
const goodAmong = (trials: number): number => Math.min(MOST_GOOD, Math.ceil(GOOD_SHARE * trials));

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011) with the settings that are usual (those of Optuna's TPESampler): each range on
 * its own; of places drawn from the density of the good trials that one at which it is largest in proportion to the density of all
 * others. Trials that still run count as bad, so that several at once do not try the same.
 */
export const tpe: Sampler = (space, trials, random) => {
  const best = ranked(trials);
  if (best.length < STARTUP_TRIALS) return byLot(space, trials, random);
  const good = new Set(best.slice(0, goodAmong(best.length)));
  const [among, others] = [trials.filter((trial) => good.has(trial)), trials.filter((trial) => !good.has(trial))];
  return space.map((range, i) => {
    const [l, g] = [among, others].map((side) => new ParzenEstimator(side.map(({ point }) => toUnit(range, point[i]))));
    let [unit, most] = [0.5, -Infinity];
    for (let c = 0; c < CANDIDATES; c++) {
      const candidate = l.sample(random);
      const gain = Math.log(l.density(candidate)) - Math.log(g.density(candidate));
      if (gain > most) [unit, most] = [candidate, gain];
    }
    return fromUnit(range, unit);
  });
};
