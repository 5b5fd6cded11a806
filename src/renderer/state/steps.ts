// The steps of timelines that a view needs. They are asked for once at a time: of the views that come while an answer is on its way
// only the latest is asked for then, and what is there goes on being drawn meanwhile.

import type { Span } from './span.ts';

export class Steps {
  readonly #fetch: (span: Span) => Promise<void>;
  #view: Span | null = null;
  /** What the steps that are there cover, and how wide the view was that they were asked for. */
  #loaded: (Span & { readonly width: number }) | null = null;
  /** Grows when answers that are on their way do not count any more. */
  #version = 0;
  #fetching: Promise<void> | null = null;

  /** `fetch` gets the steps of a stretch and resolves when they are there. */
  constructor(fetch: (span: Span) => Promise<void>) {
    this.#fetch = fetch;
  }

  /** Sees to it that the view has its steps: null where they are there, else a promise that rejects as `fetch` does. */
  show(view: Span): Promise<void> | null {
    this.#view = view;
    if (!this.#fetching && this.#isCovered(view)) return null;
    return (this.#fetching ??= this.#fetchLatest());
  }

  /** Steps that are there are to be asked for again. */
  forget(): void {
    this.#loaded = null;
    this.#version++;
  }

  async #fetchLatest(): Promise<void> {
    try {
      while (this.#view && !this.#isCovered(this.#view)) {
        const { fromSeconds, toSeconds } = this.#view;
        const width = toSeconds - fromSeconds;
        // Half a view more on either side, so that small movements ask for nothing.
        const span = { fromSeconds: fromSeconds - width / 2, toSeconds: toSeconds + width / 2 };
        const version = this.#version;
        await this.#fetch(span);
        if (version === this.#version) this.#loaded = { ...span, width };
      }
    } finally {
      this.#fetching = null;
    }
  }

  #isCovered({ fromSeconds, toSeconds }: Span): boolean {
    const loaded = this.#loaded;
    if (!loaded || loaded.fromSeconds > fromSeconds || loaded.toSeconds < toSeconds) return false;
    return toSeconds - fromSeconds > loaded.width / 1.5; // else there are finer steps
  }
}
