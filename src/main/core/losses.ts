// What a recording did not see: frames that were lost, pauses, and gaps of the camera.
import type { TimelineRow } from './timeline.ts';

/** Stretches of one kind: how many, and how long they are together. */
export interface Breaks {
  readonly count: number;
  readonly seconds: number;
}

const NONE: Breaks = { count: 0, seconds: 0 };

export class LossCollector {
  #lastSequence = NaN;
  #captured = 0;
  #lost = 0;
  #seconds = 0;
  /** How long the frame before stands; 0 behind a pause and a gap. */
  #beforeSeconds = 0;
  readonly #breaks: Record<'paused' | 'source_gap', Breaks> = { paused: NONE, source_gap: NONE };

  /** Rows must come in the order of their frames, of which each counts once. */
  add({ frame, durationSeconds }: Pick<TimelineRow, 'frame' | 'durationSeconds'>): void {
    if (frame.sequence === this.#lastSequence) return;
    this.#lastSequence = frame.sequence;
    this.#lost += frame.droppedBefore;
    this.#seconds += frame.droppedBefore * this.#beforeSeconds; // the time to this frame is shared among them and the one before
    this.#beforeSeconds = 0;
    if (frame.gap === 'paused' || frame.gap === 'source_gap') {
      const { count, seconds } = this.#breaks[frame.gap];
      this.#breaks[frame.gap] = { count: count + 1, seconds: seconds + durationSeconds };
      return;
    }
    if (frame.gap === null) this.#captured++;
    else this.#lost++;
    this.#beforeSeconds = durationSeconds || 0; // a picture has none
    this.#seconds += this.#beforeSeconds;
  }

  /** Frames that were lost. */
  get lost(): number {
    return this.#lost;
  }

  get pauses(): Breaks {
    return this.#breaks.paused;
  }

  get sourceGaps(): Breaks {
    return this.#breaks.source_gap;
  }

  /** Captured frames a second, pauses and gaps of the camera left out; NaN where no time went by. */
  get framesPerSecond(): number {
    return this.#captured / (this.#seconds || NaN);
  }
}
