// The measurement of a camera's latency: the camera, the flashes, and what comes of both.
import type { ErrorReport } from '../../main/contract/errors.ts';
import { LEAST_FLASHES, type CameraLatency } from '../../main/contract/latency.ts';
import { RESOLUTIONS, cameraError } from '../capture/camera.svelte.ts';
import { flash } from '../capture/flashes.ts';
import { summarise, type LumaSample } from '../capture/latency.ts';
import { framesOf } from '../capture/track-frames.ts';
import type { Program } from '../connection/program.svelte.ts';
import { LATENCY_WORDS } from '../ui/latency-words.ts';

const FLASHES = 10;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nextFrame = (): Promise<number> =>
  new Promise((resolve) => requestAnimationFrame((atMs) => resolve(performance.timeOrigin + atMs)));

export class LatencyState {
  readonly #program: Program;
  #stage = $state<'off' | 'settling' | 'ready' | 'flashing'>('off');
  #stream = $state.raw<MediaStream | null>(null);
  #devices = $state.raw<readonly MediaDeviceInfo[]>([]);
  #result = $state.raw<CameraLatency | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #isWhite = $state(false);
  #worker: Worker | null = null;
  #samples: LumaSample[] = [];
  /** Empty for whichever camera the browser prefers. */
  deviceId = $state('');

  constructor(program: Program) {
    this.#program = program;
  }

  get stage(): 'off' | 'settling' | 'ready' | 'flashing' {
    return this.#stage;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  get devices(): readonly MediaDeviceInfo[] {
    return this.#devices;
  }

  /** Null before there is one, and where too few flashes were seen. */
  get result(): CameraLatency | null {
    return this.#result;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Whether the screen is to be white, while it flashes. */
  get isWhite(): boolean {
    return this.#isWhite;
  }

  /** Opens the chosen camera. */
  async open(): Promise<void> {
    this.close();
    const device = this.deviceId ? { deviceId: { exact: this.deviceId } } : {};
    const [{ width, height }] = RESOLUTIONS;
    const video = { ...device, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      const [track] = stream.getVideoTracks();
      this.deviceId = track.getSettings().deviceId ?? '';
      this.#stream = stream;
      this.#stage = 'settling';
      this.#read(track);
      this.#devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    } catch (error) {
      this.close();
      this.#error = cameraError(error);
    }
  }

  /** Shows the flashes and tells what the camera has seen of them. */
  async measure(): Promise<void> {
    const label = this.#stream?.getVideoTracks()[0]?.label ?? '';
    [this.#error, this.#result, this.#samples] = [null, null, []];
    this.#stage = 'flashing';
    const paint = (isWhite: boolean): void => void (this.#isWhite = isWhite);
    const flashes = await flash({ paint, nextFrame, wait, random: Math.random }, FLASHES);
    if (this.#stage !== 'flashing') return; // closed meanwhile
    this.#stage = 'ready';
    const latency = summarise(label.slice(0, 200), this.#samples, flashes);
    if (latency.found < LEAST_FLASHES) {
      const { unseen: message, unseenRemedy: remedy } = LATENCY_WORDS;
      this.#error = { code: 'device_missing', message, remedy };
      return;
    }
    this.#result = latency;
    await this.#program.call('latency.tell', latency).result.catch(() => undefined); // it is shown here, whoever hears it
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    [this.#stream, this.#error, this.#stage] = [null, null, 'off'];
  }

  #read(track: MediaStreamTrack): void {
    const worker = new Worker(new URL('../capture/luma-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<LumaSample>) => {
      if (this.#stage === 'settling') this.#stage = 'ready';
      if (this.#stage === 'flashing') this.#samples.push(data);
    };
    this.#worker = worker;
    const frames = framesOf(track);
    worker.postMessage(frames, [frames]);
  }
}
