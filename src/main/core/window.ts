// What time makes of single estimates: smoothing and confirmation for one person, counted in milliseconds, because cameras differ
// and frames are dropped. Only valid rows count, nothing is invented between them, and both restart after a gap.
import { EXPRESSIONS, dominantIndex, type Expression, type Probabilities } from './expression.ts';

export interface WindowOptions {
  /** Length of the rolling mean. */
  readonly smoothingMs: number;
  /** Length of the window in which an expression must dominate. */
  readonly confirmationMs: number;
  /** Share of the valid rows of that window in which it must dominate, exclusive. */
  readonly confirmationShare: number;
  /** Both windows restart after so long without a valid row. */
  readonly restartMs: number;
}

export interface Windowed {
  /** The rolling mean, or null while less than half the window is filled. */
  readonly smooth: Probabilities | null;
  /** The confirmed expression, or null while warming up or undecided. */
  readonly confirmed: Expression | null;
}

interface ValidEntry {
  readonly timeMs: number;
  readonly probabilities: Probabilities;
  /** Index of the greatest probability; −1 where nothing is measured. */
  readonly dominant: number;
}

type Entry = ValidEntry | { readonly timeMs: number; readonly probabilities: null };

const NOTHING: Windowed = { smooth: null, confirmed: null };

/** The window of one person. */
export class PersonWindow {
  readonly #options: WindowOptions;
  readonly #longest: number;
  #entries: Entry[] = [];
  #startMs = NaN;
  #lastValidMs = NaN;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#longest = Math.max(options.smoothingMs, options.confirmationMs);
  }

  /**
   * Adds the person's row of the frame at `timeMs`; times must not fall. `probabilities` is null for a row that is not valid,
   * and such a row has no windowed values of its own.
   */
  add(timeMs: number, probabilities: Probabilities | null): Windowed {
    if (Number.isNaN(timeMs)) return NOTHING;
    const entry = probabilities
      ? { timeMs, probabilities, dominant: dominantIndex(probabilities) }
      : { timeMs, probabilities };
    this.#entries.push(entry);
    while (this.#entries[0].timeMs <= timeMs - this.#longest) this.#entries.shift();
    if (!probabilities) return NOTHING;
    if (Number.isNaN(this.#lastValidMs) || timeMs - this.#lastValidMs > this.#options.restartMs) {
      this.#startMs = timeMs;
      this.#entries = [entry];
    }
    this.#lastValidMs = timeMs;
    return { smooth: this.#smooth(timeMs), confirmed: this.#confirmed(timeMs) };
  }

  /**
   * The valid rows of the last `length` ms; null when they are too few: fewer than half of the window's rows, or the window
   * has not been running for half its length.
   */
  #validRows(timeMs: number, length: number): ValidEntry[] | null {
    if (timeMs - this.#startMs < length / 2) return null;
    const valid: ValidEntry[] = [];
    let rows = 0;
    for (const entry of this.#entries) {
      if (entry.timeMs <= timeMs - length) continue;
      rows++;
      if (entry.probabilities) valid.push(entry);
    }
    return 2 * valid.length >= rows ? valid : null;
  }

  #smooth(timeMs: number): Probabilities | null {
    const rows = this.#validRows(timeMs, this.#options.smoothingMs);
    if (!rows) return null;
    const mean = new Float64Array(EXPRESSIONS.length);
    for (const { probabilities } of rows)
      for (let i = 0; i < mean.length; i++) mean[i] += probabilities[i] / rows.length;
    return Float32Array.from(mean);
  }

  #confirmed(timeMs: number): Expression | null {
    const rows = this.#validRows(timeMs, this.#options.confirmationMs);
    if (!rows) return null;
    const counts = new Int32Array(EXPRESSIONS.length);
    for (const { dominant } of rows) counts[dominant]++;
    const best = dominantIndex(counts);
    return counts[best] > this.#options.confirmationShare * rows.length ? EXPRESSIONS[best] : null;
  }
}
