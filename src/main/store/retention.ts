// Which recordings may not be kept any longer, by the last day that participants have in them.
import type Database from 'better-sqlite3';
import { daysPast, type OverdueRecord } from '../contract/retention.ts';

/** `today`: ISO 8601. Those that are overdue for longest come first. */
export function overdueIn(db: Database.Database, today: string): OverdueRecord[] {
  const rows = db
    .prepare(
      `SELECT participant.code AS participant, id AS sessionId, session.code AS sessionCode,
         json_extract(details, '$.retain_until') AS retainUntil
       FROM participant JOIN session ON number = session
       WHERE retainUntil < ? ORDER BY retainUntil, participant.code, number`,
    )
    .all(today) as Omit<OverdueRecord, 'days'>[];
  return rows.map((row) => ({ ...row, days: daysPast(row.retainUntil, today) }));
}
