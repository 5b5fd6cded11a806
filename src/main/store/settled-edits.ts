// Makes the corrections by hand of a session final: what they say is written into the tables, and they cannot be undone any more.
import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { withoutScores } from './face-codec.ts';
import { correctedOf } from './stored-edits.ts';
import { HOLDS_FOR_RECORDED, contentsOf } from './stored-rows.ts';

/** Keeps what people are called, which is nowhere but among the edits. To be called in a transaction. */
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
  for (const { number, change, undone, ignored } of edits) {
    const names = change.kind === 'rename' && !undone && ignored === null && labels.get(change.person) === change.label;
    if (!names) remove.run(session, number);
  }
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
    `UPDATE estimate SET reason = 'no_consent', numbers = ? WHERE session = ? AND segment = ? AND sequence = ?`,
  );
  for (const { sequence, numbers } of rows.all(session, segment) as { sequence: number; numbers: Buffer }[]) {
    const { buffer, byteOffset, byteLength } = numbers;
    const kept = withoutScores(new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)));
    change.run(Buffer.from(kept.buffer), session, segment, sequence);
  }
}
