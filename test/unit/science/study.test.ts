import { describe, expect, it } from 'vitest';
import { importances } from '../../../src/main/science/importance.ts';
import { medianPruner } from '../../../src/main/science/pruner.ts';
import { toUnit, type Point, type SearchSpace } from '../../../src/main/science/search-space.ts';
import { permutationTest } from '../../../src/main/science/statistics.ts';
import { Study } from '../../../src/main/science/study.ts';
import { byLot, tpe } from '../../../src/main/science/tpe.ts';
import { ranked, type Trial } from '../../../src/main/science/trial.ts';
import { BRANIN_MINIMA, BRANIN_SPACE, MIXED_SPACE, branin, separable, studied } from '../../fixtures/studies.ts';

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const bestOf = (study: Study): Trial => {
  if (!study.best) throw new Error('a trial is complete');
  return study.best;
};
const points = (study: Study): Point[] => study.trials.map(({ point }) => point);

/** Runs both samplers with the same seeds and budgets; the probability that neither is better. */
function againstLot(
  space: SearchSpace,
  f: (point: Point) => number,
  trials: number,
): { readonly bests: readonly Trial[]; readonly meanGain: number; readonly p: number } {
  const bests = SEEDS.map((seed) => bestOf(studied(space, f, trials, { seed, sampler: tpe })));
  const gains = SEEDS.map(
    (seed, i) => (bestOf(studied(space, f, trials, { seed, sampler: byLot })).value ?? NaN) - (bests[i].value ?? NaN),
  );
  return { bests, meanGain: gains.reduce((a, b) => a + b, 0) / gains.length, p: permutationTest(gains, 1) };
}

describe('the tree-structured Parzen estimator', () => {
  it('finds the lowest points of Branin, each of them with some seed, and is better than chance', () => {
    const { bests, meanGain, p } = againstLot(BRANIN_SPACE, branin, 100);
    expect(meanGain).toBeGreaterThan(0);
    expect(p).toBeLessThan(0.05);
    const nearest = bests.map(({ point: [x, y] }) => {
      const apart = BRANIN_MINIMA.map(([a, b]) => Math.hypot(x - a, y - b));
      return { which: apart.indexOf(Math.min(...apart)), distance: Math.min(...apart) };
    });
    expect(Math.max(...nearest.map(({ distance }) => distance))).toBeLessThan(1);
    expect(new Set(nearest.map(({ which }) => which)).size).toBe(3);
    for (const { value } of bests) expect(value).toBeGreaterThanOrEqual(0.397887);
  });

  it('is better than chance with 43 parameters on log and linear scales, with every seed', () => {
    const { bests, meanGain, p } = againstLot(MIXED_SPACE, separable, 120);
    expect(p).toBeLessThan(0.05);
    // A point by lot has 24 · E(log10² (w / 0.1)) + 19 · E((t − 0.3)²) = 24 · 1.21 + 19 · 0.423 = 37 on average.
    expect(Math.max(...bests.map(({ value }) => value ?? NaN))).toBeLessThan(20);
    expect(meanGain).toBeGreaterThan(3);
  });

  it('stays inside its ranges', () => {
    for (const point of points(studied(MIXED_SPACE, (p) => -p[0] - p[30], 40, { seed: 3 })))
      MIXED_SPACE.forEach(({ least, most }, i) => {
        expect(point[i]).toBeGreaterThanOrEqual(least);
        expect(point[i]).toBeLessThanOrEqual(most);
      });
  });

  it('learns from trials that were stopped: they are worse than complete ones', () => {
    const space: SearchSpace = [{ name: 'x', least: 0, most: 1, scale: 'linear' }];
    const study = new Study(space, { seed: 1, pruner: ({ point: [x] }) => x > 0.5 });
    for (let i = 0; i < 60; i++) {
      const { number, point } = study.ask();
      // What is stopped reports what would be the best value of all.
      if (study.report(number, point[0] > 0.5 ? 0 : 1).state === 'running') study.tell(number, 1 + point[0]);
    }
    const late = study.trials.slice(20);
    expect(late.filter(({ state }) => state === 'pruned').length).toBeLessThan(10);
  });

  it('does not try again what is being tried', () => {
    const begun = studied(BRANIN_SPACE, branin, 40, { seed: 4 });
    const [first, second] = [begun.ask(), begun.ask()];
    expect(first.number).toBe(40);
    expect(second.number).toBe(41);
    expect(second.point).not.toEqual(first.point);
  });
});

describe('a study', () => {
  it('is the same for the same seed, and another one for another', () => {
    const run = (seed: number): Point[] => points(studied(BRANIN_SPACE, branin, 40, { seed }));
    expect(run(42)).toEqual(run(42));
    expect(run(42)[0]).not.toEqual(run(43)[0]);
    expect(run(42)[39]).not.toEqual(run(43)[39]);
  });

  it('goes on after an interruption as if there had been none, a trial under way being begun again', () => {
    const whole = studied(BRANIN_SPACE, branin, 30, { seed: 7 });
    const rest = new Study(BRANIN_SPACE, { seed: 7 });
    for (const trial of whole.trials.slice(0, 17)) rest.restore(trial);
    for (let i = 17; i < 30; i++) {
      const { number, point } = rest.ask();
      expect(number).toBe(i);
      rest.tell(number, branin(point));
    }
    expect(points(rest)).toEqual(points(whole));
  });

  it('takes the numbers of trials that are missing first', () => {
    const study = new Study(BRANIN_SPACE, { seed: 1 });
    study.restore({ number: 1, point: [0, 0], state: 'complete', reports: [], value: 3 });
    expect([study.ask(), study.ask()].map(({ number }) => number)).toEqual([0, 2]);
  });

  it('begins with the points that it is given', () => {
    const study = new Study(BRANIN_SPACE, { seed: 1, begins: [[3, 2]] });
    expect(study.ask().point).toEqual([3, 2]);
    expect(study.ask().point).not.toEqual([3, 2]);
  });

  it('stops a trial that reports worse than the median, and calls a complete one its best', () => {
    const study = new Study(BRANIN_SPACE, { seed: 1, pruner: medianPruner({ startupTrials: 2, warmupSteps: 0 }) });
    for (const value of [1, 3]) {
      const { number } = study.ask();
      expect(study.report(number, value).state).toBe('running');
      study.tell(number, value + 10);
    }
    const third = study.ask();
    expect(study.report(third.number, 2.1)).toMatchObject({ state: 'pruned', value: 2.1, reports: [2.1] });
    expect(study.best).toMatchObject({ number: 0, value: 11 });
    expect(() => study.tell(third.number, 1)).toThrow('does not run');
  });

  it('refuses what is no value and what does not belong to it', () => {
    const study = new Study(BRANIN_SPACE, { seed: 1 });
    const { number, point } = study.ask();
    expect(() => study.tell(number, NaN)).toThrow('NaN is no value');
    expect(() => study.report(5, 1)).toThrow('does not run');
    const ended: Trial = { number: 3, point, state: 'complete', reports: [], value: 1 };
    expect(() => study.restore({ ...ended, point: [1] })).toThrow('another space');
    expect(() => study.restore({ ...ended, number })).toThrow('is known');
    expect(() => study.restore({ ...ended, state: 'running', value: null })).toThrow('has not ended');
    expect(study.best).toBeNull();
  });
});

describe('the order of trials', () => {
  it('has complete ones first, then those that came further', () => {
    const trial = (number: number, state: 'complete' | 'pruned', reports: number[], value: number): Trial => ({
      ...{ number, state, reports, value, point: [0] },
    });
    const trials = [
      trial(0, 'pruned', [1], 1),
      trial(1, 'complete', [9, 9], 9),
      trial(2, 'pruned', [5, 5], 5),
      trial(3, 'pruned', [5, 4], 4),
      trial(4, 'complete', [8, 8], 8),
      { ...trial(5, 'complete', [], 0), state: 'running' as const, value: null },
    ];
    expect(ranked(trials).map(({ number }) => number)).toEqual([4, 1, 3, 2, 0]);
  });
});

describe('importances', () => {
  const space: SearchSpace = ['a', 'b', 'c', 'd'].map((name) => ({ name, least: -1, most: 1, scale: 'linear' }));

  it('are shares of the variance: of x² + 2 y, by lot, 4/45 to 4/3', () => {
    // Over −1…1 x² has a variance of 4/45 and 2 y one of 4/3. Ranks follow values nearly in proportion, and the penalty takes little.
    const { trials } = studied(space, ([x, y]) => x * x + 2 * y, 2000, { seed: 1, sampler: byLot });
    const [a, b, c, d] = importances(space, trials) ?? [];
    expect(a + b + c + d).toBeCloseTo(1, 12);
    expect(a).toBeCloseTo(4 / 45 / (4 / 45 + 4 / 3), 1.7);
    expect(b).toBeGreaterThan(0.9);
    expect(Math.max(c, d)).toBeLessThan(0.005);
  });

  it('see what matters among 43 in what the sampler has chosen', () => {
    const f = (point: Point): number =>
      MIXED_SPACE.reduce((sum, range, i) => sum + (i % 20 === 0 ? 20 : 0.2) * (toUnit(range, point[i]) - 0.65) ** 2, 0);
    const shares = importances(MIXED_SPACE, studied(MIXED_SPACE, f, 200, { seed: 1 }).trials) ?? [];
    const [three, others] = [[0, 20, 40], shares.map((_, i) => i).filter((i) => i % 20 !== 0)].map(
      (which) => which.reduce((sum, i) => sum + shares[i], 0) / which.length,
    );
    expect(three / others).toBeGreaterThan(5);
    expect([0, 20, 40]).toContain(shares.indexOf(Math.max(...shares)));
  });

  it('are even where nothing matters, and nothing where too little was tried', () => {
    const trials = studied(space, () => 1, 200, { seed: 1, sampler: byLot }).trials;
    expect(importances(space, trials)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(importances(space, trials.slice(0, 19))).toBeNull();
    expect(importances(space, trials.slice(0, 20))).toHaveLength(4);
  });
});
