// What the networks say of a frame, as a session stores it.
import { fuse } from '../core/ensemble.ts';
import { qualityReason } from '../core/quality.ts';
import type { Profile } from '../core/profile.ts';
import type { FaceRecord } from '../core/record.ts';
import type { FrameAnalysis } from './ports.ts';

/** The faces of a frame with the fused estimate of each, and why it is not to be trusted, if so. */
export function faceRecords({ report, answers }: FrameAnalysis, profile: Profile): FaceRecord[] {
  const weights = profile.members.map((member) => member.weights);
  return report.faces.map(({ segment, box, landmarks, detectorScore, quality }, i) => {
    const members = answers[i] ?? profile.members.map(() => null);
    const { fused, agreement } = fuse(members, weights);
    const failed = members.every((member) => member === null);
    const reason = !answers[i] ? 'no_consent' : failed ? 'member_failed' : qualityReason(quality, profile.quality);
    const { sequence } = report;
    return { sequence, segment, box, landmarks, detectorScore, quality, reason, members, fused, agreement };
  });
}
