// Recordings whose last day has passed.
import type { OverdueRecord } from '../../main/contract/retention.ts';
import type { Program } from '../connection/program.svelte.ts';

export class OverdueList {
  readonly #program: Program;
  #found = $state.raw<readonly OverdueRecord[]>([]);

  constructor(program: Program) {
    this.#program = program;
  }

  get found(): readonly OverdueRecord[] {
    return this.#found;
  }

  /** How many sessions they are in. */
  get sessions(): number {
    return new Set(this.#found.map(({ sessionId }) => sessionId)).size;
  }

  async refresh(): Promise<void> {
    try {
      this.#found = await this.#program.call('retention.overdue', {}).result;
    } catch {
      this.#found = []; // the list beside it says what is wrong
    }
  }
}
