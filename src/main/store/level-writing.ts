// Levels as the writer's connection changes them. Those that count have a fingerprint, which is written last; whatever was made
// before, or only in part, is removed a little at a time, so that a recording never waits for it.
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { sessionUnknown } from './database.ts';
import type { LevelRequest } from './level-protocol.ts';
import { numberOf } from './session-reader.ts';

/** Chunks that are removed at once: up to six megabytes. */
const TRIMMED_AT_ONCE = 32;

/** Sets that nobody makes any more, and of those that are complete all that a newer one has replaced. */
const USELESS = `SELECT number FROM level_set AS old WHERE writer_pid IS NULL AND (fingerprint IS NULL OR EXISTS
  (SELECT 1 FROM level_set AS new WHERE new.session = old.session AND new.number > old.number
    AND new.fingerprint IS NOT NULL))`;

/** Does what is asked. To be called in a transaction. Throws session_unknown, and interrupted when the set was removed meanwhile. */
export function changeLevels(db: Database.Database, request: LevelRequest): unknown {
  switch (request.kind) {
    case 'begin': {
      const session = numberOf(db, request.id);
      if (session === undefined) throw sessionUnknown(request.id); // discarded meanwhile
      const add = db.prepare('INSERT INTO level_set (session, writer_pid) VALUES (?, ?)');
      return Number(add.run(session, request.pid).lastInsertRowid);
    }
    case 'add':
      checkThere(db, request.set);
      return addChunks(db, request);
    case 'complete':
      checkThere(db, request.set);
      return complete(db, request);
    case 'abandon':
      db.prepare('UPDATE level_set SET writer_pid = NULL WHERE number = ?').run(request.set);
      return null;
    case 'trim':
      return trim(db);
  }
}

/** Removes all levels of a session. To be called in the transaction that changes what may be seen of it. */
export function removeLevels(db: Database.Database, session: number): void {
  db.prepare('DELETE FROM level_set WHERE session = ?').run(session);
}

/** Gives up what was being made by programs that are gone. */
export function abandonLevels(db: Database.Database, isAlive: (pid: number) => boolean): void {
  const making = db.prepare('SELECT number, writer_pid AS pid FROM level_set WHERE writer_pid IS NOT NULL').all();
  for (const { number, pid } of making as { number: number; pid: number }[])
    if (!isAlive(pid)) changeLevels(db, { kind: 'abandon', set: number });
}

/** A person may have been erased since they were begun, and be in them. */
function checkThere(db: Database.Database, set: number): void {
  if (db.prepare('SELECT 1 FROM level_set WHERE number = ? AND writer_pid IS NOT NULL').get(set)) return;
  throw new MienError('interrupted', 'The session was changed meanwhile.', 'Open it again.');
}

function addChunks(db: Database.Database, { set, chunks }: LevelRequest & { kind: 'add' }): null {
  const add = db.prepare(
    `INSERT INTO level_chunk (level_set, person, level, chunk, start_seconds, steps, sums, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { person, level, chunk, startSeconds, steps, sums, data } of chunks)
    add.run(set, person, level, chunk, startSeconds, steps, sums, data);
  return null;
}

function complete(db: Database.Database, request: LevelRequest & { kind: 'complete' }): null {
  const { set, fingerprint, startSeconds, endSeconds } = request;
  db.prepare(
    'UPDATE level_set SET writer_pid = NULL, fingerprint = ?, start_seconds = ?, end_seconds = ? WHERE number = ?',
  ).run(Buffer.from(fingerprint, 'hex'), startSeconds, endSeconds, set);
  return null;
}

/** Removes a few chunks of what is of no use any more; returns whether there may be more. */
function trim(db: Database.Database): boolean {
  // They count for nothing from the first chunk on that is missing: a correction that is undone would find the rest of them.
  db.prepare(`UPDATE level_set SET fingerprint = NULL WHERE fingerprint IS NOT NULL AND number IN (${USELESS})`).run();
  const remove = db.prepare(
    `DELETE FROM level_chunk WHERE rowid IN (SELECT rowid FROM level_chunk WHERE level_set IN (${USELESS}) LIMIT ?)`,
  );
  if (remove.run(TRIMMED_AT_ONCE).changes > 0) return true;
  db.prepare(`DELETE FROM level_set WHERE number IN (${USELESS})`).run();
  return false;
}
