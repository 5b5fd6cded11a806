// The camera of this window: chosen, opened, taken to the program, and opened again when it was unplugged and comes back.
import { reportOf, MienError, type ErrorReport } from '../../main/contract/errors.ts';
import type { LiveFaceMessage } from '../../main/contract/live.ts';
import type { NewWire, WireEnd } from '../connection/wire.ts';
import { hostWordsOf } from '../ui/host-words.ts';
import type { CameraNews, CameraStart } from './messages.ts';
import { filmStream } from './sample-camera.ts';
import { framesOf } from './track-frames.ts';

export type CameraState = 'off' | 'opening' | 'settling' | 'on' | 'gone';

/** Sizes to ask a camera for; it gives the nearest that it has. */
export const RESOLUTIONS = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
] as const;

const RETRY_MS = 1000;
/** The film that stands in for a camera, among the devices. */
const SAMPLE = 'sample film';

export interface CameraReport {
  readonly faces: readonly LiveFaceMessage[];
  readonly unixMs: number;
  readonly width: number;
  readonly height: number;
}

export class Camera {
  readonly #newWire: NewWire;
  #state = $state<CameraState>('off');
  #devices = $state.raw<readonly { readonly id: string; readonly label: string }[]>([]);
  #stream = $state.raw<MediaStream | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #report = $state.raw<CameraReport | null>(null);
  #dropped = $state(0);
  #worker: Worker | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  /** Counts openings: what an earlier one still does is of no interest. */
  #opening = 0;
  /** Empty for whichever camera the browser prefers. */
  deviceId = $state('');
  resolution = $state(0);

  readonly #sample: string | null;

  /** `newWire` gives the wire for the frames, `sample` is the address of a film in place of a camera, if there is one. */
  constructor(newWire: NewWire, sample: string | null) {
    this.#newWire = newWire;
    this.#sample = sample;
    if (sample) this.deviceId = SAMPLE;
  }

  get state(): CameraState {
    return this.#state;
  }

  get devices(): readonly { readonly id: string; readonly label: string }[] {
    return this.#devices;
  }

  /** The picture, to be shown. */
  get stream(): MediaStream | null {
    return this.#stream;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** What the program said of the last frame. */
  get report(): CameraReport | null {
    return this.#report;
  }

  /** Frames that were dropped since the camera was opened. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Opens the chosen camera, or opens it anew with another size. */
  async open(): Promise<void> {
    this.close();
    const opening = ++this.#opening;
    this.#state = 'opening';
    try {
      const stream = await this.#ask();
      const wire = await this.#wireFor(stream);
      if (opening !== this.#opening) {
        stop(stream);
        if (typeof wire !== 'string') wire.close();
        return;
      }
      this.#error = null;
      this.#use(stream, wire, opening);
      await this.#list();
    } catch (error) {
      if (opening === this.#opening) this.#lose(cameraError(error), !isRefusal(error));
    }
  }

  close(): void {
    this.#opening++;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#stream) stop(this.#stream);
    this.#worker?.terminate();
    this.#worker = null;
    this.#stream = null;
    this.#report = null;
    this.#state = 'off';
  }

  #ask(): Promise<MediaStream> {
    if (this.#sample && this.deviceId === SAMPLE) return filmStream(this.#sample);
    const { width, height } = RESOLUTIONS[this.resolution];
    const device = this.deviceId ? { deviceId: { exact: this.deviceId } } : {};
    const video = { ...device, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } };
    return navigator.mediaDevices.getUserMedia({ video, audio: false });
  }

  /** A wire for a stream, which is stopped when there is none. */
  async #wireFor(stream: MediaStream): Promise<WireEnd> {
    try {
      return await this.#newWire();
    } catch (cause) {
      stop(stream);
      throw new MienError('interrupted', 'The program behind the window is gone.', 'It is being looked for.', {
        cause,
      });
    }
  }

  async #list(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    this.#devices = devices
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }, i) => ({ id: deviceId, label: label || `Camera ${i + 1}` }));
    if (this.#sample) this.#devices = [{ id: SAMPLE, label: SAMPLE }, ...this.#devices];
  }

  #use(stream: MediaStream, wire: WireEnd, opening: number): void {
    const [track] = stream.getVideoTracks();
    const { width = 640, height = 480, frameRate, deviceId } = track.getSettings();
    if (this.deviceId !== SAMPLE) this.deviceId = deviceId ?? '';
    this.#stream = stream;
    this.#dropped = 0;
    this.#state = 'settling';
    const isCurrent = (): boolean => opening === this.#opening;
    track.onended = () => {
      if (isCurrent()) this.#lose(gone(), true);
    };
    const worker = new Worker(new URL('./camera-worker.ts', import.meta.url), { type: 'module' });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<CameraNews>) => {
      if (isCurrent()) this.#hear(data);
    };
    const frames = framesOf(track);
    const camera = {
      label: (this.deviceId === SAMPLE ? SAMPLE : track.label).slice(0, 200),
      width,
      height,
      nominalRate: frameRate ?? null,
    };
    const start: CameraStart = { frames, wire, camera };
    const handedOver = typeof wire === 'string' ? [frames] : [frames, wire];
    worker.postMessage(start, handedOver as Transferable[]);
  }

  #hear(news: CameraNews): void {
    if (news.kind === 'settled') {
      this.#state = 'on';
    } else if (news.kind === 'report') {
      this.#report = news;
      this.#dropped = news.dropped;
    } else {
      const error = news.kind === 'fault' ? news.error : gone();
      this.#lose(error, error.code !== 'device_busy');
    }
  }

  /** The camera is not there any more, or not yet. Where that may change by itself, it is tried again until it is there. */
  #lose(error: ErrorReport, again: boolean): void {
    this.close();
    this.#state = 'gone';
    this.#error = error;
    if (again) this.#retry = setTimeout(() => void this.open(), RETRY_MS);
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

const gone = (): ErrorReport =>
  reportOf(
    new MienError('device_missing', 'The camera is gone.', 'Plug it in again; it is used as soon as it is back.'),
  );

/** Whether somebody has said no: asking again at once would be answered in the same way. */
const isRefusal = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotAllowedError';

/** What a browser's refusal means for the user. */
export function cameraError(error: unknown): ErrorReport {
  const name = error instanceof DOMException ? error.name : '';
  const said: Record<string, readonly [string, string]> = {
    NotAllowedError: ['The camera may not be used.', hostWordsOf(window).allowCamera],
    NotFoundError: ['No camera was found.', 'Plug one in; it is used as soon as it is there.'],
    OverconstrainedError: ['The chosen camera is not there.', 'Plug it in again, or choose another one.'],
    NotReadableError: ['The camera cannot be read.', 'Close other programs that use it.'],
  };
  if (!(name in said)) return reportOf(error);
  const [message, remedy] = said[name];
  return reportOf(new MienError('device_missing', message, remedy));
}
