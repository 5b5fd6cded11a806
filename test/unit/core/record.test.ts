import { describe, expect, it } from 'vitest';
import { qualityReason, type Quality, type QualityLimits } from '../../../src/main/core/quality.ts';
import { MISSING_REASONS } from '../../../src/main/core/record.ts';
import { PROFILE, faceOf } from '../../fixtures/timeline-rows.ts';

describe('the reasons for a missing value', () => {
  it('are the closed list that is promised to readers of the files, by these names', () => {
    expect([...MISSING_REASONS].sort()).toEqual([
      ...['blurred', 'cut_off', 'depth_rejected', 'dropped', 'extreme_pose', 'identity_uncertain', 'member_failed'],
      ...[
        'no_consent',
        'no_face',
        'not_searched',
        'occluded',
        'paused',
        'rejected',
        'source_gap',
        'too_bright',
        'too_dark',
      ],
      'too_small',
    ]);
  });

  it('include everything that can be wrong with a face', () => {
    const limits: QualityLimits = PROFILE.quality;
    const { quality } = faceOf(0, 1);
    const faults: Record<string, Partial<Quality>> = {
      too_small: { interocularPx: 1 },
      cut_off: { inside: 0 },
      too_dark: { brightness: 0 },
      too_bright: { clipped: 1 },
      extreme_pose: { pose: { yawDeg: 80, pitchDeg: 0, rollDeg: 0 } },
      occluded: { occlusion: 1 },
      blurred: { sharpness: 0 },
    };
    expect(qualityReason(quality, limits)).toBeNull();
    for (const [reason, fault] of Object.entries(faults)) {
      expect(qualityReason({ ...quality, ...fault }, limits)).toBe(reason);
      expect(MISSING_REASONS).toContain(reason);
    }
  });
});
