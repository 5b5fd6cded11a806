// Corrections by hand, as they are stored and read.
import { describe, expect, it } from 'vitest';
import type { NewChange } from '../../src/main/core/edits.ts';
import type { SessionReader } from '../../src/main/engine/ports.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CAMERA, PICTURES, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { faceIn } from '../fixtures/store-contents.ts';
import { NOW_MS, databaseIn, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const COMPLETE = { state: 'complete', problems: [], analysedFps: 30 } as const;
const NOBODY = { who: '', why: '' };
const SPLIT: NewChange = { kind: 'split', person: 1, fromSequence: 5, fromMs: 200 };

/** Ten frames with P1 and P2, in segments 1 and 2, and a marker. */
async function record(store: RecordingStore, id = 'aaaa'): Promise<void> {
  const writer = await store.begin(sessionStart(id, { source: CAMERA }));
  writer.identity([person(1), person(2)], [segment(1, { lastSequence: 9 }), segment(2, { lastSequence: 9 })]);
  for (let i = 0; i < 10; i++) writer.frame(frameRecord(i), [faceIn(i, 0), faceIn(i, 1)]);
  writer.marker({ id: 'm1', timeMs: 40, label: 'stimulus' });
  await writer.end(COMPLETE);
}

const readerOf = (store: RecordingStore, id = 'aaaa'): SessionReader => store.read(store.session(id));

/** Whose faces are in each frame. */
function ownersIn(reader: SessionReader): string[] {
  const owner = new Map(reader.segments.map((one) => [one.id, one.person]));
  return [...reader.frames()].map(({ faces }) => faces.map((face) => owner.get(face.segment)).join(' '));
}

describe('corrections', () => {
  it('are numbered, kept with who and why and when, and there when the store is opened again', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await record(store);
    const words = { who: 'RA1', why: 'they “crossed”: 顔' };
    expect(await store.edit('aaaa', SPLIT, words)).toBe(1);
    expect(await store.edit('aaaa', { kind: 'rename', person: 3, label: 'mother' }, NOBODY)).toBe(2);
    await store.close();
    const reader = readerOf(await openStore(folder));
    const rest = { undone: false, ignored: null, before: null, unixMs: NOW_MS };
    expect(reader.edits).toEqual([
      { number: 1, change: { ...SPLIT, becomes: 3 }, ...words, ...rest },
      { number: 2, change: { kind: 'rename', person: 3, label: 'mother' }, ...NOBODY, ...rest },
    ]);
    expect(reader.persons).toEqual([person(1), person(2), { ...person(3), label: 'mother' }]);
    expect(ownersIn(reader)).toEqual([...Array<string>(5).fill('1 2'), ...Array<string>(5).fill('3 2')]);
  });

  it('are undone and done again, and what was recorded is as it was', async () => {
    const store = await openStore(temporaryFolder());
    await record(store);
    const before = readerOf(store);
    await store.edit('aaaa', { kind: 'merge', person: 2, into: 1 }, NOBODY);
    await store.edit('aaaa', { kind: 'remove_marker', marker: 'm1' }, NOBODY);
    const merged = readerOf(store);
    expect([merged.persons, merged.markers, ownersIn(merged)[0]]).toEqual([[person(1)], [], '1 1']);
    await store.undo('aaaa', 1);
    await store.undo('aaaa', 2);
    await store.undo('aaaa', 9); // not there
    const { edits, ...undone } = readerOf(store);
    expect(undone).toMatchObject({ persons: before.persons, segments: before.segments, markers: before.markers });
    expect(edits.map((one) => one.undone)).toEqual([true, true]);
    expect([...undone.frames()]).toEqual([...before.frames()]);
    await store.undo('aaaa', 1, false);
    expect([readerOf(store).persons, readerOf(store).markers]).toEqual([[person(1)], before.markers]);
  });

  it('give new people numbers that nobody ever had in this session', async () => {
    const store = await openStore(temporaryFolder());
    await record(store);
    await record(store, 'bbbb');
    await store.edit('aaaa', SPLIT, NOBODY);
    await store.undo('aaaa', 1);
    await Promise.all([store.edit('aaaa', SPLIT, NOBODY), store.edit('aaaa', { ...SPLIT, fromSequence: 2 }, NOBODY)]);
    await store.edit('bbbb', SPLIT, NOBODY);
    expect(readerOf(store).persons.map(({ id }) => id)).toEqual([1, 2, 4, 5]);
    expect(readerOf(store, 'bbbb').persons.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('count in the number of people', async () => {
    const store = await openStore(temporaryFolder());
    await record(store);
    expect(store.personCount('aaaa')).toBe(2);
    await store.edit('aaaa', { kind: 'merge', person: 2, into: 1 }, NOBODY);
    expect(store.personCount('aaaa')).toBe(1);
    await store.edit('aaaa', SPLIT, NOBODY);
    expect(store.personCount('aaaa')).toBe(2);
  });

  it('split a segment whose end nobody has told, because the recording broke off', async () => {
    const store = await openStore(temporaryFolder());
    const writer = await store.begin(sessionStart('aaaa'));
    writer.identity([person(1), person(2)], [segment(1, { lastSequence: 0 }), segment(2, { lastSequence: 0 })]);
    for (let i = 0; i < 400; i++) writer.frame(frameRecord(i), [faceIn(i, 0), ...(i < 50 ? [faceIn(i, 1)] : [])]);
    await writer.end({ ...COMPLETE, state: 'interrupted' });
    await store.edit('aaaa', { ...SPLIT, fromSequence: 200 }, NOBODY);
    expect(readerOf(store).edits[0].ignored).toBeNull();
    expect([ownersIn(readerOf(store))[199], ownersIn(readerOf(store))[200]]).toEqual(['1', '3']);
  });

  it('are baselines, of which no frames are read but those of the stretch', async () => {
    const store = await openStore(temporaryFolder());
    await record(store);
    const change: NewChange = { kind: 'baseline', person: 1, firstSequence: 2, lastSequence: 4, fromMs: 80, toMs: 200 };
    expect(await store.edit('aaaa', change, NOBODY)).toBe(1);
    await store.edit('aaaa', SPLIT, NOBODY);
    const reader = readerOf(store);
    expect(reader.edits[0]).toMatchObject({ change, ignored: null });
    const numbers = (within?: Parameters<SessionReader['frames']>[0]): number[] =>
      [...reader.frames(within)].map(({ frame }) => frame.sequence);
    expect(numbers({ firstSequence: 2, lastSequence: 4 })).toEqual([2, 3, 4]);
    expect(numbers({ firstSequence: 0, lastSequence: 0 })).toEqual([0]);
    expect(numbers()).toHaveLength(10);
    const owner = new Map(reader.segments.map((one) => [one.id, one.person]));
    const [{ faces }] = [...reader.frames({ firstSequence: 6, lastSequence: 6 })];
    expect(faces.map(({ segment: own }) => owner.get(own))).toEqual([3, 2]); // as it is corrected
  });

  it('are audited without their words, and cannot be made in a session that is not there', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await record(store);
    await store.edit('aaaa', { kind: 'rename', person: 1, label: 'secret' }, { who: 'secret', why: 'secret' });
    await store.undo('aaaa', 1);
    await store.undo('aaaa', 1); // already
    await store.undo('aaaa', 1, false);
    await store.note('aaaa', 'secret');
    for (const id of ['bbbb', 'aaa', '']) {
      await refusalOf(store.edit(id, SPLIT, NOBODY), 'session_unknown');
      await refusalOf(store.undo(id, 1), 'session_unknown');
      await refusalOf(store.note(id, 'x'), 'session_unknown');
    }
    await store.close();
    inDatabase(databaseIn(folder), (database) => {
      const query = 'SELECT action, detail FROM audit WHERE session = ? AND unix_ms = ? ORDER BY rowid';
      expect(database.prepare(query).raw().all('aaaa', NOW_MS)).toEqual([
        ...[
          ['begin', null],
          ['edit', '1 rename'],
          ['undo edit', '1'],
          ['redo edit', '1'],
          ['note', null],
        ],
      ]);
      expect(database.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(5);
    });
  });
});

describe('the note of a session', () => {
  it('is the last one that was written, and those before it are kept', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    for (const id of ['aaaa', 'bbbb']) await record(store, id);
    expect(readerOf(store).note).toBe('');
    for (const text of ['P1 wore “glasses”\nfrom 0:12 on', 'none', '']) {
      await store.note('aaaa', text);
      expect([readerOf(store).note, readerOf(store, 'bbbb').note]).toEqual([text, '']);
    }
    await store.close();
    const texts = inDatabase(databaseIn(folder), (db) => db.prepare('SELECT text FROM note').pluck().all());
    expect(texts).toHaveLength(3);
  });
});

describe('the frame at a time', () => {
  it('is the last before it, where that is asked for', async () => {
    const store = await openStore(temporaryFolder());
    await record(store);
    const before = (timeMs: number): unknown => store.frameAt('aaaa', 'before', { timeMs })?.sequence;
    expect([before(0), before(0.5), before(40), before(360), before(361), before(1e9)]).toEqual([
      ...[undefined, 0, 0, 8, 9, 9],
    ]);
    expect(store.frameAt('aaaa', 'before', { sequence: 4 })?.sequence).toBe(3);
  });

  it('is the first that is not earlier', async () => {
    const store = await openStore(temporaryFolder());
    await record(store);
    const at = (timeMs: number): unknown => store.frameAt('aaaa', 'from', { timeMs });
    expect([at(-1), at(0), at(40), at(40.5), at(360), at(361)]).toEqual([
      { sequence: 0, timeMs: 0 },
      { sequence: 0, timeMs: 0 },
      { sequence: 1, timeMs: 40 },
      { sequence: 2, timeMs: 80 },
      { sequence: 9, timeMs: 360 },
      null,
    ]);
    const writer = await store.begin(sessionStart('bbbb', { source: PICTURES }));
    for (let i = 0; i < 3; i++) writer.frame(frameRecord(i, { timeMs: NaN, name: `${i}.jpg` }), []);
    await writer.end(COMPLETE);
    expect(store.frameAt('bbbb', 'from', { sequence: 1 })).toEqual({ sequence: 1, timeMs: null });
    expect(store.frameAt('bbbb', 'from', { sequence: 3 })).toBeNull();
  });
});
