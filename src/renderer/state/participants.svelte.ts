// Everybody who took part, what is searched for among them, and consent that is taken back.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { Input, Output } from '../../main/contract/api.ts';
import type { Program } from '../connection/program.svelte.ts';

export class ParticipantList {
  readonly #program: Program;
  #found = $state.raw<Output<'participants.list'> | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  /** Calls are answered in any order; only the last one counts. */
  #asked = 0;
  search = $state('');

  constructor(program: Program) {
    this.#program = program;
  }

  /** Null until the first answer. */
  get found(): Output<'participants.list'> | null {
    return this.#found;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const found = await this.#program.call('participants.list', { search: this.search }).result;
      if (asked !== this.#asked) return;
      this.#found = found;
      this.#error = null;
    } catch (error) {
      if (asked === this.#asked) this.#error = reportOf(error);
    }
  }

  /** Returns what is in the way; null when it is done. */
  async withdraw(input: Input<'participants.withdraw'>): Promise<ErrorReport | null> {
    try {
      await this.#program.call('participants.withdraw', input).result;
      return null;
    } catch (error) {
      return reportOf(error);
    } finally {
      await this.refresh();
    }
  }
}
