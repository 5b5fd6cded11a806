// Opens the database file, with the settings that every connection needs, and brings its tables up to date.
import { chmodSync, closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { makeFolder } from '../platform/folders.ts';

export const DATABASE_FILE = 'mien.sqlite';

const MIGRATIONS = new URL('./migrations/', import.meta.url);
const BUSY_MS = 5000;
/** SQLite would keep 16 MB of what it has written; what a recording appends is hardly ever read again by the one who writes. */
const WRITER_CACHE_KB = 2000;
/** Marks the file as ours in its header; the first migration sets it. */
const APPLICATION_ID = 0x4d69656e;

/** Creates the folder and the file where they are missing, readable by their owner alone. */
export function createFiles(folder: string): string {
  const file = join(folder, DATABASE_FILE);
  try {
    makeFolder(folder, 0o700);
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (cause) {
    const remedy =
      'Choose another folder with --data, or allow writing to this one and check that the disk is not full.';
    throw new MienError('store_unusable', `Nothing can be stored in ${folder}.`, remedy, { cause });
  }
  return file;
}

/** A connection. Throws store_unusable for a file that is no database of ours. */
export function openDatabase(file: string, readonly: boolean): Database.Database {
  try {
    const database = new Database(file, { readonly, timeout: BUSY_MS });
    database.pragma('foreign_keys = ON');
    checkOwner(database, file);
    if (!readonly) {
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
      database.pragma('secure_delete = ON'); // what is removed is overwritten
      database.pragma(`cache_size = ${-WRITER_CACHE_KB}`);
    }
    return database;
  } catch (cause) {
    throw storeError(cause, file);
  }
}

const migrationFiles = (): string[] =>
  readdirSync(MIGRATIONS)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort();

/** Refuses, before a byte is changed, what another program or a newer version has made. */
function checkOwner(database: Database.Database, file: string): void {
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (isEmpty) return;
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    const remedy = 'Choose another folder with --data.';
    throw new MienError('store_unusable', `The database ${file} belongs to another program.`, remedy);
  }
  if ((database.pragma('user_version', { simple: true }) as number) > migrationFiles().length) {
    const remedy = 'Install that version again, or choose another folder with --data.';
    throw new MienError('store_unusable', 'The database was made by a newer version of Mien.', remedy);
  }
}

/** Applies the migrations that the database has not seen, all or none; another program may be about to do the same. */
export function migrate(database: Database.Database): void {
  const apply = database.transaction(() => {
    const applied = database.pragma('user_version', { simple: true }) as number;
    migrationFiles()
      .slice(applied)
      .forEach((name, i) => {
        database.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
        database.pragma(`user_version = ${applied + i + 1}`);
      });
  });
  apply.immediate();
}

export function sessionUnknown(name: string): MienError {
  const remedy = '"npm run mien -- sessions" lists the sessions that there are.';
  return new MienError('session_unknown', `There is no session "${name}".`, remedy);
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Whether it is the rows that cannot be written, and not the database or its disk: all else may still be written then. */
export function isAboutRows(error: unknown): boolean {
  const code = codeOf(error);
  return !code.startsWith('SQLITE_') || /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);
}

/** What a failure of SQLite means for the user. */
export function storeError(error: unknown, file: string): MienError {
  if (error instanceof MienError) return error;
  const code = codeOf(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    const remedy = 'Wait until the other program that uses it is done, or choose another folder with --data.';
    return new MienError('store_busy', `The database ${file} is in use.`, remedy, { cause: error });
  }
  if (code === 'SQLITE_CONSTRAINT_UNIQUE') {
    const message = 'Another program is analysing the same recording with the same settings right now.';
    return new MienError('store_busy', message, 'Wait until it is done.', { cause: error });
  }
  if (code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR')) {
    const remedy = 'Free some space on the disk. What was stored until now is kept.';
    return new MienError('store_unusable', 'The disk is full or fails; nothing more can be stored.', remedy, {
      cause: error,
    });
  }
  const remedy = 'Choose another folder with --data, or restore the file from a backup.';
  return new MienError('store_unusable', `The database ${file} cannot be used.`, remedy, { cause: error });
}

/** Lets a thread answer at once; what fails is told in the words of the store. `file` is the database that it is about. */
export function answering<Request>(
  answer: (request: Request) => unknown,
  file: string,
): (request: Request) => Promise<unknown> {
  return (request) =>
    new Promise((resolve, reject) => {
      try {
        resolve(answer(request));
      } catch (error) {
        reject(storeError(error, file));
      }
    });
}
