// Copies of files that a browser has sent: each is there until it is analysed, and not a moment longer. They lie in the data folder,
// which nobody else can read.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Input as CallInput, Output } from '../../contract/api.ts';
import { MienError } from '../../contract/errors.ts';
import { BY_NUMBER } from '../../contract/inputs.ts';
import { makeFolder } from '../../platform/folders.ts';
import { isOlderThanMachine, isRunning } from '../../platform/programs.ts';
import { resolveNested } from '../../sources/nested.ts';
import type { Analyses, AnalysisChoice } from './analyses.ts';

type Outcome = Output<'incoming.analyse'>;

const LOOK_MS = 100;

/** Where copies lie in a data folder. */
export const incomingFolder = (data: string): string => join(data, 'incoming');

export class Incoming {
  readonly #folder: string;
  readonly #analyses: Analyses;
  /** Places that files are being sent to. */
  readonly #open = new Set<string>();
  readonly #removing = new Set<Promise<void>>();
  readonly #cleared: Promise<void>;

  /** Removes what programs have left that are gone; `data` is the data folder. */
  constructor(data: string, analyses: Analyses) {
    this.#folder = incomingFolder(data);
    this.#analyses = analyses;
    this.#cleared = this.#clear();
  }

  async analysePaths({ paths }: CallInput<'incoming.analysePaths'>, choice: AnalysisChoice): Promise<Outcome> {
    const outcome = { added: 0, refused: [] as string[] };
    for (const path of paths) {
      const { inputs, refused } = await resolveNested(path);
      this.#analyses.put(inputs, choice);
      outcome.added += inputs.length;
      outcome.refused.push(...refused);
    }
    return outcome;
  }

  /** Keeps a place until it is taken to be analysed, or until `signal` is set. */
  async open(signal: { readonly aborted: boolean }, tell: (id: string) => void): Promise<void> {
    await this.#cleared;
    const id = `${process.pid}-${randomUUID()}`;
    const place = join(this.#folder, id);
    try {
      makeFolder(this.#folder, 0o700);
      await mkdir(place, 0o700);
    } catch (cause) {
      const message = `Nothing can be written to ${this.#folder}.`;
      throw new MienError('output_unwritable', message, 'Check the folder, and that the disk is not full.', { cause });
    }
    this.#open.add(id);
    tell(id);
    while (!signal.aborted && this.#open.has(id)) await sleep(LOOK_MS);
    if (this.#open.delete(id)) await this.#remove(place);
  }

  /** Puts everything that was sent to a place into the queue, in order. */
  async analyse({ id }: CallInput<'incoming.analyse'>, choice: AnalysisChoice): Promise<Outcome> {
    if (!this.#open.delete(id)) throw new MienError('usage', 'These files are not there any more.', 'Drop them again.');
    const place = join(this.#folder, id);
    try {
      const outcome = { added: 0, refused: [] as string[] };
      for (const item of (await readdir(place)).sort(BY_NUMBER.compare)) {
        const { added, refused } = await this.#take(place, item, choice);
        outcome.added += added;
        outcome.refused.push(...refused);
      }
      if (outcome.added === 0) await this.#remove(place);
      return outcome;
    } catch (error) {
      await this.#remove(place);
      throw error;
    }
  }

  /** Removes what is being sent, and waits for what is being removed. The queue is stopped before. */
  async stop(): Promise<void> {
    await this.#cleared;
    for (const id of this.#open) void this.#remove(join(this.#folder, id));
    this.#open.clear();
    await Promise.all(this.#removing);
  }

  /** One thing that was dropped. */
  async #take(place: string, item: string, choice: AnalysisChoice): Promise<Outcome> {
    const folder = join(place, item);
    const [name = ''] = await readdir(folder);
    const { inputs, refused } = await resolveNested(join(folder, name), name);
    // People are shown what the file was called, not where the copy lies.
    const shown = inputs.map((input) => ({
      ...input,
      path: input.path.slice(folder.length + 1),
      isCopy: true as const,
    }));
    let left = shown.length;
    const whenOver = (): void => {
      if (--left === 0) void this.#remove(folder).then(() => rmdir(place).catch(() => undefined)); // the last one can
    };
    this.#analyses.put(shown, choice, whenOver);
    return { added: inputs.length, refused: [...refused] };
  }

  /** What cannot be removed now is tried again at the next start. */
  #remove(path: string): Promise<void> {
    const removing = rm(path, { recursive: true, force: true, maxRetries: 3 })
      .catch(() => undefined)
      .finally(() => this.#removing.delete(removing));
    this.#removing.add(removing);
    return removing;
  }

  /** Places are named after the program that they belong to: another one on this data folder keeps its own. */
  async #clear(): Promise<void> {
    const places = await readdir(this.#folder).catch(() => []); // there is none yet
    for (const place of places) {
      const owner = Number.parseInt(place, 10);
      const path = join(this.#folder, place);
      const isOwned = isRunning(owner, { foreign: 'is none of ours' }); // the folder is for one user alone
      const isLeft = owner === process.pid || !isOwned || (await isOlderThanMachine(path));
      if (isLeft) await this.#remove(path);
    }
  }
}
