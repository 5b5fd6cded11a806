// One file from the network, in pieces: what has arrived is kept, and the next attempt goes on from there.
import { open, readFile, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { MienError } from '../contract/errors.ts';

export interface Download {
  readonly url: URL;
  /** Where the bytes go. What lies there already is taken for the beginning of the file if the server says that it is. */
  readonly part: string;
  /** Length of the whole file, where it is known. */
  readonly bytes: number | null;
  readonly signal: AbortSignal;
  /** Hears how much of how much has arrived; `total` is null where nobody knows. */
  readonly onProgress: (done: number, total: number | null) => void;
}

/** How patient a download is. Tests have less time. */
export interface Patience {
  /** Without a byte for so long, a connection counts as broken. */
  readonly stallMs: number;
  /** Time before another attempt. */
  readonly pauseMs: number;
}

export const PATIENCE: Patience = { stallMs: 30_000, pauseMs: 2000 };

/** Attempts in a row that bring nothing. */
const ATTEMPTS = 3;
const REDIRECTS = 5;
/** No network of an ensemble is larger: whatever sends more sends something else. */
const MOST_BYTES = 2 ** 30;

const AGAIN = 'What has arrived is kept: run the command again to go on, or use a mirror or a folder with --from.';
const ELSEWHERE = 'Use a mirror or a folder with --from.';

/** A connection that broke: another attempt may go on. */
class Broken extends Error {}

/**
 * Fetches a file to its end. A server that knows no ranges, or has another file by now, makes it start over. Throws model_missing
 * when the file cannot be had, output_unwritable when it cannot be written, and interrupted.
 */
export async function download(task: Download, patience = PATIENCE): Promise<void> {
  let known = await lengthOf(task.part);
  for (let attempt = 1; ; attempt++) {
    try {
      await attemptOnce(task, patience);
      return;
    } catch (error) {
      if (task.signal.aborted) throw interrupted();
      if (!(error instanceof Broken)) throw error;
      const length = await lengthOf(task.part);
      if (length > known) attempt = 0; // it came further
      if (attempt === ATTEMPTS) {
        throw new MienError('model_missing', `${task.url.host} cannot be reached or breaks off.`, AGAIN, {
          cause: error.cause,
        });
      }
      known = length;
    }
    await pause(patience.pauseMs, task.signal);
  }
}

async function attemptOnce(task: Download, { stallMs }: Patience): Promise<void> {
  const { url, part, bytes } = task;
  const had = await lengthOf(part);
  if (bytes !== null && had === bytes) return;
  const tag = had > 0 && (bytes === null || had < bytes) ? await readTag(task) : null;
  // Nothing arrives for too long: the request ends, and with it the reading of its body.
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), stallMs);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), stallMs);
  };
  try {
    const signal = AbortSignal.any([task.signal, silence.signal]);
    const asked: Record<string, string> = tag === null ? {} : { range: `bytes=${had}-`, 'if-range': tag };
    // Packed on its way, a file would have other ranges.
    const response = await request(url, { 'accept-encoding': 'identity', ...asked }, signal);
    alive();
    const start = startOf(response, had);
    if (start === null) {
      await response.body?.cancel();
      await forget(part);
      throw new Broken('the server goes on elsewhere');
    }
    const total = totalOf(response, start) ?? bytes;
    if ((total ?? 0) > (bytes ?? MOST_BYTES)) throw tooLong(url);
    await writeTag(task, response);
    await receive(task, response, start, total, alive);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks for a file, by way of other https addresses where the server says so. */
async function request(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  let address = url;
  for (let i = 0; i <= REDIRECTS; i++) {
    const response = await fetch(address, { headers, signal, redirect: 'manual' }).catch((cause: unknown) => {
      throw new Broken('no answer', { cause });
    });
    const { status } = response;
    if (status === 200 || status === 206 || status === 416) return response;
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (status < 300 || status > 399 || location === null) throw refusal(address, status);
    const next = URL.parse(location, address);
    if (next?.protocol !== 'https:') {
      const message = `${address.host} leads on to an address without encryption.`;
      throw new MienError('model_missing', message, ELSEWHERE);
    }
    address = next;
  }
  throw new MienError('model_missing', `${url.host} leads on and on to other addresses.`, ELSEWHERE);
}

function refusal(url: URL, status: number): Error {
  if (status >= 500 || status === 429) return new Broken(`status ${status}`, { cause: new Error(`status ${status}`) });
  const what = status === 404 || status === 410 ? 'is not there' : `is refused (status ${status})`;
  return new MienError('model_missing', `The file ${url.href} ${what}.`, ELSEWHERE);
}

/** Where the bytes of an answer begin in the file: 0 for the whole of it; null for a part that does not follow what is there. */
function startOf({ status, headers }: Response, had: number): number | null {
  if (status === 200) return 0;
  const [, first] = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '') ?? [];
  return status === 206 && Number(first) === had && !isPacked(headers) ? had : null;
}

const isPacked = (headers: Headers): boolean => (headers.get('content-encoding') ?? 'identity') !== 'identity';

/** Length of the whole file as the answer tells it. */
function totalOf({ headers }: Response, start: number): number | null {
  const length = headers.get('content-length');
  return length === null || isPacked(headers) ? null : start + Number(length);
}

async function receive(
  { url, part, bytes, onProgress }: Download,
  response: Response,
  start: number,
  total: number | null,
  alive: () => void,
): Promise<void> {
  const file = await writing(() => open(part, start > 0 ? 'r+' : 'w', 0o600));
  let at = start;
  try {
    onProgress(at, total);
    for await (const chunk of chunksOf(response)) {
      alive();
      if (at + chunk.length > (bytes ?? MOST_BYTES)) throw tooLong(url);
      await writing(() => writeAll(file, chunk, at));
      at += chunk.length;
      onProgress(at, total);
    }
    await writing(() => file.sync());
  } finally {
    await file.close();
  }
  if (total !== null && at < total) throw new Broken('the answer ended early');
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body ?? []) yield chunk;
  } catch (cause) {
    throw new Broken('the connection broke', { cause });
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** Removes what has arrived and what is known of it. */
export async function forget(part: string): Promise<void> {
  await writing(async () => {
    await rm(part, { force: true });
    await rm(tagFile(part), { force: true });
  });
}

const tagFile = (part: string): string => `${part}.tag`;

/** By what the server knows the version of which a part has arrived; null where that is not certain. */
async function readTag({ url, part }: Download): Promise<string | null> {
  const text = await readFile(tagFile(part), 'utf8').catch(() => ''); // then it starts over
  const [address, tag] = text.split('\n');
  return address === url.href && tag ? tag : null;
}

/** Only a strong tag means the same bytes (RFC 9110, 13.1.5). */
async function writeTag({ url, part }: Download, { headers }: Response): Promise<void> {
  const tag = headers.get('etag') ?? '';
  const isStrong = tag.startsWith('"') && !isPacked(headers);
  await writing(() => writeFile(tagFile(part), isStrong ? `${url.href}\n${tag}` : '', { mode: 0o600 }));
}

async function lengthOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** Does something with files; what goes wrong is told in words. */
export async function writing<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
    const message = isFull ? 'There is no room for the model on the disk.' : 'The model cannot be written.';
    const remedy = isFull
      ? 'Make room, or choose another folder with --data. What has arrived is kept: run the command again to go on.'
      : 'Choose another folder with --data.';
    throw new MienError('output_unwritable', message, remedy, { cause: error });
  }
}

function tooLong(url: URL): MienError {
  return new MienError('model_damaged', `${url.host} sends more than the model is long.`, ELSEWHERE);
}

export function interrupted(): MienError {
  return new MienError('interrupted', 'Fetching was stopped.', 'Run the command again to go on where it stopped.');
}
