// Removes a session a little at a time, so that a recording never waits for it. From the beginning on it is what half of a session is
// that was scored again by a program that is gone: when the rest cannot be removed now, it goes at the next start.
import type Database from 'better-sqlite3';

/** Removed at once, with their faces: some megabytes. */
const FRAMES_AT_ONCE = 500;
/** Up to six megabytes. */
const CHUNKS_AT_ONCE = 32;

/** Gives a session up, which nobody writes any more. To be called in a transaction. Returns whether that was not so before. */
export function giveUp(db: Database.Database, session: number): boolean {
  const { changes } = db
    .prepare(
      `UPDATE session SET state = 'recording', writer_pid = NULL, rescored_from = coalesce(rescored_from, id)
       WHERE number = ? AND (state <> 'recording' OR writer_pid IS NOT NULL)`,
    )
    .run(session);
  db.prepare('UPDATE level_set SET fingerprint = NULL, writer_pid = NULL WHERE session = ?').run(session);
  return changes > 0;
}

/** Removes a part of a session that was given up. To be called in a transaction. Returns whether there is more. */
export function removePart(db: Database.Database, session: number): boolean {
  const chunks = db.prepare(
    `DELETE FROM level_chunk WHERE rowid IN (SELECT level_chunk.rowid FROM level_chunk
       JOIN level_set ON level_set = number WHERE session = ? LIMIT ?)`,
  );
  if (chunks.run(session, CHUNKS_AT_ONCE).changes > 0) return true;
  const frames = db.prepare(
    `DELETE FROM frame WHERE session = @session AND sequence IN
       (SELECT sequence FROM frame WHERE session = @session ORDER BY sequence LIMIT @most)`,
  );
  if (frames.run({ session, most: FRAMES_AT_ONCE }).changes > 0) return true;
  db.prepare('DELETE FROM session WHERE number = ?').run(session);
  return false;
}
