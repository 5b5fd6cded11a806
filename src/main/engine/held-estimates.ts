// The last valid estimate of each person, which the screen may hold for a moment where there is none (REFERENCE 6). Nothing else
// knows of it: what is stored, smoothed or confirmed has a missing row there.
import type { LiveFace } from './live.ts';

interface Held {
  readonly face: LiveFace;
  readonly unixMs: number;
}

export class HeldEstimates {
  readonly #persistenceMs: number;
  /** By person; no two of the same track. */
  readonly #held = new Map<number, Held>();

  /** How long an estimate is held; 0 holds none. */
  constructor(persistenceMs: number) {
    this.#persistenceMs = persistenceMs;
  }

  /** A person's face in a frame as it is to be shown: with held scores where it has none of its own. */
  shown(person: number, face: LiveFace, unixMs: number): LiveFace {
    for (const [other, held] of this.#held)
      if (other !== person && held.face.track === face.track) this.#held.delete(other);
    if (face.missingReason === null) this.#held.set(person, { face, unixMs });
    else if (face.missingReason === 'no_consent') this.#held.delete(person);
    const held = this.#heldAt(person, unixMs);
    if (face.missingReason === null || !held) return face;
    return { ...face, scores: held.scores, confirmed: held.confirmed, isHeld: held.scores !== null };
  }

  /**
   * The faces of those who were in view a moment ago and are not any more, where they were seen last. `faces` are those of the
   * frame, `present` the people in it.
   */
  absent(faces: readonly LiveFace[], present: ReadonlySet<number>, unixMs: number): LiveFace[] {
    const tracks = new Set(faces.map(({ track }) => track));
    return [...this.#held.keys()].flatMap((person) => {
      const held = present.has(person) ? null : this.#heldAt(person, unixMs);
      if (!held?.scores || tracks.has(held.track)) return [];
      return [{ ...held, landmarks: new Float32Array(), missingReason: 'no_face', isHeld: true }];
    });
  }

  /** Of everybody: scores may not be seen any more, or somebody has taken a consent back. */
  forget(): void {
    this.#held.clear();
  }

  #heldAt(person: number, unixMs: number): LiveFace | null {
    const held = this.#held.get(person);
    return held && unixMs - held.unixMs < this.#persistenceMs ? held.face : null;
  }
}
