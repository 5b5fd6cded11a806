import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Consent } from '../../src/main/contract/consent.ts';
import type { SessionEnd, SessionWriter } from '../../src/main/engine/ports.ts';
import { profileHash } from '../../src/main/store/content-hash.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { PICTURES, PROFILE, SOURCE, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { exactFace, faceIn, faultsOf, frameIn } from '../fixtures/store-contents.ts';
import {
  NOW_MS,
  databaseIn,
  framesOf,
  inDatabase,
  openStore,
  refusalOf,
  stillClock,
  temporaryFolder,
} from '../fixtures/store-folder.ts';

const COMPLETE: SessionEnd = { state: 'complete', problems: [], analysedFps: 90 };
const EIGHT_NANS = new Float32Array(8).fill(NaN);

const newStore = (): Promise<RecordingStore> => openStore(temporaryFolder());

/** Hands over frames from `first` on, as many as `count`, with two faces each. */
function recordFrames(writer: SessionWriter, first: number, count: number): void {
  for (let i = first; i < first + count; i++) writer.frame(frameIn(i), [faceIn(i, 0), faceIn(i, 1)]);
}

describe('a session', () => {
  it('says everything that it was begun with, and that it is being recorded', async () => {
    const store = await newStore();
    const start = sessionStart('aaaa', { firstFrameUnixMs: 1_789_999_999_999.25, identification: false });
    await store.begin(start);
    const said = { state: 'recording', createdUnixMs: NOW_MS, endedUnixMs: null, analysedFps: null, problems: [] };
    expect(store.session('aaaa')).toMatchObject({ ...start, ...said, frames: 0, profileHash: profileHash(PROFILE) });
  });

  it('says how it ended', async () => {
    const folder = temporaryFolder();
    const times = [1000.5, 2000.25];
    const store = await openStore(folder, { ...stillClock, unixMs: () => times.shift() ?? NaN });
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 3);
    const problems = ['The file ends in the middle of a frame.', '“Häßlich” – 顔'];
    await writer.end({ state: 'interrupted', problems, analysedFps: 61.25 });
    const expected = {
      state: 'interrupted',
      problems,
      analysedFps: 61.25,
      createdUnixMs: 1000.5,
      endedUnixMs: 2000.25,
    };
    expect(store.session('aaaa')).toMatchObject({ ...expected, frames: 3 });
    await store.close();
    expect((await openStore(folder)).session('aaaa')).toMatchObject({ ...expected, frames: 3 });
  });

  it('keeps every frame and face to the last bit, in order, also when there are thousands', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 1500);
    await writer.end(COMPLETE);
    await store.close();
    expect(faultsOf(framesOf(await openStore(folder), 'aaaa'), 0, 1500)).toEqual([]);
  });

  it('keeps what is missing as missing', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa', { source: PICTURES }));
    const nothing = { members: [null, null, null], fused: EIGHT_NANS, agreement: NaN };
    const [first = null] = exactFace(3).members;
    const frames = [
      { frame: frameRecord(0, { timeMs: NaN, name: 'a,"b"\n.jpg' }), faces: [exactFace(1, { segment: 4 })] },
      { frame: frameRecord(1, { timeMs: NaN, name: '', searched: false }), faces: [] },
      { frame: frameRecord(7, { timeMs: 0, droppedBefore: 5 }), faces: [] },
      {
        frame: frameRecord(8, { timeMs: -12.5 }),
        faces: [
          exactFace(2, { sequence: 8, segment: 1, reason: 'no_consent', ...nothing }),
          exactFace(3, { sequence: 8, segment: 2, reason: 'member_failed', members: [null, first, null] }),
        ],
      },
    ];
    for (const { frame, faces } of frames) writer.frame(frame, faces);
    await writer.end(COMPLETE);
    expect(framesOf(store, 'aaaa')).toEqual(frames);
  });

  it('keeps what rules made of an estimate, and nothing beside those that none changed', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    const refined = exactFace(2).fused;
    const faces = [
      exactFace(1, { segment: 1, refined, fired: ['majority_override', 'fear_surprise_bias'] }),
      exactFace(3, { segment: 2, reason: 'rejected' }),
    ];
    writer.frame(frameRecord(0), faces);
    await writer.end(COMPLETE);
    const [{ faces: stored }] = framesOf(store, 'aaaa');
    expect(stored).toEqual(faces);
    expect(stored[1].refined).toBe(stored[1].fused);
  });

  it('knows of people and segments what was said last', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    const open = segment(1, { person: null, source: 'track', confidence: 0.125, lastSequence: 4 });
    writer.identity([person(2)], [open, segment(2, { person: 2 })]);
    recordFrames(writer, 0, 200); // so many that the first news is on its way
    writer.identity([person(2, 'A07'), person(1)], [{ ...open, person: 1, lastSequence: 90, confidence: 1 / 3 }]);
    writer.identity([], [{ ...open, person: 1, lastSequence: 99, source: 'embedding', confidence: 0.5 }]);
    await writer.end(COMPLETE);
    const { persons, segments, session } = store.read(store.session('aaaa'));
    expect(session.id).toBe('aaaa');
    expect(persons).toEqual([person(1), person(2, 'A07')]);
    expect(segments).toEqual([
      { ...open, person: 1, lastSequence: 99, source: 'embedding', confidence: 0.5 },
      segment(2, { person: 2 }),
    ]);
  });

  it('knows what every participant agreed to', async () => {
    const store = await newStore();
    const consent: Consent = {
      kind: 'file',
      form: { version: '2026-03', sha256: 'ab'.repeat(32) },
      participants: [
        { code: 'A07', scopes: ['analysis', 'identification'], given_at: '2026-11-02' },
        { code: 'B.1-x', scopes: ['analysis'] },
        { code: 'C', scopes: [], given_at: '2026-11-03' },
        {
          ...{
            code: 'D',
            scopes: ['analysis', 'video'],
            given_at: '2026-11-04',
            obtained_by: 'K. Meier',
            guardian: 'L. D.',
          },
          ...{ assent: false, ethics_number: '2026-117', retain_until: '2031-12-31' },
        },
      ],
    };
    await store.begin(sessionStart('aaaa', { consent }));
    await store.begin(
      sessionStart('bbbb', { consent: { ...consent, form: null, participants: [{ code: 'A07', scopes: [] }] } }),
    );
    expect(store.session('aaaa').consent).toEqual(consent);
    expect(store.session('bbbb').consent).toEqual({
      kind: 'file',
      form: null,
      participants: [{ code: 'A07', scopes: [] }],
    });
  });

  it('is not mixed up with one that is recorded at the same time', async () => {
    const store = await newStore();
    const one = await store.begin(sessionStart('aaaa'));
    const two = await store.begin(sessionStart('bbbb'));
    for (let i = 0; i < 300; i += 3) {
      recordFrames(one, i, 3);
      recordFrames(two, 1000 + i, 3);
      one.identity([person(1, `A${i}`)], []);
      two.identity([person(1, `B${i}`)], []);
    }
    await Promise.all([one.end(COMPLETE), two.end({ ...COMPLETE, state: 'interrupted' })]);
    expect(faultsOf(framesOf(store, 'aaaa'), 0, 300)).toEqual([]);
    expect(faultsOf(framesOf(store, 'bbbb'), 1000, 300)).toEqual([]);
    expect(store.read(store.session('aaaa')).persons).toEqual([person(1, 'A297')]);
    expect(store.read(store.session('bbbb')).persons).toEqual([person(1, 'B297')]);
    expect(store.sessions().map(({ state }) => state)).toEqual(['interrupted', 'complete']);
  });

  it('that nobody has ended keeps what it was given when the store is closed', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 100);
    writer.identity([person(1)], [segment(1)]);
    await store.close();
    const again = await openStore(folder);
    expect(again.session('aaaa').state).toBe('interrupted');
    expect(again.read(again.session('aaaa')).persons).toEqual([person(1)]);
    expect(faultsOf(framesOf(again, 'aaaa'), 0, 100)).toEqual([]);
  });

  it('that cannot be written says so, and keeps no frame without its faces', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 70);
    writer.frame(frameIn(60), [faceIn(60, 0), faceIn(60, 1)]); // a second frame of this number
    const goOn = async (): Promise<void> => {
      for (let i = 70; i < 1000; i++) {
        recordFrames(writer, i, 1);
        await sleep(5);
        await writer.settled();
      }
    };
    await refusalOf(goOn(), 'store_unusable');
    await refusalOf(writer.end(COMPLETE), 'store_unusable');
    await sleep(500); // whatever is open would be stored by now
    const incomplete = framesOf(store, 'aaaa').filter(({ faces }) => faces.length !== 2);
    expect(incomplete.map(({ frame }) => frame.sequence)).toEqual([]);
    expect(store.session('aaaa').state).not.toBe('complete');
  });
});

describe('reading a session', () => {
  it('may be broken off, begun again, and done twice at once', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 50);
    await writer.end(COMPLETE);
    const reader = store.read(store.session('aaaa'));
    let seen = 0;
    for (const { frame } of reader.frames()) {
      seen++;
      if (frame.sequence === 10) break;
    }
    expect(seen).toBe(11);
    const sequences: number[] = [];
    for (const { frame } of reader.frames()) {
      sequences.push(frame.sequence, [...reader.frames()].length, store.sessions().length);
    }
    expect(sequences).toEqual(Array.from({ length: 50 }, (_, i) => [i, 50, 1]).flat());
  });

  it.each(['read', 'recordedFrames'] as const)('by %s keeps nobody from seeing what comes meanwhile', async (how) => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 500);
    await writer.end(COMPLETE);
    const frames = how === 'read' ? store.read(store.session('aaaa')).frames() : store.recordedFrames('aaaa');
    const reading = frames[Symbol.iterator]();
    expect(reading.next().value).toMatchObject({ frame: { sequence: 0 } });
    await store.begin(sessionStart('bbbb'));
    expect(store.sessions().map(({ id }) => id)).toEqual(['bbbb', 'aaaa']);
    await store.close(); // with that reading under way
    reading.return?.();
  });

  it('without corrections says when the session was discarded meanwhile', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    recordFrames(writer, 0, 1500);
    await writer.end(COMPLETE);
    const reading = store.recordedFrames('aaaa');
    reading.next();
    await store.discard('aaaa');
    await refusalOf(
      Promise.resolve().then(() => [...reading]),
      'session_unknown',
    );
  });

  it('sees whole frames only while the session is being recorded', async () => {
    const store = await newStore();
    const writer = await store.begin(sessionStart('aaaa'));
    for (let i = 0; i < 1200; i += 10) {
      recordFrames(writer, i, 10);
      await new Promise(setImmediate);
      const stored = framesOf(store, 'aaaa');
      expect(stored.every(({ frame, faces }, k) => frame.sequence === k && faces.length === 2)).toBe(true);
    }
    await writer.end(COMPLETE);
    expect(framesOf(store, 'aaaa')).toHaveLength(1200);
  });
});

describe('the sessions of a store', () => {
  it('are told from the newest to the oldest', async () => {
    const store = await newStore();
    expect(store.sessions()).toEqual([]);
    for (const id of ['cc', 'aa', 'bb']) await store.begin(sessionStart(id));
    expect(store.sessions().map(({ id }) => id)).toEqual(['bb', 'aa', 'cc']);
  });

  it('are found by id, by the beginning of one, and by code, of which the newest counts', async () => {
    const store = await newStore();
    await store.begin(sessionStart('12ab', { code: 'lab' }));
    await store.begin(sessionStart('34cd', { code: 'lab' }));
    await store.begin(sessionStart('56ef', { code: '12' }));
    await store.begin(sessionStart('12', { code: 'id before code' }));
    await store.begin(sessionStart('78%_', { code: '34cd' }));
    const found = ['12ab', '12a', 'lab', '12', '34cd', '34', '56', '78%'].map((name) => store.session(name).id);
    expect(found).toEqual(['12ab', '12ab', '34cd', '12', '34cd', '34cd', '56ef', '78%_']);
  });

  it.each(['nobody', '%', '12abc', "' OR 1=1 --", 'LAB'])('are not found by %s', async (name) => {
    const store = await newStore();
    await store.begin(sessionStart('12ab', { code: 'lab' }));
    const error = await refusalOf(
      Promise.resolve().then(() => store.session(name)),
      'session_unknown',
    );
    expect(error.message).toContain(name);
  });

  it('remember the files that were written from them', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await store.begin(sessionStart('aaaa'));
    await store.begin(sessionStart('bbbb'));
    const files = ['/out/a.csv', '/out/ü.jsonl'].map((path, i) => ({ path, sha256: `${i}f`.repeat(32) }));
    await store.noteExport('bbbb', files);
    await store.close();
    inDatabase(databaseIn(folder), (database) => {
      const rows = database.prepare(
        'SELECT id, path, sha256, written_unix_ms AS at FROM export JOIN session ON number = session ORDER BY path',
      );
      expect(rows.all()).toEqual(files.map((file) => ({ id: 'bbbb', ...file, at: NOW_MS })));
      const actions = database.prepare('SELECT session, action, unix_ms AS at FROM audit ORDER BY rowid').all();
      expect(actions).toEqual([
        { session: 'aaaa', action: 'begin', at: NOW_MS },
        { session: 'bbbb', action: 'begin', at: NOW_MS },
        { session: 'bbbb', action: 'export', at: NOW_MS },
      ]);
    });
  });
});

describe('the id of a session', () => {
  const settings = { profile: PROFILE, consent: { kind: 'external' }, identification: true };

  it('is the same in every store, whatever the order in which the settings are written', async () => {
    const { profile, consent, identification } = settings;
    const id = (await newStore()).nextId(SOURCE.sha256, settings);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect((await newStore()).nextId(SOURCE.sha256, { identification, consent, profile })).toBe(id);
  });

  it('is another one for another file, another setting and every repetition', async () => {
    const store = await newStore();
    const ids = [
      store.nextId('00'.repeat(32), settings),
      store.nextId(SOURCE.sha256, { ...settings, identification: false }),
      store.nextId(SOURCE.sha256, { ...settings, profile: { ...PROFILE, members: PROFILE.members.toReversed() } }),
    ];
    for (let repeat = 0; repeat < 3; repeat++) {
      const id = store.nextId(SOURCE.sha256, settings);
      ids.push(id);
      await store.begin(sessionStart(id));
    }
    expect(new Set(ids).size).toBe(6);
  });
});
