import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression } from '../../../src/main/core/expression.ts';
import type { Person, Segment } from '../../../src/main/core/persons.ts';
import type { FaceRecord, FrameRecord, GapReason, SessionEvent } from '../../../src/main/core/record.ts';
import { endMs, personLabel, timeline, type TimelineRow } from '../../../src/main/core/timeline.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { NOT_ESTIMATED, PROFILE, faceOf, frameOf, personOf, scores, segmentOf } from '../../fixtures/timeline-rows.ts';

interface Shot {
  readonly frame: FrameRecord;
  readonly faces: readonly FaceRecord[];
}

const rowsOf = (
  persons: readonly Person[],
  segments: readonly Segment[],
  shots: readonly Shot[],
  profile = PROFILE,
  analysed: readonly string[] | null = null,
  events: readonly SessionEvent[] = [],
): TimelineRow[] => [...timeline({ analysed, persons, segments, events, frames: () => shots }, profile)];

/** A frame in which these segments have a face each. */
const shot = (sequence: number, segments: readonly number[] = [], more: Partial<FrameRecord> = {}): Shot => ({
  frame: frameOf(sequence, more),
  faces: segments.map((segment) => faceOf(sequence, segment)),
});

const who = ({ person, frame }: TimelineRow): string => `${frame.sequence} ${person ? personLabel(person) : 'nobody'}`;

const ANNA = personOf(1);
const BEN = personOf(2);

/** One face in one frame of Anna's, and the row it becomes. */
function rowOfFace(face: Partial<FaceRecord>, segment: Partial<Segment> = {}): TimelineRow {
  const [row] = rowsOf([ANNA], [segmentOf(1, 1, 0, 0, segment)], [{ frame: frameOf(0), faces: [faceOf(0, 1, face)] }]);
  return row;
}

/** What every row has in which there is no face. */
const EMPTY = {
  face: null,
  identity: null,
  estimated: false,
  valid: false,
  probabilities: null,
  raw: null,
  dominant: null,
  ambiguous: false,
  windowed: { smooth: null, confirmed: null },
};

describe('a timeline', () => {
  it('has a row for every frame of a person, from the first with the face to the end', () => {
    const shots = [shot(0), shot(1, [1]), shot(2), shot(3, [1, 2]), shot(4)];
    const rows = rowsOf([ANNA, BEN], [segmentOf(1, 1, 1, 3), segmentOf(2, 2, 3, 3)], shots);
    expect(rows.map(who)).toEqual(['0 nobody', '1 P1', '2 P1', '3 P1', '3 P2', '4 P1', '4 P2']);
  });

  it('of a participant begins with the first frame', () => {
    const shots = [shot(0), shot(1), shot(2, [1])];
    const rows = rowsOf([personOf(1, 'A07')], [segmentOf(1, 1, 2, 2)], shots);
    expect(rows.map(who)).toEqual(['0 P1', '1 P1', '2 P1']);
    expect(rows[0]).toMatchObject({ ...EMPTY, missingReason: 'no_face' });
  });

  it('has no rows of a participant who was never there, but of every frame', () => {
    const rows = rowsOf([personOf(1, 'A07'), BEN], [segmentOf(1, 2, 1, 1)], [shot(0), shot(1, [1])]);
    expect(rows.map(who)).toEqual(['0 nobody', '1 P2']);
  });

  it('has rows of a participant who was never there but was given a face by hand before', () => {
    const shots = [shot(0), shot(1, [1])];
    const assigned = { timeMs: 0, kind: 'assigned', detail: 'A07' } as const;
    const rows = rowsOf([personOf(1, 'A07'), BEN], [segmentOf(1, 2, 1, 1)], shots, PROFILE, ['A07'], [assigned]);
    expect(rows.map(who)).toEqual(['0 P1', '1 P1', '1 P2']);
    expect(rows[0]).toMatchObject({ ...EMPTY, missingReason: 'no_face' });
    const nobody = { ...assigned, detail: null };
    expect(rowsOf([BEN], [], shots, PROFILE, ['A07'], [nobody]).map(who)).toEqual(['0 nobody', '1 nobody']);
  });

  it('goes on over a stretch in which the face was lost, as the same person', () => {
    const shots = [shot(0, [1]), shot(1), shot(2), shot(3, [2]), shot(4, [2])];
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 0, 0), segmentOf(2, 1, 3, 4)], shots);
    expect(rows.map(who)).toEqual(['0 P1', '1 P1', '2 P1', '3 P1', '4 P1']);
    expect(rows.map(({ missingReason }) => missingReason)).toEqual([null, 'no_face', 'no_face', null, null]);
  });

  it('keeps the numbers of frames after frames that were lost', () => {
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 2, 7)], [shot(2, [1]), shot(7, [1], { droppedBefore: 4 })]);
    expect(rows.map(who)).toEqual(['2 P1', '7 P1']);
  });

  it('of nothing is nothing', () => {
    expect(rowsOf([], [], [])).toEqual([]);
    expect(rowsOf([personOf(1, 'A07')], [], [])).toEqual([]);
  });

  it('gives each its own face, and every frame one row for everybody known, whatever happens', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const persons = Array.from({ length: 4 }, (_, i) => personOf(i + 1, random() < 0.3 ? `A${i}` : null));
      // Nine faces come and go, each a segment; the last three belong to nobody.
      const spans = Array.from({ length: 9 }, () => {
        const first = Math.floor(30 * random());
        return { first, last: first + Math.floor(12 * random()) };
      });
      const shots = Array.from({ length: 40 }, (_, sequence) => {
        const here = spans.flatMap(({ first, last }, i) => (first <= sequence && sequence <= last ? [i + 1] : []));
        return shot(sequence, here, { searched: random() < 0.5 });
      });
      const ownerOf = (segment: number): number | null => (segment > 6 ? null : 1 + (segment % 4));
      const segments = spans.map(({ first, last }, i) => segmentOf(i + 1, ownerOf(i + 1), first, last));
      const rows = rowsOf(persons, segments, shots);

      const expected: string[] = [];
      for (const { frame, faces } of shots) {
        const known = persons.filter(({ id, participant }) => {
          const own = spans.filter((_, i) => ownerOf(i + 1) === id);
          return own.some(({ first }) => participant !== null || first <= frame.sequence);
        });
        for (const { id } of known) {
          const has = faces.some(({ segment }) => ownerOf(segment) === id);
          expected.push(`${frame.sequence} P${id} ${has ? 'seen' : 'not seen'}`);
        }
        if (known.length === 0) expected.push(`${frame.sequence} nobody not seen`);
      }
      expect(rows.map((row) => `${who(row)} ${row.face ? 'seen' : 'not seen'}`)).toEqual(expected);
      for (const { person, face } of rows) if (face) expect(ownerOf(face.segment)).toBe(person?.id);
    }
  });
});

describe('a frame without the face', () => {
  it('says whether anybody looked for it, and has no number at all', () => {
    const shots = [shot(0, [1]), shot(1, [], { searched: true }), shot(2, [], { searched: false })];
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 0, 0)], shots);
    expect(rows[1]).toMatchObject({ ...EMPTY, missingReason: 'no_face' });
    expect(rows[2]).toMatchObject({ ...EMPTY, missingReason: 'not_searched' });
  });

  it('before anybody is known has one row without a person', () => {
    const rows = rowsOf([], [], [shot(0), shot(1, [], { searched: false })]);
    expect(rows[0]).toMatchObject({ ...EMPTY, person: null, missingReason: 'no_face' });
    expect(rows[1]).toMatchObject({ ...EMPTY, person: null, missingReason: 'not_searched' });
  });

  it('that has a photograph of one alone says so, and where it is', () => {
    const depth = { verdict: 'flat', distanceMm: 1250, widthMm: 140 } as const;
    const picture = faceOf(0, 1, { reason: 'depth_rejected', depth, members: [null] });
    const nobody = { ...segmentOf(1, 1, 0, 0), person: null };
    const [row, ...others] = rowsOf([], [nobody], [{ frame: frameOf(0), faces: [faceOf(0, 2), picture] }]);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ ...EMPTY, face: picture, person: null, missingReason: 'depth_rejected' });
  });

  it('has no row of a photograph beside somebody', () => {
    const picture = faceOf(0, 2, { reason: 'depth_rejected', members: [null] });
    const shots = [{ frame: frameOf(0), faces: [faceOf(0, 1), picture] }];
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 0, 0), { ...segmentOf(2, 1, 0, 0), person: null }], shots);
    expect(rows.map(who)).toEqual(['0 P1']);
    expect(rows[0].valid).toBe(true);
  });

  it('has no windowed values, though the face was confirmed just before', () => {
    const shots = Array.from({ length: 20 }, (_, i) => shot(i, i < 19 ? [1] : []));
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 0, 18)], shots);
    expect(rows[18].windowed.confirmed).toBe('happiness');
    expect(rows[19]).toMatchObject({ ...EMPTY, missingReason: 'no_face' });
  });
});

describe('a face that belonged to nobody to the end', () => {
  const flicker = [segmentOf(1, null, 1, 2)];

  it('was no face: its frames are as if nothing had been seen', () => {
    const rows = rowsOf([], flicker, [shot(0), shot(1, [1]), shot(2, [1]), shot(3)]);
    expect(rows.map(who)).toEqual(['0 nobody', '1 nobody', '2 nobody', '3 nobody']);
    for (const row of rows) expect(row).toMatchObject({ ...EMPTY, person: null, missingReason: 'no_face' });
  });

  it('was no face either in those of its frames in which it was followed without the detector', () => {
    const shots = [shot(0), shot(1, [1]), shot(2, [1], { searched: false }), shot(3)];
    const rows = rowsOf([], flicker, shots);
    expect(rows.map(({ missingReason }) => missingReason)).toEqual(['no_face', 'no_face', 'no_face', 'no_face']);
  });

  it('is not given to somebody who is known but not seen', () => {
    const rows = rowsOf([ANNA], [...flicker, segmentOf(2, 1, 0, 0)], [shot(0, [2]), shot(1, [1]), shot(2, [1])]);
    expect(rows.map(who)).toEqual(['0 P1', '1 P1', '2 P1']);
    expect(rows[1]).toMatchObject({ ...EMPTY, missingReason: 'no_face' });
  });
});

describe('a row with a face', () => {
  it('within all limits is valid and has what was fused', () => {
    const fused = scores({ sadness: 0.5, fear: 0.3, neutral: 0.2 });
    const row = rowOfFace({ fused, members: [fused] }, { source: 'embedding', confidence: 0.97 });
    expect(row).toMatchObject({ estimated: true, valid: true, missingReason: null, dominant: 'sadness' });
    expect(row.probabilities).toEqual(fused);
    expect(row.identity).toEqual({ source: 'embedding', confidence: 0.97 });
  });

  it('is told by what rules made of it, and keeps what was fused', () => {
    const fused = scores({ fear: 0.5, surprise: 0.35, neutral: 0.15 });
    const refined = scores({ fear: 0.4, surprise: 0.45, neutral: 0.15 });
    const row = rowOfFace({ fused, refined, fired: ['fear_surprise_bias'] });
    expect(row).toMatchObject({
      valid: true,
      dominant: 'surprise',
      ambiguous: true,
      probabilities: refined,
      raw: fused,
    });
  });

  it('that the profile rejects is no estimate, whatever else is wrong with it', () => {
    const strict = { ...PROFILE, reject: 40 };
    const unsure = { fused: scores({ fear: 0.39, surprise: 0.35, neutral: 0.26 }) };
    const rowOf = (face: Partial<FaceRecord>): TimelineRow =>
      rowsOf([ANNA], [segmentOf(1, 1, 0, 0)], [{ frame: frameOf(0), faces: [faceOf(0, 1, face)] }], strict)[0];
    for (const reason of ['rejected', 'blurred'] as const) {
      const row = rowOf({ ...unsure, reason });
      expect(row).toMatchObject({ ...EMPTY, face: row.face, identity: row.identity, missingReason: reason });
    }
    expect(rowOf({ fused: scores({ fear: 0.4, surprise: 0.35, neutral: 0.25 }) })).toMatchObject({ estimated: true });
  });

  it('that breaks a limit says so, is not valid, and keeps its values', () => {
    const reasons = ['occluded', 'too_small', 'cut_off', 'too_dark', 'too_bright', 'blurred', 'extreme_pose'] as const;
    for (const reason of reasons) {
      const row = rowOfFace({ reason });
      expect(row).toMatchObject({ estimated: true, valid: false, missingReason: reason, dominant: 'happiness' });
      expect(row.probabilities).toEqual(scores({ happiness: 1 }));
      expect(row.windowed).toEqual({ smooth: null, confirmed: null });
    }
  });

  it.each(['no_consent', 'member_failed'] as const)('of which nothing was estimated (%s) has no values', (reason) => {
    const row = rowOfFace({ reason, ...NOT_ESTIMATED });
    expect(row).toMatchObject({ ...EMPTY, face: row.face, identity: row.identity, missingReason: reason });
    expect(row.face?.box).toEqual({ x: 0, y: 0, width: 10, height: 10 });
    expect(row.identity).not.toBeNull();
  });

  it('of which one of several members failed is still an estimate', () => {
    const row = rowOfFace({ members: [null, scores({ happiness: 1 })] });
    expect(row).toMatchObject({ estimated: true, valid: true, missingReason: null });
  });

  it('of somebody who is not surely this person is not valid, and keeps its values', () => {
    const limit = PROFILE.identity.minConfidence;
    const row = rowOfFace({}, { confidence: limit - 0.01, source: 'track' });
    expect(row).toMatchObject({ estimated: true, valid: false, missingReason: 'identity_uncertain' });
    expect(row.identity).toEqual({ source: 'track', confidence: limit - 0.01 });
    expect(row.probabilities).not.toBeNull();
    expect(rowOfFace({}, { confidence: limit })).toMatchObject({ valid: true, missingReason: null });
  });

  it('names what is wrong with the face before what is wrong with the identity', () => {
    expect(rowOfFace({ reason: 'blurred' }, { confidence: 0 }).missingReason).toBe('blurred');
    expect(rowOfFace({ reason: 'no_consent', ...NOT_ESTIMATED }, { confidence: 0 }).missingReason).toBe('no_consent');
  });

  it("calls ambiguous what the profile's limits call so", () => {
    const fused = scores({ happiness: 0.5, surprise: 0.4, neutral: 0.1 });
    expect(rowOfFace({ fused }).ambiguous).toBe(true);
    const face = { frame: frameOf(0), faces: [faceOf(0, 1, { fused })] };
    const strict = { ...PROFILE, ambiguity: { gap: 9, least: 20 } };
    expect(rowsOf([ANNA], [segmentOf(1, 1, 0, 0)], [face], strict)[0].ambiguous).toBe(false);
  });

  it('leaves an expression that nothing measures empty', () => {
    const fused = scores({ contempt: NaN, neutral: 0.9 }, 0.1 / 6);
    const row = rowOfFace({ fused, members: [fused] });
    expect(row.probabilities?.[EXPRESSIONS.indexOf('contempt')]).toBeNaN();
    expect(row).toMatchObject({ valid: true, dominant: 'neutral' });
  });

  it('is the one that is more surely the person, should there be two', () => {
    const segments = [1, 2, 3].map((id) => segmentOf(id, 1, 0, 0, { confidence: [0.7, 0.9, 0.8][id - 1] }));
    const rows = rowsOf([ANNA], segments, [shot(0, [1, 2, 3])]);
    expect(rows.map(({ face }) => face?.segment)).toEqual([2]);
    expect(rows[0].identity?.confidence).toBe(0.9);
  });
});

describe('the time of a row', () => {
  const film = (times: readonly number[], lost: Readonly<Record<number, number>> = {}): TimelineRow[] =>
    rowsOf(
      [ANNA],
      [segmentOf(1, 1, 0, times.length - 1)],
      times.map((timeMs, i) => shot(i, [1], { timeMs, droppedBefore: lost[i] ?? 0 })),
    );
  const durations = (rows: readonly TimelineRow[]): number[] => rows.map(({ durationSeconds }) => durationSeconds);

  it('is that of its frame, in seconds, and it lasts until the next frame; the last as long as the one before', () => {
    const rows = film([0, 40, 140, 150]);
    expect(rows.map(({ tSeconds }) => tSeconds)).toEqual([0, 0.04, 0.14, 0.15]);
    expect(durations(rows)).toEqual([0.04, 0.1, 0.01, 0.01]);
  });

  it('is not stretched over frames that were lost', () => {
    expect(durations(film([0, 40, 160, 200], { 2: 2 }))).toEqual([0.04, 0.04, 0.04, 0.04]);
  });

  it('is the same for everybody in the frame', () => {
    const shots = [shot(0, [1, 2]), shot(1, [1], { timeMs: 70 }), shot(2)];
    const rows = rowsOf([ANNA, BEN], [segmentOf(1, 1, 0, 1), segmentOf(2, 2, 0, 0)], shots);
    expect(durations(rows)).toEqual([0.07, 0.07, 0.01, 0.01, 0.01, 0.01]);
  });

  it('is unknown for pictures, which have no windowed values', () => {
    for (const row of film(Array.from({ length: 20 }, () => NaN))) {
      expect(row.tSeconds).toBeNaN();
      expect(row.durationSeconds).toBeNaN();
      expect(row.valid).toBe(true);
      expect(row.windowed).toEqual({ smooth: null, confirmed: null });
    }
  });
});

describe('gaps', () => {
  const gap = (sequence: number, why: GapReason, timeMs = 40 * sequence): Shot =>
    shot(sequence, [], { gap: why, searched: false, timeMs });

  it('are rows of everybody who is known, or one of nobody, and never valid', () => {
    const shots = [
      gap(0, 'dropped'),
      shot(1, [1, 2]),
      gap(2, 'dropped'),
      gap(3, 'paused'),
      gap(4, 'source_gap'),
      shot(5),
    ];
    const rows = rowsOf([ANNA, BEN], [segmentOf(1, 1, 1, 1), segmentOf(2, 2, 1, 1)], shots);
    const each = (...numbers: number[]): string[] => numbers.flatMap((i) => [`${i} P1`, `${i} P2`]);
    expect(rows.map(who)).toEqual(['0 nobody', ...each(1, 2, 3, 4, 5)]);
    const twice = [null, 'dropped', 'paused', 'source_gap', 'no_face'].flatMap((reason) => [reason, reason]);
    expect(rows.map(({ missingReason }) => missingReason)).toEqual(['dropped', ...twice]);
    for (const row of rows.filter(({ frame }) => frame.gap)) expect(row).toMatchObject(EMPTY);
  });

  it('last until the next record; the last frame lasts as long as the frame before it, and a pause at the end not at all', () => {
    const durations = (shots: readonly Shot[]): number[] =>
      rowsOf([ANNA], [segmentOf(1, 1, 0, 99)], shots).map(({ durationSeconds }) => durationSeconds);
    const paused = [shot(0, [1]), gap(1, 'dropped'), gap(2, 'paused'), shot(3, [1], { timeMs: 60_080 })];
    expect(durations(paused)).toEqual([0.04, 0.04, 60, 0.04]);
    expect(durations([shot(0, [1]), gap(1, 'paused')])).toEqual([0.04, 0]);
    expect(durations([shot(0, [1]), gap(1, 'source_gap')])).toEqual([0.04, 0]);
    expect(durations([shot(0, [1]), gap(1, 'dropped')])).toEqual([0.04, 0.04]);
    expect(durations([gap(0, 'paused'), shot(1, [1])])).toEqual([0.04, 0]);
  });

  it('end where the store says that the session ends', () => {
    const records: readonly (readonly Shot[])[] = [
      [shot(0, [1])],
      [shot(0, [1]), shot(1, [1], { timeMs: 70 })],
      [shot(0, [1]), shot(3, [1], { timeMs: 90, droppedBefore: 2 })],
      [shot(0, [1]), gap(1, 'paused'), shot(2, [1], { timeMs: 5000 })],
      [shot(0, [1]), gap(1, 'paused')],
      [shot(0, [1]), gap(1, 'dropped')],
      [gap(0, 'source_gap'), gap(1, 'paused', 900), shot(2, [1], { timeMs: 5000 })],
    ];
    const ends = [0, 140, 120, 5040, 40, 80, 5000];
    expect(records.map((shots) => endMs(shots.map(({ frame }) => frame).reverse()))).toEqual(ends);
    for (const [i, shots] of records.entries()) {
      const [last] = rowsOf([ANNA], [segmentOf(1, 1, 0, 9)], shots).slice(-1);
      const lasts = Number.isNaN(last.durationSeconds) ? 0 : last.durationSeconds; // a single frame
      expect(last.tSeconds + lasts).toBeCloseTo(ends[i] / 1000, 12);
    }
    expect(endMs([])).toBeNaN();
  });

  it('begin the windows anew when they are longer than that takes', () => {
    const looking = (from: number, count: number, shiftMs: number): Shot[] =>
      Array.from({ length: count }, (_, i) => shot(from + i, [1], { timeMs: 40 * (from + i) + shiftMs }));
    const shots = [...looking(0, 10, 0), gap(10, 'paused'), ...looking(11, 10, 60_000)];
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 0, 20)], shots);
    expect([rows[9], rows[10], rows[11], rows[20]].map(({ windowed }) => windowed.confirmed)).toEqual([
      'happiness',
      null,
      null,
      'happiness',
    ]);
  });
});

describe('people who were followed before the first frame', () => {
  it('have rows from the first frame in which they are seen', () => {
    const segments = [segmentOf(1, 1, -50, 2), segmentOf(2, 2, -50, -50)]; // how far Ben was followed nobody has told yet
    const rows = rowsOf([ANNA, BEN], segments, [shot(0, [1]), shot(1, [1]), shot(2, [1, 2]), shot(3)]);
    expect(rows.map(who)).toEqual(['0 P1', '1 P1', '2 P1', '2 P2', '3 P1', '3 P2']);
    expect(rows[0]).toMatchObject({ valid: true, identity: { source: 'embedding', confidence: 1 } });
  });

  it('and were gone by then have none, unless they are participants', () => {
    const segments = [segmentOf(1, 1, -50, -10), segmentOf(2, 2, -50, -10)];
    const rows = rowsOf([ANNA, personOf(2, 'A07')], segments, [shot(0), shot(1)]);
    expect(rows.map(who)).toEqual(['0 P2', '1 P2']);
    expect(rowsOf([ANNA], segments, [shot(0)]).map(who)).toEqual(['0 nobody']);
  });
});

describe('the windows', () => {
  const looking = (expression: Expression): Partial<FaceRecord> => ({ fused: scores({ [expression]: 1 }) });

  it('belong to persons: two who change places keep their own', () => {
    // Track 1 shows Anna for 12 frames and Ben after that, track 2 the other way round.
    const segments = [segmentOf(1, 1, 0, 11), segmentOf(2, 2, 0, 11), segmentOf(3, 2, 12, 23), segmentOf(4, 1, 12, 23)];
    const shots = Array.from({ length: 24 }, (_, i): Shot => {
      const [anna, ben] = i < 12 ? [1, 2] : [4, 3];
      const faces = [faceOf(i, anna, looking('happiness')), faceOf(i, ben, looking('sadness'))];
      return { frame: frameOf(i), faces };
    });
    const rows = rowsOf([ANNA, BEN], segments, shots);
    const confirmed = (person: Person): (Expression | null)[] =>
      rows.filter((row) => row.person === person).map(({ windowed }) => windowed.confirmed);
    // Half of 667 ms at 40 ms a frame: from the tenth row on.
    const warm = Array.from({ length: 9 }, () => null);
    expect(confirmed(ANNA)).toEqual([...warm, ...Array.from({ length: 15 }, () => 'happiness')]);
    expect(confirmed(BEN)).toEqual([...warm, ...Array.from({ length: 15 }, () => 'sadness')]);
  });

  it('leave out what is not valid, though it was estimated', () => {
    const shots = Array.from({ length: 10 }, (_, i): Shot => {
      const hidden = i === 8;
      const face = faceOf(i, 1, hidden ? { ...looking('anger'), reason: 'occluded' } : looking('happiness'));
      return { frame: frameOf(i), faces: [face] };
    });
    const rows = rowsOf([ANNA], [segmentOf(1, 1, 0, 9)], shots);
    expect(rows[8].windowed.smooth).toBeNull();
    expect(rows[9].windowed.smooth).toEqual(scores({ happiness: 1 }));
  });

  it('count frames without the face against the half that is needed', () => {
    // 167 ms hold 5 rows; in the last one 2 of them have a face.
    const shots = Array.from({ length: 10 }, (_, i) => shot(i, i < 6 || i === 9 ? [1] : []));
    expect(rowsOf([ANNA], [segmentOf(1, 1, 0, 9)], shots)[9].windowed.smooth).toBeNull();
  });
});

describe('the name of a person', () => {
  it('is P and the number', () => {
    expect(personLabel(personOf(12))).toBe('P12');
  });
});

/** A face of which nothing was computed. */
const UNASKED: Partial<FaceRecord> = { reason: 'no_consent', members: [null], fused: new Float32Array(8).fill(NaN) };

describe('a participant who takes consent back while it is recorded', () => {
  const shots = [0, 1, 2, 3].map((i) => {
    const { frame, faces } = shot(i, [1]);
    return { frame, faces: i < 1 || i > 1 ? faces.map((face) => ({ ...face, ...UNASKED })) : faces };
  });
  const withdrawal = { timeMs: frameOf(2).timeMs, kind: 'consent_withdrawn', detail: 'A07' } as const;
  const reasons = (events: readonly SessionEvent[]): unknown[] =>
    rowsOf([personOf(1, 'A07')], [segmentOf(1, 1, 0, 3)], shots, PROFILE, ['A07'], events).map(
      ({ missingReason }) => missingReason,
    );

  it('has rows that say so from then on, and before it rows of somebody who was not known yet', () => {
    expect(reasons([withdrawal])).toEqual(['identity_uncertain', null, 'no_consent', 'no_consent']);
    expect(reasons([{ ...withdrawal, kind: 'analysis_withdrawn' }])).toEqual(reasons([withdrawal]));
    for (const kind of ['identification_withdrawn', 'video_withdrawn', 'sharing_withdrawn'] as const)
      expect(reasons([{ ...withdrawal, kind }])).toEqual(reasons([]));
  });

  it("has no scores behind it that were computed of the face as somebody else's, and keeps those up to it", () => {
    const scored = [0, 1, 2, 3].map((i) => shot(i, [1, 2, 3]));
    const people = [personOf(1, 'A07'), personOf(2, 'A08'), personOf(3)];
    const segments = [1, 2, 3].map((id) => segmentOf(id, id, 0, 3));
    const validOf = (analysed: readonly string[] | null): unknown =>
      people.map(({ id }) =>
        rowsOf(people, segments, scored, PROFILE, analysed, [{ ...withdrawal, timeMs: frameOf(1).timeMs }])
          .filter(({ person }) => person?.id === id)
          .map(({ valid, probabilities }) => [valid, probabilities !== null]),
      );
    const [shown, hidden] = [Array(4).fill([true, true]), Array(2).fill([false, false])] as unknown[][];
    expect(validOf(['A07', 'A08'])).toEqual([[...shown.slice(0, 2), ...hidden], shown, shown]);
    expect(validOf(null)).toEqual([shown, shown, shown]);
  });

  it('is nobody else', () => {
    expect(reasons([{ ...withdrawal, detail: 'A08' }])).toEqual([
      'identity_uncertain',
      null,
      'identity_uncertain',
      'identity_uncertain',
    ]);
  });
});

describe('a participant who has taken back the consent to analysis', () => {
  const shots = [shot(0, [1, 2]), shot(1, [1, 2])];
  const rowsFor = (analysed: readonly string[] | null): TimelineRow[] =>
    rowsOf(
      [personOf(1, 'A07'), personOf(2, 'A08')],
      [segmentOf(1, 1, 0, 1), segmentOf(2, 2, 0, 1)],
      shots,
      PROFILE,
      analysed,
    );

  it('is a box without scores; all others are as they were', () => {
    const [before, after] = [rowsFor(['A07', 'A08']), rowsFor(['A08'])];
    const of = (rows: readonly TimelineRow[], code: string): TimelineRow[] =>
      rows.filter(({ person }) => person?.participant === code);
    expect(of(after, 'A08')).toEqual(of(before, 'A08'));
    expect(of(before, 'A07').map(({ valid }) => valid)).toEqual([true, true]);
    for (const row of of(after, 'A07')) {
      expect(row).toMatchObject({ ...EMPTY, missingReason: 'no_consent', face: row.face, identity: row.identity });
      expect(row.face?.members).toEqual([null]);
      expect(row.face?.fused.every(Number.isNaN)).toBe(true);
      expect(row.face?.box).toEqual(shots[0].faces[0].box);
    }
  });

  it('is seen where consent was obtained outside', () => {
    expect(rowsFor(null).every(({ valid }) => valid)).toBe(true);
  });
});

describe('faces that were not analysed', () => {
  const people = [personOf(1, 'A07'), personOf(2, 'A08'), personOf(3)];
  const segments = [1, 2, 3].map((id) => segmentOf(id, id, 0, 0));
  const notAnalysed: Shot = {
    frame: frameOf(0),
    faces: [1, 2, 3].map((segment) => faceOf(0, segment, { reason: 'no_consent', members: [null] })),
  };

  it('were those of somebody unknown where the participant has agreed, and lack consent otherwise', () => {
    const rows = rowsOf(people, segments, [notAnalysed], PROFILE, ['A07']);
    expect(rows.map(({ missingReason }) => missingReason)).toEqual(['identity_uncertain', 'no_consent', 'no_consent']);
  });
});
