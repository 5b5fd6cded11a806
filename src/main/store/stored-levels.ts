// Levels of stored sessions as they are looked at: an index in memory, and chunks that are read when a view touches them.
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { EXPRESSIONS } from '../core/expression.ts';
import { LevelChunk } from '../core/level-chunk.ts';
import { SpanSums } from '../core/level-sums.ts';
import { PersonLevels, type ChunkFacts } from '../core/levels.ts';
import type { Person } from '../core/persons.ts';
import { MISSING_REASONS } from '../core/record.ts';
import type { SessionReader } from '../engine/ports.ts';
import { contentHash } from './content-hash.ts';
import { numberOf } from './session-reader.ts';

/** Changes with the meaning of what is stored; levels of another format are made again. */
const FORMAT = 3;
/** Chunks that are kept in memory: 12 MB at most. */
const MOST_KEPT = 64;

/** A session's timelines, ready to be looked at. */
export interface SessionLevels {
  /** From where to where the session goes, in seconds; pictures are counted instead. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Those who have rows, by number. */
  readonly persons: readonly { readonly person: Person; readonly levels: PersonLevels }[];
  /** Whether they can be read still: who erases somebody removes them. */
  readonly isThere: () => boolean;
}

/** What the rows of a session depend on besides its frames, which never change: what people are called does not belong to it. */
export function fingerprintOf({ session, analysed, persons, segments, events, edits }: SessionReader): string {
  const regrouped = edits.filter(
    ({ change, undone, ignored }) => !undone && ignored === null && ['merge', 'split'].includes(change.kind),
  );
  return contentHash({
    format: [FORMAT, EXPRESSIONS, MISSING_REASONS],
    ...{ frames: session.frames, analysed, segments },
    persons: persons.map(({ id, participant }) => ({ id, participant })),
    withdrawn: events.filter(({ kind }) => kind === 'consent_withdrawn'),
    edits: regrouped.map(({ change }) => change),
  });
}

interface ChunkRow {
  readonly person: number;
  readonly level: number;
  readonly startSeconds: number;
  readonly steps: number;
  readonly sums: Buffer | null;
}

/** Reads levels through one connection; all of its sessions share the memory for chunks. */
export class LevelReader {
  readonly #db: Database.Database;
  /** The last is the most recently used. */
  readonly #kept = new Map<string, LevelChunk>();

  constructor(db: Database.Database) {
    this.#db = db;
  }

  /** The levels of a session as it is now; null where there are none. */
  levels(reader: SessionReader): SessionLevels | null {
    const { persons, session } = reader;
    const query = `SELECT number, start_seconds AS startSeconds, end_seconds AS endSeconds FROM level_set
      WHERE session = ? AND fingerprint = ? ORDER BY number DESC`;
    const print = Buffer.from(fingerprintOf(reader), 'hex');
    const found = this.#db.prepare(query).get(numberOf(this.#db, session.id), print);
    if (!found) return null;
    const { number, ...ends } = found as Pick<SessionLevels, 'startSeconds' | 'endSeconds'> & { number: number };
    const levels = this.#levelsOf(number);
    const seen = persons.flatMap((person) => {
      const own = levels.get(person.id);
      return own ? [{ person, levels: own }] : [];
    });
    const isThere = this.#db.prepare('SELECT 1 FROM level_set WHERE number = ?').pluck();
    return { ...ends, persons: seen, isThere: () => isThere.get(number) === 1 };
  }

  /** Keeps no chunk in memory: what is in them may have to be gone. */
  forget(): void {
    this.#kept.clear();
  }

  #levelsOf(set: number): Map<number, PersonLevels> {
    const query = `SELECT person, level, start_seconds AS startSeconds, steps, sums FROM level_chunk
      WHERE level_set = ? ORDER BY person, level, chunk`;
    const found = new Map<number, { readonly index: ChunkFacts[][]; readonly sums: SpanSums[] }>();
    for (const row of this.#db.prepare(query).iterate(set) as IterableIterator<ChunkRow>) {
      const { person, level, startSeconds, steps, sums } = row;
      const { index, sums: all } = found.get(person) ?? { index: [], sums: [] };
      found.set(person, { index, sums: all });
      (index[level] ??= []).push({ startSeconds, length: steps });
      if (sums) all.push(new SpanSums(new Float64Array(copyOf(sums).buffer)));
    }
    const read = this.#db.prepare(
      'SELECT steps, data FROM level_chunk WHERE level_set = ? AND person = ? AND level = ? AND chunk = ?',
    );
    return new Map(
      [...found].map(([person, { index, sums }]) => [
        person,
        new PersonLevels(index, sums, (level, chunk) => this.#chunk(read, [set, person, level, chunk])),
      ]),
    );
  }

  /** Throws store_busy when the chunk was removed, which another program may have done. */
  #chunk(
    read: Database.Statement,
    place: readonly [set: number, person: number, level: number, chunk: number],
  ): LevelChunk {
    const key = place.join();
    let chunk = this.#kept.get(key);
    this.#kept.delete(key);
    if (!chunk) {
      const row = read.get(...place) as { readonly steps: number; readonly data: Buffer } | undefined;
      if (!row) throw new MienError('store_busy', 'The session was changed by another program.', 'Open it again.');
      chunk = new LevelChunk(row.steps, place[2] === 0, copyOf(row.data));
    }
    this.#kept.set(key, chunk);
    for (const oldest of [...this.#kept.keys()].slice(0, -MOST_KEPT)) this.#kept.delete(oldest);
    return chunk;
  }
}

/** Memory of its own: numbers must be aligned in it. */
const copyOf = (bytes: Buffer): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
