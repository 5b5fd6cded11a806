// Corrections by hand of the session under review: asked for here, done by the program, seen when the session is read again.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { AskedChange } from '../../main/contract/edits.ts';
import type { Program } from '../connection/program.svelte.ts';

export class Corrections {
  readonly #program: Program;
  readonly #id: string;
  readonly #onDone: () => Promise<void>;
  #error = $state.raw<ErrorReport | null>(null);
  #isBusy = $state(false);
  /** Who corrects; stays from one correction to the next. */
  who = $state('');

  /** `onDone` is awaited after every correction: what is shown is to be asked for again. */
  constructor(program: Program, id: string, onDone: () => Promise<void>) {
    this.#program = program;
    this.#id = id;
    this.#onDone = onDone;
  }

  /** What went wrong last; null when it was done. */
  get error(): ErrorReport | null {
    return this.#error;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Resolves to whether it was done. */
  edit(change: AskedChange, why = ''): Promise<boolean> {
    return this.#do(() => this.#program.call('sessions.edit', { id: this.#id, change, who: this.who, why }).result);
  }

  undo(number: number): Promise<boolean> {
    return this.#do(() => this.#program.call('sessions.undo', { id: this.#id, number }).result);
  }

  redo(number: number): Promise<boolean> {
    return this.#do(() => this.#program.call('sessions.redo', { id: this.#id, number }).result);
  }

  note(text: string): Promise<boolean> {
    return this.#do(() => this.#program.call('sessions.note', { id: this.#id, text }).result);
  }

  /** Nothing went wrong any more, for a dialog that is opened anew. */
  forget(): void {
    this.#error = null;
  }

  async #do(ask: () => Promise<unknown>): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    try {
      await ask();
      this.#error = null;
      await this.#onDone();
      return true;
    } catch (error) {
      this.#error = reportOf(error);
      return false;
    } finally {
      this.#isBusy = false;
    }
  }
}
