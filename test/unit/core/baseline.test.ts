import { describe, expect, it, vi } from 'vitest';
import {
  AboveBaseline,
  LEAST_BASELINE_ROWS,
  baselineOf,
  baselinesIn,
  logOdds,
  logOddsAbove,
  withBaselines,
  type Baseline,
} from '../../../src/main/core/baseline.ts';
import { Corrected, type BaselineChange, type Change, type Edit } from '../../../src/main/core/edits.ts';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import type { FaceRecord } from '../../../src/main/core/record.ts';
import { timeline, type RecordedSession } from '../../../src/main/core/timeline.ts';
import { PROFILE, faceOf, frameOf, personOf, rowOf, scores, segmentOf } from '../../fixtures/timeline-rows.ts';

const LAST = 39;
const CONTEMPT = EXPRESSIONS.indexOf('contempt');
const HAPPINESS = EXPRESSIONS.indexOf('happiness');

type Scores = (sequence: number) => Partial<FaceRecord>;
const saying = (fused: FaceRecord['fused']): Partial<FaceRecord> => ({ fused, members: [fused] });

/** In frame i, P1 is happy by i/100, contempt unmeasured; P2 is always happy by 0.5, and not in frames 20 to 29. */
const FACES: Scores = (i) => saying(scores({ happiness: i / 100, neutral: 1 - i / 100, contempt: NaN }));

function sessionOf(faces = FACES): RecordedSession & { readonly markers: [] } {
  const frames = Array.from({ length: LAST + 1 }, (_, i) => ({
    frame: frameOf(i),
    faces: [
      faceOf(i, 1, faces(i)),
      ...(i < 20 || i > 29 ? [faceOf(i, 2, saying(scores({ happiness: 0.5, neutral: 0.5 })))] : []),
    ],
  }));
  return {
    analysed: null,
    persons: [personOf(1), personOf(2)],
    segments: [segmentOf(1, 1, 0, LAST), segmentOf(2, 2, 0, LAST)],
    ...{ events: [], markers: [] },
    frames: (within) =>
      frames.filter(
        ({ frame: { sequence } }) => !within || (sequence >= within.firstSequence && sequence <= within.lastSequence),
      ),
  };
}

const stretch = (person: number, firstSequence: number, lastSequence: number): BaselineChange => ({
  ...{ kind: 'baseline', person, firstSequence, lastSequence },
  ...{ fromMs: 40 * firstSequence, toMs: 40 * lastSequence + 40 },
});
const happinessIn = (baseline: Baseline | null): number => baseline?.median[HAPPINESS] ?? NaN;

describe('log-odds', () => {
  it('are natural, and held within those of 0.001 and 0.999', () => {
    expect(logOdds(0.5)).toBe(0);
    expect(logOdds(0.2)).toBeCloseTo(-1.386294, 6); // ln 1/4
    expect(logOdds(0.8)).toBeCloseTo(1.386294, 6);
    expect(logOdds(0.001)).toBeCloseTo(-6.906755, 6); // ln 1/999
    for (const least of [0, 1e-9, 0.0009]) expect(logOdds(least)).toBe(logOdds(0.001));
    for (const most of [1, Math.fround(1 - 1e-7), 0.9991]) expect(logOdds(most)).toBe(logOdds(0.999));
    expect(logOdds(0.0011)).toBeGreaterThan(logOdds(0.001));
    expect(logOdds(NaN)).toBeNaN();
  });

  it('above a median are the difference, and missing where one of the two is', () => {
    const above = logOddsAbove(
      scores({ anger: 0.8, fear: 0.2, happiness: 0, sadness: 0.3, surprise: NaN }),
      scores({ anger: 0.2, fear: 0.8, happiness: 1, sadness: NaN, surprise: 0.3 }),
    );
    const named = Object.fromEntries(EXPRESSIONS.map((name, e) => [name, above[e]]));
    expect(named.anger).toBeCloseTo(2.772589, 5); // 2 ln 4
    expect(named.fear).toBeCloseTo(-2.772589, 5);
    expect(named.happiness).toBeCloseTo(-13.81351, 5); // 2 ln 999
    expect(named.neutral).toBe(0);
    expect([named.sadness, named.surprise]).toEqual([NaN, NaN]);
  });
});

describe('a baseline', () => {
  it('is the median of the rows in the stretch, with both of its ends', () => {
    const odd = baselineOf(sessionOf(), PROFILE, stretch(1, 3, 13));
    expect(odd).toMatchObject({
      person: personOf(1),
      rows: 11,
      firstSequence: 3,
      lastSequence: 13,
      fromMs: 120,
      toMs: 560,
    });
    expect(happinessIn(odd)).toBeCloseTo(0.08, 7);
    const even = baselineOf(sessionOf(), PROFILE, stretch(1, 3, 12));
    expect(even?.rows).toBe(10);
    expect(happinessIn(even)).toBeCloseTo(0.075, 7); // between 0.07 and 0.08
    expect(happinessIn(baselineOf(sessionOf(), PROFILE, stretch(2, 3, 12)))).toBe(0.5);
  });

  it('needs ten rows that are valid', () => {
    expect(LEAST_BASELINE_ROWS).toBe(10);
    expect(baselineOf(sessionOf(), PROFILE, stretch(1, 3, 11))).toBeNull();
    expect(baselineOf(sessionOf(), PROFILE, stretch(2, 11, 29))).toBeNull(); // from 20 on there is no face
    expect(baselineOf(sessionOf(), PROFILE, stretch(2, 10, 29))?.rows).toBe(10);
    expect(baselineOf(sessionOf(), PROFILE, stretch(3, 0, 39))).toBeNull(); // nobody
    const blurred: Scores = (i) => ({ ...FACES(i), ...(i >= 36 ? { reason: 'blurred' } : {}) });
    const baseline = baselineOf(sessionOf(blurred), PROFILE, stretch(1, 26, 39));
    expect(baseline?.rows).toBe(10);
    expect(happinessIn(baseline)).toBeCloseTo(0.305, 7); // 26 to 35
  });

  it('has no median of an expression that too few of the rows measure', () => {
    const from =
      (first: number): Scores =>
      (i) =>
        saying(scores({ happiness: 0.5, contempt: i < first ? NaN : i / 100 }));
    expect(baselineOf(sessionOf(), PROFILE, stretch(1, 0, 19))?.median[CONTEMPT]).toBeNaN();
    expect(baselineOf(sessionOf(from(11)), PROFILE, stretch(1, 0, 19))?.median[CONTEMPT]).toBeNaN();
    const measured = baselineOf(sessionOf(from(10)), PROFILE, stretch(1, 0, 19));
    expect(measured?.median[CONTEMPT]).toBeCloseTo(0.145, 7);
    expect(measured?.rows).toBe(20);
  });

  it('asks for no other frames, and leaves out what comes all the same', () => {
    const session = sessionOf();
    const frames = vi.fn<RecordedSession['frames']>(() => session.frames());
    expect(happinessIn(baselineOf({ ...session, frames }, PROFILE, stretch(1, 3, 13)))).toBeCloseTo(0.08, 7);
    expect(frames.mock.calls).toEqual([[{ firstSequence: 3, lastSequence: 13 }]]);
  });
});

describe('baselines among corrections', () => {
  /** "P1 0.08" for what is in force, and why the others are not. */
  function found(changes: readonly Change[], undone: readonly number[] = []): unknown {
    const recorded = sessionOf();
    const edits = changes.map((change, i): Edit => {
      return { number: i + 1, unixMs: 0, change, who: '', why: '', undone: undone.includes(i + 1) };
    });
    const people = new Corrected(recorded, edits);
    const { persons, segments } = people;
    const session = { ...recorded, persons, segments, edits: people.edits };
    const { baselines, edits: applied } = baselinesIn(
      { ...session, frames: (within) => people.frames(recorded.frames(within), null) },
      PROFILE,
    );
    return [
      baselines.map((baseline) => `P${baseline.person.id} ${happinessIn(baseline).toFixed(3)}`),
      applied.map(({ ignored }) => ignored),
    ];
  }

  it('are in force for each person, the last one of each, until it is undone', () => {
    const changes = [stretch(2, 0, 9), stretch(1, 0, 10), stretch(1, 20, 30)];
    expect(found(changes)).toEqual([
      ['P1 0.250', 'P2 0.500'],
      [null, 'replaced', null],
    ]);
    expect(found(changes, [3])).toEqual([
      ['P1 0.050', 'P2 0.500'],
      [null, null, null],
    ]);
    expect(found([stretch(9, 0, 9)])).toEqual([[], ['person_gone']]);
    expect(found([])).toEqual([[], []]);
  });

  it('do not count with too few rows: the one before them does', () => {
    expect(found([stretch(1, 0, 10), stretch(1, 20, 28)])).toEqual([['P1 0.050'], [null, 'too_few_valid']]);
    expect(found([stretch(2, 20, 39), stretch(1, 0, 4)])).toEqual([['P2 0.500'], [null, 'too_few_valid']]);
  });

  it('stay with a person who is split, with the rows that are left', () => {
    const split: Change = { kind: 'split', person: 1, fromSequence: 15, fromMs: 600, becomes: 3 };
    expect(found([stretch(1, 0, 20), split])).toEqual([['P1 0.070'], [null, null]]); // 0 to 14
    expect(found([stretch(1, 10, 30), split])).toEqual([[], ['too_few_valid', null]]);
    expect(found([split, stretch(3, 10, 30)])).toEqual([['P3 0.225'], [null, null]]); // 15 to 30
  });

  it('come along with a person who is merged, behind those of the other one', () => {
    const merge: Change = { kind: 'merge', person: 1, into: 2 };
    // Of two faces in one frame the first one counts.
    expect(found([stretch(1, 20, 30), merge])).toEqual([['P2 0.250'], [null, null]]);
    const both = [stretch(2, 0, 9), stretch(1, 20, 30), merge];
    expect(found(both)).toEqual([['P2 0.045'], [null, 'replaced', null]]);
    expect(found(both, [1])).toEqual([['P2 0.250'], [null, null, null]]);
    expect(found(both, [3])).toEqual([
      ['P1 0.250', 'P2 0.500'],
      [null, null, null],
    ]);
    expect(found([merge, stretch(1, 0, 9)])).toEqual([[], [null, 'person_gone']]);
  });
});

describe('rows', () => {
  it('that are valid lie above the baseline of their person, wherever they are', () => {
    const session = sessionOf((i) => ({ ...FACES(i), ...(i === 7 ? { reason: 'blurred' } : {}) }));
    const baseline = baselineOf(session, PROFILE, stretch(1, 15, 25)); // 0.2
    if (!baseline) throw new Error('there is no baseline');
    const plain = [...timeline(session, PROFILE)];
    const rows = [...withBaselines(plain, [baseline])];
    expect(rows.map((row) => ({ ...row, aboveBaseline: null }))).toEqual(plain);
    const of = (person: number): (Float32Array | null)[] =>
      rows.filter((row) => row.person?.id === person).map(({ aboveBaseline }) => aboveBaseline);
    expect(of(2).every((above) => above === null)).toBe(true);
    const own = of(1);
    expect(own[7]).toBeNull();
    expect(own[20]?.[HAPPINESS]).toBe(0);
    expect(own[0]?.[HAPPINESS]).toBeCloseTo(-5.520461, 5); // ln 1/999 − ln 1/4
    expect(own[36]?.[HAPPINESS]).toBeCloseTo(0.81093, 5); // ln 9/16 − ln 1/4 = ln 9/4
    expect(own[36]?.[CONTEMPT]).toBeNaN();
    expect(withBaselines(plain, [])).toBe(plain);
  });
});

describe('the mean above a baseline', () => {
  const above = (happiness: number, contempt = NaN): { aboveBaseline: Float32Array } => ({
    aboveBaseline: scores({ happiness, contempt }),
  });
  const at = (tSeconds: number, durationSeconds: number, more: object): ReturnType<typeof rowOf> =>
    rowOf(personOf(1), Math.round(25 * tSeconds), scores({ happiness: 1 }), { tSeconds, durationSeconds, ...more });

  it('is weighted by time over the rows that begin in a stretch', () => {
    const kept = new AboveBaseline();
    kept.add(at(0, 1, above(1)));
    kept.add(at(1, 3, above(4, 2)));
    kept.add(at(4, 1, { aboveBaseline: null }));
    kept.add(at(5, 1, above(-8)));
    const happiness = (from: number, to: number): number => kept.mean(from, to)[HAPPINESS];
    expect(happiness(0, 5)).toBe(3.25); // (1 + 3 × 4) / 4
    expect(happiness(-Infinity, Infinity)).toBe(1); // (1 + 12 − 8) / 5
    expect(happiness(1, 5)).toBe(4);
    expect(happiness(5, 5.1)).toBe(-8);
    expect(happiness(4, 5)).toBeNaN();
    expect(kept.mean(0, 9)[CONTEMPT]).toBe(2);
  });

  it('of pictures counts each alike, by number', () => {
    const kept = new AboveBaseline();
    [1, 2, 6].forEach((value, i) =>
      kept.add(rowOf(personOf(1), i, scores({}), { tSeconds: NaN, durationSeconds: NaN, ...above(value) })),
    );
    expect(kept.mean(0, 3)[HAPPINESS]).toBe(3);
    expect(kept.mean(1, 2)[HAPPINESS]).toBe(2);
  });
});
