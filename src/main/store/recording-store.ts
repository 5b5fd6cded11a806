// Sessions on disk. Reading happens here, writing in a thread of its own (writer-worker.ts).
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import type { ConsentFile, Scope } from '../contract/consent.ts';
import type { VideoRemoval } from '../contract/video.ts';
import type {
  ErasureProgress,
  ErasureReceipt,
  ErasureTarget,
  ParticipantRecord,
  StoredErasurePlan,
  UncodedSession,
  WrittenExport,
} from '../contract/participants.ts';
import type { Project } from '../contract/project.ts';
import type { OverdueRecord } from '../contract/retention.ts';
import type { NewChange } from '../core/edits.ts';
import type { Segment } from '../core/persons.ts';
import type { Clock, SessionReader, SessionStart, SessionWriter, StoredSession } from '../engine/ports.ts';
import { Thread } from '../platform/thread.ts';
import { contentHash, profileHash } from './content-hash.ts';
import { createFiles, openDatabase, sessionUnknown, storeError } from './database.ts';
import { planOf } from './erasure.ts';
import { cancelErasure, erasureMemory, progressOf } from './erasure-progress.ts';
import { makeLevels, type LevelWatch } from './level-making.ts';
import { participantsIn, receiptsIn, uncodedIn } from './participants.ts';
import { projectIn, projectsIn } from './projects.ts';
import { Recording } from './recording.ts';
import { overdueIn } from './retention.ts';
import type { ParticipantColumns, StoreRequest, WriterData } from './store-protocol.ts';
import { correctedContents, numberOf, readerOf } from './session-reader.ts';
import { LevelReader, type SessionLevels } from './stored-levels.ts';
import { removeVideo, videosIn } from './video-files.ts';
import type { VideoChange } from './videos.ts';
import {
  SESSIONS,
  firstFrame,
  frameAt,
  framesInPages,
  framesOf,
  type FramePlace,
  type FrameTime,
  storedSession,
  type SessionRow,
} from './stored-rows.ts';

/** What a session that scores another one again does not have from that one. */
export type CopyStart = Pick<SessionStart, 'id' | 'code' | 'profile' | 'models' | 'programVersion'>;

/** So often whoever waits for an erasure is told how far it is. */
const LOOK_MS = 100;

export class RecordingStore {
  readonly file: string;
  readonly #writer: Thread<StoreRequest>;
  readonly #reader: Database.Database;
  readonly #clock: Clock;
  readonly #levels: LevelReader;
  readonly #recordings = new Map<string, Recording>();

  private constructor(file: string, writer: Thread<StoreRequest>, reader: Database.Database, clock: Clock) {
    this.file = file;
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = clock;
    this.#levels = new LevelReader(reader);
  }

  /** Opens the database of a data folder, creating both where they are missing. Another program may hold it for `patienceMs`. */
  static async open(folder: string, clock: Clock, patienceMs = 60_000): Promise<RecordingStore> {
    const file = createFiles(folder);
    const writer = new Thread<StoreRequest>(
      new URL('./writer-worker.ts', import.meta.url),
      { file, patienceMs } satisfies WriterData,
      { kind: 'close' },
    );
    try {
      await writer.call({ kind: 'open' });
      const store = new RecordingStore(file, writer, openDatabase(file, true), clock);
      await store.#removeVideos().catch(() => undefined); // whoever asked for it was told; it is tried again the next time
      return store;
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
        profileHash: profileHash(start.profile),
        consentKind: consent.kind,
        consentForm: consent.kind === 'file' && consent.form ? JSON.stringify(consent.form) : null,
        identification: start.identification ? 1 : 0,
        programVersion: start.programVersion,
        firstFrameUnixMs: start.firstFrameUnixMs,
        setup: start.setup && JSON.stringify(start.setup),
        lock: start.lock && JSON.stringify(start.lock),
        createdUnixMs: this.#clock.unixMs(),
        writerPid: process.pid,
      },
      profile: JSON.stringify(start.profile),
      models: JSON.stringify(start.models),
      participants: consent.kind === 'file' ? consent.participants.map(participantColumns) : [],
      ...lockColumns(start),
    });
    const recording = new Recording(this.#writer, session as number, this.#clock);
    this.#recordings.set(start.id, recording);
    return recording;
  }

  /**
   * Begins a session that scores another one again: it has the people, consents, markers, corrections and so on of that one, and
   * no frames yet. When it is not ended in order it is gone at the next start. Throws session_unknown.
   */
  async beginCopy(from: StoredSession, start: CopyStart): Promise<SessionWriter> {
    const columns = {
      from: from.id,
      id: start.id,
      code: start.code,
      profile: JSON.stringify(start.profile),
      profileHash: profileHash(start.profile),
      models: JSON.stringify(start.models),
      programVersion: start.programVersion,
      writerPid: process.pid,
      unixMs: this.#clock.unixMs(),
    };
    const session = await this.#writer.call({ kind: 'beginCopy', columns });
    const recording = new Recording(this.#writer, session as number, this.#clock);
    this.#recordings.set(start.id, recording);
    return recording;
  }

  /**
   * The frames of a session that has ended as they were recorded, without corrections by hand. Throws store_unusable while they are read, and
   * session_unknown in the end where the session is not there any more: then they are not all.
   */
  *recordedFrames(id: string): ReturnType<typeof framesOf> {
    yield* this.#apart(function* (own) {
      yield* framesInPages(own, numberOf(own, id));
      if (!own.prepare("SELECT 1 FROM session WHERE id = ? AND state <> 'recording'").get(id)) throw sessionUnknown(id);
    });
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
      const { people } = correctedContents(this.#reader, number);
      const { sequence, faces } = firstFrame(this.#reader, number);
      const inFirst = new Set(faces.map((segment) => people.segmentOf(segment, sequence)));
      const isSeen = ({ id: own, lastSequence }: Segment): boolean => lastSequence >= sequence || inFirst.has(own);
      return new Set(people.segments.filter(isSeen).flatMap(({ person }) => person ?? [])).size;
    });
  }

  /** Everything in a session. Throws store_unusable when the database is damaged, then or while frames are read. */
  read(session: StoredSession): SessionReader {
    return this.#reading(() =>
      readerOf(this.#reader, session, (number, after, last) =>
        this.#apart((own) => framesOf(own, number, after, last)),
      ),
    );
  }

  /** A session's timelines, made ready before; null where they are not, or no longer as the session is. Throws store_unusable. */
  levels(session: StoredSession): SessionLevels | null {
    if (session.state === 'recording') return null;
    return this.#reading(() => this.#levels.levels(this.read(session)));
  }

  /** Makes the timelines of a session that is not being recorded any more ready. Throws as {@link makeLevels}. */
  async makeLevels(session: StoredSession, watch: LevelWatch): Promise<void> {
    await makeLevels(this.file, (ask) => this.#writer.call({ kind: 'levels', ask }), session, watch);
  }

  /** Removes a session and everything in it. Throws store_unusable where its video cannot be removed now. */
  async discard(id: string): Promise<void> {
    this.#recordings.get(id)?.abandon();
    this.#recordings.delete(id);
    const request = { kind: 'discard', id, unixMs: this.#clock.unixMs() } as const;
    while ((await this.#writer.call(request)) === 'more'); // others are heard in between
    await this.#removeVideosOf([id]);
  }

  /** The folder that everything lies in. */
  get folder(): string {
    return dirname(this.file);
  }

  /** Notes that a video is begun, before its file is, or what is in it when it has ended. Throws session_unknown. */
  async noteVideo(change: VideoChange & { readonly kind: 'begin' | 'end' }): Promise<void> {
    await this.#writer.call({ kind: 'video', change });
  }

  /**
   * Removes the video of a session, if there is one. It is told at once that it counts as removed; its file goes when `letGo` has
   * come to its end, which is for whoever has it open. Throws store_unusable where it cannot be removed now, and what keeps the
   * database from being told: the file has gone then, too.
   */
  async removeVideo(
    id: string,
    reason: VideoRemoval,
    letGo: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const change = { kind: 'remove', id, reason, unixMs: this.#clock.unixMs() } as const;
    const telling = this.#writer.call({ kind: 'video', change });
    const settled = Promise.allSettled([telling]); // awaited when the file has gone, which waits for no database
    try {
      await letGo();
      await removeVideo(this.folder, id);
    } finally {
      await settled;
    }
    await telling;
    await this.#writer.call({ kind: 'video', change: { kind: 'gone', id } });
  }

  /** Removes all videos that must go. Throws store_unusable for the first of these sessions whose video cannot be removed now. */
  async #removeVideosOf(ids: readonly string[]): Promise<void> {
    const faults = await this.#removeVideos();
    for (const id of ids) if (faults.has(id)) throw faults.get(id);
  }

  /** Removes the files of all videos that must go, also of those whose session is gone; returns what went wrong, by session. */
  async #removeVideos(): Promise<ReadonlyMap<string, unknown>> {
    const found = await videosIn(this.folder);
    const owed = (await this.#writer.call({ kind: 'videosOwed', found })) as string[];
    const faults = new Map<string, unknown>();
    for (const id of owed) {
      try {
        await removeVideo(this.folder, id);
        await this.#writer.call({ kind: 'video', change: { kind: 'gone', id } });
      } catch (error) {
        faults.set(id, error);
      }
    }
    return faults;
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

  /** The first frame at or after a place, or the last before it; null where there is none. */
  frameAt(id: string, side: 'from' | 'before', place: FramePlace): FrameTime | null {
    return this.#reading(() => frameAt(this.#reader, this.#number(id), side, place));
  }

  /** What projects hold fixed, by name. */
  projects(): Project[] {
    return this.#reading(() => projectsIn(this.#reader));
  }

  /** What the project of this name holds fixed; null for nothing yet. */
  project(name: string): Project | null {
    return this.#reading(() => projectIn(this.#reader, name));
  }

  /** Recordings whose last day has passed, those for longest first. `today`: ISO 8601. */
  overdue(today: string): OverdueRecord[] {
    return this.#reading(() => overdueIn(this.#reader, today));
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

  /**
   * A participant takes back a consent for some sessions; with that to video, their videos are removed. Throws store_busy while one
   * of them is recorded, and store_unusable where one of these videos cannot be removed now.
   */
  async withdraw(participant: string, scope: Scope, ids: readonly string[]): Promise<void> {
    await this.#writer.call({ kind: 'withdraw', ids, participant, scope, unixMs: this.#clock.unixMs() });
    this.#levels.forget();
    await this.#removeVideosOf(ids);
  }

  /** What {@link erase} would remove. Throws participant_unknown. */
  planErasure(target: ErasureTarget): StoredErasurePlan {
    return this.#reading(() => planOf(this.#reader, target));
  }

  /**
   * Removes somebody from every session and overwrites the bytes. Returns the receipt and the files that were written from those
   * sessions. Throws participant_unknown, store_busy while something is recorded, and interrupted when `signal` was set in time:
   * then nothing has changed. Where a video cannot be removed now, the bytes are not all overwritten.
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
      const erased = (await this.#writer.call(request)) as ErasureReceipt & {
        readonly files: readonly WrittenExport[];
      };
      const areGone = await this.#removeVideos().then(
        ({ size }) => size === 0,
        () => false,
      );
      return { ...erased, isOverwritten: erased.isOverwritten && areGone };
    } finally {
      clearInterval(timer);
      this.#levels.forget();
    }
  }

  /** Waits for everything that was written and closes the database. */
  async close(): Promise<void> {
    for (const recording of this.#recordings.values()) recording.flush();
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
    return numberOf(this.#reader, id);
  }

  /**
   * Frames that are read through a connection of its own: a connection goes on seeing what was there when its oldest reading began,
   * and all others would see no more than that meanwhile.
   */
  *#apart(read: (own: Database.Database) => ReturnType<typeof framesOf>): ReturnType<typeof framesOf> {
    const own = openDatabase(this.file, true);
    try {
      yield* read(own);
    } catch (error) {
      throw storeError(error, this.file);
    } finally {
      own.close();
    }
  }
}

/** What the writer is told of the project of a session. Reasons are not put into the audit, which outlives the session. */
function lockColumns({ setup, lock }: SessionStart): Pick<StoreRequest & { kind: 'begin' }, 'fixed' | 'differs'> {
  if (!setup || !lock) return { fixed: null, differs: null };
  return {
    fixed: lock.fixes ? { project: setup.project.trim(), settings: JSON.stringify(lock.settings) } : null,
    differs: lock.differences.map(({ what }) => what).join(', ') || null,
  };
}

/** What goes into the tables of somebody who was asked; a picture is not kept, not even its name. */
function participantColumns(participant: ConsentFile['participants'][number]): ParticipantColumns {
  const { code, scopes, given_at, obtained_by, guardian, assent, ethics_number, retain_until } = participant;
  const details = { given_at, obtained_by, guardian, assent, ethics_number, retain_until };
  return { code, scopes, givenAt: given_at ?? null, details: JSON.stringify(details) };
}
