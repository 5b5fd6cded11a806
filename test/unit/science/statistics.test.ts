import { describe, expect, it } from 'vitest';
import { bootstrap, holm, mcnemar, permutationTest, quantile } from '../../../src/main/science/statistics.ts';

const meanOf = (values: readonly number[], weights: Float64Array): number => {
  let [sum, total] = [0, 0];
  values.forEach((value, i) => {
    sum += weights[i] * value;
    total += weights[i];
  });
  return sum / total;
};

describe('the bootstrap', () => {
  it('comes near the interval of a share: p ± 1.96 √(p (1 − p) / n)', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 5 === 0 ? 0 : 1)); // 0.8 of 400: ± 0.0392
    const { mean } = bootstrap(400, null, (weights) => ({ mean: meanOf(values, weights) }), 1, 4000);
    expect(mean.low).toBeCloseTo(0.7608, 2);
    expect(mean.high).toBeCloseTo(0.8392, 2);
  });

  it('draws what belongs together together: intervals grow by √ of the size of the groups', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 100 < 20 ? 0 : 1));
    const groups = values.map((_, i) => Math.floor(i / 4));
    const alone = bootstrap(400, null, (w) => ({ mean: meanOf(values, w) }), 1, 2000).mean;
    const grouped = bootstrap(400, groups, (w) => ({ mean: meanOf(values, w) }), 1, 2000).mean;
    expect((grouped.high - grouped.low) / (alone.high - alone.low)).toBeGreaterThan(1.7);
  });

  it('gives the same for the same seed, and hands out as many items as there are', () => {
    const counts: number[] = [];
    const run = (seed: number) =>
      bootstrap(
        10,
        null,
        (w) => {
          counts.push(w.reduce((a, b) => a + b, 0));
          return { sum: w.reduce((sum, weight, i) => sum + i * weight, 0) };
        },
        seed,
        50,
      );
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    expect(new Set(counts)).toEqual(new Set([10]));
  });

  it('leaves out resamples in which there is no figure', () => {
    let call = 0;
    const { half } = bootstrap(3, null, () => ({ half: call++ % 2 ? NaN : 0.5 }), 1, 20);
    expect(half).toEqual({ low: 0.5, high: 0.5 });
  });
});

describe('quantiles', () => {
  it('lie between the nearest values', () => {
    expect(quantile([1, 2, 3, 5], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 5], 1)).toBe(5);
    expect(quantile([4], 0.3)).toBe(4);
  });
});

describe("McNemar's exact test", () => {
  it('is the binomial tail, doubled', () => {
    expect(mcnemar(1, 9)).toBeCloseTo((2 * (1 + 10)) / 1024, 12);
    expect(mcnemar(9, 1)).toBe(mcnemar(1, 9));
    expect(mcnemar(0, 5)).toBeCloseTo(2 / 32, 12);
  });

  it('is 1 for an even split and for no difference', () => {
    expect(mcnemar(6, 6)).toBe(1);
    expect(mcnemar(0, 0)).toBe(1);
  });

  it('holds for thousands of items', () => {
    // Normal approximation with continuity: z = (|1000 − 1100| − 1) / √2100 = 2.160, two-sided 0.0308.
    expect(mcnemar(1000, 1100)).toBeCloseTo(0.0307, 3);
  });
});

describe('the permutation test', () => {
  it('comes near the exact probability: of 2⁵ signs two give the largest sum', () => {
    expect(permutationTest([1, 1, 1, 1, 1], 3)).toBeCloseTo(2 / 32, 2);
  });

  it('is 1 without a difference', () => {
    expect(permutationTest([0, 0, 0], 3)).toBe(1);
    expect(permutationTest([1, -1], 3)).toBe(1);
  });
});

describe("Holm's method", () => {
  it('adjusts by rank and never falls', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
