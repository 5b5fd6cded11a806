// Worker thread: the only connection that writes. Rows are collected into transactions of a quarter of a second, so a program
// that is killed loses no more than that.
import { workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { serveThread } from '../platform/thread.ts';
import { MienError } from '../contract/errors.ts';
import { migrate, openDatabase, sessionUnknown, storeError } from './database.ts';
import { erase } from './erasure.ts';
import { overwriteRemoved } from './overwrite.ts';
import { addEdit } from './stored-edits.ts';
import type { StoreRequest } from './store-protocol.ts';

const COMMIT_MS = 250;
/** How long another program may hold the database before a recording breaks off. */
const PATIENCE_MS = 60_000;

const { file } = workerData as { file: string };

type Rows = StoreRequest & { kind: 'rows' };
type Statements = ReturnType<typeof prepare>;

function prepare(db: Database.Database) {
  return {
    session: db.prepare(
      `INSERT INTO session (id, code, state, source, source_sha256, profile_hash, consent_kind, consent_form, identification,
         program_version, first_frame_unix_ms, setup, created_unix_ms, writer_pid)
       VALUES (@id, @code, 'recording', @source, @sourceSha256, @profileHash, @consentKind, @consentForm, @identification,
         @programVersion, @firstFrameUnixMs, @setup, @createdUnixMs, @writerPid)`,
    ),
    profile: db.prepare('INSERT INTO session_profile (session, profile, models) VALUES (?, ?, ?)'),
    participant: db.prepare('INSERT INTO participant (session, code, details) VALUES (?, ?, ?)'),
    consent: db.prepare('INSERT INTO consent (session, participant, scope, given_at) VALUES (?, ?, ?, ?)'),
    frame: db.prepare(
      'INSERT INTO frame (session, sequence, time_ms, dropped_before, searched, name, gap) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    estimate: db.prepare('INSERT INTO estimate (session, sequence, segment, reason, numbers) VALUES (?, ?, ?, ?, ?)'),
    person: db.prepare(
      `INSERT INTO person (session, id, participant) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET participant = excluded.participant`,
    ),
    segment: db.prepare(
      `INSERT INTO segment (session, id, track, first_sequence, last_sequence, person, source, confidence)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_sequence = excluded.last_sequence, person = excluded.person,
         source = excluded.source, confidence = excluded.confidence`,
    ),
    marker: db.prepare(
      `INSERT INTO marker (session, id, time_ms, label) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET time_ms = excluded.time_ms, label = excluded.label`,
    ),
    event: db.prepare('INSERT INTO event (session, time_ms, kind, detail) VALUES (?, ?, ?, ?)'),
    clock: db.prepare('INSERT INTO clock (session, time_ms, unix_ms) VALUES (?, ?, ?)'),
    number: db.prepare('SELECT number FROM session WHERE id = ?').pluck(),
    undo: db.prepare(
      'UPDATE edit SET undone = @undone WHERE session = @session AND number = @number AND undone <> @undone',
    ),
    note: db.prepare('INSERT INTO note (session, unix_ms, text) VALUES (?, ?, ?)'),
    end: db.prepare(
      `UPDATE session SET state = ?, problems = ?, analysed_fps = ?, ended_unix_ms = ?, writer_pid = NULL WHERE number = ?`,
    ),
    export: db.prepare(
      `INSERT INTO export (session, path, sha256, written_unix_ms) SELECT number, ?, ?, ? FROM session WHERE id = ?`,
    ),
    discard: db.prepare('DELETE FROM session WHERE id = ?'),
    audit: db.prepare('INSERT INTO audit (unix_ms, session, action, detail) VALUES (?, ?, ?, ?)'),
    abandoned: db.prepare(`UPDATE session SET state = 'interrupted', writer_pid = NULL WHERE number = ?`),
    withdraw: db.prepare(
      `UPDATE consent SET withdrawn_unix_ms = ? WHERE session = (SELECT number FROM session WHERE id = ?)
         AND participant = ? AND scope = ? AND withdrawn_unix_ms IS NULL`,
    ),
    isRecording: db.prepare("SELECT code FROM session WHERE id = ? AND state = 'recording'").pluck(),
    recording: db.prepare(`SELECT number, writer_pid FROM session WHERE state = 'recording'`),
  };
}

class Writer {
  readonly #db: Database.Database;
  readonly #statements: Statements;
  #commit: NodeJS.Timeout | null = null;
  /** Rows of the next transaction. They wait here and not in the database, so that other programs may write meanwhile. */
  #waiting: Rows[] = [];

  constructor() {
    this.#db = openDatabase(file, false);
    migrate(this.#db);
    this.#statements = prepare(this.#db);
    this.#recover(isRunning);
    overwriteRemoved(this.#db);
    this.#bePatient();
  }

  answer(request: StoreRequest): unknown {
    switch (request.kind) {
      case 'open':
        return null; // the constructor has done it
      case 'begin':
        return this.#atOnce(() => this.#begin(request));
      case 'rows':
        this.#rows(request);
        return null;
      case 'end':
        this.#atOnce(() => {
          const { session, state, problems, analysedFps, unixMs } = request;
          this.#statements.end.run(state, JSON.stringify(problems), analysedFps, unixMs, session);
        });
        return null;
      case 'discard':
        this.#atOnce(() => {
          this.#statements.discard.run(request.id);
          this.#statements.audit.run(request.unixMs, request.id, 'discard', null);
        });
        return null;
      case 'edit':
        return this.#atOnce(() => this.#edit(request));
      case 'undo':
        this.#atOnce(() => this.#undo(request));
        return null;
      case 'note':
        this.#atOnce(() => {
          const { id, unixMs, text } = request;
          this.#statements.note.run(this.#numberOf(id), unixMs, text);
          this.#statements.audit.run(unixMs, id, 'note', null);
        });
        return null;
      case 'exported':
        this.#atOnce(() => {
          const { id, unixMs } = request;
          for (const { path, sha256 } of request.files) this.#statements.export.run(path, sha256, unixMs, id);
          this.#statements.audit.run(unixMs, id, 'export', JSON.stringify(request.files.map(({ path }) => path)));
        });
        return null;
      case 'withdraw':
        this.#atOnce(() => this.#withdraw(request));
        return null;
      case 'erase':
        return this.#erase(request);
      case 'close':
        try {
          this.#flush();
        } finally {
          this.#db.close();
        }
        return null;
    }
  }

  /** Drops rows that could not be written. */
  forget(): void {
    this.#waiting = [];
  }

  /** Sessions whose writer died are closed with what they have. */
  #recover(isAlive: (pid: number) => boolean): void {
    for (const row of this.#statements.recording.all() as { number: number; writer_pid: number | null }[]) {
      if (row.writer_pid === null || !isAlive(row.writer_pid)) this.#statements.abandoned.run(row.number);
    }
  }

  #begin(request: StoreRequest & { kind: 'begin' }): number {
    const number = Number(this.#statements.session.run(request.session).lastInsertRowid);
    this.#statements.profile.run(number, request.profile, request.models);
    for (const { code, scopes, givenAt, details } of request.participants) {
      this.#statements.participant.run(number, code, details);
      for (const scope of scopes) this.#statements.consent.run(number, code, scope, givenAt);
    }
    this.#statements.audit.run(request.session.createdUnixMs, request.session.id, 'begin', null);
    return number;
  }

  // What labels, reasons and notes say is not put into the audit, which outlives the session.
  #edit({ id, change, ...words }: StoreRequest & { kind: 'edit' }): number {
    const number = addEdit(this.#db, this.#numberOf(id), change, words);
    this.#statements.audit.run(words.unixMs, id, 'edit', `${number} ${change.kind}`);
    return number;
  }

  #undo({ id, number, undone, unixMs }: StoreRequest & { kind: 'undo' }): void {
    const session = this.#numberOf(id);
    const { changes } = this.#statements.undo.run({ session, number, undone: undone ? 1 : 0 });
    if (changes > 0) this.#statements.audit.run(unixMs, id, undone ? 'undo edit' : 'redo edit', String(number));
  }

  #numberOf(id: string): number {
    const number = this.#statements.number.get(id) as number | undefined;
    if (number === undefined) throw sessionUnknown(id); // discarded meanwhile
    return number;
  }

  #withdraw({ ids, participant, scope, unixMs }: StoreRequest & { kind: 'withdraw' }): void {
    for (const id of ids) {
      const code = this.#statements.isRecording.get(id) as string | undefined;
      if (code !== undefined) {
        const remedy = 'Withdraw on the page of the recording, or wait until it is done.';
        throw new MienError('store_busy', `The session "${code}" is being recorded.`, remedy);
      }
      const { changes } = this.#statements.withdraw.run(unixMs, id, participant, scope);
      if (changes > 0) this.#statements.audit.run(unixMs, id, 'withdraw consent', `${participant} ${scope}`);
    }
  }

  #erase({ target, ...facts }: StoreRequest & { kind: 'erase' }): unknown {
    this.#recover((pid) => pid === process.pid || isRunning(pid));
    const erased = this.#atOnce(() => erase(this.#db, target, facts));
    try {
      return { ...erased, isOverwritten: overwriteRemoved(this.#db) };
    } finally {
      this.#bePatient();
    }
  }

  /** While sessions are recorded there is something to lose. */
  #bePatient(): void {
    this.#db.pragma(`busy_timeout = ${PATIENCE_MS}`);
  }

  #rows(request: Rows): void {
    this.#waiting.push(request);
    this.#commit ??= setTimeout(() => this.#tryFlush(), COMMIT_MS);
  }

  #insert({ session, frames, faces, persons, segments, markers, events, clocks }: Rows): void {
    const { frame, estimate, person, segment, marker, event, clock } = this.#statements;
    for (const f of frames) {
      const time = Number.isNaN(f.timeMs) ? null : f.timeMs;
      frame.run(session, f.sequence, time, f.droppedBefore, f.searched ? 1 : 0, f.name, f.gap);
    }
    for (const { sequence, segment: of, reason, numbers } of faces) {
      const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      estimate.run(session, sequence, of, reason, bytes);
    }
    for (const p of persons) person.run(session, p.id, p.participant);
    for (const s of segments) {
      segment.run(session, s.id, s.track, s.firstSequence, s.lastSequence, s.person, s.source, s.confidence);
    }
    for (const m of markers) marker.run(session, m.id, m.timeMs, m.label);
    for (const e of events) event.run(session, e.timeMs, e.kind, e.detail);
    for (const c of clocks) clock.run(session, c.timeMs, c.unixMs);
  }

  #tryFlush(): void {
    try {
      this.#flush();
    } catch (error) {
      failure = storeError(error, file);
    }
  }

  #flush(): void {
    if (this.#commit) clearTimeout(this.#commit);
    this.#commit = null;
    if (this.#waiting.length === 0) return;
    const insert = this.#db.transaction(() => this.#waiting.forEach((rows) => this.#insert(rows)));
    insert.immediate(); // where it fails, everything goes on waiting
    this.#waiting = [];
  }

  /** Commits what waits, then does one thing in a transaction of its own. */
  #atOnce<T>(change: () => T): T {
    this.#flush();
    return this.#db.transaction(change).immediate();
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false; // an earlier process with our number
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

let failure: Error | null = null;
let writer: Writer | null = null;

function answer(request: StoreRequest): unknown {
  if (request.kind === 'close' && !writer) return null;
  if (failure) {
    if (request.kind !== 'begin' && request.kind !== 'close') throw failure;
    failure = null; // what went wrong with one session need not with the next
    writer?.forget();
  }
  writer ??= new Writer();
  return writer.answer(request);
}

serveThread(
  (request: StoreRequest) =>
    new Promise((resolve, reject) => {
      try {
        resolve(answer(request));
      } catch (error) {
        reject(storeError(error, file));
      }
    }),
  (request) => request.kind === 'close',
);
