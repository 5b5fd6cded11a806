// From what a session stored to the rows that people read: one for every person and frame, with what time makes of them.
import { EXPRESSIONS, dominantIndex, type Expression, type Probabilities } from './expression.ts';
import { isAmbiguous } from './ensemble.ts';
import { PersonWindow, type Windowed } from './window.ts';
import type { IdentitySource, Person, Segment } from './persons.ts';
import type { FaceRecord, FrameRecord, MissingReason } from './record.ts';
import type { Profile } from './profile.ts';

/** A session as it was stored; frames come in order. */
export interface RecordedSession {
  /** Codes of the participants who agreed to analysis; null where consent was obtained outside, for everybody. */
  readonly analysed: readonly string[] | null;
  readonly persons: readonly Person[];
  readonly segments: readonly Segment[];
  frames(): Iterable<{ readonly frame: FrameRecord; readonly faces: readonly FaceRecord[] }>;
}

export interface TimelineRow {
  /** Null in the one row of a frame in which nobody is known. */
  readonly person: Person | null;
  readonly frame: FrameRecord;
  /** Seconds on the session's clock; NaN for a picture. */
  readonly tSeconds: number;
  /** Seconds for which the frame stands: until the next one, shared with those that were lost between; NaN for a picture. */
  readonly durationSeconds: number;
  /** The person's face, if it is in the frame. */
  readonly face: FaceRecord | null;
  readonly identity: { readonly source: IdentitySource; readonly confidence: number } | null;
  /** The networks ran on the face of a known person who agreed. */
  readonly estimated: boolean;
  /** Estimated, and within all limits of the profile. */
  readonly valid: boolean;
  /** Null exactly when valid. */
  readonly missingReason: MissingReason | null;
  /** The frame's own probabilities; null unless estimated. */
  readonly probabilities: Probabilities | null;
  readonly dominant: Expression | null;
  readonly ambiguous: boolean;
  /** Rolling mean and confirmed expression; only valid rows have them. */
  readonly windowed: Windowed;
}

/** Name of a person in every file. */
export function personLabel(person: Person): string {
  return `P${person.id}`;
}

interface Track {
  readonly person: Person;
  readonly from: number;
  readonly window: PersonWindow;
}

const UNWINDOWED: Windowed = { smooth: null, confirmed: null };

/**
 * All rows, frame after frame and in each frame person after person. A person has rows from the first frame with the face
 * (a participant: from the first frame) to the end.
 */
export function* timeline(session: RecordedSession, profile: Profile): Generator<TimelineRow> {
  const segments = new Map(session.segments.map((segment) => [segment.id, segment]));
  const tracks = tracksOf(session, profile);
  const agreed = new Set<string | null>(session.analysed);
  let previous: { frame: FrameRecord; faces: readonly FaceRecord[] } | null = null;
  let durationMs = NaN;
  for (const current of session.frames()) {
    if (previous) {
      durationMs = (current.frame.timeMs - previous.frame.timeMs) / (1 + current.frame.droppedBefore);
      yield* rowsOf(previous, durationMs, tracks, segments, profile, agreed);
    }
    previous = current;
  }
  // Nothing follows the last frame: it stands for as long as the one before it.
  if (previous) yield* rowsOf(previous, durationMs, tracks, segments, profile, agreed);
}

function tracksOf({ persons, segments }: RecordedSession, profile: Profile): Track[] {
  const tracks: Track[] = [];
  for (const person of persons) {
    const own = segments.filter((segment) => segment.person === person.id);
    if (own.length === 0) continue;
    const first = Math.min(...own.map((segment) => segment.firstSequence));
    tracks.push({ person, from: person.participant === null ? first : 0, window: new PersonWindow(profile.window) });
  }
  return tracks;
}

function* rowsOf(
  { frame, faces }: { frame: FrameRecord; faces: readonly FaceRecord[] },
  durationMs: number,
  tracks: readonly Track[],
  segments: ReadonlyMap<number, Segment>,
  profile: Profile,
  agreed: ReadonlySet<string | null>,
): Generator<TimelineRow> {
  const durationSeconds = Math.max(0, durationMs / 1000); // times of damaged files may fall
  const known = tracks.filter((track) => track.from <= frame.sequence);
  for (const { person, window } of known) {
    const [face, segment] = bestFace(faces, segments, person.id);
    const row = describe(frame, durationSeconds, person, face, segment, window, profile);
    // Nobody knew yet that this was somebody who agreed.
    const hasAgreed = row.missingReason === 'no_consent' && agreed.has(person.participant);
    yield hasAgreed ? { ...row, missingReason: 'identity_uncertain' } : row;
  }
  // A face that belongs to nobody to the end flickered up for a few frames: it was no face, searched for or not.
  if (known.length === 0) {
    const row = describe(frame, durationSeconds, null, null, null, null, profile);
    yield faces.length > 0 ? { ...row, missingReason: 'no_face' } : row;
  }
}

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
  const estimated = person !== null && (face?.members.some((member) => member !== null) ?? false);
  const valid = missingReason === null;
  const probabilities = estimated && face ? face.fused : null;
  const dominant = probabilities ? dominantIndex(probabilities) : -1;
  return {
    person,
    frame,
    tSeconds: frame.timeMs / 1000,
    durationSeconds,
    face,
    identity: person && segment ? { source: segment.source, confidence: segment.confidence } : null,
    estimated,
    valid,
    missingReason,
    probabilities,
    dominant: dominant < 0 ? null : EXPRESSIONS[dominant],
    ambiguous: probabilities !== null && isAmbiguous(probabilities, profile.ambiguity.gap, profile.ambiguity.least),
    windowed: window ? window.add(frame.timeMs, valid ? probabilities : null) : UNWINDOWED,
  };
}

function reasonOf(
  frame: FrameRecord,
  face: FaceRecord | null,
  segment: Segment | null,
  profile: Profile,
): MissingReason | null {
  if (!face) return frame.searched ? 'no_face' : 'not_searched';
  if (face.reason) return face.reason;
  return !segment || segment.confidence < profile.identity.minConfidence ? 'identity_uncertain' : null;
}
