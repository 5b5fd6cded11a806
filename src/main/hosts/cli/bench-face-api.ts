// The same networks in face-api on the tfjs WASM backend, beside ours, on the same photograph. For "mien bench --versus face-api".
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { MienError } from '../../contract/errors.ts';
import { tensorLength } from '../../core/sample.ts';
import { OrtModel } from '../../inference/ort-model.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import { photographPath } from '../demo/clip.ts';

export interface Comparison {
  readonly name: string;
  /** Ours on all cores. */
  readonly ours_ms: number;
  readonly one_core_ms: number;
  /** face-api on the one core that tfjs can use in Node. */
  readonly theirs_ms: number;
  /** theirs_ms / ours_ms */
  readonly ratio: number;
  readonly one_core_ratio: number;
}

const MODULES = new URL('../../../../node_modules/', import.meta.url);
const ROUNDS = 15;

/** What is used of face-api; the package brings no types for its WASM build. */
interface Net {
  loadFromWeightMap(weights: unknown): void;
  forward(input: unknown): Promise<{ dispose?: () => void }>;
  locateFaces(input: unknown, options: object): Promise<unknown>;
}

interface FaceApi {
  readonly tf: {
    setBackend(name: string): Promise<boolean>;
    ready(): Promise<void>;
    tensor3d(values: Float32Array, shape: number[]): unknown;
    readonly io: { decodeWeights(data: ArrayBuffer, specs: unknown): unknown };
  };
  readonly [network: string]: unknown;
}

interface Pair {
  readonly name: string;
  readonly ours: string;
  readonly theirs: string;
  readonly weights: string;
  readonly size: number;
  readonly run: (net: Net, input: unknown) => Promise<unknown>;
}

const forward = async (net: Net, input: unknown): Promise<void> => (await net.forward(input)).dispose?.();

const PAIRS: readonly Pair[] = [
  {
    name: 'detection (SSD 512)',
    ours: 'ssd-mobilenet',
    theirs: 'SsdMobilenetv1',
    weights: 'ssd_mobilenetv1_model',
    size: 512,
    run: (net, input) => net.locateFaces(input, { minConfidence: 0.5, maxResults: 20 }),
  },
  {
    name: 'detection (tiny 416)',
    ours: 'tiny-face-detector',
    theirs: 'TinyFaceDetector',
    weights: 'tiny_face_detector_model',
    size: 416,
    run: (net, input) => net.locateFaces(input, { inputSize: 416, scoreThreshold: 0.5 }),
  },
  {
    name: 'landmarks 68',
    ours: 'face-landmark-68',
    theirs: 'FaceLandmark68Net',
    weights: 'face_landmark_68_model',
    size: 112,
    run: forward,
  },
  {
    name: 'expression',
    ours: 'face-expression',
    theirs: 'FaceExpressionNet',
    weights: 'face_expression_model',
    size: 112,
    run: forward,
  },
  {
    name: 'embedding',
    ours: 'face-recognition',
    theirs: 'FaceRecognitionNet',
    weights: 'face_recognition_model',
    size: 150,
    run: forward,
  },
];

async function loadFaceApi(): Promise<FaceApi> {
  const require = createRequire(import.meta.url);
  try {
    const wasm = require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(path: string): void };
    const api = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi;
    wasm.setWasmPaths(fileURLToPath(new URL('@tensorflow/tfjs-backend-wasm/dist/', MODULES)));
    await api.tf.setBackend('wasm');
    await api.tf.ready();
    return api;
  } catch (cause) {
    const remedy = 'It belongs to the development packages: run "npm ci" in the repository.';
    throw new MienError('model_missing', 'face-api is not installed.', remedy, { cause });
  }
}

function createNet(api: FaceApi, { theirs, weights }: Pair): Net {
  const folder = new URL('@vladmandic/face-api/model/', MODULES);
  const Class = api[theirs] as new () => Net;
  const net = new Class();
  const [group] = JSON.parse(readFileSync(new URL(`${weights}-weights_manifest.json`, folder), 'utf8')) as {
    weights: unknown;
  }[];
  const bytes = readFileSync(new URL(`${weights}.bin`, folder));
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  net.loadFromWeightMap(api.tf.io.decodeWeights(data, group?.weights));
  return net;
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
}

/** Median time of our network on a photograph, on so many threads. */
async function oursAt(registry: ModelRegistry, { ours, size }: Pair, pixels: Buffer, threads: number): Promise<number> {
  const entry = registry.entry(ours);
  const model = await OrtModel.create(ours, entry, await registry.bytes(ours), threads);
  const tensor = new Float32Array(tensorLength(entry.input));
  for (let i = 0; i < size * size; i++) {
    for (let c = 0; c < 3; c++) {
      const value = pixels[3 * i + c] ?? 0;
      tensor[c * size * size + i] = (value - (entry.input.mean[c] ?? 0)) / (entry.input.std[c] ?? 1);
    }
  }
  const result = await medianMs(() => model.run(tensor, 1));
  await model.release();
  return result;
}

const compared = (name: string, oneCoreMs: number, allCoresMs: number, theirsMs: number): Comparison => ({
  name,
  ours_ms: allCoresMs,
  one_core_ms: oneCoreMs,
  theirs_ms: theirsMs,
  ratio: theirsMs / allCoresMs,
  one_core_ratio: theirsMs / oneCoreMs,
});

/** What a frame with one face needs, by the detector. */
const WHOLE = ['SSD 512', 'tiny 416'].map((detector) => ({
  name: `${detector}, landmarks, expression, embedding`,
  parts: [`detection (${detector})`, 'landmarks 68', 'expression', 'embedding'],
}));

/**
 * Runs each pair of networks on one photograph: ours on one core and on all of them, face-api on the one that tfjs can use in
 * Node.
 */
export async function compareWithFaceApi(registry: ModelRegistry): Promise<Comparison[]> {
  const api = await loadFaceApi();
  const rows: Comparison[] = [];
  for (const pair of PAIRS) {
    const { name, size } = pair;
    const pixels = await sharp(photographPath('sample1.jpg'))
      .resize(size, size, { fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer();
    const net = createNet(api, pair);
    const input = api.tf.tensor3d(Float32Array.from(pixels), [size, size, 3]);
    const theirs = await medianMs(() => pair.run(net, input));
    const oneCore = await oursAt(registry, pair, pixels, 1);
    const allCores = await oursAt(registry, pair, pixels, availableParallelism());
    rows.push(compared(name, oneCore, allCores, theirs));
  }
  const sums = WHOLE.map(({ name, parts }) => {
    const used = rows.filter((row) => parts.includes(row.name));
    const sum = (of: (row: Comparison) => number): number => used.reduce((total, row) => total + of(row), 0);
    const theirs = sum((row) => row.theirs_ms);
    return compared(
      name,
      sum((row) => row.one_core_ms),
      sum((row) => row.ours_ms),
      theirs,
    );
  });
  return [...rows, ...sums];
}
