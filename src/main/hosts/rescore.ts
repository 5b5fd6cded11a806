// Scoring a stored session again, as every host does it.
import { modelsOf } from '../core/profile.ts';
import { checkRescorable, rescore } from '../engine/rescore.ts';
import type { StoredSession } from '../engine/ports.ts';
import type { ModelRegistry } from '../inference/registry.ts';
import type { RecordingStore } from '../store/recording-store.ts';
import { freeCode } from './codes.ts';
import { PROGRAM_VERSION } from './compose.ts';

export interface RescoreWatch {
  readonly signal: { readonly aborted: boolean };
  /** Hears now and then how many frames are done. */
  readonly onProgress: (frames: number) => void;
}

/**
 * Makes a new session of the stored outputs of another one and returns it. Throws session_unknown, store_busy for a session that is
 * being recorded, usage for a profile that does not fit it, and interrupted when it was cancelled; then nothing of it is left.
 */
export async function rescoreSession(
  store: RecordingStore,
  registry: ModelRegistry,
  { session: name, profile: profileName }: { readonly session: string; readonly profile: string },
  watch: RescoreWatch,
): Promise<StoredSession> {
  const session = store.session(name);
  const profile = await registry.profile(profileName);
  const models = modelsOf(profile).map((model) => registry.record(model));
  checkRescorable(session, profile, models);
  const id = store.nextId(session.source.sha256, { scoredAgain: session.id, profile });
  const taken = new Set(store.sessions().map(({ code }) => code));
  const code = freeCode(`${session.code}.${profile.name}`, (candidate) => taken.has(candidate));
  const writer = await store.beginCopy(session, { id, code, profile, models, programVersion: PROGRAM_VERSION });
  try {
    await rescore({ session, frames: store.recordedFrames(session.id), profile, writer, ...watch });
  } catch (error) {
    await store.discard(id).catch(() => undefined); // the first error is the one to tell; half of it goes at the next start at the latest
    throw error;
  }
  return store.session(id);
}
