// The two threads at work on photographs: what they find, that frames under way together do not disturb each other, and that the
// same frames give the same bytes.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { OnnxGraph } from '../../build/convert/onnx.ts';
import { EXPRESSIONS } from '../../src/main/core/expression.ts';
import { ExpressionStage } from '../../src/main/core/express.ts';
import { iou } from '../../src/main/core/geometry.ts';
import type { PixelFormat } from '../../src/main/core/frame.ts';
import type { Profile } from '../../src/main/core/profile.ts';
import type { FrameAnalysis } from '../../src/main/engine/ports.ts';
import type { WorkerAnalyzer } from '../../src/main/inference/analyzer.ts';
import type { OrtModel } from '../../src/main/inference/ort-model.ts';
import {
  analyzeFilm,
  analyzePicture,
  blank,
  pan,
  slotted,
  smallPhotograph,
  startAnalyzer,
  viewOf,
  WITHOUT_EMBEDDER,
} from '../fixtures/inference-frames.ts';
import { ModelsCopy } from '../fixtures/inference-models.ts';
import { openEntry, openModel, worstDeviation } from '../fixtures/models.ts';
import { boxesOfFaces, FrameRoom, PHOTOGRAPHS, readPhotograph, type Pixels } from '../fixtures/photographs.ts';
import { PROFILE } from '../fixtures/records.ts';

const CONTEMPT = EXPRESSIONS.indexOf('contempt');

describe('photographs', () => {
  let analyzer: WorkerAnalyzer;

  beforeAll(async () => {
    analyzer = await startAnalyzer({ stills: true });
  });
  afterAll(() => analyzer.close());

  it.each(PHOTOGRAPHS)(
    '$file has the faces that a person sees, each with what every member says',
    async (photograph) => {
      const pixels = await readPhotograph(photograph);
      const { report, answers } = await analyzePicture(analyzer, pixels, 3);
      expect(report).toMatchObject({ sequence: 3, searched: true });
      expect(boxesOfFaces(photograph, pixels, report.faces)).toHaveLength(photograph.faces.length);
      expect(answers).toHaveLength(photograph.faces.length);
      for (const members of answers) {
        expect(members).toHaveLength(PROFILE.members.length);
        members?.forEach((probabilities, m) => {
          if (!probabilities) throw new Error(`member ${m} did not answer`);
          // FER+ has votes for contempt, FER2013 has no such label.
          expect(Number.isNaN(probabilities[CONTEMPT])).toBe(!PROFILE.members[m].model.endsWith('-ferplus'));
          const known = [...probabilities].filter((value) => !Number.isNaN(value));
          expect(known).toHaveLength(PROFILE.members[m].model.endsWith('-ferplus') ? 8 : 7);
          expect(Math.min(...known)).toBeGreaterThanOrEqual(0);
          expect(known.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
        });
      }
      expect(analyzer.problems).toEqual([]);
    },
  );

  it.each<[PixelFormat, number]>([
    ['i420', 0.97],
    ['nv12', 0.97],
    ['gray', 0.85],
  ])('are seen alike in the layout %s', async (format, overlap) => {
    const picture = await smallPhotograph();
    const seen = async (layout: PixelFormat): Promise<FrameAnalysis> => analyzePicture(analyzer, picture, 0, layout);
    const [inColour, other] = [await seen('rgba'), await seen(format)];
    expect(other.report.faces).toHaveLength(3);
    for (const { box } of inColour.report.faces) {
      expect(Math.max(...other.report.faces.map((face) => iou(face.box, box)))).toBeGreaterThan(overlap);
    }
  });

  it.each([
    ['one pixel', 1, 1],
    ['one row', 300, 1],
    ['less than a face', 15, 15],
    ['nothing', 321, 243],
  ])('of %s have no face, and that is no error', async (_, width, height) => {
    const { report, answers, news } = await analyzePicture(analyzer, blank(width, height));
    expect(report).toMatchObject({ searched: true, faces: [] });
    expect(answers).toEqual([]);
    expect(news.persons).toEqual([]);
  });

  it('of 40,000 × 20 pixels are analysed, or refused in words for the user', async () => {
    const attempt = await analyzePicture(analyzer, blank(40_000, 20), 0, 'gray').catch((error: unknown) => error);
    if (attempt instanceof Error) expect(attempt).toMatchObject({ code: 'input_unsupported' });
    else expect(attempt).toMatchObject({ report: { faces: [] } });
    expect((await analyzePicture(analyzer, await smallPhotograph())).report.faces).toHaveLength(3);
  });
});

/** A film of 12 frames with three faces, of which two are blank: so all ways of a frame through the threads occur. */
async function film(): Promise<Pixels[]> {
  const frames = await pan(12);
  for (const i of [7, 9]) frames[i] = blank(frames[i].width, frames[i].height);
  return frames;
}

/** A film in a new analyzer, and what identity says behind it. */
async function analysisOf(
  frames: readonly Pixels[],
  work: (analyzer: WorkerAnalyzer) => Promise<FrameAnalysis[]> = (analyzer) => analyzeFilm(analyzer, frames),
): Promise<unknown> {
  const analyzer = await startAnalyzer({ identification: true });
  try {
    return { answers: await work(analyzer), end: await analyzer.finish(), problems: analyzer.problems };
  } finally {
    await analyzer.close();
  }
}

describe('frames under way together', () => {
  let frames: Pixels[];
  let together: unknown;

  beforeAll(async () => {
    frames = await film();
    together = await analysisOf(frames);
  });

  it('are films in which three people are seen', () => {
    const { answers } = together as { answers: FrameAnalysis[] };
    const counts = answers.map(({ report }) => report.faces.length);
    expect(counts.slice(0, 7)).toEqual([3, 3, 3, 3, 3, 3, 3]);
    expect([counts[7], counts[9]]).toEqual([0, 0]);
    expect(counts.at(-1)).toBe(3);
    const places = answers.slice(0, 7).map(({ report }) => report.faces[0].box.x);
    expect(new Set(places).size).toBe(7); // no frame is like another
  });

  it('get the same answers as one after the other', async () => {
    const alone = await analysisOf(frames, async (analyzer) => {
      const answers: FrameAnalysis[] = [];
      for (const [i, picture] of frames.entries()) answers.push(await analyzePicture(analyzer, picture, i));
      return answers;
    });
    expect(alone).toEqual(together);
  });

  it('get the same answers from a second analyzer', async () => {
    expect(await analysisOf(frames)).toEqual(together);
  });

  it('get the same answers while another analyzer works beside', async () => {
    const both = await Promise.all([analysisOf(frames), analysisOf(frames)]);
    expect(both).toEqual([together, together]);
  });

  it('each get their own', () => {
    const { answers } = together as { answers: FrameAnalysis[] };
    expect(answers.map(({ report }) => report.sequence)).toEqual(frames.map((_, i) => i));
    for (const { report, answers: faces } of answers) expect(faces).toHaveLength(report.faces.length);
  });

  it('are answered in the order in which they were asked for', async () => {
    const analyzer = await startAnalyzer();
    onTestFinished(() => analyzer.close());
    const order: number[] = [];
    const asked: Promise<void>[] = [];
    // A frame without a face is done sooner than the one with three before it.
    for (const [i, picture] of [frames[0], frames[7], frames[1], frames[9]].entries()) {
      const frame = await slotted(analyzer, picture, i);
      asked.push(analyzer.analyze(frame).then(({ report }) => void order.push(report.sequence)));
    }
    await Promise.all(asked);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('that fail leave the others alone', async () => {
    const analyzer = await startAnalyzer();
    onTestFinished(() => analyzer.close());
    const good = [await slotted(analyzer, frames[0], 0), await slotted(analyzer, frames[1], 2)];
    const bad = { ...(await slotted(analyzer, frames[2], 1)), height: 99_999_999 };
    const results = await Promise.allSettled([good[0], bad, good[1]].map((frame) => analyzer.analyze(frame)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('several faces', () => {
  it('get the same numbers in one batch as one by one', async () => {
    const pixels = await readPhotograph(PHOTOGRAPHS[4]);
    const analyzer = await startAnalyzer({ stills: true });
    const { report, answers } = await analyzePicture(analyzer, pixels);
    await analyzer.close();
    expect(answers).toHaveLength(5); // more than one batch of four

    const models: OrtModel[] = [];
    const members = await Promise.all(
      PROFILE.members.map(async ({ model }) => {
        const { expression } = await openEntry(model);
        if (!expression) throw new Error(`${model} measures no expression`);
        const network = await openModel(model);
        models.push(network);
        return { id: model, network, output: expression };
      }),
    );
    const stage = new ExpressionStage(members, (_, error) => {
      throw error;
    });
    const room = new FrameRoom();
    stage.attach(room.kernel, room.arena);
    const frame = room.frame(pixels);
    for (const [i, { landmarks }] of report.faces.entries()) {
      const [alone] = await stage.estimate(frame, [landmarks]);
      alone.forEach((probabilities, m) => {
        const inBatch = answers[i]?.[m];
        if (!probabilities || !inBatch) throw new Error(`member ${m} did not answer`);
        const known = (values: Float32Array): Float32Array => values.filter((value) => !Number.isNaN(value));
        expect(worstDeviation(known(inBatch), known(probabilities))).toBeLessThan(1e-5);
      });
    }
    for (const model of models) await model.release();
  });
});

describe('a profile and models that do not fit together', () => {
  let models: ModelsCopy;

  beforeAll(() => {
    models = new ModelsCopy(WITHOUT_EMBEDDER);
  });
  afterAll(() => models.remove());

  const startWith = (member: string): Promise<WorkerAnalyzer> =>
    startAnalyzer({ models: models.url, profile: { ...PROFILE, members: [{ ...PROFILE.members[0], model: member }] } });

  const refusal = (code: RegExp, name: string): object => ({
    name: 'MienError',
    code: expect.stringMatching(code) as string,
    message: expect.stringMatching(new RegExp(`^[^\n]*${name}[^\n]*$`)) as string,
    remedy: expect.stringMatching(/^[^\n]+\.$/) as string,
  });

  it('are refused where the profile names an unknown model', async () => {
    await expect(startWith('enet_b2')).rejects.toMatchObject(refusal(/^(model_missing|usage)$/, 'enet_b2'));
  });

  it('are refused where a member of the ensemble measures no expression', async () => {
    await expect(startWith('occlusion')).rejects.toMatchObject(refusal(/^(model_|usage)/, 'occlusion'));
  });

  it.each(['mien-photos-fer2013', 'facemesh'])(
    'are refused where the graph %s is not the one that the manifest describes',
    async (id) => {
      const { input } = models.entry(id);
      models.describe(id, { input: { ...input, width: 56, height: 56 } });
      await expect(startAnalyzer({ models: models.url })).rejects.toMatchObject(refusal(/^model_damaged$/, id));
    },
  );
});

/** A network with the inputs and outputs of the one that is called emotion; it fails on more than one face at a time. */
function lameNetwork(): Uint8Array {
  const graph = new OnnxGraph('lame');
  const pooled = graph.node('GlobalAveragePool', [graph.input('face', ['n', 1, 64, 64])]);
  const one = graph.node('Reshape', [pooled, graph.integers([1, 1])]);
  const seven = graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6, 7), [1, 7]);
  graph.output('logits', graph.node('MatMul', [one, seven]), ['n', 7]);
  return graph.serialize();
}

describe('a profile that evens out the light', () => {
  it('has members that see another picture, and everything else as it was', async () => {
    const picture = await smallPhotograph();
    const look = async (profile: Profile): Promise<FrameAnalysis> => {
      const analyzer = await startAnalyzer({ profile, stills: true });
      const analysis = await analyzePicture(analyzer, picture);
      await analyzer.close();
      return analysis;
    };
    const [plain, even] = [await look(PROFILE), await look({ ...PROFILE, lighting: 'clahe' })];
    expect(even.report).toEqual(plain.report);
    plain.answers.forEach((face, i) => face?.forEach((member, m) => expect(even.answers[i]?.[m]).not.toEqual(member)));
    expect(plain.answers).toHaveLength(3);
  });
});

describe('a member that fails in use', () => {
  let models: ModelsCopy;
  let whole: WorkerAnalyzer;
  let lame: WorkerAnalyzer;

  beforeAll(async () => {
    models = new ModelsCopy([...WITHOUT_EMBEDDER, 'emotion']);
    models.replace('emotion', lameNetwork());
    const [first, second, ...others] = PROFILE.members;
    const profile = { ...PROFILE, members: [first, { ...second, model: 'emotion' }, ...others] };
    whole = await startAnalyzer({ stills: true, profile });
    lame = await startAnalyzer({ stills: true, profile, models: models.url });
  });
  afterAll(async () => {
    await whole.close();
    await lame.close();
    models.remove();
  });

  it('leaves its place empty, while the others answer', async () => {
    const picture = await smallPhotograph();
    const expected = await analyzePicture(whole, picture);
    const { answers } = await analyzePicture(lame, picture);
    expect(answers).toHaveLength(3);
    expect(answers).toEqual(expected.answers.map((members) => members?.map((one, m) => (m === 1 ? null : one))));
  });

  it('answers again when it can', async () => {
    const oneFace = viewOf(await smallPhotograph(), { x: 70, y: 60, width: 200, height: 200 });
    const { answers } = await analyzePicture(lame, oneFace);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.[1]).toBeInstanceOf(Float32Array);
  });

  it('is told in a sentence, once, however often it fails', async () => {
    const picture = await smallPhotograph();
    const twoFaces = viewOf(picture, { x: 0, y: 0, width: 440, height: 426 });
    expect((await analyzePicture(lame, twoFaces)).answers).toHaveLength(2);
    for (let i = 0; i < 2; i++) await analyzePicture(lame, picture);
    expect(whole.problems).toEqual([]);
    expect(lame.problems).toHaveLength(1);
    expect(lame.problems[0]).toMatch(/^[^\n]*emotion[^\n]*\.$/);
  });
});
