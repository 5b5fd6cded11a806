// Somebody is erased as the session was corrected by hand, and nothing that can be undone brings the person back.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { baselinesIn } from '../../src/main/core/baseline.ts';
import { EXPORTERS } from '../../src/main/exporters/index.ts';
import { exportSession } from '../../src/main/hosts/analysis.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CODE, OTHER, faceBytes, filesWith, recordCamera } from '../fixtures/store-participants.ts';
import { databaseIn, framesOf, inDatabase, openStore, temporaryFolder } from '../fixtures/store-folder.ts';

const FRAMES = 40;
const CUT = 25;
const BY = { who: 'K', why: '' };

async function rowsOf(store: RecordingStore, people: readonly string[]): Promise<string[]> {
  const folder = join(temporaryFolder(), 'out');
  mkdirSync(folder);
  const settings = { folder, exporters: EXPORTERS, intervalSeconds: 1, blankInvalid: false, span: null };
  await exportSession(store, 'aaaa', 'files', settings, () => undefined);
  const lines = readFileSync(join(folder, 'files.long.csv'), 'utf8').split('\n');
  return lines.filter((line) => people.some((label) => line.split(',')[1] === label));
}

const erase = (store: RecordingStore): ReturnType<RecordingStore['erase']> =>
  store.erase({ kind: 'participant', code: CODE }, '1.2.3', {
    signal: { aborted: false },
    onProgress: () => undefined,
  });

it('takes along what was merged into the person, and leaves what was split off', async () => {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  await recordCamera(store, 'aaaa', FRAMES, { consent: { kind: 'external' } });
  await store.edit('aaaa', { kind: 'split', person: 1, fromSequence: CUT, fromMs: 40 * CUT }, BY); // P4 is somebody else
  await store.edit('aaaa', { kind: 'merge', person: 3, into: 1 }, { who: 'K', why: `was ${CODE} too` });
  await store.edit('aaaa', { kind: 'rename', person: 1, label: 'Anna Q' }, BY);
  await store.edit('aaaa', { kind: 'rename', person: 2, label: 'left' }, BY);
  await store.edit('aaaa', { kind: 'add_marker', timeMs: 5, label: `${CODE} sneezes` }, BY);
  await store.edit('aaaa', { kind: 'add_marker', timeMs: 6, label: 'a door' }, BY);
  await store.note('aaaa', `All went well.\n${CODE} was tired.`);
  const people = ['left', 'P4'];
  const before = await rowsOf(store, people);
  expect(before.length).toBeGreaterThan(FRAMES);

  const plan = store.planErasure({ kind: 'participant', code: CODE });
  expect(plan.sessions).toMatchObject([{ persons: [{ id: 1, label: 'Anna Q' }], estimates: 2 * CUT + FRAMES }]);
  expect(plan.markers.map(({ label }) => label)).toContain(`${CODE} sneezes`);
  expect((await erase(store)).estimates).toBe(2 * CUT + FRAMES);

  expect(await rowsOf(store, people)).toEqual(before);
  const { persons, markers, edits, note } = store.read(store.session('aaaa'));
  expect(persons.map(({ id, label }) => [id, label])).toEqual([
    [2, 'left'],
    [4, undefined],
  ]);
  expect(markers.map(({ label }) => label)).toEqual(['a door', expect.stringContaining(OTHER), 'stimulus']);
  expect(edits.map(({ change }) => change)).toEqual([{ kind: 'rename', person: 2, label: 'left' }]);
  expect(note).toBe('All went well.\nerased');
  for (const { frame, faces } of framesOf(store, 'aaaa')) expect(faces).toHaveLength(frame.sequence < CUT ? 2 : 4);
  await store.close();
  const gone = ['Anna Q', 'sneezes', 'tired', ...faceBytes('aaaa', 3, 1), ...faceBytes('aaaa', 30, 4)];
  for (const trace of gone) expect(filesWith(folder, trace)).toEqual([]);
  for (const trace of faceBytes('aaaa', 30, 1)) expect(filesWith(folder, trace)).not.toEqual([]);
  expect(inDatabase(databaseIn(folder), (db) => db.pragma('foreign_key_check'))).toEqual([]);
});

it('goes on hiding scores of somebody who has not agreed, and does not mix up markers made later', async () => {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  await recordCamera(store, 'aaaa', FRAMES);
  inDatabase(databaseIn(folder), (db) => {
    const { changes } = db.prepare("UPDATE estimate SET refined = zeroblob(32), fired = 'majority_override'").run();
    expect(changes).toBeGreaterThan(2 * FRAMES);
  });
  await store.edit('aaaa', { kind: 'split', person: 2, fromSequence: CUT, fromMs: 40 * CUT }, BY); // P4 was never asked
  await store.edit('aaaa', { kind: 'add_marker', timeMs: 6, label: 'first' }, BY);
  const before = await rowsOf(store, ['P2', 'P4']);
  await erase(store);
  expect(await rowsOf(store, ['P2', 'P4'])).toEqual(before);
  const hidden = inDatabase(databaseIn(folder), (db) =>
    db.prepare("SELECT count(*), count(refined), count(fired) FROM estimate WHERE reason = 'no_consent'").raw().get(),
  );
  expect(hidden).toEqual([FRAMES - CUT, 0, 0]);
  await store.edit('aaaa', { kind: 'rename', person: 2, label: 'x' }, BY);
  await store.edit('aaaa', { kind: 'add_marker', timeMs: 7, label: 'second' }, BY);
  const labels = store.read(store.session('aaaa')).markers.map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(['first', 'second']));
});

it('keeps baselines of all others, also of those who were merged, and none of the person', async () => {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  await recordCamera(store, 'aaaa', FRAMES, { consent: { kind: 'external' } });
  const baseline = (person: number, firstSequence: number, why = ''): Promise<number> => {
    const stretch = { firstSequence, lastSequence: firstSequence + 14, fromMs: null, toMs: null };
    return store.edit('aaaa', { kind: 'baseline', person, ...stretch }, { who: 'K', why });
  };
  await store.edit('aaaa', { kind: 'split', person: 2, fromSequence: CUT, fromMs: 40 * CUT }, BY); // P4
  await baseline(1, 0, 'of the one who goes');
  await baseline(3, 0, 'replaced by the one that is undone');
  await baseline(3, 1, `not while ${CODE} spoke`);
  await baseline(3, 2);
  await store.undo('aaaa', 5);
  await baseline(2, 3);
  await baseline(4, 25, 'behind that of P2, whatever its number');
  await store.edit('aaaa', { kind: 'merge', person: 4, into: 2 }, BY);
  await store.edit('aaaa', { kind: 'merge', person: 3, into: 2 }, BY);
  const inForce = (): unknown => {
    const session = store.session('aaaa');
    return baselinesIn(store.read(session), session.profile).baselines.filter(({ person }) => person.id !== 1);
  };
  const before = inForce();
  expect(before).toMatchObject([{ person: { id: 2 }, firstSequence: 3, lastSequence: 17 }]);
  await erase(store);
  expect(inForce()).toEqual(before);
  const { edits } = store.read(store.session('aaaa'));
  expect(edits.map(({ number, change, why }) => [number, 'person' in change && change.person, why])).toEqual([
    ...[
      [3, 2, 'replaced by the one that is undone'],
      [4, 2, 'erased'],
      [6, 2, ''],
    ],
  ]);
  await store.close();
  expect(filesWith(folder, 'of the one who goes')).toEqual([]);
});
