// Whether a recording may begin: with the settings that its project holds fixed, or with differences that somebody has agreed to.
import { isDeepStrictEqual } from 'node:util';
import {
  differencesOf,
  type LockDifference,
  type ProjectSettings,
  type RecordingStart,
  type SessionLock,
} from '../../contract/project.ts';
import type { CameraFacts } from '../../contract/live.ts';
import type { Profile } from '../../core/profile.ts';
import { profileHash } from '../../store/content-hash.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { PROGRAM_VERSION } from '../compose.ts';

/** With what a recording would be made now. */
export const settingsNow = (profile: Profile, camera: CameraFacts, areScoresShown: boolean): ProjectSettings => ({
  programVersion: PROGRAM_VERSION,
  profile: { name: profile.name, hash: profileHash(profile) },
  camera,
  areScoresShown,
});

/**
 * What a session of this project is to remember; or, in `asks`, what differs where exactly that was not agreed to. The first
 * recording of a project agrees with itself.
 */
export function lockFor(
  store: RecordingStore,
  project: string,
  settings: ProjectSettings,
  { agreed, reason, renews }: RecordingStart,
): { readonly asks: readonly LockDifference[] } | { readonly asks: null; readonly lock: SessionLock } {
  const known = store.project(project);
  const differences = known ? differencesOf(known.settings, settings) : [];
  if (differences.length > 0 && !isDeepStrictEqual(differences, agreed)) return { asks: differences };
  const differs = differences.length > 0;
  return {
    asks: null,
    lock: { settings, differences, reason: differs ? reason : '', fixes: !known || (differs && renews) },
  };
}
