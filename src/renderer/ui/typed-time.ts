// Times as people type them.

const TIME = /^(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:[.,]\d+)?)$/;

/** Seconds of "75.5", "1:15.5" or "0:01:15.5"; null for anything else. */
export function secondsIn(text: string): number | null {
  const found = TIME.exec(text.trim());
  if (!found) return null;
  const [, hours, minutes, rest] = found;
  const seconds = Number(rest.replace(',', '.'));
  if (minutes !== undefined && seconds >= 60) return null;
  return 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0) + seconds;
}
