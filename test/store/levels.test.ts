// Timelines that are kept in the database: they say what the rows say, and go when the rows may not be seen any more.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenSession } from '../../src/main/hosts/service/open-session.ts';
import type { LevelWatch } from '../../src/main/store/level-making.ts';
import { RecordingStore } from '../../src/main/store/recording-store.ts';
import { PICTURES, faceRecord, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { CODE, OTHER, filesWith, recordCamera } from '../fixtures/store-participants.ts';
import {
  databaseIn,
  framesOf,
  inDatabase,
  openStore,
  refusalOf,
  startChild,
  stillClock,
  temporaryFolder,
} from '../fixtures/store-folder.ts';

/** More than a chunk of rows for each of three people. */
const FRAMES = 4200;
const WORDS = { who: 'RA1', why: '' };
const COMPLETE = { state: 'complete', problems: [], analysedFps: 30 } as const;

const watch = (changes: Partial<LevelWatch> = {}): LevelWatch => ({
  ...{ signal: { aborted: false }, onProgress: () => undefined, turn: () => Promise.resolve() },
  ...changes,
});

const make = (store: RecordingStore, id = 'aaaa', changes: Partial<LevelWatch> = {}): Promise<void> =>
  store.makeLevels(store.session(id), watch(changes));

const areThere = (store: RecordingStore, id = 'aaaa'): boolean => store.levels(store.session(id)) !== null;

/** A data folder with a long recording, which takes its time. */
const long = mkdtempSync(join(tmpdir(), 'mien-levels-'));

beforeAll(async () => {
  const store = await RecordingStore.open(long, stillClock);
  await recordCamera(store, 'aaaa', FRAMES);
  await store.close();
});
afterAll(() => rmSync(long, { recursive: true, force: true }));

/** A store with that recording or, with so many frames, a short one, and its folder. */
async function recorded(frames = FRAMES): Promise<{ readonly folder: string; readonly store: RecordingStore }> {
  const folder = temporaryFolder();
  if (frames === FRAMES) cpSync(long, folder, { recursive: true });
  const store = await openStore(folder);
  if (frames !== FRAMES) await recordCamera(store, 'aaaa', frames);
  return { folder, store };
}

const count = (folder: string, table: string): unknown =>
  inDatabase(databaseIn(folder), (db: Database.Database) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

/** Everything that is to be seen of a session. */
function seen(session: OpenSession): unknown {
  const end = session.endSeconds;
  const spans = [
    [-Infinity, Infinity],
    [0, end / 2],
    [end - 5, end - 1],
    [1, 2],
    [4095 / 25, 4097 / 25],
  ] as const;
  return {
    ends: [session.startSeconds, end],
    steps: spans.flatMap(([from, to]) => [100, 5000].map((most) => session.timeline(from, to, most))),
    figures: spans.map(([from, to]) =>
      session.figures(from, to).map(({ mean, dominantShare, secondsValid, ...counts }) => ({
        ...counts,
        about: [secondsValid, ...Object.values(mean), ...Object.values(dominantShare)].map((value) =>
          value?.toFixed(9),
        ),
      })),
    ),
  };
}

async function expectSame(store: RecordingStore, id = 'aaaa'): Promise<void> {
  const session = store.session(id);
  const levels = store.levels(session);
  if (!levels) throw new Error('there are no levels');
  const inMemory = await OpenSession.load(store, session, { aborted: false });
  expect(seen(new OpenSession(session, levels))).toEqual(seen(inMemory));
}

describe('the timelines of a session', () => {
  it('are made once, with progress, and say what its rows say', async () => {
    const { folder, store } = await recorded();
    expect(areThere(store)).toBe(false);
    const told: number[] = [];
    await make(store, 'aaaa', { onProgress: (share) => told.push(share) });
    expect(told).toEqual(told.toSorted((p, q) => p - q));
    expect([told.length > 1, told.at(-1)]).toEqual([true, 1]);
    await expectSame(store);
    await store.close();
    const again = await openStore(folder);
    await expectSame(again);
    expect(count(folder, 'level_set')).toBe(1);
  });

  it('are made of pictures, of a session without a frame and of one without people', async () => {
    const { store } = await recorded(2);
    const pictures = await store.begin(sessionStart('bbbb', { source: PICTURES }));
    pictures.identity([person(1)], [segment(1)]);
    for (let i = 0; i < 9; i++)
      pictures.frame(frameRecord(i, { timeMs: NaN, name: `${i}.jpg` }), [faceRecord(i, { sequence: i })]);
    await pictures.end(COMPLETE);
    await (await store.begin(sessionStart('cccc'))).end(COMPLETE);
    const nobody = await store.begin(sessionStart('dddd'));
    nobody.frame(frameRecord(7), []);
    await nobody.end(COMPLETE);
    for (const id of ['bbbb', 'cccc', 'dddd']) {
      await make(store, id);
      await expectSame(store, id);
    }
  });

  it('are not there while it is recorded', async () => {
    const { store } = await recorded(2);
    const writer = await store.begin(sessionStart('bbbb'));
    expect(areThere(store, 'bbbb')).toBe(false);
    await writer.end(COMPLETE);
  });

  it('stay when somebody is renamed or a moment marked, and do not when people are merged, until that is undone', async () => {
    const { folder, store } = await recorded();
    await make(store);
    await store.edit('aaaa', { kind: 'rename', person: 3, label: 'nurse' }, WORDS);
    await store.edit('aaaa', { kind: 'add_marker', timeMs: 5, label: 'x' }, WORDS);
    expect(store.levels(store.session('aaaa'))?.persons.map((one) => one.person.label)).toEqual([
      ...[undefined, undefined, 'nurse'],
    ]);
    const number = await store.edit('aaaa', { kind: 'merge', person: 3, into: 2 }, WORDS);
    expect(areThere(store)).toBe(false);
    await store.undo('aaaa', number);
    expect(areThere(store)).toBe(true);
    await store.undo('aaaa', number, false);
    await make(store);
    await expectSame(store);
    expect(store.levels(store.session('aaaa'))?.persons).toHaveLength(2);
    expect(count(folder, 'level_set')).toBe(1); // those before have been removed
    expect(count(folder, 'level_chunk')).toBe(2 * 7); // of 4200, 1050, 263, 66, 17 and 5 steps
  });

  it('do not count from the first part on that was removed of them', async () => {
    const { folder, store } = await recorded();
    await make(store);
    const number = await store.edit('aaaa', { kind: 'merge', person: 3, into: 2 }, WORDS);
    const seenThen: boolean[] = [];
    const turn = async (): Promise<void> => {
      if (seenThen.length > 0 || count(folder, 'level_chunk') !== 2 * 7) return; // the three times seven before are gone
      await store.undo('aaaa', number);
      seenThen.push(areThere(store));
    };
    await make(store, 'aaaa', { turn });
    expect(seenThen).toEqual([false]);
  });

  it('that another version of the program has made are made again', async () => {
    const { folder, store } = await recorded(20);
    await make(store);
    inDatabase(databaseIn(folder), (db) => db.exec("UPDATE level_set SET fingerprint = x'00'"));
    expect(areThere(store)).toBe(false);
    await make(store);
    await expectSame(store);
    expect(count(folder, 'level_set')).toBe(1);
  });

  it('that are removed while they are looked at are said to be', async () => {
    const { folder, store } = await recorded(20);
    await make(store);
    const levels = store.levels(store.session('aaaa'));
    expect(levels?.isThere()).toBe(true);
    inDatabase(databaseIn(folder), (db) => {
      db.pragma('foreign_keys = ON');
      db.exec('DELETE FROM level_set');
    });
    expect(levels?.isThere()).toBe(false);
    await refusalOf(
      Promise.resolve().then(() => levels?.persons[0].levels.steps(0, 1, 9)),
      'store_busy',
    );
  });
});

describe('timelines that are made only in part', () => {
  it('do not count, and go when they are made again', async () => {
    const { folder, store } = await recorded();
    const signal = { aborted: false };
    await refusalOf(
      make(store, 'aaaa', { signal, onProgress: (share) => (signal.aborted = share > 0.97) }),
      'interrupted',
    );
    expect(areThere(store)).toBe(false);
    await make(store);
    await expectSame(store);
    expect(count(folder, 'level_set')).toBe(1);
  });

  it('by a program that was killed do not count either', async () => {
    const { folder, store } = await recorded();
    await store.close();
    const child = startChild('store-leveller.ts', [folder, 'aaaa']);
    await child.said(1);
    expect(child.lines).toEqual(['half']);
    child.process.kill('SIGKILL');
    await child.ended;
    expect(count(folder, 'level_chunk')).toBeGreaterThan(0);
    const again = await openStore(folder);
    expect(areThere(again)).toBe(false);
    await make(again);
    await expectSame(again);
    expect(count(folder, 'level_set')).toBe(1);
  });

  it('by another program that goes on making them are left alone', async () => {
    const { folder, store } = await recorded(20);
    inDatabase(databaseIn(folder), (db) =>
      db.prepare('INSERT INTO level_set (session, writer_pid) VALUES (1, ?)').run(process.ppid),
    );
    await make(store);
    expect(count(folder, 'level_set')).toBe(2);
  });
});

/** Scores of the participant that are valid, as the bytes that both tables hold. */
function scoresOf(store: RecordingStore, owner: number): Buffer[] {
  const frames = framesOf(store, 'aaaa').flatMap(({ faces }) => faces.filter((face) => face.segment === owner));
  return [0, 1, frames.length - 1].map((i) => Buffer.from(frames[i].fused.buffer, frames[i].fused.byteOffset, 32));
}

describe('somebody whose scores may not be seen any more', () => {
  it('is in no byte of the data folder when erased, and the others can be looked at', async () => {
    const { folder, store } = await recorded();
    await make(store);
    const [own, others] = [scoresOf(store, 1), scoresOf(store, 3)];
    const inChunks = (bytes: Buffer): unknown =>
      inDatabase(databaseIn(folder), (db) =>
        db.prepare('SELECT count(*) FROM level_chunk WHERE instr(data, ?) > 0').pluck().get(bytes),
      );
    // The one frame before the withdrawal is the mean of every coarser step, too; what is behind it gets into none.
    expect(own.map((bytes) => Number(inChunks(bytes)) > 0)).toEqual([true, false, false]);
    await store.erase({ kind: 'participant', code: CODE }, '1.2.3', {
      signal: { aborted: false },
      onProgress: () => undefined,
    });
    for (const isOpen of [true, false]) {
      if (!isOpen) await store.close();
      for (const bytes of own) expect(filesWith(folder, bytes)).toEqual([]);
      for (const bytes of others) expect(filesWith(folder, bytes)).not.toEqual([]);
    }
    expect([count(folder, 'level_set'), count(folder, 'level_chunk')]).toEqual([0, 0]);
    const again = await openStore(folder);
    await make(again);
    await expectSame(again);
    expect(again.levels(again.session('aaaa'))?.persons.map((one) => one.person.id)).toEqual([2, 3]);
  });

  it('while timelines are being made gets into none of them', async () => {
    const { folder, store } = await recorded();
    let isErased = false;
    const making = make(store, 'aaaa', {
      turn: async () => {
        if (isErased || Number(count(folder, 'level_chunk')) === 0) return;
        isErased = true;
        await store.erase({ kind: 'participant', code: CODE }, '1.2.3', {
          signal: { aborted: false },
          onProgress: () => undefined,
        });
      },
    });
    await refusalOf(making, 'interrupted');
    expect([isErased, count(folder, 'level_set'), count(folder, 'level_chunk')]).toEqual([true, 0, 0]);
  });

  it('because consent was taken back is in no timeline that is kept', async () => {
    const { folder, store } = await recorded(50);
    await recordCamera(store, 'bbbb', 2);
    for (const id of ['aaaa', 'bbbb']) await make(store, id);
    await store.withdraw(OTHER, 'analysis', ['aaaa']);
    expect([areThere(store), areThere(store, 'bbbb'), count(folder, 'level_set')]).toEqual([false, true, 1]);
    await make(store);
    await expectSame(store);
    const levels = store.levels(store.session('aaaa'));
    expect(levels?.persons[1].levels.figures(-Infinity, Infinity).valid).toBe(0);
  });

  it('because the session is discarded leaves nothing', async () => {
    const { folder, store } = await recorded(20);
    await make(store);
    await store.discard('aaaa');
    expect([count(folder, 'level_set'), count(folder, 'level_chunk')]).toEqual([0, 0]);
  });
});
