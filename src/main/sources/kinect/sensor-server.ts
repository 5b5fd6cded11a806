// What the process of a sensor does with what it is asked, however it is connected to whoever asks.
import { reportOf } from '../../contract/errors.ts';
import { loadKinect } from '../../../native/index.ts';
import type { DriverReport, SensorRequest } from './messages.ts';
import { checkRecording } from './recording-format.ts';
import { Sensor, needDriver, type SensorHost } from './sensor.ts';

const ADDON = new URL('../../../native/kinect.node', import.meta.url);

export class SensorServer {
  readonly #host: SensorHost;
  #sensor: Sensor | null = null;

  constructor(host: SensorHost) {
    this.#host = host;
  }

  hear(request: SensorRequest): void {
    if (request.kind === 'want') this.#sensor?.want();
    else if (request.kind === 'stop') this.stop();
    else if (request.kind === 'list') void this.#attempt(() => this.#list(request.libraries));
    else void this.#attempt(() => this.#open(request));
  }

  /** Lets go of the device; the host hears when that is done. */
  stop(): void {
    if (this.#sensor) this.#sensor.stop();
    else this.#host.ended();
  }

  async #open({ settings }: Extract<SensorRequest, { kind: 'open' }>): Promise<void> {
    const driver = needDriver(loadKinect(ADDON, { libraries: settings.libraries }));
    this.#sensor = new Sensor(driver, this.#host, playedRecording);
    await this.#sensor.open(settings);
  }

  async #list(libraries: readonly string[] | undefined): Promise<void> {
    this.#host.reply({ kind: 'listed', report: await describeDriver(libraries) });
    this.#host.ended();
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#host.reply({ kind: 'failed', error: reportOf(error) });
      this.#host.ended();
    }
  }
}

/** A fake library plays the recording that the environment names. Throws what is wrong with it. */
async function playedRecording(): Promise<void> {
  await checkRecording(process.env.FAKENECT_PATH);
}

async function describeDriver(libraries: readonly string[] | undefined): Promise<DriverReport> {
  const found = loadKinect(ADDON, { libraries });
  if (found.state !== 'ready') return { ...found, devices: [] };
  if (found.isFake) await playedRecording();
  const recording = found.isFake ? ` plays the recording ${process.env.FAKENECT_PATH ?? ''}` : '';
  return { state: found.state, words: found.library + recording, remedy: null, devices: found.driver.devices() };
}
