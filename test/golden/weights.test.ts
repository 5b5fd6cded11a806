// The reader of TensorFlow.js weight files against tfjs itself, on every file that is converted: the values must be equal.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readWeights, type WeightSpec } from '../../build/convert/weights.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { startTensorFlow, tf, valuesOf } from '../fixtures/face-api.ts';
import { MODELS } from '../fixtures/models.ts';

type Groups = readonly { readonly weights: WeightSpec[] }[];

const { manifest } = await ModelRegistry.open(MODELS);

const CONVERTED = Object.entries(manifest.models).flatMap(([id, { origin }]) =>
  origin.kind === 'converted' ? [{ id, folder: origin.package, files: Object.keys(origin.files) }] : [],
);

beforeAll(startTensorFlow);

describe('weight files', () => {
  it('are read for eight converted models', () => {
    expect(CONVERTED).toHaveLength(8);
  });

  it.each(CONVERTED)('of $id are read as tfjs reads them', ({ folder, files }) => {
    const read = (ending: string): Buffer => {
      const file = files.find((name) => name.endsWith(ending)) ?? '';
      return readFileSync(new URL(`../../node_modules/${folder}/${file}`, import.meta.url));
    };
    const json = JSON.parse(read('.json').toString()) as Groups | { readonly weightsManifest: Groups };
    const specs = ('weightsManifest' in json ? json.weightsManifest : json).flatMap((group) => group.weights);
    const bytes = read('.bin');
    const theirs = tf.io.decodeWeights(Uint8Array.from(bytes).buffer, specs as tf.io.WeightsManifestEntry[]);
    const ours = readWeights(specs, bytes);
    expect([...ours.keys()]).toEqual(Object.keys(theirs));
    expect(ours.size).toBeGreaterThan(0);
    for (const [name, { shape, data }] of ours) {
      expect(shape).toEqual(theirs[name].shape);
      expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(valuesOf(theirs[name]).buffer))).toBe(0);
    }
  });
});
