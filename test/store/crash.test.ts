import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionReader } from '../../src/main/engine/ports.ts';
import { eventIn, faultsOf, markerIn, personIn, readingIn, segmentIn } from '../fixtures/store-contents.ts';
import {
  databaseIn,
  framesOf,
  inDatabase,
  openStore,
  startChild,
  temporaryFolder,
  type Child,
} from '../fixtures/store-folder.ts';

/** What a user may lose at most when the program is killed. */
const LOST_MS = 1000;
const FOR_EVER = '1000000';

interface HandedOver {
  readonly sequence: number;
  readonly ms: number;
}

const startRecorder = (folder: string, session: string, frames: string, everyMs: number, shell = ''): Child =>
  startChild('store-recorder.ts', [folder, session, frames, String(everyMs)], shell);

function handedOver(child: Child): HandedOver[] {
  return child.lines
    .map((line) => line.split(' ').map(Number))
    .filter(([sequence]) => Number.isInteger(sequence))
    .map(([sequence, ms]) => ({ sequence, ms }));
}

async function killAfter(child: Child, frames: number): Promise<HandedOver[]> {
  await child.said(frames);
  child.process.kill('SIGKILL');
  expect(await child.ended).toBeNull();
  return handedOver(child);
}

/** How many of the frames were handed over so early that they must be there. */
function safeOf(handed: readonly HandedOver[]): number {
  const endMs = handed[handed.length - 1].ms;
  return handed.filter(({ ms }) => ms <= endMs - LOST_MS).length;
}

const isWhole = (folder: string): unknown =>
  inDatabase(databaseIn(folder), (database) => [
    database.pragma('integrity_check', { simple: true }),
    database.pragma('foreign_key_check'),
  ]);

/** Everything that came with the first frames: people and segments, markers, events and readings of the clocks. */
function newsOf({ persons, segments, markers, events, clock }: SessionReader, frames: number): unknown {
  const first = <T>(items: readonly T[]): T[] => items.slice(0, frames);
  const said = { markers: first(markers), events: first(events), clock: first(clock) };
  return { persons: first(persons), segments: first(segments), ...said };
}

/** Segments 1 and 2 have a face in every frame: of a recording that broke off, they are known to last until then. */
const newsWith = (frames: number, stored: number): unknown => {
  const numbers = Array.from({ length: frames }, (_, i) => i);
  const segments = numbers.map((i) => ({ ...segmentIn(i), lastSequence: i < 2 ? stored - 1 : i }));
  const said = { markers: numbers.map(markerIn), events: numbers.map(eventIn), clock: numbers.map(readingIn) };
  return { persons: numbers.map(personIn), segments, ...said };
};

describe('a program that is killed while it records', () => {
  // The promise is about a healthy disk; a machine under load may hold one up for a second, hardly thrice.
  it.each([
    { frames: 250, everyMs: 8 },
    { frames: 90, everyMs: 20 },
    { frames: 3000, everyMs: 0 },
  ])(
    'loses no more than the last second ($frames frames, $everyMs ms apart)',
    { retry: 2 },
    async ({ frames, everyMs }) => {
      const folder = temporaryFolder();
      const handed = await killAfter(startRecorder(folder, 'aaaa', FOR_EVER, everyMs), frames);
      const safe = safeOf(handed);
      if (everyMs > 0) expect(safe).toBeGreaterThan(0);

      expect(isWhole(folder)).toEqual(['ok', []]);
      const store = await openStore(folder);
      const stored = framesOf(store, 'aaaa');
      expect(stored.length).toBeGreaterThanOrEqual(safe);
      expect(stored.length).toBeLessThanOrEqual(handed.length + 1); // it may die between handing over and saying so
      expect(faultsOf(stored, 0, stored.length)).toEqual([]);
      expect(newsOf(store.read(store.session('aaaa')), safe)).toEqual(newsWith(safe, stored.length));
      expect(store.session('aaaa')).toMatchObject({ state: 'interrupted', frames: stored.length, endedUnixMs: null });
      await store.close();
      expect(isWhole(folder)).toEqual(['ok', []]);
    },
  );

  it('leaves a database in which the next one can record', async () => {
    const folder = temporaryFolder();
    for (const session of ['aaaa', 'bbbb', 'cccc']) await killAfter(startRecorder(folder, session, FOR_EVER, 5), 60);
    const last = startRecorder(folder, 'dddd', '20', 5);
    expect(await last.ended).toBe(0);
    const store = await openStore(folder);
    const states = store.sessions().map(({ id, state }) => [id, state]);
    expect(Object.fromEntries(states)).toEqual({
      aaaa: 'interrupted',
      bbbb: 'interrupted',
      cccc: 'interrupted',
      dddd: 'complete',
    });
    for (const id of ['aaaa', 'bbbb', 'cccc', 'dddd']) {
      const stored = framesOf(store, id);
      expect([id, faultsOf(stored, 0, stored.length)]).toEqual([id, []]);
    }
    expect(framesOf(store, 'dddd')).toHaveLength(20);
  });
});

describe('programs with one database', () => {
  it('look on while one of them records, and do not take it for dead', async () => {
    const folder = temporaryFolder();
    const child = startRecorder(folder, 'aaaa', '800', 5);
    await child.said(100);
    const store = await openStore(folder);
    expect(store.session('aaaa').state).toBe('recording');
    const stored = framesOf(store, 'aaaa');
    expect(faultsOf(stored, 0, stored.length)).toEqual([]);
    expect(await child.ended).toBe(0);
    expect(store.session('aaaa')).toMatchObject({ state: 'complete', frames: 800 });
    expect(faultsOf(framesOf(store, 'aaaa'), 0, 800)).toEqual([]);
  });

  it('record at once, and all keep everything', async () => {
    const folder = temporaryFolder();
    await (await openStore(folder)).close();
    const children = ['aaaa', 'bbbb', 'cccc'].map((id) => startRecorder(folder, id, '150', 8));
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    const store = await openStore(folder);
    for (const id of ['aaaa', 'bbbb', 'cccc']) expect([id, faultsOf(framesOf(store, id), 0, 150)]).toEqual([id, []]);
  });

  it('do not keep each other waiting: the one that records holds the lock only while it writes', async () => {
    const folder = temporaryFolder();
    const child = startRecorder(folder, 'aaaa', FOR_EVER, 8);
    await child.said(50);
    const other = new Database(databaseIn(folder), { timeout: 0 });
    onTestFinished(() => void other.close());
    const isFree = (): boolean => {
      try {
        other.exec('BEGIN IMMEDIATE; ROLLBACK');
        return true;
      } catch {
        return false;
      }
    };
    const tries: boolean[] = [];
    for (let i = 0; i < 150; i++) {
      await sleep(10);
      tries.push(isFree());
    }
    expect(child.process.exitCode).toBeNull(); // it is recording still
    expect(tries.filter(Boolean).length).toBeGreaterThan(tries.length / 2);
  });
});

// A limit to the size of files stands for a full disk: nothing can be written behind it.
describe.skipIf(process.platform === 'win32')('a disk that is full', () => {
  it('is named, and what was stored before is kept', async () => {
    const folder = temporaryFolder();
    await (await openStore(folder)).close();
    const child = startRecorder(folder, 'aaaa', FOR_EVER, 2, 'ulimit -f 2048'); // blocks of 512 bytes, in some shells of 1024
    expect(await child.ended).toBe(1);
    const last = child.lines[child.lines.length - 1];
    expect(last).toMatch(/^error store_unusable .*disk is full.*\.$/);
    expect(isWhole(folder)).toEqual(['ok', []]);
    const store = await openStore(folder);
    const stored = framesOf(store, 'aaaa');
    expect(stored.length).toBeGreaterThan(0);
    expect(faultsOf(stored, 0, stored.length)).toEqual([]);
    expect(store.session('aaaa').state).toBe('interrupted');
    await store.begin({ ...store.session('aaaa'), id: 'bbbb' });
  });

  const prlimit = '/usr/bin/prlimit'; // takes the limit away while the program runs, on Linux
  it.skipIf(!existsSync(prlimit))(
    'ends recordings as interrupted when it has room again, without a restart',
    async () => {
      const folder = temporaryFolder();
      await (await openStore(folder)).close();
      const child = startChild('store-full-disk.ts', [folder], 'ulimit -S -f 2048');
      await child.said(3);
      expect(child.lines.slice(0, 2).toSorted()).toEqual(
        ['aaaa', 'bbbb'].map((id) => `broke off ${id} store_unusable store_unusable`),
      );
      expect(child.lines[2]).toBe('waits recording recording');
      execFileSync(prlimit, [`--pid=${child.process.pid}`, '--fsize=unlimited']);
      expect(await child.ended).toBe(0);
      expect(child.lines.slice(3)).toEqual(['aaaa interrupted 1', 'bbbb interrupted 1', 'goes on']);
      const store = await openStore(folder);
      const stored = framesOf(store, 'aaaa');
      expect(stored.length).toBeGreaterThan(0);
      expect(faultsOf(stored, 0, stored.length)).toEqual([]);
      expect(store.session('aaaa').problems).toEqual([expect.stringMatching(/disk is full/)]);
      expect(store.session('cccc')).toMatchObject({ state: 'complete', frames: 50 });
    },
  );
});
