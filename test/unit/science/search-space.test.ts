import { describe, expect, it } from 'vitest';
import { checkSpace, fromUnit, toUnit, type SearchRange } from '../../../src/main/science/search-space.ts';

const linear: SearchRange = { name: 'threshold', least: -0.3, most: -0.05, scale: 'linear' };
const log: SearchRange = { name: 'weight', least: 0.001, most: 1000, scale: 'log' };

describe('a range', () => {
  it('on a linear scale has its middle half way', () => {
    expect(toUnit(linear, -0.175)).toBeCloseTo(0.5, 12);
    expect(fromUnit(linear, 0.2)).toBeCloseTo(-0.25, 12);
  });

  it('on a log scale has factors side by side', () => {
    expect(toUnit(log, 0.01)).toBeCloseTo(1 / 6, 12); // one of six factors of ten
    expect(fromUnit(log, 0.5)).toBeCloseTo(1, 12);
  });

  it('is never left, not even by rounding, and what lies outside counts as the bound', () => {
    for (const range of [linear, log, { ...log, least: 1e-3, most: 3 }]) {
      expect(fromUnit(range, 0)).toBe(range.least);
      expect(fromUnit(range, 1)).toBeLessThanOrEqual(range.most);
      expect(fromUnit(range, 1)).toBeCloseTo(range.most, 12);
      expect(toUnit(range, range.most * 2 + 1)).toBe(1);
    }
    expect(toUnit(linear, -0.4)).toBe(0);
  });
});

describe('a space', () => {
  it('in which nothing can be searched is refused', () => {
    expect(() => checkSpace([])).toThrow('nothing to search');
    expect(() => checkSpace([linear, linear])).toThrow('two ranges called threshold');
    expect(() => checkSpace([{ ...linear, most: -0.3 }])).toThrow('cannot go from -0.3 to -0.3');
    expect(() => checkSpace([{ ...log, least: 0 }])).toThrow('log scale');
    expect(() => checkSpace([{ ...linear, most: Infinity }])).toThrow(RangeError);
    expect(() => checkSpace([linear, log])).not.toThrow();
  });
});
