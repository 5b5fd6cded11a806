// The list of sessions and what is searched for in it.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { SessionSummary } from '../../main/contract/api.ts';
import type { Program } from '../connection/program.svelte.ts';

export class SessionList {
  readonly #program: Program;
  #sessions = $state.raw<readonly SessionSummary[] | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  /** Calls are answered in any order; only the last one counts. */
  #asked = 0;
  search = $state('');

  constructor(program: Program) {
    this.#program = program;
  }

  /** Null until the first answer. */
  get sessions(): readonly SessionSummary[] | null {
    return this.#sessions;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const sessions = await this.#program.call('sessions.list', { search: this.search }).result;
      if (asked !== this.#asked) return;
      this.#sessions = sessions;
      this.#error = null;
    } catch (error) {
      if (asked === this.#asked) this.#error = reportOf(error);
    }
  }
}
