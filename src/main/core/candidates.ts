// The tracks that are in view, cut into segments, and the book of who has which segment.
import { iou, type Box } from './geometry.ts';
import type { IdentitySource, KnownPerson, Persons, Segment } from './persons.ts';

/** A face of a frame. */
export interface FaceInView {
  readonly track: number;
  /** Frames for which the track has existed, this one included. */
  readonly ageFrames: number;
  readonly box: Box;
}

/** A track that is in view, from its last segment on. */
export interface Candidate {
  readonly segment: Segment;
  /** Looks since the last one that was clear. */
  evidence: Float32Array[];
  /** Who it would be, judged by place or by the segment before. */
  readonly hypothesis: KnownPerson | null;
  /** How sure the hypothesis is where nobody may look. */
  readonly followed: number;
  /** Segments of the track just before this one that belong to nobody yet. */
  earlier: Segment[];
  /** The segment before, whose person another face has claimed, and how sure it was. */
  reopened: { readonly segment: Segment; readonly confidence: number } | null;
  framesSinceLook: number;
  mismatches: number;
  /** How sure the segment was before a look contradicted; null while none has. */
  trusted: number | null;
  ageFrames: number;
  box: Box;
}

/** Place decides only within so many frames of the last sight… */
const PLACE_FRAMES = 15;
/** …and with so much overlap. */
const PLACE_IOU = 0.3;
/** Confidence of a name for what nobody has looked at… */
export const UNSEEN = 0.5;
/** …and of one that the track or the place carries where nobody may look. */
export const FOLLOWED = 0.8;
/** A face that is nobody's is somebody if it was seen in so many frames: false detections flicker. */
export const NEW_PERSON_FRAMES = 5;

export class Candidates {
  readonly #persons: Persons;
  readonly #byTrack = new Map<number, Candidate>();
  /** Segments of tracks that are no people's faces. */
  #refused = new Map<number, Segment>();
  readonly #changed = new Set<Segment>();
  #nextSegment = 1;

  constructor(persons: Persons) {
    this.#persons = persons;
  }

  all(): Candidate[] {
    return [...this.#byTrack.values()];
  }

  find(track: number): Candidate | null {
    return this.#byTrack.get(track) ?? null;
  }

  /** Throws for a track that is not in view. */
  of(track: number): Candidate {
    const candidate = this.#byTrack.get(track);
    if (!candidate) throw new Error(`track ${track} is unknown to identity`);
    return candidate;
  }

  /** Throws for a track that is not in view. */
  segmentOf(track: number): Segment {
    return this.#refused.get(track) ?? this.of(track).segment;
  }

  /** These alone are in view and nobody's: each has a segment that never gets a person. */
  refuse(sequence: number, faces: readonly FaceInView[]): void {
    const before = this.#refused;
    this.#refused = new Map();
    for (const { track } of faces) {
      const segment = before.get(track) ?? this.#newSegment(this.#nextSegment++, track, sequence);
      segment.lastSequence = sequence;
      this.#refused.set(track, segment);
      before.delete(track);
    }
    for (const segment of before.values()) this.#changed.add(segment); // has ended
  }

  takeChanges(): Segment[] {
    const changes = [...this.#changed];
    this.#changed.clear();
    return changes;
  }

  /**
   * The track has left; `sequence` is the last frame that was looked at. Returns false for a segment that was to begin behind it:
   * it has no frame, and nobody was there.
   */
  close({ segment }: Candidate, sequence: number): boolean {
    this.#byTrack.delete(segment.track);
    const hasBegun = segment.firstSequence <= sequence;
    if (hasBegun) {
      this.#changed.add(segment);
    } else {
      this.#persons.release(segment);
      this.#changed.delete(segment);
    }
    return hasBegun;
  }

  /** Begins a segment in this frame; the one before ends with the frame before, and is begun anew if it began in this one. */
  open(
    sequence: number,
    face: FaceInView,
    more: Partial<Pick<Candidate, 'hypothesis' | 'followed' | 'evidence' | 'earlier' | 'reopened'>> = {},
  ): Candidate {
    const before = this.#byTrack.get(face.track)?.segment;
    const isAnew = before?.firstSequence === sequence;
    if (before && isAnew) {
      this.#persons.release(before);
      this.#changed.delete(before);
    } else if (before) {
      before.lastSequence = Math.min(before.lastSequence, sequence - 1);
      this.#changed.add(before);
    }
    const segment = this.#newSegment(isAnew ? before.id : this.#nextSegment++, face.track, sequence);
    const candidate: Candidate = {
      segment,
      evidence: more.evidence ?? [],
      hypothesis: more.hypothesis ?? null,
      followed: more.followed ?? FOLLOWED,
      earlier: more.earlier ?? [],
      reopened: more.reopened ?? null,
      framesSinceLook: 0,
      mismatches: 0,
      trusted: null,
      ageFrames: face.ageFrames,
      box: face.box,
    };
    this.#byTrack.set(face.track, candidate);
    return candidate;
  }

  #newSegment(id: number, track: number, sequence: number): Segment {
    const [firstSequence, lastSequence] = [sequence, sequence];
    const segment: Segment = { id, track, firstSequence, lastSequence, person: null, source: 'track', confidence: 0 };
    this.#changed.add(segment);
    return segment;
  }

  /** Whoever was lost a moment ago at this place. */
  personAt(sequence: number, box: Box): KnownPerson | null {
    const inView = this.personsInView();
    const near = this.#persons.all.filter((person) => {
      const last = person.segments.at(-1);
      if (!last || !person.lastBox || inView.has(person)) return false;
      return sequence - last.lastSequence <= PLACE_FRAMES && iou(person.lastBox, box) >= PLACE_IOU;
    });
    return near.length === 1 ? near[0] : null;
  }

  personsInView(except?: Candidate): Set<KnownPerson> {
    const inView = new Set<KnownPerson>();
    for (const candidate of this.#byTrack.values()) {
      const person = candidate === except ? null : this.personOf(candidate);
      if (person) inView.add(person);
    }
    return inView;
  }

  personOf({ segment }: Candidate): KnownPerson | null {
    return this.#persons.find(segment.person);
  }

  assign(candidate: Candidate, person: KnownPerson, source: IdentitySource, confidence: number): void {
    const { earlier, reopened, segment } = candidate;
    this.#give(segment, person, source, confidence);
    person.lastBox = candidate.box;
    candidate.evidence = [];
    if (reopened?.segment.person === person.id && source === 'embedding') {
      reopened.segment.confidence = reopened.confidence;
      this.#changed.add(reopened.segment);
    }
    const others = earlier.filter((before) => this.#persons.isElsewhere(person, before));
    for (const before of earlier) if (!others.includes(before)) this.#give(before, person, 'track', UNSEEN);
    this.giveUp(others);
    candidate.earlier = [];
    candidate.reopened = null;
  }

  /** What nobody will ever know: one person nobody is sure of, so that no row is lost, unless it was a flicker. */
  giveUp(segments: readonly Segment[]): void {
    const frames = segments.reduce((sum, s) => sum + s.lastSequence - s.firstSequence + 1, 0);
    if (frames < NEW_PERSON_FRAMES) return;
    const person = this.#persons.add([], false);
    for (const segment of segments) this.#give(segment, person, 'track', UNSEEN);
  }

  /** Makes it uncertain whether the segments of a person are that person's. */
  doubt(person: KnownPerson): void {
    for (const segment of person.segments) {
      segment.confidence = Math.min(segment.confidence, UNSEEN);
      this.#changed.add(segment);
    }
  }

  #give(segment: Segment, person: KnownPerson, source: IdentitySource, confidence: number): void {
    segment.person = person.id;
    segment.source = source;
    segment.confidence = confidence;
    this.#persons.hold(person, segment);
    this.#changed.add(segment);
  }
}
