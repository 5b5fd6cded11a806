// Who is who. A track is cut into segments, each the stretch between two looks at the identity; a segment belongs to one person or,
// while nothing is known, to nobody. Because rows refer to segments, an answer that comes late is right for the rows before it
// too, and an answer that turns out wrong spoils no more than the stretch since the last look.
//
// Looks are embeddings: new and doubtful faces first, every known face about every 60 frames, one face a frame. Embeddings live
// here, in memory, and nowhere else.
import { iou, type Box } from './geometry.ts';
import type { Frame } from './frame.ts';
import type { Landmarks68 } from './landmarks.ts';
import type { Quality } from './quality.ts';

export type IdentitySource = 'manual' | 'track' | 'embedding';

/** A stretch of one track that belongs to one person, in frame sequence numbers, both ends included. */
export interface Segment {
  readonly id: number;
  readonly track: number;
  readonly firstSequence: number;
  lastSequence: number;
  /** Null while nobody knows, and for good where nobody could find out. */
  person: number | null;
  source: IdentitySource;
  /** 0…1; for embeddings {@link confidenceOfDistance}. */
  confidence: number;
}

/** Somebody whose consent is known before the recording. */
export interface KnownParticipant {
  readonly code: string;
  /** Whether a reference picture will be enrolled; otherwise the next new face is taken for this participant. */
  readonly hasPicture: boolean;
}

export interface IdentityOptions {
  /** Two embeddings closer than this are one person. */
  readonly maxDistance: number;
  readonly checkEveryFrames: number;
  /** Pictures without an order in time: every face is decided at once and nothing follows from its place. */
  readonly stills: boolean;
  /** Computes an embedding; null where identification is switched off. */
  readonly embed: ((frame: Frame, face: Landmarks68) => Promise<Float32Array>) | null;
  /** The people who gave consent one by one; null where consent was obtained outside. Anybody else is then a bystander. */
  readonly participants: readonly KnownParticipant[] | null;
}

/** A face of this frame as far as identity is concerned. */
export interface FaceToIdentify {
  readonly track: number;
  readonly isDoubtful: boolean;
  readonly ageFrames: number;
  readonly box: Box;
  readonly landmarks: Landmarks68;
  readonly faceLogit: number;
  readonly quality: Quality;
}

export interface Person {
  readonly id: number;
  /** Code of the participant this person is, if any. */
  readonly participant: string | null;
}

interface KnownPerson extends Person {
  /** Sum of the embeddings that were surely this person's; null where none may be kept. */
  sum: Float32Array | null;
  count: number;
  lastSequence: number;
  lastBox: Box | null;
}

interface Candidate {
  segment: Segment;
  /** Embeddings seen while the segment belongs to nobody. */
  evidence: Float32Array[];
  /** Who it would be, judged by place or by the segment before. */
  hypothesis: KnownPerson | null;
  framesSinceLook: number;
  mismatches: number;
  ageFrames: number;
}

/** A face must be seen so many frames before it makes a new person: false detections flicker. */
const NEW_PERSON_FRAMES = 5;
/** Without one good look in so many frames, a face that could be nobody else becomes a new person. */
const PATIENCE_FRAMES = 45;
/** Place decides only within so many frames of the last sight… */
const PLACE_FRAMES = 15;
/** …and with so much overlap. */
const PLACE_IOU = 0.3;
/** Distances: a look that confirms, that is added to the memory of the person, that contradicts. */
const CONFIRM_DISTANCE = 0.5;
const LEARN_DISTANCE = 0.4;
const CONTRADICT_DISTANCE = 0.6;
/** Several looks at one face are needed before it is called new; a mean of five decides in any case. */
const LOOKS_FOR_NEW = 2;
const MOST_LOOKS = 5;
const MEMORY = 50;

/** Confidence of "the same person" for a distance of embeddings: 0.98 at 0.3, 0.73 at 0.45, 0.5 at 0.5, 0.1 at 0.61. */
export function confidenceOfDistance(distance: number): number {
  return 1 / (1 + Math.exp((distance - 0.5) / 0.05));
}

export function embeddingDistance(p: Float32Array, q: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += (p[i] - q[i]) ** 2;
  return Math.sqrt(sum);
}

function meanOf(embeddings: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(embeddings[0].length);
  for (const embedding of embeddings) for (let i = 0; i < mean.length; i++) mean[i] += embedding[i] / embeddings.length;
  return mean;
}

/** Whether an embedding of this face means something. Measured: faces of 27 pixels between the eyes are told apart well. */
function isRecognisable({ quality, faceLogit }: FaceToIdentify): boolean {
  return (
    quality.interocularPx >= 14 &&
    quality.inside >= 0.9 &&
    quality.occlusion <= 0.2 &&
    quality.sharpness >= 0.6 &&
    Math.abs(quality.pose.yawDeg) <= 35 &&
    Math.abs(quality.pose.pitchDeg) <= 35 &&
    faceLogit >= 8
  );
}

export class IdentityTracker {
  readonly #options: IdentityOptions;
  readonly #persons: KnownPerson[] = [];
  readonly #unclaimed: KnownParticipant[];
  readonly #candidates = new Map<number, Candidate>();
  readonly #changed = new Set<Segment>();
  #nextSegment = 1;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#unclaimed = (options.participants ?? []).filter((participant) => !participant.hasPicture);
  }

  /** Makes a participant known by the embedding of a reference picture. To be called before the first frame. */
  enrol(code: string, embedding: Float32Array): void {
    this.#addPerson(code, embedding, -1);
  }

  get persons(): readonly Person[] {
    return this.#persons;
  }

  /** Looks at the faces of one frame. Afterwards {@link segmentOf} knows the segment of each. Behind a cut, place means nothing. */
  async update(frame: Frame, faces: readonly FaceToIdentify[], cut: boolean): Promise<void> {
    const present = new Set(faces.map((face) => face.track));
    for (const [track, candidate] of this.#candidates) if (!present.has(track)) this.#end(track, candidate);
    for (const face of faces) this.#advance(frame.sequence, face, cut);
    const { embed, stills } = this.#options;
    const chosen = stills ? faces : this.#chooseOne(faces);
    for (const face of chosen) {
      if (embed && this.#mayLookAt(face)) this.#judge(frame.sequence, face, await embed(frame, face.landmarks));
      else if (stills) this.#settle(this.#candidateOf(face.track));
    }
    for (const face of faces) this.#decideWithoutLooks(face);
  }

  segmentOf(track: number): Segment {
    return this.#candidateOf(track).segment;
  }

  /** Segments that are new, were given to somebody else or have ended since the last call. */
  takeChanges(): Segment[] {
    const changes = [...this.#changed];
    this.#changed.clear();
    return changes;
  }

  /** Decides what is still open; to be called behind the last frame. */
  finish(): void {
    for (const [track, candidate] of this.#candidates) this.#end(track, candidate);
  }

  #candidateOf(track: number): Candidate {
    const candidate = this.#candidates.get(track);
    if (!candidate) throw new Error(`track ${track} is unknown to identity`);
    return candidate;
  }

  #advance(sequence: number, face: FaceToIdentify, cut: boolean): void {
    const known = this.#candidates.get(face.track);
    if (!known) {
      const hypothesis = cut || this.#options.stills ? null : this.#personAt(sequence, face.box);
      const candidate = this.#newCandidate(face.track, sequence, hypothesis);
      candidate.ageFrames = face.ageFrames;
      return;
    }
    known.ageFrames = face.ageFrames;
    known.framesSinceLook++;
    const person = this.#personOf(known.segment.person);
    if (face.isDoubtful && person && this.#options.embed) {
      const next = this.#newCandidate(face.track, sequence, person);
      next.ageFrames = face.ageFrames;
      return;
    }
    known.segment.lastSequence = sequence; // told when the segment ends: it alone is no news
    if (person) {
      person.lastSequence = sequence;
      person.lastBox = face.box;
    }
  }

  #newCandidate(track: number, sequence: number, hypothesis: KnownPerson | null): Candidate {
    const segment: Segment = {
      id: this.#nextSegment++,
      track,
      firstSequence: sequence,
      lastSequence: sequence,
      person: null,
      source: 'track',
      confidence: 0,
    };
    const before = this.#candidates.get(track);
    if (before) this.#changed.add(before.segment);
    const candidate = { segment, evidence: [], hypothesis, framesSinceLook: 0, mismatches: 0, ageFrames: 1 };
    this.#candidates.set(track, candidate);
    this.#changed.add(segment);
    return candidate;
  }

  /** Whoever was lost a moment ago at this place. */
  #personAt(sequence: number, box: Box): KnownPerson | null {
    const visible = this.#visiblePersons();
    const near = this.#persons.filter(
      (person) =>
        !visible.has(person) &&
        person.lastBox !== null &&
        sequence - person.lastSequence <= PLACE_FRAMES &&
        iou(person.lastBox, box) >= PLACE_IOU,
    );
    return near.length === 1 ? near[0] : null;
  }

  #visiblePersons(except?: Candidate): Set<KnownPerson> {
    const visible = new Set<KnownPerson>();
    for (const candidate of this.#candidates.values()) {
      const person = candidate === except ? null : this.#personOf(candidate.segment.person);
      if (person) visible.add(person);
    }
    return visible;
  }

  #personOf(id: number | null): KnownPerson | null {
    return id === null ? null : (this.#persons.find((person) => person.id === id) ?? null);
  }

  /** Which face, if any, to look at in this frame. */
  #chooseOne(faces: readonly FaceToIdentify[]): FaceToIdentify[] {
    let [best, urgency] = [null as FaceToIdentify | null, 0];
    for (const face of faces) {
      const value = isRecognisable(face) ? this.#urgency(this.#candidateOf(face.track)) : 0;
      if (value > urgency) [best, urgency] = [face, value];
    }
    return best ? [best] : [];
  }

  #urgency({ segment, evidence, framesSinceLook }: Candidate): number {
    if (segment.person === null) return 1e6 - 1e3 * evidence.length + framesSinceLook;
    return framesSinceLook >= this.#options.checkEveryFrames ? framesSinceLook : 0;
  }

  /** A bystander must not be embedded: strangers are looked at only while somebody who agreed is missing. */
  #mayLookAt(face: FaceToIdentify): boolean {
    const { participants } = this.#options;
    if (!participants) return true;
    const candidate = this.#candidateOf(face.track);
    const person = this.#personOf(candidate.segment.person);
    if (person) return person.participant !== null;
    const visible = [...this.#visiblePersons(candidate)].filter((p) => p.participant !== null).length;
    return visible < participants.length;
  }

  #judge(sequence: number, face: FaceToIdentify, embedding: Float32Array): void {
    const candidate = this.#candidateOf(face.track);
    candidate.framesSinceLook = 0;
    const person = this.#personOf(candidate.segment.person);
    if (person) this.#verify(sequence, face, candidate, person, embedding);
    else this.#recognise(face, candidate, embedding);
  }

  /** A known face is looked at again: a new segment when it is still the same, a contradiction when it is not. */
  #verify(
    sequence: number,
    face: FaceToIdentify,
    candidate: Candidate,
    person: KnownPerson,
    embedding: Float32Array,
  ): void {
    const distance = distanceTo(person, embedding);
    if (distance <= CONFIRM_DISTANCE) {
      const next = this.#newCandidate(face.track, sequence, null);
      next.ageFrames = face.ageFrames;
      this.#assignSegment(next, person, 'embedding', confidenceOfDistance(distance));
      if (distance <= LEARN_DISTANCE) learn(person, embedding);
    } else if (distance > CONTRADICT_DISTANCE && ++candidate.mismatches >= 2) {
      candidate.segment.confidence = Math.min(candidate.segment.confidence, confidenceOfDistance(distance));
      const next = this.#newCandidate(face.track, sequence, null);
      next.ageFrames = face.ageFrames;
      next.evidence.push(embedding);
    } else {
      candidate.framesSinceLook = this.#options.checkEveryFrames; // look again as soon as possible
    }
  }

  /** One more look at a face that belongs to nobody yet. */
  #recognise(face: FaceToIdentify, candidate: Candidate, embedding: Float32Array): void {
    candidate.evidence.push(embedding);
    const looks = candidate.evidence.length;
    const mean = meanOf(candidate.evidence);
    const nearest = this.#nearest(mean, candidate);
    const { maxDistance, stills } = this.#options;
    if (nearest && nearest.distance <= (looks === 1 && !stills ? LEARN_DISTANCE : maxDistance)) {
      if (nearest.distance <= LEARN_DISTANCE) for (const look of candidate.evidence) learn(nearest.person, look);
      this.#assignSegment(candidate, nearest.person, 'embedding', confidenceOfDistance(nearest.distance));
      return;
    }
    if (stills) {
      this.#becomeNew(candidate, !nearest || isRecognisable(face) ? 1 : 0.5);
      return;
    }
    if (candidate.ageFrames < NEW_PERSON_FRAMES) return;
    const isSurelyNew = !nearest || (nearest.distance > CONFIRM_DISTANCE + 0.05 && looks >= LOOKS_FOR_NEW);
    if (isSurelyNew || looks >= MOST_LOOKS) this.#becomeNew(candidate, 1);
  }

  #nearest(embedding: Float32Array, candidate: Candidate): { person: KnownPerson; distance: number } | null {
    const visible = this.#visiblePersons(candidate);
    let best: { person: KnownPerson; distance: number } | null = null;
    for (const person of this.#persons) {
      if (visible.has(person) || !person.sum) continue;
      const distance = distanceTo(person, embedding);
      if (!best || distance < best.distance) best = { person, distance };
    }
    return best;
  }

  /** Faces that cannot be looked at are decided by place and track; others once nobody is left whom they could be. */
  #decideWithoutLooks(face: FaceToIdentify): void {
    const candidate = this.#candidateOf(face.track);
    if (candidate.segment.person !== null || this.#options.stills || candidate.evidence.length > 0) return;
    const canLook = this.#options.embed !== null && this.#mayLookAt(face);
    if (canLook && (candidate.ageFrames < PATIENCE_FRAMES || this.#isAnybodyAbsent(candidate))) return;
    if (candidate.ageFrames >= NEW_PERSON_FRAMES) this.#settle(candidate);
  }

  #isAnybodyAbsent(candidate: Candidate): boolean {
    return this.#persons.length > this.#visiblePersons(candidate).size;
  }

  #end(track: number, candidate: Candidate): void {
    this.#candidates.delete(track);
    this.#changed.add(candidate.segment);
    if (candidate.segment.person === null) this.#settle(candidate);
  }

  /** The best answer without a further look. */
  #settle(candidate: Candidate): void {
    const { hypothesis, evidence } = candidate;
    const { embed, stills } = this.#options;
    const mean = evidence.length > 0 ? meanOf(evidence) : null;
    const nearest = mean ? this.#nearest(mean, candidate) : null;
    if (nearest && nearest.distance <= this.#options.maxDistance) {
      this.#assignSegment(candidate, nearest.person, 'embedding', confidenceOfDistance(nearest.distance));
    } else if (hypothesis && !mean && !this.#visiblePersons(candidate).has(hypothesis)) {
      // Followed or found again at the same place, but not looked at: sure enough only where nobody may look.
      this.#assignSegment(candidate, hypothesis, 'track', embed ? 0.5 : 0.8);
    } else if (stills || candidate.ageFrames >= NEW_PERSON_FRAMES) {
      // Without a look it might be anybody who is not in view.
      this.#becomeNew(candidate, mean || !embed || !this.#isAnybodyAbsent(candidate) ? 1 : 0.5);
    }
  }

  #becomeNew(candidate: Candidate, confidence: number): void {
    const { evidence, segment } = candidate;
    const claimed = this.#unclaimed.shift();
    const isBystander = this.#options.participants !== null && !claimed;
    const template = evidence.length > 0 && !isBystander ? meanOf(evidence) : null;
    const person = this.#addPerson(claimed?.code ?? null, template, segment.lastSequence);
    this.#assignSegment(candidate, person, template ? 'embedding' : 'track', confidence);
  }

  #addPerson(participant: string | null, template: Float32Array | null, sequence: number): KnownPerson {
    const person: KnownPerson = {
      id: this.#persons.length + 1,
      participant,
      sum: template && Float32Array.from(template),
      count: template ? 1 : 0,
      lastSequence: sequence,
      lastBox: null,
    };
    this.#persons.push(person);
    return person;
  }

  #assignSegment(candidate: Candidate, person: KnownPerson, source: IdentitySource, confidence: number): void {
    const { segment } = candidate;
    segment.person = person.id;
    segment.source = source;
    segment.confidence = confidence;
    candidate.evidence = [];
    this.#changed.add(segment);
  }
}

function distanceTo(person: KnownPerson, embedding: Float32Array): number {
  const { sum, count } = person;
  if (!sum) return Infinity;
  let square = 0;
  for (let i = 0; i < embedding.length; i++) square += (sum[i] / count - embedding[i]) ** 2;
  return Math.sqrt(square);
}

function learn(person: KnownPerson, embedding: Float32Array): void {
  if (!person.sum || person.count >= MEMORY) return;
  for (let i = 0; i < embedding.length; i++) person.sum[i] += embedding[i];
  person.count++;
}
