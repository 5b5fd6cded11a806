// Numbers, times and dates as people read them. Numbers have units, times have zones.

const whole = new Intl.NumberFormat('en');

export const count = (value: number): string => whole.format(value);

/** A share of 0…1 as a percentage; a dash for none. */
export const percent = (share: number | null): string => (share === null ? '–' : `${Math.round(100 * share)} %`);

/** A score of 0…1; a dash for none. */
export const score = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

/** "1:05" or "1:02:03", with tenths on request. */
export function clock(seconds: number, withTenths = false): string {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const [hours, minutes, rest] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, (tenths % 600) / 10];
  const last = withTenths ? rest.toFixed(1).padStart(4, '0') : String(Math.floor(rest)).padStart(2, '0');
  const front = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : String(minutes);
  return `${seconds < 0 ? '−' : ''}${front}:${last}`;
}

/** "2026-11-22 14:05 UTC+1": readable, sortable, and with its zone. */
export function dateTime(unixMs: number): string {
  const date = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = -date.getTimezoneOffset() / 60;
  const zone = offset === 0 ? 'UTC' : `UTC${offset > 0 ? '+' : '−'}${Math.abs(offset)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())} ${zone}`;
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
