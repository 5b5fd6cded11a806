import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CameraFrameMessage, LiveSetup } from '../../src/main/contract/live.ts';
import type { Analyzer, SessionStart } from '../../src/main/engine/ports.ts';
import { openRegistry } from '../../src/main/hosts/compose.ts';
import { LiveDesk } from '../../src/main/hosts/service/live-desk.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { SETUP, person, segment } from '../fixtures/records.ts';
import { ScriptedAnalyzer, observedFace } from '../fixtures/store-scripted.ts';
import { databaseIn, framesOf, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';
import { scores } from '../fixtures/timeline-rows.ts';

const ASKED: LiveSetup['participants'] = [
  { code: 'A07', scopes: ['analysis', 'identification'] },
  { code: 'B08', scopes: ['analysis', 'identification'] },
];

const LIVE_SETUP: LiveSetup = {
  name: 'Dyad 7',
  setup: SETUP,
  form: { version: '2026-03' },
  participants: ASKED,
};

const FACTS = { label: 'Lab camera', width: 640, height: 480, nominalRate: 30 } as const;
const START_MS = 1_790_000_000_000;
const HAPPY = scores({ happiness: 1 });

/** Something to wait for until the test opens it. */
function closedGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Networks that see A07 in every frame, with as many members as the profile has, and that know whether they were closed. */
class Networks extends ScriptedAnalyzer {
  isClosed = false;

  constructor() {
    super();
    this.answer = (sequence) => ({
      report: { sequence, searched: true, cut: false, faces: [observedFace({ participant: 'A07' })] },
      answers: [[HAPPY, HAPPY, HAPPY]],
      news: sequence === 0 ? { persons: [person(1, 'A07')], segments: [segment(1)] } : { persons: [], segments: [] },
    });
  }

  override close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** A desk with a store in a folder of its own, whose clock stands still unless the test moves it. */
class Lab {
  readonly started: Networks[] = [];
  readonly folder: string;
  readonly store: RecordingStore;
  readonly desk: LiveDesk;
  nowMs = 0;
  /** Awaited before networks are there; it may throw. */
  starting: () => Promise<void> = () => Promise.resolve();
  /** Awaited before a session is there; it may throw. */
  beginning: () => Promise<void> = () => Promise.resolve();
  /** Time of the next frame. */
  atMs = 0;

  private constructor(folder: string, store: RecordingStore) {
    this.folder = folder;
    const begin = store.begin.bind(store);
    this.store = Object.assign(store, {
      begin: async (start: SessionStart) => {
        await this.beginning();
        return begin(start);
      },
    });
    const start = async (): Promise<Analyzer> => {
      await this.starting();
      const networks = new Networks();
      this.started.push(networks);
      return networks;
    };
    this.desk = new LiveDesk(store, openRegistry, start, { monotonicMs: () => this.nowMs, unixMs: () => 0 });
    onTestFinished(() => this.desk.shutDown());
  }

  static async make(): Promise<Lab> {
    const folder = temporaryFolder();
    return new Lab(folder, await openStore(folder));
  }

  /** A desk that is set up, and the ticket of a window that has the camera. */
  static async opened(): Promise<Lab & { ticket: number }> {
    const lab = await Lab.make();
    await lab.desk.open(LIVE_SETUP);
    return Object.assign(lab, { ticket: lab.window().ticket });
  }

  get networks(): Networks {
    return this.started[this.started.length - 1];
  }

  get stage(): string {
    return this.desk.status().stage;
  }

  /** Another window that takes the camera; `leave` closes it, `left` is when the desk has let it go. */
  window(): { readonly ticket: number; readonly left: Promise<void>; readonly leave: () => void } {
    const signal = { aborted: false };
    let ticket = -1;
    const left = this.desk.attach(FACTS, signal, (given) => (ticket = given));
    const leave = (): void => void (signal.aborted = true);
    onTestFinished(leave);
    return { ticket, left, leave };
  }

  frame(ticket: number, dropped: readonly number[] = []): ReturnType<LiveDesk['frame']> {
    const unixMs = START_MS + this.atMs;
    this.atMs += 40;
    const picture = { width: 1, height: 1, format: 'rgba', colorSpace: { matrix: 'bt601', range: 'full' } } as const;
    const message: CameraFrameMessage = {
      ...{ ticket, unixMs, arrivedUnixMs: unixMs + 3, ...picture },
      ...{ bytes: new Uint8Array(4), dropped: [...dropped] },
    };
    return this.desk.frame(message);
  }

  async frames(ticket: number, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.frame(ticket);
  }

  /** Records so many frames and leaves the recording on. */
  async record(ticket: number, count: number): Promise<string> {
    await this.desk.control('record');
    await this.frames(ticket, count);
    await expect.poll(() => this.desk.status().sessionId).not.toBeNull();
    return this.desk.status().sessionId ?? '';
  }
}

describe('a set-up', () => {
  it('is looked at, and put away again', async () => {
    const lab = await Lab.make();
    expect(lab.desk.status()).toMatchObject({ stage: 'closed', setup: null, camera: null, isCameraOn: false });
    await refusalOf(lab.desk.control('record'), 'usage');
    await lab.desk.open(LIVE_SETUP);
    expect(lab.desk.status()).toMatchObject({ stage: 'looking', setup: LIVE_SETUP, identification: true });
    const { ticket } = lab.window();
    expect(await lab.frame(ticket)).toMatchObject([{ track: 1, participant: 'A07', scores: HAPPY }]);
    expect(lab.desk.status()).toMatchObject({ camera: FACTS, isCameraOn: true, areScoresShown: true, frames: 0 });
    await lab.desk.close();
    expect(lab.networks.isClosed).toBe(true);
    expect(lab.desk.status()).toMatchObject({ stage: 'closed', setup: null, camera: null });
    await lab.desk.close();
  });

  it('is refused while another one is open or is being opened', async () => {
    const lab = await Lab.make();
    const gate = closedGate();
    lab.starting = () => gate.opened;
    const opening = lab.desk.open(LIVE_SETUP);
    await refusalOf(lab.desk.open(LIVE_SETUP), 'usage');
    gate.open();
    await opening;
    await refusalOf(lab.desk.open({ ...LIVE_SETUP, name: 'other' }), 'usage');
    expect(lab.started).toHaveLength(1);
    expect(lab.desk.status().setup?.name).toBe('Dyad 7');
  });

  it('that could not be opened can be tried again', async () => {
    const lab = await Lab.make();
    lab.starting = () => Promise.reject(new Error('a model is missing'));
    await expect(lab.desk.open(LIVE_SETUP)).rejects.toThrow('a model is missing');
    expect(lab.stage).toBe('closed');
    lab.starting = () => Promise.resolve();
    await lab.desk.open(LIVE_SETUP);
    expect(lab.stage).toBe('looking');
  });

  it('that is closed while it opens is closed when it is there', async () => {
    const lab = await Lab.make();
    const gate = closedGate();
    lab.starting = () => gate.opened;
    const opening = lab.desk.open(LIVE_SETUP);
    const closing = lab.desk.close();
    gate.open();
    await Promise.all([opening, closing]);
    expect(lab.stage).toBe('closed');
    expect(lab.networks.isClosed).toBe(true);
    await lab.desk.open(LIVE_SETUP);
    expect(lab.started).toHaveLength(2);
  });
});

describe('two windows', () => {
  it('have the camera one at a time', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    lab.nowMs = 999;
    await refusalOf(
      lab.desk.attach(FACTS, { aborted: false }, () => undefined),
      'device_busy',
    );
    await lab.frame(lab.ticket);
  });

  it('may take it from one another when the first is silent, whose frames are refused from then on', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    lab.nowMs = 1000;
    expect(lab.desk.status().isCameraOn).toBe(false);
    const second = lab.window();
    expect(second.ticket).not.toBe(lab.ticket);
    await refusalOf(lab.frame(lab.ticket), 'device_busy');
    await lab.frame(second.ticket);
    expect(lab.desk.status()).toMatchObject({ camera: FACTS, isCameraOn: true });
  });

  it('follow one another at once when the first is closed', async () => {
    const lab = await Lab.make();
    await lab.desk.open(LIVE_SETUP);
    const first = lab.window();
    await lab.frame(first.ticket);
    first.leave();
    const second = lab.window(); // before the desk has noticed
    await first.left;
    await lab.frame(second.ticket);
    expect(lab.desk.status().camera).toEqual(FACTS);
    second.leave();
    await second.left;
    expect(lab.desk.status().camera).toBeNull();
    await refusalOf(lab.frame(second.ticket), 'device_busy');
  });

  it('are let go when the set-up is closed', async () => {
    const lab = await Lab.make();
    await lab.desk.open(LIVE_SETUP);
    const { left, ticket } = lab.window();
    await lab.desk.close();
    await left;
    await refusalOf(lab.frame(ticket), 'usage');
    await refusalOf(
      lab.desk.attach(FACTS, { aborted: false }, () => undefined),
      'usage',
    );
  });
});

describe('a recording', () => {
  it('becomes a session with what is known of it', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    expect(await lab.desk.control('record')).toBeNull();
    expect(lab.desk.status()).toMatchObject({ stage: 'recording', frames: 0, sessionId: null, areScoresShown: false });
    await lab.frames(lab.ticket, 2);
    await lab.desk.control('pause');
    expect(lab.stage).toBe('paused');
    await lab.frame(lab.ticket);
    await lab.desk.control('resume');
    await lab.frame(lab.ticket, [START_MS + 130]);
    const marker = lab.desk.mark({ unixMs: START_MS + 95, label: 'smile' });
    expect(lab.desk.status()).toMatchObject({ stage: 'recording', frames: 3, seconds: 0.12, markers: [marker] });
    const id = await lab.desk.control('stop');
    const session = lab.store.session('Dyad 7');
    expect(session).toMatchObject({
      ...{ id, code: 'Dyad 7', state: 'complete', frames: 3, firstFrameUnixMs: START_MS + 40, identification: true },
      ...{ setup: SETUP, consent: { kind: 'file', form: LIVE_SETUP.form, participants: ASKED } },
      source: { kind: 'camera', name: 'Lab camera', width: 640, height: 480, details: { nominal_rate_hz: 30 } },
    });
    const reader = lab.store.read(session);
    expect(framesOf(lab.store, session.id).map(({ frame: { timeMs, gap } }) => [timeMs, gap])).toEqual([
      [0, null],
      [40, null],
      [80, 'paused'],
      [120, null],
    ]);
    expect(reader.persons).toEqual([person(1, 'A07')]);
    expect(reader.segments).toMatchObject([{ id: 1, firstSequence: 0, lastSequence: 3 }]);
    expect(reader.markers).toEqual([{ id: 'm1', timeMs: 55, label: 'smile' }]);
    expect(reader.events.map(({ kind }) => kind)).toEqual(['paused', 'resumed']);
    expect(reader.clock).toEqual([{ timeMs: 0, unixMs: START_MS + 43 }]);
    expect(lab.desk.status()).toMatchObject({ stage: 'looking', sessionId: id, frames: 0, markers: [], error: null });
  });

  it('that is asked for twice is one, and so is its end', async () => {
    const lab = await Lab.opened();
    await Promise.all([lab.desk.control('record'), lab.desk.control('record')]);
    await lab.frame(lab.ticket);
    await lab.desk.control('record');
    await lab.frame(lab.ticket);
    const stopped = await Promise.all([lab.desk.control('stop'), lab.desk.control('stop')]);
    const [session, ...others] = lab.store.sessions();
    expect(others).toEqual([]);
    expect(stopped).toEqual([session.id, session.id]);
    expect(session).toMatchObject({ state: 'complete', frames: 2 });
  });

  it('that is stopped while the session is being begun has every frame', async () => {
    const lab = await Lab.opened();
    const gate = closedGate();
    lab.beginning = () => gate.opened;
    await lab.desk.control('record');
    await lab.frames(lab.ticket, 3);
    const stopping = lab.desk.control('stop');
    const again = lab.desk.control('stop');
    await sleep(20);
    expect(lab.store.sessions()).toEqual([]);
    gate.open();
    const id = await stopping;
    expect(await again).toBe(id);
    expect(lab.store.session(id ?? '')).toMatchObject({ state: 'complete', frames: 3 });
  });

  it('that follows at once waits for the end of the one before, and has a name of its own', async () => {
    const lab = await Lab.opened();
    const gate = closedGate();
    lab.beginning = () => gate.opened;
    await lab.desk.control('record');
    await lab.frame(lab.ticket);
    const stopping = lab.desk.control('stop');
    const second = lab.desk.control('record');
    gate.open();
    const first = await stopping;
    await second;
    expect(lab.stage).toBe('recording');
    await lab.frames(lab.ticket, 2);
    const id = await lab.desk.control('stop');
    expect(id).not.toBe(first);
    expect(lab.store.session(first ?? '')).toMatchObject({ state: 'complete', frames: 1, code: 'Dyad 7' });
    expect(lab.store.session(id ?? '')).toMatchObject({ state: 'complete', frames: 2, code: 'Dyad 7-2' });
  });

  it('without a frame leaves nothing', async () => {
    const lab = await Lab.opened();
    await lab.desk.control('record');
    expect(() => lab.desk.mark({ unixMs: START_MS, label: '' })).toThrow('Nothing is being recorded.');
    expect(await lab.desk.control('stop')).toBeNull();
    expect(lab.store.sessions()).toEqual([]);
    expect(lab.stage).toBe('looking');
  });

  it('must be stopped before its set-up is closed', async () => {
    const lab = await Lab.opened();
    const id = await lab.record(lab.ticket, 1);
    await refusalOf(lab.desk.close(), 'usage');
    expect(lab.stage).toBe('recording');
    await lab.desk.control('stop');
    await lab.desk.close();
    expect(lab.stage).toBe('closed');
    expect(lab.desk.status().sessionId).toBe(id);
  });

  it('goes on in the next window, when the one that had the camera is closed', async () => {
    const lab = await Lab.make();
    await lab.desk.open(LIVE_SETUP);
    const first = lab.window();
    const id = await lab.record(first.ticket, 2);
    first.leave();
    await first.left;
    lab.nowMs = 1000;
    const { ticket } = lab.window();
    await expect.poll(() => framesOf(lab.store, id).map(({ frame }) => frame.gap)).toEqual([null, null, 'source_gap']);
    lab.atMs = 3000;
    await lab.frames(ticket, 2);
    await lab.desk.control('stop');
    const session = lab.store.session(id);
    expect(session).toMatchObject({ state: 'complete', frames: 4 });
    expect(lab.store.read(session).events.map(({ kind }) => kind)).toEqual(['camera_lost', 'camera_back']);
  });
});

describe('consent', () => {
  it('that was taken back before the recording is not in the session', async () => {
    const lab = await Lab.opened();
    await lab.desk.withdraw('A07');
    expect(lab.networks.withdrawn).toEqual(['A07']);
    const id = await lab.record(lab.ticket, 1);
    await lab.desk.withdraw('B08');
    await lab.desk.control('stop');
    const reader = lab.store.read(lab.store.session(id));
    expect(reader.analysed).toEqual(['B08']); // until the event
    expect(reader.events.map(({ kind, detail }) => [kind, detail])).toEqual([['consent_withdrawn', 'B08']]);
  });

  it('of somebody who was not asked cannot be taken back, nor a face be given to them', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    await refusalOf(lab.desk.withdraw('C09'), 'usage');
    await refusalOf(lab.desk.assign({ track: 1, participant: 'C09' }), 'usage');
    await lab.desk.assign({ track: 1, participant: 'A07' });
    await lab.desk.assign({ track: 1, participant: null });
    await refusalOf(lab.desk.assign({ track: 2, participant: null }), 'usage');
    expect(lab.networks.withdrawn).toEqual([]);
    expect(lab.networks.assigned).toEqual([
      [1, 'A07'],
      [1, null],
      [2, null],
    ]);
  });
});

describe('a fault', () => {
  it('of the store ends the recording, says why, and keeps what was stored', async () => {
    const lab = await Lab.opened();
    const id = await lab.record(lab.ticket, 2);
    await expect.poll(() => framesOf(lab.store, id)).toHaveLength(2);
    inDatabase(databaseIn(lab.folder), (database) => {
      const refuse = "CREATE TRIGGER full BEFORE INSERT ON frame BEGIN SELECT RAISE(FAIL, 'no room'); END";
      database.exec(refuse);
    });
    // Frames must go on for the fault to be noticed: the store tells of it with the next one.
    await expect
      .poll(async () => {
        await lab.frame(lab.ticket);
        return lab.stage;
      })
      .toBe('failed');
    const { error, sessionId } = lab.desk.status();
    expect(sessionId).toBe(id);
    expect(error?.message).toMatch(/^[A-Z][^\n]+\.$/);
    expect(error?.remedy).toMatch(/^[A-Z][^\n]+\.$/);
    expect(framesOf(lab.store, id)).toHaveLength(2);
    // The camera is looked at further, and once there is room again the next recording works.
    inDatabase(databaseIn(lab.folder), (database) => database.exec('DROP TRIGGER full'));
    const next = await lab.record(lab.ticket, 2);
    expect(lab.desk.status()).toMatchObject({ stage: 'recording', error: null });
    expect(await lab.desk.control('stop')).toBe(next);
    expect(lab.store.session(next)).toMatchObject({ state: 'complete', frames: 2 });
    await lab.desk.shutDown();
    await lab.store.close();
    expect((await openStore(lab.folder)).session(id)).toMatchObject({ state: 'interrupted', frames: 2 });
  });

  it('at the beginning of a session is told, and the next attempt can succeed', async () => {
    const lab = await Lab.opened();
    lab.beginning = () => Promise.reject(new Error('no room'));
    await lab.desk.control('record');
    await lab.frame(lab.ticket);
    await expect.poll(() => lab.stage).toBe('failed');
    expect(lab.desk.status()).toMatchObject({ sessionId: null });
    lab.beginning = () => Promise.resolve();
    await lab.record(lab.ticket, 1);
    expect(lab.desk.status()).toMatchObject({ stage: 'recording', error: null });
  });

  it('of the networks ends the recording as interrupted', async () => {
    const lab = await Lab.opened();
    const id = await lab.record(lab.ticket, 2);
    lab.networks.before = () => Promise.reject(new Error('The networks stopped.'));
    await expect(lab.frame(lab.ticket)).rejects.toThrow('The networks stopped.');
    await expect.poll(() => lab.stage).toBe('failed');
    expect(lab.store.session(id)).toMatchObject({
      ...{ state: 'interrupted', frames: 2, problems: ['The networks stopped.'] },
    });
  });

  it('is told to whoever stops the recording before it was noticed', async () => {
    const lab = await Lab.opened();
    await lab.record(lab.ticket, 1);
    lab.networks.before = () => Promise.reject(new Error('The networks stopped.'));
    const asked = [lab.frame(lab.ticket), lab.desk.control('stop')];
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: 'rejected', reason: { message: 'The networks stopped.' } });
    }
    expect(lab.stage).toBe('failed');
  });
});

describe('the end of the program', () => {
  it.each([
    ['recording', 'interrupted', []],
    ['paused', 'interrupted', ['pause']],
    ['stopped', 'complete', ['stop']],
  ] as const)('keeps what was recorded: %s', async (_, state, actions) => {
    const lab = await Lab.opened();
    const id = await lab.record(lab.ticket, 3);
    for (const action of actions) await lab.desk.control(action);
    await lab.desk.shutDown();
    expect(lab.stage).toBe('closed');
    expect(lab.networks.isClosed).toBe(true);
    expect(lab.store.session(id)).toMatchObject({ state, frames: 3 });
  });

  it('waits for a recording that is being begun, and for one that is being stopped', async () => {
    for (const isStopped of [false, true]) {
      const lab = await Lab.opened();
      const gate = closedGate();
      lab.beginning = () => gate.opened;
      await lab.desk.control('record');
      await lab.frames(lab.ticket, 2);
      const stopping = isStopped ? lab.desk.control('stop') : null;
      const ended = lab.desk.shutDown();
      await sleep(20);
      gate.open();
      await ended;
      expect(lab.store.sessions()).toMatchObject([{ state: isStopped ? 'complete' : 'interrupted', frames: 2 }]);
      await stopping;
    }
  });

  it('waits for a set-up that is being opened, and opens none after it', async () => {
    const lab = await Lab.make();
    const gate = closedGate();
    lab.starting = () => gate.opened;
    const opening = lab.desk.open(LIVE_SETUP);
    const ended = lab.desk.shutDown();
    gate.open();
    await Promise.all([opening, ended]);
    expect(lab.networks.isClosed).toBe(true);
    await refusalOf(lab.desk.open(LIVE_SETUP), 'interrupted');
    await lab.desk.shutDown();
  });

  it('comes to pass when nothing is open, and when the recording has failed', async () => {
    const empty = await Lab.make();
    await empty.desk.shutDown();
    const lab = await Lab.opened();
    await lab.record(lab.ticket, 1);
    lab.networks.before = () => Promise.reject(new Error('The networks stopped.'));
    await expect(lab.frame(lab.ticket)).rejects.toThrow();
    await lab.desk.shutDown();
    expect(lab.stage).toBe('closed');
    expect(lab.store.sessions()).toMatchObject([{ state: 'interrupted', frames: 1 }]);
  });
});
