// A profile: everything that turns pictures into numbers and numbers into rows, apart from the networks' weights.
import { EXPRESSIONS } from './expression.ts';
import type { ExpressionWeights } from './ensemble.ts';
import type { Lighting } from './networks.ts';
import type { QualityLimits } from './quality.ts';
import type { Scoring } from './scoring.ts';
import type { TrackingOptions } from './tracking.ts';
import type { WindowOptions } from './window.ts';

export interface ProfileMember {
  /** Id of the model in the manifest. */
  readonly model: string;
  readonly weights: ExpressionWeights;
  /** Of the probabilities that the model gives, beside the temperature that the manifest has for it; 1 changes nothing. */
  readonly temperature: number;
}

export interface IdentityLimits {
  readonly maxDistance: number;
  readonly checkEveryFrames: number;
  /** Rows with less confidence are not valid (identity_uncertain). */
  readonly minConfidence: number;
}

export interface Profile extends Scoring {
  readonly name: string;
  readonly description: string;
  readonly vision: {
    readonly detector: string;
    readonly mesh: string;
    readonly occlusion: string;
    readonly embedder: string;
  };
  readonly members: readonly ProfileMember[];
  /** What is done about the light of a face before the members see it; nothing where it is not named. */
  readonly lighting?: Lighting;
  readonly tracking: TrackingOptions;
  readonly quality: QualityLimits;
  readonly identity: IdentityLimits;
  readonly window: WindowOptions;
  /** Points of 100 between first and second below which an estimate is called ambiguous, if the second has more than `least`. */
  readonly ambiguity: { readonly gap: number; readonly least: number };
}

/** Ids of all models that a profile needs. */
export function modelsOf(profile: Profile): string[] {
  const { detector, mesh, occlusion, embedder } = profile.vision;
  return [detector, mesh, occlusion, embedder, ...profile.members.map((member) => member.model)];
}

/** The same weight for every expression. */
export function evenWeights(weight: number): ExpressionWeights {
  return Object.fromEntries(EXPRESSIONS.map((expression) => [expression, weight])) as Record<
    (typeof EXPRESSIONS)[number],
    number
  >;
}
