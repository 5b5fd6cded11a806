import { describe, expect, it } from 'vitest';
import { profileSchema } from '../../../src/main/contract/manifest.ts';
import type { Profile } from '../../../src/main/core/profile.ts';
import { contentHash, profileHash } from '../../../src/main/store/content-hash.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';

/** A profile as it was written before profiles could speak of scoring and of how time is smoothed. */
function early(): Record<string, unknown> {
  const { members, window, ...others } = fakeProfile({ first: 1, second: 1 });
  const { restartMs, smoothingMs, confirmationMs, confirmationShare } = window;
  const later = new Set(['override', 'rules', 'temperature', 'contempt', 'reject', 'lighting']);
  return {
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !later.has(name))),
    members: members.map(({ model, weights }) => ({ model, weights })),
    window: { restartMs, smoothingMs, confirmationMs, confirmationShare },
  };
}

describe('the hash of a profile', () => {
  it('is what it was before profiles could say more, for those that say no more', () => {
    expect(profileHash(profileSchema.parse(early()))).toBe(contentHash(early()));
  });

  it('is another one for whatever is said', () => {
    const profile = profileSchema.parse(early());
    const others: Profile[] = [
      { ...profile, override: true },
      { ...profile, temperature: 2 },
      { ...profile, contempt: false },
      { ...profile, reject: 30 },
      { ...profile, lighting: 'clahe' },
      { ...profile, rules: { ...profile.rules, active: ['happiness_lift'] } },
      { ...profile, members: profile.members.map((member) => ({ ...member, temperature: 2 })) },
      { ...profile, window: { ...profile.window, persistenceMs: 100 } },
      { ...profile, window: { ...profile.window, smoothing: 'exponential' } },
    ];
    expect(new Set([profile, ...others].map(profileHash)).size).toBe(others.length + 1);
  });
});
