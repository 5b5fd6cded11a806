// What a session keeps of every frame and every face in it: enough to fuse, judge and filter again without the pictures.
import type { Box } from './geometry.ts';
import type { Landmarks68 } from './landmarks.ts';
import type { Probabilities } from './expression.ts';
import type { Quality, QualityReason } from './quality.ts';

/** Why a row has no trustworthy values. The list is closed. */
export const MISSING_REASONS = [
  'no_face',
  'not_searched',
  'dropped',
  'occluded',
  'too_small',
  'cut_off',
  'too_dark',
  'too_bright',
  'blurred',
  'extreme_pose',
  'depth_rejected',
  'no_consent',
  'identity_uncertain',
  'member_failed',
  'paused',
  'source_gap',
] as const;

export type MissingReason = (typeof MISSING_REASONS)[number];

export interface FrameRecord {
  readonly sequence: number;
  /** Milliseconds on the source's clock; NaN for a picture. */
  readonly timeMs: number;
  /** Frames that were lost between the one before and this one. */
  readonly droppedBefore: number;
  /** Whether the detector ran. */
  readonly searched: boolean;
  /** The picture's name, in a session of pictures. */
  readonly name: string | null;
}

/** A face in a frame. */
export interface FaceRecord {
  readonly sequence: number;
  /** The segment that says whose face it is. */
  readonly segment: number;
  readonly box: Box;
  readonly landmarks: Landmarks68;
  readonly detectorScore: number;
  readonly quality: Quality;
  /** Why the face itself is not to be trusted; identity is judged later, when it is known. */
  readonly reason: QualityReason | 'no_consent' | 'member_failed' | null;
  /** What each member said, in the profile's order; null for one that failed, and everywhere without consent. */
  readonly members: readonly (Probabilities | null)[];
  /** Fused probabilities; all NaN where nothing was estimated. */
  readonly fused: Probabilities;
  readonly agreement: number;
}
