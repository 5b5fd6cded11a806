import { describe, expect, it } from 'vitest';
import type { DepthVerdict } from '../../../src/main/core/depth/verdict.ts';
import type { Probabilities } from '../../../src/main/core/expression.ts';
import type { Profile } from '../../../src/main/core/profile.ts';
import { PUBLISHED_PARAMETERS } from '../../../src/main/core/refine.ts';
import type { FaceRecord } from '../../../src/main/core/record.ts';
import { faceRecords } from '../../../src/main/engine/faces.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { observedFace } from '../../fixtures/store-scripted.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const NONE = { segments: [], persons: [] };

/** The only face of a frame as a profile scores it. */
function faceOf(answer: (Probabilities | null)[] | null, profile: Partial<Profile>, seen = observedFace()): FaceRecord {
  const report = { sequence: 0, searched: true, cut: false, faces: [seen] };
  const [face] = faceRecords({ report, news: NONE, answers: [answer] }, { ...fakeProfile({ only: 1 }), ...profile });
  return face;
}

const SMILE = scores({ happiness: 0.4, anger: 0.2, fear: 0.2, neutral: 0.2 });
const LIFT = { active: ['happiness_lift'], parameters: PUBLISHED_PARAMETERS } as const;

describe('a face of a frame', () => {
  it('is scored by the whole of the profile, and both estimates are kept', () => {
    const face = faceOf([SMILE], { rules: LIFT });
    expect(face).toMatchObject({ fused: SMILE, fired: ['happiness_lift'], reason: null });
    expect(face.refined[4]).toBeCloseTo(52 / 112, 6);
  });

  it('has one estimate where nothing fired', () => {
    const face = faceOf([SMILE], {});
    expect(face.fired).toEqual([]);
    expect(face.refined).toBe(face.fused);
  });

  it('is rejected where it is too unsure, and what the models said is kept', () => {
    const face = faceOf([SMILE], { reject: 40.5 });
    expect(face).toMatchObject({ reason: 'rejected', members: [SMILE], fused: SMILE });
    expect(faceOf([SMILE], { reject: 40.5, rules: LIFT }).reason).toBeNull();
  });

  it('names what is wrong with the face, and that nothing was asked or answered, before that', () => {
    const seen = observedFace();
    const hidden = { ...seen, quality: { ...seen.quality, occlusion: 1 } };
    expect(faceOf([SMILE], { reject: 90 }, hidden).reason).toBe('occluded');
    expect(faceOf(null, { reject: 90 }).reason).toBe('no_consent');
    expect(faceOf([null], { reject: 90 }).reason).toBe('member_failed');
  });

  it('of which nothing was asked is no face where depth says so, and somebody without consent else', () => {
    const seen = (verdict: DepthVerdict) => ({ ...observedFace(), depth: { verdict, distanceMm: 900, widthMm: 150 } });
    for (const verdict of ['flat', 'size', 'in_plane'] as const)
      expect(faceOf(null, {}, seen(verdict))).toMatchObject({ reason: 'depth_rejected', depth: { verdict } });
    for (const verdict of ['accept', 'unknown'] as const)
      expect(faceOf(null, {}, seen(verdict)).reason).toBe('no_consent');
    expect(faceOf([SMILE], {}, seen('unknown')).reason).toBeNull();
  });
});
