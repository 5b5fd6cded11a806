import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression, type Probabilities } from '../../../src/main/core/expression.ts';
import { NONE, type TimelineSteps } from '../../../src/main/core/level-chunk.ts';
import { TimelineColumns, type PersonLevels } from '../../../src/main/core/levels.ts';
import { MISSING_REASONS, type MissingReason } from '../../../src/main/core/record.ts';
import type { TimelineRow } from '../../../src/main/core/timeline.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { personOf, rowOf, scores } from '../../fixtures/timeline-rows.ts';

const ANNA = personOf(1);
const [HAPPINESS, SADNESS] = [EXPRESSIONS.indexOf('happiness'), EXPRESSIONS.indexOf('sadness')];
const CONTEMPT = EXPRESSIONS.indexOf('contempt');
const happy = (happiness: number): Probabilities => scores({ happiness, sadness: 1 - happiness });
const confirming = (confirmed: Expression): Partial<TimelineRow> => ({ windowed: { smooth: null, confirmed } });

/** Row number i begins at i seconds and stands for one. */
const rowAt = (i: number, content: Probabilities | MissingReason, more: Partial<TimelineRow> = {}): TimelineRow =>
  rowOf(ANNA, i, content, { tSeconds: i, durationSeconds: 1, ...more });

function levelsOf(rows: readonly TimelineRow[]): PersonLevels {
  const columns = new TimelineColumns();
  for (const row of rows) columns.add(row);
  return columns.finish();
}

const happyRows = (count: number): TimelineRow[] => Array.from({ length: count }, (_, i) => rowAt(i, happy(0.75)));

/** All steps of the finest coarseness that has at most so many. */
const allSteps = (levels: PersonLevels, most: number): TimelineSteps => levels.steps(-Infinity, Infinity, most);

const starts = (levels: PersonLevels, from: number, to: number, most: number): number[] => [
  ...levels.steps(from, to, most).startSeconds,
];

/** What steps say, each on a line: start, happiness, share of valid rows, reason and what is confirmed. */
function linesOf({ startSeconds, scores, validShare, missing, confirmed }: TimelineSteps): unknown[] {
  return Array.from(startSeconds, (start, i) => [
    start,
    scores[EXPRESSIONS.length * i + HAPPINESS],
    validShare[i],
    missing[i] === NONE ? null : MISSING_REASONS[missing[i]],
    confirmed[i] === NONE ? null : EXPRESSIONS[confirmed[i]],
  ]);
}

describe('the finest steps', () => {
  it('are the rows', () => {
    const rows = [
      rowAt(0, happy(0.75), confirming('happiness')),
      rowAt(1, happy(0.25), confirming('sadness')),
      rowAt(2, 'no_face'),
      rowAt(3, happy(0.5), { valid: false, missingReason: 'source_gap' }),
    ];
    const steps = allSteps(levelsOf(rows), 100);
    expect(linesOf(steps)).toEqual([
      [0, 0.75, 1, null, 'happiness'],
      [1, 0.25, 1, null, 'sadness'],
      [2, NaN, 0, 'no_face', null],
      [3, NaN, 0, 'source_gap', null],
    ]);
    expect([...steps.scores.subarray(0, 8)]).toEqual([...happy(0.75)]);
    expect([...steps.scores.subarray(16)]).toEqual(Array.from({ length: 16 }, () => NaN));
  });

  it('of pictures begin at their numbers', () => {
    const rows = [3, 4, 9].map((i) => rowAt(i, happy(1), { tSeconds: NaN, durationSeconds: NaN }));
    expect(starts(levelsOf(rows), -Infinity, Infinity, 100)).toEqual([3, 4, 9]);
  });

  it('are not there without rows', () => {
    const levels = levelsOf([]);
    const empty = { startSeconds: new Float64Array(0), scores: new Float32Array(0), validShare: new Float32Array(0) };
    const nothing = { ...empty, missing: new Uint8Array(0), confirmed: new Uint8Array(0) };
    expect([levels.rows, levels.steps(0, 10, 5), allSteps(levels, 1)]).toEqual([0, nothing, nothing]);
  });
});

describe('coarser steps', () => {
  // Steps of 4 rows: means over 2 of 4, none, 4 and, in the last one, 1 of 2.
  const rows = [
    rowAt(0, happy(1), confirming('happiness')),
    rowAt(1, happy(0.5), confirming('sadness')),
    rowAt(2, 'occluded'),
    rowAt(3, 'no_face'),
    ...(['occluded', 'blurred', 'no_face', 'blurred'] as const).map((reason, i) => rowAt(4 + i, reason)),
    ...[0, 0.25, 0.25, 0.5].map((value, i) => rowAt(8 + i, happy(value), confirming(i < 2 ? 'happiness' : 'sadness'))),
    rowAt(12, happy(0.125), confirming('sadness')),
    rowAt(13, 'paused'),
  ];

  it('have the means, shares and most frequent values of four rows each, the first of equals', () => {
    expect(linesOf(allSteps(levelsOf(rows), 13))).toEqual([
      [0, 0.75, 0.5, 'occluded', null],
      [4, NaN, 0, 'blurred', null],
      [8, 0.25, 1, null, 'happiness'],
      [12, 0.125, 0.5, 'paused', 'sadness'],
    ]);
  });

  it('of sixteen weigh those of four by their valid rows', () => {
    // 4 rows of 1, 1 of 0.5 and 2 of 0 are valid in the first sixteen.
    const quarters: (Probabilities | MissingReason)[][] = [
      [happy(1), happy(1), happy(1), happy(1)],
      [happy(0.5), 'occluded', 'occluded', 'occluded'],
      [happy(0), happy(0), 'no_face', 'no_face'],
      ['no_face', 'no_face', 'no_face', 'occluded'],
      ...Array.from({ length: 8 }, () => [happy(0.25), happy(0.25), 'paused', 'paused'] as const).map((q) => [...q]),
    ];
    const levels = levelsOf(
      quarters.flat().map((content, i) => rowAt(i, content, i > 0 && i < 6 ? confirming('sadness') : {})),
    );
    expect(allSteps(levels, 48).startSeconds).toHaveLength(48);
    expect(linesOf(allSteps(levels, 47)).slice(0, 4)).toEqual([
      [0, 1, 1, null, 'sadness'],
      [4, 0.5, 0.25, 'occluded', 'sadness'],
      [8, 0, 0.5, 'no_face', null],
      [12, NaN, 0, 'no_face', null],
    ]);
    expect(linesOf(allSteps(levels, 11))).toEqual([
      [0, Math.fround(4.5 / 7), 7 / 16, 'no_face', 'sadness'],
      [16, 0.25, 0.5, 'paused', null],
      [32, 0.25, 0.5, 'paused', null],
    ]);
  });

  it('do not let the few rows at the end weigh as much as whole steps', () => {
    // The third step of sixteen: four rows of 0.75 and one of 0.25.
    const rows = happyRows(37);
    rows[36] = rowAt(36, happy(0.25));
    expect(linesOf(allSteps(levelsOf(rows), 9))[2]).toEqual([32, Math.fround(3.25 / 5), 1, null, null]);
    rows[36] = rowAt(36, 'no_face');
    expect(linesOf(allSteps(levelsOf(rows), 9))[2]).toEqual([32, 0.75, Math.fround(0.8), 'no_face', null]);
  });

  it('leave an expression out that nothing measures, and take it from the rows that measure it', () => {
    const measured = happyRows(12).map((row, i) => (i === 5 ? rowAt(5, scores({ contempt: 0.5 })) : row));
    const contempts = measured.map((row, i) => (i === 5 ? row : rowAt(i, scores({ contempt: NaN }, 0.125))));
    const { scores: values, validShare } = allSteps(levelsOf(contempts), 8);
    expect([0, 1, 2].map((i) => values[8 * i + CONTEMPT])).toEqual([NaN, 0.5, NaN]);
    expect([...validShare]).toEqual([1, 1, 1]);
  });

  it('have at every coarseness the shares and means of the rows themselves', () => {
    const random = seeded(7);
    for (const count of [9, 33, 37, 150, 1023, 1024, 1025, 5000]) {
      const rows = Array.from({ length: count }, (_, i) =>
        rowAt(i, random() < 0.3 ? 'occluded' : happy(Math.fround(random()))),
      );
      const levels = levelsOf(rows);
      for (let size = 1; size === 1 || count > 2 * size; size *= 4) {
        const steps = allSteps(levels, Math.ceil(count / size));
        if (steps.startSeconds.length !== Math.ceil(count / size)) continue; // below the smallest number of steps
        linesOf(steps).forEach((line, i) => {
          const own = rows.slice(size * i, size * (i + 1));
          const valid = own.flatMap(({ valid, probabilities }) => (valid && probabilities ? [probabilities] : []));
          const mean = valid.reduce((sum, values) => sum + values[HAPPINESS], 0) / valid.length;
          const [start, happiness, share] = line as number[];
          expect(start).toBe(size * i);
          expect(share).toBeCloseTo(valid.length / own.length, 5);
          if (valid.length === 0) expect(happiness).toBeNaN();
          else expect(happiness).toBeCloseTo(mean, 5);
        });
      }
    }
  });
});

describe('a view', () => {
  const levels = levelsOf(happyRows(100));

  it.each([
    [10, 13, [9, 10, 11, 12, 13]],
    [9.5, 12.5, [9, 10, 11, 12, 13]],
    [0, 2, [0, 1, 2]],
    [-5, -1, [0]],
    [98, 200, [97, 98, 99]],
    [500, 600, [99]],
    [10, 10, [9, 10]],
  ])('from %d s to %d s has one step more on either side', (from, to, expected) => {
    expect(starts(levels, from, to, 20)).toEqual(expected);
  });

  it('has the finest steps that are few enough', () => {
    expect(starts(levels, 10, 28, 20)).toEqual(Array.from({ length: 20 }, (_, i) => 9 + i));
    expect(starts(levels, 10, 29, 20)).toEqual([8, 12, 16, 20, 24, 28, 32]);
    expect(starts(levels, -Infinity, Infinity, 25)).toEqual(Array.from({ length: 25 }, (_, i) => 4 * i));
    expect(starts(levels, -Infinity, Infinity, 24)).toEqual([0, 16, 32, 48, 64, 80, 96]);
  });

  it('never has more steps than were asked for, except for the few that it has anyway', () => {
    const long = levelsOf(happyRows(3000));
    for (const most of [1, 2, 8, 9, 10, 100, 1000, 5000])
      for (const [from, to] of [[-Infinity, Infinity] as const, [0, 3], [1000, 1010], [1000, 1200], [5, 2900]]) {
        const { startSeconds } = long.steps(from, to, most);
        expect(startSeconds.length, `${from} to ${to}, ${most} steps`).toBeLessThanOrEqual(Math.max(most, 8));
        expect(startSeconds.length).toBeGreaterThan(0);
      }
  });

  it('hands out copies', () => {
    levels.steps(0, 5, 20).scores.fill(7);
    levels.steps(0, 5, 20).missing.fill(7);
    expect(linesOf(levels.steps(0, 0, 20))).toEqual([[0, 0.75, 1, null, null]]);
  });
});

describe('rows', () => {
  it('are kept when there are thousands', () => {
    const count = 5000;
    const levels = levelsOf(
      Array.from({ length: count }, (_, i) => rowAt(i, happy((i % 8) / 8), confirming(EXPRESSIONS[i % 8]))),
    );
    expect(levels.rows).toBe(count);
    const lines = Array.from({ length: count }, (_, i) => [i, (i % 8) / 8, 1, null, EXPRESSIONS[i % 8]]);
    expect(linesOf(allSteps(levels, count))).toEqual(lines);
  });
});

describe('the figures of a stretch', () => {
  const lasting = (t: number, durationSeconds: number, content: Probabilities | MissingReason): TimelineRow =>
    rowAt(t, content, { durationSeconds });
  const counts = (values: Partial<Record<MissingReason, number>>): number[] =>
    MISSING_REASONS.map((reason) => values[reason] ?? 0);

  it('weigh every row by its time', () => {
    const rows = [
      lasting(0, 1, happy(0.75)),
      lasting(1, 3, happy(0.25)),
      lasting(4, 2, 'occluded'),
      lasting(6, 2, 'no_face'),
      lasting(8, 4, 'occluded'),
    ];
    const { mean, dominantShare, missing, ...rest } = levelsOf(rows).figures(-Infinity, Infinity);
    expect(rest).toEqual({ rows: 5, facesFound: 4, valid: 2, validSeconds: 4 });
    expect([mean[HAPPINESS], mean[SADNESS], mean[0]]).toEqual([0.375, 0.625, 0]);
    expect([...dominantShare]).toEqual([...scores({ happiness: 0.25, sadness: 0.75 })]);
    expect([...missing]).toEqual(counts({ occluded: 2, no_face: 1 }));
  });

  it('are those of the rows that begin in it, the first included and the last not', () => {
    const levels = levelsOf(happyRows(10).map((row, i) => (i === 6 ? rowAt(6, 'blurred') : row)));
    const rowsIn = (from: number, to: number): unknown => {
      const { rows, valid, validSeconds } = levels.figures(from, to);
      return [rows, valid, validSeconds];
    };
    expect([rowsIn(2, 7), rowsIn(2.5, 6), rowsIn(6, 7), rowsIn(9, 99)]).toEqual([
      [5, 4, 4],
      [3, 3, 3],
      [1, 0, 0],
      [1, 1, 1],
    ]);
  });

  it.each([
    ['no row', []],
    ['no valid row', [rowAt(0, 'no_face'), rowAt(1, happy(1), { valid: false, missingReason: 'too_small' })]],
  ])('with %s have no means: not zeros', (_, rows) => {
    const figures = levelsOf(rows).figures(0, 10);
    expect(figures).toMatchObject({ rows: rows.length, valid: 0, validSeconds: 0 });
    expect([...figures.mean, ...figures.dominantShare].every(Number.isNaN)).toBe(true);
  });

  it('of pictures count each alike, and have no time', () => {
    const contents = [happy(0.75), happy(0.75), happy(0), 'cut_off' as const];
    const rows = contents.map((content, i) => rowAt(i, content, { tSeconds: NaN, durationSeconds: NaN }));
    const levels = levelsOf(rows);
    const { mean, dominantShare, validSeconds, missing, valid } = levels.figures(-Infinity, Infinity);
    expect([valid, validSeconds, mean[HAPPINESS], mean[SADNESS]]).toEqual([3, NaN, 0.5, 0.5]);
    expect([dominantShare[HAPPINESS], dominantShare[SADNESS]]).toEqual([2 / 3, 1 / 3]);
    expect([...missing]).toEqual(counts({ cut_off: 1 }));
    expect(levels.figures(1, 3)).toMatchObject({ rows: 2, valid: 2 });
  });

  it('mix in no expression that is not measured', () => {
    const rows = [
      lasting(0, 1, scores({ contempt: NaN, fear: NaN }, 0.125)),
      lasting(1, 3, scores({ fear: NaN }, 0.5)),
    ];
    const { mean } = levelsOf(rows).figures(0, 10);
    expect([mean[CONTEMPT], mean[EXPRESSIONS.indexOf('fear')]]).toEqual([0.5, NaN]);
    expect(mean[HAPPINESS]).toBe((0.125 + 3 * 0.5) / 4);
  });
});

describe('gaps', () => {
  it('are steps, but no rows of the figures', () => {
    const gap = (i: number, why: MissingReason, durationSeconds = 1): TimelineRow =>
      rowAt(i, why, { face: null, durationSeconds });
    const levels = levelsOf([
      ...[rowAt(0, happy(0.75)), gap(1, 'dropped'), rowAt(2, 'occluded'), gap(3, 'paused', 60)],
      ...[rowAt(63, happy(0.25)), gap(64, 'source_gap', 9), gap(73, 'dropped')],
    ]);
    const steps = linesOf(allSteps(levels, 100)) as unknown[][];
    expect(steps.map(([start, , , reason]) => [start, reason])).toEqual([
      ...[
        [0, null],
        [1, 'dropped'],
        [2, 'occluded'],
        [3, 'paused'],
      ],
      ...[
        [63, null],
        [64, 'source_gap'],
        [73, 'dropped'],
      ],
    ]);
    const { missing, ...figures } = levels.figures(-Infinity, Infinity);
    expect(figures).toMatchObject({ rows: 3, facesFound: 3, valid: 2, validSeconds: 2 });
    const counted = MISSING_REASONS.flatMap((reason, i) => (missing[i] > 0 ? [[reason, missing[i]]] : []));
    expect(Object.fromEntries(counted)).toEqual({ dropped: 2, occluded: 1, paused: 1, source_gap: 1 });
    expect(levels.figures(3, 60)).toMatchObject({ rows: 0, facesFound: 0, valid: 0, validSeconds: 0 });
  });
});
