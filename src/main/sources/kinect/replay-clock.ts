// When the frames of a recording are due: as they came, the newest whenever somebody asks, or one after the other as fast as they are
// read.
import type { Clock } from '../../engine/ports.ts';

/** Whether a recording is played as a device, which goes on whoever listens, or read as a file. */
export type ReplayPace = 'as-recorded' | 'as-read';

export class ReplayClock {
  readonly #clock: Clock;
  readonly #pace: ReplayPace;
  /** Milliseconds of each frame from the first one on, never falling. */
  readonly #dueMs: readonly number[];
  #startMs: number | null = null;
  #next = 0;
  #cancel: () => void = () => undefined;
  #isOver = false;

  constructor(clock: Clock, pace: ReplayPace, dueMs: readonly number[]) {
    this.#clock = clock;
    this.#pace = pace;
    this.#dueMs = dueMs;
  }

  /** Number of the frame that is due, when it is; null behind the last one, and when it was stopped. */
  async next(): Promise<number | null> {
    this.#startMs ??= this.#clock.monotonicMs();
    if (this.#isOver || this.#next >= this.#dueMs.length) return null;
    if (this.#pace === 'as-recorded') {
      const elapsed = (): number => this.#clock.monotonicMs() - (this.#startMs ?? 0);
      const waitMs = this.#dueMs[this.#next] - elapsed();
      if (waitMs > 0) await this.#sleep(waitMs);
      if (this.#isOver) return null;
      while (this.#next + 1 < this.#dueMs.length && this.#dueMs[this.#next + 1] <= elapsed()) this.#next++;
    }
    return this.#next++;
  }

  /** When a frame is due, on the clock. */
  hostMs(index: number): number {
    return (this.#startMs ?? 0) + this.#dueMs[index];
  }

  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#cancel = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
