// What a window and the program say to each other while a camera is looked at and recorded.
import { z } from 'zod';
import { EXPRESSIONS } from '../core/expression.ts';
import { MISSING_REASONS } from '../core/record.ts';
import { agreesToVideo, participantConsent } from './consent.ts';
import { profileName } from './profiles.ts';
import { sessionSetup } from './setup.ts';
import { LIVE_VIDEO_STATES } from './video.ts';
import { withdrawnScopes } from './withdrawal.ts';

const float32s = z.custom<Float32Array>((value) => value instanceof Float32Array);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** So many people at most in one recording. */
export const MOST_PARTICIPANTS = 16;

/** A recording as the researcher sets it up. */
export const liveSetup = z
  .strictObject({
    /** What the session and its files are called. */
    name: z.string().trim().min(1).max(80),
    setup: sessionSetup,
    /** Without it that of the settings is used. */
    profile: profileName.exactOptional(),
    form: z.strictObject({ version: z.string().min(1), sha256: z.string().optional() }),
    participants: z
      .array(participantConsent)
      .min(1)
      .max(MOST_PARTICIPANTS)
      .refine((all) => new Set(all.map(({ code }) => code)).size === all.length, {
        error: 'names a participant twice',
      }),
  })
  .refine(({ setup, participants }) => setup.keeps !== 'video' || participants.every(agreesToVideo), {
    path: ['setup', 'keeps'],
    error: 'can be video only where every participant has agreed to it',
  });
export type LiveSetup = z.infer<typeof liveSetup>;

/** A camera as the browser describes it. */
export const cameraFacts = z.strictObject({
  label: z.string().max(200),
  width: z.int().positive(),
  height: z.int().positive(),
  /** Frames a second that it promises; null where it promises nothing. */
  nominalRate: z.number().positive().nullable(),
});
export type CameraFacts = z.infer<typeof cameraFacts>;

/** A frame on its way to the program. Unix times are on the camera's clock, which is never stepped. */
export const cameraFrame = z.strictObject({
  /** Says whose camera this is: see live.attach. */
  ticket: z.int(),
  unixMs: z.number(),
  /** The wall clock when the frame arrived in the window. */
  arrivedUnixMs: z.number(),
  width: z.int().min(16).max(8192),
  height: z.int().min(16).max(8192),
  format: z.enum(['i420', 'nv12', 'rgba']),
  colorSpace: z.strictObject({ matrix: z.enum(['bt601', 'bt709', 'bt2020']), range: z.enum(['limited', 'full']) }),
  /** The planes without gaps. */
  bytes,
  /** When the frames were captured that were lost since the one before. */
  dropped: z.array(z.number()).max(10_000),
});
export type CameraFrameMessage = z.infer<typeof cameraFrame>;

/** A face on the screen, in pixels of the frame. */
export const liveFace = z.strictObject({
  /** Stays the same while the face is followed. */
  track: z.int(),
  box: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  /** 68 points, x and y in turn. */
  landmarks: float32s,
  /** Null for a bystander, of whom no expression is computed. */
  participant: z.string().nullable(),
  /** 0…1, the weakest of size, sharpness, light, pose and so on. */
  quality: z.number(),
  interocularPx: z.number(),
  brightness: z.number(),
  sharpness: z.number(),
  yawDeg: z.number(),
  pitchDeg: z.number(),
  rollDeg: z.number(),
  /** Null exactly when the row is valid. */
  missingReason: z.enum(MISSING_REASONS).nullable(),
  /** In the order of EXPRESSIONS, NaN for one that nothing measures; null while scores are hidden, and where there are none. */
  scores: float32s.nullable(),
  confirmed: z.enum(EXPRESSIONS).nullable(),
  /** Whether scores are those of a moment ago, held for the screen because there are none now. */
  isHeld: z.boolean(),
});
export type LiveFaceMessage = z.infer<typeof liveFace>;

export const sessionMarker = z.strictObject({ id: z.string(), timeMs: z.number(), label: z.string() });
export type SessionMarker = z.infer<typeof sessionMarker>;

/** How a recording stands. */
export const liveStatus = z.strictObject({
  stage: z.enum(['closed', 'looking', 'recording', 'paused', 'failed']),
  /** Null while nothing is set up. */
  setup: liveSetup.nullable(),
  identification: z.boolean(),
  camera: cameraFacts.nullable(),
  /** Whether frames arrive. */
  isCameraOn: z.boolean(),
  areScoresShown: z.boolean(),
  /** Consent that was taken back since the recording was set up. */
  withdrawn: z.array(withdrawnScopes),
  framesPerSecond: z.number(),
  underWay: z.int(),
  /** Of the recording: frames, dropped frames, seconds on the session's clock. */
  frames: z.int(),
  dropped: z.int(),
  seconds: z.number(),
  /** Of the recording that is under way; none where no video was to be kept. */
  video: z.enum(LIVE_VIDEO_STATES),
  markers: z.array(sessionMarker),
  /** The session that is being recorded, or the one that was recorded last; null while it is ended. */
  sessionId: z.string().nullable(),
  error: z.strictObject({ message: z.string(), remedy: z.string() }).nullable(),
});
export type LiveStatus = z.infer<typeof liveStatus>;
