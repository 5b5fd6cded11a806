// How far a person's scores lie above those of the same person's neutral face: from each score the median of a stretch that somebody
// marked as neutral is subtracted, in log-odds (REFERENCE 6). The scores themselves stay as they are.
import { askedBaselines, type AppliedEdit, type AskedBaseline, type IgnoredReason } from './edits.ts';
import { EXPRESSIONS, type Probabilities } from './expression.ts';
import { placeOf } from './level-builder.ts';
import type { Person } from './persons.ts';
import type { Profile } from './profile.ts';
import { timeline, type FrameRange, type RecordedSession, type TimelineRow } from './timeline.ts';

/** So many valid rows a stretch must have: a median of fewer is a matter of chance. */
export const LEAST_BASELINE_ROWS = 10;
/** So many frames it may have, more than five minutes: they are read again whenever the session is. */
export const MOST_BASELINE_FRAMES = 2000;

/**
 * Probabilities beyond these count as these. Nothing calibrates the tails of a softmax: how often 0.00001 is wrong nobody has
 * measured, and yet in log-odds it would lie as far below 0.001 as 0.09 lies above it. And in float32 whatever is nearer to 1 than
 * 0.00000003 is 1, of which there are no log-odds.
 */
const HELD_WITHIN = [0.001, 0.999] as const;

/** What a person's rows are compared with. */
export interface Baseline extends FrameRange {
  readonly person: Person;
  /** What was asked for in ms, the end not included; null for pictures. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Valid rows of the person in the stretch. */
  readonly rows: number;
  /** Median probability of each expression over these rows; NaN where fewer than {@link LEAST_BASELINE_ROWS} measure it. */
  readonly median: Probabilities;
}

/** Natural log-odds of a probability, ln(p / (1 − p)), from −6.91 to 6.91 because p is held within 0.001 and 0.999; NaN of NaN. */
export function logOdds(probability: number): number {
  const [least, most] = HELD_WITHIN;
  const held = Math.min(most, Math.max(least, probability));
  return Math.log(held / (1 - held));
}

/** For each expression the log-odds of its probability less those of the median; NaN where either is missing. */
export const logOddsAbove = (probabilities: Probabilities, median: Probabilities): Float32Array =>
  probabilities.map((probability, e) => logOdds(probability) - logOdds(median[e]));

/** The middle value, or the mean of the two in the middle; NaN of fewer values than a baseline needs. */
function medianOf(values: readonly number[]): number {
  if (values.length < LEAST_BASELINE_ROWS) return NaN;
  const sorted = values.toSorted((p, q) => p - q);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The baseline that is asked for, from the rows of the frames as `profile` judges them, unsmoothed; null where too few are valid.
 * No more frames are asked for than lie in the stretch.
 */
export function baselineOf(
  session: RecordedSession,
  profile: Profile,
  { person: id, firstSequence, lastSequence, fromMs, toMs }: AskedBaseline['change'],
): Baseline | null {
  const { analysed, persons, segments, events } = session;
  const person = persons.find((candidate) => candidate.id === id);
  if (!person) return null;
  const stretch = {
    analysed,
    persons,
    segments,
    events,
    frames: () => session.frames({ firstSequence, lastSequence }),
  };
  const found: Probabilities[] = [];
  for (const row of timeline(stretch, profile)) {
    const { sequence } = row.frame;
    const isWithin = sequence >= firstSequence && sequence <= lastSequence;
    if (isWithin && row.person?.id === id && row.valid && row.probabilities) found.push(row.probabilities);
  }
  if (found.length < LEAST_BASELINE_ROWS) return null;
  const median = Float32Array.from(EXPRESSIONS, (_, e) =>
    medianOf(found.map((probabilities) => probabilities[e]).filter((value) => !Number.isNaN(value))),
  );
  return { person, firstSequence, lastSequence, fromMs, toMs, rows: found.length, median };
}

/** The baselines of a session that are in force, by number of person, and its edits, of which those that ask for others are ignored. */
export function baselinesIn(
  session: RecordedSession & { readonly edits: readonly AppliedEdit[] },
  profile: Profile,
): { readonly baselines: readonly Baseline[]; readonly edits: readonly AppliedEdit[] } {
  const baselines: Baseline[] = [];
  const ignored = new Map<number, IgnoredReason>();
  for (const [person, asked] of askedBaselines(session.edits)) {
    let inForce: Baseline | null = null;
    for (const { number, change } of asked.toReversed()) {
      if (inForce) ignored.set(number, 'replaced');
      else {
        inForce = baselineOf(session, profile, { ...change, person });
        if (!inForce) ignored.set(number, 'too_few_valid');
      }
    }
    if (inForce) baselines.push(inForce);
  }
  return {
    baselines: baselines.sort((p, q) => p.person.id - q.person.id),
    edits: session.edits.map((edit) => ({ ...edit, ignored: ignored.get(edit.number) ?? edit.ignored })),
  };
}

/** The rows of a timeline, with how far the valid ones of people who have a baseline lie above it. */
export function withBaselines(rows: Iterable<TimelineRow>, baselines: readonly Baseline[]): Iterable<TimelineRow> {
  return baselines.length === 0 ? rows : compared(rows, new Map(baselines.map((own) => [own.person.id, own.median])));
}

function* compared(
  rows: Iterable<TimelineRow>,
  medians: ReadonlyMap<number, Probabilities>,
): Generator<TimelineRow, void> {
  for (const row of rows) {
    const median = row.person ? medians.get(row.person.id) : undefined;
    const isCompared = median && row.valid && row.probabilities;
    yield isCompared ? { ...row, aboveBaseline: logOddsAbove(row.probabilities, median) } : row;
  }
}

/** Keeps how far the rows of one person lie above the baseline, for means of any stretch. */
export class AboveBaseline {
  readonly #rows: { readonly atSeconds: number; readonly weight: number; readonly above: Float32Array }[] = [];
  #latest = -Infinity;

  /** Rows come in their order. */
  add(row: TimelineRow): void {
    this.#latest = Math.max(this.#latest, placeOf(row)); // as in level-builder.ts
    if (!row.aboveBaseline) return;
    const weight = Number.isNaN(row.durationSeconds) ? 1 : row.durationSeconds;
    this.#rows.push({ atSeconds: this.#latest, weight, above: row.aboveBaseline });
  }

  /** For each expression the mean over the rows that begin in [fromSeconds, toSeconds), weighted by time; NaN without any. */
  mean(fromSeconds: number, toSeconds: number): Float64Array {
    const sums = new Float64Array(EXPRESSIONS.length);
    const weights = new Float64Array(EXPRESSIONS.length);
    for (const { atSeconds, weight, above } of this.#rows) {
      if (atSeconds < fromSeconds || atSeconds >= toSeconds) continue;
      above.forEach((value, e) => {
        if (Number.isNaN(value)) return;
        sums[e] += weight * value;
        weights[e] += weight;
      });
    }
    return sums.map((sum, e) => sum / weights[e]);
  }
}
