// How late a camera is, as a page has measured it with flashes of the screen.
import { z } from 'zod';

export const cameraLatency = z.strictObject({
  /** The camera as the browser calls it. */
  camera: z.string().max(200),
  /** Flashes that were shown, and those of them that the camera has seen. */
  flashes: z.int().min(0),
  found: z.int().min(0),
  /** From a flash to the capture time of the first frame that shows it, in milliseconds; null where none was seen. */
  medianMs: z.number().nullable(),
  /** Half of the flashes lie between these two. */
  lowMs: z.number().nullable(),
  highMs: z.number().nullable(),
});
export type CameraLatency = z.infer<typeof cameraLatency>;

/** With fewer flashes seen than this there is nothing to be said. */
export const LEAST_FLASHES = 3;

export const LATENCY_CALLS = {
  /** For whoever has asked for the measurement; it is stored nowhere. */
  'latency.tell': { input: cameraLatency, output: z.strictObject({}) },
} as const;
