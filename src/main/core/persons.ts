// The people of a session and what their faces look like. Embeddings live here, in memory, and nowhere else.
import type { Box } from './geometry.ts';

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
  /** 0…1; for embeddings the belief of {@link Persons.match}. */
  confidence: number;
}

/** Somebody whose consent is known before the recording. */
export interface KnownParticipant {
  readonly code: string;
  /**
   * How it becomes known which face is theirs: by a reference picture that will be enrolled, by order (the next new face is taken
   * for this participant), or by the hand of the researcher ({@link Persons.assign}).
   */
  readonly claim: 'picture' | 'order' | 'hand';
}

export interface Person {
  readonly id: number;
  /** Code of the participant this person is, if any. */
  readonly participant: string | null;
  /** What the researcher calls this person, if anything. */
  readonly label?: string;
}

export interface KnownPerson extends Person {
  /** Sum of the embeddings that were surely this person's; null while there are none, and where none may be kept. */
  sum: Float32Array | null;
  count: number;
  /** In the order of their ends. */
  readonly segments: Segment[];
  lastBox: Box | null;
  /** The last look that agreed: its frame and its distance. */
  confirmedSequence: number;
  confirmedDistance: number;
}

/** The person who is nearest to a look, and what is to be believed of it. */
export interface Match {
  readonly person: KnownPerson;
  readonly distance: number;
  /** 0…1 that it is this person… */
  readonly confidence: number;
  /** …and that it is none of those who were compared. */
  readonly newness: number;
}

/** A look that is added to the memory of a person is no further away than this. */
export const LEARN_DISTANCE = 0.4;
const MEMORY = 50;

/** For against the same person: even at a distance of 0.5. */
const odds = (distance: number): number => Math.exp((0.5 - distance) / 0.05);

/** Confidence of "the same person" for a distance of embeddings: 0.98 at 0.3, 0.73 at 0.45, 0.5 at 0.5, 0.1 at 0.61. */
export function confidenceOfDistance(distance: number): number {
  return odds(distance) / (1 + odds(distance));
}

export function embeddingDistance(p: Float32Array, q: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += (p[i] - q[i]) ** 2;
  return Math.sqrt(sum);
}

export function meanOf(embeddings: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(embeddings[0].length);
  for (const embedding of embeddings) for (let i = 0; i < mean.length; i++) mean[i] += embedding[i] / embeddings.length;
  return mean;
}

/** Distance of a look from the mean of what is known of a person; Infinity where nothing is. */
export function distanceTo({ sum, count }: KnownPerson, embedding: Float32Array): number {
  if (!sum) return Infinity;
  return embeddingDistance(
    sum.map((value) => value / count),
    embedding,
  );
}

export class Persons {
  readonly #all: KnownPerson[] = [];
  readonly #unclaimed: KnownParticipant[];
  readonly #onlyParticipants: boolean;

  /** `participants`: see IdentityOptions. */
  constructor(participants: readonly KnownParticipant[] | null) {
    this.#unclaimed = (participants ?? []).filter(({ claim }) => claim === 'order');
    this.#onlyParticipants = participants !== null;
    for (const { code, claim } of participants ?? []) if (claim === 'hand') this.#create(code);
  }

  get all(): readonly KnownPerson[] {
    return this.#all;
  }

  find(id: number | null): KnownPerson | null {
    return id === null ? null : (this.#all.find((person) => person.id === id) ?? null);
  }

  /** The person who is this participant; null while nobody is. */
  participant(code: string): KnownPerson | null {
    return this.#all.find(({ participant }) => participant === code) ?? null;
  }

  /** Whether the looks of a participant are known, so that looking at strangers may find them. */
  isRemembered(code: string): boolean {
    return (this.participant(code)?.sum ?? null) !== null;
  }

  /** Forgets where everybody was seen last. */
  forgetPlaces(): void {
    for (const person of this.#all) person.lastBox = null;
  }

  /** Forgets what a person looks like: what was learned was of somebody else. */
  forget(person: KnownPerson): void {
    person.sum = null;
    person.count = 0;
    person.confirmedSequence = -1;
    person.confirmedDistance = Infinity;
  }

  /** Makes a participant known by the embedding of a reference picture. */
  enrol(code: string, embedding: Float32Array): void {
    this.learn(this.#create(code), embedding);
  }

  /**
   * Makes a new person. One whose newness is sure takes the next participant that has no picture. Only those who agreed are
   * remembered by their looks.
   */
  add(looks: readonly Float32Array[], isSure: boolean): KnownPerson {
    const claimed = isSure ? this.#unclaimed.shift() : undefined;
    const person = this.#create(claimed?.code ?? null);
    if (looks.length > 0 && this.mayBeRemembered(person)) this.learn(person, meanOf(looks));
    return person;
  }

  mayBeRemembered(person: Person): boolean {
    return !this.#onlyParticipants || person.participant !== null;
  }

  learn(person: KnownPerson, embedding: Float32Array): void {
    person.sum ??= new Float32Array(embedding.length);
    if (person.count >= MEMORY) return;
    for (let i = 0; i < embedding.length; i++) person.sum[i] += embedding[i];
    person.count++;
  }

  /** Nobody is in two places: whether a person is already somewhere else in a frame of this segment. */
  isElsewhere(person: KnownPerson, { id, firstSequence, lastSequence }: Segment): boolean {
    for (let i = person.segments.length - 1; i >= 0; i--) {
      const other = person.segments[i];
      if (other.lastSequence < firstSequence) return false;
      if (other.id !== id && other.firstSequence <= lastSequence) return true;
    }
    return false;
  }

  /**
   * The person nearest to a look among some. The beliefs follow from the odds of all of them and 1 for a stranger, so that a
   * look which is equally near to two people is not surely either.
   */
  match(embedding: Float32Array, among: readonly KnownPerson[]): Match | null {
    let [nearest, distance, total] = [null as KnownPerson | null, Infinity, 1];
    for (const person of among) {
      const own = distanceTo(person, embedding);
      total += odds(own);
      if (own < distance) [nearest, distance] = [person, own];
    }
    return nearest && { person: nearest, distance, confidence: odds(distance) / total, newness: 1 / total };
  }

  /** 0…1 that a look is at this person rather than at one of the others or at a stranger. */
  beliefIn(person: KnownPerson, embedding: Float32Array, others: readonly KnownPerson[]): number {
    const own = odds(distanceTo(person, embedding));
    return own / others.reduce((sum, other) => sum + odds(distanceTo(other, embedding)), 1 + own);
  }

  /** Adds a segment to what {@link isElsewhere} knows of a person. */
  hold(person: KnownPerson, segment: Segment): void {
    const at = person.segments.findLastIndex((other) => other.lastSequence <= segment.lastSequence);
    person.segments.splice(at + 1, 0, segment);
  }

  /** Takes a segment from whoever holds it. */
  release(segment: Segment): void {
    const held = this.find(segment.person)?.segments ?? [];
    const at = held.indexOf(segment);
    if (at >= 0) held.splice(at, 1);
  }

  #create(participant: string | null): KnownPerson {
    const person: KnownPerson = {
      id: this.#all.length + 1,
      participant,
      sum: null,
      count: 0,
      segments: [],
      lastBox: null,
      confirmedSequence: -1,
      confirmedDistance: Infinity,
    };
    this.#all.push(person);
    return person;
  }
}
