// What the networks say of a frame, as a session stores it.
import { faceShape } from '../core/face-shape.ts';
import { qualityReason } from '../core/quality.ts';
import type { Profile } from '../core/profile.ts';
import { isNoFace, type FaceRecord } from '../core/record.ts';
import { score } from '../core/scoring.ts';
import type { FrameAnalysis } from './ports.ts';

/** The faces of a frame with the estimate of each, and why it is not to be trusted, if so. */
export function faceRecords({ report, answers }: FrameAnalysis, profile: Profile): FaceRecord[] {
  return report.faces.map(({ segment, box, landmarks, detectorScore, quality, depth }, i) => {
    const members = answers[i] ?? profile.members.map(() => null);
    const { isRejected, ...scored } = score(members, faceShape(landmarks), profile);
    const failed = members.every((member) => member === null);
    const poor = qualityReason(quality, profile.quality) ?? (isRejected ? 'rejected' : null);
    const unestimated = isNoFace(depth) ? 'depth_rejected' : 'no_consent';
    const reason = !answers[i] ? unestimated : failed ? 'member_failed' : poor;
    const { sequence } = report;
    return { sequence, segment, box, landmarks, detectorScore, quality, depth, reason, members, ...scored };
  });
}
