// Summaries of a person's rows over stretches of equal length. Every row counts for as long as its frame stands.
import { EXPRESSIONS } from './expression.ts';
import type { Person } from './persons.ts';
import { isBreak } from './record.ts';
import type { TimelineRow } from './timeline.ts';

export interface IntervalSummary {
  readonly person: Person;
  /** Number of the interval, from t = 0; pictures are all in interval 0. */
  readonly index: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Captured frames of the person in the interval, and how many of them are valid. */
  readonly frames: number;
  readonly validFrames: number;
  /**
   * The time that these frames and those that were dropped between stand for, and the valid ones alone; for pictures, which have
   * none, each counts 1. Pauses and gaps of the camera are no time of an interval: they may be longer than one.
   */
  readonly seconds: number;
  readonly validSeconds: number;
  /** Mean probabilities over the valid time; NaN without any. */
  readonly mean: Float64Array;
  /** Share of the valid time in which each expression is dominant. */
  readonly dominantShare: Float64Array;
}

interface Sums {
  frames: number;
  validFrames: number;
  seconds: number;
  validSeconds: number;
  readonly weighted: Float64Array;
  readonly measured: Float64Array;
  readonly dominant: Float64Array;
}

/** Collects rows and gives the summaries of all persons, by person and time. */
export class IntervalCollector {
  readonly #lengthSeconds: number;
  readonly #persons = new Map<number, { readonly person: Person; readonly intervals: Map<number, Sums> }>();

  constructor(lengthSeconds: number) {
    if (!(lengthSeconds > 0)) throw new RangeError('an interval needs a length above 0');
    this.#lengthSeconds = lengthSeconds;
  }

  add(row: TimelineRow): void {
    if (!row.person || isBreak(row.frame)) return;
    const sums = this.#sumsOf(row.person, row.tSeconds);
    const weight = Number.isNaN(row.durationSeconds) ? 1 : row.durationSeconds;
    if (row.frame.gap === null) sums.frames++;
    sums.seconds += weight;
    if (!row.valid || !row.probabilities || !row.dominant) return;
    sums.validFrames++;
    sums.validSeconds += weight;
    for (let i = 0; i < EXPRESSIONS.length; i++) {
      if (Number.isNaN(row.probabilities[i])) continue;
      sums.weighted[i] += weight * row.probabilities[i];
      sums.measured[i] += weight;
    }
    sums.dominant[EXPRESSIONS.indexOf(row.dominant)] += weight;
  }

  summaries(): IntervalSummary[] {
    const byNumber = [...this.#persons.values()].sort((p, q) => p.person.id - q.person.id);
    return byNumber.flatMap(({ person, intervals }) =>
      [...intervals.entries()].map(([index, sums]) => this.#summary(person, index, sums)),
    );
  }

  #sumsOf(person: Person, tSeconds: number): Sums {
    const index = Number.isNaN(tSeconds) ? 0 : Math.floor(tSeconds / this.#lengthSeconds + 1e-9);
    const known = this.#persons.get(person.id) ?? { person, intervals: new Map<number, Sums>() };
    this.#persons.set(person.id, known);
    const sums = known.intervals.get(index) ?? {
      frames: 0,
      validFrames: 0,
      seconds: 0,
      validSeconds: 0,
      weighted: new Float64Array(EXPRESSIONS.length),
      measured: new Float64Array(EXPRESSIONS.length),
      dominant: new Float64Array(EXPRESSIONS.length),
    };
    known.intervals.set(index, sums);
    return sums;
  }

  #summary(person: Person, index: number, sums: Sums): IntervalSummary {
    const { frames, validFrames, seconds, validSeconds } = sums;
    const [startSeconds, endSeconds] = [index * this.#lengthSeconds, (index + 1) * this.#lengthSeconds];
    const mean = sums.weighted.map((value, i) => value / sums.measured[i]);
    const dominantShare = sums.dominant.map((value) => value / validSeconds);
    return { person, index, startSeconds, endSeconds, frames, validFrames, seconds, validSeconds, mean, dominantShare };
  }
}
