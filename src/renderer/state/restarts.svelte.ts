// Whether a part of the program was started again while this window was open: what it did then has been broken off.
import type { Program } from '../connection/program.svelte.ts';

export class Restarts {
  readonly #program: Program;
  /** How many this window has heard of; null before it has heard of any. */
  #known: number | null = null;
  #isNews = $state(false);

  constructor(program: Program) {
    this.#program = program;
  }

  /** Whether there is something to be told. */
  get isNews(): boolean {
    return this.#isNews;
  }

  /** To be called whenever the program was found. */
  async ask(): Promise<void> {
    // A program that is lost meanwhile is said to be, and asked again when it is found.
    const answer = await this.#program.call('program.describe', {}).result.catch(() => null);
    if (!answer) return;
    if (this.#known !== null && answer.restarts > this.#known) this.#isNews = true;
    this.#known = answer.restarts;
  }

  dismiss(): void {
    this.#isNews = false;
  }
}
