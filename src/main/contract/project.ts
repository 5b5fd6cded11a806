// What a project holds fixed, so that its recordings can be compared: the first recording of a project fixes it, and a later one
// that differs asks before it begins.
import { z } from 'zod';
import { cameraFacts, type CameraFacts } from './live.ts';

/** With what a recording is made. */
export const projectSettings = z.strictObject({
  programVersion: z.string(),
  /** `hash` is that of the whole content of the profile. */
  profile: z.strictObject({ name: z.string(), hash: z.string() }),
  camera: cameraFacts,
  /** Whether scores are on the screen when the recording begins. */
  areScoresShown: z.boolean(),
});
export type ProjectSettings = z.infer<typeof projectSettings>;

/** Something in which a recording differs from its project, in words. */
export const lockDifference = z.strictObject({
  what: z.enum(['program', 'profile', 'camera', 'picture size', 'frame rate', 'scores at the start']),
  before: z.string(),
  now: z.string(),
});
export type LockDifference = z.infer<typeof lockDifference>;

/** What becomes of what a project holds fixed when a recording of it begins. */
export interface SessionLock {
  readonly settings: ProjectSettings;
  /** To what was fixed before; none in the first recording. */
  readonly differences: readonly LockDifference[];
  /** Why it was recorded all the same; empty where nobody has said it. */
  readonly reason: string;
  /** Whether these settings hold for the project from this recording on. */
  readonly fixes: boolean;
}

/** How a recording is to begin. */
export const recordingStart = z.strictObject({
  areScoresShown: z.boolean(),
  /** The differences that somebody has read and agreed to. */
  agreed: z.array(lockDifference),
  reason: z.string().trim().max(500),
  /** Whether these settings are to hold for the project from now on. */
  renews: z.boolean(),
});
export type RecordingStart = z.infer<typeof recordingStart>;

/** Scores hidden, and nothing that differs. */
export const PLAIN_START: RecordingStart = { areScoresShown: false, agreed: [], reason: '', renews: false };

/** A project by the name under which its settings were fixed last. */
export const project = z.strictObject({ name: z.string(), settings: projectSettings, fixedUnixMs: z.number() });
export type Project = z.infer<typeof project>;

export const PROJECT_CALLS = {
  /** By name. */
  'projects.list': { input: z.strictObject({}), output: z.array(project) },
} as const;

/** Two names are of one project when these are the same: spaces around them, and large and small letters, make no difference. */
export const projectKey = (name: string): string => name.trim().normalize('NFC').toLowerCase();

/** What is different, in words. */
export function differencesOf(before: ProjectSettings, now: ProjectSettings): LockDifference[] {
  const [old, own] = [wordsOf(before), wordsOf(now)];
  return lockDifference.shape.what.options
    .filter((what) => old[what] !== own[what])
    .map((what) => ({ what, before: old[what], now: own[what] }));
}

/** Settings in words. */
export function wordsOf(settings: ProjectSettings): Readonly<Record<LockDifference['what'], string>> {
  const { programVersion, profile, camera, areScoresShown } = settings;
  return {
    program: `Mien ${programVersion}`,
    profile: `${profile.name} (${profile.hash.slice(0, 8)})`,
    camera: camera.label || 'a camera without a name',
    'picture size': `${camera.width} × ${camera.height}`,
    'frame rate': camera.nominalRate === null ? 'not known' : `${rounded(camera.nominalRate)} frames a second`,
    'scores at the start': areScoresShown ? 'shown' : 'hidden',
  };
}

/** A camera's mode in words. */
export function cameraWords(camera: CameraFacts): string {
  const { label, width, height, nominalRate } = camera;
  const rate = nominalRate === null ? [] : [`${rounded(nominalRate)} frames a second`];
  return [label || 'a camera without a name', `${width} × ${height}`, ...rate].join(', ');
}

/** Cameras promise 29.97 and 30.000030517578125 frames a second. */
const rounded = (rate: number): string => String(Math.round(100 * rate) / 100);
