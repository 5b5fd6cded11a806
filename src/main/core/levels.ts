// A person's timeline at every distance: all rows, and coarser steps of 4, 16, 64 … rows each, made once, so that a view of eight
// hours costs no more than one of eight seconds.
import { EXPRESSIONS, dominantIndex } from './expression.ts';
import { GAP_REASONS, MISSING_REASONS } from './record.ts';
import type { TimelineRow } from './timeline.ts';

const COARSER = 4;
/** Stands for "none" in `missing` and `confirmed`. */
export const NONE = 255;
const E = EXPRESSIONS.length;
const GAPS = new Set(GAP_REASONS.map((reason) => MISSING_REASONS.indexOf(reason)));

/** Steps of one coarseness, one after the other; see {@link TimelineSteps} for what they hold. */
export interface TimelineSteps {
  /** Time of the first row of each step in seconds; for pictures, their number. */
  readonly startSeconds: Float64Array;
  /** Mean score of expression e over the valid rows of step i at 8 i + e; NaN where there is none. */
  readonly scores: Float32Array;
  /** Share of the step's rows that are valid. */
  readonly validShare: Float32Array;
  /** Index in MISSING_REASONS of the most frequent reason of the rows that are not, from step to coarser step; NONE where all are valid. */
  readonly missing: Uint8Array;
  /** Index in EXPRESSIONS of what is confirmed more often than anything else or nothing, from step to coarser step; NONE for nothing. */
  readonly confirmed: Uint8Array;
}

interface Level extends TimelineSteps {
  /** Rows in each step: all but the last have the same. */
  readonly rows: Float64Array;
}

/** What a stretch of a person's rows amounts to. */
export interface SpanFigures {
  /** Captured frames; gaps are none. */
  readonly rows: number;
  readonly facesFound: number;
  readonly valid: number;
  /** Time that the valid rows stand for; NaN for pictures. */
  readonly validSeconds: number;
  /** Means over the valid rows, weighted by time (pictures: all alike); NaN where nothing measures the expression. */
  readonly mean: Float64Array;
  /** Share of the valid time (pictures: of the valid rows) in which each expression is dominant; NaN without any. */
  readonly dominantShare: Float64Array;
  /** How many rows are not valid, by index in MISSING_REASONS; gaps too, each once. */
  readonly missing: Uint32Array;
}

/** A list of numbers that grows. */
class Column<T extends Float64Array | Float32Array | Uint8Array> {
  #values: T;
  readonly #make: (length: number) => T;
  length = 0;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(1024);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = this.#make(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  get values(): T {
    return this.#values.subarray(0, this.length) as T;
  }
}

const float64 = (length: number): Float64Array => new Float64Array(length);
const float32 = (length: number): Float32Array => new Float32Array(length);
const bytes = (length: number): Uint8Array => new Uint8Array(length);

/** Collects the rows of one person, in their order. */
export class TimelineColumns {
  readonly #startSeconds = new Column(float64);
  readonly #durationSeconds = new Column(float32);
  readonly #scores = new Column(float32);
  readonly #missing = new Column(bytes);
  readonly #confirmed = new Column(bytes);
  readonly #hasFace = new Column(bytes);
  #latest = -Infinity;
  #levels: Level[] | null = null;

  add(row: TimelineRow): void {
    this.#levels = null;
    const atSeconds = Number.isNaN(row.tSeconds) ? row.frame.sequence : row.tSeconds;
    this.#latest = Math.max(this.#latest, atSeconds); // times of damaged files may fall; on an axis they stand still
    this.#startSeconds.push(this.#latest);
    this.#durationSeconds.push(row.durationSeconds);
    for (let e = 0; e < E; e++) this.#scores.push(row.valid && row.probabilities ? row.probabilities[e] : NaN);
    this.#missing.push(row.missingReason === null ? NONE : MISSING_REASONS.indexOf(row.missingReason));
    const { confirmed } = row.windowed;
    this.#confirmed.push(confirmed === null ? NONE : EXPRESSIONS.indexOf(confirmed));
    this.#hasFace.push(row.face ? 1 : 0);
  }

  get rows(): number {
    return this.#startSeconds.length;
  }

  /**
   * The finest steps of which at most `most` lie in the stretch, and one on either side of it, so that lines go on to the edges.
   */
  steps(fromSeconds: number, toSeconds: number, most: number): TimelineSteps {
    for (const level of this.#allLevels()) {
      const { startSeconds } = level;
      const from = Math.max(0, firstAtOrAfter(startSeconds, fromSeconds) - 1);
      const to = Math.min(startSeconds.length, firstAtOrAfter(startSeconds, toSeconds) + 1);
      if (to - from <= Math.max(most, 2 * COARSER)) return slice(level, from, to);
    }
    throw new Error('the coarsest level has few steps');
  }

  /** The figures of the rows that begin in [fromSeconds, toSeconds). */
  figures(fromSeconds: number, toSeconds: number): SpanFigures {
    const startSeconds = this.#startSeconds.values;
    const [from, to] = [firstAtOrAfter(startSeconds, fromSeconds), firstAtOrAfter(startSeconds, toSeconds)];
    const [durations, scores] = [this.#durationSeconds.values, this.#scores.values];
    const [reasons, hasFace] = [this.#missing.values, this.#hasFace.values];
    const [mean, weights, dominantShare] = [float64(E), float64(E), float64(E)];
    const missing = new Uint32Array(MISSING_REASONS.length);
    let [rows, valid, weightOfValid, validSeconds, facesFound] = [0, 0, 0, 0, 0];
    for (let i = from; i < to; i++) {
      if (!GAPS.has(reasons[i])) rows++;
      facesFound += hasFace[i];
      if (reasons[i] !== NONE) {
        missing[reasons[i]]++;
        continue;
      }
      const weight = Number.isNaN(durations[i]) ? 1 : durations[i];
      valid++;
      weightOfValid += weight;
      validSeconds += durations[i];
      const own = scores.subarray(E * i, E * i + E);
      const dominant = dominantIndex(own);
      if (dominant >= 0) dominantShare[dominant] += weight;
      for (let e = 0; e < E; e++) {
        if (Number.isNaN(own[e])) continue;
        mean[e] += weight * own[e];
        weights[e] += weight;
      }
    }
    for (let e = 0; e < E; e++) {
      mean[e] /= weights[e];
      dominantShare[e] /= weightOfValid;
    }
    if (to > from && Number.isNaN(durations[from])) validSeconds = NaN; // pictures
    return { rows, facesFound, valid, validSeconds, mean, dominantShare, missing };
  }

  #allLevels(): Level[] {
    if (this.#levels) return this.#levels;
    const missing = this.#missing.values;
    let level: Level = {
      rows: float64(missing.length).fill(1),
      startSeconds: this.#startSeconds.values,
      scores: this.#scores.values,
      validShare: Float32Array.from(missing, (reason) => (reason === NONE ? 1 : 0)),
      missing,
      confirmed: this.#confirmed.values,
    };
    const levels = [level];
    while (level.startSeconds.length > 2 * COARSER) levels.push((level = coarser(level)));
    return (this.#levels = levels);
  }
}

/** The first index whose value is not below `limit`; `sorted` must not fall. */
function firstAtOrAfter(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function slice({ startSeconds, scores, validShare, missing, confirmed }: TimelineSteps, from: number, to: number) {
  return {
    startSeconds: startSeconds.slice(from, to),
    scores: scores.slice(E * from, E * to),
    validShare: validShare.slice(from, to),
    missing: missing.slice(from, to),
    confirmed: confirmed.slice(from, to),
  };
}

/** Every COARSER steps as one. Means are weighted by how many rows of each step are valid. */
function coarser(fine: Level): Level {
  const length = Math.ceil(fine.startSeconds.length / COARSER);
  const scores = float32(E * length).fill(NaN);
  const rows = float64(length);
  const validShare = float32(length);
  const missing = bytes(length);
  const confirmed = bytes(length);
  for (let i = 0; i < length; i++) {
    const [from, to] = [COARSER * i, Math.min(COARSER * (i + 1), fine.startSeconds.length)];
    let valid = 0;
    for (let k = from; k < to; k++) {
      rows[i] += fine.rows[k];
      valid += fine.rows[k] * fine.validShare[k];
    }
    validShare[i] = valid / rows[i];
    for (let e = 0; e < E; e++) {
      let [sum, weight] = [0, 0];
      for (let k = from; k < to; k++) {
        const value = fine.scores[E * k + e];
        if (Number.isNaN(value)) continue;
        const validRows = fine.rows[k] * fine.validShare[k];
        sum += validRows * value;
        weight += validRows;
      }
      if (weight > 0) scores[E * i + e] = sum / weight;
    }
    missing[i] = mostFrequent(fine.missing, from, to, false);
    confirmed[i] = mostFrequent(fine.confirmed, from, to, true);
  }
  const startSeconds = float64(length).map((_, i) => fine.startSeconds[COARSER * i]);
  return { rows, startSeconds, scores, validShare, missing, confirmed };
}

/** The most frequent value of a stretch, the first of equals. Unless NONE counts, it is given only where there is nothing else. */
function mostFrequent(values: Uint8Array, from: number, to: number, noneCounts: boolean): number {
  let [best, most] = [NONE, 0];
  for (let k = from; k < to; k++) {
    if (values[k] === NONE && !noneCounts) continue;
    let count = 0;
    for (let m = from; m < to; m++) if (values[m] === values[k]) count++;
    if (count > most) [best, most] = [values[k], count];
  }
  return best;
}
