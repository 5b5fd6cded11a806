// Profiles to choose from, and scoring a stored session again with another one.
import { z } from 'zod';

/** The profile that is used unless somebody chooses another one. */
export const DEFAULT_PROFILE = 'mien';

/** What a window calls a profile by; files elsewhere are for the command line. */
export const profileName = z.string().regex(/^[\w-]{1,80}$/, 'must be letters, digits, _ and -');

/** A profile in a list. */
export const profileSummary = z.strictObject({
  name: z.string(),
  description: z.string(),
  /** Ids of the models that give scores. */
  members: z.array(z.string()),
  /** Comes with the program, and is not one of the user's own. */
  isShipped: z.boolean(),
  /** Why it cannot be used, as a sentence; null where it can. */
  problem: z.string().nullable(),
});
export type ProfileSummary = z.infer<typeof profileSummary>;

/** Of a session that was made by scoring another one again. */
export const sessionOrigin = z.strictObject({
  id: z.string(),
  /** Null where the other session is gone. */
  code: z.string().nullable(),
  /** When it was scored again. */
  unixMs: z.number(),
});
export type SessionOrigin = z.infer<typeof sessionOrigin>;

export const PROFILE_CALLS = {
  /** The shipped ones first, then the user's own; those that cannot be used, too. */
  'profiles.list': { input: z.strictObject({}), output: z.array(profileSummary) },
  /**
   * Makes a new session of a stored one, without pictures; cancelled it leaves nothing behind. Tells frames that are done. Throws
   * usage where the profile needs what the session does not have.
   */
  'sessions.rescore': {
    input: z.strictObject({ id: z.string(), profile: profileName }),
    progress: z.int().min(0),
    output: z.strictObject({ sessionId: z.string() }),
  },
} as const;
