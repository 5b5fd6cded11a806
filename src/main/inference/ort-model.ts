// A network in onnxruntime: the only file that imports it. A run blocks the thread it is called on, so this is used in workers.
import './no-telemetry.ts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { MienError } from '../contract/errors.ts';
import type { ManifestModel } from '../contract/manifest.ts';
import type { Network, Outputs } from '../core/networks.ts';

/** One thread each unless somebody asks for more: two workers share the cores, and threads that spin while they wait would take them from each other. */
const OPTIONS: InferenceSession.SessionOptions = {
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

export class OrtModel implements Network {
  readonly input: ManifestModel['input'];
  readonly crop: ManifestModel['crop'];
  readonly #session: InferenceSession;

  private constructor(model: ManifestModel, session: InferenceSession) {
    this.input = model.input;
    this.crop = model.crop;
    this.#session = session;
  }

  /**
   * Loads a graph, to run on so many threads, and holds it against its manifest entry.
   * Throws model_damaged when onnxruntime refuses it or its input or outputs are not what the manifest says.
   */
  static async create(id: string, model: ManifestModel, bytes: Uint8Array, threads = 1): Promise<OrtModel> {
    const session = await InferenceSession.create(bytes, { ...OPTIONS, intraOpNumThreads: threads }).catch(
      (cause: unknown) => {
        throw damaged(id, 'cannot be loaded', cause);
      },
    );
    const channels = model.input.color === 'rgb' ? 3 : 1;
    const expected = [channels, model.input.height, model.input.width];
    const input = session.inputMetadata.find(({ name }) => name === model.input.name);
    if (!input?.isTensor || expected.some((size, i) => input.shape[i + 1] !== size)) {
      throw damaged(id, `does not take ${expected.join('×')} as "${model.input.name}"`);
    }
    if (typeof input.shape[0] === 'number') throw damaged(id, 'takes one picture at a time only');
    for (const [name, length] of Object.entries(model.outputs)) {
      const output = session.outputMetadata.find((metadata) => metadata.name === name);
      if (!output?.isTensor) throw damaged(id, `has no output "${name}"`);
      const values = output.shape.slice(1).reduce<number>((product, side) => product * Number(side), 1);
      if (values !== length) throw damaged(id, `does not give ${length} values as "${name}"`);
    }
    return new OrtModel(model, session);
  }

  async run(tensor: Float32Array, count: number): Promise<Outputs> {
    const { name, color, width, height } = this.input;
    const channels = color === 'rgb' ? 3 : 1;
    const used = tensor.subarray(0, count * channels * height * width);
    const outputs = await this.#session.run({ [name]: new Tensor('float32', used, [count, channels, height, width]) });
    return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, value.data as Float32Array]));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

function damaged(id: string, what: string, cause?: unknown): MienError {
  const remedy =
    'Run "npm run setup" to make the models again; "npm run mien -- models verify" shows which are affected.';
  return new MienError('model_damaged', `The model ${id} ${what}.`, remedy, { cause });
}
