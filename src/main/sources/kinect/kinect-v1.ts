// A Kinect v1 as the rest of Mien sees it. Its driver runs in a process of its own: one that crashes, hangs or loses the device is
// started again, and whoever waits for a frame goes on waiting; only when it does not come back there is an error.
import { errorOf, reportOf, type MienError } from '../../contract/errors.ts';
import type { Clock } from '../../engine/ports.ts';
import type { DepthFrame, DepthPicture, DepthSource, DeviceFacts, PictureTime, StreamCounts } from '../depth-source.ts';
import { crashed, silent, unanswered } from './failures.ts';
import { machineMs, type PipedFrame } from './frame-pipe.ts';
import { V1_HEIGHT, V1_WIDTH, registeredMap } from './geometry.ts';
import type { SensorFacts, SensorReply, SensorSettings } from './messages.ts';
import type { LaunchSensor, SensorProcess } from './sensor-process.ts';

/** The device is gone, and what is done about it. */
export interface SensorTrouble {
  readonly error: MienError;
  /** Milliseconds until it is looked for again; null when that is given up. */
  readonly retryInMs: number | null;
}

export interface KinectV1Options extends SensorSettings {
  readonly clock: Clock;
  readonly launch: LaunchSensor;
  /** Is told whenever the device is lost. */
  readonly onTrouble?: (trouble: SensorTrouble) => void;
  /** Waits before each attempt to get a lost device back; behind the last one it is given up. */
  readonly retryMs?: readonly number[];
  /** How long the device may be silent while a frame is waited for. */
  readonly silentMs?: number;
}

/** About a minute: time to find the plug. */
const RETRY_MS = [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000];
const SILENT_MS = 5000;
/** A driver may have to send the device its program first. */
const OPEN_MS = 20_000;
/** How long a driver may take to let go of its device. */
const STOP_MS = 2000;

/** How a frame is handed over, or why there is none. */
interface Waiting {
  readonly resolve: (frame: DepthFrame | null) => void;
  readonly reject: (error: Error) => void;
}

const NONE: StreamCounts = { color: 0, depth: 0 };

export class KinectV1Source implements DepthSource {
  readonly #options: KinectV1Options;
  readonly #retryMs: readonly number[];
  /** Settled when the first process has opened the device or failed to. */
  readonly #opened: Promise<SensorFacts>;
  #settleOpened: { resolve: (facts: SensorFacts) => void; reject: (error: Error) => void } | null = null;
  #facts: SensorFacts | null = null;
  #process: SensorProcess | null = null;
  /** Whether that process has the device. */
  #isOpen = false;
  #waiting: Waiting | null = null;
  /** Ends what takes too long: opening, a frame, a pause before the next attempt. */
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #isAfterGap = false;
  #fault: Error | null = null;
  #isOver = false;
  #sequence = 0;
  /** Of processes that are gone, and of the one that is there. */
  #lost: StreamCounts = NONE;
  #dropped: StreamCounts = NONE;
  #closing: Promise<void> | null = null;
  #onGone: () => void = () => undefined;
  /** Ends the process that is there, because of this error. */
  #giveUp: (error: MienError) => void = () => undefined;
  /** From the driver's callback to JavaScript, in milliseconds, of the last frame. */
  #callbackMs = 0;

  private constructor(options: KinectV1Options) {
    this.#options = options;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    this.#opened = new Promise((resolve, reject) => (this.#settleOpened = { resolve, reject }));
  }

  /**
   * Opens a device. Throws device_missing where there is no driver or no Kinect, device_busy where somebody else uses it, and what
   * checkRecording throws where the driver is a fake one.
   */
  static async open(options: KinectV1Options): Promise<KinectV1Source> {
    const source = new KinectV1Source(options);
    source.#launch();
    source.#facts = await source.#opened;
    return source;
  }

  get facts(): DeviceFacts {
    const facts = this.#facts;
    if (!facts) throw new Error('not before the device is open');
    const { serial, library, depthKind } = facts;
    return { sensor: 'kinect-v1', name: 'Kinect v1', serial, driver: library, depthKind, isLive: true };
  }

  /** How long the last frame took from the driver's callback to JavaScript, in milliseconds. */
  get callbackMs(): number {
    return this.#callbackMs;
  }

  next(): Promise<DepthFrame | null> {
    if (this.#waiting) throw new Error('one call at a time');
    if (this.#fault) return Promise.reject(this.#fault);
    if (this.#isOver || this.#closing) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#ask();
    });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#settle((waiting) => waiting.resolve(null));
    const process = this.#process;
    if (!process) return;
    const gone = new Promise<void>((resolve) => (this.#onGone = resolve));
    process.send({ kind: 'stop' });
    this.#timer = setTimeout(() => process.kill(), STOP_MS);
    await gone;
    clearTimeout(this.#timer);
  }

  #launch(): void {
    const { launch, index, wantsRaw, libraries } = this.#options;
    let failure: MienError | null = null;
    let process: SensorProcess;
    try {
      process = launch();
    } catch (error) {
      this.#trouble(errorOf(reportOf(error)));
      return;
    }
    this.#process = process;
    const giveUp = (error: MienError): void => {
      failure ??= error;
      process.kill();
    };
    process.onReply((reply) => {
      if (reply.kind === 'failed') failure ??= errorOf(reply.error);
      else this.#hear(reply, giveUp);
    });
    process.onFrame((frame) => this.#deliver(frame));
    process.onExit((code) => {
      clearTimeout(this.#timer);
      this.#process = null;
      this.#isOpen = false;
      this.#onGone();
      if (this.#closing || this.#isOver) return;
      this.#lost = this.#dropped;
      this.#trouble(failure ?? crashed(code));
    });
    process.send({ kind: 'open', settings: { index, wantsRaw, ...(libraries && { libraries }) } });
  }

  #hear(reply: SensorReply, giveUp: (error: MienError) => void): void {
    if (this.#closing) return;
    if (reply.kind === 'opening') {
      this.#timer = setTimeout(() => giveUp(unanswered()), OPEN_MS);
    } else if (reply.kind === 'opened') {
      clearTimeout(this.#timer);
      this.#isOpen = true;
      this.#giveUp = giveUp;
      this.#isAfterGap = this.#facts !== null;
      this.#facts = reply.facts;
      this.#settleOpened?.resolve(reply.facts);
      this.#settleOpened = null;
      if (this.#waiting) this.#ask();
    } else if (reply.kind === 'finished') {
      this.#isOver = true;
      this.#settle((waiting) => waiting.resolve(null));
    }
  }

  /** Asks for a frame. A recording that a fake library plays may be silent as long as it likes. */
  #ask(): void {
    if (!this.#isOpen) return; // asked for when it is back
    this.#process?.send({ kind: 'want' });
    if (this.#facts?.isFake) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(silent()), this.#options.silentMs ?? SILENT_MS);
  }

  #deliver({ head, rgb, depth }: PipedFrame): void {
    const facts = this.#facts;
    if (!facts || !this.#waiting) return;
    clearTimeout(this.#timer);
    this.#attempts = 0;
    this.#callbackMs = head.callbackMs;
    this.#dropped = {
      color: this.#lost.color + head.colorDropped,
      depth: this.#lost.depth + head.depthDropped,
    };
    const offsetMs = this.#options.clock.monotonicMs() - machineMs();
    const depthTime = { deviceTime: head.depthDeviceTime, hostMs: head.depthMs + offsetMs };
    const size = { width: V1_WIDTH, height: V1_HEIGHT };
    const isAfterGap = this.#isAfterGap;
    this.#isAfterGap = false;
    const frame: DepthFrame = {
      sequence: this.#sequence++,
      color: { ...size, rgb, deviceTime: head.colorDeviceTime, hostMs: head.colorMs + offsetMs },
      depth: depthPicture(facts.depthKind, depth, depthTime),
      dropped: this.#dropped,
      isAfterGap,
    };
    this.#settle((waiting) => waiting.resolve(frame));
  }

  /** The device is gone: it is looked for again, unless it was never there. */
  #trouble(error: MienError): void {
    const opening = this.#settleOpened;
    if (opening) {
      this.#settleOpened = null;
      this.#isOver = true;
      opening.reject(error);
      return;
    }
    const retryInMs = this.#retryMs[this.#attempts++] ?? null;
    this.#options.onTrouble?.({ error, retryInMs });
    if (retryInMs === null) {
      this.#fault = error;
      this.#settle((waiting) => waiting.reject(error));
    } else {
      this.#timer = setTimeout(() => this.#launch(), retryInMs);
    }
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) how(waiting);
  }
}

function depthPicture(kind: DepthPicture['kind'], values: Uint16Array, time: PictureTime): DepthPicture {
  if (kind === 'registered') return { ...time, kind, map: registeredMap('kinect-v1', values) };
  return { ...time, kind, width: V1_WIDTH, height: V1_HEIGHT, disparity: values };
}
