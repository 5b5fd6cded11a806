// Calls over a wire: what api.ts lists, with progress and cancelling, checked on both sides.
import { CALLS, type CallName, type Input, type Output, type Progress } from './api.ts';
import type { z } from 'zod';
import { MienError, errorOf, reportOf, type ErrorReport } from './errors.ts';
import { checkedBy } from './fault-words.ts';
import type { Transport } from './transport.ts';

type Request =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly input: unknown }
  | { readonly kind: 'cancel'; readonly id: number };

type Reply =
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly error: ErrorReport };

/** What a handler knows of its call. */
export interface CallContext<N extends CallName> {
  /** Set when the caller wants no answer any more, or is gone. */
  readonly signal: { readonly aborted: boolean };
  /** Tells the caller how far the call is. */
  readonly tell: (progress: Progress<N>) => void;
}

export type Handlers = {
  readonly [N in CallName]: (input: Input<N>, context: CallContext<N>) => Promise<Output<N>>;
};

const WRONG = 'Reload the window. If this happens again, it is a fault in Mien.';

/** Calls of one wire that run at once: far more than a window has, and few enough for what each may keep in memory. */
const MOST_RUNNING = 64;

/** Answers the calls that arrive at one end of a wire. `onFault` hears whatever goes wrong, which the caller is told too. */
export function serve(transport: Transport, handlers: Handlers, onFault: (error: unknown) => void): void {
  const running = new Map<number, { aborted: boolean }>();

  const answer = async (id: number, name: CallName, input: unknown): Promise<void> => {
    const signal = { aborted: false };
    running.set(id, signal);
    try {
      const spec = CALLS[name];
      const checked = checkedBy<unknown>(spec.input, input);
      if (checked.fault !== null)
        throw new MienError('usage', `"${name}" was asked for something impossible: ${checked.fault}.`, WRONG);
      const tell = (value: unknown): void => {
        if (!signal.aborted) transport.send({ kind: 'progress', id, value: progressOf(name, value) } satisfies Reply);
      };
      const handler = handlers[name] as (input: unknown, context: unknown) => Promise<unknown>;
      const output = spec.output.safeParse(await handler(checked.data, { signal, tell }));
      if (!output.success) throw impossibleAnswer(name, output.error);
      if (!signal.aborted) transport.send({ kind: 'result', id, value: output.data } satisfies Reply);
    } catch (error) {
      onFault(error);
      if (!signal.aborted) transport.send({ kind: 'fault', id, error: reportOf(error) } satisfies Reply);
    } finally {
      running.delete(id);
    }
  };

  const refuse = (id: number, sentence: string): void => {
    const error = new MienError('usage', sentence, WRONG);
    onFault(error);
    transport.send({ kind: 'fault', id, error: reportOf(error) } satisfies Reply);
  };

  transport.onMessage((message) => {
    if (!isRequest(message)) {
      onFault(new Error('a message that is no request'));
      return;
    }
    if (message.kind === 'call') {
      if (running.has(message.id)) onFault(new Error('a call with the number of one that is running'));
      else if (!Object.hasOwn(CALLS, message.name)) refuse(message.id, `There is no call "${message.name}".`);
      else if (running.size >= MOST_RUNNING) refuse(message.id, 'The window asks for too much at once.');
      else void answer(message.id, message.name, message.input);
      return;
    }
    const signal = running.get(message.id);
    if (signal) signal.aborted = true;
  });
  transport.onClose(() => {
    for (const signal of running.values()) signal.aborted = true;
  });
}

function isRequest(message: unknown): message is Request {
  if (typeof message !== 'object' || message === null || !('kind' in message) || !('id' in message)) return false;
  if (!Number.isSafeInteger(message.id)) return false;
  if (message.kind === 'cancel') return true;
  return message.kind === 'call' && 'name' in message && typeof message.name === 'string';
}

function isReply(message: unknown): message is Reply {
  if (typeof message !== 'object' || message === null || !('kind' in message) || !('id' in message)) return false;
  if (message.kind === 'fault')
    return 'error' in message && typeof message.error === 'object' && message.error !== null;
  return (message.kind === 'result' || message.kind === 'progress') && 'value' in message;
}

/** Progress as the table has it. Throws internal for anything else: a fault on whichever side finds it. */
function progressOf(name: CallName, value: unknown): unknown {
  const spec = CALLS[name] as { readonly progress?: z.ZodType };
  const checked = spec.progress?.safeParse(value);
  if (checked?.success) return checked.data;
  throw new MienError('internal', `"${name}" has told something impossible of its progress.`, WRONG);
}

/** A call under way. */
export interface Call<N extends CallName> {
  /** Rejects with a MienError; with the code interrupted after {@link cancel} or when the wire closes. */
  readonly result: Promise<Output<N>>;
  cancel(): void;
}

interface Waiting {
  readonly name: CallName;
  readonly resolve: (value: never) => void;
  readonly reject: (error: MienError) => void;
  readonly onProgress: ((value: never) => void) | undefined;
}

/** The caller's end of a wire. */
export class Client {
  readonly #transport: Transport;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #isClosed = false;

  /** `onClose` is called once, when the wire has closed and every call was told. */
  constructor(transport: Transport, onClose: () => void = () => undefined) {
    this.#transport = transport;
    transport.onMessage((message) => {
      if (isReply(message)) this.#hear(message);
    });
    transport.onClose(() => {
      this.#isClosed = true;
      for (const { reject } of this.#waiting.values()) reject(gone());
      this.#waiting.clear();
      onClose();
    });
  }

  call<N extends CallName>(name: N, input: Input<N>, onProgress?: (progress: Progress<N>) => void): Call<N> {
    const id = this.#nextId++;
    const result = new Promise<Output<N>>((resolve, reject) => {
      if (this.#isClosed) {
        reject(gone());
        return;
      }
      this.#waiting.set(id, { name, resolve, reject, onProgress });
      this.#transport.send({ kind: 'call', id, name, input } satisfies Request);
    });
    const cancel = (): void => {
      const waiting = this.#waiting.get(id);
      if (!waiting) return;
      this.#waiting.delete(id);
      this.#transport.send({ kind: 'cancel', id } satisfies Request);
      waiting.reject(new MienError('interrupted', 'This was cancelled.', 'Start it again when you like.'));
    };
    return { result, cancel };
  }

  #hear(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return; // cancelled
    const { name, resolve, reject, onProgress } = waiting;
    if (reply.kind === 'progress') {
      onProgress?.(progressOf(name, reply.value) as never);
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.kind === 'fault') {
      reject(errorOf(reply.error));
      return;
    }
    const checked = CALLS[name].output.safeParse(reply.value);
    if (checked.success) resolve(checked.data as never);
    else reject(impossibleAnswer(name, checked.error));
  }
}

const impossibleAnswer = (name: CallName, cause: unknown): MienError =>
  new MienError('internal', `"${name}" was answered with something impossible.`, WRONG, { cause });

const gone = (): MienError =>
  new MienError('interrupted', 'The window has lost the program behind it.', 'It tries to find it again by itself.');
