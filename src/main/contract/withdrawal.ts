// Consent that is taken back while it is recorded: one scope of it, or everything.
import { z } from 'zod';
import { SCOPES, type Scope } from './consent.ts';

/** What can be taken back; everything comes first. */
export const WITHDRAWABLE = ['everything', ...SCOPES] as const;
export type Withdrawable = (typeof WITHDRAWABLE)[number];

export const liveWithdrawal = z.strictObject({ participant: z.string(), scope: z.enum(WITHDRAWABLE) });
export type LiveWithdrawal = z.infer<typeof liveWithdrawal>;

/** Scopes that somebody has taken back since the recording was set up. */
export const withdrawnScopes = z.strictObject({ participant: z.string(), scopes: z.array(z.enum(SCOPES)) });
export type WithdrawnScopes = z.infer<typeof withdrawnScopes>;

export const scopesIn = (scope: Withdrawable): readonly Scope[] => (scope === 'everything' ? SCOPES : [scope]);

/** A scope that was taken back, as a session keeps it. */
export interface Withdrawal {
  readonly participant: string;
  readonly scope: Scope;
  readonly unixMs: number;
  /** What was recorded before it holds then; afterwards everything is withheld that rests on it. */
  readonly whileRecording: boolean;
}
