// Requests to a worker thread and its answers, for every adapter that has one. Requests are answered one after the other, in the
// order in which they were made; a thread ends by a request of its own kind, never by force in the middle of its work.
import { Worker, parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { MienError, asError, errorOf, reportOf, type ErrorReport } from '../contract/errors.ts';

type Reply = { readonly id: number; readonly isForwarded: boolean } & (
  { readonly value: unknown } | { readonly error: ErrorReport }
);

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What a thread returns instead of an answer when it has handed the request on to another thread, which will answer. */
export const FORWARDED = Symbol('forwarded');

/** Requests that wait for an answer. */
class Pending {
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  failure: Error | null = null;

  add(waiting: Waiting): number {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    return id;
  }

  isWaiting(id: number): boolean {
    return this.#waiting.has(id);
  }

  settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(errorOf(reply.error));
    else waiting?.resolve(reply.value);
  }

  fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The starting side. `Request` is what the thread understands; `lastRequest` makes it end. */
export class Thread<Request> {
  readonly #worker: Worker;
  readonly #lastRequest: Request;
  readonly #exited: Promise<void>;
  readonly #pending = new Pending();
  #isAnsweredByOther = false;
  #stopped: Promise<void> | null = null;

  /** Starts the thread; `ports` are handed over with `data`. */
  constructor(file: URL, data: unknown, lastRequest: Request, ports: readonly MessagePort[] = []) {
    this.#lastRequest = lastRequest;
    this.#worker = new Worker(file, { workerData: data, transferList: [...ports] });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) if (!reply.isForwarded) this.#pending.settle(reply);
    });
    this.#worker.once('error', (error) => this.#pending.fail(asError(error)));
    this.#worker.once('exit', () => {
      if (this.#stopped && this.#isAnsweredByOther) return; // what it has handed on is answered yet
      this.#pending.fail(
        new MienError('internal', 'A part of the program stopped unexpectedly.', 'Run the command again.'),
      );
    });
  }

  /**
   * Lets others answer the requests that this thread hands on to each of them; `join` makes one answer of theirs, which are in the
   * order of `others`. The first error is the answer.
   */
  answeredBy<Other>(others: readonly Thread<Other>[], join: (values: readonly unknown[]) => unknown): void {
    this.#isAnsweredByOther = true;
    const collected = new Map<number, Map<number, unknown>>();
    const take = (reply: Reply, from: number): void => {
      if (!this.#pending.isWaiting(reply.id)) return; // another one failed
      if ('error' in reply) {
        collected.delete(reply.id);
        this.#pending.settle(reply);
        return;
      }
      const values = collected.get(reply.id) ?? new Map<number, unknown>();
      collected.set(reply.id, values.set(from, reply.value));
      if (values.size < others.length) return;
      collected.delete(reply.id);
      this.#pending.settle({ ...reply, value: join(others.map((_, i) => values.get(i))) });
    };
    for (const [from, other] of others.entries()) {
      other.#worker.on('message', (replies: readonly Reply[]) => {
        for (const reply of replies) if (reply.isForwarded) take(reply, from);
      });
      void other.#exited.then(async () => {
        // Of those that are stopped together the first one is gone while others still answer.
        if (others.every((each) => each.#stopped !== null)) await Promise.all(others.map((each) => each.#exited));
        if (other.#pending.failure) this.#pending.fail(other.#pending.failure);
      });
    }
  }

  /** Rejects with the thread's error, or when the thread has ended. */
  call(request: Request): Promise<unknown> {
    if (this.#pending.failure) return Promise.reject(this.#pending.failure);
    return this.#post(request);
  }

  #post(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#pending.add({ resolve, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  /**
   * Lets the thread finish what it was asked and end; resolves when it is gone, and rejects when it failed at that. Of two
   * threads, the one that hands requests on is to be stopped first.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    // Asked even after a failure: this thread may be well although the one that answers for it is gone.
    const last = this.#post(this.#lastRequest);
    try {
      await Promise.race([last, this.#exited]);
    } finally {
      await this.#exited;
    }
  }
}

/**
 * Answers that go together while more requests are waiting: waking the other side costs more than an answer. Whoever asks for
 * one thing at a time gets every answer at once.
 */
const MOST_TOGETHER = 4;

/** A request as it lies in a message; a thread that hands it on sends it with the same number. */
export interface Numbered<Request> {
  readonly id: number;
  readonly request: Request;
}

/**
 * The thread's side. After the request for which `isLast` holds, the thread takes no more and ends. `forwarded` is the port at
 * which requests arrive that another thread hands on.
 */
export function serveThread<Request>(
  answer: (request: Request, id: number) => Promise<unknown>,
  isLast: (request: Request) => boolean,
  forwarded: MessagePort | null = null,
): void {
  const port = parentPort;
  if (!port) throw new Error('this file runs as a worker thread only');
  let queue: Promise<void> = Promise.resolve();
  let waiting = 0;
  let replies: Reply[] = [];
  const serve = ({ id, request }: Numbered<Request>, isForwarded: boolean): void => {
    waiting++;
    queue = queue.then(async () => {
      const reply: Reply | null = await answer(request, id).then(
        (value) => (value === FORWARDED ? null : { id, value, isForwarded }),
        (error: unknown) => ({ id, error: reportOf(error), isForwarded }),
      );
      waiting--;
      if (reply) replies.push(reply);
      if (waiting === 0 || replies.length >= MOST_TOGETHER || isLast(request)) {
        if (replies.length > 0) port.postMessage(replies);
        replies = [];
      }
      if (!isLast(request)) return;
      port.close();
      forwarded?.close();
    });
  };
  port.on('message', (message: Numbered<Request>) => {
    // The last request may overtake what the other thread has handed on before it ended.
    while (forwarded && isLast(message.request)) {
      const early = receiveMessageOnPort(forwarded) as { message: Numbered<Request> } | undefined;
      if (!early) break;
      serve(early.message, true);
    }
    serve(message, false);
  });
  forwarded?.on('message', (message: Numbered<Request>) => serve(message, true));
}
