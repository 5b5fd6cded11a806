import { describe, expect, it } from 'vitest';
import { ParzenEstimator, normalShare, weightsByAge } from '../../../src/main/science/parzen.ts';
import { seeded } from '../../fixtures/seeded.ts';

const integral = (estimator: ParzenEstimator, from = 0, to = 1): number => {
  const steps = 20_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += estimator.density(from + ((to - from) * (i + 0.5)) / steps);
  return (sum * (to - from)) / steps;
};

describe('the density', () => {
  it('without points is the prior: a normal curve as wide as the range, cut off at both ends', () => {
    const prior = new ParzenEstimator([]);
    // φ(0) / (Φ(0.5) − Φ(−0.5)) = 0.398942 / 0.382925
    expect(prior.density(0.5)).toBeCloseTo(1.041828, 5);
    expect(prior.density(0)).toBeCloseTo(1.041828 * Math.exp(-0.125), 5);
  });

  it('of one point is half the prior and half a kernel that reaches to the middle', () => {
    // The point at 0.2 has one neighbour, the prior's centre, at 0.3: wider than 1 / min(100, 1 + 2).
    // As 0.3 < 1/3, its width is 1/3: φ(0) · 3 / (Φ(2.4) − Φ(−0.6)) = 1.196827 / 0.717549, and the prior 1.041828 · e^(−0.045).
    const one = new ParzenEstimator([0.2]);
    expect(one.density(0.2)).toBeCloseTo(0.5 * (1.196827 / 0.717549) + 0.5 * 1.041828 * Math.exp(-0.045), 5);
  });

  it('is 1 over the range, with kernels at its ends and on top of one another', () => {
    for (const points of [[], [0], [1, 1, 1], [0.2, 0.21, 0.9], Array.from({ length: 300 }, (_, i) => (i % 17) / 16)])
      expect(integral(new ParzenEstimator(points))).toBeCloseTo(1, 5);
  });

  it('is drawn from as it says', () => {
    const estimator = new ParzenEstimator([0, 0.05, 0.1, 0.9]);
    const random = seeded(5);
    const drawn = Array.from({ length: 20_000 }, () => estimator.sample(random));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1);
    for (const [from, to] of [
      [0, 0.2],
      [0.4, 0.6],
      [0.8, 1],
    ]) {
      const share = drawn.filter((unit) => unit >= from && unit < to).length / drawn.length;
      expect(share).toBeCloseTo(integral(estimator, from, to), 1.7); // ± 0.01, three standard errors
    }
  });
});

describe('the weights of points', () => {
  it('are 1 for the newest 25, and rise from 1 / count to 1 before them', () => {
    expect(weightsByAge(3)).toEqual([1, 1, 1]);
    expect(weightsByAge(25)).toEqual(new Array(25).fill(1));
    expect(weightsByAge(26)).toEqual([1 / 26, ...new Array<number>(25).fill(1)]);
    const weights = weightsByAge(28);
    expect(weights[0]).toBeCloseTo(1 / 28, 12);
    expect(weights[1]).toBeCloseTo((1 + 1 / 28) / 2, 12);
    expect(weights.slice(2)).toEqual(new Array(26).fill(1));
  });
});

describe('the normal distribution', () => {
  it('has the shares that tables give', () => {
    for (const [z, share] of [
      [0, 0.5],
      [1, 0.8413447],
      [-1.96, 0.0249979],
      [3, 0.9986501],
    ])
      expect(normalShare(z)).toBeCloseTo(share, 6);
  });
});
