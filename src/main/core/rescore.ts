// Scores a stored face again by another profile: fused and judged anew from what a session keeps, without the picture.
import { faceShape } from './face-shape.ts';
import type { Profile } from './profile.ts';
import { qualityReason, type QualityLimits } from './quality.ts';
import { withoutScores, type FaceRecord } from './record.ts';
import { score, type Scoring } from './scoring.ts';

/** How faces of one profile become those of another one. */
export interface Rescoring {
  /** For each member of the new profile, its place among the members of the old one. */
  readonly places: readonly number[];
  /** Of the new profile. */
  readonly scoring: Scoring;
  /** Null where the limits are the same: then what was found stays. */
  readonly limits: QualityLimits | null;
}

/** What of a profile decides who and what is seen in a picture, each by its place in the file. */
const SEEN_BY: Readonly<Record<string, (profile: Profile) => string | number>> = {
  'vision.detector': ({ vision }) => vision.detector,
  'vision.mesh': ({ vision }) => vision.mesh,
  'vision.occlusion': ({ vision }) => vision.occlusion,
  'vision.embedder': ({ vision }) => vision.embedder,
  lighting: ({ lighting }) => lighting ?? 'as it is',
  'tracking.minDetectionScore': ({ tracking }) => tracking.minDetectionScore,
  'tracking.detectEveryFrames': ({ tracking }) => tracking.detectEveryFrames,
  'tracking.searchEveryFrames': ({ tracking }) => tracking.searchEveryFrames,
  'identity.maxDistance': ({ identity }) => identity.maxDistance,
  'identity.checkEveryFrames': ({ identity }) => identity.checkEveryFrames,
};

/** Places in which two profiles see otherwise, so that the pictures are needed to go from one to the other. */
export function seenOtherwise(from: Profile, to: Profile): string[] {
  return Object.entries(SEEN_BY).flatMap(([place, of]) => (of(from) === of(to) ? [] : [place]));
}

/** Models of a profile that are no members of another one. */
export function membersWithoutOutputs(from: Profile, to: Profile): string[] {
  const known = new Set(from.members.map(({ model }) => model));
  return to.members.map(({ model }) => model).filter((model) => !known.has(model));
}

/** The way from one profile to another. Throws RangeError for a member that the first does not have. */
export function rescoringOf(from: Profile, to: Profile): Rescoring {
  const [missing] = membersWithoutOutputs(from, to);
  if (missing !== undefined) throw new RangeError(`nothing is stored of the member ${missing}`);
  const names = Object.keys(to.quality) as (keyof QualityLimits)[];
  const isSame = names.every((name) => from.quality[name] === to.quality[name]);
  return {
    places: to.members.map(({ model }) => from.members.findIndex((member) => member.model === model)),
    scoring: to,
    limits: isSame ? null : asStored(to.quality),
  };
}

/**
 * Limits as float32 values, as stored numbers are: a face that was exactly at a limit still is. One that was beyond it by less than
 * a float32 can tell is within it now, which is why faces are not judged again where nothing has changed.
 */
function asStored(limits: QualityLimits): QualityLimits {
  const stored = Object.entries<number>({ ...limits }).map(([name, limit]) => [name, Math.fround(limit)] as const);
  return Object.fromEntries(stored) as unknown as QualityLimits;
}

/** A face by the new profile. One without consent and what depth rejects stay as they are: nothing is known of their expression. */
export function rescored(face: FaceRecord, { places, scoring, limits }: Rescoring): FaceRecord {
  const members = places.map((place) => face.members[place] ?? null);
  if (face.reason === 'no_consent') return withoutScores({ ...face, members });
  if (face.reason === 'depth_rejected') return { ...withoutScores({ ...face, members }), reason: face.reason };
  const { isRejected, ...scored } = score(members, faceShape(face.landmarks), scoring);
  const isFailed = members.every((member) => member === null);
  const reason = isFailed ? 'member_failed' : (poorReason(face, limits) ?? (isRejected ? 'rejected' : null));
  return { ...face, members, ...scored, reason };
}

/** What is wrong with the face itself. One that was rejected was within all limits. */
function poorReason({ reason, quality }: FaceRecord, limits: QualityLimits | null): FaceRecord['reason'] {
  if (limits) return qualityReason(quality, limits);
  return reason === 'rejected' ? null : reason;
}
