// The sessions that windows look at. Short ones are read into memory; of long ones timelines are made once, kept in the database and
// read from there.
import { setTimeout } from 'node:timers/promises';
import { MienError } from '../../contract/errors.ts';
import type { StoredSession } from '../../engine/ports.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { OpenSession } from './open-session.ts';

/** Sessions kept ready: the one that is looked at and one to compare it with. */
const MOST_OPEN = 2;
/** A session of so many rows is read in half a second. */
const MOST_ROWS_IN_MEMORY = 20_000;
/** A session may change while its timelines are made. What changes so often is read into memory. */
const MOST_TRIES = 3;
/** So often timelines that nobody waits for look whether they may go on. */
const LOOK_MS = 250;

/** Hears how far a session is made ready, 0…1. */
type Tell = (share: number) => void;

interface Opening {
  readonly opened: Promise<OpenSession>;
  readonly listeners: Set<Tell>;
}

interface Making {
  readonly signal: { aborted: boolean };
  done: Promise<void>;
  share: number;
  /** Somebody wants to look at the session now. */
  isAwaited: boolean;
  readonly listeners: Set<Tell>;
}

/** What goes on around the sessions. */
export interface Surroundings {
  /** Whether there is more important work than timelines that nobody waits for. */
  readonly isBusy: () => boolean;
  /** Resolves when nobody is being erased. */
  readonly settled: () => Promise<unknown>;
  /** Is told of everything that reads the sessions: an erasure waits for it. */
  readonly whileReading: <T>(work: Promise<T>) => Promise<T>;
  /** The program is ending. */
  readonly ending: { readonly aborted: boolean };
}

export class OpenSessions {
  readonly #store: RecordingStore;
  readonly #around: Surroundings;
  readonly #mostRowsInMemory: number;
  /** By whatever name they were asked for; the last is the most recently used. */
  readonly #open = new Map<string, Opening>();
  readonly #making = new Map<string, Making>();

  constructor(store: RecordingStore, around: Surroundings, mostRowsInMemory = MOST_ROWS_IN_MEMORY) {
    this.#store = store;
    this.#around = around;
    this.#mostRowsInMemory = mostRowsInMemory;
  }

  /** A session, ready to be looked at. Throws session_unknown, store_unusable, and interrupted when the program ends. */
  async get(id: string, tell: Tell = () => undefined): Promise<OpenSession> {
    let opening = this.#open.get(id);
    if (!opening) {
      const listeners = new Set<Tell>();
      opening = { opened: this.#load(id, (share) => listeners.forEach((listener) => listener(share))), listeners };
    }
    this.#open.delete(id);
    this.#open.set(id, opening);
    for (const oldest of [...this.#open.keys()].slice(0, -MOST_OPEN)) this.#open.delete(oldest);
    opening.listeners.add(tell);
    try {
      const session = await opening.opened;
      if (session.isThere) return session;
    } finally {
      opening.listeners.delete(tell);
    }
    if (this.#open.get(id) === opening) this.#open.delete(id);
    return this.get(id, tell);
  }

  /** Makes the timelines of a session that has ended, when there is time; whoever opens it does not have to wait then. */
  async prepare(id: string): Promise<void> {
    await this.#around.settled();
    const session = this.#store.session(id);
    if (this.#isLong(session) && !this.#store.levels(session)) await this.#make(session).done;
  }

  /** Nothing is kept open: what may be seen has changed. */
  forget(): void {
    this.#open.clear();
  }

  /** Breaks off what is being made: it is begun again if somebody waits for it. */
  interrupt(): void {
    for (const { signal } of this.#making.values()) signal.aborted = true;
  }

  async #load(id: string, tell: Tell): Promise<OpenSession> {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        await this.#around.settled(); // and at least until it is among those that are open: what fails is taken out again
        const session = this.#store.session(id);
        if (!this.#isLong(session)) return await this.#inMemory(session, id);
        const levels = this.#store.levels(session);
        if (levels) return new OpenSession(session, levels);
        if (!(await this.#hasMade(session, tell))) break;
      }
      await this.#around.settled();
      return await this.#inMemory(this.#store.session(id), id);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  async #inMemory(session: StoredSession, id: string): Promise<OpenSession> {
    const { whileReading, ending } = this.#around;
    const opened = await whileReading(OpenSession.load(this.#store, session, ending));
    if (session.state === 'recording') this.#open.delete(id); // it grows
    return opened;
  }

  /** Waits for timelines; false where they cannot be stored. */
  async #hasMade(session: StoredSession, tell: Tell): Promise<boolean> {
    const making = this.#make(session);
    making.isAwaited = true;
    making.listeners.add(tell);
    tell(making.share);
    try {
      await making.done;
      return true;
    } catch (error) {
      if (!(error instanceof MienError) || this.#around.ending.aborted) throw error;
      if (error.code === 'interrupted') return true; // by an erasure, or a change of the session
      if (error.code === 'store_busy' || error.code === 'store_unusable') return false; // such as a full disk
      throw error;
    }
  }

  #isLong(session: StoredSession): boolean {
    if (session.state === 'recording') return false;
    return session.frames * Math.max(1, this.#store.personCount(session.id)) > this.#mostRowsInMemory;
  }

  /** What is being made of a session, begun where it is not under way. */
  #make(session: StoredSession): Making {
    const known = this.#making.get(session.id);
    if (known && !known.signal.aborted) return known;
    const signal = { aborted: false };
    const making: Making = { signal, done: Promise.resolve(), share: 0, isAwaited: false, listeners: new Set() };
    const watch = {
      signal,
      onProgress: (share: number) => {
        making.share = share;
        making.listeners.forEach((listener) => listener(share));
      },
      turn: () => this.#turnOf(making),
    };
    const end = (): void => {
      if (this.#making.get(session.id) === making) this.#making.delete(session.id);
    };
    making.done = this.#around.whileReading(this.#store.makeLevels(session, watch)).finally(end);
    this.#making.set(session.id, making);
    return making;
  }

  async #turnOf(making: Making): Promise<void> {
    const isBehind = (): boolean =>
      this.#around.isBusy() || [...this.#making.values()].some((other) => other !== making && other.isAwaited);
    while (!making.signal.aborted && !making.isAwaited && isBehind()) await setTimeout(LOOK_MS);
  }
}
