// What the database knows of the videos of sessions. A video that must go is first said to be gone here, then its file is removed: so
// it can be done later where it cannot be done now.
import type Database from 'better-sqlite3';
import type { SessionVideo, VideoRemoval } from '../contract/video.ts';
import type { VideoFacts } from '../engine/ports.ts';
import { sessionUnknown } from './database.ts';

/** What becomes of a video. */
export type VideoChange =
  | { readonly kind: 'begin'; readonly id: string; readonly codec: string }
  | ({ readonly kind: 'end'; readonly id: string } & VideoFacts)
  | { readonly kind: 'remove'; readonly id: string; readonly reason: VideoRemoval; readonly unixMs: number }
  /** Its file is no longer there. */
  | { readonly kind: 'gone'; readonly id: string };

interface VideoRow {
  readonly state: 'open' | 'kept' | 'owed' | 'removed';
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly leftOut: number | null;
  readonly masked: number | null;
  readonly bytes: number;
  readonly reason: VideoRemoval;
  readonly removedUnixMs: number;
}

/** To be called in a transaction. Throws session_unknown for one that is begun for a session that is not there. */
export function changeVideo(db: Database.Database, change: VideoChange): void {
  const of = 'session = (SELECT number FROM session WHERE id = @id)';
  switch (change.kind) {
    case 'begin': {
      const begin = db.prepare(
        "INSERT INTO video (session, state, codec) SELECT number, 'open', @codec FROM session WHERE id = @id",
      );
      if (begin.run(change).changes === 0) throw sessionUnknown(change.id);
      return;
    }
    case 'end':
      db.prepare(
        `UPDATE video SET state = 'kept', width = @width, height = @height, frames = @frames, left_out = @leftOut,
           masked = @masked, bytes = @bytes WHERE ${of} AND state = 'open'`,
      ).run(change);
      return;
    case 'remove':
      db.prepare(`${REMOVE} ${of} AND state IN ('open', 'kept')`).run(change);
      return;
    case 'gone':
      db.prepare(`UPDATE video SET state = 'removed' WHERE ${of} AND state = 'owed'`).run(change);
  }
}

const REMOVE = `UPDATE video SET state = 'owed', reason = @reason, removed_unix_ms = @unixMs WHERE`;

/** Says that the videos of these sessions, by number, must go. To be called in a transaction. */
export function removeVideos(
  db: Database.Database,
  sessions: readonly number[],
  facts: { readonly reason: VideoRemoval; readonly unixMs: number },
): void {
  const remove = db.prepare(`${REMOVE} session = @session AND state IN ('open', 'kept')`);
  for (const session of sessions) remove.run({ session, ...facts });
}

/** How many of these sessions, by number, have a video. */
export function keptVideos(db: Database.Database, sessions: readonly number[]): number {
  const query = `SELECT count(*) FROM video WHERE state IN ('open', 'kept') AND session IN (SELECT value FROM json_each(?))`;
  return db.prepare(query).pluck().get(JSON.stringify(sessions)) as number;
}

/**
 * Ids of sessions whose videos must go but may still be there; of `found` there are files. The file of a session that is not here goes
 * only where it was discarded here: this may be another database than the one that the file belongs to.
 */
export function owedVideos(db: Database.Database, found: readonly string[]): string[] {
  const query = `SELECT id FROM video JOIN session ON number = session
      WHERE video.state = 'owed' OR video.state = 'removed' AND id IN (SELECT value FROM json_each(@found))
    UNION SELECT value FROM json_each(@found)
      WHERE value NOT IN (SELECT id FROM session) AND value IN (SELECT session FROM audit WHERE action = 'discard')`;
  return db
    .prepare(query)
    .pluck()
    .all({ found: JSON.stringify(found) }) as string[];
}

/** Null where no video was begun. */
export function videoOf(db: Database.Database, session: number): SessionVideo | null {
  const row = db
    .prepare(
      `SELECT state, codec, width, height, frames, left_out AS leftOut, masked, bytes, reason, removed_unix_ms AS removedUnixMs
       FROM video WHERE session = ?`,
    )
    .get(session) as VideoRow | undefined;
  if (!row) return null;
  const { state, codec, width, height, frames, leftOut, masked, bytes, reason, removedUnixMs } = row;
  if (state === 'open') return { state: 'unfinished' };
  if (state === 'kept') return { state, codec, width, height, frames, leftOut, masked, bytes };
  return { state: 'removed', reason, removedUnixMs };
}
