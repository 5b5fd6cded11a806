// What a stretch of a person's rows amounts to, as sums: those of chunks are kept, so that the figures of hours cost no more than
// those of seconds.
import { EXPRESSIONS, dominantIndex } from './expression.ts';
import { NONE, type LevelChunk } from './level-chunk.ts';
import { GAP_REASONS, MISSING_REASONS } from './record.ts';

const E = EXPRESSIONS.length;
const GAPS = new Set(GAP_REASONS.map((reason) => MISSING_REASONS.indexOf(reason)));

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

// Where each sum lies among the values.
const ROWS = 0;
const FACES_FOUND = 1;
const VALID = 2;
const VALID_SECONDS = 3;
/** Rows that have no time: all of them, or none. */
const UNTIMED = 4;
const SCORES = 5;
const WEIGHTS = SCORES + E;
const DOMINANT = WEIGHTS + E;
const MISSING = DOMINANT + E;
const LENGTH = MISSING + MISSING_REASONS.length;

/** Sums over rows, which can be added to one another. */
export class SpanSums {
  /** In the order of the constants above; weights are seconds, or of pictures 1 each. */
  readonly values: Float64Array<ArrayBuffer>;

  /** Nothing, or as `values` have it. */
  constructor(values = new Float64Array(LENGTH)) {
    if (values.length !== LENGTH) throw new RangeError(`${values.length} values are no sums`);
    this.values = values;
  }

  static of(chunk: LevelChunk): SpanSums {
    const sums = new SpanSums();
    sums.addRows(chunk, 0, chunk.length);
    return sums;
  }

  add(other: SpanSums): void {
    for (let i = 0; i < LENGTH; i++) this.values[i] += other.values[i];
  }

  /** Adds rows of a chunk of the finest steps. */
  addRows({ durationOrShare: durations, scores, missing, hasFace }: LevelChunk, from: number, to: number): void {
    const sums = this.values;
    for (let i = from; i < to; i++) {
      const isUntimed = Number.isNaN(durations[i]);
      if (isUntimed) sums[UNTIMED]++;
      if (!GAPS.has(missing[i])) sums[ROWS]++;
      sums[FACES_FOUND] += hasFace[i];
      if (missing[i] !== NONE) {
        sums[MISSING + missing[i]]++;
        continue;
      }
      const weight = isUntimed ? 1 : durations[i];
      sums[VALID]++;
      sums[VALID_SECONDS] += weight;
      const own = scores.subarray(E * i, E * i + E);
      const dominant = dominantIndex(own);
      if (dominant >= 0) sums[DOMINANT + dominant] += weight;
      for (let e = 0; e < E; e++) {
        if (Number.isNaN(own[e])) continue;
        sums[SCORES + e] += weight * own[e];
        sums[WEIGHTS + e] += weight;
      }
    }
  }

  figures(): SpanFigures {
    const sums = this.values;
    const eight = (from: number, by: (e: number) => number): Float64Array =>
      Float64Array.from(EXPRESSIONS, (_, e) => sums[from + e] / by(e));
    return {
      rows: sums[ROWS],
      facesFound: sums[FACES_FOUND],
      valid: sums[VALID],
      validSeconds: sums[UNTIMED] > 0 ? NaN : sums[VALID_SECONDS],
      mean: eight(SCORES, (e) => sums[WEIGHTS + e]),
      dominantShare: eight(DOMINANT, () => sums[VALID_SECONDS]),
      missing: Uint32Array.from(sums.subarray(MISSING)),
    };
  }
}
