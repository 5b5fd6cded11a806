// Corrections by hand. What was recorded is never changed: edits are applied in their order whenever a session is read, so that
// every one can be undone and done again, and windows, figures and files follow by themselves.
import type { Person, Segment } from './persons.ts';
import { withoutScores, type FaceRecord, type FrameRecord, type Marker } from './record.ts';

/** A person is called otherwise, in windows and files. */
interface Rename {
  readonly kind: 'rename';
  readonly person: number;
  readonly label: string;
}

/** All rows of a person count as those of another one. */
interface Merge {
  readonly kind: 'merge';
  readonly person: number;
  readonly into: number;
}

/** From a frame on, a person's rows are those of somebody new. */
interface NewSplit {
  readonly kind: 'split';
  readonly person: number;
  readonly fromSequence: number;
  /** Time of that frame; null for a picture. */
  readonly fromMs: number | null;
}

interface Split extends NewSplit {
  /** Number of the new person. It is kept, so that it stays the same whatever else is undone. */
  readonly becomes: number;
}

/**
 * A person's face is taken to be neutral in a stretch, and other rows are compared with it (baseline.ts). The last one of a person that
 * counts is in force. Whoever is merged brings a baseline along, for somebody who has none; whoever is new after a split has none.
 */
export interface BaselineChange {
  readonly kind: 'baseline';
  readonly person: number;
  /** Frames of the stretch, both ends included. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** What was asked for, the end not included; null for pictures. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

type MarkerChange =
  | { readonly kind: 'add_marker'; readonly timeMs: number; readonly label: string }
  | { readonly kind: 'change_marker'; readonly marker: string; readonly timeMs: number; readonly label: string }
  | { readonly kind: 'remove_marker'; readonly marker: string };

/** What an edit does. The list of kinds is closed. */
export type Change = Rename | Merge | Split | BaselineChange | MarkerChange;

/** The same before it is stored. */
export type NewChange = Rename | Merge | NewSplit | BaselineChange | MarkerChange;

export interface Edit {
  /** From 1, in the order in which they were made and are applied. */
  readonly number: number;
  readonly unixMs: number;
  readonly change: Change;
  /** Who made it and why, in free words; either may be empty. */
  readonly who: string;
  readonly why: string;
  readonly undone: boolean;
}

/** Why an edit does nothing: mostly because one before it was undone. The list is closed. */
export const IGNORED_REASONS = [
  'person_gone',
  'same_person',
  'one_side_empty',
  'label_taken',
  'too_few_valid',
  'replaced',
  'marker_gone',
] as const;

export type IgnoredReason = (typeof IGNORED_REASONS)[number];

export interface AppliedEdit extends Edit {
  /** Null for an edit that counts, and for one that is undone; of a baseline see baseline.ts, which has to look at rows. */
  readonly ignored: IgnoredReason | null;
  /** The marker as it was before, of an edit that changes or removes one. */
  readonly before: Marker | null;
}

/** What edits are applied to. */
export interface People {
  readonly persons: readonly Person[];
  readonly segments: readonly Segment[];
  readonly markers: readonly Marker[];
}

interface Frame {
  readonly frame: FrameRecord;
  readonly faces: readonly FaceRecord[];
}

/** The number that a person gets who is made by the next split. */
export function nextPerson(persons: readonly number[], changes: readonly Change[]): number {
  const made = changes.map((change) => (change.kind === 'split' ? change.becomes : 0));
  return Math.max(0, ...persons, ...made) + 1;
}

/** An edit that asks for a baseline. */
export interface AskedBaseline {
  readonly number: number;
  readonly change: BaselineChange;
}

/**
 * Which baselines were asked for, for each person as the people are now; the last of a list is wanted, those in front of it where it
 * has too few rows. One that came by a merge stands in front of a person's own.
 */
export function askedBaselines(edits: readonly AppliedEdit[]): ReadonlyMap<number, readonly AskedBaseline[]> {
  const asked = new Map<number, readonly AskedBaseline[]>();
  const of = (person: number): readonly AskedBaseline[] => asked.get(person) ?? [];
  for (const { number, change, undone, ignored } of edits) {
    if (undone || ignored !== null) continue;
    if (change.kind === 'baseline') asked.set(change.person, [...of(change.person), { number, change }]);
    if (change.kind !== 'merge') continue;
    const merged = [...of(change.person), ...of(change.into)];
    asked.delete(change.person);
    if (merged.length > 0) asked.set(change.into, merged);
  }
  return asked;
}

/** The number in the id of a marker that was added by hand; those of a recording have other ids. */
const markerIdOf = (edit: Edit): string => `by-hand-${edit.number}`;

/** A session's people and markers with its edits applied. */
export class Corrected implements People {
  #persons: Person[];
  #segments: Segment[];
  readonly #markers: Map<string, Marker>;
  /** Where segments were cut: what comes from a frame on is in another segment. */
  readonly #cuts = new Map<number, { readonly fromSequence: number; readonly segment: number }[]>();
  readonly #moved = new Set<number>();
  readonly edits: readonly AppliedEdit[];

  constructor({ persons, segments, markers }: People, edits: readonly Edit[]) {
    this.#persons = [...persons];
    this.#segments = segments.map((segment) => ({ ...segment }));
    this.#markers = new Map(markers.map((marker) => [marker.id, marker]));
    this.edits = [...edits].sort((p, q) => p.number - q.number).map((edit) => this.#apply(edit));
  }

  get persons(): readonly Person[] {
    return this.#persons;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** In order of time. */
  get markers(): readonly Marker[] {
    return [...this.#markers.values()].sort((p, q) => p.timeMs - q.timeMs || (p.id < q.id ? -1 : 1));
  }

  /** In which segment a face is that was recorded in another one. */
  segmentOf(segment: number, sequence: number): number {
    const cuts = this.#cuts.get(segment)?.filter(({ fromSequence }) => fromSequence <= sequence) ?? [];
    if (cuts.length === 0) return segment;
    const last = cuts.reduce((p, q) => (q.fromSequence > p.fromSequence ? q : p));
    return this.segmentOf(last.segment, sequence);
  }

  /**
   * The recorded frames as they are to be read. `analysed`: codes of those who agreed to analysis, null for everybody. What was
   * computed of a face that turns out to be somebody else's is withheld where that person has not agreed.
   */
  *frames(recorded: Iterable<Frame>, analysed: readonly string[] | null): Generator<Frame> {
    const withheld = analysed ? this.withheld(analysed) : new Set<number>();
    for (const { frame, faces } of recorded) {
      yield { frame, faces: this.#moved.size === 0 ? faces : faces.map((face) => this.#face(face, withheld)) };
    }
  }

  #face(face: FaceRecord, withheld: ReadonlySet<number>): FaceRecord {
    const segment = this.segmentOf(face.segment, face.sequence);
    const own = { ...face, segment };
    return withheld.has(segment) ? withoutScores(own) : own;
  }

  /** Segments that were moved to somebody who has not agreed; `analysed` are the codes of those who have. */
  withheld(analysed: readonly string[]): ReadonlySet<number> {
    const agreed = new Set<number | null>(
      this.#persons.filter(({ participant }) => participant !== null && analysed.includes(participant)).map(idOf),
    );
    return new Set(this.#segments.filter(({ id, person }) => this.#moved.has(id) && !agreed.has(person)).map(idOf));
  }

  #apply(edit: Edit): AppliedEdit {
    const { change } = edit;
    const before = 'marker' in change ? (this.#markers.get(change.marker) ?? null) : null;
    if (edit.undone) return { ...edit, ignored: null, before };
    const ignored = 'person' in change ? this.#correct(change) : this.#mark(edit, change, before);
    return { ...edit, ignored, before };
  }

  #correct(change: Rename | Merge | Split | BaselineChange): IgnoredReason | null {
    const person = this.#person(change.person);
    if (!person) return 'person_gone';
    if (change.kind === 'baseline') return null;
    if (change.kind === 'rename') return this.#rename(person, change.label);
    return change.kind === 'merge' ? this.#merge(person, change.into) : this.#split(person, change);
  }

  #rename(person: Person, label: string): IgnoredReason | null {
    const isTaken = this.#persons.some(
      ({ id, label: other, participant }) => id !== person.id && [other, participant].includes(label),
    );
    if (isTaken || /^P\d+$/i.test(label)) return 'label_taken';
    this.#replace({ ...person, label });
    return null;
  }

  #merge(person: Person, into: number): IgnoredReason | null {
    if (person.id === into) return 'same_person';
    const target = this.#person(into);
    if (!target) return 'person_gone';
    const label = target.label ?? person.label;
    const participant = target.participant ?? person.participant;
    this.#replace({ ...target, participant, ...(label === undefined ? {} : { label }) });
    this.#persons = this.#persons.filter(({ id }) => id !== person.id);
    for (const segment of this.#segments) if (segment.person === person.id) this.#move(segment, into);
    return null;
  }

  #split({ id }: Person, { fromSequence, becomes }: Split): IgnoredReason | null {
    const own = this.#segments.filter(({ person }) => person === id);
    const isBefore = own.some(({ firstSequence }) => firstSequence < fromSequence);
    const isAfter = own.some(({ lastSequence }) => lastSequence >= fromSequence);
    if (!isBefore || !isAfter) return 'one_side_empty';
    this.#persons.push({ id: becomes, participant: null });
    this.#persons.sort((p, q) => p.id - q.id);
    for (const segment of own) {
      if (segment.lastSequence < fromSequence) continue;
      this.#move(segment.firstSequence < fromSequence ? this.#cut(segment, fromSequence) : segment, becomes);
    }
    return null;
  }

  /** Ends a segment in front of a frame; returns what comes from there on. */
  #cut(segment: Segment, fromSequence: number): Segment {
    const id = Math.max(...this.#segments.map(idOf)) + 1;
    const rest = { ...segment, id, firstSequence: fromSequence };
    segment.lastSequence = fromSequence - 1;
    this.#segments.push(rest);
    this.#cuts.set(segment.id, [...(this.#cuts.get(segment.id) ?? []), { fromSequence, segment: id }]);
    return rest;
  }

  #move(segment: Segment, person: number): void {
    segment.person = person;
    segment.source = 'manual';
    segment.confidence = 1;
    this.#moved.add(segment.id);
  }

  #mark(edit: Edit, change: MarkerChange, before: Marker | null): IgnoredReason | null {
    if (change.kind === 'add_marker') {
      const { timeMs, label } = change;
      this.#markers.set(markerIdOf(edit), { id: markerIdOf(edit), timeMs, label });
      return null;
    }
    if (!before) return 'marker_gone';
    if (change.kind === 'remove_marker') this.#markers.delete(before.id);
    else this.#markers.set(before.id, { id: before.id, timeMs: change.timeMs, label: change.label });
    return null;
  }

  #person(id: number): Person | null {
    return this.#persons.find((person) => person.id === id) ?? null;
  }

  #replace(person: Person): void {
    this.#persons = this.#persons.map((other) => (other.id === person.id ? person : other));
  }
}

const idOf = ({ id }: { readonly id: number }): number => id;
