// Levels in chunks say what the rows say, wherever the borders of chunks lie, and read no more chunks than they need.
import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, dominantIndex } from '../../../src/main/core/expression.ts';
import { PersonLevelBuilder, SessionLevelBuilder } from '../../../src/main/core/level-builder.ts';
import { CHUNK_STEPS, LevelChunk, NONE, type TimelineSteps } from '../../../src/main/core/level-chunk.ts';
import { SpanSums, type SpanFigures } from '../../../src/main/core/level-sums.ts';
import { PersonLevels } from '../../../src/main/core/levels.ts';
import { GAP_REASONS, MISSING_REASONS, type MissingReason } from '../../../src/main/core/record.ts';
import type { TimelineRow } from '../../../src/main/core/timeline.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { frameOf, personOf, rowOf, scores } from '../../fixtures/timeline-rows.ts';

const ANNA = personOf(1);
const C = CHUNK_STEPS;

/** Levels whose chunks went through bytes, and which of them were read. */
function chunked(rows: readonly TimelineRow[]): { readonly levels: PersonLevels; readonly read: string[] } {
  const kept: Uint8Array[][] = [];
  const index: { startSeconds: number; length: number }[][] = [];
  const sums: SpanSums[] = [];
  const builder = new PersonLevelBuilder((level, chunk) => {
    (kept[level] ??= []).push(chunk.bytes);
    (index[level] ??= []).push({ startSeconds: chunk.startSeconds[0], length: chunk.length });
    if (level === 0) sums.push(new SpanSums(SpanSums.of(chunk).values.slice()));
  });
  for (const row of rows) builder.add(row);
  builder.finish();
  const read: string[] = [];
  const levels = new PersonLevels(index, sums, (level, chunk) => {
    read.push(`${level}:${chunk}`);
    return new LevelChunk(index[level][chunk].length, level === 0, Uint8Array.from(kept[level][chunk]));
  });
  return { levels, read };
}

/** Rows with all that there can be, one after the other without a rule; some begin at the same moment. */
function randomRows(count: number, seed: number, areTimed: boolean): TimelineRow[] {
  const random = seeded(seed);
  let [at, reason] = [0, null as MissingReason | null];
  return Array.from({ length: count }, (_, i) => {
    if (random() < 0.1) reason = random() < 0.5 ? null : MISSING_REASONS[Math.floor(random() * MISSING_REASONS.length)];
    const values = Float32Array.from(EXPRESSIONS, () => Math.round(8 * random()) / 8);
    if (random() < 0.3) values[1] = NaN;
    const confirmed = reason === null && random() < 0.7 ? EXPRESSIONS[Math.floor(random() * 3)] : null;
    at += Math.floor(4 * random()) / 8;
    const times = areTimed ? { tSeconds: at, durationSeconds: random() } : { tSeconds: NaN, durationSeconds: NaN };
    return rowOf(ANNA, i, reason ?? values, { ...times, windowed: { smooth: null, confirmed } });
  });
}

const placeOf = ({ tSeconds, frame }: TimelineRow): number => (Number.isNaN(tSeconds) ? frame.sequence : tSeconds);

/** The figures by their definition. */
function figuresOf(all: readonly TimelineRow[], from: number, to: number): SpanFigures {
  const rows = all.filter((row) => placeOf(row) >= from && placeOf(row) < to);
  const valid = rows.filter((row) => row.valid);
  const weightOf = ({ durationSeconds }: TimelineRow): number =>
    Number.isNaN(durationSeconds) ? 1 : Math.fround(durationSeconds);
  const sum = (some: readonly TimelineRow[], by: (row: TimelineRow) => number): number =>
    some.reduce((total, row) => total + by(row), 0);
  const valueOf = (row: TimelineRow, e: number): number => row.probabilities?.[e] ?? NaN;
  const isGap = ({ missingReason }: TimelineRow): boolean => GAP_REASONS.some((reason) => reason === missingReason);
  return {
    rows: rows.filter((row) => !isGap(row)).length,
    facesFound: rows.filter(({ face }) => face).length,
    valid: valid.length,
    validSeconds: rows.some(({ durationSeconds }) => Number.isNaN(durationSeconds)) ? NaN : sum(valid, weightOf),
    mean: Float64Array.from(EXPRESSIONS, (_, e) => {
      const measured = valid.filter((row) => !Number.isNaN(valueOf(row, e)));
      return sum(measured, (row) => weightOf(row) * valueOf(row, e)) / sum(measured, weightOf);
    }),
    dominantShare: Float64Array.from(EXPRESSIONS, (_, e) => {
      const own = valid.filter(({ probabilities }) => probabilities && dominantIndex(probabilities) === e);
      return sum(own, weightOf) / sum(valid, weightOf);
    }),
    missing: Uint32Array.from(MISSING_REASONS, (why) => rows.filter((row) => row.missingReason === why).length),
  };
}

function expectFigures(found: SpanFigures, expected: SpanFigures, what: string): void {
  const { mean, dominantShare, validSeconds, ...counts } = found;
  const { mean: means, dominantShare: shares, validSeconds: seconds, ...expectedCounts } = expected;
  expect(counts, what).toEqual(expectedCounts);
  const pairs = [
    [validSeconds, seconds],
    ...EXPRESSIONS.flatMap((_, e) => [
      [mean[e], means[e]],
      [dominantShare[e], shares[e]],
    ]),
  ];
  for (const [value, wanted] of pairs)
    if (Number.isNaN(wanted)) expect(value, what).toBeNaN();
    else expect(Math.abs(value - wanted), what).toBeLessThanOrEqual(1e-9 * Math.max(1, wanted));
}

/** All steps of so many rows each, made of all rows at once, step by coarser step. */
function stepsOf(
  rows: readonly TimelineRow[],
  rowsInStep: number,
): Omit<TimelineSteps, 'scores'> & { readonly happiness: number[] } {
  const H = EXPRESSIONS.indexOf('happiness');
  const most = (values: readonly number[], noneCounts: boolean): number => {
    const counted = values.filter((value) => noneCounts || value !== NONE);
    const times = counted.map((value) => counted.filter((other) => other === value).length);
    return counted.length === 0 ? NONE : counted[times.indexOf(Math.max(...times))];
  };
  let [missing, confirmed] = [
    rows.map(({ missingReason }) => (missingReason === null ? NONE : MISSING_REASONS.indexOf(missingReason))),
    rows.map(({ windowed }) => (windowed.confirmed === null ? NONE : EXPRESSIONS.indexOf(windowed.confirmed))),
  ];
  const fours = (values: readonly number[]): number[][] =>
    Array.from({ length: Math.ceil(values.length / 4) }, (_, i) => values.slice(4 * i, 4 * i + 4));
  for (let size = 1; size < rowsInStep; size *= 4) {
    missing = fours(missing).map((four) => most(four, false));
    confirmed = fours(confirmed).map((four) => most(four, true));
  }
  const groups = Array.from({ length: Math.ceil(rows.length / rowsInStep) }, (_, i) =>
    rows.slice(rowsInStep * i, rowsInStep * (i + 1)),
  );
  return {
    startSeconds: Float64Array.from(groups, ([first]) => placeOf(first)),
    validShare: Float32Array.from(groups, (group) => group.filter(({ valid }) => valid).length / group.length),
    happiness: groups.map((group) => {
      const values = group.flatMap(({ valid, probabilities }) => (valid && probabilities ? [probabilities[H]] : []));
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    }),
    missing: Uint8Array.from(missing),
    confirmed: Uint8Array.from(confirmed),
  };
}

describe.each([
  ['of a film', true],
  ['of pictures', false],
])('rows %s', (_, areTimed) => {
  const all = randomRows(2 * C + 777, 5, areTimed);

  it('have figures that are those of all rows at once, whatever borders of chunks lie in the span', () => {
    const { levels } = chunked(all);
    const at = (i: number): number => placeOf(all[i]);
    const random = seeded(11);
    const spans = [
      ...[
        [-Infinity, Infinity],
        [0, at(C)],
        [at(C), at(2 * C)],
        [at(C - 1), at(C + 1)],
        [at(2 * C), Infinity],
      ],
      ...[
        [at(10), at(20)],
        [at(C + 5), at(C + 6)],
        [at(3), at(2 * C + 776)],
        [at(50), at(50)],
        [1e9, 2e9],
        [-9, -1],
      ],
      ...Array.from({ length: 20 }, () => [
        at(Math.floor(random() * all.length)),
        at(Math.floor(random() * all.length)),
      ]),
    ].map(([p, q]) => [Math.min(p, q), Math.max(p, q)]);
    for (const [from, to] of spans)
      expectFigures(levels.figures(from, to), figuresOf(all, from, to), `${from} to ${to}`);
  });

  it.each([C - 1, C, C + 1, 4 * C - 2, 2 * C + 777])(
    'have, when they are %d, at every coarseness the steps of all rows at once',
    (count) => {
      const rows = count <= all.length ? all.slice(0, count) : randomRows(count, 6, areTimed);
      const { levels } = chunked(rows);
      expect(levels.rows).toBe(count);
      for (let size = 1; size === 1 || count > 2 * size; size *= 4) {
        const length = Math.ceil(count / size);
        const { scores: values, ...steps } = levels.steps(-Infinity, Infinity, length);
        if (length < 8) continue; // a coarser level has no more steps than there may be anyway
        const { happiness, ...expected } = stepsOf(rows, size);
        const { validShare, ...exact } = steps;
        const { validShare: shares, ...wanted } = expected;
        expect(exact, `${size} rows a step`).toEqual(wanted);
        const found = Array.from(happiness, (__, i) => values[8 * i + EXPRESSIONS.indexOf('happiness')]);
        const [both, wantedBoth] = [
          [...validShare, ...found],
          [...shares, ...happiness],
        ];
        const isSame = (p: number, q: number): boolean => (Number.isNaN(q) ? Number.isNaN(p) : Math.abs(p - q) < 1e-5);
        expect(both.flatMap((value, i) => (isSame(value, wantedBoth[i]) ? [] : [[i, value, wantedBoth[i]]]))).toEqual(
          [],
        );
      }
    },
  );

  it('have in a view over the border of chunks the steps of both', () => {
    const { levels } = chunked(all);
    const { startSeconds } = levels.steps(placeOf(all[C - 40]), placeOf(all[C + 40]), 1000);
    const first = all.findIndex((row) => placeOf(row) >= placeOf(all[C - 40])) - 1;
    const last = all.findIndex((row) => placeOf(row) >= placeOf(all[C + 40]));
    expect([...startSeconds]).toEqual(all.slice(first, last + 1).map(placeOf));
  });
});

describe('chunks', () => {
  const rows = Array.from({ length: 10 * C + 5 }, (_, i) =>
    rowOf(ANNA, i, scores({ happiness: 1 }), { tSeconds: i, durationSeconds: 1 }),
  );

  it('are read where a view touches them, and no finer ones than it shows', () => {
    const { levels, read } = chunked(rows);
    levels.steps(5 * C + 100, 5 * C + 1100, 3000);
    expect(new Set(read)).toEqual(new Set(['0:5']));
    read.length = 0;
    levels.steps(-Infinity, Infinity, 3000);
    expect(new Set(read)).toEqual(new Set(['2:0']));
  });

  it('are read for figures at the edges of the span only, and for those of everything not at all', () => {
    const { levels, read } = chunked(rows);
    expect(levels.figures(-Infinity, Infinity).valid).toBe(10 * C + 5);
    expect(new Set(read)).toEqual(new Set());
    expect(levels.figures(C / 2, 8 * C + 7).valid).toBe(8 * C + 7 - C / 2);
    expect(new Set(read)).toEqual(new Set(['0:0', '0:8']));
  });

  it('of another length than their bytes have are refused', () => {
    expect(() => new LevelChunk(3, true, new Uint8Array(LevelChunk.size(3, false)))).toThrow(RangeError);
    expect(() => new SpanSums(new Float64Array(3))).toThrow(RangeError);
  });

  it('have 47 bytes a row, and 46 a coarser step', () => {
    expect([LevelChunk.size(1, true), LevelChunk.size(1, false)]).toEqual([47, 46]);
  });
});

describe('a session', () => {
  it('goes from its first row to the end of its last, with levels of everybody in it', () => {
    const found: string[] = [];
    const builder = new SessionLevelBuilder(({ id }, level, { length }) => found.push(`P${id} ${level} ${length}`));
    builder.add(rowOf(null, 0, 'no_face', { tSeconds: 2, durationSeconds: 1 }));
    for (const who of [2, 1])
      for (let i = 0; i < 3 * who; i++)
        builder.add(rowOf(personOf(who), i, 'no_face', { tSeconds: 3 + i, durationSeconds: 0.5 }));
    expect(builder.finish()).toEqual({ startSeconds: 2, endSeconds: 8.5 });
    expect(found).toEqual(['P2 0 6', 'P1 0 3']);
  });

  it('of pictures goes to behind the last one, and one of nothing from 0 to 0', () => {
    const builder = new SessionLevelBuilder(() => undefined);
    builder.add(rowOf(ANNA, 4, 'no_face', { tSeconds: NaN, durationSeconds: NaN, frame: frameOf(4) }));
    expect(builder.finish()).toEqual({ startSeconds: 4, endSeconds: 5 });
    expect(new SessionLevelBuilder(() => undefined).finish()).toEqual({ startSeconds: 0, endSeconds: 0 });
  });
});
