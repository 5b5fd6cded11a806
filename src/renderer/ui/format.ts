// Numbers, times and dates as people read them. Numbers have units, times have zones.

const whole = new Intl.NumberFormat('en');

export const count = (value: number): string => whole.format(value);

/** A share of 0…1 as a percentage; a dash for none. */
export const percent = (share: number | null): string => (share === null ? '–' : `${Math.round(100 * share)} %`);

/** A score of 0…1; a dash for none. */
export const score = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

/** A difference with its sign in any case, "+0.8" or "−0.8"; a dash for none. */
export function difference(value: number | null): string {
  if (value === null) return '–';
  const tenths = Math.round(10 * value);
  return `${tenths < 0 ? '−' : '+'}${(Math.abs(tenths) / 10).toFixed(1)}`;
}

/** "1:05", "1:02:03" or "0:05.25", with so many decimals. */
export function clock(seconds: number, decimals = 0): string {
  const unit = 10 ** decimals;
  const units = Math.round(Math.abs(seconds) * unit);
  const [hours, minutes] = [Math.floor(units / (3600 * unit)), Math.floor(units / (60 * unit)) % 60];
  const rest = ((units % (60 * unit)) / unit).toFixed(decimals).padStart(decimals > 0 ? 3 + decimals : 2, '0');
  const front = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : String(minutes);
  return `${seconds < 0 ? '−' : ''}${front}:${rest}`;
}

/** "1 frame", "2 frames". */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** "2026-11-22 14:05 UTC+1": readable, sortable, and with its zone. */
export function dateTime(unixMs: number): string {
  const date = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = -date.getTimezoneOffset() / 60;
  const zone = offset === 0 ? 'UTC' : `UTC${offset > 0 ? '+' : '−'}${Math.abs(offset)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())} ${zone}`;
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** A date as it is; a time of a standard form as {@link dateTime} writes it. */
export const dateOrTime = (text: string): string => (text.includes('T') ? dateTime(Date.parse(text)) : text);
