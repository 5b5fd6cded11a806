import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CameraFacts, CameraFrameMessage, LiveSetup } from '../../src/main/contract/live.ts';
import type { Analyzer, SessionStart } from '../../src/main/engine/ports.ts';
import type { RecordingStart } from '../../src/main/contract/project.ts';
import { PROGRAM_VERSION, openRegistry } from '../../src/main/hosts/compose.ts';
import { LiveDesk } from '../../src/main/hosts/service/live-desk.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { PROFILE, SETUP, person, segment } from '../fixtures/records.ts';
import { ScriptedAnalyzer, observedFace } from '../fixtures/store-scripted.ts';
import { databaseIn, framesOf, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';
import { scores } from '../fixtures/timeline-rows.ts';
import { videoPath } from '../../src/main/store/video-files.ts';
import { decoded } from '../fixtures/video.ts';

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

const FACTS = { label: 'Lab camera', width: 1, height: 1, nominalRate: 30 } as const;
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
  /** Pixels along a side of the next frames. */
  size = 1;
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
    const clock = { monotonicMs: () => this.nowMs, unixMs: () => 0, uptimeMs: () => this.nowMs };
    this.desk = new LiveDesk(store, () => openRegistry(folder), start, clock);
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
  window(facts: CameraFacts = FACTS): {
    readonly ticket: number;
    readonly left: Promise<void>;
    readonly leave: () => void;
  } {
    const signal = { aborted: false };
    let ticket = -1;
    const left = this.desk.attach(facts, signal, (given) => (ticket = given));
    const leave = (): void => void (signal.aborted = true);
    onTestFinished(leave);
    return { ticket, left, leave };
  }

  frame(ticket: number, dropped: readonly number[] = [], width = this.size): ReturnType<LiveDesk['frame']> {
    const unixMs = START_MS + this.atMs;
    this.atMs += 40;
    const height = this.size;
    const picture = { width, height, format: 'rgba', colorSpace: { matrix: 'bt601', range: 'full' } } as const;
    const message: CameraFrameMessage = {
      ...{ ticket, unixMs, arrivedUnixMs: unixMs + 3, ...picture },
      ...{ bytes: new Uint8Array(4 * width * height), dropped: [...dropped] },
    };
    return this.desk.frame(message);
  }

  async frames(ticket: number, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.frame(ticket);
  }

  /** Records so many frames and leaves the recording on. */
  async record(ticket: number, count: number): Promise<string> {
    await this.desk.record();
    await this.frames(ticket, count);
    await expect.poll(() => this.desk.status().sessionId).not.toBeNull();
    return this.desk.status().sessionId ?? '';
  }
}

describe('a set-up', () => {
  it('is looked at, and put away again', async () => {
    const lab = await Lab.make();
    expect(lab.desk.status()).toMatchObject({ stage: 'closed', setup: null, camera: null, isCameraOn: false });
    await refusalOf(lab.desk.record(), 'usage');
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

  it('is scored with the profile that was chosen, which the session keeps', async () => {
    const lab = await Lab.make();
    const own = { ...PROFILE, name: 'sharp', quality: { ...PROFILE.quality, minSharpness: 2 } };
    mkdirSync(join(lab.folder, 'profiles'));
    writeFileSync(join(lab.folder, 'profiles', 'sharp.json'), JSON.stringify(own));
    await lab.desk.open({ ...LIVE_SETUP, profile: 'sharp' });
    const { ticket } = lab.window();
    expect(await lab.frame(ticket)).toMatchObject([{ missingReason: 'blurred', scores: null }]);
    const id = await lab.record(ticket, 3);
    await lab.desk.control('stop');
    expect(lab.store.session(id).profile).toEqual(own);
    expect(framesOf(lab.store, id).map(({ faces }) => faces[0].reason)).toEqual(['blurred', 'blurred', 'blurred']);
  });

  it('with a profile that there is not is refused, and can be opened with another one', async () => {
    const lab = await Lab.make();
    await refusalOf(lab.desk.open({ ...LIVE_SETUP, profile: 'nobody' }), 'usage');
    expect([lab.stage, lab.started.length]).toEqual(['closed', 0]);
    await lab.desk.open({ ...LIVE_SETUP, profile: 'mien' });
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
    expect(await lab.desk.record()).toEqual([]);
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
      source: { kind: 'camera', name: 'Lab camera', width: 1, height: 1, details: { nominal_rate_hz: 30 } },
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
    await Promise.all([lab.desk.record(), lab.desk.record()]);
    await lab.frame(lab.ticket);
    await lab.desk.record();
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
    await lab.desk.record();
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
    await lab.desk.record();
    await lab.frame(lab.ticket);
    const stopping = lab.desk.control('stop');
    const second = lab.desk.record();
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
    await lab.desk.record();
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

describe('a project', () => {
  const size = (before: string, now: string) => ({ what: 'picture size', before, now }) as const;
  const START = { areScoresShown: false, agreed: [], reason: '', renews: false };

  /** Records a frame of this width; returns the session, or what is asked. */
  async function recorded(
    lab: Lab & { ticket: number },
    width: number,
    start: RecordingStart = START,
  ): Promise<unknown> {
    await lab.frame(lab.ticket, [], width);
    const asks = await lab.desk.record(start);
    if (asks.length > 0) return asks;
    await lab.frame(lab.ticket, [], width);
    const id = await lab.desk.control('stop');
    return lab.store.session(id ?? '').lock;
  }

  it('holds fixed what its first recording is made with', async () => {
    const lab = await Lab.opened();
    const first = await recorded(lab, 1);
    expect(first).toMatchObject({
      settings: { programVersion: PROGRAM_VERSION, profile: { name: 'mien' }, camera: FACTS, areScoresShown: false },
      ...{ differences: [], reason: '', fixes: true },
    });
    expect(lab.store.projects()).toMatchObject([{ name: SETUP.project }]);
    expect(await recorded(lab, 1, { ...START, reason: 'none', renews: true })).toMatchObject({
      ...{ differences: [], reason: '', fixes: false },
    });
  });

  it('asks before a recording that differs, and records nothing until exactly that is agreed to', async () => {
    const lab = await Lab.opened();
    await recorded(lab, 1);
    const asks = [size('1 × 1', '2 × 1')];
    expect(await recorded(lab, 2)).toEqual(asks);
    expect(lab.stage).toBe('looking');
    expect(lab.store.sessions()).toHaveLength(1);
    expect(await recorded(lab, 3, { ...START, agreed: asks })).toEqual([size('1 × 1', '3 × 1')]); // it has changed meanwhile
    expect(await recorded(lab, 1, { ...START, agreed: asks })).toMatchObject({ differences: [] }); // and back again
    const agreed = { ...START, agreed: asks, reason: 'The other room' };
    expect(await recorded(lab, 2, agreed)).toMatchObject({ differences: asks, reason: 'The other room', fixes: false });
    expect(await recorded(lab, 2)).toEqual(asks); // the project has not changed
    expect(await recorded(lab, 2, { ...agreed, renews: true })).toMatchObject({ differences: asks, fixes: true });
    expect(await recorded(lab, 2)).toMatchObject({ differences: [], fixes: false });
  });

  it('asks when scores are to be shown from the start, which holds then', async () => {
    const lab = await Lab.opened();
    await recorded(lab, 1);
    const asks = [{ what: 'scores at the start', before: 'hidden', now: 'shown' }] as const;
    expect(await recorded(lab, 1, { ...START, areScoresShown: true })).toEqual(asks);
    expect(await lab.desk.record({ ...START, areScoresShown: true, agreed: [...asks] })).toEqual([]);
    expect(lab.desk.status().areScoresShown).toBe(true);
    await lab.frame(lab.ticket);
    const id = await lab.desk.control('stop');
    expect(lab.store.read(lab.store.session(id ?? '')).events).toEqual([
      { timeMs: 0, kind: 'scores_shown', detail: null },
    ]);
  });
});

describe('a camera that changes while it is recorded', () => {
  const eventsOf = (lab: Lab, id: string | null) =>
    lab.store.read(lab.store.session(id ?? '')).events.filter(({ kind }) => kind === 'camera_changed');

  it('is told with the first frame that differs, each time', async () => {
    const lab = await Lab.opened();
    await lab.record(lab.ticket, 2);
    for (const width of [2, 2, 1]) await lab.frame(lab.ticket, [], width);
    const id = await lab.desk.control('stop');
    const [one, two] = [1, 2].map((width) => `Lab camera, ${width} × 1, 30 frames a second`);
    expect(eventsOf(lab, id)).toMatchObject([
      { timeMs: 80, detail: `${one} → ${two}` },
      { timeMs: 160, detail: `${two} → ${one}` },
    ]);
  });

  it('is told when another one comes, even before the first frame: the session has what was agreed to', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    await lab.desk.record();
    lab.nowMs = 1000;
    const other = lab.window({ ...FACTS, label: 'Other camera', nominalRate: null });
    await lab.frame(other.ticket);
    const id = await lab.desk.control('stop');
    expect(lab.store.session(id ?? '').source.name).toBe('Lab camera');
    expect(eventsOf(lab, id)).toMatchObject([
      { timeMs: 0, detail: 'Lab camera, 1 × 1, 30 frames a second → Other camera, 1 × 1' },
    ]);
  });

  it('is nothing to tell while nothing is recorded, nor when the same one comes back', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket, [], 2);
    await lab.frame(lab.ticket);
    await lab.record(lab.ticket, 1);
    lab.nowMs = 1000;
    await lab.frame(lab.window().ticket);
    expect(eventsOf(lab, await lab.desk.control('stop'))).toEqual([]);
  });
});

describe('consent', () => {
  it('that was taken back before the recording is not in the session', async () => {
    const lab = await Lab.opened();
    await lab.desk.withdraw({ participant: 'A07', scope: 'everything' });
    expect(lab.networks.withdrawn).toEqual([['A07', 'everything']]);
    const id = await lab.record(lab.ticket, 1);
    await lab.desk.withdraw({ participant: 'B08', scope: 'everything' });
    await lab.desk.control('stop');
    const reader = lab.store.read(lab.store.session(id));
    expect(reader.analysed).toEqual(['B08']); // until the event
    expect(reader.events.map(({ kind, detail }) => [kind, detail])).toEqual([['consent_withdrawn', 'B08']]);
  });

  it.each(['analysis', 'identification', 'sharing'] as const)('to %s alone may be taken back', async (scope) => {
    const lab = await Lab.opened();
    const id = await lab.record(lab.ticket, 1);
    await lab.desk.withdraw({ participant: 'A07', scope });
    expect(lab.networks.withdrawn).toEqual([['A07', scope]]);
    expect(lab.desk.status().withdrawn).toEqual([{ participant: 'A07', scopes: [scope] }]);
    await lab.desk.control('stop');
    const session = lab.store.session(id);
    const { events, analysed } = lab.store.read(session);
    expect(events.map(({ kind, detail }) => [kind, detail])).toEqual([[`${scope}_withdrawn`, 'A07']]);
    expect(analysed).toEqual(['A07', 'B08']); // until the event, if at all
    const isGiven = scope !== 'sharing'; // what was never given is not taken back
    expect(session.withdrawals.map(({ participant, scope: own }) => [participant, own])).toEqual(
      isGiven ? [['A07', scope]] : [],
    );
    expect(await lab.record(lab.ticket, 1)).not.toBe(id);
    await lab.desk.control('stop');
    const [{ consent }] = lab.store.sessions();
    const rest = ['analysis', 'identification'].filter((own) => own !== scope);
    expect(consent).toMatchObject({ participants: [{ code: 'A07', scopes: rest }, { code: 'B08' }] });
  });

  it.each(['everything', 'analysis'] as const)(
    'to %s that is taken back after the end covers what has ended',
    async (scope) => {
      const lab = await Lab.opened();
      const id = await lab.record(lab.ticket, 1);
      await lab.desk.control('stop');
      await lab.desk.withdraw({ participant: 'A07', scope });
      const session = lab.store.session(id);
      const given = scope === 'everything' ? ['analysis', 'identification'] : ['analysis'];
      expect(session.withdrawals).toEqual(
        given.map(
          (own) => expect.objectContaining({ participant: 'A07', scope: own, whileRecording: false }) as unknown,
        ),
      );
      expect(lab.store.read(session).analysed).toEqual(['B08']);
    },
  );

  it('that is taken back while a recording is being stopped is not lost', async () => {
    const lab = await Lab.opened();
    const id = await lab.record(lab.ticket, 1);
    const stopping = lab.desk.control('stop');
    await lab.desk.withdraw({ participant: 'A07', scope: 'analysis' });
    await stopping;
    const { withdrawals } = lab.store.session(id);
    expect(withdrawals.map(({ participant, scope }) => [participant, scope])).toEqual([['A07', 'analysis']]);
  });

  it('decides whose face is shown as the networks see it', async () => {
    const none = await Lab.make();
    await refusalOf(none.desk.faceInput({ track: 1 }), 'usage'); // nothing is set up
    const lab = await Lab.opened();
    const seen = { model: 'first', width: 1, height: 1, channels: 1, pixels: Uint8Array.of(7) } as const;
    const { answer } = lab.networks;
    lab.networks.answer = (sequence) => ({ ...answer(sequence), inputs: [{ segment: 1, inputs: [seen] }] });
    await lab.frame(lab.ticket);
    const asked = lab.desk.faceInput({ track: 1 });
    await lab.frame(lab.ticket);
    expect(await asked).toEqual([seen]);
    lab.networks.answer = (sequence) => ({ ...answer(sequence), answers: [null] });
    await lab.frame(lab.ticket);
    await refusalOf(lab.desk.faceInput({ track: 1 }), 'no_consent');
  });

  it('says how the estimate of a face came about, as long as scores may be seen', async () => {
    const none = await Lab.make();
    expect(() => none.desk.explain({ track: 1 })).toThrow(/No recording is set up/);
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    expect(lab.desk.explain({ track: 1 })).toMatchObject({ agreement: 1, fired: [] });
    lab.desk.showScores(false);
    expect(lab.desk.explain({ track: 1 })).toBeNull();
    expect(() => lab.desk.explain({ track: 7 })).toThrow(/not in view/);
  });

  it('of somebody who was not asked cannot be taken back, nor a face be given to them', async () => {
    const lab = await Lab.opened();
    await lab.frame(lab.ticket);
    await refusalOf(lab.desk.withdraw({ participant: 'C09', scope: 'everything' }), 'usage');
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
    await lab.desk.record();
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
      await lab.desk.record();
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

describe('video', () => {
  const FILMED: LiveSetup = {
    ...LIVE_SETUP,
    setup: { ...SETUP, keeps: 'video' },
    participants: ASKED.map((one) => ({ ...one, scopes: [...one.scopes, 'video'] })),
  };

  async function filming(setup = FILMED): Promise<Lab & { ticket: number; videos: () => string[] }> {
    const lab = await Lab.make();
    lab.size = 32;
    await lab.desk.open(setup);
    const videos = (): string[] => {
      const folder = join(lab.folder, 'video');
      return existsSync(folder) ? readdirSync(folder) : [];
    };
    const facts = { ...FACTS, width: lab.size, height: lab.size };
    return Object.assign(lab, { ticket: lab.window(facts).ticket, videos });
  }

  it('is kept with the session where everybody agreed', async () => {
    const lab = await filming();
    const id = await lab.record(lab.ticket, 3);
    expect(lab.desk.status().video).toBe('kept');
    expect(lab.store.session(id).video).toEqual({ state: 'unfinished' });
    await lab.desk.control('stop');
    expect(lab.desk.status().video).toBe('none');
    const { video, problems } = lab.store.session(id);
    expect(problems).toEqual([]);
    const facts = { state: 'kept', codec: 'vp8', width: 32, height: 32, frames: 3, leftOut: 0, masked: 0 };
    expect(video).toMatchObject(facts);
    expect(lab.videos()).toEqual([`${id}.webm`]);
    expect((await decoded(videoPath(lab.folder, id))).map(({ timeMs }) => timeMs)).toEqual([0, 40, 80]);
  });

  it('is not begun where numbers only are to be kept', async () => {
    const lab = await filming({ ...FILMED, setup: SETUP });
    const id = await lab.record(lab.ticket, 3);
    expect(lab.desk.status().video).toBe('none');
    await lab.desk.control('stop');
    expect([lab.store.session(id).video, lab.videos()]).toEqual([null, []]);
  });

  it('stays when somebody withdraws what has nothing to do with it', async () => {
    const lab = await filming();
    await lab.record(lab.ticket, 1);
    for (const scope of ['sharing', 'analysis'] as const) await lab.desk.withdraw({ participant: 'B08', scope });
    await lab.frames(lab.ticket, 1);
    await expect.poll(() => lab.videos()).toHaveLength(1);
    expect(lab.desk.status().video).toBe('kept');
  });

  it.each(['everything', 'video'] as const)(
    'is removed when somebody withdraws %s, and not kept next time',
    async (scope) => {
      const lab = await filming();
      const id = await lab.record(lab.ticket, 3);
      await expect.poll(() => lab.videos()).toHaveLength(1);
      await lab.desk.withdraw({ participant: 'B08', scope });
      expect([lab.desk.status().video, lab.videos()]).toEqual(['discarded', []]);
      await lab.frames(lab.ticket, 2);
      await lab.desk.control('stop');
      const session = lab.store.session(id);
      expect(session).toMatchObject({ state: 'complete', frames: 5, video: { state: 'removed', reason: 'withdrawn' } });
      const next = await lab.record(lab.ticket, 2);
      expect(lab.desk.status().video).toBe('none');
      await lab.desk.control('stop');
      expect([lab.store.session(next).video, lab.videos()]).toEqual([null, []]);
    },
  );

  it.each(['everything', 'video'] as const)('is removed when %s is taken back after the end', async (scope) => {
    const lab = await filming();
    const id = await lab.record(lab.ticket, 3);
    await lab.desk.control('stop');
    await expect.poll(() => lab.videos()).toHaveLength(1);
    await lab.desk.withdraw({ participant: 'B08', scope });
    expect(lab.store.session(id).video).toMatchObject({ state: 'removed', reason: 'withdrawn' });
    expect(lab.videos()).toEqual([]);
  });

  it('that cannot be written is said, and the recording is complete', async () => {
    const lab = await filming();
    writeFileSync(join(lab.folder, 'video'), 'no folder');
    const id = await lab.record(lab.ticket, 3);
    await expect.poll(() => lab.desk.status().video).toBe('failed');
    await lab.desk.control('stop');
    const { state, frames, problems } = lab.store.session(id);
    expect({ state, frames }).toEqual({ state: 'complete', frames: 3 });
    expect(problems).toEqual([expect.stringMatching(/^No video could be kept: Its file cannot be made in .*\.$/)]);
  });
});
