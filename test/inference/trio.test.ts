// The published ensemble at full size, with random weights: sizes, preprocessing, batches, threads, and members that fail.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { OnnxGraph } from '../../build/convert/onnx.ts';
import { fuse } from '../../src/main/core/ensemble.ts';
import { Sampler, tensorLength } from '../../src/main/core/sample.ts';
import type { FrameAnalysis } from '../../src/main/engine/ports.ts';
import { OrtModel } from '../../src/main/inference/ort-model.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { joinAnswers, sharedOut } from '../../src/main/inference/side-by-side.ts';
import { B0, B2, efficientNet } from '../fixtures/efficientnet.ts';
import { analyzePicture, smallPhotograph, startAnalyzer } from '../fixtures/inference-frames.ts';
import type { ModelsCopy } from '../fixtures/inference-models.ts';
import { partOf, worstDeviation } from '../fixtures/models.ts';
import { FrameRoom } from '../fixtures/photographs.ts';
import { seeded } from '../fixtures/seeded.ts';
import { TRIO, TRIO_MACS, profileOf, trioModels } from '../fixtures/trio.ts';

let models: ModelsCopy;
let registry: ModelRegistry;

beforeAll(async () => {
  models = trioModels();
  registry = await ModelRegistry.open(models.url);
});
afterAll(() => models.remove());

const load = async (id: string): Promise<OrtModel> => OrtModel.create(id, registry.entry(id), await registry.bytes(id));

describe('the graphs', () => {
  it.each([
    // Parameters as published: 5.3 and 9.1 million; arithmetic 0.39 and 1.0 thousand million.
    { name: 'B0', spec: B0, parameters: 5_288_548, macs: 385_814_752 },
    { name: 'B2', spec: B2, parameters: 9_109_994, macs: 993_561_872 },
  ])('are $name, with a thousand classes', ({ spec, parameters, macs }) => {
    const net = efficientNet({ ...spec, classes: 1000, seed: 1 });
    expect([net.parameters, net.macs]).toEqual([parameters, macs]);
  });

  it('have as much to multiply as the bench counts', () => {
    const [b0, b2] = [B0, B2].map((spec) => efficientNet({ ...spec, classes: 8, seed: 1 }).macs);
    expect(b2 + 2 * b0).toBe(TRIO_MACS);
  });

  it('are as large with eight classes as the published files, to one part in a hundred', async () => {
    const sizes = await Promise.all(TRIO.map(async (id) => (await registry.bytes(id)).length));
    expect(Math.abs(sizes[0] / 30_779_724 - 1)).toBeLessThan(0.01);
    for (const size of sizes.slice(1)) expect(Math.abs(size / 16e6 - 1)).toBeLessThan(0.01);
  });
});

describe.each(TRIO)('%s', (id) => {
  it('takes red, green and blue of 0…1, less the means of ImageNet, over their deviations', () => {
    const { input } = registry.entry(id);
    expect([input.width, input.height]).toEqual(id === 'hsemotion-enet-b2' ? [260, 260] : [224, 224]);
    const room = new FrameRoom();
    const sampler = new Sampler(room.kernel, room.arena, 3);
    const tensor = sampler.tensor(input, 1);
    const pixels = { width: 300, height: 300, data: new Uint8Array(3 * 300 * 300) };
    for (let i = 0; i < pixels.data.length; i += 3) pixels.data.set([255, 0, 128], i);
    const map = { a: 300 / input.width, b: 0, c: 0, d: 0, e: 300 / input.height, f: 0 };
    sampler.sample(room.frame(pixels), map, input, 'edge', tensor);
    // (1 − .485) / .229, (0 − .456) / .224, (128 / 255 − .406) / .225
    [2.248908, -2.035714, 0.426492].forEach((value, plane) => {
      const own = partOf(tensor, plane, 3);
      expect([Math.min(...own), Math.max(...own)].map((v) => Math.abs(v - value) < 1e-4)).toEqual([true, true]);
    });
  });

  it('says of three faces in a batch what it says of each alone', async () => {
    const model = await load(id);
    onTestFinished(() => model.release());
    const length = tensorLength(model.input);
    const random = seeded(9);
    const tensor = Float32Array.from({ length: 3 * length }, (_, i) => 3 * random() * (1 + Math.floor(i / length)) - 2);
    const { output: together } = await model.run(tensor, 3);
    const each: Float32Array[] = [];
    for (let i = 0; i < 3; i++) each.push((await model.run(tensor.subarray(i * length, (i + 1) * length), 1)).output);
    each.forEach((alone, i) => expect(worstDeviation(partOf(together, i, 3), alone)).toBeLessThan(1e-3));
    // Were the pictures all one to the network, nothing would have been compared.
    expect(worstDeviation(each[0], each[1])).toBeGreaterThan(0.05);
  });
});

/** What everybody in the photograph got, as lists of the members that answered. */
const answeredIn = ({ answers }: FrameAnalysis): boolean[][] =>
  answers.map((face) => (face ?? []).map((member) => member !== null));

describe('the ensemble', () => {
  it('answers for three faces, every member its own, within the memory that a recording may take', async () => {
    const before = process.memoryUsage.rss();
    const analyzer = await startAnalyzer({ models: models.url, profile: profileOf(TRIO), stills: true });
    const picture = await smallPhotograph();
    const first = await analyzePicture(analyzer, picture, 0);
    const again = await analyzePicture(analyzer, picture, 1);
    const taken = (process.memoryUsage.rss() - before) / 2 ** 20;
    await analyzer.close();
    expect(answeredIn(first)).toEqual(new Array(3).fill([true, true, true]));
    expect(again.answers).toEqual(first.answers);
    expect(taken).toBeLessThan(700);
    console.log(`memory of the trio: ${Math.round(taken)} MB`);

    // Alone, in one thread: the members are in the order of the profile.
    for (const [m, id] of TRIO.entries()) {
      const alone = await startAnalyzer({ models: models.url, profile: profileOf([id]), stills: true });
      const { answers } = await analyzePicture(alone, picture);
      await alone.close();
      answers.forEach((face, i) => {
        const [own, inTrio] = [face?.[0], first.answers[i]?.[m]];
        if (!own || !inTrio) throw new Error('a member did not answer');
        expect(worstDeviation(own, inTrio)).toBeLessThan(1e-4);
      });
    }
  });

  it('does without a member that fails, and says so', async () => {
    const broken = trioModels();
    onTestFinished(() => broken.remove());
    const graph = lame();
    writeFileSync(broken.fileOf('hsemotion-vgaf'), graph);
    const manifest = JSON.parse(JSON.stringify(registry.manifest)) as typeof registry.manifest;
    manifest.models['hsemotion-vgaf'].sha256 = createHash('sha256').update(graph).digest('hex');
    broken.write('manifest.json', JSON.stringify(manifest));
    const profile = profileOf(TRIO);
    const analyzer = await startAnalyzer({ models: broken.url, profile, stills: true });
    const analysis = await analyzePicture(analyzer, await smallPhotograph());
    const { problems } = analyzer;
    await analyzer.close();
    expect(answeredIn(analysis)).toEqual(new Array(3).fill([true, false, true]));
    expect(problems).toEqual(['The model hsemotion-vgaf failed on some faces.']);
    const weights = profile.members.map((member) => member.weights);
    for (const answers of analysis.answers) {
      const { fused, agreement } = fuse(answers ?? [], weights);
      expect(fused.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect([0.5, 1]).toContain(agreement); // of two
    }
  });
});

/** Loads as a member does, and can never run: nothing has 7 values for each picture of 150,528. */
function lame(): Uint8Array {
  const graph = new OnnxGraph('lame');
  const input = graph.input('input', ['n', 3, 224, 224]);
  const seven = graph.node('Reshape', [input, graph.integers([-1, 7])]);
  const none = graph.node('Reshape', [seven, graph.integers([1, 8])]);
  graph.output('output', none, ['n', 8]);
  return graph.serialize();
}

describe('members side by side', () => {
  /** Groups of places, of members whose files have a name and a length. */
  const groupsOfFiles = (...files: readonly (readonly [file: string, megabytes: number])[]): number[][] =>
    sharedOut(files.map(([file, size], id) => ({ id, entry: { file }, bytes: new Uint8Array(size * 2 ** 20) }))).map(
      (group) => group.map(({ id }) => id),
    );
  const groupsOf = (...megabytes: number[]): number[][] =>
    groupsOfFiles(...megabytes.map((size, i): [string, number] => [`${i}.onnx`, size]));

  it('are shared out so that the longer half is as short as it can be, in their order', () => {
    expect(groupsOf(31, 16, 16)).toEqual([[0], [1, 2]]);
    expect(groupsOf(16, 16, 31)).toEqual([[0, 1], [2]]);
    expect(groupsOf(4, 4, 4, 30)).toEqual([[0, 1, 2], [3]]);
  });

  it('are together where they are small, or one', () => {
    expect(groupsOf(8, 7)).toEqual([[0, 1]]);
    expect(groupsOf(8, 8)).toEqual([[0], [1]]);
    expect(groupsOf(40)).toEqual([[0]]);
  });

  it('stay together where they are outputs of one file, which counts once', () => {
    expect(groupsOfFiles(['a', 8], ['b', 8], ['b', 8])).toEqual([[0], [1, 2]]);
    expect(groupsOfFiles(['a', 30], ['a', 30], ['b', 4])).toEqual([[0, 1], [2]]);
    expect(groupsOfFiles(['a', 10], ['a', 10])).toEqual([[0, 1]]); // one graph has nothing to share
    expect(groupsOfFiles(['a', 7], ['b', 8], ['b', 8])).toEqual([[0, 1, 2]]); // 15 in all
  });

  it('stay together where one stands between two outputs of a file', () => {
    expect(groupsOfFiles(['a', 9], ['b', 9], ['a', 9], ['c', 4])).toEqual([[0, 1, 2], [3]]);
    expect(groupsOfFiles(['a', 9], ['b', 9], ['a', 9])).toEqual([[0, 1, 2]]);
  });

  it('answer as one: face after face, in the order of the groups', () => {
    const face = (segment: number, isAnalysed: boolean): never =>
      ({ segment, participant: null, isAnalysed, numbers: new Float32Array(0) }) as never;
    const look = { faces: [face(1, true), face(2, false), face(3, true)], searched: true, cut: false, news: null };
    const eight = (value: number): number[] => new Array<number>(8).fill(value);
    const input = (model: string): never => ({ model }) as never;
    const joined = joinAnswers([
      {
        ...look,
        answers: Float32Array.from([...eight(1), ...eight(2)]),
        inputs: [{ segment: 3, inputs: [input('a')] }],
        problems: ['first'],
      },
      {
        ...look,
        answers: Float32Array.from([...eight(3), ...eight(NaN), ...eight(5), ...eight(6)]),
        inputs: [{ segment: 3, inputs: [input('b'), input('c')] }],
        problems: [],
      },
    ]);
    expect([...joined.answers].filter((_, i) => i % 8 === 0)).toEqual([1, 3, NaN, 2, 5, 6]);
    expect(joined.inputs).toEqual([{ segment: 3, inputs: ['a', 'b', 'c'].map(input) }]);
    expect(joined.problems).toEqual(['first']);
  });
});
