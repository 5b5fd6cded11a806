// Rows on their way into the database, and the ends of recordings behind them. What cannot be written is a matter of its own
// recording, which breaks off there: all others go on. Where nothing at all can be written (the disk is full), everything waits for
// a while and is written when that is over; a recording for which that takes too long breaks off, with all that it had until then.
import { MienError } from '../contract/errors.ts';
import { isAboutRows, storeError } from './database.ts';
import type { StoreRequest } from './store-protocol.ts';

export type Rows = StoreRequest & { readonly kind: 'rows' };
export type End = StoreRequest & { readonly kind: 'end' };

/** So long a disk may be full before recordings break off, and so many frames and faces of each are kept in memory meanwhile. */
export const PATIENCE_MS = 5000;
export const MOST_WAITING = 20_000;

/** What a backlog is written with. Both throw what SQLite throws, and have changed nothing then. */
export interface BacklogTarget {
  /** Writes groups of rows, all or none. */
  readonly rows: (groups: readonly Rows[]) => void;
  readonly end: (end: End) => void;
}

export class Backlog {
  readonly #target: BacklogTarget;
  readonly #file: string;
  readonly #nowMs: () => number;
  #groups: Rows[] = [];
  #ends: End[] = [];
  /** Why recordings have broken off, by their numbers, until their ends are written. */
  readonly #failures = new Map<number, MienError>();
  /** What keeps everything from being written, and since when. */
  #obstacle: { readonly error: MienError; readonly sinceMs: number } | null = null;

  /** `file` is the database's, for errors; `nowMs` a clock that never goes back. */
  constructor(target: BacklogTarget, file: string, nowMs: () => number) {
    this.#target = target;
    this.#file = file;
    this.#nowMs = nowMs;
  }

  /** Takes rows that {@link flush} is to write. Throws why their recording has broken off: nothing more of it is taken then. */
  add(rows: Rows): void {
    const failure = this.#failures.get(rows.session) ?? this.#givenUp(rows);
    if (failure) {
      this.#failures.set(rows.session, failure);
      throw failure;
    }
    this.#groups.push(rows);
  }

  /**
   * Writes everything and ends a recording. Throws why that has broken off, or why it cannot be ended now: then it is ended as
   * interrupted, with what there is, by the next {@link flush} that can.
   */
  end(end: End): void {
    this.#ends.push(end);
    try {
      this.#writeRows();
      const failure = this.#failures.get(end.session);
      this.#writeEnds();
      if (failure) throw failure;
    } catch (error) {
      const failure = storeError(error, this.#file);
      this.#ends = this.#ends.map((waiting) => (waiting === end ? brokenOff(end, failure) : waiting));
      throw failure;
    }
  }

  /** Writes what waits. Throws what keeps that from being written; it goes on waiting then. */
  flush(): void {
    this.#writeRows();
    this.#writeEnds();
  }

  /** Forgets all that waits of a recording, which is to be removed. */
  forget(session: number): void {
    this.#groups = this.#groups.filter((group) => group.session !== session);
    this.#ends = this.#ends.filter((end) => end.session !== session);
    this.#failures.delete(session); // its number may be given to another one
  }

  /** Whether there is anything that {@link flush} would write. */
  get isWaiting(): boolean {
    return this.#groups.length > 0 || this.#ends.length > 0;
  }

  /** Why no more rows of a recording are taken while nothing can be written; null while they still wait. */
  #givenUp({ session, frames, faces }: Rows): MienError | null {
    if (!this.#obstacle) return null;
    const { error, sinceMs } = this.#obstacle;
    const own = this.#groups.filter((group) => group.session === session);
    const waiting = own.reduce((sum, group) => sum + group.frames.length + group.faces.length, 0);
    const isTooMuch = waiting + frames.length + faces.length > MOST_WAITING;
    return isTooMuch || this.#nowMs() - sinceMs >= PATIENCE_MS ? error : null;
  }

  #writeRows(): void {
    const sinceMs = this.#nowMs();
    try {
      if (this.#groups.length > 0) this.#writeTogether();
      this.#obstacle = null;
    } catch (error) {
      this.#obstacle ??= { error: storeError(error, this.#file), sinceMs };
      throw error;
    }
  }

  #writeTogether(): void {
    try {
      this.#target.rows(this.#groups);
      this.#groups = [];
    } catch (error) {
      if (!isAboutRows(error)) throw error;
      this.#writeEach();
    }
  }

  /** Writes group for group. Behind one that cannot be written a recording has no more: a hole would look like nobody there. */
  #writeEach(): void {
    for (let [group] = this.#groups; group; [group] = this.#groups) {
      if (!this.#failures.has(group.session)) {
        try {
          this.#target.rows([group]);
        } catch (error) {
          if (!isAboutRows(error)) throw error;
          this.#failures.set(group.session, refused(error));
        }
      }
      this.#groups.shift();
    }
  }

  #writeEnds(): void {
    for (let [end] = this.#ends; end; [end] = this.#ends) {
      const failure = this.#failures.get(end.session);
      this.#target.end(failure ? brokenOff(end, failure) : end);
      this.#failures.delete(end.session);
      this.#ends.shift();
    }
  }
}

function brokenOff(end: End, { message }: MienError): End {
  const problems = end.problems.includes(message) ? end.problems : [...end.problems, message];
  return { ...end, state: 'interrupted', problems };
}

const refused = (cause: unknown): MienError =>
  new MienError(
    'store_unusable',
    'Something in this recording cannot be stored.',
    'What was recorded before is kept. This is a fault in Mien: run it again with --verbose and report what it prints.',
    { cause },
  );
