// The queue of files to analyse. It belongs to the program, not to a window: a window that is closed or loaded again changes
// nothing. One file is analysed at a time; each becomes a session.
import { basename } from 'node:path';
import type { AnalysisJob } from '../../contract/api.ts';
import { MienError, asError, reportOf } from '../../contract/errors.ts';
import type { FrameSource } from '../../engine/ports.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import { resolveInput, type Input } from '../../sources/open.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { recordInput } from '../analysis.ts';
import { freeCode } from '../codes.ts';
import { systemClock } from '../compose.ts';

/** What is chosen for a file. */
export interface AnalysisChoice {
  readonly identification: boolean;
  /** Name of the profile to score it with. */
  readonly profile: string;
}

/** A file that is not done yet, for whoever goes on with the queue when this engine has crashed. */
export interface QueuedFile extends AnalysisChoice {
  readonly path: string;
  /** Whether its analysis was under way, which may be what the engine has crashed of. */
  readonly isUnderWay: boolean;
  /** Its path is a name for people, and no file. */
  readonly isCopy: boolean;
}

/** What an engine before has left, and who hears of what this one has from now on. */
export interface AnalysisQueue {
  readonly left: readonly QueuedFile[];
  readonly tell: (queue: readonly QueuedFile[]) => void;
}

const NOTHING_LEFT: AnalysisQueue = { left: [], tell: () => undefined };

interface Job {
  readonly id: number;
  readonly input: Input;
  readonly identification: boolean;
  readonly profile: string;
  readonly signal: { aborted: boolean };
  readonly gate: Gate;
  /** From where speed is measured; null in front of the first frame and behind a pause. */
  since: { readonly ms: number; readonly frames: number } | null;
  view: AnalysisJob;
  readonly whenOver: () => void;
}

/** A file comes to one of these states once, and stays there. */
const OVER: readonly AnalysisJob['state'][] = ['done', 'failed', 'cancelled'];

/** Something that frames pass through, and that can be shut. */
class Gate {
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  shut(): void {
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }

  passed(): Promise<void> {
    return this.#opened;
  }
}

export class Analyses {
  readonly #store: RecordingStore;
  readonly #openRegistry: () => Promise<ModelRegistry>;
  readonly #jobs: Job[] = [];
  readonly #tellQueue: AnalysisQueue['tell'];
  readonly #onRecorded: (sessionId: string) => void;
  #version = 0;
  #working: Promise<void> = Promise.resolve();

  /** Goes on with the files that an engine before has left. `onRecorded` hears of every session that was made. */
  constructor(
    store: RecordingStore,
    openRegistry: () => Promise<ModelRegistry>,
    { left, tell }: AnalysisQueue = NOTHING_LEFT,
    onRecorded: (sessionId: string) => void = () => undefined,
  ) {
    this.#store = store;
    this.#openRegistry = openRegistry;
    this.#tellQueue = tell;
    this.#onRecorded = onRecorded;
    if (left.length > 0) void this.#goOn(left);
  }

  /** Whether a file is being analysed, or waits for it. */
  get isWorking(): boolean {
    return this.#jobs.some(({ view }) => view.state === 'running' || view.state === 'waiting');
  }

  /** Grows with every change of {@link list}. */
  get version(): number {
    return this.#version;
  }

  list(): AnalysisJob[] {
    return this.#jobs.map(({ view }) => view);
  }

  /** Puts a file, or everything in a folder, at the end of the queue. Throws what is wrong with it. */
  async add(path: string, choice: AnalysisChoice): Promise<void> {
    this.put(await resolveInput(path), choice);
  }

  /** Puts these at the end of the queue. `whenOver` hears of each when it is done, has failed or was cancelled. */
  put(inputs: readonly Input[], choice: AnalysisChoice, whenOver: () => void = () => undefined): void {
    for (const input of inputs) this.#append(input, choice, null, whenOver);
    this.#changed();
  }

  /**
   * Files that cannot be found any more have failed, and so has the one that was under way: it must not crash every engine. Copies
   * went with the engine that had them.
   */
  async #goOn(left: readonly QueuedFile[]): Promise<void> {
    const found = await Promise.all(
      left.map(async ({ path, isCopy }) => (isCopy ? copyGone(path) : resolveInput(path).catch(asError))),
    );
    left.forEach(({ path, isUnderWay, identification, profile }, i) => {
      const choice = { identification, profile };
      const inputs = found[i];
      const failure = inputs instanceof Error ? inputs : isUnderWay ? brokenOff() : null;
      const same = inputs instanceof Error ? undefined : inputs.find((input) => input.path === path);
      const lost = { path, stem: basename(path), open: () => Promise.reject(failure ?? brokenOff()) };
      this.#append(same ?? lost, choice, failure);
    });
    this.#changed();
  }

  /** Puts a file at the end of the queue, or what is left of one that has failed. */
  #append(input: Input, choice: AnalysisChoice, failure: Error | null, whenOver = (): void => undefined): void {
    const id = this.#jobs.length + 1;
    const view: AnalysisJob = {
      ...{ id, name: input.stem, path: input.path, state: failure ? 'failed' : 'waiting', frames: 0 },
      ...{ expectedFrames: null, framesPerSecond: null, sessionId: null, error: failure && sentencesOf(failure) },
      problems: [],
    };
    const job: Job = {
      id,
      input,
      ...choice,
      signal: { aborted: false },
      gate: new Gate(),
      since: null,
      view,
      whenOver,
    };
    this.#jobs.push(job);
    if (!failure) this.#working = this.#working.then(() => this.#work(job));
  }

  /** Takes a file out of the queue; of one that is under way, what was analysed is kept. */
  cancel(id: number): void {
    const job = this.#find(id);
    if (job.view.state === 'waiting') this.#change(job, { state: 'cancelled' });
    job.signal.aborted = true;
    job.gate.open();
  }

  pause(id: number): void {
    const job = this.#find(id);
    if (job.view.state !== 'running') return;
    job.gate.shut();
    this.#change(job, { state: 'paused' });
  }

  resume(id: number): void {
    const job = this.#find(id);
    if (job.view.state !== 'paused') return;
    job.since = null;
    this.#change(job, { state: 'running' });
    job.gate.open();
  }

  /** Cancels everything and waits until nothing is under way. */
  async stop(): Promise<void> {
    for (const { id } of this.#jobs) this.cancel(id);
    await this.#working;
  }

  #find(id: number): Job {
    const job = this.#jobs.find((candidate) => candidate.id === id);
    if (!job) throw new MienError('usage', 'This file is not in the queue.', 'Reload the window.');
    return job;
  }

  #change(job: Job, change: Partial<AnalysisJob>): void {
    job.view = { ...job.view, ...change };
    if (change.state && OVER.includes(change.state)) job.whenOver();
    if (change.state) this.#changed();
    else this.#version++;
  }

  /** Files have come into the queue, or become something else. */
  #changed(): void {
    this.#version++;
    const open = this.#jobs.filter(({ view }) => !OVER.includes(view.state));
    const queued = open.map(({ input: { path, isCopy = false }, identification, profile, view }): QueuedFile => {
      return { path, identification, profile, isCopy, isUnderWay: view.state !== 'waiting' };
    });
    this.#tellQueue(queued);
  }

  async #work(job: Job): Promise<void> {
    if (job.signal.aborted) return;
    this.#change(job, { state: 'running' });
    try {
      const { sessionId, result, problems } = await this.#record(job);
      const state = result.state === 'complete' ? 'done' : 'cancelled';
      const isEmpty = result.frames === 0;
      if (isEmpty) await this.#store.discard(sessionId);
      this.#change(job, { state, sessionId: isEmpty ? null : sessionId, problems: [...problems] });
      if (!isEmpty) this.#onRecorded(sessionId);
    } catch (error) {
      this.#change(job, { state: 'failed', error: sentencesOf(error) });
    }
  }

  async #record(job: Job): ReturnType<typeof recordInput> {
    const registry = await this.#openRegistry();
    const profile = await registry.profile(job.profile);
    const { signal, gate, identification } = job;
    const taken = new Set(this.#store.sessions().map(({ code }) => code));
    const input: Input = { ...job.input, open: async () => gated(await job.input.open(), gate) };
    return recordInput(
      input,
      () => Promise.resolve(freeCode(job.input.stem, (code) => taken.has(code))),
      { profile, consent: { kind: 'external' }, consentFolder: '.', identification },
      {
        registry,
        store: this.#store,
        signal,
        onStart: ({ info }) => this.#change(job, { expectedFrames: info.expectedFrames }),
        onProgress: ({ frames }) => {
          const nowMs = systemClock.monotonicMs();
          job.since ??= { ms: nowMs, frames };
          const [ms, done] = [nowMs - job.since.ms, frames - job.since.frames];
          this.#change(job, { frames, framesPerSecond: ms > 0 ? (1000 * done) / ms : null });
        },
      },
    );
  }
}

function sentencesOf(error: unknown): NonNullable<AnalysisJob['error']> {
  const { message, remedy } = reportOf(error);
  return { message, remedy };
}

const copyGone = (name: string): MienError =>
  new MienError('interrupted', `The copy of ${name} went with a part of Mien that stopped.`, 'Drop it again.');

const brokenOff = (): MienError =>
  new MienError(
    'internal',
    'A part of Mien stopped unexpectedly while this file was analysed.',
    'What was analysed until then is kept as a session. Analyse the file again.',
  );

/** A source whose frames wait at a gate. */
function gated(source: FrameSource, gate: Gate): FrameSource {
  return {
    info: source.info,
    get problems() {
      return source.problems;
    },
    next: async (allocate) => {
      await gate.passed();
      return source.next(allocate);
    },
    close: () => source.close(),
  };
}
