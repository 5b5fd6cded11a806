// Worker thread: the only connection that writes. Rows are collected into transactions of a quarter of a second, so a program
// that is killed loses no more than that. What happens to rows that cannot be written is told in backlog.ts.
import { workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import { copySession } from './copied-rows.ts';
import { Backlog, type End, type Rows } from './backlog.ts';
import { answering, migrate, openDatabase, sessionUnknown } from './database.ts';
import { giveUp, removePart } from './discarding.ts';
import { erase } from './erasure.ts';
import { abandonLevels, changeLevels, removeLevels } from './level-writing.ts';
import { overwriteRemoved } from './overwrite.ts';
import { addEdit } from './stored-edits.ts';
import type { StoreRequest, WriterData } from './store-protocol.ts';
import { changeVideo, owedVideos, removeVideos } from './videos.ts';
import { isRunning } from '../platform/programs.ts';
import { serveThread } from '../platform/thread.ts';

const COMMIT_MS = 250;
/** What could not be written, because the disk is full, is tried again so often. */
const RETRY_MS = 1000;

const { file, patienceMs } = workerData as WriterData;

interface AbandonedRow {
  readonly number: number;
  readonly id: string;
  readonly writer_pid: number | null;
  readonly rescored_from: string | null;
}

type Statements = ReturnType<typeof prepare>;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function prepare(db: Database.Database) {
  return {
    session: db.prepare(
      `INSERT INTO session (id, code, state, source, source_sha256, profile_hash, consent_kind, consent_form, identification,
         program_version, first_frame_unix_ms, setup, lock, created_unix_ms, writer_pid)
       VALUES (@id, @code, 'recording', @source, @sourceSha256, @profileHash, @consentKind, @consentForm, @identification,
         @programVersion, @firstFrameUnixMs, @setup, @lock, @createdUnixMs, @writerPid)`,
    ),
    profile: db.prepare('INSERT INTO session_profile (session, profile, models) VALUES (?, ?, ?)'),
    participant: db.prepare('INSERT INTO participant (session, code, details) VALUES (?, ?, ?)'),
    consent: db.prepare('INSERT INTO consent (session, participant, scope, given_at) VALUES (?, ?, ?, ?)'),
    frame: db.prepare(
      'INSERT INTO frame (session, sequence, time_ms, dropped_before, searched, name, gap) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    estimate: db.prepare(
      `INSERT INTO estimate (session, sequence, segment, reason, numbers, refined, fired, depth_verdict, distance_mm, width_mm)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
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
      `UPDATE consent SET withdrawn_unix_ms = ?, while_recording = 0
       WHERE session = (SELECT number FROM session WHERE id = ?) AND participant = ? AND scope = ?
         AND (withdrawn_unix_ms IS NULL OR while_recording AND scope = 'analysis')`,
    ),
    withdrawLive: db.prepare(
      `UPDATE consent SET withdrawn_unix_ms = @unixMs, while_recording = 1
       WHERE session = @session AND participant = @participant AND scope = @scope AND withdrawn_unix_ms IS NULL`,
    ),
    fix: db.prepare('INSERT INTO project_lock (project, settings, fixed_unix_ms) VALUES (?, ?, ?)'),
    idOf: db.prepare('SELECT id FROM session WHERE number = ?').pluck(),
    isRecording: db
      .prepare("SELECT code FROM session WHERE id = ? AND state = 'recording' AND rescored_from IS NULL")
      .pluck(),
    copiesUnderWay: db
      .prepare(
        `WITH RECURSIVE copy (id) AS (SELECT value FROM json_each(?)
           UNION SELECT session.id FROM session JOIN copy ON rescored_from = copy.id WHERE state = 'recording')
         SELECT id FROM copy`,
      )
      .pluck(),
    recording: db.prepare(`SELECT number, id, writer_pid, rescored_from FROM session WHERE state = 'recording'`),
  };
}

class Writer {
  readonly #db: Database.Database;
  readonly #statements: Statements;
  #commit: NodeJS.Timeout | null = null;
  /** Rows of the next transaction. They wait here and not in the database, so that other programs may write meanwhile. */
  readonly #backlog: Backlog;

  constructor() {
    this.#db = openDatabase(file, false);
    migrate(this.#db);
    this.#statements = prepare(this.#db);
    const inTransaction = <T>(write: (content: T) => void): ((content: T) => void) => {
      const transaction = this.#db.transaction(write);
      return (content) => transaction.immediate(content);
    };
    const target = {
      rows: inTransaction((groups: readonly Rows[]) => groups.forEach((rows) => this.#insert(rows))),
      end: inTransaction((end: End) => this.#end(end)),
    };
    this.#backlog = new Backlog(target, file, () => performance.now());
    this.#recover(isOtherRunning);
    abandonLevels(this.#db, isOtherRunning);
    overwriteRemoved(this.#db);
    this.#bePatient();
  }

  answer(request: StoreRequest): unknown {
    switch (request.kind) {
      case 'open':
        return null; // the constructor has done it
      case 'begin':
        return this.#atOnce(() => this.#begin(request));
      case 'beginCopy':
        return this.#atOnce(() => {
          const { columns } = request;
          this.#statements.audit.run(columns.unixMs, columns.id, 'score again', columns.from);
          return copySession(this.#db, columns);
        });
      case 'rows':
        this.#backlog.add(request);
        this.#commit ??= setTimeout(() => this.#tryFlush(), COMMIT_MS);
        return null;
      case 'end':
        this.#keepTrying(() => this.#backlog.end(request));
        return null;
      case 'discard':
        return this.#discard(request);
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
      case 'video':
        this.#atOnce(() => changeVideo(this.#db, request.change));
        return null;
      case 'videosOwed':
        return owedVideos(this.#db, request.found);
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
      case 'levels':
        return this.#atOnce(() => changeLevels(this.#db, request.ask));
      case 'close':
        try {
          this.#flush();
        } finally {
          this.#noCommit();
          this.#db.close();
        }
        return null;
    }
  }

  /** Sessions whose writer died are closed with what they have; half of one that was scored again can be made anew, and goes. */
  #recover(isAlive: (pid: number) => boolean): void {
    for (const row of this.#statements.recording.all() as AbandonedRow[]) {
      if (row.writer_pid !== null && isAlive(row.writer_pid)) continue;
      if (row.rescored_from === null) this.#statements.abandoned.run(row.number);
      else this.#statements.discard.run(row.id);
    }
  }

  #begin(request: StoreRequest & { kind: 'begin' }): number {
    const number = Number(this.#statements.session.run(request.session).lastInsertRowid);
    this.#statements.profile.run(number, request.profile, request.models);
    for (const { code, scopes, givenAt, details } of request.participants) {
      this.#statements.participant.run(number, code, details);
      for (const scope of scopes) this.#statements.consent.run(number, code, scope, givenAt);
    }
    const { id, createdUnixMs } = request.session;
    const { audit, fix } = this.#statements;
    audit.run(createdUnixMs, id, 'begin', null);
    if (request.differs !== null) audit.run(createdUnixMs, id, 'differ from project', request.differs);
    if (request.fixed) {
      fix.run(request.fixed.project, request.fixed.settings, createdUnixMs);
      audit.run(createdUnixMs, id, 'fix project', null);
    }
    return number;
  }

  /** Removes a part of a session, if it is there; returns "more" where it has to be called again. */
  #discard({ id, unixMs }: StoreRequest & { kind: 'discard' }): 'more' | null {
    const session = this.#statements.number.get(id) as number | undefined;
    if (session === undefined) return null;
    this.#backlog.forget(session);
    const isMore = this.#atOnce(() => {
      if (!giveUp(this.#db, session)) return removePart(this.#db, session);
      this.#statements.audit.run(unixMs, id, 'discard', null);
      return true;
    });
    return isMore ? 'more' : null;
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
    const { isRecording, copiesUnderWay, withdraw, audit } = this.#statements;
    const copies = copiesUnderWay.all(JSON.stringify(ids)) as string[]; // they were begun with the consents as they were
    for (const id of new Set([...ids, ...copies])) {
      const code = isRecording.get(id) as string | undefined;
      if (code !== undefined) {
        const remedy = 'Withdraw on the page of the recording, or wait until it is done.';
        throw new MienError('store_busy', `The session "${code}" is being recorded.`, remedy);
      }
      const { changes } = withdraw.run(unixMs, id, participant, scope);
      if (changes === 0) continue;
      audit.run(unixMs, id, 'withdraw consent', `${participant} ${scope}`);
      removeLevels(this.#db, this.#numberOf(id)); // they may hold scores that must not be seen any more
      if (scope === 'video') removeVideos(this.#db, [this.#numberOf(id)], { reason: 'withdrawn', unixMs });
    }
  }

  #erase({ target, ...facts }: StoreRequest & { kind: 'erase' }): unknown {
    this.#recover((pid) => pid === process.pid || isOtherRunning(pid));
    const erased = this.#atOnce(() => erase(this.#db, target, facts));
    try {
      return { ...erased, isOverwritten: overwriteRemoved(this.#db) };
    } finally {
      this.#bePatient();
    }
  }

  /** While sessions are recorded there is something to lose. */
  #bePatient(): void {
    this.#db.pragma(`busy_timeout = ${patienceMs}`);
  }

  #end({ session, state, problems, analysedFps, unixMs }: End): void {
    this.#statements.end.run(state, JSON.stringify(problems), analysedFps, unixMs, session);
  }

  #insert({ session, frames, faces, persons, segments, markers, events, clocks, withdrawals }: Rows): void {
    const { frame, estimate, person, segment, marker, event, clock } = this.#statements;
    for (const f of frames) {
      const time = Number.isNaN(f.timeMs) ? null : f.timeMs;
      frame.run(session, f.sequence, time, f.droppedBefore, f.searched ? 1 : 0, f.name, f.gap);
    }
    for (const { sequence, segment: of, reason, numbers, refined, fired, depthVerdict, distanceMm, widthMm } of faces) {
      const depth = [depthVerdict, distanceMm, widthMm];
      estimate.run(session, sequence, of, reason, bytesOf(numbers), refined && bytesOf(refined), fired, ...depth);
    }
    for (const p of persons) person.run(session, p.id, p.participant);
    for (const s of segments) {
      segment.run(session, s.id, s.track, s.firstSequence, s.lastSequence, s.person, s.source, s.confidence);
    }
    for (const m of markers) marker.run(session, m.id, m.timeMs, m.label);
    for (const e of events) event.run(session, e.timeMs, e.kind, e.detail);
    for (const c of clocks) clock.run(session, c.timeMs, c.unixMs);
    for (const withdrawal of withdrawals) this.#withdrawLive(session, withdrawal);
  }

  #withdrawLive(session: number, withdrawal: Rows['withdrawals'][number]): void {
    const { withdrawLive, audit, idOf } = this.#statements;
    const { participant, scope, unixMs } = withdrawal;
    if (withdrawLive.run({ session, ...withdrawal }).changes === 0) return;
    audit.run(unixMs, idOf.get(session), 'withdraw consent', `${participant} ${scope}`);
    if (scope === 'video') removeVideos(this.#db, [session], { reason: 'withdrawn', unixMs });
  }

  #tryFlush(): void {
    try {
      this.#flush();
    } catch {
      // The backlog tells the recordings that it is about.
    }
  }

  #flush(): void {
    this.#keepTrying(() => this.#backlog.flush());
  }

  /** Writes what waits; what has to wait further is tried again by itself. */
  #keepTrying(write: () => void): void {
    this.#noCommit();
    try {
      write();
    } finally {
      if (this.#backlog.isWaiting) this.#commit = setTimeout(() => this.#tryFlush(), RETRY_MS);
    }
  }

  #noCommit(): void {
    if (this.#commit) clearTimeout(this.#commit);
    this.#commit = null;
  }

  /** Commits what waits, then does one thing in a transaction of its own. */
  #atOnce<T>(change: () => T): T {
    this.#flush();
    return this.#db.transaction(change).immediate();
  }
}

/** Our own number is that of an earlier process. What another user records is not taken for interrupted. */
const isOtherRunning = (pid: number): boolean => pid !== process.pid && isRunning(pid, { foreign: 'counts' });

let writer: Writer | null = null;

function answer(request: StoreRequest): unknown {
  if (request.kind === 'close' && !writer) return null;
  writer ??= new Writer();
  return writer.answer(request);
}

serveThread(answering(answer, file), (request) => request.kind === 'close');
