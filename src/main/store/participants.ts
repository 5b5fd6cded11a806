// Participants and people without a code as they are stored, over all sessions.
import type Database from 'better-sqlite3';
import type { ErasureReceipt, ParticipantRecord, Participation, UncodedSession } from '../contract/participants.ts';
import { personLabel } from '../core/timeline.ts';
import { correctedOf } from './stored-edits.ts';

type ParticipationRow = Omit<Participation, 'persons' | 'scopes' | 'isRecording'> & {
  readonly participant: string;
  readonly number: number;
  readonly isRecording: number;
};

type ScopeRow = Omit<Participation['scopes'][number], 'whileRecording'> & { readonly whileRecording: number };

/** By code; of each the newest session first. */
export function participantsIn(db: Database.Database): ParticipantRecord[] {
  const rows = db
    .prepare(
      `SELECT known.code AS participant, number, id AS sessionId, session.code AS sessionCode, state = 'recording' AS isRecording,
         created_unix_ms AS createdUnixMs, json_extract(consent_form, '$.version') AS formVersion,
         (SELECT first_frame_unix_ms + min(time_ms) FROM event WHERE event.session = number
           AND kind = 'consent_withdrawn' AND detail = known.code) AS withdrawnLiveUnixMs
       FROM (SELECT session, code FROM participant
         UNION SELECT session, participant FROM person WHERE participant IS NOT NULL) AS known
       JOIN session ON number = known.session ORDER BY known.code, number DESC`,
    )
    .all() as ParticipationRow[];
  const scopes = db.prepare(
    `SELECT scope, given_at AS givenAt, withdrawn_unix_ms AS withdrawnUnixMs, while_recording AS whileRecording
     FROM consent WHERE session = ? AND participant = ? ORDER BY scope`,
  );
  const found = new Map<string, Participation[]>();
  for (const { participant, number, isRecording, ...session } of rows) {
    const sessions = found.get(participant) ?? [];
    found.set(participant, sessions);
    sessions.push({
      ...session,
      isRecording: isRecording === 1,
      persons: seenIn(db, number, participant),
      scopes: (scopes.all(number, participant) as ScopeRow[]).map((row) => ({
        ...row,
        whileRecording: row.whileRecording === 1,
      })),
    });
  }
  return [...found].map(([code, sessions]) => ({ code, sessions }));
}

/** Sessions with people who have no code, the newest first. */
export function uncodedIn(db: Database.Database): UncodedSession[] {
  const sessions = db
    .prepare(
      `SELECT number, id AS sessionId, code AS sessionCode, created_unix_ms AS createdUnixMs FROM session
       ORDER BY number DESC`,
    )
    .all() as (Omit<UncodedSession, 'persons'> & { readonly number: number })[];
  return sessions
    .map(({ number, ...session }) => ({ ...session, persons: seenIn(db, number, null) }))
    .filter(({ persons }) => persons.length > 0);
}

/** Who of a session, as it was corrected by hand, has this code, or none. */
const seenIn = (db: Database.Database, session: number, code: string | null): UncodedSession['persons'] =>
  correctedOf(db, session)
    .persons.filter(({ participant }) => participant === code)
    .map((person) => ({ id: person.id, label: personLabel(person) }));

/** The newest first. */
export function receiptsIn(db: Database.Database): ErasureReceipt[] {
  const rows = db
    .prepare(
      `SELECT unix_ms AS unixMs, sessions, estimates, exports, program_version AS programVersion,
         is_overwritten AS isOverwritten FROM receipt ORDER BY number DESC`,
    )
    .all() as (Omit<ErasureReceipt, 'isOverwritten'> & { readonly isOverwritten: number })[];
  return rows.map((row) => ({ ...row, isOverwritten: row.isOverwritten === 1 }));
}
