// What people agreed to, as the file of --consent says it and as the session stores it.
import { z } from 'zod';

export const SCOPES = ['analysis', 'identification', 'video', 'sharing'] as const;
export type Scope = (typeof SCOPES)[number];

/** A participant and what he or she agreed to. */
export const participantConsent = z.strictObject({
  /** A code, never a name. */
  code: z.string().regex(/^[\w.-]{1,40}$/, 'must be a code of letters, digits, dots and dashes'),
  scopes: z.array(z.enum(SCOPES)),
  /** A picture of the participant alone, relative to the consent file. */
  picture: z.string().optional(),
  /** When consent was given, ISO 8601. */
  given_at: z.string().optional(),
  /** Who asked, and who agreed in the place of somebody who may not alone. */
  obtained_by: z.string().optional(),
  guardian: z.string().optional(),
  /** Whether somebody for whom a guardian agreed wants to take part, too. */
  assent: z.boolean().optional(),
  /** Number of the ethics committee's approval. */
  ethics_number: z.string().optional(),
  /** The last day, ISO 8601, on which the recording may be kept. */
  retain_until: z.iso.date('must be a date such as 2031-12-31').optional(),
});

export const consentFileSchema = z.strictObject({
  form: z.strictObject({ version: z.string(), sha256: z.string().optional() }).optional(),
  participants: z
    .array(participantConsent)
    .min(1)
    .refine((all) => new Set(all.map((p) => p.code)).size === all.length, { error: 'names a participant twice' }),
});

export type ConsentFile = z.infer<typeof consentFileSchema>;

/** Consent as a session stores it. */
export type Consent =
  | { readonly kind: 'external' }
  | {
      readonly kind: 'file';
      readonly form: ConsentFile['form'] | null;
      readonly participants: ConsentFile['participants'];
    };

/** Whether somebody may be seen in a video. */
export const agreesToVideo = ({ scopes }: ConsentFile['participants'][number]): boolean => scopes.includes('video');

/** Codes of those who agreed to analysis; null where everybody's consent was obtained outside. */
export function analysedOf(consent: Consent): string[] | null {
  if (consent.kind === 'external') return null;
  return consent.participants.filter(({ scopes }) => scopes.includes('analysis')).map(({ code }) => code);
}
