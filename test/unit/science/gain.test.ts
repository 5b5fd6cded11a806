import { describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import type { EvaluatedItem } from '../../../src/main/science/evaluation.ts';
import { lossGain } from '../../../src/main/science/gain.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const item = (anger: number | null, subject: string | null = null): EvaluatedItem => ({
  ...{ name: '', subject, label: EXPRESSIONS.indexOf('anger') },
  probabilities: anger === null ? null : scores({ anger, fear: 1 - anger }),
});

describe('the gain in log loss', () => {
  it('is the mean of what each item gained: ln 2 and 0', () => {
    const gain = lossGain([item(0.25), item(0.5)], [item(0.5), item(0.5)]);
    expect(gain?.mean).toBeCloseTo(Math.LN2 / 2, 6);
    expect(gain?.items).toBe(2);
    expect(gain?.low).toBeCloseTo(0, 6); // both draws are the second
    expect(gain?.high).toBeCloseTo(Math.LN2, 6);
  });

  it('is below 0 where it became worse', () => {
    expect(lossGain([item(0.5)], [item(0.25)])?.mean).toBeCloseTo(-Math.LN2, 6);
  });

  it('is one of items that have an estimate in both', () => {
    expect(lossGain([item(0.25), item(null), item(0.5)], [item(0.5), item(0.5), item(null)])?.items).toBe(1);
    expect(lossGain([item(null)], [item(0.5)])).toBeNull();
  });

  it('draws subjects where all are known', () => {
    const before = Array.from({ length: 40 }, (_, i) => item(i % 4 < 2 ? 0.25 : 0.5, `S${i % 2}`));
    const after = before.map(({ subject }) => item(0.5, subject));
    // Both subjects gain the same on average, so that no draw of them changes anything.
    const gain = lossGain(before, after);
    expect(gain?.low).toBeCloseTo(Math.LN2 / 2, 6);
    expect(gain?.high).toBeCloseTo(Math.LN2 / 2, 6);
  });
});
