// How fast the published ensemble estimates one face and three in a batch: node test/bench/trio.ts [rounds]. Graphs of its size with
// random weights run in the program's own expression threads, cut and all, as in an analysis; the vision networks do not. What they
// take stands over the time of their arithmetic (multiply-accumulates of convolutions and products) at the rate at which this machine
// multiplies two float32 matrices of 1024² in onnxruntime on 2 threads, measured in turns. Prints one JSON object. It measures, it does
// not judge: the numbers depend on what else the machine does.
import '../../src/main/inference/no-telemetry.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxGraph } from '../../build/convert/onnx.ts';
import { frameBytes } from '../../src/main/core/frame.ts';
import type { ObservedFace } from '../../src/main/core/vision.ts';
import { FrameMemory } from '../../src/main/inference/frame-memory.ts';
import { packFace } from '../../src/main/inference/packing.ts';
import type { LookAnswer, ModelMessage, WorkerRequest, WorkerStart } from '../../src/main/inference/protocol.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { sharedOut } from '../../src/main/inference/side-by-side.ts';
import { Thread } from '../../src/main/platform/thread.ts';
import { analyzePicture, bytesOf, smallPhotograph, startAnalyzer, FULL_601 } from '../fixtures/inference-frames.ts';
import { TRIO, TRIO_MACS, profileOf, trioModels } from '../fixtures/trio.ts';

const rounds = Number(process.argv[2] ?? 15);
const RUNS = 7;
const SIDE = 1024;
const MATRIX_THREADS = 2;
const WORKER = new URL('../../src/main/inference/expression-worker.ts', import.meta.url);

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const rounded = (value: number): number => Math.round(1000 * value) / 1000;

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const startMs = performance.now();
    await work();
    times.push(performance.now() - startMs);
  }
  return median(times);
}

/** Multiplies two matrices, once for each call. */
async function startMatrices(): Promise<() => Promise<unknown>> {
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i));
  const graph = new OnnxGraph('product');
  const a = graph.input('a', [SIDE, SIDE]);
  graph.output('c', graph.node('MatMul', [a, graph.constant(values, [SIDE, SIDE])]), [SIDE, SIDE]);
  const options = { intraOpNumThreads: MATRIX_THREADS, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const session = await InferenceSession.create(graph.serialize(), options);
  return () => session.run({ a: new Tensor('float32', values, [SIDE, SIDE]) });
}

const models = trioModels();
const profile = profileOf(TRIO);
const picture = await smallPhotograph();

/** The three faces of the photograph, as the vision thread sees them. */
async function lookAtFaces(): Promise<readonly ObservedFace[]> {
  const analyzer = await startAnalyzer({ models: models.url, profile, stills: true });
  const { report } = await analyzePicture(analyzer, picture);
  await analyzer.close();
  return report.faces;
}
const faces = await lookAtFaces();

const registry = await ModelRegistry.open(models.url);
const messages: ModelMessage[] = [];
for (const id of TRIO) messages.push({ id, entry: registry.entry(id), bytes: await registry.bytes(id) });
const before = process.memoryUsage.rss();
const groups = sharedOut(messages);
const threads = groups.map((group) => {
  const { port1: channel } = new MessageChannel(); // nobody forwards anything
  const options = { profile, identification: false, stills: true, participants: null, analysed: null };
  const start: WorkerStart = { models: group, options, measured: false, channels: [channel] };
  return new Thread<WorkerRequest>(WORKER, start, { kind: 'stop' }, [channel]);
});
const all = (request: WorkerRequest): Promise<unknown> => Promise.all(threads.map((thread) => thread.call(request)));

const { width, height } = picture;
const memory = new FrameMemory(1, frameBytes('i420', width, height), threads.length);
await Promise.all(
  threads.map((thread, i) => thread.call({ kind: 'memory', memory: memory.memory, ...memory.arena(i) })),
);
const slot = memory.take();
if (!slot) throw new Error('there is a place for the picture');
slot.bytes.set(bytesOf(picture, 'i420'));

function requestFor(count: number): WorkerRequest {
  const look: LookAnswer = {
    faces: faces.slice(0, count).map((face) => packFace(face, true)),
    ...{ searched: true, cut: false, news: null },
  };
  const { address } = slot ?? { address: 0 };
  const frame = { address, sequence: 0, timeMs: 0, width, height, format: 'i420', colorSpace: FULL_601 } as const;
  return { kind: 'express', frame, look, inputsOf: [] };
}

const multiply = await startMatrices();
const report: Record<string, unknown> = {
  threads: groups.map((group) => group.map(({ id }) => id)),
  macs: TRIO_MACS,
};
const rates: number[] = [];
for (const [name, count] of [
  ['one_face', 1],
  ['three_faces', 3],
] as const) {
  const request = requestFor(count);
  const [times, ratios]: number[][] = [[], []];
  for (let i = 0; i < 3; i++) await all(request);
  for (let round = 0; round < rounds; round++) {
    const macsPerMs = SIDE ** 3 / (await medianMs(multiply));
    await sleep(50); // threads of the product spin for a while
    const ms = await medianMs(() => all(request));
    rates.push(macsPerMs);
    times.push(ms);
    ratios.push((ms * macsPerMs) / (count * TRIO_MACS));
  }
  report[name] = {
    ms: rounded(median(times)),
    ratio: rounded(median(ratios)),
    best_ratio: rounded(Math.min(...ratios)),
  };
}
report.macs_per_s = Math.round(1000 * median(rates));
report.memory_mb = Math.round((process.memoryUsage.rss() - before) / 2 ** 20);
console.log(JSON.stringify(report, null, 2));
await Promise.all(threads.map((thread) => thread.stop()));
models.remove();
