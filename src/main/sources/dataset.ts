// Data sets of labelled faces: a folder for each expression, a table of paths and labels, FER2013's table, or sheets of tiles.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'csv-parse';
import sharp from 'sharp';
import { MienError } from '../contract/errors.ts';
import { isPictureName } from '../contract/inputs.ts';
import { EXPRESSIONS, expressionOf } from '../core/expression.ts';
import type { Dataset, LabelledPicture, Still } from '../engine/dataset.ts';
import { hashFile } from './hash.ts';
import { readStill } from './still.ts';

export interface DatasetOptions {
  /** Only pictures of this split; null for all. */
  readonly split: string | null;
  /** Whether the majority of the votes is the label, where a data set has votes (FER+). */
  readonly byVotes: boolean;
  /** Whether labels that are no expression are left out; otherwise they are an error. */
  readonly ignoresUnknown: boolean;
}

/** A picture as its data set describes it. */
interface Entry {
  readonly name: string;
  readonly label: string;
  readonly votes: Float32Array | null;
  readonly split: string | null;
  readonly subject: string | null;
  /** The same for the same picture. Null where somebody else has looked for duplicates already. */
  readonly identity: (() => Promise<string>) | null;
  /** Whether the data set itself says that it is in another split, too. */
  readonly isDuplicate: boolean;
  readonly read: () => Promise<Still>;
}

/** What FER2013's numbers mean, and the columns of FER+ in its order. */
const FER2013_LABELS = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral'];
const VOTE_COLUMNS = [
  ...['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt'],
  ...['unknown', 'not_face'],
];
const TILE = 48;

/**
 * Reads what is in a data set, not yet the pictures. Throws input_missing, input_empty and input_unsupported; usage for a split that it does not
 * have, and for labels that are no expression unless they are to be ignored.
 */
export async function openDataset(path: string, options: DatasetOptions): Promise<Dataset> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new MienError('input_missing', `There is no data set ${path}.`, 'Check the name and the folder.', { cause });
  });
  const entries = found.isDirectory() ? await entriesOfFolder(path) : await entriesOfTable(path);
  if (entries.length === 0) throw unsupported(path);
  const splits = [...new Set(entries.flatMap(({ split }) => split ?? []))].sort();
  const { split } = options;
  if (split !== null && !splits.includes(split)) {
    const has = splits.length > 0 ? `It has ${splits.join(', ')}.` : 'It has no splits.';
    throw new MienError('usage', `The data set has no split "${split}". ${has}`, 'Choose one of those with --split.');
  }
  const inSplit = entries.filter((entry) => split === null || entry.split === split);
  const own = await withoutDuplicates(inSplit, entries);
  const { pictures, unknownLabels } = labelled(own, options);
  const unknown = Object.entries(unknownLabels).map(([label, count]) => `"${label}" (${count})`);
  if (unknown.length > 0 && !options.ignoresUnknown) {
    const message = `These labels are no expressions: ${unknown.join(', ')}.`;
    throw new MienError('usage', message, `Expressions are ${EXPRESSIONS.join(', ')}. Or use --ignore-unknown.`);
  }
  if (pictures.length === 0) {
    throw new MienError('input_empty', 'No picture of the data set has a usable label.', 'Check labels and split.');
  }
  const leftOut = { duplicates: inSplit.length - own.length, unknownLabels };
  return { name: basename(resolve(path)), pictures, splits, leftOut };
}

/** Those that are in this split alone. */
async function withoutDuplicates(own: readonly Entry[], all: readonly Entry[]): Promise<Entry[]> {
  const marked = own.filter(({ isDuplicate }) => !isDuplicate);
  if (own.length === all.length || !all.some(({ identity }) => identity)) return marked;
  const others = new Set<string>();
  const chosen = new Set(own);
  for (const entry of all) if (!chosen.has(entry) && entry.identity) others.add(await entry.identity());
  const unique: Entry[] = [];
  for (const entry of marked) if (!entry.identity || !others.has(await entry.identity())) unique.push(entry);
  return unique;
}

function labelled(
  entries: readonly Entry[],
  { byVotes }: DatasetOptions,
): { pictures: LabelledPicture[]; unknownLabels: Record<string, number> } {
  const pictures: LabelledPicture[] = [];
  const unknownLabels: Record<string, number> = {};
  for (const { name, label, votes, split, subject, read } of entries) {
    const said = byVotes ? majorityOf(votes) : label;
    const expression = expressionOf(said);
    if (!expression) {
      unknownLabels[said] = (unknownLabels[said] ?? 0) + 1;
      continue;
    }
    const shares = votes && sharesOf(votes);
    pictures.push({ name, label: EXPRESSIONS.indexOf(expression), votes: shares, split, subject, read });
  }
  return { pictures, unknownLabels };
}

/** What most said; of equals nothing. */
function majorityOf(votes: Float32Array | null): string {
  if (!votes) return 'no votes';
  const most = Math.max(...votes);
  const [first, ...others] = VOTE_COLUMNS.filter((_, i) => votes[i] === most);
  return most === 0 || others.length > 0 ? 'no majority' : first;
}

/** Shares in the order of EXPRESSIONS; votes for no expression do not count. Null where there are no others. */
function sharesOf(votes: Float32Array): Float32Array | null {
  const own = Float32Array.from(EXPRESSIONS, (name) => votes[VOTE_COLUMNS.indexOf(name)]);
  const sum = own.reduce((a, b) => a + b, 0);
  return sum > 0 ? own.map((value) => value / sum) : null;
}

async function entriesOfFolder(path: string): Promise<Entry[]> {
  const names = await readdir(path, { withFileTypes: true });
  if (names.some(({ name }) => name === 'labels.csv')) return entriesOfTable(join(path, 'labels.csv'));
  const folders = names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  folders.sort();
  // A folder for each expression, or for each split a folder of such folders.
  if (folders.some((name) => expressionOf(name))) return entriesOfExpressions(path, folders, null);
  const entries: Entry[] = [];
  for (const split of folders) {
    const inner = await readdir(join(path, split), { withFileTypes: true });
    const labels = inner.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    if (labels.some((name) => expressionOf(name))) {
      entries.push(...(await entriesOfExpressions(join(path, split), labels.sort(), split)));
    }
  }
  return entries;
}

async function entriesOfExpressions(path: string, labels: readonly string[], split: string | null): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const label of labels) {
    const names = (await readdir(join(path, label))).sort();
    for (const name of names.filter(isPictureName)) {
      entries.push(fileEntry(join(path, label, name), [split, label, name].filter(Boolean).join('/'), label, split));
    }
  }
  return entries;
}

function fileEntry(
  path: string,
  name: string,
  label: string,
  split: string | null,
  subject: string | null = null,
): Entry {
  return {
    ...{ name, label, split, subject, votes: null, isDuplicate: false },
    identity: () => hashFile(path),
    read: () => readStill(path, name),
  };
}

type Row = Readonly<Record<string, string | undefined>>;

async function entriesOfTable(path: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const sheets = new Sheets(dirname(path));
  const rows = createReadStream(path).pipe(
    parse({ columns: (head: string[]) => head.map((name) => name.trim().toLowerCase()), bom: true, trim: true }),
  );
  try {
    for await (const row of rows as AsyncIterable<Row>) {
      const entry = entryOf(row, entries.length, path, sheets);
      if (!entry) throw unsupported(path);
      entries.push(entry);
    }
  } catch (cause) {
    if (cause instanceof MienError) throw cause;
    const detail = cause instanceof Error ? ` (${cause.message})` : '';
    const message = `The table ${basename(path)} cannot be read${detail}.`;
    throw new MienError('input_unreadable', message, 'Give a CSV file with a line of column names.', { cause });
  }
  return entries;
}

/** An entry from a row of any of the tables; null where it is none of them. */
function entryOf(row: Row, index: number, path: string, sheets: Sheets): Entry | null {
  const subject = row.subject === '' ? null : (row.subject ?? null); // an empty cell is nobody's name
  if (row.pixels !== undefined && row.emotion !== undefined) {
    const { pixels } = row;
    return {
      name: String(index),
      label: FER2013_LABELS[Number(row.emotion)] ?? row.emotion,
      votes: null,
      split: row.usage ?? null,
      subject,
      identity: () => Promise.resolve(createHash('sha1').update(pixels).digest('hex')),
      isDuplicate: false,
      read: () => Promise.resolve(pixels).then((values) => stillOfPixels(values, index)),
    };
  }
  if (row.sheet !== undefined && row.fer_label !== undefined) {
    const votes = VOTE_COLUMNS.map((name) => row[name] ?? '');
    const { sheet } = row;
    const [x, y] = [Number(row.col), Number(row.row)];
    return {
      name: row.index ?? String(index),
      label: row.fer_label,
      votes: votes.some((count) => count !== '') ? Float32Array.from(votes, Number) : null,
      split: row.split ?? null,
      subject,
      identity: null,
      isDuplicate: row.duplicate_of_training === '1',
      read: () => sheets.tile(sheet, x, y),
    };
  }
  if (row.path && row.label !== undefined) {
    const place = isAbsolute(row.path) ? row.path : join(dirname(path), row.path);
    return fileEntry(place, row.path, row.label, row.split ?? null, subject);
  }
  return null;
}

/** A square picture of gray values with blanks between them. */
function stillOfPixels(pixels: string, index: number): Still {
  const values = pixels.split(' ').map(Number);
  const side = Math.sqrt(values.length);
  if (!Number.isInteger(side) || values.some((v) => !(v >= 0 && v <= 255))) {
    throw new MienError('input_unreadable', `The pixels of picture ${index} are damaged.`, 'Take the table anew.');
  }
  return { width: side, height: side, format: 'gray', bytes: Uint8Array.from(values) };
}

/** Sheets of square gray tiles. The last one stays in memory: pictures are read in their order. */
class Sheets {
  readonly #folder: string;
  #last: { readonly name: string; readonly pixels: Promise<Omit<Still, 'format'>> } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async tile(name: string, x: number, y: number): Promise<Still> {
    if (this.#last?.name !== name) this.#last = { name, pixels: this.#read(name) };
    const { width, height, bytes } = await this.#last.pixels;
    if (!(TILE * x + TILE <= width && TILE * y + TILE <= height)) {
      throw new MienError('input_unreadable', `The sheet ${name} has no tile ${x}, ${y}.`, 'Take the data set anew.');
    }
    const tile = new Uint8Array(TILE * TILE);
    for (let line = 0; line < TILE; line++) {
      const from = (TILE * y + line) * width + TILE * x;
      tile.set(bytes.subarray(from, from + TILE), TILE * line);
    }
    return { width: TILE, height: TILE, format: 'gray', bytes: tile };
  }

  async #read(name: string): Promise<Omit<Still, 'format'>> {
    try {
      const { data, info } = await sharp(join(this.#folder, name))
        .toColourspace('b-w')
        .extractChannel(0)
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, bytes: data };
    } catch (cause) {
      const message = `The sheet ${name} of the data set cannot be read.`;
      throw new MienError('input_unreadable', message, 'Take the data set anew.', { cause });
    }
  }
}

function unsupported(path: string): MienError {
  const remedy =
    'Give a folder with a folder for each expression, a CSV file with the columns path and label, FER2013 as a CSV file, or a folder with labels.csv and its sheets.';
  return new MienError('input_unsupported', `${path} is not a data set that Mien knows.`, remedy);
}
