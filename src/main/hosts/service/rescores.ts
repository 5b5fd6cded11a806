// Scoring sessions again for windows, one after the other: names of sessions are chosen by which there are.
import type { Input, Output } from '../../contract/api.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { rescoreSession, type RescoreWatch } from '../rescore.ts';

export class Rescores {
  readonly #store: RecordingStore;
  readonly #openRegistry: () => Promise<ModelRegistry>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: RecordingStore, openRegistry: () => Promise<ModelRegistry>) {
    this.#store = store;
    this.#openRegistry = openRegistry;
  }

  /** Scores a session again when `others` have come to their end. Throws as {@link rescoreSession}. */
  rescore(
    { id, profile }: Input<'sessions.rescore'>,
    others: Promise<unknown>,
    watch: RescoreWatch,
  ): Promise<Output<'sessions.rescore'>> {
    const scored = Promise.all([this.#last, others]).then(async () => {
      const made = await rescoreSession(this.#store, await this.#openRegistry(), { session: id, profile }, watch);
      return { sessionId: made.id };
    });
    this.#last = scored.catch(() => undefined); // whoever asked is told
    return scored;
  }
}
