// One erasure from what it would remove to its receipt.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { ErasurePlan, ErasureProgress, ErasureResult, ErasureTarget } from '../../main/contract/participants.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';

export class ErasureJob {
  readonly #program: Program;
  readonly #target: ErasureTarget;
  #plan = $state.raw<ErasurePlan | null>(null);
  #progress = $state.raw<ErasureProgress | null>(null);
  #result = $state.raw<ErasureResult | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #call: Call<'participants.erase'> | null = null;

  constructor(program: Program, target: ErasureTarget) {
    this.#program = program;
    this.#target = target;
  }

  /** What would go; null until it is found. */
  get plan(): ErasurePlan | null {
    return this.#plan;
  }

  /** Null while nothing is under way. */
  get progress(): ErasureProgress | null {
    return this.#progress;
  }

  get result(): ErasureResult | null {
    return this.#result;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** What has to be typed, so that nobody is erased by a slip: the code, or the number of a person without one. */
  get word(): string {
    return this.#target.kind === 'participant' ? this.#target.code : `P${this.#target.person}`;
  }

  async prepare(): Promise<void> {
    try {
      this.#plan = await this.#program.call('participants.planErasure', this.#target).result;
    } catch (error) {
      this.#error = reportOf(error);
    }
  }

  async start(): Promise<void> {
    this.#error = null;
    this.#progress = { stage: 'removing', share: 0 };
    this.#call = this.#program.call('participants.erase', this.#target, (progress) => (this.#progress = progress));
    try {
      this.#result = await this.#call.result;
    } catch (error) {
      this.#error = reportOf(error);
    } finally {
      this.#progress = null;
      this.#call = null;
    }
  }

  /** Changes nothing in time; afterwards the list says whether it was too late. */
  cancel(): void {
    this.#call?.cancel();
  }
}
