// Videos of recordings that broke off, as they are mended before they are shown.
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StoredSession } from '../../src/main/engine/ports.ts';
import { BrokenOffVideos, SessionVideoWriter } from '../../src/main/hosts/videos.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { videoPath } from '../../src/main/store/video-files.ts';
import { sessionStart } from '../fixtures/records.ts';
import { openStore, temporaryFolder } from '../fixtures/store-folder.ts';
import { wavesPicture } from '../fixtures/video.ts';

/** A session whose video was begun, with so many pictures, and never ended. */
async function brokenOff(pictures: number): Promise<{ store: RecordingStore; session: StoredSession; path: string }> {
  const store = await openStore(temporaryFolder());
  const session = await store.begin(sessionStart('aaaa'));
  const video = await SessionVideoWriter.begin(store, 'aaaa');
  for (let i = 0; i < pictures; i++) {
    video.frame(wavesPicture(i), 40 * i, []);
    await sleep(15);
  }
  await session.end({ state: 'interrupted', problems: [], analysedFps: 25 });
  return { store, session: store.session('aaaa'), path: videoPath(store.folder, 'aaaa') };
}

describe('the video of a recording that broke off', () => {
  it('is mended before it is shown', async () => {
    const { store, session, path } = await brokenOff(40);
    const { video } = await new BrokenOffVideos(store).mended(session);
    expect([video?.state, existsSync(path)]).toEqual(['kept', true]);
  });

  it.each(['withdrawn', 'discarded'] as const)('does not come back when it was %s meanwhile', async (how) => {
    const { store, session, path } = await brokenOff(40);
    const mending = new BrokenOffVideos(store).mended(session).catch(() => null);
    if (how === 'discarded') await store.discard('aaaa');
    else await store.removeVideo('aaaa', 'withdrawn');
    await mending;
    expect(existsSync(path)).toBe(false);
  });

  it('goes where there is no picture in it', async () => {
    const { store, session, path } = await brokenOff(0);
    const { video } = await new BrokenOffVideos(store).mended(session);
    expect(video).toMatchObject({ state: 'removed', reason: 'empty' });
    expect(existsSync(path)).toBe(false);
  });

  it('stays where its pictures cannot be reached, and the session can be looked at', async () => {
    const { store, session, path } = await brokenOff(0);
    writeFileSync(path, Buffer.from([0, 0, 0x1f, 0x43, 0xb6, 0x75, 0]));
    const { video } = await new BrokenOffVideos(store).mended(session);
    expect([video, existsSync(path)]).toEqual([{ state: 'unfinished' }, true]);
  });
});
