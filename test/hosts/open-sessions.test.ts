// Which sessions are read into memory, whose timelines are made and kept, and what happens to those who wait for them.
import { describe, expect, it, vi, type MockInstance } from 'vitest';
import { MienError } from '../../src/main/contract/errors.ts';
import { OpenSessions, type Surroundings } from '../../src/main/hosts/service/open-sessions.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { sessionStart } from '../fixtures/records.ts';
import { CODE, OTHER, recordCamera } from '../fixtures/store-participants.ts';
import { openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const FRAMES = 50;
/** Of three people, fifty frames are a long session. */
const MOST_ROWS = 149;

interface Bench {
  readonly store: RecordingStore;
  readonly sessions: OpenSessions;
  readonly make: MockInstance<RecordingStore['makeLevels']>;
  readonly around: { isBusy: boolean; settled: Promise<unknown>; readonly ending: { aborted: boolean } };
}

async function start(mostRows = MOST_ROWS, frames = FRAMES): Promise<Bench> {
  const store = await openStore(temporaryFolder());
  await recordCamera(store, 'aaaa', frames);
  const around = { isBusy: false, settled: Promise.resolve() as Promise<unknown>, ending: { aborted: false } };
  const surroundings: Surroundings = {
    isBusy: () => around.isBusy,
    settled: () => around.settled,
    whileReading: (work) => work,
    ending: around.ending,
  };
  const sessions = new OpenSessions(store, surroundings, mostRows);
  return { store, sessions, make: vi.spyOn(store, 'makeLevels'), around };
}

const rowsOf = async (sessions: OpenSessions, id = 'aaaa'): Promise<number[]> =>
  (await sessions.get(id)).figures().map(({ rows }) => rows);

const hasLevels = (store: RecordingStore): boolean => store.levels(store.session('aaaa')) !== null;

describe('a session that is looked at', () => {
  it('is read into memory while it is short, and nothing is kept', async () => {
    const { store, sessions, make } = await start(MOST_ROWS + 1);
    expect(await rowsOf(sessions)).toEqual([FRAMES, FRAMES, FRAMES]);
    expect([make.mock.calls.length, hasLevels(store)]).toEqual([0, false]);
  });

  it('has its timelines made when it is long, once, and tells how far that is', async () => {
    const { store, sessions, make } = await start();
    const told: number[] = [];
    const [session, same] = await Promise.all([
      sessions.get('aaaa', (share) => told.push(share)),
      sessions.get('aaaa'),
    ]);
    expect(session).toBe(same);
    expect([told[0], told.at(-1)]).toEqual([0, 1]);
    sessions.forget();
    expect(await rowsOf(sessions)).toEqual([FRAMES, FRAMES, FRAMES]);
    expect([make.mock.calls.length, hasLevels(store)]).toEqual([1, true]);
  });

  it('is read into memory while it is recorded, however long it is, every time anew', async () => {
    const { store, sessions, make } = await start(0);
    const writer = await store.begin(sessionStart('bbbb'));
    const first = await sessions.get('bbbb');
    expect(await sessions.get('bbbb')).not.toBe(first);
    expect(make).not.toHaveBeenCalled();
    await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
  });

  it('is read into memory when nothing can be stored', async () => {
    const { store, sessions, make } = await start();
    make.mockRejectedValue(new MienError('store_unusable', 'The disk is full.', 'Free some space.'));
    expect(await rowsOf(sessions)).toEqual([FRAMES, FRAMES, FRAMES]);
    expect(hasLevels(store)).toBe(false);
  });

  it('is opened again when its timelines have been removed', async () => {
    const { store, sessions, make } = await start();
    const first = await sessions.get('aaaa');
    await store.withdraw(OTHER, 'analysis', ['aaaa']);
    const second = await sessions.get('aaaa');
    expect(second).not.toBe(first);
    expect(second.figures()[1].valid).toBe(0);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('that is corrected while its timelines are made is shown as it is then', async () => {
    const { store, sessions, make } = await start();
    const opened = sessions.get('aaaa');
    await vi.waitFor(() => expect(make).toHaveBeenCalled());
    await store.edit('aaaa', { kind: 'merge', person: 3, into: 2 }, { who: '', why: '' });
    expect((await opened).figures().map(({ number }) => number)).toEqual([1, 2]);
  });

  it('has figures above a baseline while it is short, and its timelines stay for one when it is long', async () => {
    for (const [mostRows, isCompared] of [
      [MOST_ROWS + 1, true],
      [MOST_ROWS, false],
    ] as const) {
      const { store, sessions, make } = await start(mostRows);
      await sessions.get('aaaa');
      const stretch = { firstSequence: 0, lastSequence: FRAMES - 1, fromMs: 0, toMs: 40 * FRAMES };
      await store.edit('aaaa', { kind: 'baseline', person: 2, ...stretch }, { who: '', why: '' });
      sessions.forget();
      const figures = (await sessions.get('aaaa')).figures();
      expect(figures.map(({ aboveBaseline }) => aboveBaseline !== null)).toEqual([false, isCompared, false]);
      expect(make).toHaveBeenCalledTimes(isCompared ? 0 : 1);
    }
  });

  it('that there is not is unknown, and what was refused once is tried again', async () => {
    const { store, sessions } = await start();
    await refusalOf(sessions.get('bbbb'), 'session_unknown');
    await recordCamera(store, 'bbbb', 1);
    expect(await rowsOf(sessions, 'bbbb')).toEqual([1, 1, 1]);
  });
});

describe('timelines that are being made', () => {
  it('are begun again for whoever waits for them when somebody is erased meanwhile', async () => {
    const { store, sessions, make, around } = await start();
    const opened = sessions.get('aaaa');
    await vi.waitFor(() => expect(make).toHaveBeenCalled());
    sessions.interrupt();
    around.settled = store.erase({ kind: 'participant', code: CODE }, '1.2.3', {
      signal: { aborted: false },
      onProgress: () => undefined,
    });
    expect((await opened).figures().map(({ number }) => number)).toEqual([2, 3]);
  });

  it('are given up when the program ends', async () => {
    const { sessions, make, around } = await start();
    const opened = sessions.get('aaaa');
    await vi.waitFor(() => expect(make).toHaveBeenCalled());
    around.ending.aborted = true;
    sessions.interrupt();
    await refusalOf(opened, 'interrupted');
  });

  it('in advance wait for more important work, and for nothing when somebody opens the session', async () => {
    const { store, sessions, make, around } = await start();
    around.isBusy = true;
    const prepared = sessions.prepare('aaaa');
    await vi.waitFor(() => expect(make).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(hasLevels(store)).toBe(false);
    expect(await rowsOf(sessions)).toEqual([FRAMES, FRAMES, FRAMES]);
    await prepared;
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('in advance are not made of a short session, nor twice', async () => {
    const { sessions, make } = await start();
    await sessions.prepare('aaaa');
    await sessions.prepare('aaaa');
    expect(make).toHaveBeenCalledTimes(1);
    const short = await start(MOST_ROWS + 1);
    await short.sessions.prepare('aaaa');
    expect(short.make).not.toHaveBeenCalled();
  });
});
