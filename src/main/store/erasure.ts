// Erases somebody: every row about the person and every text that names the participant's code, in one transaction. Faces of which
// nobody knows whose they are stay, and so do frames: they hold no person.
import type Database from 'better-sqlite3';
import { MienError } from '../contract/errors.ts';
import type {
  ErasureReceipt,
  ErasureTarget,
  StoredErasurePlan,
  UncodedSession,
  WrittenExport,
} from '../contract/participants.ts';
import type { Person, Segment } from '../core/persons.ts';
import { personLabel, personNumber } from '../core/timeline.ts';
import { isCancelled, noteRemoved, pointOfNoReturn, type ErasureMemory } from './erasure-progress.ts';
import { removeLevels } from './level-writing.ts';
import { clearMentions, findMentions } from './personal-texts.ts';
import { Redaction } from './redaction.ts';
import { relativesOf, shareFace } from './relatives.ts';
import { settleEdits } from './settled-edits.ts';
import { correctedOf } from './stored-edits.ts';
import { keptVideos, removeVideos } from './videos.ts';

/** Frames whose faces are removed between two looks at whether to go on. */
const FRAMES_AT_ONCE = 2000;

interface ErasedSession {
  readonly number: number;
  readonly id: string;
  readonly code: string;
  readonly newCode: string | null;
  /** Whether the person took part, and is not only named in it. */
  readonly isIn: boolean;
  readonly persons: UncodedSession['persons'];
  readonly segments: readonly number[];
  /** Frames in which these segments may have faces. */
  readonly frames: number;
}

interface Found {
  readonly sessions: readonly ErasedSession[];
  readonly markers: readonly { readonly session: number; readonly id: string; readonly label: string }[];
  readonly texts: number;
  readonly exports: WrittenExport[];
  /** Null for somebody without a code. */
  readonly redaction: Redaction | null;
  /** Sessions in which texts are searched for the code; null for all. */
  readonly within: readonly number[] | null;
}

/** What would be erased. Throws participant_unknown where there is nothing. */
export function planOf(db: Database.Database, target: ErasureTarget): StoredErasurePlan {
  const { sessions, markers, texts, exports } = find(db, target);
  const videos = keptVideos(db, numbersOf(sessions));
  const codes = new Map(sessions.map(({ number, code }) => [number, code]));
  return {
    sessions: sessions.map(({ id, code, newCode, persons, frames }) => ({
      ...{ id, code, newCode, persons },
      estimates: frames,
    })),
    markers: markers.map(({ session, label }) => ({ sessionCode: codes.get(session) ?? '', label })),
    texts,
    videos,
    exports,
  };
}

/** Of the sessions in which the person took part. */
const numbersOf = (sessions: readonly ErasedSession[]): number[] =>
  sessions.filter(({ isIn }) => isIn).map(({ number }) => number);

/**
 * Removes somebody, and leaves a receipt that says that the bytes must be overwritten yet. To be called in a transaction, which
 * must be rolled back when it throws: participant_unknown, store_busy while something is recorded, interrupted when it was
 * cancelled in time.
 */
export function erase(
  db: Database.Database,
  target: ErasureTarget,
  facts: { readonly unixMs: number; readonly programVersion: string; readonly memory: ErasureMemory },
): Omit<ErasureReceipt, 'isOverwritten'> & { readonly files: WrittenExport[] } {
  refuseWhileRecording(db);
  // What was corrected by hand becomes final in these sessions: an edit that can be undone would bring the person back.
  for (const { number, persons } of find(db, target).sessions) if (persons.length > 0) settleEdits(db, number);
  const { sessions, markers, exports, redaction, within } = find(db, target);
  const { unixMs, programVersion } = facts;
  removeVideos(db, numbersOf(sessions), { reason: 'erased', unixMs });
  const estimates = removeEstimates(db, sessions, facts.memory);
  for (const { number, persons, segments } of sessions) {
    removeLevels(db, number);
    removePersons(db, number, persons, segments);
  }
  const removeMarker = db.prepare('DELETE FROM marker WHERE session = ? AND id = ?');
  for (const { session, id } of markers) removeMarker.run(session, id);
  if (target.kind === 'participant' && redaction) removeCode(db, target.code, sessions, redaction, within);
  const receipt = { unixMs, sessions: sessions.length, estimates, exports: exports.length, programVersion };
  db.prepare(
    `INSERT INTO receipt (unix_ms, sessions, estimates, exports, program_version)
     VALUES (@unixMs, @sessions, @estimates, @exports, @programVersion)`,
  ).run(receipt);
  db.prepare("INSERT INTO audit (unix_ms, action) VALUES (?, 'erase')").run(unixMs);
  if (!pointOfNoReturn(facts.memory)) throw cancelled();
  return { ...receipt, files: exports };
}

/** Throws store_busy while anything is recorded: the whole database is written anew in the end. */
function refuseWhileRecording(db: Database.Database): void {
  const code = db.prepare("SELECT code FROM session WHERE state = 'recording'").pluck().get() as string | undefined;
  if (code === undefined) return;
  const message = `The session "${code}" is being recorded, by this or another program.`;
  throw new MienError('store_busy', message, 'Nobody can be erased meanwhile. Stop it, or wait until it is done.');
}

const cancelled = (): MienError =>
  new MienError('interrupted', 'The erasure was cancelled.', 'Nothing was erased; start it again when you like.');

function find(db: Database.Database, target: ErasureTarget): Found {
  return target.kind === 'participant' ? findParticipant(db, target.code) : findPerson(db, target);
}

function findParticipant(db: Database.Database, code: string): Found {
  const known = db.prepare(
    `SELECT session, code FROM participant UNION SELECT session, participant FROM person WHERE participant IS NOT NULL`,
  );
  const all = known.all() as { readonly session: number; readonly code: string }[];
  const own = all.filter((each) => each.code === code);
  // A word that is only found in texts, such as the name of a session, is no participant.
  if (own.length === 0) throw unknown(`There is no participant "${code}".`);
  const others = all.map((each) => each.code);
  const redaction = new Redaction(code, others);
  const ownNumbers = [...new Set(own.map(({ session }) => session))];
  const within = isCommonWord(code) ? ownNumbers : null;
  const isWithin = (number: number): boolean => within?.includes(number) ?? true;
  const mentions = findMentions(db, redaction, within); // defines the functions that are used here, too
  const markers = markersOf(db, redaction).filter(({ session }) => isWithin(session));
  const named = db
    .prepare(
      `SELECT number FROM session WHERE is_named(code, 'session.code')
       UNION SELECT session FROM event WHERE is_named(detail, 'event.detail')`,
    )
    .pluck()
    .all() as number[];
  const numbers = new Set([...ownNumbers, ...mentions.sessions, ...named.filter(isWithin)]);
  for (const { session } of markers) numbers.add(session);
  const taken = new Set(db.prepare('SELECT code FROM session').pluck().all() as string[]);
  const sessions = [...numbers]
    .sort((p, q) => p - q)
    .map((number) => {
      const session = sessionOf(db, number, ({ participant }) => participant === code);
      const newCode = redaction.isIn(session.code) ? freeName(redaction.ofName(session.code), taken) : null;
      return { ...session, newCode, isIn: ownNumbers.includes(number) };
    });
  return { sessions, markers, texts: mentions.texts, exports: exportsOf(db, sessions), redaction, within };
}

/** Whether a code is so plain ("7", "01") that elsewhere it means something else: a block, a date, the number of a picture. */
const isCommonWord = (code: string): boolean => /^\d+$/.test(code) || code.length < 3;

function findPerson(db: Database.Database, target: ErasureTarget & { readonly kind: 'person' }): Found {
  const isTarget = ({ id }: Person): boolean => id === target.person;
  const query = db.prepare('SELECT number FROM session WHERE id = ?').pluck();
  const number = query.get(target.sessionId) as number | undefined;
  const { persons, segments } = correctedOf(db, number);
  if (number === undefined || !persons.some(({ id, participant }) => id === target.person && participant === null))
    throw unknown('There is no such person without a code in this session.');
  const own = segments.filter(({ person }) => person === target.person);
  const sessions = relativesOf(db, number)
    .map((relative) => sessionOf(db, relative, relative === number ? isTarget : isFaceOf(db, relative, own)))
    .filter((session) => session.persons.length > 0);
  const markers = sessions.flatMap((session) => session.persons.flatMap(({ id }) => markersNaming(db, session, id)));
  return { sessions, markers, texts: 0, exports: exportsOf(db, sessions), redaction: null, within: null };
}

/** Says of somebody in another session of the same recording, if without a code, whether it is whom these segments are of. */
function isFaceOf(db: Database.Database, session: number, own: readonly Segment[]): (person: Person) => boolean {
  const { segments } = correctedOf(db, session);
  return ({ id, participant }) =>
    participant === null &&
    shareFace(
      own,
      segments.filter(({ person }) => person === id),
    );
}

function markersNaming(db: Database.Database, { number }: ErasedSession, person: number): Found['markers'] {
  const redaction = new Redaction(personNumber({ id: person }), []);
  return markersOf(db, redaction).filter(({ session }) => session === number);
}

const unknown = (message: string): MienError =>
  new MienError('participant_unknown', message, '"npm run mien -- participants" lists those that there are.');

function sessionOf(db: Database.Database, number: number, isMeant: (person: Person) => boolean): ErasedSession {
  const { persons, segments } = correctedOf(db, number);
  const { id, code } = db.prepare('SELECT id, code FROM session WHERE number = ?').get(number) as ErasedSession;
  const erased = persons.filter(isMeant);
  const ids = new Set<number | null>(erased.map((person) => person.id));
  const own = segments.filter(({ person }) => person !== null && ids.has(person));
  return {
    ...{ number, id, code, newCode: null, isIn: true },
    persons: erased.map((person) => ({ id: person.id, label: personLabel(person) })),
    segments: own.map((segment) => segment.id),
    frames: own.reduce((sum, { firstSequence, lastSequence }) => sum + 1 + lastSequence - firstSequence, 0),
  };
}

/** Markers, those that were added or changed by hand too, whose label names somebody. */
function markersOf(db: Database.Database, redaction: Redaction): Found['markers'] {
  const sessions = db.prepare('SELECT number FROM session ORDER BY number').pluck().all() as number[];
  return sessions.flatMap((session) =>
    correctedOf(db, session)
      .markers.filter(({ label }) => redaction.isIn(label))
      .map(({ id, label }) => ({ session, id, label })),
  );
}

/** The first name with a number behind it that no session has. */
function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}-${i}`;
  taken.add(name);
  return name;
}

function exportsOf(db: Database.Database, sessions: readonly ErasedSession[]): WrittenExport[] {
  const query = `SELECT DISTINCT path, sha256, written_unix_ms AS writtenUnixMs FROM export
    WHERE session IN (SELECT value FROM json_each(?)) ORDER BY written_unix_ms, path`;
  return db.prepare(query).all(JSON.stringify(sessions.map(({ number }) => number))) as WrittenExport[];
}

/** Returns how many rows went. */
function removeEstimates(db: Database.Database, sessions: readonly ErasedSession[], memory: ErasureMemory): number {
  const ends = db.prepare('SELECT min(sequence) AS first, max(sequence) AS last FROM frame WHERE session = ?');
  const remove = db.prepare(
    `DELETE FROM estimate WHERE session = @number AND sequence BETWEEN @from AND @to
       AND segment IN (SELECT value FROM json_each(@segments))`,
  );
  // Not from the first frame of the segments to their last: of a program that was killed, nobody has told where they end.
  const stretches = sessions
    .filter(({ segments }) => segments.length > 0)
    .map(({ number, segments }) => ({
      number,
      segments: JSON.stringify(segments),
      ...(ends.get(number) as { first: number | null; last: number | null }),
    }));
  const total = stretches.reduce((sum, { first, last }) => sum + (last ?? -1) - (first ?? 0) + 1, 0);
  let [removed, looked] = [0, 0];
  for (const { number, segments, first, last } of stretches) {
    for (let from = first ?? 0; from <= (last ?? -1); from += FRAMES_AT_ONCE) {
      if (isCancelled(memory)) throw cancelled();
      const to = Math.min(last ?? -1, from + FRAMES_AT_ONCE - 1);
      removed += remove.run({ number, from, to, segments }).changes;
      looked += to - from + 1;
      noteRemoved(memory, looked / total);
    }
  }
  return removed;
}

function removePersons(
  db: Database.Database,
  session: number,
  persons: ErasedSession['persons'],
  segments: ErasedSession['segments'],
): void {
  const removeSegment = db.prepare('DELETE FROM segment WHERE session = ? AND id = ?');
  for (const id of segments) removeSegment.run(session, id);
  const removePerson = db.prepare('DELETE FROM person WHERE session = ? AND id = ?');
  const removeEdits = db.prepare("DELETE FROM edit WHERE session = ? AND json_extract(detail, '$.person') = ?");
  for (const { id } of persons) {
    removePerson.run(session, id);
    removeEdits.run(session, id); // what he or she was called
  }
}

/** Consent, events and everything that names the participant. */
function removeCode(
  db: Database.Database,
  code: string,
  sessions: readonly ErasedSession[],
  redaction: Redaction,
  within: readonly number[] | null,
): void {
  db.prepare('DELETE FROM participant WHERE code = ?').run(code); // and its consent
  db.prepare('DELETE FROM person WHERE participant = ?').run(code); // should there be one that no reader shows
  const limit = within ? `AND session IN (${within.join(', ')})` : '';
  db.prepare(`DELETE FROM event WHERE is_named(detail, 'event.detail') ${limit}`).run();
  const rename = db.prepare('UPDATE session SET code = ? WHERE number = ?');
  for (const { number, newCode } of sessions) if (newCode !== null) rename.run(newCode, number);
  clearMentions(db, redaction, within);
}
