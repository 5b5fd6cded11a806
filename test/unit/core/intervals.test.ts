import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Probabilities } from '../../../src/main/core/expression.ts';
import { IntervalCollector, type IntervalSummary } from '../../../src/main/core/intervals.ts';
import type { GapReason, MissingReason } from '../../../src/main/core/record.ts';
import type { TimelineRow } from '../../../src/main/core/timeline.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { frameOf, personOf, rowOf, scores } from '../../fixtures/timeline-rows.ts';

const ANNA = personOf(1);
const BEN = personOf(2, 'A07');
const [HAPPINESS, SADNESS] = [EXPRESSIONS.indexOf('happiness'), EXPRESSIONS.indexOf('sadness')];
const HAPPY = scores({ happiness: 0.8, sadness: 0.2 });
const SAD = scores({ happiness: 0.4, sadness: 0.6 });

/** A row of Anna's at `tSeconds` that stands for `durationSeconds`. */
const rowAt = (
  tSeconds: number,
  durationSeconds: number,
  content: Probabilities | MissingReason,
  person = ANNA,
): TimelineRow => rowOf(person, 0, content, { tSeconds, durationSeconds });

function summariesOf(lengthSeconds: number, rows: readonly TimelineRow[]): IntervalSummary[] {
  const collector = new IntervalCollector(lengthSeconds);
  for (const row of rows) collector.add(row);
  return collector.summaries();
}

const indices = (summaries: readonly IntervalSummary[]): number[] => summaries.map(({ index }) => index);

describe('an interval', () => {
  it('gives means and dominant shares over its valid time, and how much time that is', () => {
    const rows = [rowAt(0, 1, HAPPY), rowAt(1, 3, SAD), rowAt(4, 2, 'occluded'), rowAt(6, 2, 'no_face')];
    const [summary] = summariesOf(10, rows);
    expect(summary).toMatchObject({ person: ANNA, index: 0, startSeconds: 0, endSeconds: 10 });
    expect(summary).toMatchObject({ frames: 4, validFrames: 2, seconds: 8, validSeconds: 4 });
    // 0.8 for 1 s and 0.4 for 3 s; sadness 0.2 and 0.6.
    expect(summary.mean[HAPPINESS]).toBeCloseTo(0.5, 7);
    expect(summary.mean[SADNESS]).toBeCloseTo(0.5, 7);
    expect(summary.mean[0]).toBe(0);
    expect(summary.dominantShare[HAPPINESS]).toBeCloseTo(0.25, 12);
    expect(summary.dominantShare[SADNESS]).toBeCloseTo(0.75, 12);
    expect([...summary.dominantShare].reduce((p, q) => p + q, 0)).toBeCloseTo(1, 12);
  });

  it('leaves out the values of a row that was estimated but is not valid', () => {
    const hidden = rowOf(ANNA, 1, SAD, { valid: false, missingReason: 'occluded', tSeconds: 1, durationSeconds: 1 });
    const [summary] = summariesOf(10, [rowAt(0, 1, HAPPY), hidden]);
    expect(summary).toMatchObject({ frames: 2, validFrames: 1, seconds: 2, validSeconds: 1 });
    expect(summary.mean[HAPPINESS]).toBeCloseTo(0.8, 7);
    expect([...summary.dominantShare]).toEqual([...scores({ happiness: 1 })]);
  });

  it('without a valid row has time but no means: not zeros', () => {
    const [summary] = summariesOf(10, [rowAt(0, 1, 'no_face'), rowAt(1, 1, 'blurred')]);
    expect(summary).toMatchObject({ frames: 2, validFrames: 0, seconds: 2, validSeconds: 0 });
    expect([...summary.mean, ...summary.dominantShare].every(Number.isNaN)).toBe(true);
  });

  it('counts captured frames, and time but no frame of those that were dropped; breaks are neither', () => {
    const gap = (tSeconds: number, durationSeconds: number, why: GapReason): TimelineRow =>
      rowOf(ANNA, 1, why, { tSeconds, durationSeconds, frame: frameOf(1, { gap: why }) });
    const rows = [
      rowAt(0, 1, HAPPY),
      gap(1, 0.5, 'dropped'),
      gap(1.5, 60, 'paused'),
      rowAt(61.5, 1, SAD),
      gap(62.5, 30, 'source_gap'),
      gap(125, 0.25, 'dropped'),
    ];
    const counts = summariesOf(10, [...rows, gap(300, 5, 'paused')]).map(
      ({ index, frames, validFrames, seconds, validSeconds }) => [index, frames, validFrames, seconds, validSeconds],
    );
    expect(counts).toEqual([
      [0, 1, 1, 1.5, 1],
      [6, 1, 1, 1, 1],
      [12, 0, 0, 0.25, 0],
    ]);
  });

  it('without any row of the person is left out, and those behind it keep their numbers', () => {
    const summaries = summariesOf(2, [rowAt(0.5, 1, HAPPY), rowAt(7, 1, SAD)]);
    expect(indices(summaries)).toEqual([0, 3]);
    expect(summaries[1]).toMatchObject({ startSeconds: 6, endSeconds: 8, seconds: 1 });
  });

  it('at the end that is not full says how much time it has', () => {
    const rows = Array.from({ length: 25 }, (_, i) => rowAt(0.1 * i, 0.1, HAPPY));
    const summaries = summariesOf(2, rows);
    expect(summaries.map(({ frames }) => frames)).toEqual([20, 5]);
    expect(summaries[1].seconds).toBeCloseTo(0.5, 9);
    expect(summaries[1].mean[HAPPINESS]).toBeCloseTo(0.8, 7);
  });

  it('does not mix in an expression that nothing measures', () => {
    const [summary] = summariesOf(10, [rowAt(0, 1, scores({ contempt: NaN, happiness: 0.9 }))]);
    expect(summary.mean[EXPRESSIONS.indexOf('contempt')]).toBeNaN();
    expect(summary.mean[HAPPINESS]).toBeCloseTo(0.9, 7);
  });

  it('has the mean of an expression that was measured in some of its rows only', () => {
    const rows = [rowAt(0, 1, scores({ contempt: 0.25 }, 0.1)), rowAt(1, 1, scores({ contempt: NaN }, 1 / 7))];
    expect(summariesOf(10, rows)[0].mean[EXPRESSIONS.indexOf('contempt')]).toBeCloseTo(0.25, 7);
  });
});

describe('the border of two intervals', () => {
  it('belongs to the second', () => {
    expect(indices(summariesOf(5, [rowAt(4.999, 1, HAPPY), rowAt(5, 1, HAPPY)]))).toEqual([0, 1]);
  });

  it.each([0.1, 0.3, 0.7, 1, 1.1, 10, 60])('is kept at every multiple of %d s', (length) => {
    for (let k = 1; k <= 400; k++) {
      const [before, at] = summariesOf(length, [
        rowAt(length * k - 0.001, 0.001, HAPPY),
        rowAt(Number((length * k).toFixed(6)), 0.001, HAPPY),
      ]);
      expect([before.index, at.index], `border ${k}`).toEqual([k - 1, k]);
    }
  });

  it('is kept by a film of 8 hours at 30 frames a second', () => {
    // Every interval of a second has 30 frames, however the times of the frames are rounded.
    const collector = new IntervalCollector(1);
    const last = 8 * 3600;
    for (const second of [1, 2, 3, 59, 60, 3599, 3600, last - 2, last - 1])
      for (let i = 0; i < 30; i++) collector.add(rowAt((1000 * (30 * second + i)) / 30 / 1000, 1 / 30, HAPPY));
    const summaries = collector.summaries();
    expect(indices(summaries)).toEqual([1, 2, 3, 59, 60, 3599, 3600, last - 2, last - 1]);
    expect(summaries.map(({ frames }) => frames)).toEqual(summaries.map(() => 30));
  });
});

describe('several people', () => {
  it('have intervals of their own, and rows of nobody count for none', () => {
    const rows = [
      rowOf(null, 0, 'no_face', { tSeconds: 0, durationSeconds: 1 }),
      rowAt(1, 1, HAPPY),
      rowAt(1, 1, SAD, BEN),
      rowAt(2, 1, SAD, BEN),
    ];
    const summaries = summariesOf(2, rows);
    expect(summaries.map(({ person, index }) => [person, index])).toEqual([
      [ANNA, 0],
      [BEN, 0],
      [BEN, 1],
    ]);
    expect(summaries.map(({ seconds }) => seconds)).toEqual([1, 1, 1]);
    expect(summaries[0].mean[HAPPINESS]).toBeCloseTo(0.8, 7);
    expect(summaries[1].mean[HAPPINESS]).toBeCloseTo(0.4, 7);
  });

  it('are listed one after the other, each in the order of time', () => {
    const rows = [0, 1, 2, 3].flatMap((t) => [rowAt(t, 1, HAPPY), rowAt(t, 1, SAD, BEN)]);
    expect(summariesOf(1, rows).map(({ person, index }) => `P${person.id} ${index}`)).toEqual([
      ...['P1 0', 'P1 1', 'P1 2', 'P1 3'],
      ...['P2 0', 'P2 1', 'P2 2', 'P2 3'],
    ]);
  });
});

describe('pictures', () => {
  it('are one interval in which each counts 1', () => {
    const rows = [HAPPY, HAPPY, SAD, 'no_face' as const].map((content) => rowAt(NaN, NaN, content));
    const summaries = summariesOf(5, rows);
    expect(summaries).toHaveLength(1);
    expect(summaries[0]).toMatchObject({ index: 0, frames: 4, validFrames: 3, seconds: 4, validSeconds: 3 });
    expect(summaries[0].dominantShare[HAPPINESS]).toBeCloseTo(2 / 3, 12);
    expect(summaries[0].mean[HAPPINESS]).toBeCloseTo(2 / 3, 7);
  });
});

describe('any film', () => {
  it('has in every interval what a sum over its rows gives', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = seeded(seed);
      const length = [0.5, 2, 3.3][seed % 3];
      const rows: TimelineRow[] = [];
      for (let t = 0; t < 20;) {
        const duration = 0.02 + 0.3 * random();
        for (const person of [ANNA, BEN]) {
          const raw = EXPRESSIONS.map(() => random());
          const sum = raw.reduce((p, q) => p + q, 0);
          const content = random() < 0.3 ? 'occluded' : Float32Array.from(raw, (value) => value / sum);
          if (person === ANNA || t > 7) rows.push(rowAt(t, duration, content, person));
        }
        t += duration + (random() < 0.05 ? 4 : 0);
      }
      let checked = 0;
      for (const { person, index, ...summary } of summariesOf(length, rows)) {
        const own = rows.filter((row) => row.person === person);
        const here = own.filter(({ tSeconds }) => length * index <= tSeconds && tSeconds < length * (index + 1));
        const valid = here.filter(({ valid }) => valid);
        const time = (some: readonly TimelineRow[]): number => some.reduce((sum, row) => sum + row.durationSeconds, 0);
        expect(summary).toMatchObject({ frames: here.length, validFrames: valid.length });
        expect(summary.seconds).toBeCloseTo(time(here), 9);
        expect(summary.validSeconds).toBeCloseTo(time(valid), 9);
        EXPRESSIONS.forEach((name, e) => {
          const dominant = valid.filter((row) => row.dominant === name);
          const weighted = valid.reduce((sum, row) => sum + row.durationSeconds * (row.probabilities?.[e] ?? NaN), 0);
          if (valid.length === 0) {
            expect([summary.mean[e], summary.dominantShare[e]]).toEqual([NaN, NaN]);
            return;
          }
          expect(summary.mean[e]).toBeCloseTo(weighted / time(valid), 9);
          expect(summary.dominantShare[e]).toBeCloseTo(time(dominant) / time(valid), 9);
        });
        checked += here.length;
      }
      expect(checked).toBe(rows.length);
    }
  });
});

describe('a length', () => {
  it.each([0, -1, NaN])('of %d is refused', (length) => {
    expect(() => new IntervalCollector(length)).toThrow(/length above 0/);
  });
});
