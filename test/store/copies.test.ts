// A session that is made of another one: what it has from it, and that nothing half is left.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoredSession } from '../../src/main/engine/ports.ts';
import { giveUp } from '../../src/main/store/discarding.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { PROFILE, faceRecord, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { CODE, OTHER, filesWith, recordCamera } from '../fixtures/store-participants.ts';
import {
  NOW_MS,
  databaseIn,
  inDatabase,
  openStore,
  refusalOf,
  startChild,
  temporaryFolder,
} from '../fixtures/store-folder.ts';

const FRAMES = 5;
const START = { programVersion: '9.9.9', profile: { ...PROFILE, name: 'strict' }, models: [] } as const;
const NO_WATCH = { signal: { aborted: false }, onProgress: () => undefined };

/** Everything that a table says of a session. */
const rowsOf = (folder: string, table: string, id: string): unknown[] =>
  inDatabase(databaseIn(folder), (database) => {
    const number = database.prepare('SELECT number FROM session WHERE id = ?').pluck().get(id);
    const rows = database.prepare(`SELECT * FROM ${table} WHERE session = ?`).all(number) as Record<string, unknown>[];
    return rows.map((row) => ({ ...row, session: null }));
  });

/** A recording with something in every table that belongs to it. */
async function recordAll(store: RecordingStore): Promise<StoredSession> {
  await recordCamera(store, 'aaaa', FRAMES);
  await store.edit('aaaa', { kind: 'rename', person: 3, label: 'assistant' }, { who: 'KL', why: 'stood behind' });
  await store.edit('aaaa', { kind: 'split', person: 2, fromSequence: 3, fromMs: 120 }, { who: '', why: '' });
  await store.undo('aaaa', 2);
  await store.note('aaaa', 'first');
  await store.note('aaaa', 'second');
  await store.withdraw(OTHER, 'identification', ['aaaa']);
  await store.noteExport('aaaa', [{ path: '/results/a.csv', sha256: '00' }]);
  return store.session('aaaa');
}

async function copyAll(store: RecordingStore, from: StoredSession, id = 'bbbb'): Promise<StoredSession> {
  const writer = await store.beginCopy(from, { id, code: `${from.code}.strict`, ...START });
  for (const { frame, faces } of store.recordedFrames(from.id)) writer.frame(frame, faces);
  const { problems, analysedFps } = from;
  await writer.end({ state: 'complete', problems, analysedFps });
  return store.session(id);
}

describe('a session made of another one', () => {
  it('has its people, consents with what was taken back, markers, events, clocks, corrections and notes', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const from = await recordAll(store);
    await copyAll(store, from);
    const tables = ['participant', 'consent', 'person', 'segment', 'marker', 'event', 'clock', 'edit', 'note'];
    for (const table of [...tables, 'frame', 'estimate']) {
      const rows = rowsOf(folder, table, 'bbbb');
      expect(rows, table).toEqual(rowsOf(folder, table, 'aaaa'));
      if (table !== 'clock') expect(rows.length, table).toBeGreaterThan(0);
    }
    expect(rowsOf(folder, 'consent', 'bbbb')).toContainEqual(expect.objectContaining({ withdrawn_unix_ms: NOW_MS }));
    expect(rowsOf(folder, 'export', 'bbbb')).toEqual([]);
    const { persons, markers, edits, note } = store.read(store.session('bbbb'));
    expect([persons, markers, edits.length, note]).toEqual([
      ...[store.read(from).persons, store.read(from).markers, 2, 'second'],
    ]);
  });

  it('is a session of the same recording with an id, name, profile and models of its own', async () => {
    let nowMs = NOW_MS;
    const store = await openStore(temporaryFolder(), { monotonicMs: () => 0, unixMs: () => nowMs });
    const from = await recordAll(store);
    nowMs += 5000;
    const made = await copyAll(store, from);
    const { profileHash, rescored, endedUnixMs, ...rest } = made;
    expect(rest).toEqual({
      ...Object.fromEntries(Object.entries(from).filter(([name]) => name in rest)),
      ...{ id: 'bbbb', code: `pilot ${CODE}.strict`, ...START },
    });
    expect(profileHash).not.toBe(from.profileHash);
    expect([made.createdUnixMs, endedUnixMs]).toEqual([NOW_MS, nowMs]);
    expect(rescored).toEqual({ from: 'aaaa', fromCode: from.code, unixMs: nowMs, measuredVersion: '1.2.3' });
    expect(store.session('aaaa')).toEqual(from);
  });

  it('remembers who measured when it is copied once more, and what it came from when that is gone', async () => {
    const store = await openStore(temporaryFolder());
    const first = await copyAll(store, await recordAll(store));
    const { rescored } = await copyAll(store, first, 'cccc');
    expect(rescored).toMatchObject({ from: 'bbbb', measuredVersion: '1.2.3' });
    await store.discard('bbbb');
    expect(store.session('cccc').rescored).toMatchObject({ from: 'bbbb', fromCode: null });
  });

  it('has no consent that is taken back while it is made, whichever of the two it is taken back for', async () => {
    const store = await openStore(temporaryFolder());
    const from = await recordAll(store);
    for (const [id, named] of [
      ['bbbb', 'aaaa'],
      ['cccc', 'cccc'],
    ]) {
      const writer = await store.beginCopy(from, { id, code: id, ...START });
      await store.withdraw(CODE, id === 'bbbb' ? 'analysis' : 'sharing', [named]);
      await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    }
    const withdrawn = (id: string): unknown =>
      store.session(id).withdrawals.flatMap(({ participant, scope }) => (participant === CODE ? [scope] : []));
    expect(['aaaa', 'bbbb', 'cccc'].map(withdrawn)).toEqual([['analysis'], ['analysis'], ['analysis', 'sharing']]);
  });

  it('that is finished keeps the consents that are taken back for the other', async () => {
    const store = await openStore(temporaryFolder());
    await copyAll(store, await recordAll(store));
    await store.withdraw(CODE, 'analysis', ['aaaa']);
    expect(store.session('bbbb').withdrawals.map(({ participant }) => participant)).toEqual([OTHER]);
  });

  it('leaves nothing for the next session when it is discarded while it is written', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const from = await recordAll(store);
    const writer = await store.beginCopy(from, { id: 'bbbb', code: 'b', ...START });
    for (let i = 0; i < 700; i++) writer.frame(frameRecord(i), [faceRecord(i, { sequence: i })]);
    const discarding = store.discard('bbbb');
    writer.frame(frameRecord(700), []);
    await discarding;
    const next = await store.begin(sessionStart('cccc')); // has the number of the other one
    writer.frame(frameRecord(701), []);
    await writer.end({ state: 'interrupted', problems: [], analysedFps: null });
    expect(store.session('cccc')).toMatchObject({ state: 'recording', frames: 0 });
    next.frame(frameRecord(0), []);
    await next.end({ state: 'complete', problems: [], analysedFps: 1 });
    expect(store.sessions().map(({ id, state, frames }) => [id, state, frames])).toEqual([
      ['cccc', 'complete', 1],
      ['aaaa', 'complete', FRAMES],
    ]);
    const discards = inDatabase(databaseIn(folder), (db) =>
      db.prepare("SELECT session FROM audit WHERE action = 'discard'").pluck().all(),
    );
    expect(discards).toEqual(['bbbb']);
  });

  it('of which only a part was removed when the program ended is gone at the next start', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await recordAll(store);
    await store.close();
    inDatabase(databaseIn(folder), (db) => {
      expect(giveUp(db, 1)).toBe(true);
      expect(giveUp(db, 1)).toBe(false);
    });
    expect((await openStore(folder)).sessions()).toEqual([]);
  });

  it('cannot be made of one that is gone', async () => {
    const store = await openStore(temporaryFolder());
    const from = await recordAll(store);
    await store.discard('aaaa');
    await refusalOf(store.beginCopy(from, { id: 'bbbb', code: 'b', ...START }), 'session_unknown');
    expect(store.sessions()).toEqual([]);
  });

  it('is gone at the next start where the program was killed, and what was recorded is kept', async () => {
    const folder = temporaryFolder();
    const child = startChild('store-copier.ts', [folder]);
    await child.said(1);
    child.process.kill('SIGKILL');
    await child.ended;
    const before = inDatabase(databaseIn(folder), (database) =>
      database.prepare('SELECT id, state FROM session ORDER BY number').all(),
    );
    expect(before).toEqual([
      { id: 'aaaa', state: 'recording' },
      { id: 'bbbb', state: 'recording' },
    ]);
    const store = await openStore(folder);
    expect(store.sessions().map(({ id, state }) => [id, state])).toEqual([['aaaa', 'interrupted']]);
    for (const table of ['frame', 'estimate', 'segment'])
      expect(
        inDatabase(databaseIn(folder), (database) =>
          database.prepare(`SELECT count(DISTINCT session) FROM ${table}`).pluck().get(),
        ),
        table,
      ).toBeLessThanOrEqual(1);
  });

  it('is erased of a participant together with the other, to the last byte', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await copyAll(store, await recordAll(store));
    const { sessions } = store.planErasure({ kind: 'participant', code: CODE });
    expect(sessions.map(({ id }) => id).sort()).toEqual(['aaaa', 'bbbb']);
    const receipt = await store.erase({ kind: 'participant', code: CODE }, '1', NO_WATCH);
    expect(receipt).toMatchObject({ sessions: 2, estimates: 2 * 2 * FRAMES });
    await store.close();
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'latin1');
      expect(text.split(CODE).length, name).toBe(text.split(OTHER).length);
    }
    expect(filesWith(folder, OTHER).length).toBeGreaterThan(0);
  });

  it('is erased of somebody without a code together with all others of the recording, however they were corrected', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const from = await recordAll(store);
    await copyAll(store, from, 'bbbb');
    await copyAll(store, store.session('bbbb'), 'cccc');
    await recordCamera(store, 'dddd', FRAMES); // another recording
    await store.edit('cccc', { kind: 'split', person: 3, fromSequence: 2, fromMs: 80 }, { who: '', why: '' });
    await store.discard('bbbb'); // the one between is gone
    const target = { kind: 'person', sessionId: 'cccc', person: 3 } as const;
    const named = store.planErasure(target).sessions.map(({ id, persons }) => [id, persons.map((one) => one.id)]);
    expect(named).toEqual([
      ['aaaa', [3]],
      ['cccc', [3]],
    ]);
    await store.erase(target, '1', NO_WATCH);
    const ids = (id: string): number[] => store.read(store.session(id)).persons.map((one) => one.id);
    expect([ids('aaaa'), ids('dddd')]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    expect(ids('cccc')).not.toContain(3);
    const framesWith = (id: string): number =>
      [...store.recordedFrames(id)].filter(({ faces }) => faces.some(({ segment: own }) => own === 4)).length;
    expect([framesWith('aaaa'), framesWith('dddd')]).toEqual([0, FRAMES]);
  });

  it('keeps the order of its records while it is written in pieces', async () => {
    const store = await openStore(temporaryFolder());
    const writer = await store.begin(sessionStart('aaaa'));
    writer.identity([person(1)], [segment(1, { lastSequence: 299 })]);
    for (let i = 0; i < 300; i++) writer.frame(frameRecord(i), [faceRecord(i, { sequence: i })]);
    await writer.end({ state: 'complete', problems: [], analysedFps: null });
    await copyAll(store, store.session('aaaa'));
    expect([...store.recordedFrames('bbbb')]).toEqual([...store.recordedFrames('aaaa')]);
    expect(store.session('aaaa').analysedFps).toBe(null);
  });
});
