// A program that is killed while it erases somebody has erased everything or nothing.
import { cpSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CODE, LABEL, OTHER, faceBytes, filesWith, recordCamera } from '../fixtures/store-participants.ts';
import { databaseIn, framesOf, inDatabase, openStore, startChild, temporaryFolder } from '../fixtures/store-folder.ts';

const FRAMES = 3000;

it('erases everything or nothing, and overwrites the rest when it is started again', { retry: 2 }, async () => {
  const original = temporaryFolder();
  const first = await openStore(original);
  await recordCamera(first, 'aaaa', FRAMES);
  await first.close();

  const outcomes: string[] = [];
  const delaysMs = [0, 10, 20, 40, 80, 160, 320];
  for (const afterMs of [...delaysMs, null]) {
    const folder = temporaryFolder();
    cpSync(original, folder, { recursive: true });
    const child = startChild('store-eraser.ts', [folder]);
    await child.said(afterMs === null ? 2 : 1);
    await sleep(afterMs ?? 0);
    child.process.kill('SIGKILL');
    await child.ended;

    const store = await openStore(folder);
    const [codes, receipts] = [store.participants().map(({ code }) => code), store.receipts()];
    const faces = framesOf(store, 'aaaa').flatMap((frame) => frame.faces);
    await store.close();
    const isErased = receipts.length > 0;
    outcomes.push(isErased ? 'everything' : 'nothing');
    expect(codes).toEqual(isErased ? [OTHER] : [CODE, OTHER]);
    expect(faces).toHaveLength(isErased ? 3 * FRAMES : 5 * FRAMES);
    expect(receipts.map(({ isOverwritten }) => isOverwritten)).toEqual(isErased ? [true] : []);
    for (const trace of [LABEL, ...faceBytes('aaaa', 7, 1)])
      expect(filesWith(folder, trace).length > 0).toBe(!isErased);
    expect(inDatabase(databaseIn(folder), (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  }
  expect(outcomes[0]).toBe('nothing');
  expect(outcomes[delaysMs.length]).toBe('everything');
});
