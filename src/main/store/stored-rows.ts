// What the tables hold, as the program knows it. Everything is read through a connection that is handed in.
import type Database from 'better-sqlite3';
import type { Consent, ConsentFile } from '../contract/consent.ts';
import { profileSchema } from '../contract/manifest.ts';
import type { Withdrawal } from '../contract/withdrawal.ts';
import type { DepthVerdict } from '../core/depth/verdict.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { ClockReading, DepthRejection, FaceRecord, FrameRecord, Marker, SessionEvent } from '../core/record.ts';
import { endMs, type TimedRecord } from '../core/timeline.ts';
import type { SessionReader, StoredSession } from '../engine/ports.ts';
import { unpackFace, type FaceColumns } from './face-codec.ts';
import { videoOf } from './videos.ts';

/** A face that was in view when a recording broke off was seen in one of its last frames. */
const LATELY_FRAMES = 300;

/**
 * Condition on rows of consent that what was recorded still rests on. Analysis that was taken back while it was recorded ends with
 * an event, and what came before it holds.
 */
export const HOLDS_FOR_RECORDED = `(withdrawn_unix_ms IS NULL OR while_recording AND scope = 'analysis')`;

/** All that a session is begun and ended with, as a query that conditions can be added to. */
export const SESSIONS = `SELECT id, code, state, source, profile, models, profile_hash AS profileHash, consent_kind AS consentKind,
  consent_form AS consentForm, identification, program_version AS programVersion, first_frame_unix_ms AS firstFrameUnixMs,
  created_unix_ms AS createdUnixMs, ended_unix_ms AS endedUnixMs, problems, analysed_fps AS analysedFps, setup, lock,
  rescored_from AS rescoredFrom, rescored_unix_ms AS rescoredUnixMs, measured_version AS measuredVersion,
  (SELECT code FROM session AS other WHERE other.id = session.rescored_from) AS rescoredFromCode,
  (SELECT count(*) FROM frame WHERE frame.session = session.number AND gap IS NULL) AS frames, number
  FROM session JOIN session_profile ON session_profile.session = session.number`;

export interface SessionRow {
  readonly number: number;
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
  readonly setup: string | null;
  readonly lock: string | null;
  readonly rescoredFrom: string | null;
  readonly rescoredFromCode: string | null;
  readonly rescoredUnixMs: number | null;
  readonly measuredVersion: string | null;
  readonly frames: number;
}

interface FrameRow {
  readonly sequence: number;
  readonly time_ms: number | null;
  readonly dropped_before: number;
  readonly searched: number;
  readonly name: string | null;
  readonly gap: FrameRecord['gap'];
  readonly segment: number | null;
  readonly reason: FaceRecord['reason'];
  readonly numbers: Buffer | null;
  readonly refined: Buffer | null;
  readonly fired: FaceColumns['fired'];
  readonly depth_verdict: FaceColumns['depthVerdict'];
  readonly distance_mm: number | null;
  readonly width_mm: number | null;
}

/** A session from its row. */
export function storedSession(db: Database.Database, row: SessionRow): StoredSession {
  const { profile, models, problems, identification, setup, lock } = row;
  const { id, code, state, profileHash, programVersion, frames } = row;
  const { firstFrameUnixMs, createdUnixMs, endedUnixMs, analysedFps } = row;
  const source = JSON.parse(row.source) as StoredSession['source'];
  return {
    ...{ id, code, state, profileHash, programVersion, frames, source },
    ...{ firstFrameUnixMs, createdUnixMs, endedUnixMs, analysedFps },
    profile: profileSchema.parse(JSON.parse(profile)), // older ones say less
    models: JSON.parse(models) as StoredSession['models'],
    problems: JSON.parse(problems) as StoredSession['problems'],
    setup: setup === null ? null : (JSON.parse(setup) as StoredSession['setup']),
    lock: lock === null ? null : (JSON.parse(lock) as StoredSession['lock']),
    consent: consentOf(db, row),
    withdrawals: withdrawalsOf(db, row.number),
    identification: identification === 1,
    video: videoOf(db, row.number),
    durationMs: source.kind === 'camera' ? recordedMs(db, row.number) : source.durationMs,
    rescored: rescoredOf(row),
  };
}

function withdrawalsOf(db: Database.Database, session: number): Withdrawal[] {
  const rows = db
    .prepare(
      `SELECT participant, scope, withdrawn_unix_ms AS unixMs, while_recording AS whileRecording FROM consent
       WHERE session = ? AND withdrawn_unix_ms IS NOT NULL ORDER BY withdrawn_unix_ms, participant, scope`,
    )
    .all(session) as (Omit<Withdrawal, 'whileRecording'> & { readonly whileRecording: number })[];
  return rows.map((row) => ({ ...row, whileRecording: row.whileRecording === 1 }));
}

function rescoredOf(row: SessionRow): StoredSession['rescored'] {
  const { rescoredFrom: from, rescoredFromCode: fromCode, rescoredUnixMs: unixMs, measuredVersion } = row;
  if (from === null || unixMs === null || measuredVersion === null) return null;
  return { from, fromCode, unixMs, measuredVersion };
}

function consentOf(db: Database.Database, { number, consentKind, consentForm }: SessionRow): Consent {
  if (consentKind === 'external') return { kind: 'external' };
  const all = db.prepare('SELECT code, details FROM participant WHERE session = ? ORDER BY code').all(number);
  const scopes = db.prepare(
    `SELECT scope, given_at FROM consent WHERE session = ? AND participant = ? AND ${HOLDS_FOR_RECORDED}`,
  );
  const participants = (all as { code: string; details: string | null }[]).map(({ code, details }) => {
    const given = scopes.all(number, code) as { scope: never; given_at: string | null }[];
    const [first] = given;
    const at = first?.given_at ? { given_at: first.given_at } : {};
    const more = details === null ? {} : (JSON.parse(details) as Partial<ConsentFile['participants'][number]>);
    return { code, scopes: given.map(({ scope }) => scope), ...at, ...more };
  });
  return { kind: 'file', form: consentForm ? (JSON.parse(consentForm) as ConsentFile['form']) : null, participants };
}

/** From the first record to the end of the last, which are found without reading those between; null where there is none. */
function recordedMs(db: Database.Database, session: number): number | null {
  const query =
    'SELECT time_ms AS timeMs, dropped_before AS droppedBefore, gap FROM frame WHERE session = ? ORDER BY sequence';
  const first = db.prepare(`${query} LIMIT 1`).get(session) as TimedRecord | undefined;
  if (!first) return null;
  const backwards = db.prepare(`${query} DESC`).iterate(session) as IterableIterator<TimedRecord>;
  return endMs(backwards) - first.timeMs;
}

/** People, and what is to be said of the session as a whole. */
export function contentsOf(
  db: Database.Database,
  session: number | undefined,
): Pick<SessionReader, 'persons' | 'segments' | 'markers' | 'events' | 'clock'> {
  const all = <T>(query: string, ...more: number[]): T[] => db.prepare(query).all(session, ...more) as T[];
  // Segments that were under way when a recording broke off have not been told their end.
  const lastFrame = db.prepare('SELECT max(sequence) FROM frame WHERE session = ?').pluck().get(session) as
    number | null;
  const lately = all<{ readonly segment: number; readonly last: number }>(
    `SELECT segment, max(sequence) AS last FROM session JOIN estimate ON session = number
     WHERE number = ? AND state <> 'complete' AND sequence > ? GROUP BY segment`,
    (lastFrame ?? 0) - LATELY_FRAMES,
  );
  const seenLast = new Map(lately.map(({ segment, last }) => [segment, last]));
  return {
    persons: all<Person>('SELECT id, participant FROM person WHERE session = ? ORDER BY id'),
    segments: all<Segment>(
      `SELECT id, track, first_sequence AS firstSequence, last_sequence AS lastSequence, person, source, confidence
       FROM segment WHERE session = ? ORDER BY id`,
    ).map((segment) => ({
      ...segment,
      lastSequence: Math.max(segment.lastSequence, seenLast.get(segment.id) ?? -Infinity),
    })),
    markers: all<Marker>('SELECT id, time_ms AS timeMs, label FROM marker WHERE session = ? ORDER BY time_ms, id'),
    events: all<SessionEvent>(
      'SELECT time_ms AS timeMs, kind, detail FROM event WHERE session = ? ORDER BY time_ms, rowid',
    ),
    clock: all<ClockReading>(
      'SELECT time_ms AS timeMs, unix_ms AS unixMs FROM clock WHERE session = ? ORDER BY time_ms, rowid',
    ),
  };
}

export interface FrameTime {
  readonly sequence: number;
  /** Null for a picture. */
  readonly timeMs: number | null;
}

/** A place in a session: a time, or of pictures, which have none, a number. */
export type FramePlace = { readonly timeMs: number } | { readonly sequence: number };

/** The first frame at or after a place, or the last before it; null where there is none. */
export function frameAt(
  db: Database.Database,
  session: number | undefined,
  side: 'from' | 'before',
  place: FramePlace,
): FrameTime | null {
  const [column, value] = 'timeMs' in place ? ['time_ms', place.timeMs] : ['sequence', place.sequence];
  const [is, order] = side === 'from' ? ['>=', 'ASC'] : ['<', 'DESC'];
  const query = `SELECT sequence, time_ms AS timeMs FROM frame WHERE session = ? AND ${column} ${is} ? ORDER BY sequence ${order} LIMIT 1`;
  return (db.prepare(query).get(session, value) as FrameTime | undefined) ?? null;
}

/** The number of a session's first frame, Infinity where there is none, and the segments of the faces in it. */
export function firstFrame(
  db: Database.Database,
  session: number | undefined,
): { readonly sequence: number; readonly faces: readonly number[] } {
  const { sequence = Infinity } = frameAt(db, session, 'from', { sequence: -Infinity }) ?? {};
  const faces = db.prepare('SELECT segment FROM estimate WHERE session = ? AND sequence = ?').pluck();
  return { sequence, faces: faces.all(session, sequence) as number[] };
}

/** Frames that are read at once where no reading may last long. */
const PAGE_FRAMES = 1000;
const FIRST = Number.MIN_SAFE_INTEGER;

/**
 * Frames in order, each with its faces, in many short readings: during a long one the log of what is written can only grow. To be
 * used where nobody changes the frames, or whoever reads hears of it.
 */
export function* framesInPages(db: Database.Database, session: number | undefined): ReturnType<typeof framesOf> {
  const lastOfPage = db
    .prepare(
      `SELECT max(sequence) FROM (SELECT sequence FROM frame WHERE session = ? AND sequence > ? ORDER BY sequence LIMIT ?)`,
    )
    .pluck();
  for (let after = FIRST; ;) {
    const last = lastOfPage.get(session, after, PAGE_FRAMES) as number | null;
    if (last === null) return;
    yield* [...framesOf(db, session, after, last)]; // all of the page before the first of it is used
    after = last;
  }
}

/** Frames in order, each with its faces: those behind the frame `after`, up to `last`. */
export function* framesOf(
  db: Database.Database,
  session: number | undefined,
  after = FIRST,
  last = Number.MAX_SAFE_INTEGER,
): Generator<{ frame: FrameRecord; faces: FaceRecord[] }> {
  const rows = db
    .prepare(
      `SELECT sequence, time_ms, dropped_before, searched, name, gap, segment, reason, numbers, refined, fired,
         depth_verdict, distance_mm, width_mm
       FROM frame LEFT JOIN estimate USING (session, sequence) WHERE session = ? AND sequence > ? AND sequence <= ?
       ORDER BY sequence, segment`,
    )
    .iterate(session, after, last) as IterableIterator<FrameRow>;
  let current: { frame: FrameRecord; faces: FaceRecord[] } | null = null;
  for (const row of rows) {
    if (current?.frame.sequence !== row.sequence) {
      if (current) yield current;
      current = { frame: frameOf(row), faces: [] };
    }
    const { sequence, segment, reason, numbers, fired } = row;
    if (segment !== null && numbers) {
      const refined = row.refined && numbersIn(row.refined);
      const depth = { depthVerdict: row.depth_verdict, distanceMm: row.distance_mm, widthMm: row.width_mm };
      current.faces.push(unpackFace({ sequence, segment, reason, refined, fired, ...depth }, numbersIn(numbers)));
    }
  }
  if (current) yield current;
}

interface RejectionRow extends Pick<DepthRejection, 'firstSequence' | 'lastSequence' | 'frames'> {
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly verdicts: string;
  readonly distanceMm: number | null;
}

/** What depth rejected, one entry for each track, in the order of its first frame. */
export function rejectionsOf(db: Database.Database, session: number | undefined): DepthRejection[] {
  const rows = db
    .prepare(
      `SELECT min(sequence) AS firstSequence, max(sequence) AS lastSequence, count(*) AS frames, min(time_ms) AS firstMs,
         max(time_ms) AS lastMs, group_concat(DISTINCT depth_verdict) AS verdicts, avg(distance_mm) AS distanceMm
       FROM estimate JOIN frame USING (session, sequence) WHERE session = ? AND reason = 'depth_rejected'
       GROUP BY segment ORDER BY firstSequence, segment`,
    )
    .all(session) as RejectionRow[];
  return rows.map(({ firstMs, lastMs, verdicts, distanceMm, ...row }) => ({
    ...row,
    firstMs: firstMs ?? NaN,
    lastMs: lastMs ?? NaN,
    verdicts: verdicts.split(',').sort() as DepthVerdict[],
    distanceMm: distanceMm ?? NaN,
  }));
}

/** Float32 values in memory of their own: they must be aligned in it. */
export function numbersIn({ buffer, byteOffset, byteLength }: Buffer): Float32Array {
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function frameOf({ sequence, time_ms, dropped_before, searched, name, gap }: FrameRow): FrameRecord {
  return { sequence, timeMs: time_ms ?? NaN, droppedBefore: dropped_before, searched: searched === 1, name, gap };
}
