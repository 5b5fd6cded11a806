// For "mien bench" only: how long every run of a network took, and the same runs once more with nothing around them.
import type { Network, Outputs } from '../core/networks.ts';

interface Run {
  readonly model: MeasuredNetwork;
  readonly tensor: Float32Array;
  readonly count: number;
}

/** What a worker measured since it was started. */
export interface Measurements {
  /** Milliseconds of every run, by model. */
  readonly runs: Readonly<Record<string, readonly number[]>>;
  /** Milliseconds of every request, by kind, with the runs in it. */
  readonly requests: Readonly<Record<string, readonly { readonly ms: number; readonly inferenceMs: number }[]>>;
}

/** Collects what the measured networks and requests of one worker took. */
export class Recorder {
  readonly #runs: Run[][] = [];
  readonly #times = new Map<string, number[]>();
  readonly #requests = new Map<string, { ms: number; inferenceMs: number }[]>();
  #inferenceMs = 0;

  network(id: string, network: Network): Network {
    return new MeasuredNetwork(id, network, this);
  }

  noteRun(run: Run, ms: number): void {
    this.#runs.at(-1)?.push(run);
    this.#inferenceMs += ms;
    const times = this.#times.get(run.model.id) ?? [];
    times.push(ms);
    this.#times.set(run.model.id, times);
  }

  async request<T>(kind: string, work: () => Promise<T>): Promise<T> {
    this.#inferenceMs = 0;
    this.#runs.push([]);
    const startMs = performance.now();
    const value = await work();
    const all = this.#requests.get(kind) ?? [];
    all.push({ ms: performance.now() - startMs, inferenceMs: this.#inferenceMs });
    this.#requests.set(kind, all);
    return value;
  }

  measurements(): Measurements {
    return { runs: Object.fromEntries(this.#times), requests: Object.fromEntries(this.#requests) };
  }

  /** Forgets what was measured so far: the first frames warm up. */
  reset(): void {
    this.#runs.length = 0;
    this.#times.clear();
    this.#requests.clear();
  }

  /** The runs of request `index` once more, on the tensors as they lie; there are none for an index that never was. */
  async replay(index: number): Promise<void> {
    for (const { model, tensor, count } of this.#runs[index] ?? []) await model.bare.run(tensor, count);
  }
}

class MeasuredNetwork implements Network {
  readonly id: string;
  readonly bare: Network;
  readonly input: Network['input'];
  readonly crop: Network['crop'];
  readonly #recorder: Recorder;

  constructor(id: string, network: Network, recorder: Recorder) {
    this.id = id;
    this.bare = network;
    this.input = network.input;
    this.crop = network.crop;
    this.#recorder = recorder;
  }

  async run(tensor: Float32Array, count: number): Promise<Outputs> {
    const startMs = performance.now();
    const outputs = await this.bare.run(tensor, count);
    this.#recorder.noteRun({ model: this, tensor, count }, performance.now() - startMs);
    return outputs;
  }
}
