// What others have made and is shipped, read from beside the page when it is asked for.
import { MienError, reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import { NOTICES_FILE, notices, type Notice } from '../../main/contract/notices.ts';

export class Notices {
  #list = $state.raw<readonly Notice[] | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #isAsked = false;

  /** Null until it was read. */
  get list(): readonly Notice[] | null {
    return this.#list;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Reads it, once. */
  async load(): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    try {
      const answer = await fetch(NOTICES_FILE);
      if (!answer.ok) throw new MienError('internal', 'The list is not there.', 'Build the window again.');
      this.#list = notices.parse(await answer.json());
      this.#error = null;
    } catch (error) {
      this.#isAsked = false;
      this.#error = reportOf(error);
    }
  }
}
