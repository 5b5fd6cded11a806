import { describe, expect, it } from 'vitest';
import { evenWeights, modelsOf, type Profile } from '../../../src/main/core/profile.ts';
import type { ModelRecord, StoredSession } from '../../../src/main/engine/ports.ts';
import { checkRescorable, rescore, type RescoreTask } from '../../../src/main/engine/rescore.ts';
import { PROFILE, faceRecord, frameRecord, storedSession } from '../../fixtures/records.ts';
import { expectReadable, refusalOf } from '../../fixtures/store-folder.ts';
import { ScriptedWriter } from '../../fixtures/store-scripted.ts';

const MODELS: readonly ModelRecord[] = modelsOf(PROFILE).map((id, i) => ({
  id,
  sha256: `${i}e`.repeat(32),
  expression: i < 4 ? null : { name: 'out', labels: ['happy', 'sad'], kind: 'logits', temperature: 1.25 },
}));
const SESSION = storedSession({ models: MODELS, frames: 3, problems: ['cut short'] });
const MEMBER = PROFILE.members[0].model;

/** What a user is told who wants a session scored again by a profile whose models are these now. */
function refusal(profile: Profile, models = MODELS, session: StoredSession = SESSION): string | null {
  try {
    checkRescorable(session, profile, models);
    return null;
  } catch (error) {
    expectReadable(error as never, session.state === 'recording' ? 'store_busy' : 'usage');
    return (error as Error).message;
  }
}

const withModel = (id: string, changes: Partial<ModelRecord>): ModelRecord[] =>
  MODELS.map((model) => (model.id === id ? { ...model, ...changes } : model));

describe('a session can be scored again', () => {
  it('by its own profile, by other numbers, and by some of its members', () => {
    const { quality, window, identity } = PROFILE;
    const other = {
      ...PROFILE,
      name: 'other',
      members: PROFILE.members.slice(1),
      quality: { ...quality, minInside: 0.5 },
    };
    const confidence = { ...identity, minConfidence: 0.9 };
    expect(refusal(PROFILE)).toBe(null);
    expect(refusal({ ...other, window: { ...window, smoothingMs: 1 }, identity: confidence })).toBe(null);
    expect(refusal(PROFILE, MODELS, { ...SESSION, state: 'interrupted' })).toBe(null);
  });

  it('not while it is being recorded', () => {
    expect(refusal(PROFILE, MODELS, { ...SESSION, state: 'recording' })).toContain('being recorded');
  });

  it('not by a profile that would have seen something else, which names the places', () => {
    const vision = { ...PROFILE.vision, detector: 'facemesh' };
    const tracking = { ...PROFILE.tracking, detectEveryFrames: 1 };
    expect(refusal({ ...PROFILE, vision, tracking })).toContain('(vision.detector, tracking.detectEveryFrames)');
  });

  it('not by a member that has said nothing', () => {
    const members = [...PROFILE.members, { model: 'enet', weights: evenWeights(1), temperature: 1 }];
    expect(refusal({ ...PROFILE, members })).toContain('needs the model enet');
  });

  it.each([...modelsOf(PROFILE)])('not when the model %s is another one now', (id) => {
    expect(refusal(PROFILE, withModel(id, { sha256: 'ff'.repeat(32) }))).toContain(`The model ${id} is not the one`);
  });

  it('not when the outputs of a member were read otherwise', () => {
    const [, , , , { expression }] = MODELS;
    if (!expression) throw new Error('a member without an output');
    expect(refusal(PROFILE, withModel(MEMBER, { expression: { ...expression, temperature: 2 } }))).toContain(
      'another temperature now (2, then 1.25)',
    );
    const labels = ['sad', 'happy'];
    expect(refusal(PROFILE, withModel(MEMBER, { expression: { ...expression, labels } }))).toContain(
      'mean something else',
    );
  });

  it('by a profile that leaves out the member that has changed', () => {
    const without = { ...PROFILE, members: PROFILE.members.slice(1) };
    expect(refusal(without, withModel(MEMBER, { sha256: 'ff'.repeat(32) }))).toBe(null);
  });
});

const FRAMES = [
  { frame: frameRecord(0), faces: [faceRecord(1), faceRecord(2, { segment: 2, reason: 'no_consent' as const })] },
  { frame: frameRecord(1, { gap: 'paused', searched: false }), faces: [] },
  { frame: frameRecord(2, { searched: false, droppedBefore: 3 }), faces: [] },
];

function taskOf(changes: Partial<RescoreTask> = {}): RescoreTask & { readonly writer: ScriptedWriter; told: number[] } {
  const writer = new ScriptedWriter();
  const told: number[] = [];
  const onProgress = (frames: number): void => void told.push(frames);
  const signal = { aborted: false };
  return { session: SESSION, frames: FRAMES, profile: PROFILE, signal, onProgress, ...changes, writer, told };
}

describe('scoring again', () => {
  it('writes every frame and gap as it was, and ends as the session ended', async () => {
    const task = taskOf();
    await rescore(task);
    expect(task.writer.frames.map(({ frame }) => frame)).toEqual(FRAMES.map(({ frame }) => frame));
    expect(task.writer.frames.map(({ faces }) => faces.map(({ reason }) => reason))).toEqual([
      [null, 'no_consent'],
      [],
      [],
    ]);
    expect(task.writer.ends).toEqual([{ state: 'complete', problems: ['cut short'], analysedFps: 37.5 }]);
    expect(task.told.at(-1)).toBe(3);
  });

  it('of a session that was broken off makes one that was', async () => {
    const task = taskOf({ session: { ...SESSION, state: 'interrupted', analysedFps: null } });
    await rescore(task);
    expect(task.writer.ends).toEqual([{ state: 'interrupted', problems: ['cut short'], analysedFps: null }]);
  });

  it('stops when it is cancelled, in the middle and behind the last frame', async () => {
    for (const last of [1, 3]) {
      const signal = { aborted: false };
      const task = taskOf({ signal });
      task.writer.settling = (frames) => void (signal.aborted = frames === last);
      await refusalOf(rescore(task), 'interrupted');
      expect(task.writer.frames).toHaveLength(last);
      expect(task.writer.ends).toEqual([]); // it is discarded
    }
  });

  it('tells the fault of the store', async () => {
    const task = taskOf();
    task.writer.settling = () => Promise.reject(new Error('the disk is full'));
    await expect(rescore(task)).rejects.toThrow('the disk is full');
    expect(task.writer.ends).toEqual([]);
  });
});
