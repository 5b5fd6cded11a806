// Keeps an engine running in a process of its own, so that a crash of a model or of a driver does not take the program with it: an
// engine that ends unexpectedly, or that hangs, is started again. How a process is started, and how windows get to it, is the host's.
import { MienError, asError, errorOf } from '../../contract/errors.ts';
import type { Clock } from '../../engine/ports.ts';
import type { EngineReply, EngineRequest, EngineSettings } from './engine.ts';
import { Heartbeat, TICK_MS } from './heartbeat.ts';

/** One that goes on crashing has a reason that starting it again does not take away. */
const MOST_RESTARTS = 5;
const WITHIN_MS = 60_000;

/** A process that an engine lives in, from its start on. There is one listener of each kind. */
export interface EngineProcess {
  /** Tells it something; one that is gone hears nothing. */
  send(request: EngineRequest): void;
  onReply(listener: (reply: EngineReply) => void): void;
  /** Sets who hears, after the last reply, with which code it has ended; null when it was ended by force. */
  onExit(listener: (code: number | null) => void): void;
  /** Ends it by force, however it is. */
  kill(): void;
}

export interface KeeperOptions<P extends EngineProcess> {
  /** Starts a process. May throw. */
  readonly launch: () => P;
  readonly settings: Omit<EngineSettings, 'restarts' | 'queue'>;
  readonly clock: Clock;
}

export class EngineKeeper<P extends EngineProcess> {
  readonly #options: KeeperOptions<P>;
  readonly #ended = new Outcome<void>();
  #ready = new Outcome<P>();
  #process: P | null = null;
  #wasEverReady = false;
  #isStopping = false;
  #restarts = 0;
  /** What the engine has told of its files. */
  #queue: EngineSettings['queue'] = [];
  /** When it was started again, on the monotonic clock, in the last while. */
  #restartedMs: number[] = [];

  private constructor(options: KeeperOptions<P>) {
    this.#options = options;
  }

  /** Starts an engine. Throws what it says when it cannot be started. */
  static async start<P extends EngineProcess>(options: KeeperOptions<P>): Promise<EngineKeeper<P>> {
    const keeper = new EngineKeeper(options);
    keeper.#launch();
    await keeper.ready();
    return keeper;
  }

  /** The engine that is there, or the next one. Rejects when there will be none any more. */
  ready(): Promise<P> {
    return this.#ready.promise;
  }

  /** Resolves when the engine was stopped; rejects when that failed, or when it crashes too often to be started again. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Lets the engine end in order; see {@link ended}. */
  stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#ready.reject(new MienError('interrupted', 'Mien is being ended.', 'Start it again later.'));
      this.#process?.send({ kind: 'stop' });
    }
    return this.ended;
  }

  #launch(): void {
    let failure: Error | null = null;
    try {
      const { launch, settings } = this.#options;
      const process = launch();
      const ask = (): void => process.send({ kind: 'ask' });
      const heartbeat = new Heartbeat(this.#options.clock, ask, () => {
        failure ??= hung();
        process.kill();
      });
      let timer: NodeJS.Timeout | null = null;
      process.onReply((reply) => {
        if (reply.kind === 'failed') failure = errorOf(reply.error);
        else if (reply.kind === 'alive') heartbeat.answered(reply.isDebugged);
        else if (reply.kind === 'queue') this.#queue = reply.queue;
        else {
          this.#wasEverReady = true;
          heartbeat.answered(false);
          timer ??= setInterval(() => heartbeat.tick(), TICK_MS).unref();
          this.#ready.resolve(process);
        }
      });
      process.onExit((code) => {
        if (timer) clearInterval(timer);
        this.#gone(code, failure);
      });
      process.send({ kind: 'start', settings: { ...settings, restarts: this.#restarts, queue: this.#queue } });
      this.#process = process;
    } catch (error) {
      this.#end(asError(error));
    }
  }

  /** The engine has ended; `failure` is why, if it has said so. */
  #gone(code: number | null, failure: Error | null): void {
    if (this.#isStopping) {
      this.#end(failure ?? (code === 0 ? null : stoppedOnce()));
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    this.#restartedMs = this.#restartedMs.filter((atMs) => nowMs - atMs < WITHIN_MS);
    if (!this.#wasEverReady) {
      this.#end(failure ?? stoppedOnce());
    } else if (this.#restartedMs.length >= MOST_RESTARTS) {
      this.#end(failure ?? stoppedAgain());
    } else {
      if (this.#ready.isSettled) this.#ready = new Outcome();
      this.#restarts++;
      this.#restartedMs.push(nowMs);
      this.#launch();
    }
  }

  #end(failure: Error | null): void {
    this.#process = null;
    if (!failure) {
      this.#ended.resolve();
      return;
    }
    if (this.#ready.isSettled) this.#ready = new Outcome();
    this.#ready.reject(failure);
    this.#ended.reject(failure);
  }
}

/** A promise and what settles it, once. Nobody needs to wait for it. */
class Outcome<T> {
  readonly promise: Promise<T>;
  #isSettled = false;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.promise.catch(() => undefined); // whoever waits is told
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  resolve(value: T): void {
    this.#isSettled = true;
    this.#resolve(value);
  }

  reject(error: Error): void {
    this.#isSettled = true;
    this.#reject(error);
  }
}

const VERBOSE = 'If this happens again, run it with --verbose and report what it prints.';

const hung = (): MienError =>
  new MienError('internal', 'A part of Mien did not answer any more and was ended.', `Start Mien again. ${VERBOSE}`);

const stoppedOnce = (): MienError =>
  new MienError('internal', 'A part of Mien stopped unexpectedly.', `Start Mien again. ${VERBOSE}`);

const stoppedAgain = (): MienError =>
  new MienError(
    'internal',
    'A part of Mien stopped unexpectedly again and again.',
    `What was recorded until then is kept. Start Mien again. ${VERBOSE}`,
  );
