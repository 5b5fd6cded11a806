// From what a session stored to the rows that people read: one for every person and frame, with what time makes of them.
import { EXPRESSIONS, dominantIndex, type Expression, type Probabilities } from './expression.ts';
import { isAmbiguous } from './ensemble.ts';
import { PersonWindow, type Windowed } from './window.ts';
import type { IdentitySource, Person, Segment } from './persons.ts';
import {
  isBreak,
  withoutScores,
  type FaceRecord,
  type FrameRecord,
  type MissingReason,
  type SessionEvent,
} from './record.ts';
import type { Profile } from './profile.ts';
import { isRejected } from './scoring.ts';

/** Frames by their numbers, both ends included. */
export interface FrameRange {
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** A session as it was stored; frames come in order. */
export interface RecordedSession {
  /** Codes of the participants who agreed to analysis; null where consent was obtained outside, for everybody. */
  readonly analysed: readonly string[] | null;
  readonly persons: readonly Person[];
  readonly segments: readonly Segment[];
  readonly events: readonly SessionEvent[];
  /** `within`: only those frames are wanted; others may come, too. */
  frames(within?: FrameRange): Iterable<{ readonly frame: FrameRecord; readonly faces: readonly FaceRecord[] }>;
}

export interface TimelineRow {
  /** Null in the one row of a frame in which nobody is known. */
  readonly person: Person | null;
  readonly frame: FrameRecord;
  /** Seconds on the session's clock; NaN for a picture. */
  readonly tSeconds: number;
  /**
   * Seconds for which the frame stands: until the next one, shared with those that were lost between; NaN for a picture. Of a gap:
   * how long it lasts.
   */
  readonly durationSeconds: number;
  /** The person's face, if it is in the frame. */
  readonly face: FaceRecord | null;
  readonly identity: { readonly source: IdentitySource; readonly confidence: number } | null;
  /** The networks ran on the face of a known person who agreed, and the profile does not reject what came out. */
  readonly estimated: boolean;
  /** Estimated, and within all limits of the profile. */
  readonly valid: boolean;
  /** Null exactly when valid. */
  readonly missingReason: MissingReason | null;
  /** The frame's own probabilities, refined: all that is said of the row comes from them. Null unless estimated. */
  readonly probabilities: Probabilities | null;
  /** The same before override and rules; the same array where nothing fired. */
  readonly raw: Probabilities | null;
  readonly dominant: Expression | null;
  readonly ambiguous: boolean;
  /** Rolling mean and confirmed expression; only valid rows have them. */
  readonly windowed: Windowed;
  /** Log-odds above the person's baseline, in the order of EXPRESSIONS (baseline.ts); null without a baseline and unless valid. */
  readonly aboveBaseline: Float32Array | null;
}

/** The number of a person in words, which stays the same whatever the person is called. */
export const personNumber = ({ id }: Pick<Person, 'id'>): string => `P${id}`;

/** Name of a person in every file. */
export function personLabel(person: Person): string {
  return person.label ?? personNumber(person);
}

/** What of a record says how long the one before it lasts. */
export type TimedRecord = Pick<FrameRecord, 'timeMs' | 'droppedBefore' | 'gap'>;

/** How long a record stands: until the next one, shared with the frames that were lost between. */
const lastsMs = (record: TimedRecord, next: TimedRecord): number =>
  (next.timeMs - record.timeMs) / (1 + next.droppedBefore);

/**
 * Where the last record ends, in ms; records come from the last to the first, and no more are taken than are needed. Nothing
 * follows it: a frame stands for as long as the frame before it, and of a pause nobody knows how long it would have been.
 */
export function endMs(backwards: Iterable<TimedRecord>): number {
  let last: TimedRecord | null = null;
  let next: TimedRecord | null = null;
  for (const record of backwards) {
    last ??= record;
    if (isBreak(last)) break;
    if (next && !isBreak(record)) return last.timeMs + Math.max(0, lastsMs(record, next));
    next = record;
  }
  return last?.timeMs ?? NaN;
}

interface Track {
  readonly person: Person;
  /** The person's first row; not known yet of somebody who was followed before the recording began and is not seen in it so far. */
  from: number | null;
  readonly window: PersonWindow;
}

const UNWINDOWED: Windowed = { smooth: null, confirmed: null };

/**
 * All rows, frame after frame and in each frame person after person. A person has rows from the first frame with the face
 * (a participant: from the first frame, if assigned by hand even without a face) to the end. Gaps have rows of the same people, none of them valid.
 */
export function* timeline(session: RecordedSession, profile: Profile): Generator<TimelineRow> {
  const segments = new Map(session.segments.map((segment) => [segment.id, segment]));
  const agreed = agreementsOf(session);
  let tracks: Track[] = [];
  let previous: { frame: FrameRecord; faces: readonly FaceRecord[] } | null = null;
  let frameMs = NaN;
  for (const current of session.frames()) {
    if (previous) {
      const durationMs = lastsMs(previous.frame, current.frame);
      if (!isBreak(previous.frame)) frameMs = durationMs;
      else if (Number.isNaN(frameMs)) frameMs = 0;
      yield* rowsOf(previous, durationMs, tracks, segments, profile, agreed);
    } else tracks = tracksOf(session, current.frame.sequence, profile);
    previous = current;
  }
  // As in endMs.
  if (previous) yield* rowsOf(previous, isBreak(previous.frame) ? 0 : frameMs, tracks, segments, profile, agreed);
}

/**
 * Codes of those who agreed to analysis, with the time at which they took it back while it was recorded; Infinity where they did
 * not. Null where consent was obtained outside.
 */
function agreementsOf({ analysed, events }: RecordedSession): Map<string | null, number> | null {
  if (!analysed) return null;
  const agreed = new Map<string | null, number>(analysed.map((code) => [code, Infinity]));
  for (const { kind, detail, timeMs } of events) {
    if ((kind === 'consent_withdrawn' || kind === 'analysis_withdrawn') && agreed.has(detail))
      agreed.set(detail, Math.min(timeMs, agreed.get(detail) ?? 0));
  }
  return agreed;
}

function tracksOf({ persons, segments, events }: RecordedSession, firstSequence: number, profile: Profile): Track[] {
  const assigned = new Set(events.filter(({ kind }) => kind === 'assigned').map(({ detail }) => detail));
  const tracks: Track[] = [];
  for (const person of persons) {
    const own = segments.filter((segment) => segment.person === person.id);
    const isAssigned = person.participant !== null && assigned.has(person.participant);
    if (own.length === 0 && !isAssigned) continue; // never seen, and nobody has said who it is
    const first = Math.min(...own.map((segment) => segment.firstSequence));
    const seenFrom = first < firstSequence ? null : first;
    const from = person.participant === null ? seenFrom : firstSequence;
    tracks.push({ person, from, window: new PersonWindow(profile.window) });
  }
  return tracks;
}

function* rowsOf(
  { frame, faces }: { frame: FrameRecord; faces: readonly FaceRecord[] },
  durationMs: number,
  tracks: readonly Track[],
  segments: ReadonlyMap<number, Segment>,
  profile: Profile,
  agreed: ReadonlyMap<string | null, number> | null,
): Generator<TimelineRow> {
  const durationSeconds = Math.max(0, durationMs / 1000); // times of damaged files may fall
  for (const track of tracks) {
    if (track.from === null && isSeen(track.person, faces, segments)) track.from = frame.sequence;
  }
  const known = tracks.filter(({ from }) => from !== null && from <= frame.sequence);
  for (const { person, window } of known) {
    const [found, segment] = bestFace(faces, segments, person.id);
    const face = found && isWithheld(person, frame, agreed) ? withoutScores(found) : found;
    const row = describe(frame, durationSeconds, person, face, segment, window, profile);
    // Nobody knew yet that this was somebody who agreed.
    const untilMs = agreed?.get(person.participant) ?? -Infinity;
    const hasAgreed = row.missingReason === 'no_consent' && !(frame.timeMs >= untilMs);
    yield hasAgreed ? { ...row, missingReason: 'identity_uncertain' } : row;
  }
  // A face that belongs to nobody to the end flickered up for a few frames: it was no face, searched for or not; or depth says so.
  if (known.length === 0) {
    const rejected = faces.find(({ reason }) => reason === 'depth_rejected') ?? null;
    const row = describe(frame, durationSeconds, null, rejected, null, null, profile);
    yield faces.length > 0 && !rejected ? { ...row, missingReason: 'no_face' } : row;
  }
}

/**
 * Whether a participant does not agree to the analysis of a frame, maybe not any more: what was computed when there was consent stays
 * unseen, and so does what was computed behind a withdrawal of somebody who was taken for another one.
 */
function isWithheld(
  { participant }: Person,
  { timeMs }: FrameRecord,
  agreed: ReadonlyMap<string | null, number> | null,
): boolean {
  if (participant === null || agreed === null) return false;
  const untilMs = agreed.get(participant);
  return untilMs === undefined || timeMs > untilMs;
}

const isSeen = (person: Person, faces: readonly FaceRecord[], segments: ReadonlyMap<number, Segment>): boolean =>
  faces.some((face) => segments.get(face.segment)?.person === person.id);

/** The face of a person in a frame; should there be two, the one whose identity is surer. */
function bestFace(
  faces: readonly FaceRecord[],
  segments: ReadonlyMap<number, Segment>,
  person: number,
): readonly [FaceRecord | null, Segment | null] {
  let best: readonly [FaceRecord | null, Segment | null] = [null, null];
  for (const face of faces) {
    const segment = segments.get(face.segment);
    if (segment?.person !== person) continue;
    if (!best[1] || segment.confidence > best[1].confidence) best = [face, segment];
  }
  return best;
}

function describe(
  frame: FrameRecord,
  durationSeconds: number,
  person: Person | null,
  face: FaceRecord | null,
  segment: Segment | null,
  window: PersonWindow | null,
  profile: Profile,
): TimelineRow {
  const missingReason = reasonOf(frame, face, segment, profile);
  const isMeasured = person !== null && (face?.members.some((member) => member !== null) ?? false);
  const estimate = isMeasured && face && !isRejected(face.refined, profile.reject) ? face : null;
  const valid = missingReason === null;
  const probabilities = estimate?.refined ?? null;
  const dominant = probabilities ? dominantIndex(probabilities) : -1;
  return {
    person,
    frame,
    tSeconds: frame.timeMs / 1000,
    durationSeconds,
    face,
    identity: person && segment ? { source: segment.source, confidence: segment.confidence } : null,
    estimated: estimate !== null,
    valid,
    missingReason,
    probabilities,
    raw: estimate?.fused ?? null,
    dominant: dominant < 0 ? null : EXPRESSIONS[dominant],
    ambiguous: probabilities !== null && isAmbiguous(probabilities, profile.ambiguity.gap, profile.ambiguity.least),
    windowed: window ? window.add(frame.timeMs, valid ? probabilities : null) : UNWINDOWED,
    aboveBaseline: null,
  };
}

function reasonOf(
  frame: FrameRecord,
  face: FaceRecord | null,
  segment: Segment | null,
  profile: Profile,
): MissingReason | null {
  if (frame.gap) return frame.gap;
  if (!face) return frame.searched ? 'no_face' : 'not_searched';
  if (face.reason) return face.reason;
  return !segment || segment.confidence < profile.identity.minConfidence ? 'identity_uncertain' : null;
}
