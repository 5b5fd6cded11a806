import { describe, expect, it } from 'vitest';
import { medianPruner } from '../../../src/main/science/pruner.ts';
import type { Trial } from '../../../src/main/science/trial.ts';

const complete = (number: number, ...reports: number[]): Trial => ({
  ...{ number, point: [0], state: 'complete', reports, value: reports.at(-1) ?? 0 },
});
const running = (...reports: number[]): Trial => ({ number: 99, point: [0], state: 'running', reports, value: null });

// At the first step 1, 2, 3, 4: the median is 2.5. At the second 4, 3, 2: 3. At the third 1 alone.
const TRIALS = [complete(0, 1, 4), complete(1, 2, 3, 1), complete(2, 3, 2), complete(3, 4)];
const prune = medianPruner({ startupTrials: 4, warmupSteps: 0 });

describe('the median pruner', () => {
  it('stops what is worse than the median at its step, and nothing that is as good', () => {
    expect(prune(running(2.5), TRIALS)).toBe(false);
    expect(prune(running(2.6), TRIALS)).toBe(true);
  });

  it('looks at the best report until now, and at the others where they reported as often', () => {
    expect(prune(running(2.9, 5), TRIALS)).toBe(false); // 2.9 < 3
    expect(prune(running(3.1, 3.5), TRIALS)).toBe(true);
    expect(prune(running(5, 5, 1), TRIALS)).toBe(false);
    expect(prune(running(5, 5, 1.1), TRIALS)).toBe(true);
    expect(prune(running(5, 5, 5, 5), TRIALS)).toBe(false); // nobody came so far
  });

  it('waits until enough trials are complete; those that were stopped do not count', () => {
    const stopped: Trial = { ...complete(4, 0.1), state: 'pruned' };
    expect(prune(running(9), TRIALS.slice(1))).toBe(false);
    expect(prune(running(9), [...TRIALS.slice(1), stopped])).toBe(false);
    expect(prune(running(2.4), [...TRIALS, stopped])).toBe(false);
    expect(medianPruner({ startupTrials: 0, warmupSteps: 0 })(running(9), [])).toBe(false);
  });

  it('waits for the steps of the warm-up', () => {
    const patient = medianPruner({ startupTrials: 4, warmupSteps: 1 });
    expect(patient(running(9), TRIALS)).toBe(false);
    expect(patient(running(9, 9), TRIALS)).toBe(true);
  });
});
