// Where recordings are made: one at a time, with one camera, for however many windows look on. It belongs to the program, not to a
// window: a window that is closed or loaded again leaves a gap in the frames and nothing else.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraFacts, CameraFrameMessage, LiveFaceMessage, LiveSetup, LiveStatus } from '../../contract/live.ts';
import type { Input } from '../../contract/api.ts';
import type { Consent } from '../../contract/consent.ts';
import { MienError, asError, reportOf } from '../../contract/errors.ts';
import { modelsOf, type Profile } from '../../core/profile.ts';
import type { Marker } from '../../core/record.ts';
import { Live, type LiveFace } from '../../engine/live.ts';
import type { Analyzer, Clock, SessionWriter } from '../../engine/ports.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { mayIdentify, startAnalyzer, type RecordingSettings } from '../analysis.ts';
import { freeCode } from '../codes.ts';
import { PROGRAM_VERSION, systemClock } from '../compose.ts';

/** Another window may take the camera of one that has been silent for so long. */
const SILENT_MS = 1000;
const TICK_MS = 250;

/** Starts the networks of a set-up. */
type Start = (
  registry: ModelRegistry,
  settings: Pick<RecordingSettings, 'profile' | 'consent' | 'identification'>,
) => Promise<Analyzer>;

const startWorkers: Start = (registry, settings) => startAnalyzer(registry, settings, 'camera');

/** What is set up. */
interface Sitting {
  readonly live: Live;
  readonly setup: LiveSetup;
  readonly consent: Consent & { readonly kind: 'file' };
  readonly identification: boolean;
  readonly profile: Profile;
  readonly registry: ModelRegistry;
  readonly timer: NodeJS.Timeout;
  /** Codes of the participants who have taken consent back. */
  readonly withdrawn: Set<string>;
}

/** A window that has the camera. */
interface Holder {
  readonly ticket: number;
  readonly facts: CameraFacts;
  readonly signal: { readonly aborted: boolean };
}

export class LiveDesk {
  readonly #store: RecordingStore;
  readonly #openRegistry: () => Promise<ModelRegistry>;
  readonly #startAnalyzer: Start;
  readonly #clock: Clock;
  #opening: Promise<Sitting> | null = null;
  #sitting: Sitting | null = null;
  #camera: Holder | null = null;
  #tickets = 0;
  #sessionId: string | null = null;
  #error: Error | null = null;
  /** The end of the recording before. */
  #ending: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(
    store: RecordingStore,
    openRegistry: () => Promise<ModelRegistry>,
    start: Start = startWorkers,
    clock: Clock = systemClock,
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
    if (this.#camera && !this.#camera.signal.aborted && live.silentMs < SILENT_MS) {
      const remedy = 'Record in that window, or close it and try again.';
      throw new MienError('device_busy', 'Another window has the camera already.', remedy);
    }
    const ticket = ++this.#tickets;
    this.#camera = { ticket, facts, signal };
    tell(ticket);
    while (!signal.aborted && this.#isHolder(ticket)) await sleep(TICK_MS);
    if (this.#isHolder(ticket)) this.#camera = null;
  }

  async frame(message: CameraFrameMessage): Promise<LiveFaceMessage[]> {
    const { live } = this.#open();
    if (!this.#isHolder(message.ticket))
      throw new MienError('device_busy', 'Another window has taken the camera.', 'Record in that window.');
    const { faces } = await live.frame(message);
    return faces.map(messageOf);
  }

  async assign({ track, participant }: Input<'live.assign'>): Promise<void> {
    const sitting = this.#open();
    if (participant !== null) checkAsked(sitting, participant);
    await sitting.live.assign(track, participant);
  }

  /** Begins, interrupts or ends the recording. Returns the session's id, if there is one. */
  async control(action: Input<'live.control'>['action']): Promise<string | null> {
    const { live } = this.#open();
    if (action === 'stop') return this.#finish('complete');
    if (action === 'record') await this.#record();
    else live.recording?.[action]();
    return this.#sessionId;
  }

  async #record(): Promise<void> {
    await this.#ending;
    this.#checkOver();
    const sitting = this.#open();
    if (sitting.live.recording) return; // asked twice: there is one recording
    this.#error = null;
    this.#sessionId = null;
    sitting.live.record((firstFrameUnixMs) => this.#begin(sitting, firstFrameUnixMs));
  }

  showScores(shown: boolean): void {
    this.#open().live.showScores(shown);
  }

  mark({ unixMs, label }: Input<'live.mark'>): Marker {
    const marker = this.#open().live.mark(unixMs, label);
    if (marker) return marker;
    throw new MienError('usage', 'Nothing is being recorded.', 'Start the recording, then mark.');
  }

  async withdraw(participant: string): Promise<void> {
    const sitting = this.#open();
    checkAsked(sitting, participant);
    sitting.withdrawn.add(participant);
    await sitting.live.withdraw(participant);
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
      isCameraOn: (sitting?.live.silentMs ?? Infinity) < SILENT_MS,
      areScoresShown: sitting?.live.areScoresShown ?? false,
      ...{ framesPerSecond, underWay, frames, dropped, seconds },
      markers: [...(recording?.markers ?? [])],
      sessionId: this.#sessionId,
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
    const profile = await registry.profile('mien');
    const analyzer = await this.#startAnalyzer(registry, { profile, consent, identification });
    const live = new Live(analyzer, profile, this.#clock);
    const timer = setInterval(() => this.#tick(live), TICK_MS);
    return { live, setup, consent, identification, profile, registry, timer, withdrawn: new Set() };
  }

  #tick(live: Live): void {
    live.tick();
    if (live.recording?.fault) this.#finish('interrupted').catch(() => undefined); // #error keeps it
  }

  async #begin(sitting: Sitting, firstFrameUnixMs: number): Promise<SessionWriter> {
    const { setup, identification, profile, registry } = sitting;
    const consent = consentNow(sitting);
    const facts = this.#camera?.facts ?? { label: '', width: 0, height: 0, nominalRate: null };
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
    });
    this.#sessionId = id;
    return writer;
  }

  /** Ends the recording behind the end of the one before; whoever asks meanwhile waits for it. Returns the session's id. */
  #finish(state: 'complete' | 'interrupted'): Promise<string | null> {
    const finished = this.#ending.then(async () => {
      try {
        await this.#sitting?.live.stop(state);
        return this.#sessionId;
      } catch (error) {
        this.#error = asError(error);
        throw error;
      }
    });
    this.#ending = finished.catch(() => undefined); // whoever asked is told
    return finished;
  }
}

function checkAsked({ setup }: Sitting, participant: string): void {
  if (setup.participants.some(({ code }) => code === participant)) return;
  throw new MienError('usage', `Nobody here is called "${participant}".`, 'Choose one of those who were asked.');
}

/** Who has taken consent back before the session began has agreed to nothing in it. */
function consentNow({ consent, withdrawn }: Sitting): Consent {
  const participants = consent.participants.map((one) => (withdrawn.has(one.code) ? { ...one, scopes: [] } : one));
  return { ...consent, participants };
}

function messageOf(face: LiveFace): LiveFaceMessage {
  const { track, box, landmarks, participant, overallQuality, quality, missingReason, scores, confirmed } = face;
  const { interocularPx, brightness, sharpness, pose } = quality;
  const measured = { interocularPx, brightness, sharpness, ...pose, quality: overallQuality };
  return { track, box, landmarks, participant, ...measured, missingReason, scores, confirmed };
}
