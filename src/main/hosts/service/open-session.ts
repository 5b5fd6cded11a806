// A stored session made ready to be looked at: every person's timeline, from memory or from the database.
import { AboveBaseline, baselinesIn, withBaselines } from '../../core/baseline.ts';
import { SessionLevelBuilder } from '../../core/level-builder.ts';
import type { SpanFigures } from '../../core/level-sums.ts';
import { LevelMemory } from '../../core/levels.ts';
import { EXPRESSIONS, type Expression } from '../../core/expression.ts';
import { MISSING_REASONS } from '../../core/record.ts';
import { personNumber, timeline } from '../../core/timeline.ts';
import type { Person } from '../../core/persons.ts';
import { MienError } from '../../contract/errors.ts';
import type { PersonFigures, PersonTimeline } from '../../contract/api.ts';
import type { StoredSession } from '../../engine/ports.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import type { SessionLevels } from '../../store/stored-levels.ts';

/** Rows between two pauses, in which other calls get their turn. */
const ROWS_AT_ONCE = 5000;

export class OpenSession {
  readonly session: StoredSession;
  readonly #levels: SessionLevels;
  readonly #above: ReadonlyMap<number, AboveBaseline>;

  /** `above`: rows of people who have a baseline, by number; none where the session is too long to keep them in memory. */
  constructor(session: StoredSession, levels: SessionLevels, above: ReadonlyMap<number, AboveBaseline> = new Map()) {
    this.session = session;
    this.#levels = levels;
    this.#above = above;
  }

  /** Reads a whole session into memory. Throws store_unusable, and interrupted when `signal` is set meanwhile. */
  static async load(
    store: RecordingStore,
    session: StoredSession,
    signal: { readonly aborted: boolean },
  ): Promise<OpenSession> {
    const found = new Map<number, { readonly person: Person; readonly memory: LevelMemory }>();
    const builder = new SessionLevelBuilder((person, level, chunk) => {
      const known = found.get(person.id) ?? { person, memory: new LevelMemory() };
      found.set(person.id, known);
      known.memory.add(level, chunk);
    });
    const reader = store.read(session);
    const { baselines } = baselinesIn(reader, session.profile);
    const above = new Map(baselines.map(({ person }) => [person.id, new AboveBaseline()]));
    let rows = 0;
    for (const row of withBaselines(timeline(reader, session.profile), baselines)) {
      builder.add(row);
      if (row.person) above.get(row.person.id)?.add(row);
      if (++rows % ROWS_AT_ONCE > 0) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new MienError('interrupted', 'Mien is being ended.', 'Open the session again later.');
    }
    const ends = builder.finish();
    const persons = [...found.values()]
      .sort((p, q) => p.person.id - q.person.id)
      .map(({ person, memory }) => ({ person, levels: memory.levels() }));
    return new OpenSession(session, { ...ends, persons, isThere: () => true }, above);
  }

  get startSeconds(): number {
    return this.#levels.startSeconds;
  }

  get endSeconds(): number {
    return this.#levels.endSeconds;
  }

  /** Whether it can be looked at still. */
  get isThere(): boolean {
    return this.#levels.isThere();
  }

  timeline(fromSeconds: number, toSeconds: number, steps: number): PersonTimeline[] {
    return this.#levels.persons.map(({ person, levels }) => ({
      id: personNumber(person),
      ...levels.steps(fromSeconds, toSeconds, steps),
    }));
  }

  figures(fromSeconds = -Infinity, toSeconds = Infinity): PersonFigures[] {
    return this.#levels.persons.map(({ person, levels }) => {
      const above = this.#above.get(person.id)?.mean(fromSeconds, toSeconds);
      return {
        ...figuresOf(person, levels.figures(fromSeconds, toSeconds)),
        aboveBaseline: above ? byExpression(above) : null,
      };
    });
  }
}

function figuresOf(person: Person, span: SpanFigures): Omit<PersonFigures, 'aboveBaseline'> {
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
