// Overwrites what was removed: the database is written anew, and its log is emptied. That cannot be part of the transaction that
// removes it, so a receipt remembers that it is owed.
import type Database from 'better-sqlite3';

/** How long others are waited for; who reads right now goes on seeing what was there when it began. */
const PATIENCE_MS = 5000;

/**
 * Does what is owed, if anything is, and returns whether nothing is owed any more. False while another program is in the way or
 * the disk is full; then it is tried again when the database is opened the next time. The connection's patience is changed.
 */
export function overwriteRemoved(db: Database.Database): boolean {
  const owed = db.prepare('SELECT count(*) FROM receipt WHERE is_overwritten = 0').pluck();
  if (owed.get() === 0) return true;
  // Another program's recording would have to wait for it.
  if (db.prepare("SELECT 1 FROM session WHERE state = 'recording'").get()) return false;
  db.pragma(`busy_timeout = ${PATIENCE_MS}`);
  try {
    db.exec('VACUUM');
    const [{ busy }] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    if (busy !== 0) return false;
    db.exec('UPDATE receipt SET is_overwritten = 1 WHERE is_overwritten = 0');
    return true;
  } catch (error) {
    if (isTemporary(error)) return false;
    throw error;
  }
}

function isTemporary(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(code);
}
