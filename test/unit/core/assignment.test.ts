import { describe, expect, it } from 'vitest';
import { assign } from '../../../src/main/core/assignment.ts';
import { seeded } from '../../fixtures/seeded.ts';

/** The greatest sum that pairs of at least `minGain` can reach, by trying everything. */
function bestTotal(gain: readonly (readonly number[])[], minGain: number, row = 0, used = new Set<number>()): number {
  if (row === gain.length) return 0;
  let best = bestTotal(gain, minGain, row + 1, used); // the row stays alone
  gain[row].forEach((value, column) => {
    if (value < minGain || used.has(column)) return;
    best = Math.max(best, value + bestTotal(gain, minGain, row + 1, new Set([...used, column])));
  });
  return best;
}

describe('the assignment', () => {
  it('pairs each row with its best column where they do not compete', () => {
    const gain = [
      [0.1, 0.9, 0],
      [0.8, 0.2, 0],
      [0, 0.1, 0.7],
    ];
    expect(assign(gain, 0.25)).toEqual([
      [0, 1],
      [1, 0],
      [2, 2],
    ]);
  });

  it('gives up the best pair where the total is then greater', () => {
    // Taking 0.9 first leaves 0.1, in all 1.0; the other way it is 0.8 + 0.8 = 1.6.
    const gain = [
      [0.9, 0.8],
      [0.8, 0.1],
    ];
    expect(assign(gain, 0)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('leaves out pairs below the least gain and keeps those at it', () => {
    expect(assign([[0.25]], 0.25)).toEqual([[0, 0]]);
    expect(assign([[0.2499]], 0.25)).toEqual([]);
  });

  it('does not let a pair that is left out take the place of another', () => {
    // With 0.24 the diagonal would be 0.6 + 0.24 = 0.84 against 0.8; but 0.24 does not count.
    const gain = [
      [0.6, 0.8],
      [0.1, 0.24],
    ];
    expect(assign(gain, 0.25)).toEqual([[0, 1]]);
  });

  it('leaves rows or columns over where there are more of them', () => {
    expect(assign([[0.3, 0.5, 0.4]], 0.1)).toEqual([[0, 1]]);
    expect(assign([[0.3], [0.5], [0.4]], 0.1)).toEqual([[1, 0]]);
  });

  it('of nothing is nothing', () => {
    expect(assign([], 0)).toEqual([]);
    expect(assign([[], []], 0)).toEqual([]);
    expect(assign([[0, 0]], 0.1)).toEqual([]);
  });

  it('reaches the greatest total of all assignments of small matrices', () => {
    const random = seeded(4);
    let paired = 0;
    for (let trial = 0; trial < 400; trial++) {
      const rows = 1 + Math.floor(5 * random());
      const columns = 1 + Math.floor(5 * random());
      // Overlaps are often 0, and sometimes equal.
      const coarse = random() < 0.3;
      const value = (): number => (random() < 0.3 ? 0 : coarse ? Math.round(4 * random()) / 4 : random());
      const gain = Array.from({ length: rows }, () => Array.from({ length: columns }, value));
      const minGain = [0.01, 0.25, 0.6][trial % 3];
      const pairs = assign(gain, minGain);
      const total = pairs.reduce((sum, [row, column]) => sum + gain[row][column], 0);
      expect(total).toBeCloseTo(bestTotal(gain, minGain), 9);
      expect(pairs.every(([row, column]) => gain[row][column] >= minGain)).toBe(true);
      expect(new Set(pairs.map(([row]) => row)).size).toBe(pairs.length);
      expect(new Set(pairs.map(([, column]) => column)).size).toBe(pairs.length);
      expect(pairs.map(([row]) => row)).toEqual(pairs.map(([row]) => row).sort((p, q) => p - q));
      paired += pairs.length;
    }
    expect(paired).toBeGreaterThan(400);
  });
});
