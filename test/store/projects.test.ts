// What projects hold fixed: stored with the recording that fixes it, and kept as its history.
import { describe, expect, it } from 'vitest';
import type { ProjectSettings, SessionLock } from '../../src/main/contract/project.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CAMERA, SETUP, sessionStart } from '../fixtures/records.ts';
import { CODE, recordCamera } from '../fixtures/store-participants.ts';
import { NOW_MS, databaseIn, inDatabase, openStore, temporaryFolder } from '../fixtures/store-folder.ts';

const SETTINGS: ProjectSettings = {
  programVersion: '1.2.3',
  profile: { name: 'mien', hash: 'ab'.repeat(32) },
  camera: { label: 'Lab camera', width: 640, height: 480, nominalRate: 30 },
  areScoresShown: false,
};
const LARGER = { ...SETTINGS, camera: { ...SETTINGS.camera, width: 1280, height: 720 } };
const SIZE = { what: 'picture size', before: '640 × 480', now: '1280 × 720' } as const;

const lockOf = (changes: Partial<SessionLock> = {}): SessionLock => ({
  ...{ settings: SETTINGS, differences: [], reason: '', fixes: true },
  ...changes,
});

async function record(store: RecordingStore, id: string, project: string, lock: SessionLock | null): Promise<void> {
  const writer = await store.begin(sessionStart(id, { source: CAMERA, setup: { ...SETUP, project }, lock }));
  await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
}

describe('a project', () => {
  it('holds fixed what its first recording says, whatever it is called in small and large letters', async () => {
    const store = await openStore(temporaryFolder());
    expect(store.projects()).toEqual([]);
    expect(store.project('Smiles')).toBeNull();
    await record(store, 'aaaa', ' Smiles ', lockOf());
    const smiles = { name: 'Smiles', settings: SETTINGS, fixedUnixMs: NOW_MS };
    expect(store.projects()).toEqual([smiles]);
    for (const name of ['Smiles', 'smiles', '  SMILES']) expect(store.project(name)).toEqual(smiles);
    expect(store.project('Smiles 2')).toBeNull();
  });

  it('goes on as it is when a recording differs, and holds fixed what was renewed', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await record(store, 'aaaa', 'Smiles', lockOf());
    const differs = lockOf({ settings: LARGER, differences: [SIZE], reason: 'The other room.', fixes: false });
    await record(store, 'bbbb', 'smiles', differs);
    expect(store.project('Smiles')?.settings).toEqual(SETTINGS);
    expect(store.session('bbbb').lock).toEqual(differs);
    await record(store, 'cccc', 'smiles', { ...differs, fixes: true });
    expect(store.projects()).toEqual([{ name: 'smiles', settings: LARGER, fixedUnixMs: NOW_MS }]);
    await record(store, 'dddd', 'Frowns', null);
    expect(store.session('dddd').lock).toBeNull();
    expect(store.projects()).toHaveLength(1);
    inDatabase(databaseIn(folder), (db) => {
      const audit = db.prepare("SELECT session, action, detail FROM audit WHERE action LIKE '%project'").all();
      expect(audit).toEqual([
        { session: 'aaaa', action: 'fix project', detail: null },
        { session: 'bbbb', action: 'differ from project', detail: 'picture size' },
        { session: 'cccc', action: 'differ from project', detail: 'picture size' },
        { session: 'cccc', action: 'fix project', detail: null },
      ]);
      expect(db.prepare('SELECT count(*) FROM project_lock').pluck().get()).toBe(2);
    });
  });

  it('that names somebody who is erased loses the name, and so do reasons', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await recordCamera(store, 'aaaa', 2, { lock: lockOf({ reason: `${CODE} came late` }) });
    expect(store.projects()).toMatchObject([{ name: `Smiles of ${CODE}` }]);
    const watch = { signal: { aborted: false }, onProgress: () => undefined };
    await store.erase({ kind: 'participant', code: CODE }, '1.2.3', watch);
    expect(store.projects()).toMatchObject([{ name: 'Smiles of erased', settings: SETTINGS }]);
    expect(store.session('aaaa').lock?.reason).toBe('erased came late');
    expect(store.session('aaaa').setup?.project).toBe('Smiles of erased'); // by which it is still found
  });
});
