// What a session that scores another one again has of it from the beginning: all but the faces and frames, which are written anew.
import type Database from 'better-sqlite3';
import { sessionUnknown } from './database.ts';
import type { CopyColumns } from './store-protocol.ts';

/** Tables of which a copy has every row. Files that were written from the other session and its audit are its own. */
const COPIED = ['participant', 'consent', 'person', 'segment', 'marker', 'event', 'clock', 'edit', 'note'];

/** Makes the session and returns its number. To be called in a transaction. Throws session_unknown. */
export function copySession(db: Database.Database, columns: CopyColumns): number {
  const from = db.prepare('SELECT number FROM session WHERE id = ?').pluck().get(columns.from) as number | undefined;
  if (from === undefined) throw sessionUnknown(columns.from); // discarded meanwhile
  const made = db
    .prepare(
      `INSERT INTO session (id, code, state, source, source_sha256, profile_hash, consent_kind, consent_form, identification,
         program_version, first_frame_unix_ms, setup, lock, created_unix_ms, writer_pid, rescored_from, rescored_root,
         rescored_unix_ms, measured_version)
       SELECT @id, @code, 'recording', source, source_sha256, @profileHash, consent_kind, consent_form, identification,
         @programVersion, first_frame_unix_ms, setup, lock, created_unix_ms, @writerPid, id, coalesce(rescored_root, id),
         @unixMs, coalesce(measured_version, program_version)
       FROM session WHERE id = @from`,
    )
    .run(columns);
  const to = Number(made.lastInsertRowid);
  db.prepare('INSERT INTO session_profile (session, profile, models) VALUES (?, ?, ?)').run(
    ...[to, columns.profile, columns.models],
  );
  for (const table of COPIED) copyRows(db, table, from, to);
  return to;
}

function copyRows(db: Database.Database, table: string, from: number, to: number): void {
  const names = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];
  const rest = names.filter((name) => name !== 'session').join(', ');
  db.prepare(`INSERT INTO ${table} (session, ${rest}) SELECT ?, ${rest} FROM ${table} WHERE session = ?`).run(to, from);
}
