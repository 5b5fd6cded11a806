// Steps of a person's timeline in pieces of a few thousand: what is kept, and read, as a whole.
import { EXPRESSIONS } from './expression.ts';

/** Stands for "none" in `missing` and `confirmed`. */
export const NONE = 255;
/** Steps in a chunk; the last one of a level has fewer. A multiple of how many steps become one coarser step. */
export const CHUNK_STEPS = 4096;

const E = EXPRESSIONS.length;

/** Steps of one coarseness, one after the other. */
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

/**
 * Steps in one piece of memory, column after column, in the byte order of the machine (little-endian on all that Mien runs on):
 *
 *   float64 startSeconds   float32 scores, eight for each step   float32 validShare   uint8 missing   uint8 confirmed
 *
 * The finest steps are the rows. They have how long each lasts in seconds in the place of `validShare`, which follows from
 * `missing`, and behind everything else uint8 hasFace.
 */
export class LevelChunk {
  readonly length: number;
  readonly isFinest: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly startSeconds: Float64Array;
  readonly scores: Float32Array;
  /** Of the finest steps how long they last, in seconds (NaN for pictures), of others the share of valid rows. */
  readonly durationOrShare: Float32Array;
  readonly missing: Uint8Array;
  readonly confirmed: Uint8Array;
  /** Of the finest steps 1 where the face was found. */
  readonly hasFace: Uint8Array;

  /** Empty, or as `bytes` have it, which must be as many as such a chunk has and begin at their buffer's beginning. */
  constructor(length: number, isFinest: boolean, bytes = new Uint8Array(LevelChunk.size(length, isFinest))) {
    if (bytes.length !== LevelChunk.size(length, isFinest) || bytes.byteOffset !== 0)
      throw new RangeError(`${bytes.length} bytes are no chunk of ${length} steps`);
    const { buffer } = bytes;
    [this.length, this.isFinest, this.bytes] = [length, isFinest, bytes];
    this.startSeconds = new Float64Array(buffer, 0, length);
    this.scores = new Float32Array(buffer, 8 * length, E * length);
    this.durationOrShare = new Float32Array(buffer, (8 + 4 * E) * length, length);
    const small = (at: number): Uint8Array => new Uint8Array(buffer, (12 + 4 * E + at) * length, length);
    [this.missing, this.confirmed] = [small(0), small(1)];
    this.hasFace = isFinest ? small(2) : new Uint8Array(0);
  }

  static size(length: number, isFinest: boolean): number {
    return (14 + 4 * E + (isFinest ? 1 : 0)) * length;
  }

  /** The steps from one index to another, as copies. */
  slice(from: number, to: number): TimelineSteps {
    const missing = this.missing.slice(from, to);
    return {
      startSeconds: this.startSeconds.slice(from, to),
      scores: this.scores.slice(E * from, E * to),
      validShare: this.isFinest
        ? Float32Array.from(missing, (reason) => (reason === NONE ? 1 : 0))
        : this.durationOrShare.slice(from, to),
      missing,
      confirmed: this.confirmed.slice(from, to),
    };
  }

  /** A copy of so many steps: cut off behind them, or with room for more. */
  resized(length: number): LevelChunk {
    const chunk = new LevelChunk(length, this.isFinest);
    chunk.scores.set(this.scores.subarray(0, E * length));
    for (const column of ['startSeconds', 'durationOrShare', 'missing', 'confirmed', 'hasFace'] as const)
      chunk[column].set(this[column].subarray(0, length));
    return chunk;
  }
}

/** Steps behind one another. */
export function joined(parts: readonly TimelineSteps[]): TimelineSteps {
  const length = parts.reduce((sum, { startSeconds }) => sum + startSeconds.length, 0);
  const steps = {
    startSeconds: new Float64Array(length),
    scores: new Float32Array(E * length),
    validShare: new Float32Array(length),
    missing: new Uint8Array(length),
    confirmed: new Uint8Array(length),
  };
  let at = 0;
  for (const part of parts) {
    steps.scores.set(part.scores, E * at);
    for (const column of ['startSeconds', 'validShare', 'missing', 'confirmed'] as const)
      steps[column].set(part[column], at);
    at += part.startSeconds.length;
  }
  return steps;
}
