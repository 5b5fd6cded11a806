// Makes a session of a stored one under another profile: nothing is looked at again, what the networks said is fused and judged anew.
import { MienError } from '../contract/errors.ts';
import { modelsOf, type Profile } from '../core/profile.ts';
import type { FaceRecord, FrameRecord } from '../core/record.ts';
import { membersWithoutOutputs, rescored, rescoringOf, seenOtherwise } from '../core/rescore.ts';
import type { ModelRecord, SessionWriter, StoredSession } from './ports.ts';

export interface RescoreTask {
  readonly session: StoredSession;
  /** The frames of the session as they were recorded, without corrections by hand. */
  readonly frames: Iterable<{ readonly frame: FrameRecord; readonly faces: readonly FaceRecord[] }>;
  readonly profile: Profile;
  /** Of the new session, which has everything else already. */
  readonly writer: SessionWriter;
  readonly signal: { readonly aborted: boolean };
  /** Hears now and then how many frames are done; gaps are none. */
  readonly onProgress: (frames: number) => void;
}

const PROGRESS_EVERY = 256;

const REMEDY =
  'Choose a profile that differs only in weights, rules, temperatures, members that are left out, limits and windows, or analyse the ' +
  'pictures again.';

/**
 * Throws usage, with the reason, where a session cannot be scored again by a profile, and store_busy while it is being recorded.
 * `models` are those of the profile as they are now.
 */
export function checkRescorable(session: StoredSession, profile: Profile, models: readonly ModelRecord[]): void {
  if (session.state === 'recording') {
    const message = `The session "${session.code}" is being recorded.`;
    throw new MienError('store_busy', message, 'Score it again when the recording is done.');
  }
  const otherwise = seenOtherwise(session.profile, profile);
  if (otherwise.length > 0) {
    const message = `The profile "${profile.name}" looks at pictures otherwise than this session was made (${otherwise.join(', ')}).`;
    throw new MienError('usage', message, REMEDY);
  }
  const [missing] = membersWithoutOutputs(session.profile, profile);
  if (missing !== undefined) {
    const message = `The profile "${profile.name}" needs the model ${missing}, of which this session has no outputs.`;
    throw new MienError('usage', message, REMEDY);
  }
  for (const id of modelsOf(profile)) checkModel(id, session.models, models);
}

function checkModel(id: string, before: readonly ModelRecord[], now: readonly ModelRecord[]): void {
  const [then, current] = [before, now].map((models) => models.find((model) => model.id === id));
  if (!then || then.sha256 !== current?.sha256) {
    throw new MienError('usage', `The model ${id} is not the one that this session was made with.`, REMEDY);
  }
  const [old, read] = [then.expression, current.expression];
  if (!old || !read) return;
  if (old.temperature !== read.temperature) {
    const message =
      `The model ${id} has another temperature now (${read.temperature}, then ${old.temperature}), and its outputs are stored ` +
      'with the old one in them.';
    throw new MienError('usage', message, REMEDY);
  }
  const isSame = old.kind === read.kind && old.labels.join() === read.labels.join();
  if (!isSame) throw new MienError('usage', `The outputs of the model ${id} mean something else now.`, REMEDY);
}

/**
 * Writes every frame of a session, scored again, and closes the new session as the old one was closed. Throws interrupted when
 * it was cancelled, and what the store throws: then the new session is not closed, and is to be discarded.
 */
export async function rescore(task: RescoreTask): Promise<void> {
  const { session, writer, onProgress } = task;
  const { state, problems, analysedFps } = session;
  if (state === 'recording') throw new RangeError('a session that grows cannot be scored again');
  await writeFrames(task);
  await writer.end({ state, problems, analysedFps });
  onProgress(session.frames);
}

async function writeFrames({ session, frames, profile, writer, signal, onProgress }: RescoreTask): Promise<void> {
  const rescoring = rescoringOf(session.profile, profile);
  let done = 0;
  for (const { frame, faces } of frames) {
    if (signal.aborted) throw cancelled();
    writer.frame(
      frame,
      faces.map((face) => rescored(face, rescoring)),
    );
    if (frame.gap === null && ++done % PROGRESS_EVERY === 0) onProgress(done);
    await writer.settled(); // gives way to whoever cancels, when enough waits for the disk
  }
  if (signal.aborted) throw cancelled();
}

const cancelled = (): MienError =>
  new MienError('interrupted', 'Scoring again was cancelled.', 'Nothing of it was kept; the session is as it was.');
