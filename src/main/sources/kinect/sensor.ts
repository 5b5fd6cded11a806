// What happens in the process of the sensor: pictures are taken from the driver, paired, and sent when they are asked for. At most four
// buffers of each stream are in use: one that the driver fills, one that waits for its pair, one that waits to be asked for, one on its way.
import { MienError, reportOf } from '../../contract/errors.ts';
import {
  COLOR,
  DEPTH,
  DEPTH_RAW_11,
  DEPTH_REGISTERED,
  RING,
  type CaptureSettings,
  type KinectDriver,
  type KinectV1,
  type StreamNumber,
} from '../../../native/index.ts';
import { failureOf } from './failures.ts';
import { encodeHead, machineMs } from './frame-pipe.ts';
import { V1_COLOR_BYTES, V1_DEPTH_BYTES } from './geometry.ts';
import type { SensorReply, SensorSettings } from './messages.ts';
import { Pairing, type StreamName } from './pairing.ts';

const NUMBERS: Readonly<Record<StreamName, StreamNumber>> = { color: COLOR, depth: DEPTH };

/** Filled buffers of a stream that may wait in the driver: JavaScript may be late by two pictures before one is lost. */
const MOST_WAITING = 2;

export type ReadyDriver = Extract<KinectDriver, { readonly state: 'ready' }>;

/** What the sensor does in its process. */
export interface SensorHost {
  readonly reply: (reply: SensorReply) => void;
  /** Sends bytes behind one another; resolves when they may be overwritten. */
  readonly send: (parts: readonly Uint8Array[]) => Promise<void>;
  /** The device is let go of. */
  readonly ended: () => void;
}

interface Held {
  readonly slot: number;
  readonly deviceTime: number;
  readonly hostMs: number;
  /** From the driver's callback to here, in milliseconds. */
  readonly callbackMs: number;
}

interface Pair {
  readonly color: Held;
  readonly depth: Held;
}

export class Sensor {
  readonly #host: SensorHost;
  readonly #checkRecording: () => Promise<void>;
  readonly #ready: ReadyDriver;
  readonly #device: KinectV1;
  readonly #pairing = new Pairing<Held>();
  readonly #buffers: Readonly<Record<StreamName, readonly Uint8Array[]>>;
  readonly #dropped = { color: 0, depth: 0 };
  /** The newest pair that nobody has asked for. */
  #newest: Pair | null = null;
  /** Buffers of both streams that are in our hands. */
  #held = 0;
  #serial: string | null = null;
  #isWanted = false;
  #isSending = false;
  #isOpened = false;
  #hasStarted = false;
  #isStopping = false;
  #hasEnded = false;

  /** `checkRecording` rejects with what is wrong with the recording that a fake library plays. */
  constructor(ready: ReadyDriver, host: SensorHost, checkRecording: () => Promise<void>) {
    this.#checkRecording = checkRecording;
    this.#ready = ready;
    this.#device = ready.driver;
    this.#host = host;
    const ring = (bytes: number): Uint8Array[] => Array.from({ length: RING }, () => new Uint8Array(bytes));
    this.#buffers = { color: ring(V1_COLOR_BYTES), depth: ring(V1_DEPTH_BYTES) };
  }

  /** Opens the device; what becomes of it is told by replies. Throws what is wrong before the driver is asked. */
  async open({ index, wantsRaw }: SensorSettings): Promise<void> {
    // A fake library ends the process when its recording is not as it likes it.
    if (this.#ready.isFake) await this.#checkRecording();
    if (this.#isStopping) {
      this.#end();
      return;
    }
    this.#host.reply({ kind: 'opening' });
    if (!this.#ready.isFake) this.#serial = this.#device.devices()[index] || null;
    const canRegister = this.#device.extras.includes('copy_registration') && !this.#ready.isFake;
    const settings: CaptureSettings = {
      index,
      depthFormats: canRegister && !wantsRaw ? [DEPTH_REGISTERED, DEPTH_RAW_11] : [DEPTH_RAW_11],
      color: { limit: MOST_WAITING, buffers: this.#buffers.color },
      depth: { limit: MOST_WAITING, buffers: this.#buffers.depth },
    };
    this.#device.start(settings, () => this.#look());
    this.#hasStarted = true;
  }

  want(): void {
    this.#isWanted = true;
    this.#send();
  }

  /** Lets go of the device, at any moment; the host hears when that is done. */
  stop(): void {
    this.#isStopping = true;
    if (this.#hasStarted) this.#device.stop(); // and #look hears of it
  }

  /** There is something new at the driver. */
  #look(): void {
    const { phase, step, code, depthFormat } = this.#device.status();
    // The addon calls a capture that has just failed "running" until its buffers are let go of.
    const hasRun = (phase === 'running' && step === '') || step === 'freenect_process_events';
    if (hasRun && !this.#isOpened) {
      this.#isOpened = true;
      const { library, isFake } = this.#ready;
      const depthKind = depthFormat === DEPTH_REGISTERED ? 'registered' : 'raw-11';
      this.#host.reply({ kind: 'opened', facts: { serial: this.#serial, library, isFake, depthKind } });
    }
    this.#takeAll();
    if (phase !== 'ended') return;
    if (!this.#isStopping) {
      if (this.#ready.isFake && step === 'freenect_process_events') {
        const taken = this.#device.counts(COLOR).taken + this.#device.counts(DEPTH).taken;
        this.#host.reply({ kind: 'finished', lostBuffers: taken - this.#held });
      } else {
        this.#host.reply({ kind: 'failed', error: reportOf(failureOf({ step, code })) });
      }
    }
    this.#end();
  }

  #takeAll(): void {
    const taken = (['color', 'depth'] as const).flatMap((stream) => this.#takeStream(stream));
    taken.sort((p, q) => p.held.hostMs - q.held.hostMs);
    for (const { stream, held } of taken) {
      const { pair, left } = this.#pairing.add(stream, held);
      for (const { stream: of, item } of left) this.#drop(of, item);
      if (!pair) continue;
      if (this.#newest) this.#dropPair(this.#newest);
      this.#newest = pair;
      this.#send();
    }
  }

  #takeStream(stream: StreamName): { stream: StreamName; held: Held }[] {
    const taken: { stream: StreamName; held: Held }[] = [];
    for (let next = this.#device.take(NUMBERS[stream]); next; next = this.#device.take(NUMBERS[stream])) {
      const { slot, deviceTime, ageMs } = next;
      taken.push({ stream, held: { slot, deviceTime, hostMs: machineMs() - ageMs, callbackMs: ageMs } });
      this.#held++;
    }
    return taken;
  }

  #giveBack(stream: StreamName, { slot }: Held): void {
    this.#held--;
    this.#device.giveBack(NUMBERS[stream], slot);
  }

  #send(): void {
    const pair = this.#newest;
    if (!pair || !this.#isWanted || this.#isSending) return;
    this.#newest = null;
    this.#isWanted = false;
    this.#isSending = true;
    const { color, depth } = pair;
    const head = encodeHead({
      colorDeviceTime: color.deviceTime,
      colorMs: color.hostMs,
      depthDeviceTime: depth.deviceTime,
      depthMs: depth.hostMs,
      colorDropped: this.#dropped.color + this.#device.counts(COLOR).dropped,
      depthDropped: this.#dropped.depth + this.#device.counts(DEPTH).dropped,
      callbackMs: Math.max(color.callbackMs, depth.callbackMs),
    });
    const parts = [head, this.#buffers.color[color.slot], this.#buffers.depth[depth.slot]];
    void this.#host.send(parts).then(() => {
      this.#giveBack('color', color);
      this.#giveBack('depth', depth);
      this.#isSending = false;
      this.#send();
    });
  }

  #dropPair({ color, depth }: Pair): void {
    this.#drop('color', color);
    this.#drop('depth', depth);
  }

  #drop(stream: StreamName, picture: Held): void {
    this.#dropped[stream]++;
    this.#giveBack(stream, picture);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#host.ended();
  }
}

/** Says why there is no driver, as an error of whoever wants to use one. */
export function needDriver(driver: KinectDriver): ReadyDriver {
  if (driver.state === 'ready') return driver;
  throw new MienError('device_missing', driver.words, driver.remedy);
}
