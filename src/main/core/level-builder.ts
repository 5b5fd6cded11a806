// Makes the levels of a timeline row by row, in as much memory as one chunk of each level takes.
import { EXPRESSIONS } from './expression.ts';
import { CHUNK_STEPS, LevelChunk, NONE } from './level-chunk.ts';
import type { Person } from './persons.ts';
import { MISSING_REASONS } from './record.ts';
import type { TimelineRow } from './timeline.ts';

/** So many steps become one coarser step. */
const COARSER = 4;
/** A level that has no more steps is the coarsest. */
export const FEWEST_STEPS = 2 * COARSER;
/** Room for steps in a new level; it grows up to a whole chunk, because most people in a crowd have few rows. */
const FIRST_ROOM = 64;
const E = EXPRESSIONS.length;

/** Hears of every chunk when it is done; those of one level come in their order. Level 0 is the finest. */
export type OnChunk = (level: number, chunk: LevelChunk) => void;

interface Level {
  readonly number: number;
  /** Rows in every step but the last. */
  readonly rowsInStep: number;
  chunk: LevelChunk;
  /** Steps in the chunk that is being filled. */
  filled: number;
  total: number;
  rowsInLast: number;
}

/** Builds the levels of one person, whose rows come in their order. */
export class PersonLevelBuilder {
  readonly #onChunk: OnChunk;
  readonly #levels: Level[] = [newLevel(0)];
  #latest = -Infinity;

  constructor(onChunk: OnChunk) {
    this.#onChunk = onChunk;
  }

  add(row: TimelineRow): void {
    const [finest] = this.#levels;
    const { chunk, filled: i } = finest;
    const atSeconds = placeOf(row);
    this.#latest = Math.max(this.#latest, atSeconds); // times of damaged files may fall; on an axis they stand still
    chunk.startSeconds[i] = this.#latest;
    chunk.durationOrShare[i] = row.durationSeconds;
    for (let e = 0; e < E; e++) chunk.scores[E * i + e] = row.valid && row.probabilities ? row.probabilities[e] : NaN;
    chunk.missing[i] = row.missingReason === null ? NONE : MISSING_REASONS.indexOf(row.missingReason);
    const { confirmed } = row.windowed;
    chunk.confirmed[i] = confirmed === null ? NONE : EXPRESSIONS.indexOf(confirmed);
    chunk.hasFace[i] = row.face ? 1 : 0;
    this.#filled(finest, 1);
  }

  /** Hands out what is not full. Nothing may be added afterwards. */
  finish(): void {
    for (const level of this.#levels) {
      const left = level.total % COARSER;
      if (level.total > FEWEST_STEPS && left > 0)
        this.#coarser(level, level.filled - left, level.filled, level.rowsInLast);
      if (level.filled > 0) this.#onChunk(level.number, level.chunk.resized(level.filled));
    }
  }

  /** One step more is in the chunk. */
  #filled(level: Level, rowsInLast: number): void {
    level.filled++;
    level.total++;
    level.rowsInLast = rowsInLast;
    const { filled, total, rowsInStep } = level;
    if (total === FEWEST_STEPS + 1) {
      this.#levels.push(newLevel(level.number + 1));
      for (let at = 0; at < FEWEST_STEPS; at += COARSER) this.#coarser(level, at, at + COARSER, rowsInStep);
    } else if (total > FEWEST_STEPS && total % COARSER === 0)
      this.#coarser(level, filled - COARSER, filled, rowsInLast);
    if (filled < level.chunk.length) return;
    if (filled < CHUNK_STEPS) level.chunk = level.chunk.resized(2 * filled);
    else {
      this.#onChunk(level.number, level.chunk.resized(filled));
      level.filled = 0;
    }
  }

  /** A few steps as one of the next level. Means are weighted by how many rows of each step are valid. */
  #coarser({ number, chunk: fine, rowsInStep }: Level, from: number, to: number, rowsInLast: number): void {
    const level = this.#levels[number + 1];
    const { chunk, filled: i } = level;
    const rows = (to - from - 1) * rowsInStep + rowsInLast;
    const validRows = new Float64Array(to - from);
    for (let k = from; k < to; k++) {
      const share = fine.isFinest ? Number(fine.missing[k] === NONE) : fine.durationOrShare[k];
      validRows[k - from] = share * (k === to - 1 ? rowsInLast : rowsInStep);
    }
    chunk.startSeconds[i] = fine.startSeconds[from];
    chunk.durationOrShare[i] = validRows.reduce((sum, valid) => sum + valid, 0) / rows;
    for (let e = 0; e < E; e++) {
      let [sum, weight] = [0, 0];
      for (let k = from; k < to; k++) {
        const value = fine.scores[E * k + e];
        if (Number.isNaN(value)) continue;
        sum += validRows[k - from] * value;
        weight += validRows[k - from];
      }
      chunk.scores[E * i + e] = weight > 0 ? sum / weight : NaN;
    }
    chunk.missing[i] = mostFrequent(fine.missing, from, to, false);
    chunk.confirmed[i] = mostFrequent(fine.confirmed, from, to, true);
    this.#filled(level, rows);
  }
}

const newLevel = (number: number): Level => ({
  ...{ number, rowsInStep: COARSER ** number, chunk: new LevelChunk(FIRST_ROOM, number === 0) },
  ...{ filled: 0, total: 0, rowsInLast: 0 },
});

/** Where a row lies on the axis: at its time in seconds, or of a picture at its number. */
export const placeOf = ({ tSeconds, frame }: TimelineRow): number =>
  Number.isNaN(tSeconds) ? frame.sequence : tSeconds;

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

/** Builds the levels of everybody in a session, whose rows come as `timeline` gives them. */
export class SessionLevelBuilder {
  readonly #onChunk: (person: Person, level: number, chunk: LevelChunk) => void;
  readonly #persons = new Map<number, PersonLevelBuilder>();
  #startSeconds = Infinity;
  #endSeconds = -Infinity;

  constructor(onChunk: (person: Person, level: number, chunk: LevelChunk) => void) {
    this.#onChunk = onChunk;
  }

  add(row: TimelineRow): void {
    const { person, durationSeconds } = row;
    const atSeconds = placeOf(row);
    this.#startSeconds = Math.min(this.#startSeconds, atSeconds);
    const lasts = durationSeconds > 0 ? durationSeconds : Number.isNaN(row.tSeconds) ? 1 : 0;
    this.#endSeconds = Math.max(this.#endSeconds, atSeconds + lasts);
    if (!person) return;
    let builder = this.#persons.get(person.id);
    if (!builder) {
      builder = new PersonLevelBuilder((level, chunk) => this.#onChunk(person, level, chunk));
      this.#persons.set(person.id, builder);
    }
    builder.add(row);
  }

  /** Hands out what is left; returns from where to where the session goes, in seconds, or of pictures in their numbers. */
  finish(): { readonly startSeconds: number; readonly endSeconds: number } {
    for (const builder of this.#persons.values()) builder.finish();
    if (this.#endSeconds < this.#startSeconds) return { startSeconds: 0, endSeconds: 0 };
    return { startSeconds: this.#startSeconds, endSeconds: this.#endSeconds };
  }
}
