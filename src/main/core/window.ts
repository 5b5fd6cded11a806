// What time makes of single estimates: smoothing and confirmation for one person, counted in milliseconds, because cameras differ
// and frames are dropped. Only valid rows count, nothing is invented between them, and both restart after a gap. A profile may count
// frames instead, as the published systems do.
import { EXPRESSIONS, dominantIndex, type Expression, type Probabilities } from './expression.ts';

export interface WindowOptions {
  /** A rolling mean in which all rows count alike, or an exponential one in which a row counts the less the longer ago it was. */
  readonly smoothing: 'mean' | 'exponential';
  /** Length of the rolling mean; of the exponential one, the time in which the weight of a row falls to 1/e. */
  readonly smoothingMs: number;
  /** Length of the window in which an expression must dominate. */
  readonly confirmationMs: number;
  /** Share of the valid rows of that window in which it must dominate, exclusive. */
  readonly confirmationShare: number;
  /** Both windows restart after so long without a valid row. */
  readonly restartMs: number;
  /** How long the screen holds the last estimate of somebody who has no valid one; nothing else knows of it. */
  readonly persistenceMs: number;
  /** How many valid rows both windows hold where frames are counted; null where time is. */
  readonly frames: { readonly smoothing: number; readonly confirmation: number } | null;
}

export interface Windowed {
  /** The rolling mean, or null while less than half the window is filled. */
  readonly smooth: Probabilities | null;
  /** The confirmed expression, or null while warming up or undecided. */
  readonly confirmed: Expression | null;
}

/** A valid row. */
interface ValidRow {
  readonly probabilities: Probabilities;
  /** Index of the greatest probability; −1 where nothing is measured. */
  readonly dominant: number;
}

/** The mean of rows, of which there is at least one. */
function meanOf(rows: readonly ValidRow[]): Probabilities {
  const mean = new Float64Array(EXPRESSIONS.length);
  for (const { probabilities } of rows) for (let i = 0; i < mean.length; i++) mean[i] += probabilities[i] / rows.length;
  return Float32Array.from(mean);
}

/** The expression that is dominant in more than this share of rows; null for none. */
function confirmedIn(rows: readonly ValidRow[], share: number): Expression | null {
  const counts = new Int32Array(EXPRESSIONS.length);
  for (const { dominant } of rows) counts[dominant]++;
  const best = dominantIndex(counts);
  return counts[best] > share * rows.length ? EXPRESSIONS[best] : null;
}

interface ValidEntry extends ValidRow {
  readonly timeMs: number;
}

type Entry = ValidEntry | { readonly timeMs: number; readonly probabilities: null };

const NOTHING: Windowed = { smooth: null, confirmed: null };

/** The window of one person. */
export class PersonWindow {
  readonly #window: TimedWindow | CountedWindow;

  constructor(options: WindowOptions) {
    const { frames } = options;
    this.#window = frames ? new CountedWindow(frames, options.confirmationShare) : new TimedWindow(options);
  }

  /**
   * Adds the person's row of the frame at `timeMs`; times must not fall. `probabilities` is null for a row that is not valid,
   * and such a row has no windowed values of its own. Neither has a picture, whose time is NaN.
   */
  add(timeMs: number, probabilities: Probabilities | null): Windowed {
    return Number.isNaN(timeMs) ? NOTHING : this.#window.add(timeMs, probabilities);
  }
}

class TimedWindow {
  readonly #options: WindowOptions;
  readonly #longest: number;
  #entries: Entry[] = [];
  #startMs = NaN;
  #lastValidMs = NaN;
  /** The exponential mean up to the last valid row; null at the beginning. */
  #faded: Probabilities | null = null;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#longest = Math.max(options.smoothingMs, options.confirmationMs);
  }

  add(timeMs: number, probabilities: Probabilities | null): Windowed {
    const entry = probabilities
      ? { timeMs, probabilities, dominant: dominantIndex(probabilities) }
      : { timeMs, probabilities };
    this.#entries.push(entry);
    while (this.#entries[0].timeMs <= timeMs - this.#longest) this.#entries.shift();
    if (!probabilities) return NOTHING;
    if (Number.isNaN(this.#lastValidMs) || timeMs - this.#lastValidMs > this.#options.restartMs) {
      this.#startMs = timeMs;
      this.#entries = [entry];
      this.#faded = null;
    }
    if (this.#options.smoothing === 'exponential') this.#fade(timeMs - this.#lastValidMs, probabilities);
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
    return this.#options.smoothing === 'mean' ? meanOf(rows) : this.#faded;
  }

  /** Takes a valid row into the exponential mean. What one row does not measure is no part of the mean until another one does. */
  #fade(sinceMs: number, probabilities: Probabilities): void {
    const faded = this.#faded;
    const share = 1 - Math.exp(-Math.max(0, sinceMs) / this.#options.smoothingMs); // times of damaged files may fall
    const next = (value: number, i: number): number =>
      faded === null || Number.isNaN(faded[i]) ? value : faded[i] + share * (value - faded[i]);
    this.#faded = probabilities.map(next);
  }

  #confirmed(timeMs: number): Expression | null {
    const rows = this.#validRows(timeMs, this.#options.confirmationMs);
    return rows && confirmedIn(rows, this.#options.confirmationShare);
  }
}

/**
 * The last so many frames of a person, however long ago they were, and neutral for whatever is not decided (REFERENCE 6). Before
 * there are as many as a window holds, it is made of those that there are.
 */
class CountedWindow {
  readonly #frames: NonNullable<WindowOptions['frames']>;
  readonly #share: number;
  #rows: ValidRow[] = [];

  /** `share`: of the rows in which an expression must dominate, exclusive. */
  constructor(frames: NonNullable<WindowOptions['frames']>, share: number) {
    this.#frames = frames;
    this.#share = share;
  }

  /** Adds a row; null for one that is not valid, which has no values and is not counted. */
  add(_timeMs: number, probabilities: Probabilities | null): Windowed {
    if (!probabilities) return NOTHING;
    const { smoothing, confirmation } = this.#frames;
    const row = { probabilities, dominant: dominantIndex(probabilities) };
    this.#rows = [...this.#rows, row].slice(-Math.max(smoothing, confirmation));
    return {
      smooth: meanOf(this.#rows.slice(-smoothing)),
      confirmed: confirmedIn(this.#rows.slice(-confirmation), this.#share) ?? 'neutral',
    };
  }
}
