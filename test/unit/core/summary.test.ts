import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression } from '../../../src/main/core/expression.ts';
import { SummaryCollector, type PersonSummary } from '../../../src/main/core/summary.ts';
import type { TimelineRow } from '../../../src/main/core/timeline.ts';
import { personOf, rowOf, scores } from '../../fixtures/timeline-rows.ts';

const ANNA = personOf(1);
const BEN = personOf(2, 'A07');
const HAPPY = scores({ happiness: 0.8, sadness: 0.2 });
const SAD = scores({ happiness: 0.3, sadness: 0.7 });

function collected(rows: readonly TimelineRow[]): SummaryCollector {
  const collector = new SummaryCollector();
  for (const row of rows) collector.add(row);
  return collector;
}

const persons = (...rows: readonly TimelineRow[]): PersonSummary[] => collected(rows).persons();

/** The same for every expression that is not named. */
const each = <T>(rest: T, named: Partial<Record<Expression, T>> = {}): Record<string, T> =>
  Object.fromEntries(EXPRESSIONS.map((name) => [name, named[name] ?? rest]));

const rounded = (values: PersonSummary['mean']): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value && Number(value.toFixed(6))]));

describe('the summary of a person', () => {
  it('counts frames with the face, valid ones, and the others by reason', () => {
    const [anna] = persons(
      rowOf(ANNA, 0, HAPPY),
      rowOf(ANNA, 1, 'occluded'),
      rowOf(ANNA, 2, 'no_face'),
      rowOf(ANNA, 3, 'not_searched'),
      rowOf(ANNA, 4, 'occluded'),
      rowOf(ANNA, 5, SAD),
      rowOf(ANNA, 6, 'no_face'),
    );
    expect(anna).toMatchObject({ id: 'P1', participant: null, frames: 4, valid_frames: 2 });
    expect(anna.missing).toEqual({ occluded: 2, no_face: 2, not_searched: 1 });
  });

  it('has means and dominant shares over the valid frames only', () => {
    const hidden = rowOf(ANNA, 3, scores({ anger: 1 }), { valid: false, missingReason: 'occluded' });
    const [anna] = persons(rowOf(ANNA, 0, HAPPY), rowOf(ANNA, 1, HAPPY), rowOf(ANNA, 2, SAD), hidden);
    // (0.8 + 0.8 + 0.3) / 3 and (0.2 + 0.2 + 0.7) / 3.
    expect(rounded(anna.mean)).toEqual(each(0, { happiness: 0.633333, sadness: 0.366667 }));
    expect(rounded(anna.dominant_share)).toEqual(each(0, { happiness: 0.666667, sadness: 0.333333 }));
    expect(anna.valid_frames).toBe(3);
  });

  it('has no means where no frame is valid: not zeros', () => {
    const [anna] = persons(rowOf(ANNA, 0, 'too_small'), rowOf(ANNA, 1, 'no_face'));
    expect(anna).toMatchObject({ frames: 1, valid_frames: 0 });
    expect(anna.mean).toEqual(each(null));
    expect(anna.dominant_share).toEqual(each(null));
  });

  it('has no mean of an expression that nothing measures', () => {
    const seven = scores({ contempt: NaN, happiness: 0.7 }, 0.05);
    const [anna] = persons(rowOf(ANNA, 0, seven), rowOf(ANNA, 1, seven));
    expect(rounded(anna.mean)).toEqual({ ...each(0.05, { happiness: 0.7 }), contempt: null });
    expect(anna.dominant_share.happiness).toBe(1);
  });

  it('has the mean of an expression that was measured in some frames only', () => {
    const [anna] = persons(
      rowOf(ANNA, 0, scores({ contempt: 0.25 }, 0.1)),
      rowOf(ANNA, 1, scores({ contempt: NaN }, 1 / 7)),
    );
    expect(anna.mean.contempt).toBeCloseTo(0.25, 6);
  });

  it('names the participant', () => {
    expect(persons(rowOf(BEN, 0, 'no_consent'))).toMatchObject([{ id: 'P2', participant: 'A07' }]);
  });

  it('stands in the order of their numbers, whoever appears first, and people are kept apart', () => {
    const list = persons(
      rowOf(BEN, 0, SAD),
      rowOf(ANNA, 1, HAPPY),
      rowOf(BEN, 1, 'no_face'),
      rowOf(ANNA, 2, HAPPY),
      rowOf(BEN, 2, SAD),
    );
    expect(list.map(({ id, frames }) => [id, frames])).toEqual([
      ['P1', 2],
      ['P2', 2],
    ]);
    expect(list[0].mean.happiness).toBeCloseTo(0.8, 6);
    expect(list[1].mean.happiness).toBeCloseTo(0.3, 6);
  });

  it('can be asked for at any time, and goes on', () => {
    const collector = collected([rowOf(ANNA, 0, HAPPY)]);
    expect(collector.persons()[0].valid_frames).toBe(1);
    collector.add(rowOf(ANNA, 1, SAD));
    expect(collector.persons()[0].mean.happiness).toBeCloseTo(0.55, 6);
  });

  it('becomes JSON without a loss', () => {
    const list = persons(rowOf(ANNA, 0, scores({ contempt: NaN }, 1 / 7)), rowOf(BEN, 0, 'no_face'));
    expect(JSON.parse(JSON.stringify(list))).toEqual(list);
  });
});

describe('the number of frames with a face', () => {
  it('counts a frame once, however many faces are in it', () => {
    const rows = [
      rowOf(null, 0, 'no_face'),
      ...[rowOf(ANNA, 1, HAPPY), rowOf(BEN, 1, HAPPY)],
      ...[rowOf(ANNA, 2, 'no_face'), rowOf(BEN, 2, 'no_consent')],
      ...[rowOf(ANNA, 3, 'occluded'), rowOf(BEN, 3, 'no_face')],
      ...[rowOf(ANNA, 4, 'no_face'), rowOf(BEN, 4, 'not_searched')],
    ];
    expect(collected(rows).framesWithFace).toBe(3);
  });

  it('is 0 where nobody is known', () => {
    const nobody = collected([rowOf(null, 0, 'no_face'), rowOf(null, 1, 'not_searched')]);
    expect(nobody.framesWithFace).toBe(0);
    expect(nobody.persons()).toEqual([]);
  });
});
