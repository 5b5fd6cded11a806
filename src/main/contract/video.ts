// The video of a session, which is kept only where everybody has agreed to it.
import { z } from 'zod';

/** Why a video is not there any more: consent was taken back, somebody in it was erased, or there is no picture in it. */
export const VIDEO_REMOVALS = ['withdrawn', 'erased', 'empty'] as const;
export type VideoRemoval = (typeof VIDEO_REMOVALS)[number];

/** What is known of the video of a session. */
export const sessionVideo = z.discriminatedUnion('state', [
  /** It is being written, or it broke off and nobody has looked at it since. */
  z.strictObject({ state: z.literal('unfinished') }),
  z.strictObject({
    state: z.literal('kept'),
    codec: z.string(),
    /** Pixels. */
    width: z.int().positive(),
    height: z.int().positive(),
    frames: z.int().positive(),
    /** Analysed frames for which the encoder was too slow; null where it broke off before it could tell. */
    leftOut: z.int().min(0).nullable(),
    /** Frames in which faces were painted grey; null as above. */
    masked: z.int().min(0).nullable(),
    bytes: z.int().min(0),
  }),
  z.strictObject({ state: z.literal('removed'), reason: z.enum(VIDEO_REMOVALS), removedUnixMs: z.number() }),
]);
export type SessionVideo = z.infer<typeof sessionVideo>;
export type KeptVideo = SessionVideo & { readonly state: 'kept' };

/** How the video of a recording stands that is under way. */
export const LIVE_VIDEO_STATES = ['none', 'kept', 'failed', 'discarded'] as const;
export type LiveVideoState = (typeof LIVE_VIDEO_STATES)[number];

/** Below this path, and the id of a session, its video is found by a window. */
export const VIDEO_PATH = '/video/';

/** Whether a text can be the id of a session: then it can be the name of a file, too. */
export const isSessionId = (text: string): boolean => /^[0-9a-f]{4,64}$/.test(text);
