// What the store knows of videos, and how it removes them.
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Consent } from '../../src/main/contract/consent.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { videoPath } from '../../src/main/store/video-files.ts';
import { sessionStart } from '../fixtures/records.ts';
import { NOW_MS, databaseIn, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';
import { CODE, OTHER, recordCamera } from '../fixtures/store-participants.ts';
import { keepVideo } from '../fixtures/video.ts';

const FILM = 'moving pictures';
const KEPT = { codec: 'vp8', width: 640, height: 480, frames: 30, leftOut: 1, masked: 2, bytes: FILM.length };
const NOT_ABORTED = { signal: { aborted: false }, onProgress: () => undefined };

const removedFor = (reason: string): unknown => ({ state: 'removed', reason, removedUnixMs: NOW_MS });

async function filmed(...ids: readonly string[]): Promise<{ folder: string; store: RecordingStore }> {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  for (const id of ids) {
    await recordCamera(store, id, 3, { code: `film ${id}` });
    await keepVideo(store, id, FILM);
  }
  return { folder, store };
}

const isThere = (folder: string, id: string): boolean => existsSync(videoPath(folder, id));

/** Puts something in the way of removing a video, until it is called. */
function block(folder: string, id: string): () => void {
  const path = videoPath(folder, id);
  rmSync(path);
  mkdirSync(path); // no file, so nothing can be overwritten
  const free = (): void => {
    if (!existsSync(path)) return;
    chmodSync(path, 0o700);
    rmSync(path, { recursive: true });
    writeFileSync(path, FILM);
  };
  onTestFinished(free);
  return free;
}

describe('the video of a session', () => {
  it('is nothing, unfinished, and kept, as it goes on', async () => {
    const store = await openStore(temporaryFolder());
    const writer = await store.begin(sessionStart('aaaa'));
    expect(store.session('aaaa').video).toBeNull();
    await store.noteVideo({ kind: 'begin', id: 'aaaa', codec: 'vp8' });
    expect(store.session('aaaa').video).toEqual({ state: 'unfinished' });
    await store.noteVideo({ kind: 'end', id: 'aaaa', ...KEPT, leftOut: null, masked: null });
    expect(store.session('aaaa').video).toEqual({ state: 'kept', ...KEPT, leftOut: null, masked: null });
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    expect(store.sessions()[0].video).toMatchObject({ state: 'kept' });
  });

  it('of a session that is not there is none', async () => {
    const { store } = await filmed();
    await refusalOf(store.noteVideo({ kind: 'begin', id: 'dddd', codec: 'vp8' }), 'session_unknown');
  });

  it('is removed, and its bytes are overwritten first', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    const other = join(folder, 'the same file');
    linkSync(videoPath(folder, 'aaaa'), other);
    await store.removeVideo('aaaa', 'withdrawn');
    expect(readFileSync(other)).toEqual(Buffer.alloc(FILM.length));
    expect([isThere(folder, 'aaaa'), isThere(folder, 'bbbb')]).toEqual([false, true]);
    expect(store.session('aaaa').video).toEqual(removedFor('withdrawn'));
    await store.removeVideo('aaaa', 'erased'); // it went for the first reason
    expect(store.session('aaaa').video).toEqual(removedFor('withdrawn'));
  });

  it('counts as removed while whoever writes it lets go of it, and its file goes afterwards', async () => {
    const { folder, store } = await filmed('aaaa');
    let wasThere = false;
    await store.removeVideo('aaaa', 'withdrawn', async () => {
      await vi.waitFor(() => expect(store.session('aaaa').video).toEqual(removedFor('withdrawn')));
      wasThere = isThere(folder, 'aaaa');
    });
    expect([wasThere, isThere(folder, 'aaaa')]).toEqual([true, false]);
  });

  it('goes although the database cannot be written, which is said', async () => {
    const { folder, store } = await filmed('aaaa');
    inDatabase(databaseIn(folder), (db) =>
      db.exec("CREATE TRIGGER full BEFORE UPDATE ON video BEGIN SELECT RAISE(ABORT, 'no room'); END"),
    );
    await refusalOf(store.removeVideo('aaaa', 'withdrawn'), 'store_unusable');
    expect(isThere(folder, 'aaaa')).toBe(false);
    inDatabase(databaseIn(folder), (db) => db.exec('DROP TRIGGER full'));
    await store.removeVideo('aaaa', 'withdrawn');
    expect(store.session('aaaa').video).toEqual(removedFor('withdrawn'));
  });

  it('is to go as soon as a withdrawal while it is recorded is written', async () => {
    const { folder, store } = await filmed();
    const participants = [
      { code: 'A07', scopes: ['analysis' as const, 'video' as const] },
      { code: 'B08', scopes: ['analysis' as const] },
    ];
    const writer = await store.begin(sessionStart('aaaa', { consent: { kind: 'file', form: null, participants } }));
    await keepVideo(store, 'aaaa', FILM);
    writer.withdraw('A07', ['analysis']);
    await store.note('aaaa', 'x');
    await vi.waitFor(() => expect(store.session('aaaa').withdrawals).toHaveLength(1));
    expect(store.session('aaaa').video).toMatchObject({ state: 'kept' });
    writer.withdraw('A07', ['video']);
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    expect(store.session('aaaa').video).toEqual(removedFor('withdrawn'));
    await store.close();
    await openStore(folder); // nobody has removed it
    expect(isThere(folder, 'aaaa')).toBe(false);
  });

  it('goes when it has come back after it was removed', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    await store.removeVideo('aaaa', 'withdrawn');
    writeFileSync(videoPath(folder, 'aaaa'), FILM);
    await store.discard('bbbb');
    expect(readdirSync(join(folder, 'video'))).toEqual([]);
  });

  it('goes although somebody else reads in the database', async () => {
    const { folder, store } = await filmed('aaaa');
    const reading = store.read(store.session('aaaa')).frames()[Symbol.iterator]();
    reading.next();
    await store.withdraw(CODE, 'video', ['aaaa']);
    expect(isThere(folder, 'aaaa')).toBe(true); // who has not agreed to it has nothing to take back
    await store.erase({ kind: 'participant', code: CODE }, '1', NOT_ABORTED);
    expect(isThere(folder, 'aaaa')).toBe(false);
    reading.return?.();
  });

  it('goes with its session', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    await store.discard('aaaa');
    expect(readdirSync(join(folder, 'video'))).toEqual(['bbbb.webm']);
  });

  it('goes when consent to it is withdrawn, and with no other consent', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const participants = [
      { code: 'A07', scopes: ['analysis' as const, 'video' as const] },
      { code: 'B08', scopes: ['video' as const] },
    ];
    for (const id of ['aaaa', 'bbbb']) {
      const consent = { kind: 'file', form: null, participants } as const;
      const writer = await store.begin(sessionStart(id, { code: id, consent }));
      await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
      await keepVideo(store, id, FILM);
    }
    await store.withdraw('A07', 'analysis', ['aaaa', 'bbbb']);
    expect([isThere(folder, 'aaaa'), isThere(folder, 'bbbb')]).toEqual([true, true]);
    await store.withdraw('B08', 'video', ['aaaa']);
    expect([isThere(folder, 'aaaa'), isThere(folder, 'bbbb')]).toEqual([false, true]);
    expect(store.session('aaaa').video).toEqual(removedFor('withdrawn'));
    expect(store.session('bbbb').video).toMatchObject({ state: 'kept' });
  });

  it('goes when somebody who took part is erased, and stays where the code is only a word', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    const only: Consent = { kind: 'file', form: null, participants: [{ code: OTHER, scopes: [] }] };
    const writer = await store.begin(sessionStart('cccc', { code: `after ${CODE}`, consent: only }));
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    await keepVideo(store, 'cccc', FILM);
    expect(store.planErasure({ kind: 'participant', code: CODE }).videos).toBe(2);
    await store.erase({ kind: 'participant', code: CODE }, '1', NOT_ABORTED);
    expect(readdirSync(join(folder, 'video'))).toEqual(['cccc.webm']);
    expect(store.session('aaaa').video).toEqual(removedFor('erased'));
    expect(store.session('cccc').video).toMatchObject({ state: 'kept' });
  });

  it('goes when somebody without a code is erased, from that session alone', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    await store.erase({ kind: 'person', sessionId: 'aaaa', person: 3 }, '1', NOT_ABORTED);
    expect(readdirSync(join(folder, 'video'))).toEqual(['bbbb.webm']);
  });

  it('stays when the erasure was cancelled', async () => {
    const { folder, store } = await filmed('aaaa');
    const watch = { ...NOT_ABORTED, signal: { aborted: true } };
    await refusalOf(store.erase({ kind: 'participant', code: CODE }, '1', watch), 'interrupted');
    expect(isThere(folder, 'aaaa')).toBe(true);
    expect(store.session('aaaa').video).toMatchObject({ state: 'kept' });
  });
});

describe('a video that cannot be removed now', () => {
  it('is said, is shown by no session, and goes the next time that the store is opened', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    const free = block(folder, 'aaaa');
    const { message, remedy } = await refusalOf(store.removeVideo('aaaa', 'withdrawn'), 'store_unusable');
    expect(message).toContain('could not be removed now');
    expect(remedy).toContain('aaaa.webm');
    expect(store.session('aaaa').video).toEqual(removedFor('withdrawn'));
    await store.withdraw(OTHER, 'analysis', ['bbbb']); // which it has nothing to do with
    await store.discard('bbbb');
    await store.close();

    await (await openStore(folder)).close(); // still in the way
    expect(isThere(folder, 'aaaa')).toBe(true);
    free();
    await openStore(folder);
    expect(isThere(folder, 'aaaa')).toBe(false);
  });

  it('of somebody who was erased is not overwritten yet; the erasure has succeeded', async () => {
    const { folder, store } = await filmed('aaaa', 'bbbb');
    const free = block(folder, 'aaaa');
    const target = { kind: 'participant', code: CODE } as const;
    expect(await store.erase(target, '1', NOT_ABORTED)).toMatchObject({ sessions: 2, isOverwritten: false });
    expect(store.session('aaaa').video).toEqual(removedFor('erased'));
    expect(isThere(folder, 'bbbb')).toBe(false); // the others are not kept for it
    expect(store.participants().map(({ code }) => code)).toEqual([OTHER]);
    free();
    const other = { kind: 'participant', code: OTHER } as const;
    expect(await store.erase(other, '1', NOT_ABORTED)).toMatchObject({ isOverwritten: true });
    expect(isThere(folder, 'aaaa')).toBe(false);
  });

  it('of a session that was discarded, or half made, goes the next time, too; other files stay', async () => {
    const { folder, store } = await filmed('aaaa');
    for (const id of ['eeee', 'ffff']) {
      await store.begin(sessionStart(id));
      await store.discard(id);
    }
    await store.close();
    for (const name of ['dddd.webm', 'eeee.webm', 'ffff.webm.part', 'notes.txt', 'my film.webm'])
      writeFileSync(join(folder, 'video', name), FILM);
    await openStore(folder);
    const left = ['aaaa.webm', 'dddd.webm', 'my film.webm', 'notes.txt'];
    expect(readdirSync(join(folder, 'video')).sort()).toEqual(left);
  });

  it('stays when the database is another one, which knows nothing of it', async () => {
    const { folder, store } = await filmed('aaaa');
    await store.close();
    for (const name of readdirSync(folder)) if (name.startsWith('mien.sqlite')) rmSync(join(folder, name));
    await openStore(folder);
    expect(isThere(folder, 'aaaa')).toBe(true);
  });
});
