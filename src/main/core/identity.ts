// Who is who. A track is cut into segments, each the stretch between two looks at the identity; a segment belongs to one person
// or, while nothing is known, to nobody. Because rows refer to segments, an answer that comes late is right for the rows before
// it too, and an answer that turns out wrong spoils no more than the stretch since the last look.
//
// Looks are embeddings: new and doubtful faces first, every known face about every 60 frames, one face a frame. A name is given
// by a look and only carried by a track: where they disagree, the look is right. Nobody is in two places at once.
import { Candidates, FOLLOWED, NEW_PERSON_FRAMES, UNSEEN, type Candidate, type FaceInView } from './candidates.ts';
import type { Frame } from './frame.ts';
import type { Landmarks68 } from './landmarks.ts';
import { isNearAnother } from './nearness.ts';
import { LEARN_DISTANCE, Persons, distanceTo, meanOf } from './persons.ts';
import type { KnownParticipant, KnownPerson, Match, Person, Segment } from './persons.ts';
import type { Quality } from './quality.ts';
import { isRecognisable } from './recognisable.ts';

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
export interface FaceToIdentify extends FaceInView {
  readonly isDoubtful: boolean;
  readonly landmarks: Landmarks68;
  readonly faceLogit: number;
  readonly quality: Quality;
}

/** Without one good look in so many frames, a face that could be nobody else becomes a new person. */
const PATIENCE_FRAMES = 45;
/** Distances: a look that confirms, beyond which two looks make a stranger, that contradicts. */
const CONFIRM_DISTANCE = 0.5;
const STRANGER_DISTANCE = 0.55;
const CONTRADICT_DISTANCE = 0.6;
/** Another person must be nearer by this to be believed against the track. */
const RIVAL_MARGIN = 0.1;
/** Several looks at one face are needed before it is called new; a mean of five decides in any case. */
const LOOKS_FOR_NEW = 2;
const MOST_LOOKS = 5;
/** Where nobody may look: confidence of the name of a doubtful face that nobody is near. */
const FOLLOWED_IN_DOUBT = 0.65;
/** A new person is surely new from here on. */
const SURE = 0.6;

export class IdentityTracker {
  readonly #options: IdentityOptions;
  readonly #persons: Persons;
  readonly #candidates: Candidates;
  /** The frame that was looked at last. */
  #sequence = -1;
  /** Codes of participants who have taken consent back. */
  readonly #withdrawn = new Set<string | null>();

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#persons = new Persons(options.participants);
    this.#candidates = new Candidates(this.#persons);
  }

  /** Makes a participant known by the embedding of a reference picture. To be called before the first frame. */
  enrol(code: string, embedding: Float32Array): void {
    this.#persons.enrol(code, embedding);
  }

  /** Nobody is where he or she was: the camera was gone for a while. */
  forgetPlaces(): void {
    this.#persons.forgetPlaces();
  }

  /** The participant may not be recognised any more: what was learned is forgotten, and the track alone carries the name. */
  withdraw(code: string): void {
    this.#withdrawn.add(code);
    const person = this.#persons.participant(code);
    if (!person) return;
    this.#persons.forget(person);
    for (const candidate of this.#candidates.all()) {
      const { segment } = candidate;
      if (this.#guess(candidate) === person) candidate.evidence = [];
      if (segment.person !== person.id || segment.source !== 'embedding') continue;
      const next = this.#candidates.open(this.#sequence + 1, { ...candidate, track: segment.track });
      this.#candidates.assign(next, person, 'track', Math.min(FOLLOWED, segment.confidence));
    }
  }

  /**
   * The researcher says whose face a track is, or with null that it is nobody's; it holds from the next frame on. What was
   * learned of that participant is forgotten, because it may have been learned of another face. Returns false for a track that is
   * not in view and a participant who is not known.
   */
  assign(track: number, code: string | null): boolean {
    const candidate = this.#candidates.find(track);
    const person = code === null ? null : this.#persons.participant(code);
    if (!candidate || (code !== null && !person)) return false;
    this.#settleSoFar(candidate);
    const before = this.#candidates.personOf(candidate);
    if (before !== person) for (const wrong of [before, person]) if (wrong) this.#persons.forget(wrong);
    const reopen = (other: Candidate): Candidate =>
      this.#candidates.open(this.#sequence + 1, { ...other, track: other.segment.track });
    // Nobody is in two places.
    for (const other of this.#candidates.all()) if (other.segment.person === person?.id) reopen(other);
    const next = reopen(candidate);
    if (!person) return true;
    this.#candidates.assign(next, person, 'manual', 1);
    next.framesSinceLook = this.#options.checkEveryFrames; // to be known by their looks as soon as possible
    return true;
  }

  get persons(): readonly Person[] {
    return this.#persons.all;
  }

  /**
   * Looks at the faces of one frame. Afterwards {@link segmentOf} knows the segment of each. Behind a cut, place means nothing.
   * `refused` are no faces of people.
   */
  async update(
    frame: Frame,
    faces: readonly FaceToIdentify[],
    cut: boolean,
    refused: readonly FaceInView[] = [],
  ): Promise<void> {
    const { embed, stills } = this.#options;
    const { sequence } = frame;
    const present = new Set(faces.map((face) => face.track));
    for (const candidate of this.#candidates.all()) if (!present.has(candidate.segment.track)) this.#end(candidate);
    this.#sequence = sequence;
    this.#candidates.refuse(sequence, refused);
    for (const face of faces) {
      const own = this.#candidates.find(face.track)?.segment.person ?? null;
      const isCrowded = face.isDoubtful && isNearAnother(sequence, face, faces, own, this.#persons.all);
      this.#advance(sequence, face, cut, isCrowded);
    }
    if (stills) {
      await this.#decideStill(frame, faces);
      return;
    }
    const face = embed && this.#faceToLookAt(faces);
    if (face) this.#judge(sequence, face, await embed(frame, face.landmarks));
    for (const other of faces) this.#decideWithoutLook(sequence, other);
  }

  segmentOf(track: number): Segment {
    return this.#candidates.segmentOf(track);
  }

  /** Segments that are new, were given to somebody else or have ended since the last call. */
  takeChanges(): Segment[] {
    return this.#candidates.takeChanges();
  }

  /** Gives the best answer there is to what is still open, without ending anything: more frames may come. */
  settle(): void {
    for (const candidate of this.#candidates.all()) this.#settleSoFar(candidate);
  }

  /** Decides what is still open; to be called behind the last frame. */
  finish(): void {
    for (const candidate of this.#candidates.all()) this.#end(candidate);
    this.#candidates.refuse(this.#sequence, []);
  }

  #advance(sequence: number, face: FaceToIdentify, cut: boolean, isCrowded: boolean): void {
    const known = this.#candidates.find(face.track);
    if (!known) {
      const hypothesis = cut || this.#options.stills ? null : this.#candidates.personAt(sequence, face.box);
      this.#candidates.open(sequence, face, { hypothesis });
      return;
    }
    known.ageFrames = face.ageFrames;
    known.box = face.box;
    known.framesSinceLook++;
    const person = this.#candidates.personOf(known);
    if (face.isDoubtful) {
      if (person === null && known.evidence.length > 0) this.#settle(known);
      const carrier = this.#candidates.personOf(known);
      this.#candidates.open(sequence, face, {
        hypothesis: carrier ?? known.hypothesis,
        followed: isCrowded ? UNSEEN : FOLLOWED_IN_DOUBT,
        earlier: carrier ? [] : [...known.earlier, known.segment],
      });
      return;
    }
    known.segment.lastSequence = sequence; // told when the segment ends: it alone is no news
    if (person) person.lastBox = face.box;
  }

  /** Which face, if any, to look at in this frame. */
  #faceToLookAt(faces: readonly FaceToIdentify[]): FaceToIdentify | null {
    let [best, most] = [null as FaceToIdentify | null, 0];
    for (const face of faces) {
      if (!isRecognisable(face) || !this.#mayLookAt(face)) continue;
      const urgency = this.#urgency(this.#candidates.of(face.track));
      if (urgency > most) [best, most] = [face, urgency];
    }
    return best;
  }

  /** Unknown faces come first, those with the fewest looks before others, and somebody in doubt before a stranger. */
  #urgency({ segment, evidence, hypothesis, framesSinceLook }: Candidate): number {
    const waited = Math.min(framesSinceLook, 4_000);
    if (segment.person === null) return 1e6 - 1e4 * evidence.length + (hypothesis ? 5_000 : 0) + waited;
    return framesSinceLook >= this.#options.checkEveryFrames ? waited : 0;
  }

  /** A bystander must not be embedded: strangers are looked at only while somebody who agreed is missing. */
  #mayLookAt(face: FaceToIdentify): boolean {
    const { participants } = this.#options;
    if (!participants) return true;
    const candidate = this.#candidates.of(face.track);
    if (this.#withdrawn.has(this.#guess(candidate)?.participant ?? null)) return false;
    const person = this.#candidates.personOf(candidate);
    if (person) return person.participant !== null;
    if (this.#withdrawn.size > 0) return false; // a stranger may be one who has taken consent back
    const notSought = new Set([...this.#candidates.personsInView(candidate)].map((p) => p.participant));
    for (const code of this.#withdrawn) notSought.add(code);
    return participants.some(
      ({ code, claim }) => !notSought.has(code) && (claim !== 'hand' || this.#persons.isRemembered(code)),
    );
  }

  /** Whose face it is or would be. */
  #guess(candidate: Candidate): KnownPerson | null {
    return this.#candidates.personOf(candidate) ?? candidate.hypothesis;
  }

  #judge(sequence: number, face: FaceToIdentify, embedding: Float32Array): void {
    const candidate = this.#candidates.of(face.track);
    candidate.framesSinceLook = 0;
    const person = this.#candidates.personOf(candidate);
    candidate.evidence.push(embedding);
    if (person) this.#verify(sequence, face, candidate, person, embedding);
    else this.#decide(sequence, face, candidate);
  }

  /** A known face is looked at again: a new segment when it is still the same, a contradiction when it is not. */
  #verify(
    sequence: number,
    face: FaceToIdentify,
    candidate: Candidate,
    person: KnownPerson,
    embedding: Float32Array,
  ): void {
    const others = this.#persons.all.filter((other) => other !== person);
    const own = distanceTo(person, embedding);
    const rival = this.#persons.match(embedding, others);
    const isOther = rival !== null && rival.distance <= LEARN_DISTANCE && rival.distance < own - RIVAL_MARGIN;
    const trust = candidate.trusted;
    if (!person.sum && !isOther) {
      this.#persons.learn(person, embedding); // known by the track until now
      this.#carryOn(sequence, face, person, 0, candidate.segment.confidence);
    } else if (own <= CONFIRM_DISTANCE && !isOther) {
      const belief = this.#beliefIn(sequence, candidate, person, embedding);
      if (own <= LEARN_DISTANCE) this.#persons.learn(person, embedding);
      if (trust !== null) candidate.segment.confidence = trust; // the look before was a bad one
      this.#carryOn(sequence, face, person, own, belief);
    } else if (isOther || own > CONTRADICT_DISTANCE) {
      const belief = this.#persons.beliefIn(person, embedding, others);
      candidate.trusted ??= candidate.segment.confidence;
      candidate.segment.confidence = Math.min(candidate.segment.confidence, belief);
      candidate.mismatches++;
      if (candidate.mismatches < 2) {
        candidate.framesSinceLook = this.#options.checkEveryFrames; // look again as soon as possible
        return;
      }
      this.#decide(sequence, face, this.#candidates.open(sequence, face, { evidence: candidate.evidence }));
    } else if (candidate.evidence.length < MOST_LOOKS) {
      candidate.framesSinceLook = this.#options.checkEveryFrames;
    } else {
      const belief = this.#beliefIn(sequence, candidate, person, meanOf(candidate.evidence));
      candidate.segment.confidence = Math.min(candidate.segment.confidence, belief);
      this.#carryOn(sequence, face, person, own, belief);
    }
  }

  /** A new segment of the same person. */
  #carryOn(sequence: number, face: FaceToIdentify, person: KnownPerson, distance: number, confidence: number): void {
    if (distance <= CONFIRM_DISTANCE) {
      person.confirmedSequence = sequence;
      person.confirmedDistance = distance;
    }
    this.#candidates.assign(this.#candidates.open(sequence, face), person, 'embedding', confidence);
  }

  /** Confidence that a look is at this person and at nobody else who could be there. */
  #beliefIn(sequence: number, { segment }: Candidate, person: KnownPerson, embedding: Float32Array): number {
    const others = this.#free({ ...segment, firstSequence: sequence }).filter((other) => other !== person);
    return this.#persons.beliefIn(person, embedding, others);
  }

  /** Decides about a face that belongs to nobody yet by the looks at it so far. */
  #decide(sequence: number, face: FaceToIdentify, candidate: Candidate): void {
    const { evidence, segment, hypothesis, ageFrames } = candidate;
    const looks = evidence.length;
    const mean = meanOf(evidence);
    const match = this.#persons.match(mean, this.#free(segment));
    if (this.#claim(sequence, face, candidate, mean, match?.distance ?? Infinity)) return;
    const { maxDistance } = this.#options;
    const limit = looks === 1 ? Math.min(LEARN_DISTANCE, maxDistance) : maxDistance;
    if (match && match.distance <= (match.person === hypothesis ? Math.max(CONFIRM_DISTANCE, limit) : limit)) {
      this.#recognise(candidate, match);
    } else if (ageFrames >= NEW_PERSON_FRAMES) {
      const isStranger = !match || (looks >= LOOKS_FOR_NEW && match.distance > STRANGER_DISTANCE);
      if (isStranger || looks >= MOST_LOOKS) this.#becomeNew(candidate, match?.newness ?? 1);
    }
  }

  /**
   * A look finds a person whom another track carries without having been looked at since this face is here: one of the two is
   * wrong, and both are open from this frame on. Returns whether it is so.
   */
  #claim(
    sequence: number,
    face: FaceToIdentify,
    candidate: Candidate,
    mean: Float32Array,
    freeDistance: number,
  ): boolean {
    const { segment, evidence, earlier } = candidate;
    const held = this.#persons.match(
      mean,
      this.#persons.all.filter((person) => this.#persons.isElsewhere(person, segment)),
    );
    if (!held || held.distance > LEARN_DISTANCE || freeDistance <= held.distance) return false;
    const { person, distance } = held;
    const wasSeenBeside = person.confirmedSequence >= segment.firstSequence;
    if (wasSeenBeside && distance + RIVAL_MARGIN >= person.confirmedDistance) return false;
    const holder = this.#candidates.all().find((other) => other.segment.person === person.id);
    if (!holder && this.#persons.isElsewhere(person, { ...segment, firstSequence: sequence })) return false;
    if (holder) {
      const { segment: before } = holder;
      const reopened = before.firstSequence < sequence ? { segment: before, confidence: before.confidence } : null;
      before.confidence = Math.min(before.confidence, UNSEEN);
      this.#candidates.open(sequence, { ...holder, track: holder.segment.track }, { hypothesis: person, reopened });
    }
    const isOld = segment.firstSequence < sequence;
    const next = this.#candidates.open(sequence, face, { evidence, earlier: isOld ? [...earlier, segment] : earlier });
    if (!holder) this.#decide(sequence, face, next);
    return true;
  }

  #recognise(candidate: Candidate, { person, distance, confidence }: Match): void {
    if (distance <= LEARN_DISTANCE && confidence >= SURE) {
      for (const look of candidate.evidence) this.#persons.learn(person, look);
    }
    person.confirmedSequence = candidate.segment.lastSequence;
    person.confirmedDistance = distance;
    this.#candidates.assign(candidate, person, 'embedding', confidence);
  }

  /** People who are not somewhere else in a frame of the segment. */
  #free(segment: Segment): KnownPerson[] {
    return this.#persons.all.filter((person) => !this.#persons.isElsewhere(person, segment));
  }

  /** Faces that cannot be looked at are decided by place and track; others once nobody is left whom they could be. */
  #decideWithoutLook(sequence: number, face: FaceToIdentify): void {
    const candidate = this.#candidates.of(face.track);
    if (candidate.segment.person !== null) return;
    const { evidence, ageFrames, framesSinceLook, segment } = candidate;
    if (evidence.length > 0 && framesSinceLook > 0) this.#decide(sequence, face, candidate);
    if (this.#candidates.of(face.track).segment.person !== null) return;
    const couldLook = this.#options.embed !== null && this.#mayLookAt(face);
    const isImpatient = Math.min(ageFrames, evidence.length > 0 ? framesSinceLook : Infinity) >= PATIENCE_FRAMES;
    if (couldLook && (!isImpatient || this.#free(segment).length > 0)) return;
    if (ageFrames >= NEW_PERSON_FRAMES) this.#settle(this.#candidates.of(face.track));
  }

  #end(candidate: Candidate): void {
    if (this.#candidates.close(candidate, this.#sequence)) this.#settleSoFar(candidate);
  }

  #settleSoFar(candidate: Candidate): void {
    const { person, firstSequence } = candidate.segment;
    if (person === null && firstSequence <= this.#sequence) this.#settle(candidate);
  }

  /** The best answer without a further look. */
  #settle(candidate: Candidate): void {
    const { hypothesis, evidence, segment, followed } = candidate;
    const { embed, maxDistance } = this.#options;
    const free = this.#free(segment);
    const match = evidence.length > 0 ? this.#persons.match(meanOf(evidence), free) : null;
    if (match && match.distance <= maxDistance) {
      this.#recognise(candidate, match);
    } else if (hypothesis && evidence.length === 0 && free.includes(hypothesis)) {
      const mayLook = embed !== null && !this.#withdrawn.has(hypothesis.participant);
      this.#candidates.assign(candidate, hypothesis, 'track', mayLook ? UNSEEN : followed);
    } else if (candidate.ageFrames >= NEW_PERSON_FRAMES || evidence.length > 0) {
      // False detections flicker, but they are never good enough for a look. Without a look it might be anybody who is not in view.
      const unseen = embed && free.length > 0 ? UNSEEN : 1;
      this.#becomeNew(candidate, evidence.length > 0 ? (match?.newness ?? 1) : unseen);
    }
  }

  #becomeNew(candidate: Candidate, confidence: number): void {
    const { evidence, segment } = candidate;
    const isSeen = evidence.length > 0 || this.#options.embed === null;
    const person = this.#persons.add(evidence, isSeen && confidence >= SURE);
    if (person.sum) {
      // Whoever was followed but never looked at may have been this person.
      for (const other of this.#free(segment)) if (other !== person && !other.sum) this.#candidates.doubt(other);
      person.confirmedSequence = segment.lastSequence;
      person.confirmedDistance = 0;
    }
    this.#candidates.assign(candidate, person, person.sum ? 'embedding' : 'track', confidence);
  }

  /** Decides about all faces of a picture together: whoever fits best gets the name. */
  async #decideStill(frame: Frame, faces: readonly FaceToIdentify[]): Promise<void> {
    const { embed, participants, maxDistance } = this.#options;
    const matches: { candidate: Candidate; person: KnownPerson; distance: number }[] = [];
    const found = new Set<KnownPerson>();
    for (const face of faces) {
      if (!embed || (participants && found.size >= participants.length)) break;
      const candidate = this.#candidates.of(face.track);
      candidate.evidence = [await embed(frame, face.landmarks)];
      for (const person of this.#persons.all) {
        const distance = distanceTo(person, candidate.evidence[0]);
        if (distance > maxDistance) continue;
        matches.push({ candidate, person, distance });
        found.add(person);
      }
    }
    for (const { candidate, person } of matches.sort((p, q) => p.distance - q.distance)) {
      const { segment, evidence } = candidate;
      if (segment.person !== null || this.#persons.isElsewhere(person, segment)) continue;
      const match = this.#persons.match(evidence[0], this.#free(segment));
      if (match?.person === person) this.#recognise(candidate, match);
    }
    for (const face of faces) {
      const candidate = this.#candidates.of(face.track);
      if (candidate.segment.person !== null) continue;
      const free = this.#free(candidate.segment);
      const match = candidate.evidence.length > 0 ? this.#persons.match(candidate.evidence[0], free) : null;
      const isPoor = embed !== null && free.length > 0 && !isRecognisable(face);
      this.#becomeNew(candidate, Math.min(match?.newness ?? 1, isPoor ? UNSEEN : 1));
    }
  }
}
