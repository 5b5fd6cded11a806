// The recording as the program tells it, and what the researcher does with it. It goes on without this window.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { Input } from '../../main/contract/api.ts';
import type { LiveStatus } from '../../main/contract/live.ts';
import type { LockDifference, RecordingStart } from '../../main/contract/project.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';

type Action = Exclude<Input<'live.control'>['action'], 'record'>;

export class LiveState {
  readonly #program: Program;
  #watching: Call<'live.watch'> | null = null;
  #status = $state.raw<LiveStatus | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #asks = $state.raw<readonly LockDifference[]>([]);

  constructor(program: Program) {
    this.#program = program;
  }

  /** Null until the program has told it. */
  get status(): LiveStatus | null {
    return this.#status;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Follows the recording until {@link leave}. */
  follow(): void {
    this.#watching = this.#program.call('live.watch', {}, (status) => (this.#status = status));
    this.#watching.result.catch(() => undefined); // it ends with the page or with the program, which the window says
  }

  leave(): void {
    this.#watching?.cancel();
  }

  /** What differs from the project, and must be agreed to before it is recorded; empty where nothing is asked. */
  get asks(): readonly LockDifference[] {
    return this.#asks;
  }

  /** Begins a recording, or asks: see {@link asks}. */
  async record(start: RecordingStart): Promise<void> {
    await this.#attempt(async () => {
      this.#asks = (await this.#program.call('live.control', { action: 'record', start }).result).asks;
    });
  }

  /** Records nothing. */
  dismiss(): void {
    this.#asks = [];
  }

  async control(action: Action): Promise<void> {
    await this.#attempt(() => this.#program.call('live.control', { action }).result);
  }

  async assign(track: number, participant: string | null): Promise<void> {
    await this.#attempt(() => this.#program.call('live.assign', { track, participant }).result);
  }

  /** What the networks see of a face; whoever asks hears what is wrong. */
  faceInput(track: number): Call<'live.faceInput'> {
    return this.#program.call('live.faceInput', { track });
  }

  /** How the scores of a face came about; whoever asks hears what is wrong. */
  explain(track: number): Call<'live.explain'> {
    return this.#program.call('live.explain', { track });
  }

  async showScores(shown: boolean): Promise<void> {
    await this.#attempt(() => this.#program.call('live.scores', { shown }).result);
  }

  /** `unixMs` is when the key was pressed, on the steady clock of the page. */
  async mark(unixMs: number, label: string): Promise<void> {
    await this.#attempt(() => this.#program.call('live.mark', { unixMs, label }).result);
  }

  async withdraw(input: Input<'live.withdraw'>): Promise<void> {
    await this.#attempt(() => this.#program.call('live.withdraw', input).result);
  }

  async close(): Promise<void> {
    await this.#attempt(() => this.#program.call('live.close', {}).result);
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#error = null;
    } catch (error) {
      this.#error = reportOf(error);
    }
  }
}
