// Participants, withdrawal and erasure for windows. Nothing may be read or written of the sessions while somebody is erased.
import type { ErasureProgress, ErasureResult, ErasureTarget } from '../../contract/participants.ts';
import type { Output } from '../../contract/api.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { erase } from '../erasures.ts';

export class Erasures {
  readonly #store: RecordingStore;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: RecordingStore) {
    this.#store = store;
  }

  /** When the erasure that is under way, if there is one, has come to its end. */
  get settled(): Promise<unknown> {
    return this.#last;
  }

  /** Erases somebody when `others` have come to their end. Throws as {@link RecordingStore.erase}. */
  async erase(
    target: ErasureTarget,
    others: Promise<unknown>,
    watch: { readonly signal: { readonly aborted: boolean }; readonly onProgress: (progress: ErasureProgress) => void },
  ): Promise<ErasureResult> {
    const erasing = Promise.all([others, this.#last]).then(() => erase(this.#store, target, watch));
    this.#last = erasing.catch(() => undefined); // whoever asked is told
    return erasing;
  }

  /** Everybody, as far as a text is found in the code or in the names of the sessions. */
  async list(search: string): Promise<Output<'participants.list'>> {
    await this.#last; // what has been cancelled may be done all the same
    const text = search.trim().toLowerCase();
    const has = (name: string): boolean => name.toLowerCase().includes(text);
    return {
      participants: this.#store
        .participants()
        .filter(({ code, sessions }) => has(code) || sessions.some(({ sessionCode }) => has(sessionCode))),
      uncoded: this.#store.uncoded().filter(({ sessionCode }) => has(sessionCode)),
      receipts: this.#store.receipts(),
    };
  }
}
