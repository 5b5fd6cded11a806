// A stored session made ready to be looked at: every person's rows in columns.
import { TimelineColumns, type SpanFigures } from '../../core/levels.ts';
import { EXPRESSIONS, type Expression } from '../../core/expression.ts';
import { MISSING_REASONS } from '../../core/record.ts';
import { personNumber, timeline } from '../../core/timeline.ts';
import type { Person } from '../../core/persons.ts';
import { MienError } from '../../contract/errors.ts';
import type { PersonFigures, PersonTimeline } from '../../contract/api.ts';
import type { StoredSession } from '../../engine/ports.ts';
import type { RecordingStore } from '../../store/recording-store.ts';

/** Rows between two pauses, in which other calls get their turn. */
const ROWS_AT_ONCE = 5000;

interface PersonColumns {
  readonly person: Person;
  readonly columns: TimelineColumns;
}

export class OpenSession {
  readonly session: StoredSession;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly #persons: readonly PersonColumns[];

  private constructor(session: StoredSession, persons: readonly PersonColumns[], times: readonly [number, number]) {
    this.session = session;
    this.#persons = persons;
    [this.startSeconds, this.endSeconds] = times;
  }

  /** Reads a whole session. Throws store_unusable, and interrupted when `signal` is set meanwhile. */
  static async load(
    store: RecordingStore,
    session: StoredSession,
    signal: { readonly aborted: boolean },
  ): Promise<OpenSession> {
    const persons = new Map<number, PersonColumns>();
    let rows = 0;
    let [start, end] = [Infinity, -Infinity];
    for (const row of timeline(store.read(session), session.profile)) {
      const atSeconds = Number.isNaN(row.tSeconds) ? row.frame.sequence : row.tSeconds;
      start = Math.min(start, atSeconds);
      end = Math.max(
        end,
        atSeconds + (row.durationSeconds > 0 ? row.durationSeconds : Number.isNaN(row.tSeconds) ? 1 : 0),
      );
      if (row.person) {
        const known = persons.get(row.person.id) ?? { person: row.person, columns: new TimelineColumns() };
        persons.set(row.person.id, known);
        known.columns.add(row);
      }
      if (++rows % ROWS_AT_ONCE > 0) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new MienError('interrupted', 'Mien is being ended.', 'Open the session again later.');
    }
    const byNumber = [...persons.values()].sort((p, q) => p.person.id - q.person.id);
    return new OpenSession(session, byNumber, rows > 0 ? [start, end] : [0, 0]);
  }

  timeline(fromSeconds: number, toSeconds: number, steps: number): PersonTimeline[] {
    return this.#persons.map(({ person, columns }) => ({
      id: personNumber(person),
      ...columns.steps(fromSeconds, toSeconds, steps),
    }));
  }

  figures(fromSeconds = -Infinity, toSeconds = Infinity): PersonFigures[] {
    return this.#persons.map(({ person, columns }) => figuresOf(person, columns.figures(fromSeconds, toSeconds)));
  }
}

function figuresOf(person: Person, span: SpanFigures): PersonFigures {
  const missing: PersonFigures['missing'] = {};
  span.missing.forEach((count, i) => {
    if (count > 0) missing[MISSING_REASONS[i]] = count;
  });
  return {
    ...{ id: personNumber(person), number: person.id, label: person.label ?? null },
    participant: person.participant,
    rows: span.rows,
    facesFound: span.facesFound,
    valid: span.valid,
    secondsValid: orNull(span.validSeconds),
    mean: byExpression(span.mean),
    dominantShare: byExpression(span.dominantShare),
    missing,
  };
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function byExpression(values: Float64Array): Record<Expression, number | null> {
  return Object.fromEntries(EXPRESSIONS.map((name, i) => [name, orNull(values[i])])) as Record<
    Expression,
    number | null
  >;
}
