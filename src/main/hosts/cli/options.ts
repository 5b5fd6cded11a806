// Options that several commands share, and how their values are read.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXPORTERS } from '../../exporters/index.ts';
import type { Exporter } from '../../engine/ports.ts';

export interface GlobalOptions {
  readonly data?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const TABLES = ['wide', 'long', 'intervals', 'markers'];

/** "csv,jsonl" and so on. */
export function parseFormats(text: string): Exporter[] {
  const wanted = new Set<string>();
  for (const name of text.split(',').map((part) => part.trim().toLowerCase())) {
    if (name === 'csv') TABLES.forEach((table) => wanted.add(table));
    else wanted.add(name === 'json' ? 'jsonl' : name);
  }
  const known = EXPORTERS.map(({ format }) => format);
  const unknown = [...wanted].filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`Formats are csv (all tables), ${known.join(', ')}.`);
  return EXPORTERS.filter(({ format }) => wanted.has(format));
}

export function parseSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Give a number of seconds above 0.');
  return value;
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number above 0.');
  return value;
}

export function parsePort(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('Give a port, 0 to 65535.');
  return value;
}

/** A name for files. */
export function parseCode(text: string): string {
  if (!/[\p{L}\p{N}]/u.test(text)) throw new InvalidArgumentError('Give a name with a letter or a digit.');
  return text;
}

const LONGEST_S = 24 * 3600;

/** "90s", "10m", "1h30m" or a number of seconds, as seconds. Of "1h30" nobody knows 30 of what. */
export function parseDuration(text: string): number {
  const plain = text.trim().replace(/^[\d.]+$/, '$&s');
  const units = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(plain);
  const [hours, minutes, seconds] = (units ?? []).slice(1).map((value?: string) => Number(value ?? 0));
  const whole = units ? 3600 * hours + 60 * minutes + seconds : NaN;
  if (!(whole > 0 && whole <= LONGEST_S))
    throw new InvalidArgumentError('Give a time such as 90s, 10m or 1h30m, 24h at most.');
  return whole;
}

/** Formats, intervals and blanking, for every command that writes files. `out` says of the folder whether it must be given. */
export function withExportOptions(command: Command, out: 'must' | 'may' = 'must'): Command {
  const without = out === 'may' ? '; without it the session is stored, and no file is written' : '';
  return command
    .addOption(
      new Option('--out <folder>', `where the files go; it is made if it is missing${without}`).makeOptionMandatory(
        out === 'must',
      ),
    )
    .addOption(
      new Option('--formats <list>', 'csv (all tables), wide, long, intervals, markers, jsonl, report')
        .argParser(parseFormats)
        .default(EXPORTERS, 'all'),
    )
    .option('--interval <seconds>', 'length of the intervals of the summary', parseSeconds, 10)
    .option('--keep-invalid', 'write the values of rows that are not valid too', false);
}

export interface ExportOptions {
  readonly out: string;
  readonly formats: readonly Exporter[];
  readonly interval: number;
  readonly keepInvalid: boolean;
}
