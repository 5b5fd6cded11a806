// Sessions that were made of one another by scoring again: the same people are in them.
import type Database from 'better-sqlite3';
import type { Segment } from '../core/persons.ts';

/** Numbers of all sessions of the recording that a session is of, its own too, even where those between are gone. */
export function relativesOf(db: Database.Database, session: number): number[] {
  const query = `SELECT number FROM session WHERE coalesce(rescored_root, id) =
      (SELECT coalesce(rescored_root, id) FROM session WHERE number = ?) ORDER BY number`;
  return db.prepare(query).pluck().all(session) as number[];
}

/** Whether some stretch of a face is in both; people may have been corrected otherwise in each of two relatives. */
export function shareFace(own: readonly Segment[], others: readonly Segment[]): boolean {
  return own.some((segment) =>
    others.some(
      ({ track, firstSequence, lastSequence }) =>
        track === segment.track && firstSequence <= segment.lastSequence && lastSequence >= segment.firstSequence,
    ),
  );
}
