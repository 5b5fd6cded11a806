// The history of a study in a database of its own, beside what the study is to make: every trial that has ended, and what the study was
// begun with. A study whose program ended in the middle goes on from it.
import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { storeError } from './database.ts';

/** A trial that has ended. */
export interface StoredTrial {
  readonly number: number;
  readonly point: readonly number[];
  readonly state: 'complete' | 'pruned';
  readonly reports: readonly number[];
  readonly value: number;
  /** 0…1; null for a pruned one. */
  readonly accuracy: number | null;
}

/** What a study was begun with: words for a person, and values that JSON can hold. */
export type StudySettings = Readonly<Record<string, unknown>>;

/** Marks the file as a history of ours in its header. */
const APPLICATION_ID = 0x4d69_5374;
const BUSY_MS = 200;

const TABLES = `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE trial (
    number INTEGER PRIMARY KEY, point TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('complete', 'pruned')),
    reports TEXT NOT NULL, value REAL NOT NULL, accuracy REAL
  ) STRICT;
`;

type Row = Omit<StoredTrial, 'point' | 'reports'> & { readonly point: string; readonly reports: string };

export class StudyHistory {
  readonly #file: string;
  readonly #db: Database.Database;

  private constructor(file: string, db: Database.Database) {
    this.#file = file;
    this.#db = db;
  }

  /**
   * Opens a history, or begins one, readable by its owner alone; nobody else can have it open meanwhile. Throws usage where it was begun
   * with other settings, store_busy, and store_unusable for a file that is none or cannot be written.
   */
  static open(file: string, settings: StudySettings): StudyHistory {
    let db: Database.Database | null = null;
    try {
      closeSync(openSync(file, 'a', 0o600));
      chmodSync(file, 0o600);
      db = new Database(file, { timeout: BUSY_MS });
      db.pragma('locking_mode = EXCLUSIVE');
      db.pragma('synchronous = FULL');
      const history = new StudyHistory(file, db);
      const begin = db.transaction(() => history.#begin(settings));
      begin.exclusive();
      return history;
    } catch (error) {
      db?.close();
      throw historyError(error, file);
    }
  }

  /** In the order of their numbers. */
  get trials(): StoredTrial[] {
    const rows = this.#db.prepare('SELECT * FROM trial ORDER BY number').all() as Row[];
    return rows.map((row) => ({
      ...row,
      point: JSON.parse(row.point) as number[],
      reports: JSON.parse(row.reports) as number[],
    }));
  }

  /** Keeps a trial; it is on the disk when this returns. Throws store_unusable. */
  add({ number, point, state, reports, value, accuracy }: StoredTrial): void {
    try {
      this.#db
        .prepare('INSERT INTO trial (number, point, state, reports, value, accuracy) VALUES (?, ?, ?, ?, ?, ?)')
        .run(number, JSON.stringify(point), state, JSON.stringify(reports), value, accuracy);
    } catch (error) {
      throw historyError(error, this.#file);
    }
  }

  close(): void {
    this.#db.close();
  }

  #begin(settings: StudySettings): void {
    const isNew = this.#db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
    if (isNew) {
      this.#db.pragma(`application_id = ${APPLICATION_ID}`);
      this.#db.exec(TABLES);
      const insert = this.#db.prepare('INSERT INTO setting (name, value) VALUES (?, ?)');
      for (const [name, value] of Object.entries(settings)) insert.run(name, JSON.stringify(value));
      return;
    }
    if (this.#db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      throw new MienError('store_unusable', `${this.#file} is no history of a study.`, OTHER_NAME);
    }
    const rows = this.#db.prepare('SELECT name, value FROM setting').all() as { name: string; value: string }[];
    const known = new Map(rows.map(({ name, value }) => [name, value]));
    const names = new Set([...known.keys(), ...Object.keys(settings)]);
    const others = [...names].filter((name) => known.get(name) !== JSON.stringify(settings[name]));
    if (others.length === 0) return;
    const message = `The study in ${this.#file} was begun with other settings: ${others.join(', ')}.`;
    throw new MienError('usage', message, `Use the same ones to go on with it. ${OTHER_NAME}`);
  }
}

const OTHER_NAME = 'To begin anew, give another name with --out, or remove that file.';

/** What a failure means for the user; a history can be put anywhere, so the words about a data folder would mislead. */
function historyError(error: unknown, file: string): MienError {
  const known = storeError(error, file);
  if (known === error) return known;
  const options = { cause: error };
  if (known.code === 'store_busy')
    return new MienError(
      'store_busy',
      `The study in ${file} is going on elsewhere.`,
      'Wait until it is done.',
      options,
    );
  return new MienError('store_unusable', `The history of the study, ${file}, cannot be used.`, OTHER_NAME, options);
}
