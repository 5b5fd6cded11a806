// Sessions on disk. Reading happens here, writing in a thread of its own (writer-worker.ts).
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { analysedOf, type Consent, type ConsentFile } from '../contract/consent.ts';
import type { FaceRecord, FrameRecord } from '../core/record.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { Clock, SessionEnd, SessionReader, SessionStart, SessionWriter, StoredSession } from '../engine/ports.ts';
import { Thread } from '../platform/thread.ts';
import { createFiles, openDatabase, storeError } from './database.ts';
import { packFace, unpackFace } from './face-codec.ts';
import type { PackedFace, StoreRequest } from './store-protocol.ts';

/** Rows are sent to the writer in groups: at most so many frames, at most so late. */
const GROUP_FRAMES = 64;
const GROUP_MS = 50;
/** Groups on their way to the disk before a writer makes its caller wait. */
const MOST_WAITING = 16;

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
        createdUnixMs: this.#clock.unixMs(),
        writerPid: process.pid,
      },
      profile: JSON.stringify(start.profile),
      models: JSON.stringify(start.models),
      participants:
        consent.kind === 'file'
          ? consent.participants.map(({ code, scopes, given_at }) => ({ code, scopes, givenAt: given_at ?? null }))
          : [],
    });
    const recording = new Recording(this.#writer, session as number, this.#clock);
    this.#recordings.add(recording);
    return recording;
  }

  /** All sessions, the newest first. */
  sessions(): StoredSession[] {
    return this.#reading(() => {
      const rows = this.#reader.prepare(`${SESSIONS} ORDER BY number DESC`).all() as SessionRow[];
      return rows.map((row) => this.#storedSession(row));
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
    if (!row) {
      const remedy = '"npm run mien -- sessions" lists the sessions that there are.';
      throw new MienError('session_unknown', `There is no session "${name}".`, remedy);
    }
    if (row.id !== name && row.code !== name && rows.length > 1) {
      const remedy = `Give more of the id: ${rows.map(({ id }) => id).join(', ')}.`;
      throw new MienError('session_unknown', `More than one session begins with "${name}".`, remedy);
    }
    return this.#storedSession(row);
  }

  /** How many people were seen in a session. */
  personCount(id: string): number {
    const query = 'SELECT count(DISTINCT person) FROM segment WHERE session = ? AND person IS NOT NULL';
    return this.#reading(() => this.#reader.prepare(query).pluck().get(this.#number(id)) as number);
  }

  /** Everything in a session. Throws store_unusable when the database is damaged, then or while frames are read. */
  read(session: StoredSession): SessionReader {
    return this.#reading(() => this.#readerOf(session));
  }

  #readerOf(session: StoredSession): SessionReader {
    const number = this.#number(session.id);
    const db = this.#reader;
    const persons = db.prepare('SELECT id, participant FROM person WHERE session = ? ORDER BY id').all(number);
    const segments = db
      .prepare(
        `SELECT id, track, first_sequence AS firstSequence, last_sequence AS lastSequence, person, source, confidence
         FROM segment WHERE session = ? ORDER BY id`,
      )
      .all(number);
    return {
      session,
      analysed: analysedOf(session.consent),
      persons: persons as Person[],
      segments: segments as Segment[],
      frames: () => this.#frames(number),
    };
  }

  /** Removes a session and everything in it. */
  async discard(id: string): Promise<void> {
    await this.#writer.call({ kind: 'discard', id, unixMs: this.#clock.unixMs() });
  }

  /** Remembers files that were written from a session. */
  async noteExport(id: string, files: readonly { readonly path: string; readonly sha256: string }[]): Promise<void> {
    await this.#writer.call({ kind: 'exported', id, unixMs: this.#clock.unixMs(), files });
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

  #number(id: string): number {
    return this.#reader.prepare('SELECT number FROM session WHERE id = ?').pluck().get(id) as number;
  }

  *#frames(session: number): ReturnType<typeof frames> {
    try {
      yield* frames(this.#reader, session);
    } catch (error) {
      throw storeError(error, this.file);
    }
  }

  #storedSession(row: SessionRow): StoredSession {
    const { source, profile, models, problems, identification } = row;
    const { id, code, state, profileHash, programVersion, frames: count } = row;
    const { firstFrameUnixMs, createdUnixMs, endedUnixMs, analysedFps } = row;
    return {
      ...{ id, code, state, profileHash, programVersion, frames: count },
      ...{ firstFrameUnixMs, createdUnixMs, endedUnixMs, analysedFps },
      source: JSON.parse(source) as StoredSession['source'],
      profile: JSON.parse(profile) as StoredSession['profile'],
      models: JSON.parse(models) as StoredSession['models'],
      problems: JSON.parse(problems) as StoredSession['problems'],
      consent: this.#consent(row),
      identification: identification === 1,
    };
  }

  #consent({ id, consentKind, consentForm }: SessionRow): Consent {
    if (consentKind === 'external') return { kind: 'external' };
    const number = this.#number(id);
    const codes = this.#reader.prepare('SELECT code FROM participant WHERE session = ? ORDER BY code').pluck();
    const scopes = this.#reader.prepare('SELECT scope, given_at FROM consent WHERE session = ? AND participant = ?');
    const participants = (codes.all(number) as string[]).map((code) => {
      const given = scopes.all(number, code) as { scope: never; given_at: string | null }[];
      const [first] = given;
      const at = first?.given_at ? { given_at: first.given_at } : {};
      return { code, scopes: given.map(({ scope }) => scope), ...at };
    });
    return { kind: 'file', form: consentForm ? (JSON.parse(consentForm) as ConsentFile['form']) : null, participants };
  }
}

const SESSIONS = `SELECT id, code, state, source, profile, models, profile_hash AS profileHash, consent_kind AS consentKind,
  consent_form AS consentForm, identification, program_version AS programVersion, first_frame_unix_ms AS firstFrameUnixMs,
  created_unix_ms AS createdUnixMs, ended_unix_ms AS endedUnixMs, problems, analysed_fps AS analysedFps,
  (SELECT count(*) FROM frame WHERE frame.session = session.number) AS frames
  FROM session JOIN session_profile ON session_profile.session = session.number`;

interface SessionRow {
  readonly id: string;
  readonly code: string;
  readonly state: StoredSession['state'];
  readonly source: string;
  readonly profile: string;
  readonly models: string;
  readonly profileHash: string;
  readonly consentKind: Consent['kind'];
  readonly consentForm: string | null;
  readonly identification: number;
  readonly programVersion: string;
  readonly firstFrameUnixMs: number | null;
  readonly createdUnixMs: number;
  readonly endedUnixMs: number | null;
  readonly problems: string;
  readonly analysedFps: number | null;
  readonly frames: number;
}

interface FrameRow {
  readonly sequence: number;
  readonly time_ms: number | null;
  readonly dropped_before: number;
  readonly searched: number;
  readonly name: string | null;
  readonly segment: number | null;
  readonly reason: FaceRecord['reason'];
  readonly numbers: Buffer | null;
}

function* frames(db: Database.Database, session: number): Generator<{ frame: FrameRecord; faces: FaceRecord[] }> {
  const rows = db
    .prepare(
      `SELECT sequence, time_ms, dropped_before, searched, name, segment, reason, numbers
       FROM frame LEFT JOIN estimate USING (session, sequence) WHERE session = ? ORDER BY sequence, segment`,
    )
    .iterate(session) as IterableIterator<FrameRow>;
  let current: { frame: FrameRecord; faces: FaceRecord[] } | null = null;
  for (const row of rows) {
    if (current?.frame.sequence !== row.sequence) {
      if (current) yield current;
      current = { frame: frameOf(row), faces: [] };
    }
    if (row.segment !== null && row.numbers) {
      const { buffer, byteOffset, byteLength } = row.numbers;
      const numbers = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
      current.faces.push(unpackFace({ sequence: row.sequence, segment: row.segment, reason: row.reason }, numbers));
    }
  }
  if (current) yield current;
}

function frameOf({ sequence, time_ms, dropped_before, searched, name }: FrameRow): FrameRecord {
  return { sequence, timeMs: time_ms ?? NaN, droppedBefore: dropped_before, searched: searched === 1, name };
}

/** Collects the rows of one session and sends them to the writer in groups. */
class Recording implements SessionWriter {
  readonly #writer: Thread<StoreRequest>;
  readonly #session: number;
  readonly #clock: Clock;
  readonly #onTheWay = new Set<Promise<unknown>>();
  #frames: FrameRecord[] = [];
  #faces: PackedFace[] = [];
  #persons = new Map<number, Person>();
  #segments = new Map<number, Segment>();
  #timer: NodeJS.Timeout | null = null;
  #failure: Error | null = null;

  constructor(writer: Thread<StoreRequest>, session: number, clock: Clock) {
    this.#writer = writer;
    this.#session = session;
    this.#clock = clock;
  }

  frame(frame: FrameRecord, faces: readonly FaceRecord[]): void {
    this.#frames.push(frame);
    for (const face of faces) {
      const { sequence, segment, reason } = face;
      this.#faces.push({ sequence, segment, reason, numbers: packFace(face) });
    }
    this.#timer ??= setTimeout(() => this.#send(), GROUP_MS);
    if (this.#frames.length >= GROUP_FRAMES) this.#send();
  }

  identity(persons: readonly Person[], segments: readonly Segment[]): void {
    for (const person of persons) this.#persons.set(person.id, person);
    for (const segment of segments) this.#segments.set(segment.id, segment);
    this.#timer ??= setTimeout(() => this.#send(), GROUP_MS);
  }

  async settled(): Promise<void> {
    if (this.#onTheWay.size > MOST_WAITING) await Promise.race(this.#onTheWay);
    if (this.#failure) throw this.#failure;
  }

  async end(end: SessionEnd): Promise<void> {
    this.#send();
    await Promise.all(this.#onTheWay);
    if (this.#failure) throw this.#failure;
    await this.#writer.call({ kind: 'end', session: this.#session, unixMs: this.#clock.unixMs(), ...end });
  }

  /** Sends what waits for more of its kind. */
  flush(): void {
    if (this.#timer) this.#send();
  }

  #send(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const request: StoreRequest = {
      kind: 'rows',
      session: this.#session,
      frames: this.#frames,
      faces: this.#faces,
      persons: [...this.#persons.values()],
      segments: [...this.#segments.values()],
    };
    this.#frames = [];
    this.#faces = [];
    this.#persons = new Map();
    this.#segments = new Map();
    const sent = this.#writer.call(request).catch((error: unknown) => {
      this.#failure ??= storeError(error, '');
    });
    this.#onTheWay.add(sent);
    void sent.then(() => this.#onTheWay.delete(sent));
  }
}
