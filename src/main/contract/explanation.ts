// How the estimate of a face came about, for whoever looks at the camera and asks.
import { z } from 'zod';
import { EXPRESSIONS } from '../core/expression.ts';
import { LEVELS } from '../core/refine.ts';
import { FIRED_RULES } from '../core/scoring.ts';

const float32s = z.custom<Float32Array>((value) => value instanceof Float32Array);

/** See core/explanation.ts. */
export const explanation = z.strictObject({
  votes: z.array(
    z.strictObject({ model: z.string(), choice: z.enum(EXPRESSIONS).nullable(), score: z.number().nullable() }),
  ),
  agreement: z.number(),
  fired: z.array(z.enum(FIRED_RULES)),
  raw: float32s,
  refined: float32s,
  level: z.enum(LEVELS),
});
export type ExplanationMessage = z.infer<typeof explanation>;

export const EXPLANATION_CALLS = {
  /**
   * Of a face in the last frame; null while scores are hidden, and for a face that has none. It is asked for, because the answers to
   * frames are to stay small. Throws usage for a face that is not in view.
   */
  'live.explain': { input: z.strictObject({ track: z.int() }), output: explanation.nullable() },
} as const;
