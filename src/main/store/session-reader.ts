// A session as it is read, through a connection that is handed in: the store's own, or that of a thread.
import type Database from 'better-sqlite3';
import { analysedOf } from '../contract/consent.ts';
import { Corrected } from '../core/edits.ts';
import type { SessionReader, StoredSession } from '../engine/ports.ts';
import { editsOf, noteOf } from './stored-edits.ts';
import { contentsOf, rejectionsOf, type framesOf } from './stored-rows.ts';

export const numberOf = (db: Database.Database, id: string): number | undefined =>
  db.prepare('SELECT number FROM session WHERE id = ?').pluck().get(id) as number | undefined;

/** People and markers of a session as they were corrected by hand, and what else is said of it as a whole. */
export function correctedContents(
  db: Database.Database,
  number: number | undefined,
): Pick<SessionReader, 'events' | 'clock'> & { readonly people: Corrected } {
  const { events, clock, ...recorded } = contentsOf(db, number);
  return { people: new Corrected(recorded, editsOf(db, number)), events, clock };
}

/**
 * Everything in a session; `frames` reads the recorded ones, and may leave out those that do not lie behind the frame `after`, up to
 * `last`.
 */
export function readerOf(
  db: Database.Database,
  session: StoredSession,
  frames: (number: number | undefined, after?: number, last?: number) => ReturnType<typeof framesOf>,
): SessionReader {
  const number = numberOf(db, session.id);
  const { people, events, clock } = correctedContents(db, number);
  const { persons, segments, markers, edits } = people;
  const analysed = analysedOf(session.consent);
  return {
    ...{ session, analysed, persons, segments, markers, events, clock, edits },
    rejections: rejectionsOf(db, number),
    note: noteOf(db, number),
    frames: (within) =>
      people.frames(within ? frames(number, within.firstSequence - 1, within.lastSequence) : frames(number), analysed),
  };
}
