// Corrections by hand as the tables hold them.
import type Database from 'better-sqlite3';
import { Corrected, nextPerson, type Change, type Edit, type NewChange } from '../core/edits.ts';
import { contentsOf } from './stored-rows.ts';

interface EditRow {
  readonly number: number;
  readonly unixMs: number;
  readonly kind: Change['kind'];
  readonly detail: string;
  readonly who: string;
  readonly why: string;
  readonly undone: number;
}

/** All edits of a session, those that are undone too, in order. */
export function editsOf(db: Database.Database, session: number | undefined): Edit[] {
  const query = `SELECT number, unix_ms AS unixMs, kind, detail, who, why, undone FROM edit WHERE session = ? ORDER BY number`;
  const rows = db.prepare(query).all(session) as EditRow[];
  return rows.map(({ kind, detail, undone, ...rest }) => {
    const change = { kind, ...(JSON.parse(detail) as object) } as Change;
    return { ...rest, change, undone: undone === 1 };
  });
}

/** A session's people and markers as they were corrected by hand. */
export function correctedOf(db: Database.Database, session: number | undefined): Corrected {
  return new Corrected(contentsOf(db, session), editsOf(db, session));
}

export function noteOf(db: Database.Database, session: number | undefined): string {
  const query = 'SELECT text FROM note WHERE session = ? ORDER BY rowid DESC LIMIT 1';
  return (db.prepare(query).pluck().get(session) as string | undefined) ?? '';
}

/** What a person who adds an edit says of it. */
export interface EditWords {
  readonly who: string;
  readonly why: string;
  readonly unixMs: number;
}

/** Adds an edit behind all others and returns its number. To be called in a transaction. */
export function addEdit(db: Database.Database, session: number, asked: NewChange, words: EditWords): number {
  const edits = editsOf(db, session);
  const number = (edits.at(-1)?.number ?? 0) + 1;
  const { kind, ...detail } = asked.kind === 'split' ? { ...asked, becomes: newPerson(db, session, edits) } : asked;
  db.prepare('INSERT INTO edit (session, number, unix_ms, kind, detail, who, why) VALUES (?, ?, ?, ?, ?, ?, ?)').run(
    ...[session, number, words.unixMs, kind, JSON.stringify(detail), words.who, words.why],
  );
  return number;
}

function newPerson(db: Database.Database, session: number, edits: readonly Edit[]): number {
  const persons = db.prepare('SELECT id FROM person WHERE session = ?').pluck().all(session) as number[];
  return nextPerson(
    persons,
    edits.map(({ change }) => change),
  );
}
