import { describe, expect, it } from 'vitest';
import { goldenSection } from '../../../src/main/science/golden-section.ts';

describe('golden section', () => {
  it('finds the lowest point to its tolerance', () => {
    expect(Math.abs(goldenSection((x) => (x - 1.7) ** 2, -3, 5, 1e-4) - 1.7)).toBeLessThan(1e-4);
    expect(Math.abs(goldenSection((x) => Math.abs(x), -1, 4, 1e-6))).toBeLessThan(1e-6);
  });

  it('comes to a bound where the curve only falls or only rises', () => {
    expect(goldenSection((x) => x, 2, 3, 1e-5)).toBeCloseTo(2, 4);
    expect(goldenSection((x) => -x, 2, 3, 1e-5)).toBeCloseTo(3, 4);
  });

  it('asks for each value once: the interval shrinks by 0.618 a step', () => {
    let calls = 0;
    const count = (x: number): number => {
      calls++;
      return x * x;
    };
    goldenSection(count, -1, 1, 0.01);
    expect(calls).toBe(2 + Math.ceil(Math.log(200) / Math.log(1.618034))); // 13
  });
});
