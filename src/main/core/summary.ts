// A session in a few numbers for each person.
import { EXPRESSIONS, type Expression } from './expression.ts';
import { personLabel, type TimelineRow } from './timeline.ts';
import type { Person } from './persons.ts';
import type { MissingReason } from './record.ts';

export interface PersonSummary {
  readonly id: string;
  readonly participant: string | null;
  /** Frames in which the person's face was found. */
  readonly frames: number;
  readonly valid_frames: number;
  /** Mean score over the valid frames; null where nothing measures it or no frame is valid. */
  readonly mean: Readonly<Record<Expression, number | null>>;
  /** Share of the valid frames in which each expression is dominant. */
  readonly dominant_share: Readonly<Record<Expression, number | null>>;
  /** How many rows are not valid, by reason; a pause or a gap of the camera counts once, however long it is. */
  readonly missing: Readonly<Partial<Record<MissingReason, number>>>;
}

interface Sums {
  readonly person: Person;
  frames: number;
  valid: number;
  readonly scores: Float64Array;
  readonly measured: Float64Array;
  readonly dominant: Float64Array;
  readonly missing: Partial<Record<MissingReason, number>>;
}

export class SummaryCollector {
  readonly #persons = new Map<number, Sums>();
  #framesWithFace = 0;
  #lastWithFace = NaN;

  /** Frames in which somebody's face was found. */
  get framesWithFace(): number {
    return this.#framesWithFace;
  }

  /** Rows must come in the order of their frames. */
  add(row: TimelineRow): void {
    if (!row.person) return;
    if (row.face && row.frame.sequence !== this.#lastWithFace) {
      this.#framesWithFace++;
      this.#lastWithFace = row.frame.sequence;
    }
    const sums = this.#persons.get(row.person.id) ?? newSums(row.person);
    this.#persons.set(row.person.id, sums);
    if (row.face) sums.frames++;
    if (row.missingReason) sums.missing[row.missingReason] = (sums.missing[row.missingReason] ?? 0) + 1;
    if (!row.valid || !row.probabilities || !row.dominant) return;
    sums.valid++;
    for (let i = 0; i < EXPRESSIONS.length; i++) {
      if (Number.isNaN(row.probabilities[i])) continue;
      sums.scores[i] += row.probabilities[i];
      sums.measured[i]++;
    }
    sums.dominant[EXPRESSIONS.indexOf(row.dominant)]++;
  }

  persons(): PersonSummary[] {
    const byNumber = [...this.#persons.values()].sort((p, q) => p.person.id - q.person.id);
    return byNumber.map(({ person, frames, valid, scores, measured, dominant, missing }) => ({
      id: personLabel(person),
      participant: person.participant,
      frames,
      valid_frames: valid,
      mean: shares(scores, (i) => measured[i]),
      dominant_share: shares(dominant, () => valid),
      missing,
    }));
  }
}

function newSums(person: Person): Sums {
  const eight = (): Float64Array => new Float64Array(EXPRESSIONS.length);
  return { person, frames: 0, valid: 0, scores: eight(), measured: eight(), dominant: eight(), missing: {} };
}

function shares(sums: Float64Array, count: (i: number) => number): Record<Expression, number | null> {
  const share = (i: number): number | null => (count(i) > 0 ? sums[i] / count(i) : null);
  return Object.fromEntries(EXPRESSIONS.map((name, i) => [name, share(i)])) as Record<Expression, number | null>;
}
