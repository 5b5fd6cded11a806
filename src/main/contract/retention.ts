// Recordings that may not be kept any longer, by what was agreed with a participant. Nothing is erased for it by itself.
import { z } from 'zod';

/** A participant of a session whose last day has passed. */
export const overdueRecord = z.strictObject({
  participant: z.string(),
  sessionId: z.string(),
  sessionCode: z.string(),
  /** The last day on which the recording may be kept, ISO 8601. */
  retainUntil: z.string(),
  /** Days since then. */
  days: z.int().min(1),
});
export type OverdueRecord = z.infer<typeof overdueRecord>;

export const RETENTION_CALLS = {
  /** By today of this machine; those that are overdue for longest come first. */
  'retention.overdue': { input: z.strictObject({}), output: z.array(overdueRecord) },
} as const;

const DAY_MS = 86_400_000;

/** Days between a last day and today, both ISO 8601; 0 and less while it may be kept. */
export const daysPast = (retainUntil: string, today: string): number =>
  Math.round((Date.parse(today) - Date.parse(retainUntil)) / DAY_MS);

/** The day of a moment where this machine stands, ISO 8601. */
export function localDay(unixMs: number): string {
  const date = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "passed 3 days ago" */
export const passedWords = (days: number): string => (days === 1 ? 'passed yesterday' : `passed ${days} days ago`);
