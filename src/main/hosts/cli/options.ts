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

/** Formats, intervals and blanking, for every command that writes files. */
export function withExportOptions(command: Command): Command {
  return command
    .requiredOption('--out <folder>', 'where the files go; it is made if it is missing')
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
