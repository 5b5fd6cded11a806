// Profiles and scoring again as a window asks for them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Client, serve } from '../../src/main/contract/rpc.ts';
import { inMemoryWire } from '../../src/main/contract/transport.ts';
import { modelsOf } from '../../src/main/core/profile.ts';
import { timeline, type TimelineRow } from '../../src/main/core/timeline.ts';
import type { SessionStart } from '../../src/main/engine/ports.ts';
import { openRegistry } from '../../src/main/hosts/compose.ts';
import { Service } from '../../src/main/hosts/service/service.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { PROFILE, SETUP, faceRecord, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { CODE, OTHER, recordCamera } from '../fixtures/store-participants.ts';
import { databaseIn, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';
import { GOOD_QUALITY, scores } from '../fixtures/timeline-rows.ts';

const EMOTION = {
  ...{ ...PROFILE, name: 'emotion-alone', description: 'One.', temperature: 1 },
  members: [{ ...PROFILE.members[1], temperature: 1 }],
};

interface Program {
  readonly data: string;
  readonly store: RecordingStore;
  readonly client: Client;
  readonly service: Service;
  /** What a session of the default profile begins with. */
  readonly start: Partial<SessionStart>;
}

async function startProgram(): Promise<Program> {
  const data = temporaryFolder();
  mkdirSync(join(data, 'profiles'));
  writeFileSync(join(data, 'profiles', 'emotion-alone.json'), JSON.stringify(EMOTION));
  const store = await openStore(data);
  const folders = { data, exports: data, home: data, sampleCamera: null };
  const service = new Service(store, () => openRegistry(data), folders);
  const [near, far] = inMemoryWire(structuredClone);
  serve(far, service.handlers, () => undefined);
  const registry = await openRegistry(data);
  const start = { models: modelsOf(PROFILE).map((id) => registry.record(id)) };
  return { data, store, client: new Client(near), service, start };
}

async function recordFrames(store: RecordingStore, frames: number, start: Partial<SessionStart>): Promise<void> {
  const writer = await store.begin(sessionStart('aaaa', { code: 'long', ...start }));
  writer.identity([person(1)], [segment(1, { lastSequence: frames - 1 })]);
  for (let i = 0; i < frames; i++) {
    writer.frame(frameRecord(i), [faceRecord(i, { sequence: i, quality: GOOD_QUALITY })]);
    await writer.settled();
  }
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
}

const rowsOf = (store: RecordingStore, id: string): TimelineRow[] => {
  const session = store.session(id);
  return [...timeline(store.read(session), session.profile)];
};

describe('profiles in the window', () => {
  it('are those that come with the program and those of the data folder', async () => {
    const { client } = await startProgram();
    const list = await client.call('profiles.list', {}).result;
    expect(list.map(({ name, isShipped, problem }) => [name, isShipped, problem])).toEqual([
      ['hsemotion', true, expect.stringContaining('Fetch it: "mien models fetch hsemotion".')],
      ['mien', true, null],
      ['emotion-alone', false, null],
    ]);
  });
});

describe('scoring again in the window', () => {
  it('makes a session that says where it comes from, tells how far it is, and leaves the other as it is', async () => {
    const { store, client, start } = await startProgram();
    await recordFrames(store, 600, { ...start, setup: { ...SETUP, keeps: 'video' } });
    const before = rowsOf(store, 'aaaa');
    const told: number[] = [];
    const input = { id: 'long', profile: 'emotion-alone' };
    const { sessionId } = await client.call('sessions.rescore', input, (frames) => told.push(frames)).result;
    expect(told).toEqual([256, 512, 600]);
    const list = await client.call('sessions.list', { search: '' }).result;
    expect(list.map(({ code, profile, frames, state }) => [code, profile, frames, state])).toEqual([
      ['long.emotion-alone', 'emotion-alone', 600, 'complete'],
      ['long', 'mien', 600, 'complete'],
    ]);
    expect(list.map(({ scoredAgainFrom }) => scoredAgainFrom)).toMatchObject([{ id: 'aaaa', code: 'long' }, null]);
    const { summary, persons, wantsVideo } = await client.call('sessions.describe', { id: sessionId }).result;
    expect([summary.id, persons[0].valid]).toEqual([sessionId, 600]);
    expect(wantsVideo).toBe(false); // it would be in the other one
    expect((await client.call('sessions.describe', { id: 'aaaa' }).result).wantsVideo).toBe(true);
    const rows = rowsOf(store, sessionId);
    expect(rows.map(({ face }) => face?.fused)).toEqual(before.map(({ face }) => face?.members[1]));
    expect(rowsOf(store, 'aaaa')).toEqual(before);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const { data, store, client, start } = await startProgram();
    await recordFrames(store, 3000, start);
    const call = client.call('sessions.rescore', { id: 'aaaa', profile: 'mien' }, () => call.cancel());
    await refusalOf(call.result, 'interrupted');
    await vi.waitFor(() => expect(store.sessions().map(({ id }) => id)).toEqual(['aaaa']));
    const counts = inDatabase(databaseIn(data), (database) =>
      ['frame', 'estimate', 'segment', 'session_profile'].map((table) =>
        database.prepare(`SELECT count(DISTINCT session) FROM ${table}`).pluck().get(),
      ),
    );
    expect(counts).toEqual([1, 1, 1, 1]);
    const { sessionId } = await client.call('sessions.rescore', { id: 'aaaa', profile: 'mien' }).result;
    expect(store.session(sessionId).frames).toBe(3000);
  });

  it('ends with the program, and leaves nothing behind then either', async () => {
    const { store, client, service, start } = await startProgram();
    await recordFrames(store, 3000, start);
    let begun = (): void => undefined;
    const isUnderWay = new Promise<void>((resolve) => (begun = resolve));
    const call = client.call('sessions.rescore', { id: 'aaaa', profile: 'mien' }, () => begun());
    const refused = refusalOf(call.result, 'interrupted');
    await isUnderWay;
    await service.stop();
    await refused;
    expect(store.sessions().map(({ id }) => id)).toEqual(['aaaa']);
  });

  it('never gives scores to those who took consent back, had none, or were nobody', async () => {
    const { store, client, start } = await startProgram();
    await recordCamera(store, 'aaaa', 4, start);
    await store.withdraw(OTHER, 'analysis', ['aaaa']);
    const { sessionId } = await client.call('sessions.rescore', { id: 'aaaa', profile: 'emotion-alone' }).result;
    const rows = rowsOf(store, sessionId).filter(({ person: who }) => who?.participant === OTHER);
    expect(rows).toHaveLength(4);
    for (const { missingReason, probabilities, face } of rows) {
      expect([missingReason, probabilities]).toEqual(['no_consent', null]);
      expect(face?.members).toEqual([null]);
    }
    const { participants } = await client.call('participants.list', { search: '' }).result;
    const both = participants.map(({ code, sessions }) => [code, sessions.map(({ sessionId: id }) => id)]);
    expect(both).toEqual([
      [CODE, [sessionId, 'aaaa']],
      [OTHER, [sessionId, 'aaaa']],
    ]);
  });

  it('carries corrections over, and withholds what they withhold', async () => {
    const { store, client, start } = await startProgram();
    const consent = {
      kind: 'file' as const,
      form: null,
      participants: [{ code: 'A07', scopes: ['analysis' as const] }],
    };
    const writer = await store.begin(sessionStart('aaaa', { ...start, consent }));
    writer.identity([person(1, 'A07')], [segment(1, { lastSequence: 3 })]);
    const happy = scores({ happiness: 1 });
    const face = { quality: GOOD_QUALITY, members: [happy, happy, happy], fused: happy, agreement: 1 };
    for (let i = 0; i < 4; i++) writer.frame(frameRecord(i), [faceRecord(i, { ...face, sequence: i })]);
    await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
    await store.edit('aaaa', { kind: 'split', person: 1, fromSequence: 2, fromMs: 80 }, { who: 'KL', why: '' });
    const { sessionId } = await client.call('sessions.rescore', { id: 'aaaa', profile: 'mien' }).result;
    const seen = (id: string): unknown[] =>
      rowsOf(store, id).map(({ person: who, frame, missingReason, dominant }) => [
        ...[who?.id, frame.sequence, missingReason, dominant],
      ]);
    expect(seen(sessionId)).toEqual(seen('aaaa'));
    expect(seen(sessionId)).toContainEqual([2, 3, 'no_consent', null]);
    await store.undo(sessionId, 1);
    expect(rowsOf(store, sessionId).map(({ dominant }) => dominant)).toEqual(Array(4).fill('happiness'));
  });

  it('tells why it is not possible', async () => {
    const { store, client, start } = await startProgram();
    await recordFrames(store, 2, { ...start, models: [] });
    const call = client.call('sessions.rescore', { id: 'aaaa', profile: 'mien' });
    expect((await refusalOf(call.result, 'usage')).message).toContain('is not the one that this session was made with');
    await refusalOf(client.call('sessions.rescore', { id: 'aaaa', profile: 'nobody' }).result, 'usage');
    await refusalOf(client.call('sessions.rescore', { id: 'zzzz', profile: 'mien' }).result, 'session_unknown');
    await refusalOf(client.call('sessions.rescore', { id: 'aaaa', profile: '../mien.json' }).result, 'usage');
    expect(store.sessions()).toHaveLength(1);
  });

  it('is not possible while the session is being recorded', async () => {
    const { store, client, start } = await startProgram();
    await store.begin(sessionStart('aaaa', start));
    await refusalOf(client.call('sessions.rescore', { id: 'aaaa', profile: 'mien' }).result, 'store_busy');
    expect(store.sessions()).toHaveLength(1);
  });
});
