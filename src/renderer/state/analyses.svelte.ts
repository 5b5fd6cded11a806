// The queue of files as the program tells it, and what is chosen to be added.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { AnalysisJob, FolderListing, Input } from '../../main/contract/api.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';
import type { ProfileList } from './profiles.svelte.ts';

export class Analyses {
  readonly #program: Program;
  readonly profiles: ProfileList;
  #watching: Call<'analyses.watch'> | null = null;
  #jobs = $state.raw<readonly AnalysisJob[]>([]);
  #folder = $state.raw<FolderListing | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  /** The path that is chosen; empty for none. */
  chosen = $state('');
  haveAgreed = $state(false);
  identification = $state(false);

  constructor(program: Program, profiles: ProfileList) {
    this.#program = program;
    this.profiles = profiles;
  }

  get jobs(): readonly AnalysisJob[] {
    return this.#jobs;
  }

  get folder(): FolderListing | null {
    return this.#folder;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  get isReady(): boolean {
    return this.chosen !== '' && this.haveAgreed;
  }

  /** Follows the queue until {@link stop}. */
  async start(): Promise<void> {
    this.#watching = this.#program.call('analyses.watch', {}, (jobs) => (this.#jobs = jobs));
    this.#watching.result.catch(() => undefined); // it ends with the page or with the program, which the window says
    void this.profiles.load();
    await this.#attempt(async () => {
      const { homeFolder } = await this.#program.call('program.describe', {}).result;
      await this.#list(homeFolder);
    });
  }

  stop(): void {
    this.#watching?.cancel();
  }

  async open(path: string): Promise<void> {
    await this.#attempt(() => this.#list(path));
  }

  async add(): Promise<void> {
    const { chosen, identification, profiles } = this;
    await this.#attempt(async () => {
      const choice = { haveAgreed: true, identification, ...profiles.choice } as const;
      await this.#program.call('analyses.add', { path: chosen, ...choice }).result;
      this.chosen = '';
      this.haveAgreed = false; // of the people in the next file nothing has been said yet
      this.identification = false;
    });
  }

  async change(id: number, action: Input<'analyses.change'>['action']): Promise<void> {
    await this.#attempt(() => this.#program.call('analyses.change', { id, action }).result);
  }

  async #list(path: string): Promise<void> {
    this.#folder = await this.#program.call('folders.list', { path }).result;
    this.chosen = '';
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
