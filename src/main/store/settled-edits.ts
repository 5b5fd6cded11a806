// Makes the corrections by hand of a session final: what they say is written into the tables, and they cannot be undone any more.
import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { askedBaselines, type AppliedEdit } from '../core/edits.ts';
import { withoutScores } from './face-codec.ts';
import { correctedOf } from './stored-edits.ts';
import { HOLDS_FOR_RECORDED, contentsOf, numbersIn } from './stored-rows.ts';

/** Keeps what people are called and their baselines, which are nowhere but among the edits. To be called in a transaction. */
export function settleEdits(db: Database.Database, session: number): void {
  const recorded = contentsOf(db, session);
  const corrected = correctedOf(db, session);
  if (corrected.edits.length === 0) return;
  const { persons, segments, markers, edits } = corrected;

  // Of what was cut several times, the last piece first: it is taken from what the others still have.
  const known = new Set(recorded.segments.map(({ id }) => id));
  const pieces = segments.filter(({ id }) => !known.has(id)).sort((p, q) => q.firstSequence - p.firstSequence);
  const move = db.prepare('UPDATE estimate SET segment = ? WHERE session = ? AND segment = ? AND sequence >= ?');
  for (const { id, firstSequence } of pieces) {
    const whole = recorded.segments.find((segment) => corrected.segmentOf(segment.id, firstSequence) === id);
    if (whole) move.run(id, session, whole.id, firstSequence);
  }
  const agreed = analysedIn(db, session);
  if (agreed) for (const segment of corrected.withheld(agreed)) removeScores(db, session, segment);
  for (const table of ['person', 'segment', 'marker'])
    db.prepare(`DELETE FROM ${table} WHERE session = ?`).run(session);
  const addPerson = db.prepare('INSERT INTO person (session, id, participant) VALUES (?, ?, ?)');
  for (const { id, participant } of persons) addPerson.run(session, id, participant);
  const addSegment = db.prepare(
    `INSERT INTO segment (session, id, track, first_sequence, last_sequence, person, source, confidence)
     VALUES (@session, @id, @track, @firstSequence, @lastSequence, @person, @source, @confidence)`,
  );
  for (const segment of segments) addSegment.run({ session, ...segment });
  const addMarker = db.prepare('INSERT INTO marker (session, id, time_ms, label) VALUES (?, ?, ?, ?)');
  const isRecorded = new Set(recorded.markers.map(({ id }) => id));
  // Ids of markers that were added by hand follow from the numbers of edits, which may be used again.
  for (const { id, timeMs, label } of markers)
    addMarker.run(session, isRecorded.has(id) ? id : randomUUID(), timeMs, label);

  const labels = new Map(persons.map(({ id, label }) => [id, label]));
  const remove = db.prepare('DELETE FROM edit WHERE session = ? AND number = ?');
  const become = db.prepare(
    "UPDATE edit SET detail = json_set(detail, '$.person', ?) WHERE session = ? AND number = ?",
  );
  const baselines = settledBaselines(edits);
  for (const { number, change, undone, ignored } of edits) {
    const person = baselines.get(number);
    if (person !== undefined) {
      if ('person' in change && change.person !== person) become.run(person, session, number); // merged, which is final now
      continue;
    }
    const names = change.kind === 'rename' && !undone && ignored === null && labels.get(change.person) === change.label;
    if (!names) remove.run(session, number);
  }
}

/**
 * The edits that stay because they ask for a baseline, with the person whose it is now. Their order is that of their numbers from now
 * on: what a merge put in front of one with a smaller number goes.
 */
function settledBaselines(edits: readonly AppliedEdit[]): Map<number, number> {
  const kept = new Map<number, number>();
  for (const [person, asked] of askedBaselines(edits)) {
    let next = Infinity;
    for (const { number } of asked.toReversed()) {
      if (number > next) continue;
      kept.set(number, person);
      next = number;
    }
  }
  return kept;
}

/** Codes of those who agree to analysis; null where consent was obtained outside. */
function analysedIn(db: Database.Database, session: number): string[] | null {
  const kind = db.prepare('SELECT consent_kind FROM session WHERE number = ?').pluck().get(session);
  if (kind === 'external') return null;
  const query = `SELECT participant FROM consent WHERE session = ? AND scope = 'analysis' AND ${HOLDS_FOR_RECORDED}`;
  return db.prepare(query).pluck().all(session) as string[];
}

/** What was computed of a face that turned out to be of somebody who has not agreed was hidden until now, and goes for good. */
function removeScores(db: Database.Database, session: number, segment: number): void {
  const rows = db.prepare('SELECT sequence, numbers FROM estimate WHERE session = ? AND segment = ?');
  const change = db.prepare(
    `UPDATE estimate SET reason = 'no_consent', numbers = ?, refined = NULL, fired = NULL
     WHERE session = ? AND segment = ? AND sequence = ?`,
  );
  for (const { sequence, numbers } of rows.all(session, segment) as { sequence: number; numbers: Buffer }[]) {
    const kept = withoutScores(numbersIn(numbers));
    change.run(Buffer.from(kept.buffer), session, segment, sequence);
  }
}
