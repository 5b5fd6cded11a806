import { describe, expect, it } from 'vitest';
import { Corrected, nextPerson, type Change, type Edit, type People } from '../../../src/main/core/edits.ts';
import type { FaceRecord } from '../../../src/main/core/record.ts';
import { timeline, personLabel } from '../../../src/main/core/timeline.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { NOT_ESTIMATED, PROFILE, faceOf, frameOf, personOf, segmentOf } from '../../fixtures/timeline-rows.ts';

const LAST = 19;
/** P1 is in all of 20 frames, P2, a participant, from 5 to 9, P3 from 12 on in two segments. */
const RECORDED: People = {
  persons: [personOf(1), personOf(2, 'A07'), personOf(3)],
  segments: [
    segmentOf(1, 1, 0, LAST, { confidence: 0.8 }),
    segmentOf(2, 2, 5, 9, { source: 'track' }),
    segmentOf(3, 3, 12, 14),
    segmentOf(4, 3, 15, LAST),
  ],
  markers: [
    { id: 'm1', timeMs: 400, label: 'stimulus' },
    { id: 'm2', timeMs: 80, label: 'start' },
  ],
};

const FRAMES = Array.from({ length: LAST + 1 }, (_, i) => ({
  frame: frameOf(i),
  faces: RECORDED.segments.flatMap(({ id, firstSequence, lastSequence }): FaceRecord[] =>
    firstSequence <= i && i <= lastSequence ? [faceOf(i, id)] : [],
  ),
}));

const edit = (number: number, change: Change, more: Partial<Edit> = {}): Edit => ({
  ...{ number, unixMs: 1000 * number, change, who: 'RA1', why: 'seen', undone: false },
  ...more,
});
const edits = (...changes: Change[]): Edit[] => changes.map((change, i) => edit(i + 1, change));
const correct = (...changes: Change[]): Corrected => new Corrected(RECORDED, edits(...changes));
const split = (person: number, fromSequence: number, becomes: number): Change => ({
  ...{ kind: 'split', person, fromSequence, fromMs: 40 * fromSequence, becomes },
});
const merge = (person: number, into: number): Change => ({ kind: 'merge', person, into });
const rename = (person: number, label: string): Change => ({ kind: 'rename', person, label });
const ignored = ({ edits: all }: Corrected): unknown[] => all.map((applied) => applied.ignored);

/** In which frames each person has a face: "P1 0-19". */
function seen(corrected: Corrected, analysed: readonly string[] | null = null): string[] {
  const owner = new Map(corrected.segments.map(({ id, person }) => [id, person]));
  return corrected.persons.map((person) => {
    const frames = [...corrected.frames(FRAMES, analysed)].flatMap(({ frame, faces }) =>
      faces.filter(({ segment }) => owner.get(segment) === person.id).map(() => frame.sequence),
    );
    const runs = frames
      .filter((sequence) => !frames.includes(sequence - 1))
      .map((from) => `${from}-${frames.find((to) => to >= from && !frames.includes(to + 1))}`);
    return [personLabel(person), ...runs].join(' ');
  });
}

const AS_RECORDED = ['P1 0-19', 'P2 5-9', 'P3 12-19'];

/** Everything that can be read of a session. */
const everything = (corrected: Corrected): unknown => ({
  ...{ persons: corrected.persons, segments: corrected.segments, markers: corrected.markers },
  frames: [...corrected.frames(FRAMES, null)],
});

describe('a session without corrections', () => {
  it('is as it was recorded, its markers in order of time', () => {
    const corrected = correct();
    expect(corrected.persons).toEqual(RECORDED.persons);
    expect(corrected.segments).toEqual(RECORDED.segments);
    expect(corrected.markers.map(({ id }) => id)).toEqual(['m2', 'm1']);
    expect([...corrected.frames(FRAMES, ['A07'])]).toEqual(FRAMES);
  });
});

describe('a person who is renamed', () => {
  it('has the label and the same rows', () => {
    expect(seen(correct(rename(3, 'mother')))).toEqual(['P1 0-19', 'P2 5-9', 'mother 12-19']);
    expect(correct(rename(3, 'mother')).segments).toEqual(RECORDED.segments);
  });

  it('may not have the label or code of another one, nor a number', () => {
    const corrected = correct(rename(3, 'mother'), rename(3, 'mother'), rename(1, 'mother'), rename(1, 'A07'));
    expect(ignored(corrected)).toEqual([null, null, 'label_taken', 'label_taken']);
    expect(ignored(correct(rename(2, 'A07'), rename(1, 'P3'), rename(1, 'p1'), rename(1, 'P3b')))).toEqual([
      ...[null, 'label_taken', 'label_taken', null],
    ]);
  });
});

describe('people who are merged', () => {
  it('are one, whose new rows were told by hand', () => {
    const corrected = correct(merge(3, 2));
    expect(seen(corrected)).toEqual(['P1 0-19', 'P2 5-9 12-19']);
    expect(corrected.segments.slice(1)).toEqual([
      RECORDED.segments[1],
      { ...RECORDED.segments[2], person: 2, source: 'manual', confidence: 1 },
      { ...RECORDED.segments[3], person: 2, source: 'manual', confidence: 1 },
    ]);
  });

  it('are the participant that one of them is, and keep the label that one of them has', () => {
    expect(correct(merge(2, 3)).persons).toEqual([personOf(1), personOf(3, 'A07')]);
    expect(correct(rename(3, 'x'), merge(3, 2)).persons).toEqual([personOf(1), { ...personOf(2, 'A07'), label: 'x' }]);
    expect(correct(rename(3, 'x'), rename(2, 'y'), merge(3, 2)).persons[1].label).toBe('y');
  });

  it('must be two, and there', () => {
    const corrected = correct(merge(1, 1), merge(9, 1), merge(1, 9), merge(3, 1), merge(3, 2), merge(2, 3));
    expect(ignored(corrected)).toEqual([
      ...['same_person', 'person_gone', 'person_gone', null, 'person_gone', 'person_gone'],
    ]);
    expect(seen(corrected)).toEqual(['P1 0-19', 'P2 5-9']);
  });
});

describe('a person who is split', () => {
  it('is somebody else from that frame on, in the middle of a segment too', () => {
    expect(seen(correct(split(1, 10, 4)))).toEqual(['P1 0-9', 'P2 5-9', 'P3 12-19', 'P4 10-19']);
    const { segments } = correct(split(1, 10, 4));
    expect(segments[0]).toEqual({ ...RECORDED.segments[0], lastSequence: 9 });
    expect(segments[4]).toEqual(segmentOf(5, 4, 10, LAST, { track: 1, source: 'manual' }));
  });

  it('keeps the segments in front of it and loses those behind it whole', () => {
    const { segments } = correct(split(3, 15, 4));
    expect(segments.map(({ id, person, source }) => `${id} ${person} ${source}`)).toEqual([
      ...['1 1 embedding', '2 2 track', '3 3 embedding', '4 4 manual'],
    ]);
    expect(seen(correct(split(3, 14, 4)))).toEqual(['P1 0-19', 'P2 5-9', 'P3 12-13', 'P4 14-19']);
    expect(seen(correct(split(3, 16, 4)))).toEqual(['P1 0-19', 'P2 5-9', 'P3 12-15', 'P4 16-19']);
  });

  it('must be seen before and after', () => {
    expect(ignored(correct(split(3, 12, 4), split(3, 20, 4), split(9, 5, 4)))).toEqual([
      ...['one_side_empty', 'one_side_empty', 'person_gone'],
    ]);
    expect(seen(correct(split(3, 12, 4), split(3, 20, 4)))).toEqual(AS_RECORDED);
    expect(ignored(correct(split(3, 13, 4), split(1, LAST, 5)))).toEqual([null, null]);
  });

  it('can be split again, on either side', () => {
    const expected = ['P1 0-4', 'P2 5-9', 'P3 12-19', 'P4 10-14', 'P5 5-9', 'P6 15-19'];
    expect(seen(correct(split(1, 10, 4), split(1, 5, 5), split(4, 15, 6)))).toEqual(expected);
    expect(seen(correct(split(1, 5, 5), split(5, 10, 4), split(4, 15, 6)))).toEqual(expected);
  });

  it('gives a stretch to somebody else together with a merge', () => {
    const corrected = correct(split(1, 10, 4), split(4, 15, 5), merge(5, 1), merge(4, 2));
    expect(seen(corrected)).toEqual(['P1 0-9 15-19', 'P2 5-14', 'P3 12-19']);
  });
});

describe('rows of a session that was corrected', () => {
  it('say that the person was told by hand', () => {
    const corrected = correct(merge(3, 2));
    const session = { analysed: null, persons: corrected.persons, segments: corrected.segments, events: [] };
    const rows = [...timeline({ ...session, frames: () => corrected.frames(FRAMES, null) }, PROFILE)];
    const sources = rows.filter(({ person }) => person?.id === 2).map(({ identity }) => identity);
    expect(sources.at(5)).toEqual({ source: 'track', confidence: 1 });
    expect(sources.at(-1)).toEqual({ source: 'manual', confidence: 1 });
    expect(new Set(rows.map(({ person }) => person?.id))).toEqual(new Set([1, 2]));
  });

  it('are withheld of somebody who has not agreed, until they are those of a participant again', () => {
    const scoresOf = (...changes: Change[]): string[] =>
      [...correct(...changes).frames(FRAMES, ['A07'])]
        .slice(5, 10)
        .map(({ faces }) => faces.map(({ reason, members }) => `${reason} ${members.length}`).join(', '));
    const [open, withheld] = ['null 1, null 1', 'null 1, no_consent 1'];
    expect(scoresOf(split(2, 8, 4))).toEqual([open, open, open, withheld, withheld]);
    expect(scoresOf(split(2, 8, 4), merge(4, 2))).toEqual([open, open, open, open, open]);
    const [face] = [...correct(split(2, 8, 4)).frames(FRAMES, ['A07'])][8].faces.slice(1);
    expect(face).toMatchObject(NOT_ESTIMATED);
    expect(face).toMatchObject({ box: faceOf(8, 2).box, quality: faceOf(8, 2).quality });
  });
});

describe('markers', () => {
  it('are added, changed and removed', () => {
    const corrected = correct(
      { kind: 'add_marker', timeMs: 100, label: 'new' },
      { kind: 'change_marker', marker: 'm1', timeMs: 0, label: 'moved' },
      { kind: 'remove_marker', marker: 'm2' },
      { kind: 'change_marker', marker: 'by-hand-1', timeMs: 120, label: 'newer' },
    );
    expect(corrected.markers).toEqual([
      { id: 'm1', timeMs: 0, label: 'moved' },
      { id: 'by-hand-1', timeMs: 120, label: 'newer' },
    ]);
    expect(corrected.edits.map(({ before }) => before)).toEqual([
      ...[null, RECORDED.markers[0], RECORDED.markers[1], { id: 'by-hand-1', timeMs: 100, label: 'new' }],
    ]);
  });

  it('that are not there any more are not changed', () => {
    const removed: Change = { kind: 'remove_marker', marker: 'm1' };
    const corrected = correct(removed, removed, { kind: 'change_marker', marker: 'm1', timeMs: 0, label: 'x' });
    expect(ignored(corrected)).toEqual([null, 'marker_gone', 'marker_gone']);
    expect(corrected.markers).toEqual([RECORDED.markers[1]]);
  });
});

describe('an edit that is undone', () => {
  it('does nothing, and what refers to what it made is ignored', () => {
    const all = edits(split(1, 10, 4), rename(4, 'x'), merge(4, 2), rename(3, 'y'));
    const undone = new Corrected(
      RECORDED,
      all.map((one) => ({ ...one, undone: one.number === 1 })),
    );
    expect(ignored(undone)).toEqual([null, 'person_gone', 'person_gone', null]);
    expect(seen(undone)).toEqual(['P1 0-19', 'P2 5-9', 'y 12-19']);
    expect(undone.edits.map((one) => one.undone)).toEqual([true, false, false, false]);
  });

  it('leaves other new people their numbers', () => {
    const all = edits(split(1, 10, 4), split(1, 5, 5));
    const undone = new Corrected(RECORDED, [{ ...all[0], undone: true }, all[1]]);
    expect(seen(undone)).toEqual(['P1 0-4', 'P2 5-9', 'P3 12-19', 'P5 5-19']);
    expect(nextPerson([1, 2, 3], [split(1, 10, 4), rename(1, 'x'), split(1, 5, 5)])).toBe(6);
    expect([nextPerson([], []), nextPerson([1, 7], [])]).toEqual([1, 8]);
  });

  it('of any sequence: all undone is the recording, the last undone is what was before, redone is what was after', () => {
    const kinds: ((random: () => number, changes: readonly Change[]) => Change)[] = [
      (random, changes) => split(1 + pick(random, 6), pick(random, LAST + 3), nextPerson([1, 2, 3], changes)),
      (random) => merge(1 + pick(random, 6), 1 + pick(random, 6)),
      (random) => rename(1 + pick(random, 6), `label ${pick(random, 3)}`),
      (random) => ({ kind: 'add_marker', timeMs: pick(random, 800), label: 'new' }),
      (random) => ({ kind: 'change_marker', marker: `m${1 + pick(random, 3)}`, timeMs: pick(random, 800), label: 'x' }),
      (random) => ({ kind: 'remove_marker', marker: `by-hand-${1 + pick(random, 8)}` }),
    ];
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const changes: Change[] = [];
      while (changes.length < 8) changes.push(kinds[pick(random, kinds.length)](random, changes));
      const all = edits(...changes);
      const with8 = everything(new Corrected(RECORDED, all));
      const undo = (number: number): Edit[] => all.map((one) => ({ ...one, undone: one.number >= number }));
      expect(everything(new Corrected(RECORDED, undo(1)))).toEqual(everything(correct()));
      expect(everything(new Corrected(RECORDED, undo(8)))).toEqual(everything(correct(...changes.slice(0, 7))));
      expect(everything(new Corrected(RECORDED, [...all].reverse()))).toEqual(with8); // their numbers are their order
      // No face is lost or doubled, and every one is in a segment that covers its frame.
      const corrected = new Corrected(RECORDED, all);
      const segments = new Map(corrected.segments.map((segment) => [segment.id, segment]));
      const people = new Set(corrected.persons.map(({ id }) => id));
      for (const [i, { faces }] of [...corrected.frames(FRAMES, null)].entries()) {
        expect(faces).toHaveLength(FRAMES[i].faces.length);
        for (const { segment } of faces) {
          const { firstSequence = NaN, lastSequence = NaN, person = null } = segments.get(segment) ?? {};
          expect([firstSequence <= i && i <= lastSequence, people.has(person ?? NaN)]).toEqual([true, true]);
        }
      }
    }
  });
});

const pick = (random: () => number, count: number): number => Math.floor(random() * count);
