import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MienError } from '../../src/main/contract/errors.ts';
import { createFiles, openDatabase, storeError } from '../../src/main/store/database.ts';
import { sessionStart } from '../fixtures/records.ts';
import { faceIn, faultsOf, frameIn } from '../fixtures/store-contents.ts';
import {
  databaseIn,
  framesOf,
  inDatabase,
  expectReadable,
  openStore,
  refusalOf,
  stillClock,
  temporaryFolder,
} from '../fixtures/store-folder.ts';

const isWindows = process.platform === 'win32';
const rightsOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A closed database with one session of `frames` frames. */
async function recorded(folder: string, frames: number): Promise<void> {
  const store = await openStore(folder);
  const writer = await store.begin(sessionStart('aaaa'));
  for (let i = 0; i < frames; i++) writer.frame(frameIn(i), [faceIn(i, 0), faceIn(i, 1)]);
  await writer.end({ state: 'complete', problems: [], analysedFps: 90 });
  await store.close();
}

/** Another program that holds the right to write. It lets go when the returned function is called. */
function holdLock(folder: string): () => void {
  const other = new Database(databaseIn(folder));
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  return () => void other.exec('COMMIT');
}

describe.skipIf(isWindows)('what is stored belongs to its owner alone', () => {
  it('in new folders and files, whatever the user allows others elsewhere', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const top = temporaryFolder();
    const folder = join(top, 'new', 'data');
    const store = await openStore(folder);
    await store.begin(sessionStart('aaaa'));
    expect([join(top, 'new'), folder].map(rightsOf)).toEqual(['700', '700']);
    const files = ['', '-wal', '-shm'].map((ending) => databaseIn(folder) + ending);
    expect(files.map(rightsOf)).toEqual(['600', '600', '600']);
  });

  it('in a file that others could read until now', () => {
    const folder = temporaryFolder();
    writeFileSync(databaseIn(folder), '');
    chmodSync(databaseIn(folder), 0o666);
    expect(createFiles(folder)).toBe(databaseIn(folder));
    expect(rightsOf(databaseIn(folder))).toBe('600');
  });
});

describe('a database', () => {
  it('survives a loss of power, and is one file when it is closed', async () => {
    const folder = temporaryFolder();
    const file = createFiles(folder);
    const writing = openDatabase(file, false);
    const modes = ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete'].map((name) =>
      writing.pragma(name, { simple: true }),
    );
    writing.close();
    expect(modes).toEqual(['wal', 2, 1, 1]); // write-ahead log, synchronous = FULL, foreign keys checked, deleted bytes overwritten
    await recorded(folder, 10);
    expect(['-wal', '-shm'].filter((ending) => existsSync(file + ending))).toEqual([]);
  });

  it('that is only read cannot be written', () => {
    const file = createFiles(temporaryFolder());
    const reading = openDatabase(file, true);
    onTestFinished(() => void reading.close());
    expect(() => reading.exec('CREATE TABLE t (x)')).toThrow(/readonly/);
  });

  it('may be open twice, and both see the same', async () => {
    const folder = temporaryFolder();
    const [one, two] = [await openStore(folder), await openStore(folder)];
    const first = await one.begin(sessionStart('aaaa'));
    const second = await two.begin(sessionStart('bbbb'));
    for (let i = 0; i < 100; i++) {
      first.frame(frameIn(i), [faceIn(i, 0), faceIn(i, 1)]);
      second.frame(frameIn(i), [faceIn(i, 0), faceIn(i, 1)]);
    }
    const end = { state: 'complete', problems: [], analysedFps: 1 } as const;
    await Promise.all([first.end(end), second.end(end)]);
    for (const store of [one, two]) {
      expect(store.sessions().map(({ id, state }) => [id, state])).toEqual([
        ['bbbb', 'complete'],
        ['aaaa', 'complete'],
      ]);
      for (const id of ['aaaa', 'bbbb']) expect(faultsOf(framesOf(store, id), 0, 100)).toEqual([]);
    }
  });
});

describe('a place where nothing can be stored is refused with what to do about it', () => {
  it.each(['a file', 'below a file', 'a folder in place of the database'])('%s', async (what) => {
    const top = temporaryFolder();
    writeFileSync(join(top, 'file'), 'mine');
    mkdirSync(join(top, 'folder', 'mien.sqlite'), { recursive: true });
    const place = what === 'a file' ? 'file' : what === 'below a file' ? join('file', 'a', 'b') : 'folder';
    const error = await refusalOf(openStore(join(top, place)), 'store_unusable');
    expect(error.message).toContain(join(top, place));
    expect(readFileSync(join(top, 'file'), 'utf8')).toBe('mine');
  });

  it.each([
    ['a text', Buffer.from('name;age\nEva;31\n'.repeat(400))],
    ['a short text', Buffer.from('hello')],
    ['an archive', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(8000, 0x55)])],
  ])('%s in place of the database, which is left as it is', async (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(databaseIn(folder), content);
    const error = await refusalOf(openStore(folder), 'store_unusable');
    expect(error.message).toContain(databaseIn(folder));
    expect(readFileSync(databaseIn(folder)).equals(content)).toBe(true);
  });

  it("somebody else's database, which is left as it is", async () => {
    const folder = temporaryFolder();
    inDatabase(databaseIn(folder), (database) => {
      database.exec("CREATE TABLE session (title TEXT); INSERT INTO session VALUES ('x'); PRAGMA user_version = 1");
    });
    await refusalOf(openStore(folder), 'store_unusable');
    inDatabase(databaseIn(folder), (database) => {
      expect(database.prepare('SELECT * FROM session').all()).toEqual([{ title: 'x' }]);
    });
  });
});

describe('a damaged database', () => {
  it('that is cut short is refused', async () => {
    const folder = temporaryFolder();
    await recorded(folder, 300);
    truncateSync(databaseIn(folder), 6000);
    const use = async (): Promise<unknown> => framesOf(await openStore(folder), 'aaaa');
    await refusalOf(use(), 'store_unusable');
  });

  it('says so when the damage comes to light while a session is read', async () => {
    const folder = temporaryFolder();
    await recorded(folder, 300);
    const size = statSync(databaseIn(folder)).size;
    const content = readFileSync(databaseIn(folder));
    writeFileSync(databaseIn(folder), content.fill(0xff, size / 2)); // behind the first half there are frames and faces only
    const store = await openStore(folder);
    const use = (): unknown => framesOf(store, 'aaaa');
    await refusalOf(Promise.resolve().then(use), 'store_unusable');
  });
});

describe('a database in which another program writes', () => {
  it('is waited for', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const letGo = holdLock(folder);
    const beginning = store.begin(sessionStart('aaaa'));
    await sleep(700);
    expect(store.sessions()).toEqual([]); // reading goes on
    letGo();
    const writer = await beginning;
    writer.frame(frameIn(0), [faceIn(0, 0), faceIn(0, 1)]);
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    expect(faultsOf(framesOf(store, 'aaaa'), 0, 1)).toEqual([]);
  });

  it('is not waited for without end, and can be used when it is free again', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder, stillClock, 1000);
    const letGo = holdLock(folder);
    const error = await refusalOf(store.begin(sessionStart('aaaa')), 'store_busy');
    expect(error.message).toContain(databaseIn(folder));
    letGo();
    await store.begin(sessionStart('aaaa'));
    expect(store.sessions()).toHaveLength(1);
  });
});

describe('what a failure of the database means', () => {
  const failure = (code: string): Error => new Database.SqliteError('jargon', code);

  it.each([
    ['SQLITE_BUSY', 'store_busy', /in use/],
    ['SQLITE_BUSY_SNAPSHOT', 'store_busy', /in use/],
    ['SQLITE_LOCKED', 'store_busy', /in use/],
    ['SQLITE_FULL', 'store_unusable', /disk is full/],
    ['SQLITE_IOERR_WRITE', 'store_unusable', /disk is full or fails/],
    ['SQLITE_CORRUPT', 'store_unusable', /cannot be used/],
    ['SQLITE_NOTADB', 'store_unusable', /cannot be used/],
  ] as const)('%s', (sqlite, code, words) => {
    const cause = failure(sqlite);
    const error = storeError(cause, '/data/mien.sqlite');
    expectReadable(error, code);
    expect(error.message).toMatch(words);
    expect(error.message + error.remedy).not.toMatch(/jargon|SQLITE/);
    expect(error.cause).toBe(cause);
  });

  it('is not said twice', () => {
    const error = new MienError('store_busy', 'One.', 'Two.');
    expect(storeError(error, 'x')).toBe(error);
  });
});
