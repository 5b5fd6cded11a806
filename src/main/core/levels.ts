// A person's timeline at every distance: all rows, and coarser steps of 4, 16, 64 … rows each, made once (level-builder.ts), so that
// a view of eight hours costs no more than one of eight seconds. Chunks are read when a view touches them.
import { FEWEST_STEPS, PersonLevelBuilder } from './level-builder.ts';
import { CHUNK_STEPS, joined, type LevelChunk, type TimelineSteps } from './level-chunk.ts';
import { SpanSums, type SpanFigures } from './level-sums.ts';
import type { TimelineRow } from './timeline.ts';

/** What is known of a chunk without reading it. */
export interface ChunkFacts {
  /** When its first step begins. */
  readonly startSeconds: number;
  /** Steps in it; all chunks of a level but the last have CHUNK_STEPS. */
  readonly length: number;
}

/** The levels of one person, from the finest on, and of each the chunks in their order. */
export type LevelIndex = readonly (readonly ChunkFacts[])[];

export class PersonLevels {
  readonly #index: LevelIndex;
  readonly #sums: readonly SpanSums[];
  readonly #read: (level: number, chunk: number) => LevelChunk;

  /** `sums`: of the chunks of the finest level. `read` may throw; what it throws comes through. */
  constructor(index: LevelIndex, sums: readonly SpanSums[], read: (level: number, chunk: number) => LevelChunk) {
    [this.#index, this.#sums, this.#read] = [index, sums, read];
  }

  get rows(): number {
    return this.#steps(0);
  }

  /**
   * The finest steps of which at most `most` lie in the stretch, and one on either side of it, so that lines go on to the edges.
   */
  steps(fromSeconds: number, toSeconds: number, most: number): TimelineSteps {
    for (let level = 0; level < this.#index.length; level++) {
      if (this.#fewest(level, fromSeconds, toSeconds) > Math.max(most, FEWEST_STEPS)) continue;
      const from = Math.max(0, this.#firstAtOrAfter(level, fromSeconds) - 1);
      const to = Math.min(this.#steps(level), this.#firstAtOrAfter(level, toSeconds) + 1);
      if (to - from <= Math.max(most, FEWEST_STEPS)) return this.#slice(level, from, to);
    }
    if (this.rows > 0) throw new Error('the coarsest level has few steps');
    return joined([]);
  }

  /** The figures of the rows that begin in [fromSeconds, toSeconds). */
  figures(fromSeconds: number, toSeconds: number): SpanFigures {
    const sums = new SpanSums();
    const [from, to] = [this.#firstAtOrAfter(0, fromSeconds), this.#firstAtOrAfter(0, toSeconds)];
    this.#eachPart(0, from, to, (chunk, first, last, isWhole) => {
      if (isWhole) sums.add(this.#sums[chunk]);
      else sums.addRows(this.#read(0, chunk), first, last);
    });
    return sums.figures();
  }

  #slice(level: number, from: number, to: number): TimelineSteps {
    const parts: TimelineSteps[] = [];
    this.#eachPart(level, from, to, (chunk, first, last) => parts.push(this.#read(level, chunk).slice(first, last)));
    return joined(parts);
  }

  /** Calls back for every chunk that has some of the steps, with where these begin and end in it. */
  #eachPart(
    level: number,
    from: number,
    to: number,
    onPart: (chunk: number, first: number, last: number, isWhole: boolean) => void,
  ): void {
    for (let chunk = Math.floor(from / CHUNK_STEPS); CHUNK_STEPS * chunk < to; chunk++) {
      const { length } = this.#index[level][chunk];
      const first = Math.max(0, from - CHUNK_STEPS * chunk);
      const last = Math.min(length, to - CHUNK_STEPS * chunk);
      onPart(chunk, first, last, first === 0 && last === length);
    }
  }

  #steps(level: number): number {
    const chunks = this.#index.at(level) ?? [];
    return chunks.length === 0 ? 0 : CHUNK_STEPS * (chunks.length - 1) + chunks[chunks.length - 1].length;
  }

  /** Steps that a stretch has at least, as far as can be said without reading a chunk. */
  #fewest(level: number, fromSeconds: number, toSeconds: number): number {
    const isWithin = ({ startSeconds, length }: ChunkFacts): boolean =>
      startSeconds >= fromSeconds && startSeconds < toSeconds && length === CHUNK_STEPS;
    return CHUNK_STEPS * Math.max(0, this.#index[level].filter(isWithin).length - 1);
  }

  /** The first step that does not begin before `seconds`; how many there are if all do. */
  #firstAtOrAfter(level: number, seconds: number): number {
    const chunks = this.#index.at(level) ?? [];
    if (seconds === Infinity) return this.#steps(level);
    const chunk = firstWhere(chunks.length, (i) => chunks[i].startSeconds >= seconds) - 1; // the last that begins before
    if (chunk < 0) return 0;
    const { startSeconds } = this.#read(level, chunk);
    return CHUNK_STEPS * chunk + firstWhere(startSeconds.length, (i) => startSeconds[i] >= seconds);
  }
}

/** The first of so many indices for which something holds that holds for all behind it, too; their number where it holds for none. */
function firstWhere(length: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Keeps the levels of one person in memory. */
export class LevelMemory {
  readonly #chunks: LevelChunk[][] = [];

  /** Adds the next chunk of a level. */
  add(level: number, chunk: LevelChunk): void {
    (this.#chunks[level] ??= []).push(chunk);
  }

  /** When all are there. */
  levels(): PersonLevels {
    const index = this.#chunks.map((chunks) =>
      chunks.map(({ startSeconds, length }) => ({ startSeconds: startSeconds[0], length })),
    );
    const sums = (this.#chunks.at(0) ?? []).map((chunk) => SpanSums.of(chunk));
    return new PersonLevels(index, sums, (level, chunk) => this.#chunks[level][chunk]);
  }
}

/** Collects the rows of one person, in their order. */
export class TimelineColumns {
  readonly #memory = new LevelMemory();
  readonly #builder = new PersonLevelBuilder((level, chunk) => this.#memory.add(level, chunk));

  add(row: TimelineRow): void {
    this.#builder.add(row);
  }

  /** The levels, when all rows are there. */
  finish(): PersonLevels {
    this.#builder.finish();
    return this.#memory.levels();
  }
}
