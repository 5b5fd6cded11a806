// What a recording is for, as it is asked before one begins. Inferring emotions at work and in education is forbidden in the European
// Union (Regulation 2024/1689, article 5), but for medical reasons and safety; research there has an approval.
import { z } from 'zod';

export const PURPOSES = ['research', 'medical', 'safety', 'workplace', 'education', 'other'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Purposes that are not allowed without grounds. */
export const NEED_GROUNDS: readonly Purpose[] = ['workplace', 'education'];

const approval = z.strictObject({
  number: z.string().min(1),
  /** The ethics committee that gave it. */
  body: z.string().min(1),
  legalBasis: z.string().min(1),
});

export const sessionSetup = z
  .strictObject({
    project: z.string().min(1).max(80),
    purpose: z.enum(PURPOSES),
    grounds: z.enum(['medical', 'safety', 'ethics']).nullable(),
    approval: approval.nullable(),
    /** What is kept of the frames: numbers and no picture, or also a video, to which everybody must have agreed. */
    keeps: z.enum(['features', 'video']),
  })
  .refine(({ purpose, grounds }) => NEED_GROUNDS.includes(purpose) === (grounds !== null), {
    path: ['grounds'],
    error: 'are needed at the workplace and in education, and nowhere else',
  })
  .refine((setup) => setup.grounds !== 'ethics' || setup.approval !== null, {
    path: ['approval'],
    error: 'is needed where it is the grounds',
  });

export type SessionSetup = z.infer<typeof sessionSetup>;
