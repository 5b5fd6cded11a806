// The networks of models/ in onnxruntime: what is refused when they are loaded, and that a face's numbers are its own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxGraph, type Dimension } from '../../build/convert/onnx.ts';
import type { ManifestModel } from '../../src/main/contract/manifest.ts';
import type { Outputs } from '../../src/main/core/networks.ts';
import { tensorLength } from '../../src/main/core/sample.ts';
import { OrtModel } from '../../src/main/inference/ort-model.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { MODELS, openEntry, openModel, partOf } from '../fixtures/models.ts';
import { seeded } from '../fixtures/seeded.ts';

const registry = await ModelRegistry.open(MODELS);
/** Models that are there wherever the program is. */
const IDS = Object.keys(registry.manifest.models).filter((id) => registry.entry(id).origin.kind !== 'fetched');

/** `count` pictures of smooth shapes, different ones, as a network takes them. */
function shapes(input: ManifestModel['input'], count: number, seed: number): Float32Array {
  const random = seeded(seed);
  const { width, height, mean, std } = input;
  const tensor = new Float32Array(tensorLength(input) * count);
  for (let plane = 0, at = 0; plane < mean.length * count; plane++) {
    const [across, down, phase] = [3 + 9 * random(), 3 + 9 * random(), 6 * random()];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = 128 + 60 * Math.sin((across * x) / width + phase) + 50 * Math.cos((down * y) / height);
        tensor[at++] = (value - mean[plane % mean.length]) / std[plane % mean.length];
      }
    }
  }
  return tensor;
}

/** The greatest difference, as a share of the values where they are above 1; NaN when there is one in either. */
function worstShare(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length || a.length === 0) throw new Error(`${a.length} values against ${b.length}`);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i]))), 0);
}

describe.each(IDS)('%s', (id) => {
  let model: OrtModel;
  const entry = registry.entry(id);

  beforeAll(async () => {
    model = await openModel(id);
  });
  afterAll(() => model.release());

  it('gives outputs of the lengths in the manifest, three times as long for three pictures', async () => {
    const outputs = await model.run(shapes(entry.input, 3, 1), 3);
    const lengths = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.length / 3]));
    expect(lengths).toEqual(entry.outputs);
    for (const values of Object.values(outputs)) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('says of each picture of a batch what it says of that picture alone', async () => {
    const length = tensorLength(entry.input);
    const tensor = shapes(entry.input, 3, 2);
    const together = await model.run(tensor, 3);
    const alone: Outputs[] = [];
    for (let i = 0; i < 3; i++) alone.push(await model.run(tensor.subarray(i * length, (i + 1) * length), 1));
    for (const [name, all] of Object.entries(together)) {
      alone.forEach((one, i) => expect(worstShare(partOf(all, i, 3), one[name])).toBeLessThan(1e-5));
      // Were the pictures all one to the network, nothing would have been compared.
      expect(worstShare(alone[0][name], alone[1][name])).toBeGreaterThan(1e-3);
    }
  });
});

describe('a run', () => {
  let model: OrtModel;
  const { input } = registry.entry('emotion');
  const length = tensorLength(input);

  beforeAll(async () => {
    model = await openModel('emotion');
  });
  afterAll(() => model.release());

  it('reads only the pictures that are counted', async () => {
    const tensor = shapes(input, 4, 3);
    const two = await model.run(tensor.slice(0, 2 * length), 2);
    tensor.fill(NaN, 2 * length);
    expect(await model.run(tensor, 2)).toEqual(two);
  });

  it('gives the same bytes for the same picture, whatever was run in between', async () => {
    const tensor = shapes(input, 1, 4);
    const first = await model.run(tensor, 1);
    await model.run(shapes(input, 3, 5), 3);
    expect(await model.run(tensor, 1)).toEqual(first);
  });

  it('leaves the outputs of earlier runs alone', async () => {
    const { logits } = await model.run(shapes(input, 1, 6), 1);
    const kept = logits.slice();
    const { logits: other } = await model.run(shapes(input, 1, 7), 1);
    expect(other).not.toEqual(kept);
    expect(logits).toEqual(kept);
  });

  it('leaves its input alone, though that is changed for the next run', async () => {
    const tensor = shapes(input, 1, 8);
    const before = tensor.slice();
    await model.run(tensor, 1);
    expect(tensor).toEqual(before);
    tensor.fill(0.5);
    expect(await model.run(tensor, 1)).toEqual(await model.run(new Float32Array(length).fill(0.5), 1));
  });

  it('is refused when the tensor holds fewer pictures than counted', async () => {
    await expect(model.run(shapes(input, 2, 9), 3)).rejects.toThrow();
    await expect(model.run(new Float32Array(0), 1)).rejects.toThrow();
  });
});

/** y = mean of x over its height and width: a graph of one channel whose shapes a test may choose. */
function meansOf(inputShape: readonly Dimension[], outputShape: readonly Dimension[], inputName = 'face'): Uint8Array {
  const graph = new OnnxGraph('means');
  const x = graph.input(inputName, inputShape);
  const pooled = graph.node('GlobalAveragePool', [x]);
  graph.output('means', graph.node('Flatten', [pooled]), outputShape);
  return graph.serialize();
}

describe('a graph that is loaded', () => {
  let entry: ManifestModel;

  beforeAll(async () => {
    const { input, ...rest } = await openEntry('emotion');
    entry = {
      ...rest,
      input: { ...input, name: 'face', width: 16, height: 16 },
      outputs: { means: 1 },
      expression: null,
    };
  });

  const GRAPH = meansOf(['n', 1, 16, 16], ['n', 1]);

  const expectRefused = async (bytes: Uint8Array, described: ManifestModel): Promise<void> => {
    const refusal = expect(OrtModel.create('the-net', described, bytes)).rejects;
    await refusal.toMatchObject({
      name: 'MienError',
      code: 'model_damaged',
      message: expect.stringMatching(/^[^\n]*the-net[^\n]*\.$/) as string,
      remedy: expect.stringMatching(/^[^\n]+\.$/) as string,
    });
  };

  it('is taken when it is what the manifest says', async () => {
    const model = await OrtModel.create('the-net', entry, GRAPH);
    const { means } = await model.run(
      Float32Array.from({ length: 512 }, (_, i) => (i < 256 ? 2 : 5)),
      2,
    );
    expect([...means]).toEqual([2, 5]);
    await model.release();
  });

  it.each<[string, (right: ManifestModel) => ManifestModel]>([
    ['another width', (right) => ({ ...right, input: { ...right.input, width: 32 } })],
    ['another height', (right) => ({ ...right, input: { ...right.input, height: 32 } })],
    ['colour instead of grey', (right) => ({ ...right, input: { ...right.input, color: 'rgb' } })],
    ['another name of the input', (right) => ({ ...right, input: { ...right.input, name: 'image' } })],
    ['an output that the graph has not', (right) => ({ ...right, outputs: { means: 1, scores: 1 } })],
    ['another length of an output', (right) => ({ ...right, outputs: { means: 7 } })],
  ])('is refused for %s', async (_, change) => {
    await expectRefused(GRAPH, change(entry));
  });

  it('is refused when it takes one picture at a time only', async () => {
    await expectRefused(meansOf([1, 1, 16, 16], [1, 1]), entry);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a text', Buffer.from('version https://git-lfs.github.com/spec/v1\n')],
    ['half a graph', GRAPH.subarray(0, GRAPH.length >> 1)],
  ])('is refused when it is %s', async (_, bytes) => {
    await expectRefused(bytes, entry);
  });
});
