// Everything a window can ask of the program: one table, from which the client, the server and the tests are made. What crosses
// the border is checked on both sides against these schemas.
import { z } from 'zod';
import { EXPRESSIONS, type Expression } from '../core/expression.ts';
import { MISSING_REASONS, type MissingReason } from '../core/record.ts';
import { SCOPES } from './consent.ts';
import { askedChange, editWords, sessionEdit } from './edits.ts';
import { EXPLANATION_CALLS } from './explanation.ts';
import { FACE_INPUT_CALLS } from './face-input.ts';
import { INCOMING_CALLS } from './incoming.ts';
import { cameraFacts, cameraFrame, liveFace, liveSetup, liveStatus, sessionMarker } from './live.ts';
import {
  erasurePlan,
  erasureProgress,
  erasureReceipt,
  erasureResult,
  erasureTarget,
  participantRecord,
  uncodedSession,
} from './participants.ts';
import { LATENCY_CALLS } from './latency.ts';
import { PROJECT_CALLS, lockDifference, recordingStart } from './project.ts';
import { RETENTION_CALLS } from './retention.ts';
import { PROFILE_CALLS, profileName, sessionOrigin } from './profiles.ts';
import { knownSettings, settings } from './settings.ts';
import { sessionVideo } from './video.ts';
import { liveWithdrawal } from './withdrawal.ts';

export { EXPRESSIONS, MISSING_REASONS };
export type { Expression, MissingReason };

const perExpression = <T extends z.ZodType>(value: T): z.ZodRecord<z.ZodEnum<ExpressionNames>, T> =>
  z.record(z.enum(EXPRESSIONS), value);
type ExpressionNames = { readonly [N in (typeof EXPRESSIONS)[number]]: N };

const float32s = z.custom<Float32Array>((value) => value instanceof Float32Array);
const float64s = z.custom<Float64Array>((value) => value instanceof Float64Array);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const share = z.number().min(0).max(1).nullable();

/** A stored session in a list. */
export const sessionSummary = z.strictObject({
  id: z.string(),
  code: z.string(),
  state: z.enum(['recording', 'complete', 'interrupted']),
  source: z.string(),
  kind: z.enum(['video', 'pictures', 'camera']),
  frames: z.int().min(0),
  durationSeconds: z.number().nullable(),
  profile: z.string(),
  /** Null for a session of which the networks saw the pictures. */
  scoredAgainFrom: sessionOrigin.nullable(),
  createdUnixMs: z.number(),
  persons: z.int().min(0),
});
export type SessionSummary = z.infer<typeof sessionSummary>;

/** A person's figures over a stretch of time; every share names what it is a share of. */
export const personFigures = z.strictObject({
  /** "P3": the number in words, which stays the same whatever the person is called. */
  id: z.string(),
  number: z.int().min(1),
  /** What the researcher calls this person, if anything. */
  label: z.string().nullable(),
  participant: z.string().nullable(),
  /** Rows of the person: captured frames from the first one with the face. */
  rows: z.int().min(0),
  /** Rows in which the face was found, and in which it is valid. */
  facesFound: z.int().min(0),
  valid: z.int().min(0),
  /** Time that valid rows stand for; null for pictures. */
  secondsValid: z.number().nullable(),
  /** Means over valid rows, weighted by time; null where nothing measures the expression. */
  mean: perExpression(z.number().nullable()),
  /**
   * Means of how far valid rows lie above the person's baseline, in log-odds (core/baseline.ts); null where there is none, and in
   * sessions that are too long for it.
   */
  aboveBaseline: perExpression(z.number().nullable()).nullable(),
  /** Share of the valid time in which the expression is dominant. */
  dominantShare: perExpression(share),
  /** Rows that are not valid, by reason; gaps too, each once, which are not among `rows`. */
  missing: z.partialRecord(z.enum(MISSING_REASONS), z.int().min(1)),
});
export type PersonFigures = z.infer<typeof personFigures>;

/** A session that is looked at. Times are seconds on the session's clock; pictures are counted instead. */
export const sessionDetail = z.strictObject({
  summary: sessionSummary,
  startSeconds: z.number(),
  endSeconds: z.number(),
  persons: z.array(personFigures),
  models: z.array(z.strictObject({ id: z.string(), sha256: z.string() })),
  profileHash: z.string(),
  programVersion: z.string(),
  consent: z.enum(['external', 'file']),
  identification: z.boolean(),
  /** Null where no video was begun; `wantsVideo` says whether one was to be kept. */
  video: sessionVideo.nullable(),
  wantsVideo: z.boolean(),
  /** Expressions that no member of the profile measures. */
  unmeasured: z.array(z.enum(EXPRESSIONS)),
  problems: z.array(z.string()),
  /** In order of time. */
  markers: z.array(sessionMarker),
  /** All corrections by hand, those that are undone too, in order. */
  edits: z.array(sessionEdit),
  note: z.string(),
});
export type SessionDetail = z.infer<typeof sessionDetail>;

/**
 * A person's timeline in so many steps. A step is one row or, from further away, several: `startSeconds` is the time of its first
 * row, `scores` holds for step i and expression e at 8 i + e the mean over its valid rows (NaN where there is none),
 * `validShare` the share of its rows that are valid, `missing` the index in MISSING_REASONS of the most frequent reason of the
 * others (255: none), `confirmed` the index of the expression that is confirmed in most of its rows (255: none).
 */
export const personTimeline = z.strictObject({
  id: z.string(),
  startSeconds: float64s,
  scores: float32s,
  validShare: float32s,
  missing: bytes,
  confirmed: bytes,
});
export type PersonTimeline = z.infer<typeof personTimeline>;

/** A file in the queue of those to analyse. */
export const analysisJob = z.strictObject({
  id: z.int(),
  name: z.string(),
  path: z.string(),
  state: z.enum(['waiting', 'running', 'paused', 'done', 'failed', 'cancelled']),
  frames: z.int().min(0),
  /** How many frames the file promises, if it does. */
  expectedFrames: z.int().nullable(),
  framesPerSecond: z.number().nullable(),
  /** The session that was made; of a cancelled file, with what came before. */
  sessionId: z.string().nullable(),
  error: z.strictObject({ message: z.string(), remedy: z.string() }).nullable(),
  problems: z.array(z.string()),
});
export type AnalysisJob = z.infer<typeof analysisJob>;

/** A folder of this machine with what can be chosen in it. */
export const folderListing = z.strictObject({
  path: z.string(),
  parent: z.string().nullable(),
  entries: z.array(
    z.strictObject({
      kind: z.enum(['folder', 'file']),
      name: z.string(),
      path: z.string(),
      bytes: z.number().nullable(),
    }),
  ),
});
export type FolderListing = z.infer<typeof folderListing>;

const span = { fromSeconds: z.number(), toSeconds: z.number() };
const empty = z.strictObject({});

export const CALLS = {
  ...EXPLANATION_CALLS,
  ...FACE_INPUT_CALLS,
  ...INCOMING_CALLS,
  ...LATENCY_CALLS,
  ...PROFILE_CALLS,
  'program.describe': {
    input: empty,
    output: z.strictObject({
      version: z.string(),
      dataFolder: z.string(),
      exportFolder: z.string(),
      homeFolder: z.string(),
      formats: z.array(z.string()),
      /** Address of a film in place of a camera, for trying the program; null for none. */
      sampleCamera: z.string().nullable(),
      /** How often the engine was started again since Mien was started, because it had stopped unexpectedly. */
      restarts: z.int().min(0),
    }),
  },
  'settings.get': { input: empty, output: knownSettings },
  /** Changes what is given and leaves the rest. Throws output_unwritable for an export folder that cannot be one. */
  'settings.set': { input: settings.exactPartial(), output: knownSettings },
  'folders.list': { input: z.strictObject({ path: z.string().min(1) }), output: folderListing },
  'analyses.add': {
    /** Everybody in the file has agreed to analysis, which the researcher says. Without a profile that of the settings is used. */
    input: z.strictObject({
      path: z.string().min(1),
      haveAgreed: z.literal(true),
      identification: z.boolean(),
      profile: profileName.exactOptional(),
    }),
    output: empty,
  },
  'analyses.change': {
    input: z.strictObject({ id: z.int(), action: z.enum(['cancel', 'pause', 'resume']) }),
    output: empty,
  },
  /** Tells the whole queue whenever it has changed, until it is cancelled. */
  'analyses.watch': { input: empty, progress: z.array(analysisJob), output: empty },
  /** Gets everything ready for a recording: from here on the camera may be looked at. */
  'live.open': { input: liveSetup, output: empty },
  /** Puts everything away. Throws while a recording is under way. */
  'live.close': { input: empty, output: empty },
  /** Tells how the recording stands several times a second, until it is cancelled. */
  'live.watch': { input: empty, progress: liveStatus, output: empty },
  /**
   * Says that this window has the camera, and until it is cancelled that it has it still. Tells the ticket that its frames must
   * carry. Throws device_busy while another window sends frames.
   */
  'live.attach': { input: cameraFacts, progress: z.int(), output: empty },
  /** Answered when the frame has been analysed, with what is to be seen. */
  'live.frame': { input: cameraFrame, output: z.array(liveFace) },
  /** Whose face this is; null for nobody's. */
  'live.assign': { input: z.strictObject({ track: z.int(), participant: z.string().nullable() }), output: empty },
  'live.control': {
    /** `start`: how to record, for that action only. */
    input: z.strictObject({ action: z.enum(['record', 'pause', 'resume', 'stop']), start: recordingStart.optional() }),
    /** `asks`: what differs from the project and was not agreed to; then nothing is recorded. */
    output: z.strictObject({ sessionId: z.string().nullable(), asks: z.array(lockDifference) }),
  },
  'live.scores': { input: z.strictObject({ shown: z.boolean() }), output: empty },
  /** `unixMs`: when the key was pressed, on the clock of the camera's frames. */
  'live.mark': {
    input: z.strictObject({ unixMs: z.number(), label: z.string().max(200) }),
    output: sessionMarker,
  },
  /** The participant takes back a consent, or everything, from the next frame on. */
  'live.withdraw': { input: liveWithdrawal, output: empty },
  ...PROJECT_CALLS,
  ...RETENTION_CALLS,
  'participants.list': {
    input: z.strictObject({ search: z.string().max(200) }),
    output: z.strictObject({
      participants: z.array(participantRecord),
      uncoded: z.array(uncodedSession),
      receipts: z.array(erasureReceipt),
    }),
  },
  /** A participant takes back one consent for sessions that are recorded already. */
  'participants.withdraw': {
    input: z.strictObject({
      participant: z.string().min(1),
      scope: z.enum(SCOPES),
      sessionIds: z.array(z.string()).min(1),
    }),
    output: empty,
  },
  'participants.planErasure': { input: erasureTarget, output: erasurePlan },
  /** Cancelled in time it changes nothing. Throws store_busy while anything is recorded. */
  'participants.erase': { input: erasureTarget, progress: erasureProgress, output: erasureResult },
  'sessions.list': { input: z.strictObject({ search: z.string().max(200) }), output: z.array(sessionSummary) },
  /** Tells how far the timelines of a long session are made, 0…1, where that is to be done yet. */
  'sessions.describe': {
    input: z.strictObject({ id: z.string() }),
    progress: z.number().min(0).max(1),
    output: sessionDetail,
  },
  'sessions.timeline': {
    input: z.strictObject({ id: z.string(), ...span, steps: z.int().min(1).max(5000) }),
    output: z.array(personTimeline),
  },
  'sessions.figures': { input: z.strictObject({ id: z.string(), ...span }), output: z.array(personFigures) },
  /** Corrects a session that is not being recorded; tells the number of the correction. */
  'sessions.edit': {
    input: z.strictObject({ id: z.string(), change: askedChange, ...editWords }),
    output: z.strictObject({ number: z.int() }),
  },
  'sessions.undo': { input: z.strictObject({ id: z.string(), number: z.int() }), output: empty },
  'sessions.redo': { input: z.strictObject({ id: z.string(), number: z.int() }), output: empty },
  'sessions.note': { input: z.strictObject({ id: z.string(), text: z.string().max(20_000) }), output: empty },
  'sessions.export': {
    input: z.strictObject({
      id: z.string(),
      folder: z.string().min(1),
      formats: z.array(z.string()).min(1),
      intervalSeconds: z.number().positive(),
      keepInvalid: z.boolean(),
      /** Only rows that begin in this stretch, in files of their own; null or nothing for all. */
      span: z
        .strictObject(span)
        .refine(({ fromSeconds, toSeconds }) => fromSeconds < toSeconds, { error: 'must end after it begins' })
        .nullish(),
    }),
    /** Rows written. */
    progress: z.int().min(0),
    output: z.strictObject({ files: z.array(z.string()) }),
  },
} as const satisfies Record<string, CallSpec>;

interface CallSpec {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** What is told while the call is under way, if anything. */
  readonly progress?: z.ZodType;
}

export type CallName = keyof typeof CALLS;
export type Input<N extends CallName> = z.infer<(typeof CALLS)[N]['input']>;
export type Output<N extends CallName> = z.infer<(typeof CALLS)[N]['output']>;
export type Progress<N extends CallName> = (typeof CALLS)[N] extends { readonly progress: infer P extends z.ZodType }
  ? z.infer<P>
  : never;
