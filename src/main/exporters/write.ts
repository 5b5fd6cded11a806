// Writes a session's files: all formats in one pass over the rows, each file whole or not at all.
import { existsSync, statSync } from 'node:fs';
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { access, constants, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { MienError } from '../contract/errors.ts';
import { withBaselines } from '../core/baseline.ts';
import { LossCollector } from '../core/losses.ts';
import { timeline, type TimelineRow } from '../core/timeline.ts';
import type { ExportContext, ExportSpan, Exporter, RowSink, SessionReader } from '../engine/ports.ts';
import { makeFolder } from '../platform/folders.ts';
import { SIDECAR_ENDING, sidecar, type RunFacts } from './sidecar.ts';

const PIECE = 2 ** 18;

export interface ExportTask {
  readonly reader: SessionReader;
  readonly exporters: readonly Exporter[];
  readonly context: ExportContext;
  readonly folder: string;
  /** Name of the files without ending. */
  readonly stem: string;
  readonly run: RunFacts;
  /** Sees every row that is written. */
  readonly onRow: (row: TimelineRow) => void;
  /** Hears now and then how many rows are written; may throw to stop. */
  readonly onProgress: (rows: number) => void;
}

export interface WrittenFile {
  readonly path: string;
  readonly sha256: string;
}

/** A file that appears under its name only when it is finished. Readable by its owner alone. */
class PendingFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #temporary: string;
  readonly #hash: Hash = createHash('sha256');
  #pending = '';

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async create(path: string): Promise<PendingFile> {
    const temporary = `${path}.${randomUUID()}.part`; // two exports at once must not write into one another
    return new PendingFile(path, temporary, await open(temporary, 'wx', 0o600));
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= PIECE) await this.#flush();
  }

  /** Brings everything to the disk; the file does not have its name yet. */
  async complete(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
  }

  /** Gives a completed file its name. */
  async publish(): Promise<WrittenFile> {
    await rename(this.#temporary, this.path);
    return { path: this.path, sha256: this.#hash.digest('hex') };
  }

  /** Removes what has not got its name yet. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    this.#hash.update(bytes);
    await this.#handle.appendFile(bytes); // unlike write, it does not stop in the middle
  }
}

interface OpenExport {
  readonly file: PendingFile;
  readonly sink: RowSink;
}

/** Whether files could be written to a folder, which need not exist yet. Throws output_unwritable with the remedy. */
export async function checkFolder(folder: string, remedy = 'Choose another folder.'): Promise<void> {
  let nearest = resolve(folder);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    await access(nearest, constants.W_OK);
    if (statSync(nearest).isDirectory()) return;
  } catch {
    // said below
  }
  throw new MienError('output_unwritable', `Nothing can be written to ${folder}.`, remedy);
}

/** Writes the files and their sidecar and returns them. Throws output_unwritable. */
export async function writeExports(task: ExportTask): Promise<WrittenFile[]> {
  const { folder, stem, context } = task;
  const exporters = task.exporters.filter(({ skips }) => !skips?.(context));
  const losses = new LossCollector();
  const files: PendingFile[] = [];
  const create = async (ending: string): Promise<PendingFile> => {
    const file = await PendingFile.create(join(folder, stem + ending));
    files.push(file);
    return file;
  };
  try {
    makeFolder(folder, 0o777);
    const opened: OpenExport[] = [];
    for (const exporter of exporters)
      opened.push({ file: await create(exporter.ending), sink: exporter.open(context) });
    await writeRows(task, opened, losses);
    const names = exporters.map((exporter) => ({ name: stem + exporter.ending, exporter }));
    await (await create(SIDECAR_ENDING)).write(sidecar(context, names, task.run, losses));
    for (const file of files) await file.complete();
    const written: WrittenFile[] = [];
    for (const file of files) written.push(await file.publish());
    return written;
  } catch (error) {
    for (const file of files) await file.abandon().catch(() => undefined); // the first error is the one to tell
    throw unwritable(error, folder);
  }
}

async function writeRows(
  { reader, context, onRow, onProgress }: ExportTask,
  opened: readonly OpenExport[],
  losses: LossCollector,
): Promise<void> {
  for (const { file, sink } of opened) await file.write(sink.head);
  let rows = 0;
  for (const row of withBaselines(timeline(reader, context.session.profile), context.baselines)) {
    if (!isWithin(row, context.span)) continue; // what is in front of it has still smoothed it
    for (const { file, sink } of opened) await file.write(sink.add(row));
    losses.add(row);
    onRow(row);
    if (++rows % 500 === 0) {
      onProgress(rows);
      await new Promise((resolve) => setImmediate(resolve)); // let signals and the terminal in
    }
  }
  for (const { file, sink } of opened) await file.write(sink.end());
  onProgress(rows);
}

function isWithin({ tSeconds, frame }: TimelineRow, span: ExportSpan | null): boolean {
  if (!span) return true;
  const at = Number.isNaN(tSeconds) ? frame.sequence : tSeconds;
  return at >= span.fromSeconds && at < span.toSeconds;
}

function unwritable(error: unknown, folder: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error; // no fault of the file system
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code));
  const message = full ? `The disk of ${folder} is full.` : `Nothing can be written to ${folder}.`;
  const remedy =
    'The session itself is stored. Choose another folder with --out, or free space, and run "mien export".';
  return new MienError('output_unwritable', message, remedy, { cause: error });
}
