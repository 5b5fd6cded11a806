// What the networks see of a face, for whoever looks at the camera. It is shown, and never stored.
import { z } from 'zod';

/** See core/face-input.ts. */
export const faceInput = z.strictObject({
  model: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  pixels: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
});
export type FaceInputMessage = z.infer<typeof faceInput>;

export const FACE_INPUT_CALLS = {
  /**
   * What each network of the ensemble is given of a face, from the next frame. Throws no_consent for a face of which no expression is
   * computed, usage for one that is not in view, and interrupted when no frame comes.
   */
  'live.faceInput': { input: z.strictObject({ track: z.int() }), output: z.array(faceInput) },
} as const;
