// What a session keeps of every frame and every face in it: enough to fuse, judge and filter again without the pictures.
import { isRejection, type DepthVerdict } from './depth/verdict.ts';
import type { Box } from './geometry.ts';
import type { Landmarks68 } from './landmarks.ts';
import type { Probabilities } from './expression.ts';
import type { Quality, QualityReason } from './quality.ts';
import type { FiredRule } from './scoring.ts';

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
  'rejected',
  'paused',
  'source_gap',
] as const;

export type MissingReason = (typeof MISSING_REASONS)[number];

/** Why there is no picture at a time of a live source. */
export const GAP_REASONS = ['dropped', 'paused', 'source_gap'] as const satisfies readonly MissingReason[];

export type GapReason = (typeof GAP_REASONS)[number];

/** Whether a record is a pause or a gap of the camera, which last as long as they last; all others are one frame long. */
export const isBreak = ({ gap }: Pick<FrameRecord, 'gap'>): boolean => gap === 'paused' || gap === 'source_gap';

/**
 * A frame, or a row instead of silence: a frame that was dropped, with the number and time that it had, or a pause or a gap of
 * the camera, which is one record at its beginning and lasts until the next record.
 */
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
  /** Null for a frame that was captured and analysed; a gap has no faces, and nothing was searched. */
  readonly gap: GapReason | null;
}

/** A moment that somebody marked, on the session's clock. */
export interface Marker {
  readonly id: string;
  readonly timeMs: number;
  readonly label: string;
}

/** What can happen to a recording. The list is closed. */
export const EVENT_KINDS = [
  'paused',
  'resumed',
  'camera_lost',
  'camera_back',
  'slept',
  'scores_shown',
  'scores_hidden',
  'camera_changed',
  'consent_withdrawn',
  'analysis_withdrawn',
  'identification_withdrawn',
  'video_withdrawn',
  'sharing_withdrawn',
  'video_discarded',
  'assigned',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** Something that happened while a session was recorded, on its clock. */
export interface SessionEvent {
  readonly timeMs: number;
  readonly kind: EventKind;
  readonly detail: string | null;
}

/** The capture clock (the session's) and the wall clock at one moment, in milliseconds. */
export interface ClockReading {
  readonly timeMs: number;
  readonly unixMs: number;
}

/** What depth says of a face. */
export interface FaceDepth {
  /** Over the last frames of the track; see core/depth/verdict.ts. */
  readonly verdict: DepthVerdict;
  /** Distance along the optical axis and width of the box there, of this frame in mm; NaN where too little could be read. */
  readonly distanceMm: number;
  readonly widthMm: number;
}

/** Whether depth says that something is no face: it is nobody's then, and no expression is computed. */
export const isNoFace = (depth: FaceDepth | null): boolean => depth !== null && isRejection(depth.verdict);

/** Something that looked like a face and of which depth said for a while that it is none. */
export interface DepthRejection {
  /** Its first and last frame that were rejected, how many were, and the times of those two (NaN for pictures). */
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly frames: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Every verdict that it had, in the order of the alphabet. */
  readonly verdicts: readonly DepthVerdict[];
  /** Mean distance in mm; NaN where it is not known. */
  readonly distanceMm: number;
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
  readonly reason: QualityReason | 'depth_rejected' | 'no_consent' | 'member_failed' | 'rejected' | null;
  /** Null without a depth sensor. */
  readonly depth: FaceDepth | null;
  /** What each member said, in the profile's order; null for one that failed, and everywhere without consent. */
  readonly members: readonly (Probabilities | null)[];
  /** Fused probabilities; all NaN where nothing was estimated. */
  readonly fused: Probabilities;
  /** After override and rules; the same array as `fused` where nothing fired. */
  readonly refined: Probabilities;
  readonly fired: readonly FiredRule[];
  readonly agreement: number;
}

/** The same face with nothing that the networks say of its expression. */
export function withoutScores(face: FaceRecord): FaceRecord {
  const nothing = face.fused.map(() => NaN);
  const members = face.members.map(() => null);
  return { ...face, reason: 'no_consent', members, fused: nothing, refined: nothing, fired: [], agreement: NaN };
}
