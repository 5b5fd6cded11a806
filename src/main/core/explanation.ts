// How the estimate of one face came about: what each model chose, how far they agree, and what changed their mean.
import { EXPRESSIONS, dominantIndex, type Expression, type Probabilities } from './expression.ts';
import type { Profile } from './profile.ts';
import type { FaceRecord } from './record.ts';
import { levelOf } from './refine.ts';
import type { FiredRule } from './scoring.ts';

export interface Vote {
  readonly model: string;
  /** The model's own first choice and its probability; both null for one that failed. */
  readonly choice: Expression | null;
  readonly score: number | null;
}

export interface Explanation {
  /** In the profile's order. */
  readonly votes: readonly Vote[];
  /** Share of the models that agree with the commonest first choice, 0…1. */
  readonly agreement: number;
  readonly fired: readonly FiredRule[];
  /** Of this frame alone, before and after override and rules. */
  readonly raw: Probabilities;
  readonly refined: Probabilities;
  /** Of the refined scores. */
  readonly level: ReturnType<typeof levelOf>;
}

/** Null for a face of which nothing was estimated. */
export function explanationOf(
  { members, agreement, fired, ...face }: FaceRecord,
  profile: Profile,
): Explanation | null {
  if (members.every((member) => member === null)) return null;
  const votes = profile.members.map(({ model }, i): Vote => {
    const member = members[i];
    const top = member ? dominantIndex(member) : -1;
    return member && top >= 0
      ? { model, choice: EXPRESSIONS[top], score: member[top] }
      : { model, choice: null, score: null };
  });
  return { votes, agreement, fired, raw: face.fused, refined: face.refined, level: levelOf(face.refined) };
}
