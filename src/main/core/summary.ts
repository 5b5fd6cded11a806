// A session in a few numbers for each person.
import { EXPRESSIONS, type Expression } from './expression.ts';
import { personLabel, type TimelineRow } from './timeline.ts';
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
  /** How many rows are not valid, by reason. */
  readonly missing: Readonly<Partial<Record<MissingReason, number>>>;
}

interface Sums {
  readonly participant: string | null;
  frames: number;
  valid: number;
  readonly scores: Float64Array;
  readonly dominant: Float64Array;
  readonly missing: Partial<Record<MissingReason, number>>;
}

export class SummaryCollector {
  readonly #persons = new Map<string, Sums>();
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
    const id = personLabel(row.person);
    const sums = this.#persons.get(id) ?? newSums(row.person.participant);
    this.#persons.set(id, sums);
    if (row.face) sums.frames++;
    if (row.missingReason) sums.missing[row.missingReason] = (sums.missing[row.missingReason] ?? 0) + 1;
    if (!row.valid || !row.probabilities || !row.dominant) return;
    sums.valid++;
    for (let i = 0; i < EXPRESSIONS.length; i++) sums.scores[i] += row.probabilities[i];
    sums.dominant[EXPRESSIONS.indexOf(row.dominant)]++;
  }

  persons(): PersonSummary[] {
    return [...this.#persons].map(([id, { participant, frames, valid, scores, dominant, missing }]) => ({
      id,
      participant,
      frames,
      valid_frames: valid,
      mean: shares(scores, valid),
      dominant_share: shares(dominant, valid),
      missing,
    }));
  }
}

function newSums(participant: string | null): Sums {
  const eight = (): Float64Array => new Float64Array(EXPRESSIONS.length);
  return { participant, frames: 0, valid: 0, scores: eight(), dominant: eight(), missing: {} };
}

function shares(sums: Float64Array, count: number): Record<Expression, number | null> {
  const share = (i: number): number | null => (count > 0 && !Number.isNaN(sums[i]) ? sums[i] / count : null);
  return Object.fromEntries(EXPRESSIONS.map((name, i) => [name, share(i)])) as Record<Expression, number | null>;
}
