// Sessions on disk. Reading happens here, writing in a thread of its own (writer-worker.ts).
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { analysedOf, type ConsentFile, type Scope } from '../contract/consent.ts';
import type {
  ErasureProgress,
  ErasureReceipt,
  ErasureTarget,
  ParticipantRecord,
  StoredErasurePlan,
  UncodedSession,
  WrittenExport,
} from '../contract/participants.ts';
import { Corrected, type NewChange } from '../core/edits.ts';
import type { Segment } from '../core/persons.ts';
import type { Clock, SessionReader, SessionStart, SessionWriter, StoredSession } from '../engine/ports.ts';
import { Thread } from '../platform/thread.ts';
import { createFiles, openDatabase, sessionUnknown, storeError } from './database.ts';
import { planOf } from './erasure.ts';
import { cancelErasure, erasureMemory, progressOf } from './erasure-progress.ts';
import { participantsIn, receiptsIn, uncodedIn } from './participants.ts';
import { Recording } from './recording.ts';
import type { ParticipantColumns, StoreRequest } from './store-protocol.ts';
import { editsOf, noteOf } from './stored-edits.ts';
import {
  SESSIONS,
  contentsOf,
  firstFrame,
  frameFrom,
  framesOf,
  type FrameTime,
  storedSession,
  type SessionRow,
} from './stored-rows.ts';

/** So often whoever waits for an erasure is told how far it is. */
const LOOK_MS = 100;

/** A hash of anything that JSON can hold, the same for the same content whatever the order of its keys. */
export function contentHash(value: unknown): string {
  const sorted = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(sorted);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(
      Object.entries(v)
        .sort()
        .map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

export class RecordingStore {
  readonly file: string;
  readonly #writer: Thread<StoreRequest>;
  readonly #reader: Database.Database;
  readonly #clock: Clock;
  readonly #recordings = new Set<Recording>();

  private constructor(file: string, writer: Thread<StoreRequest>, reader: Database.Database, clock: Clock) {
    this.file = file;
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = clock;
  }

  /** Opens the database of a data folder, creating both where they are missing. */
  static async open(folder: string, clock: Clock): Promise<RecordingStore> {
    const file = createFiles(folder);
    const writer = new Thread<StoreRequest>(
      new URL('./writer-worker.ts', import.meta.url),
      { file },
      { kind: 'close' },
    );
    try {
      await writer.call({ kind: 'open' });
      return new RecordingStore(file, writer, openDatabase(file, true), clock);
    } catch (error) {
      await writer.stop();
      throw error;
    }
  }

  /**
   * The id that a session of this source, profile and consent gets: it depends on nothing else but how often the same has been
   * recorded into this database before.
   */
  nextId(sourceSha256: string, settings: unknown): string {
    const settingsHash = contentHash(settings);
    return this.#reading(() => {
      const query = this.#reader.prepare('SELECT count(*) FROM session WHERE source_sha256 = ? AND id = ?').pluck();
      for (let repeat = 1; ; repeat++) {
        const id = contentHash([sourceSha256, settingsHash, repeat]).slice(0, 16);
        if (query.get(sourceSha256, id) === 0) return id;
      }
    });
  }

  /** Begins a session. */
  async begin(start: SessionStart): Promise<SessionWriter> {
    const { consent, source } = start;
    const session = await this.#writer.call({
      kind: 'begin',
      session: {
        id: start.id,
        code: start.code,
        source: JSON.stringify(source),
        sourceSha256: source.sha256,
        profileHash: contentHash(start.profile),
        consentKind: consent.kind,
        consentForm: consent.kind === 'file' && consent.form ? JSON.stringify(consent.form) : null,
        identification: start.identification ? 1 : 0,
        programVersion: start.programVersion,
        firstFrameUnixMs: start.firstFrameUnixMs,
        setup: start.setup && JSON.stringify(start.setup),
        createdUnixMs: this.#clock.unixMs(),
        writerPid: process.pid,
      },
      profile: JSON.stringify(start.profile),
      models: JSON.stringify(start.models),
      participants: consent.kind === 'file' ? consent.participants.map(participantColumns) : [],
    });
    const recording = new Recording(this.#writer, session as number, this.#clock);
    this.#recordings.add(recording);
    return recording;
  }

  /** All sessions, the newest first. */
  sessions(): StoredSession[] {
    return this.#reading(() => {
      const rows = this.#reader.prepare(`${SESSIONS} ORDER BY number DESC`).all() as SessionRow[];
      return rows.map((row) => storedSession(this.#reader, row));
    });
  }

  /** The session with this id, the newest with this code, or the one whose id begins so. Throws session_unknown. */
  session(name: string): StoredSession {
    return this.#reading(() => this.#find(name));
  }

  #find(name: string): StoredSession {
    const query = `${SESSIONS} WHERE id = @name OR code = @name OR substr(id, 1, length(@name)) = @name
      ORDER BY id = @name DESC, code = @name DESC, number DESC`;
    const rows = name === '' ? [] : (this.#reader.prepare(query).all({ name }) as SessionRow[]);
    const [row] = rows;
    if (!row) throw sessionUnknown(name);
    if (row.id !== name && row.code !== name && rows.length > 1) {
      const remedy = `Give more of the id: ${rows.map(({ id }) => id).join(', ')}.`;
      throw new MienError('session_unknown', `More than one session begins with "${name}".`, remedy);
    }
    return storedSession(this.#reader, row);
  }

  /** How many people were seen in a session; who was only seen before its first frame was not. */
  personCount(id: string): number {
    return this.#reading(() => {
      const number = this.#number(id);
      const { people } = this.#corrected(number);
      const { sequence, faces } = firstFrame(this.#reader, number);
      const inFirst = new Set(faces.map((segment) => people.segmentOf(segment, sequence)));
      const isSeen = ({ id: own, lastSequence }: Segment): boolean => lastSequence >= sequence || inFirst.has(own);
      return new Set(people.segments.filter(isSeen).flatMap(({ person }) => person ?? [])).size;
    });
  }

  /** Everything in a session. Throws store_unusable when the database is damaged, then or while frames are read. */
  read(session: StoredSession): SessionReader {
    return this.#reading(() => this.#readerOf(session));
  }

  #readerOf(session: StoredSession): SessionReader {
    const number = this.#number(session.id);
    const { people, events, clock } = this.#corrected(number);
    const { persons, segments, markers, edits } = people;
    const analysed = analysedOf(session.consent);
    return {
      ...{ session, analysed, persons, segments, markers, events, clock, edits },
      note: noteOf(this.#reader, number),
      frames: () => people.frames(this.#frames(number), analysed),
    };
  }

  #corrected(session: number | undefined): Pick<SessionReader, 'events' | 'clock'> & { readonly people: Corrected } {
    const { events, clock, ...recorded } = contentsOf(this.#reader, session);
    return { people: new Corrected(recorded, editsOf(this.#reader, session)), events, clock };
  }

  /** Removes a session and everything in it. */
  async discard(id: string): Promise<void> {
    await this.#writer.call({ kind: 'discard', id, unixMs: this.#clock.unixMs() });
  }

  /** Remembers files that were written from a session. */
  async noteExport(id: string, files: readonly { readonly path: string; readonly sha256: string }[]): Promise<void> {
    await this.#writer.call({ kind: 'exported', id, unixMs: this.#clock.unixMs(), files });
  }

  /** Adds a correction to a session that is not being recorded any more; returns its number. Throws session_unknown. */
  async edit(
    id: string,
    change: NewChange,
    { who, why }: { readonly who: string; readonly why: string },
  ): Promise<number> {
    return (await this.#writer.call({ kind: 'edit', id, change, who, why, unixMs: this.#clock.unixMs() })) as number;
  }

  /** Undoes a correction, or does it again; nothing happens where that is so already. Throws session_unknown. */
  async undo(id: string, number: number, undone = true): Promise<void> {
    await this.#writer.call({ kind: 'undo', id, number, undone, unixMs: this.#clock.unixMs() });
  }

  /** Puts a note in the place of the one before, which is kept in the database. Throws session_unknown. */
  async note(id: string, text: string): Promise<void> {
    await this.#writer.call({ kind: 'note', id, text, unixMs: this.#clock.unixMs() });
  }

  /** The first frame at or after a time, or of pictures (which have no time) from a number on; null behind the last. */
  frameFrom(id: string, from: { readonly timeMs: number } | { readonly sequence: number }): FrameTime | null {
    return this.#reading(() => frameFrom(this.#reader, this.#number(id), from));
  }

  /** Everybody who has a code, by code; of each the newest session first. */
  participants(): ParticipantRecord[] {
    return this.#reading(() => participantsIn(this.#reader));
  }

  /** Sessions with people who have no code, the newest first. */
  uncoded(): UncodedSession[] {
    return this.#reading(() => uncodedIn(this.#reader));
  }

  /** What is left of those who were erased, the newest first. */
  receipts(): ErasureReceipt[] {
    return this.#reading(() => receiptsIn(this.#reader));
  }

  /** A participant takes back a consent for some sessions. Throws store_busy while one of them is recorded. */
  async withdraw(participant: string, scope: Scope, ids: readonly string[]): Promise<void> {
    await this.#writer.call({ kind: 'withdraw', ids, participant, scope, unixMs: this.#clock.unixMs() });
  }

  /** What {@link erase} would remove. Throws participant_unknown. */
  planErasure(target: ErasureTarget): StoredErasurePlan {
    return this.#reading(() => planOf(this.#reader, target));
  }

  /**
   * Removes somebody from every session and overwrites the bytes. Returns the receipt and the files that were written from those
   * sessions. Throws participant_unknown, store_busy while something is recorded, and interrupted when `signal` was set in time:
   * then nothing has changed.
   */
  async erase(
    target: ErasureTarget,
    programVersion: string,
    watch: { readonly signal: { readonly aborted: boolean }; readonly onProgress: (progress: ErasureProgress) => void },
  ): Promise<ErasureReceipt & { readonly files: readonly WrittenExport[] }> {
    const memory = erasureMemory();
    const look = (): void => {
      if (watch.signal.aborted) cancelErasure(memory);
      watch.onProgress(progressOf(memory));
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    try {
      const request = { kind: 'erase', target, programVersion, unixMs: this.#clock.unixMs(), memory } as const;
      return (await this.#writer.call(request)) as ErasureReceipt & { readonly files: readonly WrittenExport[] };
    } finally {
      clearInterval(timer);
    }
  }

  /** Waits for everything that was written and closes the database. */
  async close(): Promise<void> {
    for (const recording of this.#recordings) recording.flush();
    try {
      this.#reader.close(); // first: the last connection to close tidies up, which a reader cannot
    } finally {
      await this.#writer.stop();
    }
  }

  /** Damage may come to light whenever something is read. */
  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw storeError(error, this.file);
    }
  }

  #number(id: string): number | undefined {
    return this.#reader.prepare('SELECT number FROM session WHERE id = ?').pluck().get(id) as number | undefined;
  }

  *#frames(session: number | undefined): ReturnType<typeof framesOf> {
    try {
      yield* framesOf(this.#reader, session);
    } catch (error) {
      throw storeError(error, this.file);
    }
  }
}

/** What goes into the tables of somebody who was asked; a picture is not kept, not even its name. */
function participantColumns(participant: ConsentFile['participants'][number]): ParticipantColumns {
  const { code, scopes, given_at, obtained_by, guardian, assent, ethics_number, retain_until } = participant;
  const details = { given_at, obtained_by, guardian, assent, ethics_number, retain_until };
  return { code, scopes, givenAt: given_at ?? null, details: JSON.stringify(details) };
}
