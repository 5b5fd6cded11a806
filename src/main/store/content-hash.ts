import { createHash } from 'node:crypto';
import type { Profile } from '../core/profile.ts';
import { PUBLISHED_PARAMETERS } from '../core/refine.ts';

/** What holds where a profile says nothing, of what profiles could not say at first. */
const UNSAID = {
  override: false,
  rules: { active: [], parameters: PUBLISHED_PARAMETERS },
  temperature: 1,
  contempt: true,
  reject: null,
  lighting: null,
};
const UNSAID_OF_MEMBERS = { temperature: 1 };
const UNSAID_OF_WINDOWS = { smoothing: 'mean', persistenceMs: 0, frames: null };

/** The hash of a profile: one that says nothing new has the hash that it had before it could. */
export function profileHash(profile: Profile): string {
  return contentHash({
    ...said(profile, UNSAID),
    members: profile.members.map((member) => said(member, UNSAID_OF_MEMBERS)),
    window: said(profile.window, UNSAID_OF_WINDOWS),
  });
}

/** Without the entries that are as they are where nothing is said. */
function said(value: object, unsaid: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(value).filter(([key, own]) => !(key in unsaid) || contentHash(own) !== contentHash(unsaid[key])),
  );
}

/** A hash of anything that JSON can hold, the same for the same content whatever the order of its keys. */
export function contentHash(value: unknown): string {
  const sorted = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(sorted);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(
      Object.entries(v)
        .sort()
        .map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}
