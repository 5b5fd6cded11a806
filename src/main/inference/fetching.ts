// Models that a user asks to be fetched: from their address, a mirror or a folder, into the data folder, checked before use.
import { randomUUID } from 'node:crypto';
import { chmod, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MienError } from '../contract/errors.ts';
import type { Manifest, ManifestModel } from '../contract/manifest.ts';
import { makeFolder } from '../platform/folders.ts';
import { isOlderThanMachine, isRunning } from '../platform/programs.ts';
import { PATIENCE, download, forget, interrupted, writing, type Patience } from './download.ts';
import { identityOf, isFileOf } from './identity.ts';

/** A model with an address. */
export type FetchedModel = ManifestModel & { readonly origin: { readonly kind: 'fetched' } };

export const isFetched = (model: ManifestModel): model is FetchedModel => model.origin.kind === 'fetched';

/** The command that brings a fetched model. */
export const fetchCommand = ({ origin }: FetchedModel): string => `mien models fetch ${origin.set}`;

/** The fetched models that a name means: one by its id, or a whole set. Throws usage for a name that means none. */
export function fetchedModels({ models }: Manifest, name: string): Map<string, FetchedModel> {
  const found = new Map<string, FetchedModel>();
  const names = new Set<string>();
  for (const [id, model] of Object.entries(models)) {
    if (!isFetched(model)) continue;
    names.add(model.origin.set).add(id);
    if (name === id || name === model.origin.set) found.set(id, model);
  }
  if (found.size > 0) return found;
  throw new MienError('usage', `No model that is fetched is called "${name}".`, `There are ${[...names].join(', ')}.`);
}

/** Where files come from: the addresses of the manifest, another one below which they lie, or a folder of this machine. */
export type Origin =
  | { readonly kind: 'manifest' }
  | { readonly kind: 'mirror'; readonly base: URL }
  | { readonly kind: 'folder'; readonly path: string };

const OWN_MACHINE = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** What --from means. Throws usage for an address that is neither https nor of this machine. */
export function parseOrigin(text: string | undefined): Origin {
  if (text === undefined) return { kind: 'manifest' };
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return { kind: 'folder', path: text };
  const base = URL.parse(text.endsWith('/') ? text : `${text}/`);
  const isSafe = base?.protocol === 'https:' || (base?.protocol === 'http:' && OWN_MACHINE.test(base.hostname));
  if (base && isSafe) return { kind: 'mirror', base };
  throw new MienError('usage', `Nothing is fetched from "${text}".`, 'Give an address with https, or a folder.');
}

export interface Fetching {
  readonly id: string;
  readonly model: FetchedModel;
  /** Where it is to lie. */
  readonly file: string;
  readonly from: Origin;
  readonly signal: AbortSignal;
  /** See Download. */
  readonly onProgress: (done: number, total: number | null) => void;
}

/**
 * Brings the file of a model to its place, in one step and only when its hash is right. Returns false where the right one was there
 * already. Throws model_missing, model_damaged, input_missing, output_unwritable, store_busy and interrupted.
 */
export async function fetchModel(task: Fetching, patience: Patience = PATIENCE): Promise<boolean> {
  const { model, file } = task;
  if (await isRight(file, model)) return false;
  await writing(() => makeFolder(dirname(file), 0o700));
  await alone(`${file}.lock`, () => bring(task, patience));
  return true;
}

async function bring(task: Fetching, patience: Patience): Promise<void> {
  const { id, model, file, from, signal } = task;
  const part = `${file}.part`;
  const isWhole = from.kind === 'folder' ? await copyFrom(from.path, task, part) : await arrive(task, part, patience);
  if (signal.aborted) throw interrupted();
  if (!(await isRight(part, model))) {
    await forget(part);
    if (!isWhole) return bring(task, patience); // what was there before may have been of another file
    const message = `What came as the model ${id} is not the file that is meant: its hash is another one.`;
    throw new MienError('model_damaged', message, 'It was removed. Try again, or use another source with --from.');
  }
  await writing(async () => {
    await chmod(part, 0o600);
    await rename(part, file);
    await forget(part);
  });
}

/** What cannot be read is not right. */
function isRight(path: string, model: FetchedModel): Promise<boolean> {
  return readFile(path).then(
    (bytes) => isFileOf(bytes, identityOf(model)),
    () => false,
  );
}

/** Two that wrote into one file would spoil it: the second is refused. A program that has ended holds nothing. Throws store_busy. */
async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  while (!(await writing(() => take(lock)))) {
    const owner = Number(await readFile(lock, 'utf8').catch(() => '')); // gone meanwhile
    if (isRunning(owner, { foreign: 'is none of ours' }) && !(await isOlderThanMachine(lock))) {
      throw new MienError('store_busy', 'Another Mien is fetching this model.', 'Wait until it is done.');
    }
    await writing(() => rm(lock, { force: true }));
  }
  try {
    await work();
  } finally {
    await writing(() => rm(lock, { force: true }));
  }
}

/** Whether the lock is ours now. It appears with its owner in it: one without would be taken for that of a program that has ended. */
async function take(lock: string): Promise<boolean> {
  const own = `${lock}.${randomUUID()}`;
  try {
    await writeFile(own, `${process.pid}`, { flag: 'wx', mode: 0o600 });
    await link(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether the file came in one go: its beginning was not there before. */
async function arrive(task: Fetching, part: string, patience: Patience): Promise<boolean> {
  const { model, from, signal } = task;
  const { bytes, url } = model.origin;
  const address = from.kind === 'mirror' ? new URL(nameOf(model), from.base) : new URL(url);
  let first: number | null = null;
  const onProgress = (done: number, total: number | null): void => {
    first = first === null ? done : Math.min(first, done); // it may start over
    task.onProgress(done, total);
  };
  await download({ url: address, part, bytes, signal, onProgress }, patience);
  return first === 0;
}

async function copyFrom(folder: string, { id, model }: Fetching, part: string): Promise<true> {
  const source = join(folder, nameOf(model));
  const bytes = await readFile(source).catch((cause: unknown) => {
    const message = `There is no file ${source} for the model ${id}, or nobody may read it.`;
    throw new MienError('input_missing', message, 'Give the folder in which it lies.', { cause });
  });
  await forget(part);
  await writing(() => writeFile(part, bytes, { mode: 0o600, flush: true }));
  return true;
}

/** The file is called the same everywhere. */
const nameOf = ({ origin }: FetchedModel): string => basename(new URL(origin.url).pathname);
