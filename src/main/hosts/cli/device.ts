// A device while it is recorded: how it is opened and ended, what is kept of its pictures, and what is said meanwhile.
import type { FaceRecord } from '../../core/record.ts';
import type { RecordProgress } from '../../engine/record.ts';
import { DepthFrames } from '../../sources/depth-frames.ts';
import type { DepthSource } from '../../sources/depth-source.ts';
import { forkSensor } from '../../sources/kinect/forked-sensor.ts';
import { KeptSource, type KeptFrames } from '../../sources/kinect/kept-source.ts';
import type { SensorTrouble } from '../../sources/kinect/kinect-v1.ts';
import { openDepthSource } from '../../sources/kinect/open.ts';
import { systemClock } from '../compose.ts';
import { LiveLine } from './live-line.ts';
import { note } from './terminal.ts';

export interface DeviceOptions {
  /** As {@link openDepthSource} takes it. */
  readonly source: string;
  /** Ends it after so many seconds from the first frame on. */
  readonly seconds: number | null;
  /** Folder for a recording of the pictures as they are. */
  readonly raw: string | null;
  /** Ends it at any moment. */
  readonly stop: AbortSignal;
}

export class RecordedDevice {
  readonly #options: DeviceOptions;
  #frames: DepthFrames | null = null;
  #raw: KeptSource | null = null;
  #line: LiveLine | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** What has become of the pictures; null where none were to be kept. */
  get kept(): KeptFrames | null {
    return this.#raw?.kept ?? null;
  }

  /** Throws what {@link openDepthSource} and {@link KeptSource.create} throw. */
  async open(): Promise<DepthFrames> {
    const { source, raw, stop } = this.#options;
    const device = await openDepthSource({
      ...{ source, clock: systemClock, launch: () => forkSensor(), pace: 'as-recorded', wantsRaw: raw !== null },
      onTrouble: (trouble) => this.#say(troubleWords(trouble)),
    });
    const frames = DepthFrames.live(raw === null ? device : await this.#keep(device, raw), systemClock);
    this.#frames = frames;
    this.#line = new LiveLine(frames.info.name, () => systemClock.monotonicMs());
    stop.addEventListener('abort', () => this.#end());
    if (stop.aborted) this.#end();
    return frames;
  }

  /** The first frame is there, and its session is stored: now pictures may be kept. */
  begin(): void {
    this.#raw?.allow();
    const { seconds } = this.#options;
    if (seconds !== null) this.#timer = setTimeout(() => this.#end(), 1000 * seconds);
  }

  noteProgress(progress: RecordProgress, faces: readonly FaceRecord[]): void {
    this.#line?.update(progress, faces);
  }

  /** To be called behind everything; it may be said again. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#line?.stop();
    this.#line = null;
  }

  async #keep(device: DepthSource, folder: string): Promise<KeptSource> {
    try {
      const onEnd = (words: string): void => {
        this.#frames?.problems.push(words);
        this.#say(`${words} The session goes on.`);
      };
      this.#raw = await KeptSource.create(device, { folder, clock: systemClock, onEnd });
      return this.#raw;
    } catch (error) {
      await device.close();
      throw error;
    }
  }

  #end(): void {
    this.#frames?.close().catch(() => undefined); // whoever records it closes it, too, and is told
  }

  #say(words: string): void {
    if (this.#line) this.#line.note(words);
    else note(words);
  }
}

function troubleWords({ error, retryInMs }: SensorTrouble): string {
  if (retryInMs === null) return `${error.message} It is given up.`;
  return `${error.message} It is looked for again in ${retryInMs / 1000} s.`;
}
