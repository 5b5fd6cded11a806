// The queue of files to analyse. It belongs to the program, not to a window: a window that is closed or loaded again changes
// nothing. One file is analysed at a time; each becomes a session.
import type { AnalysisJob } from '../../contract/api.ts';
import { MienError, reportOf } from '../../contract/errors.ts';
import type { FrameSource } from '../../engine/ports.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import { resolveInput, type Input } from '../../sources/open.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { recordInput } from '../analysis.ts';
import { freeCode } from '../codes.ts';
import { systemClock } from '../compose.ts';

interface Job {
  readonly id: number;
  readonly input: Input;
  readonly identification: boolean;
  readonly signal: { aborted: boolean };
  readonly gate: Gate;
  /** From where speed is measured; null in front of the first frame and behind a pause. */
  since: { readonly ms: number; readonly frames: number } | null;
  view: AnalysisJob;
}

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
  #version = 0;
  #working: Promise<void> = Promise.resolve();

  constructor(store: RecordingStore, openRegistry: () => Promise<ModelRegistry>) {
    this.#store = store;
    this.#openRegistry = openRegistry;
  }

  /** Grows with every change of {@link list}. */
  get version(): number {
    return this.#version;
  }

  list(): AnalysisJob[] {
    return this.#jobs.map(({ view }) => view);
  }

  /** Puts a file, or everything in a folder, at the end of the queue. Throws what is wrong with it. */
  async add(path: string, identification: boolean): Promise<void> {
    for (const input of await resolveInput(path)) {
      const id = this.#jobs.length + 1;
      const view: AnalysisJob = {
        ...{ id, name: input.stem, path: input.path, state: 'waiting', frames: 0, expectedFrames: null },
        ...{ framesPerSecond: null, sessionId: null, error: null, problems: [] },
      };
      const job: Job = { id, input, identification, signal: { aborted: false }, gate: new Gate(), since: null, view };
      this.#jobs.push(job);
      this.#working = this.#working.then(() => this.#work(job));
    }
    this.#version++;
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
    this.#version++;
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
    } catch (error) {
      const { message, remedy } = reportOf(error);
      this.#change(job, { state: 'failed', error: { message, remedy } });
    }
  }

  async #record(job: Job): ReturnType<typeof recordInput> {
    const registry = await this.#openRegistry();
    const profile = await registry.profile('mien');
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
