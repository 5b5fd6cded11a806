// Where recordings are made: one at a time, with one camera, for however many windows look on. It belongs to the program, not to a
// window: a window that is closed or loaded again leaves a gap in the frames and nothing else.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraFacts, CameraFrameMessage, LiveFaceMessage, LiveSetup, LiveStatus } from '../../contract/live.ts';
import type { Input } from '../../contract/api.ts';
import { agreesToVideo, type Consent, type Scope } from '../../contract/consent.ts';
import type { ExplanationMessage } from '../../contract/explanation.ts';
import type { FaceInputMessage } from '../../contract/face-input.ts';
import { MienError, asError, reportOf } from '../../contract/errors.ts';
import { DEFAULT_PROFILE } from '../../contract/profiles.ts';
import {
  PLAIN_START,
  cameraWords,
  type LockDifference,
  type RecordingStart,
  type SessionLock,
} from '../../contract/project.ts';
import { scopesIn, type LiveWithdrawal } from '../../contract/withdrawal.ts';
import { modelsOf, type Profile } from '../../core/profile.ts';
import type { Marker } from '../../core/record.ts';
import { Live, type LiveFace } from '../../engine/live.ts';
import type { VideoPlan } from '../../engine/live-video.ts';
import type { Analyzer, LiveClock, SessionWriter } from '../../engine/ports.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { mayIdentify, startAnalyzer, type RecordingSettings } from '../analysis.ts';
import { freeCode } from '../codes.ts';
import { PROGRAM_VERSION, systemClock } from '../compose.ts';
import { SessionVideoWriter } from '../videos.ts';
import { lockFor, settingsNow } from './project-locks.ts';

const TICK_MS = 250;

/** Starts the networks of a set-up. */
type Start = (
  registry: ModelRegistry,
  settings: Pick<RecordingSettings, 'profile' | 'consent' | 'identification'>,
) => Promise<Analyzer>;

const NO_CAMERA: CameraFacts = { label: '', width: 0, height: 0, nominalRate: null };

const startWorkers: Start = (registry, settings) =>
  startAnalyzer(registry, settings, 'camera', { areNamedByHand: true });

/** What is set up. */
interface Sitting {
  readonly live: Live;
  readonly setup: LiveSetup;
  readonly consent: Consent & { readonly kind: 'file' };
  readonly identification: boolean;
  readonly profile: Profile;
  readonly registry: ModelRegistry;
  readonly timer: NodeJS.Timeout;
  /** What participants have taken back, by their codes. */
  readonly withdrawn: Map<string, ReadonlySet<Scope>>;
}

/** A window that has the camera. */
interface Holder {
  readonly ticket: number;
  /** As the browser describes it; size as of its last frame. */
  facts: CameraFacts;
  readonly signal: { readonly aborted: boolean };
}

export class LiveDesk {
  readonly #store: RecordingStore;
  readonly #openRegistry: () => Promise<ModelRegistry>;
  readonly #startAnalyzer: Start;
  readonly #clock: LiveClock;
  #opening: Promise<Sitting> | null = null;
  #sitting: Sitting | null = null;
  #camera: Holder | null = null;
  #tickets = 0;
  /** The camera of the recording as the session knows it. */
  #recorded: CameraFacts = NO_CAMERA;
  #sessionId: string | null = null;
  #error: Error | null = null;
  /** Nobody may look at the session before everything of it is written. */
  #isEnding = false;
  /** The end of the recording before. */
  #ending: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(
    store: RecordingStore,
    openRegistry: () => Promise<ModelRegistry>,
    start: Start = startWorkers,
    clock: LiveClock = systemClock,
  ) {
    this.#store = store;
    this.#openRegistry = openRegistry;
    this.#startAnalyzer = start;
    this.#clock = clock;
  }

  /** Loads the networks for this set-up. Throws usage while another one is open. */
  async open(setup: LiveSetup): Promise<void> {
    this.#checkOver();
    if (this.#opening) {
      const message = 'A recording is set up already.';
      throw new MienError('usage', message, 'Go on with it, or close it before you begin another one.');
    }
    this.#error = null;
    this.#sessionId = null;
    this.#opening = this.#start(setup);
    try {
      this.#sitting = await this.#opening;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  /** Puts everything away. Throws usage while a recording is under way. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined); // whoever asked is told
    await this.#ending;
    const sitting = this.#sitting;
    if (sitting?.live.recording) throw new MienError('usage', 'A recording is under way.', 'Stop it first.');
    this.#opening = null;
    this.#sitting = null;
    this.#camera = null;
    if (!sitting) return;
    clearInterval(sitting.timer);
    await sitting.live.close();
  }

  /** Ends whatever is under way; what was recorded is kept. */
  async shutDown(): Promise<void> {
    this.#isOver = true;
    await this.#opening?.catch(() => undefined); // whoever asked is told
    if (this.#sitting?.live.recording) await this.#finish('interrupted').catch(() => undefined); // said in the session
    await this.close();
  }

  /** Lends the camera's place to a window until `signal` is set. */
  async attach(
    facts: CameraFacts,
    signal: { readonly aborted: boolean },
    tell: (ticket: number) => void,
  ): Promise<void> {
    const { live } = this.#open();
    if (this.#camera && !this.#camera.signal.aborted && live.isCameraOn) {
      const remedy = 'Record in that window, or close it and try again.';
      throw new MienError('device_busy', 'Another window has the camera already.', remedy);
    }
    const ticket = ++this.#tickets;
    this.#camera = { ticket, facts, signal };
    live.newCamera(facts.nominalRate);
    tell(ticket);
    while (!signal.aborted && this.#isHolder(ticket)) await sleep(TICK_MS);
    if (this.#isHolder(ticket)) this.#camera = null;
  }

  async frame(message: CameraFrameMessage): Promise<LiveFaceMessage[]> {
    const { live } = this.#open();
    if (this.#camera?.ticket !== message.ticket)
      throw new MienError('device_busy', 'Another window has taken the camera.', 'Record in that window.');
    const { width, height } = message;
    this.#camera.facts = { ...this.#camera.facts, width, height };
    const report = live.frame(message);
    this.#noteCamera(live, this.#camera.facts); // at the time of this frame, which the recording has
    const { faces } = await report;
    return faces.map(messageOf);
  }

  async assign({ track, participant }: Input<'live.assign'>): Promise<void> {
    const sitting = this.#open();
    if (participant !== null) checkAsked(sitting, participant);
    await sitting.live.assign(track, participant);
  }

  /** What the networks see of a face: see {@link Live.faceInput}. */
  async faceInput({ track }: Input<'live.faceInput'>): Promise<FaceInputMessage[]> {
    return [...(await this.#open().live.faceInput(track))];
  }

  /** How an estimate came about: see {@link Live.explain}. */
  explain({ track }: Input<'live.explain'>): ExplanationMessage | null {
    const found = this.#open().live.explain(track);
    return found && { ...found, votes: [...found.votes], fired: [...found.fired] };
  }

  /** Interrupts or ends the recording. Returns the session's id, if there is one. */
  async control(action: Exclude<Input<'live.control'>['action'], 'record'>): Promise<string | null> {
    const { live } = this.#open();
    if (action === 'stop') return await this.#finish('complete');
    live.recording?.[action]();
    return this.#sessionId;
  }

  /**
   * Begins a recording with the next frame. Where the project's settings differ from those of now, and not exactly that was agreed
   * to, nothing begins, and what differs is returned.
   */
  async record(start: RecordingStart = PLAIN_START): Promise<readonly LockDifference[]> {
    await this.#ending;
    this.#checkOver();
    const sitting = this.#open();
    const { live, profile, setup } = sitting;
    if (live.recording) return []; // asked twice: there is one recording
    const camera = this.#camera?.facts ?? NO_CAMERA;
    const settings = settingsNow(profile, camera, start.areScoresShown);
    const locked = lockFor(this.#store, setup.setup.project, settings, start);
    if (locked.asks) return locked.asks;
    this.#error = null;
    this.#sessionId = null;
    this.#recorded = camera;
    live.record((unixMs) => this.#begin(sitting, locked.lock, unixMs), {
      areScoresShown: start.areScoresShown,
      video: this.#videoPlan(sitting),
    });
    return [];
  }

  /** A camera that comes back with another size, or another camera, is told in the session. */
  #noteCamera({ recording }: Live, facts: CameraFacts): void {
    if (typeof recording?.firstFrameUnixMs !== 'number') return;
    const [before, now] = [cameraWords(this.#recorded), cameraWords(facts)];
    if (before !== now) recording.event('camera_changed', `${before} → ${now}`);
    this.#recorded = facts;
  }

  /** Null where no video is to be kept: it needs the consent of everybody, also of those who have taken it back. */
  #videoPlan({ setup, withdrawn }: Sitting): VideoPlan | null {
    const { participants } = setup;
    const hasWithdrawn = [...withdrawn.values()].some((scopes) => scopes.has('video'));
    if (setup.setup.keeps !== 'video' || hasWithdrawn || !participants.every(agreesToVideo)) return null;
    const agreed = new Set(participants.map(({ code }) => code));
    return { agreed, begin: () => SessionVideoWriter.begin(this.#store, this.#sessionId ?? '') };
  }

  showScores(shown: boolean): void {
    this.#open().live.showScores(shown);
  }

  mark({ unixMs, label }: Input<'live.mark'>): Marker {
    const marker = this.#open().live.mark(unixMs, label);
    if (marker) return marker;
    throw new MienError('usage', 'Nothing is being recorded.', 'Start the recording, then mark.');
  }

  /**
   * From the next frame on nothing is done that rests on what is taken back. Where no recording is there to take note of it, or it
   * ends meanwhile, the session that has ended last does. Throws what the store says; everything that can be done is done then.
   */
  async withdraw({ participant, scope }: LiveWithdrawal): Promise<void> {
    const { live, withdrawn, ...sitting } = this.#open();
    checkAsked(sitting, participant);
    const { recording } = live;
    const ended = recording ? null : this.#sessionId;
    withdrawn.set(participant, new Set([...(withdrawn.get(participant) ?? []), ...scopesIn(scope)]));
    await live.withdraw(participant, scope);
    if (recording && live.recording === recording) return;
    await this.#ending;
    if (ended !== null) await this.#withdrawFrom(ended, participant, scopesIn(scope));
    else if (recording && this.#sessionId !== null && !live.recording) {
      const { withdrawals } = this.#store.session(this.#sessionId);
      const isNoted = (own: Scope): boolean =>
        withdrawals.some((one) => one.participant === participant && one.scope === own);
      const missed = scopesIn(scope).filter((own) => !isNoted(own));
      await this.#withdrawFrom(this.#sessionId, participant, missed);
    }
  }

  /** A video that cannot be removed now must not keep the other scopes. */
  async #withdrawFrom(id: string, participant: string, scopes: readonly Scope[]): Promise<void> {
    const faults: Error[] = [];
    for (const scope of scopes)
      await this.#store.withdraw(participant, scope, [id]).catch((error: unknown) => faults.push(asError(error)));
    if (faults.length > 0) throw faults[0];
  }

  status(): LiveStatus {
    const sitting = this.#sitting;
    const recording = sitting?.live.recording ?? null;
    const { framesPerSecond, underWay } = sitting?.live.counts ?? { framesPerSecond: 0, underWay: 0 };
    const { frames, dropped, seconds } = recording?.counts ?? { frames: 0, dropped: 0, seconds: 0 };
    const error = this.#error && reportOf(this.#error);
    return {
      stage: this.#stage(),
      setup: sitting?.setup ?? null,
      identification: sitting?.identification ?? false,
      camera: this.#camera?.facts ?? null,
      isCameraOn: sitting?.live.isCameraOn ?? false,
      areScoresShown: sitting?.live.areScoresShown ?? false,
      withdrawn: [...(sitting?.withdrawn ?? [])].map(([participant, scopes]) => ({ participant, scopes: [...scopes] })),
      ...{ framesPerSecond, underWay, frames, dropped, seconds },
      video: recording?.video ?? 'none',
      markers: [...(recording?.markers ?? [])],
      sessionId: this.#isEnding ? null : this.#sessionId,
      error: error && { message: error.message, remedy: error.remedy },
    };
  }

  #stage(): LiveStatus['stage'] {
    if (!this.#sitting) return 'closed';
    const { recording } = this.#sitting.live;
    if (!recording) return this.#error ? 'failed' : 'looking';
    return recording.isPaused ? 'paused' : 'recording';
  }

  #open(): Sitting {
    if (this.#sitting) return this.#sitting;
    throw new MienError('usage', 'No recording is set up.', 'Set one up first.');
  }

  #checkOver(): void {
    if (this.#isOver) throw new MienError('interrupted', 'The program is ending.', 'Start it again.');
  }

  #isHolder(ticket: number): boolean {
    return this.#camera?.ticket === ticket;
  }

  async #start(setup: LiveSetup): Promise<Sitting> {
    const consent = { kind: 'file', form: setup.form, participants: setup.participants } as const;
    const identification = mayIdentify(consent);
    const registry = await this.#openRegistry();
    const profile = await registry.profile(setup.profile ?? DEFAULT_PROFILE);
    const analyzer = await this.#startAnalyzer(registry, { profile, consent, identification });
    const live = new Live(analyzer, profile, this.#clock);
    const timer = setInterval(() => this.#tick(live), TICK_MS);
    return { live, setup, consent, identification, profile, registry, timer, withdrawn: new Map() };
  }

  #tick(live: Live): void {
    live.tick();
    if (live.recording?.fault) this.#finish('interrupted').catch(() => undefined); // #error keeps it
  }

  async #begin(sitting: Sitting, lock: SessionLock, firstFrameUnixMs: number): Promise<SessionWriter> {
    const { setup, identification, profile, registry } = sitting;
    const { camera: facts } = lock.settings;
    const consent = consentNow(sitting);
    const taken = new Set(this.#store.sessions().map(({ code }) => code));
    const sha256 = randomBytes(32).toString('hex');
    const id = this.#store.nextId(sha256, { profile, consent, identification });
    const writer = await this.#store.begin({
      id,
      code: freeCode(setup.name, (code) => taken.has(code)),
      source: {
        kind: 'camera',
        name: facts.label || 'camera',
        sha256,
        width: facts.width,
        height: facts.height,
        expectedFrames: null,
        durationMs: null,
        details: { nominal_rate_hz: facts.nominalRate },
      },
      profile,
      models: modelsOf(profile).map((model) => registry.record(model)),
      consent,
      identification,
      programVersion: PROGRAM_VERSION,
      firstFrameUnixMs,
      setup: setup.setup,
      lock,
    });
    this.#sessionId = id;
    return writer;
  }

  /** Ends the recording behind the end of the one before; whoever asks meanwhile waits for it. Returns the session's id. */
  #finish(state: 'complete' | 'interrupted'): Promise<string | null> {
    const finished = this.#ending.then(async () => {
      this.#isEnding = true;
      try {
        await this.#sitting?.live.stop(state);
        return this.#sessionId;
      } catch (error) {
        this.#error = asError(error);
        throw error;
      } finally {
        this.#isEnding = false;
      }
    });
    this.#ending = finished.catch(() => undefined); // whoever asked is told
    return finished;
  }
}

function checkAsked({ setup }: Pick<Sitting, 'setup'>, participant: string): void {
  if (setup.participants.some(({ code }) => code === participant)) return;
  throw new MienError('usage', `Nobody here is called "${participant}".`, 'Choose one of those who were asked.');
}

/** What was taken back before the session began is not agreed to in it. */
function consentNow({ consent, withdrawn }: Sitting): Consent {
  const participants = consent.participants.map((one) => ({
    ...one,
    scopes: one.scopes.filter((scope) => !withdrawn.get(one.code)?.has(scope)),
  }));
  return { ...consent, participants };
}

function messageOf(face: LiveFace): LiveFaceMessage {
  const { track, box, landmarks, participant, overallQuality, quality, missingReason, scores, confirmed, isHeld } =
    face;
  const { interocularPx, brightness, sharpness, pose } = quality;
  const measured = { interocularPx, brightness, sharpness, ...pose, quality: overallQuality };
  return { track, box, landmarks, participant, ...measured, missingReason, scores, confirmed, isHeld };
}
