// What may not be computed is not computed, and what identifies people stays in the memory of the program.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Consent } from '../../src/main/contract/consent.ts';
import type { Landmarks68 } from '../../src/main/core/landmarks.ts';
import { FaceNetworks } from '../../src/main/core/networks.ts';
import { VisionStage } from '../../src/main/core/vision.ts';
import type { Frame } from '../../src/main/core/frame.ts';
import type { AnalyzerOptions, FrameAnalysis } from '../../src/main/engine/ports.ts';
import { EXPORTERS } from '../../src/main/exporters/index.ts';
import {
  analyze,
  mayIdentify,
  startAnalyzer as startNetworks,
  type AnalysisSettings,
} from '../../src/main/hosts/analysis.ts';
import { openRegistry, openStore } from '../../src/main/hosts/compose.ts';
import type { WorkerAnalyzer } from '../../src/main/inference/analyzer.ts';
import { resolveInput } from '../../src/main/sources/open.ts';
import {
  analyzeFilm,
  analyzePicture,
  pan,
  slotted,
  smallPhotograph,
  startAnalyzer,
  WITHOUT_EMBEDDER,
} from '../fixtures/inference-frames.ts';
import { ModelsCopy } from '../fixtures/inference-models.ts';
import { openModel } from '../fixtures/models.ts';
import { cutFaces, FrameRoom, PHOTOGRAPHS, readPhotograph, type Pixels } from '../fixtures/photographs.ts';
import { PROFILE } from '../fixtures/records.ts';

const EMBEDDER = 'face-recognition';
/** Networks that run: both outputs of a file are counted as its first. */
const MEMBERS = PROFILE.members.map(({ model }) => model).filter((model) => model.endsWith('-ferplus'));

/** How often each network has run. */
async function runsOf(analyzer: WorkerAnalyzer): Promise<Record<string, number>> {
  const [vision, expression] = await analyzer.measure('measurements');
  const all = { ...vision.runs, ...expression.runs };
  return Object.fromEntries(Object.entries(all).map(([model, times]) => [model, times.length]));
}

const sourcesIn = (answers: readonly FrameAnalysis[]): string[] =>
  answers.flatMap(({ news }) => news.segments.map(({ source }) => source));

describe('without identification', () => {
  it('the network for embeddings is not even read', async () => {
    const models = new ModelsCopy(WITHOUT_EMBEDDER);
    onTestFinished(() => models.remove());
    await expect(startAnalyzer({ models: models.url, identification: true })).rejects.toMatchObject({
      code: 'model_missing',
      message: expect.stringContaining(EMBEDDER) as string,
    });
    const analyzer = await startAnalyzer({ models: models.url, identification: false });
    onTestFinished(() => analyzer.close());
    expect((await analyzePicture(analyzer, await smallPhotograph())).report.faces).toHaveLength(3);
  });

  it.each([false, true])(
    'no embedding is computed and people are told apart by track (pictures: %s)',
    async (stills) => {
      const film = await pan(6);
      const seen = async (identification: boolean): Promise<{ runs: Record<string, number>; sources: Set<string> }> => {
        const analyzer = await startAnalyzer({ identification, stills, measured: true });
        onTestFinished(() => analyzer.close());
        const answers = await analyzeFilm(analyzer, film);
        const end = { ...answers[0], news: await analyzer.finish() };
        return { runs: await runsOf(analyzer), sources: new Set(sourcesIn([...answers, end])) };
      };
      const [without, with_] = [await seen(false), await seen(true)];
      expect(without.runs).not.toHaveProperty(EMBEDDER);
      expect([...without.sources]).toEqual(['track']);
      // With it, these frames do give embeddings, so the count above means something.
      expect(with_.runs[EMBEDDER]).toBeGreaterThan(0);
      expect(with_.sources).toContain('embedding');
      expect(without.runs.facemesh).toBeGreaterThan(0);
    },
  );

  it("a participant's picture is not taken in", async () => {
    const participants = [{ code: 'A07', claim: 'order' }] as const;
    const analyzer = await startAnalyzer({ identification: false, stills: true, participants, measured: true });
    onTestFinished(() => analyzer.close());
    const [face] = await cutFaces(PHOTOGRAPHS[0], 384);
    await expect(slotted(analyzer, face).then((frame) => analyzer.enrol('A07', frame))).rejects.toThrow();
    expect(await runsOf(analyzer)).not.toHaveProperty(EMBEDDER);
  });
});

describe('people who were asked one by one', () => {
  let photograph: Pixels;
  let faces: Pixels[];

  beforeAll(async () => {
    photograph = await readPhotograph(PHOTOGRAPHS[0]);
    faces = await cutFaces(PHOTOGRAPHS[0], 384);
  });

  /** An analyzer of pictures that has seen pictures of participants. */
  async function startWith(
    pictures: Readonly<Record<string, Pixels>>,
    analysed: readonly string[] | null,
  ): Promise<WorkerAnalyzer> {
    const participants: AnalyzerOptions['participants'] = Object.keys(pictures).map((code) => ({
      code,
      claim: 'picture',
    }));
    const choices = { identification: true, stills: true, measured: true };
    const analyzer = await startAnalyzer({ ...choices, participants, analysed });
    onTestFinished(() => analyzer.close());
    for (const [code, picture] of Object.entries(pictures)) {
      const frame = await slotted(analyzer, picture);
      expect(await analyzer.enrol(code, frame)).toBe(1);
      analyzer.release(frame.slot);
    }
    await analyzer.measure('reset');
    return analyzer;
  }

  /** Of each face, from left to right: whose it is, and whether its expression was estimated. */
  async function judged(analyzer: WorkerAnalyzer, picture: Pixels): Promise<(readonly [string | null, boolean])[]> {
    const { report, answers } = await analyzePicture(analyzer, picture);
    const order = report.faces.map((_, i) => i).sort((p, q) => report.faces[p].box.x - report.faces[q].box.x);
    return order.map((i) => [report.faces[i].participant, answers[i] !== null]);
  }

  it('only those who agreed are estimated: the others are a box', async () => {
    const analyzer = await startWith({ A07: faces[1] }, ['A07']);
    expect(await judged(analyzer, photograph)).toEqual([
      [null, false],
      ['A07', true],
      [null, false],
    ]);
  });

  it('what the networks are given is shown of those who agreed, and of nobody else', async () => {
    const analyzer = await startWith({ A07: faces[1] }, ['A07']);
    const frame = await slotted(analyzer, photograph);
    const any = Array.from({ length: 20 }, (_, segment) => segment);
    const { answers, inputs = [], report } = await analyzer.analyze(frame, any);
    analyzer.release(frame.slot);
    const [agreed] = report.faces.filter((_, i) => answers[i] !== null);
    expect(report.faces).toHaveLength(3);
    expect(inputs.map(({ segment }) => segment)).toEqual([agreed.segment]);
    const facts = inputs[0].inputs.map(({ model, width, channels, pixels }) => [model, width, channels, pixels.length]);
    expect(facts).toEqual(PROFILE.members.map(({ model }) => [model, 48, 1, 48 * 48]));
    for (const { pixels } of inputs[0].inputs) expect(new Set(pixels).size).toBeGreaterThan(50); // a face, not a blank
  });

  it('somebody who is known but did not agree to analysis is not estimated', async () => {
    const analyzer = await startWith({ A07: faces[1], B12: faces[2] }, ['B12']);
    expect(await judged(analyzer, photograph)).toEqual([
      [null, false],
      ['A07', false],
      ['B12', true],
    ]);
  });

  it('where bystanders only are seen, no network for expressions runs', async () => {
    const analyzer = await startWith({ A07: faces[1] }, ['A07']);
    expect(await judged(analyzer, faces[0])).toEqual([[null, false]]);
    const before = await runsOf(analyzer);
    for (const member of MEMBERS) expect(before).not.toHaveProperty(member);
    expect(await judged(analyzer, faces[1])).toEqual([['A07', true]]);
    const after = await runsOf(analyzer);
    for (const member of MEMBERS) expect(after[member]).toBe(1);
  });

  it('where nobody agreed, no network for expressions runs', async () => {
    const analyzer = await startWith({ A07: faces[1] }, []);
    expect((await judged(analyzer, photograph)).map(([, estimated]) => estimated)).toEqual([false, false, false]);
    const runs = await runsOf(analyzer);
    for (const member of MEMBERS) expect(runs).not.toHaveProperty(member);
  });

  it('with consent from outside everybody is estimated', async () => {
    const analyzer = await startWith({}, null);
    expect((await judged(analyzer, photograph)).map(([, estimated]) => estimated)).toEqual([true, true, true]);
  });

  it('a picture with several faces teaches nothing', async () => {
    const participants = [{ code: 'A07', claim: 'picture' }] as const;
    const analyzer = await startAnalyzer({ identification: true, stills: true, participants, analysed: ['A07'] });
    onTestFinished(() => analyzer.close());
    const frame = await slotted(analyzer, photograph);
    expect(await analyzer.enrol('A07', frame)).toBe(3);
    analyzer.release(frame.slot);
    expect((await judged(analyzer, photograph)).map(([code]) => code)).toEqual([null, null, null]);
  });

  it('may be identified only if every one of them agreed to that', () => {
    const consentOf = (...scopes: ('analysis' | 'identification')[][]): Consent => ({
      kind: 'file',
      form: null,
      participants: scopes.map((agreed, i) => ({ code: `P${i}`, scopes: agreed })),
    });
    expect(mayIdentify({ kind: 'external' })).toBe(true);
    expect(mayIdentify(consentOf(['analysis', 'identification'], ['identification']))).toBe(true);
    expect(mayIdentify(consentOf(['analysis', 'identification'], ['analysis']))).toBe(false);
    expect(mayIdentify(consentOf([]))).toBe(false);
  });
});

describe('people who are named by hand while they are looked at', () => {
  const CODES = ['A07', 'B08'];
  /** What the camera shows, on and on: three people. */
  let picture: Pixels;

  beforeAll(async () => {
    picture = await smallPhotograph();
  });

  /** An analyzer that knows of two people, neither of whom has a name yet. */
  async function start(choices: Partial<AnalyzerOptions> = {}): Promise<WorkerAnalyzer> {
    const participants = CODES.map((code) => ({ code, claim: 'hand' as const }));
    const options = { identification: true, measured: true, participants, analysed: CODES, ...choices };
    const analyzer = await startAnalyzer(options);
    onTestFinished(() => analyzer.close());
    return analyzer;
  }

  /** Whose each face is and whether its expression was estimated. */
  const judgedIn = ({ report, answers }: FrameAnalysis): unknown =>
    report.faces.map(({ participant }, i) => [participant, answers[i] !== null]);

  it('are estimated and embedded from then on, until they take consent back', async () => {
    const analyzer = await start();
    const first = await analyzePicture(analyzer, picture, 0);
    expect(judgedIn(first)).toEqual([0, 1, 2].map(() => [null, false]));
    const before = await runsOf(analyzer);
    for (const model of [EMBEDDER, ...MEMBERS]) expect(before).not.toHaveProperty(model);

    const trackOf = (face: number): number =>
      first.news.segments.find(({ id }) => id === first.report.faces[face].segment)?.track ?? -1;
    expect(await analyzer.assign(trackOf(0), 'A07')).toBe(true);
    expect(await analyzer.assign(trackOf(1), 'B08')).toBe(true);
    expect(await analyzer.assign(999, 'B08')).toBe(false);
    expect(await analyzer.assign(trackOf(2), 'C09')).toBe(false);
    const named = await analyzePicture(analyzer, picture, 1);
    expect(judgedIn(named)).toEqual([
      ['A07', true],
      ['B08', true],
      [null, false],
    ]);
    expect(named.news.segments).toContainEqual(expect.objectContaining({ source: 'manual', confidence: 1 }));
    await analyzePicture(analyzer, picture, 2);
    await analyzePicture(analyzer, picture, 3);
    expect((await runsOf(analyzer))[EMBEDDER]).toBe(2); // one look at each of the two, none at the bystander

    await analyzer.withdraw('A07', 'everything');
    expect(judgedIn(await analyzePicture(analyzer, picture, 4))).toEqual([
      ['A07', false],
      ['B08', true],
      [null, false],
    ]);
    await analyzer.withdraw('B08', 'everything');
    await analyzer.measure('reset');
    for (const i of [5, 6, 7]) {
      const { answers } = await analyzePicture(analyzer, picture, i);
      expect(answers).toEqual([null, null, null]);
    }
    const after = await runsOf(analyzer);
    for (const model of [EMBEDDER, ...MEMBERS]) expect(after).not.toHaveProperty(model);
  });

  it('may take back a part of it: recognition leaves the scores, analysis leaves the looks', async () => {
    const analyzer = await start();
    const first = await analyzePicture(analyzer, picture, 0);
    const [one, two] = first.report.faces.map(({ segment }) => first.news.segments.find(({ id }) => id === segment));
    await analyzer.assign(one?.track ?? -1, 'A07');
    await analyzer.assign(two?.track ?? -1, 'B08');
    await analyzePicture(analyzer, picture, 1);
    await analyzer.withdraw('A07', 'identification');
    await analyzer.withdraw('B08', 'analysis');
    for (const scope of ['video', 'sharing'] as const) await analyzer.withdraw('A07', scope);
    await analyzer.measure('reset');
    for (const i of [2, 3, 4]) {
      const { report, answers } = await analyzePicture(analyzer, picture, i);
      const judged = report.faces.map(({ participant }, face) => [participant, answers[face] !== null]);
      expect(judged).toEqual(
        expect.arrayContaining([
          ['A07', true],
          ['B08', false],
          [null, false],
        ]),
      );
    }
    const runs = await runsOf(analyzer);
    expect(runs[EMBEDDER]).toBe(1); // Ben's, who was given a name and not looked at yet
    for (const model of MEMBERS) expect(runs[model]).toBe(3);
  });

  it('are named in the order of the calls: frames that were asked for before know nothing of it', async () => {
    const analyzer = await start();
    const first = await analyzePicture(analyzer, picture, 0);
    const { track } = first.news.segments[0];
    const frames = await Promise.all([1, 2, 3].map((i) => slotted(analyzer, picture, i)));
    const asked = [analyzer.analyze(frames[0])];
    const assigned = analyzer.assign(track, 'A07');
    asked.push(analyzer.analyze(frames[1]));
    const withdrawn = analyzer.withdraw('A07', 'everything');
    asked.push(analyzer.analyze(frames[2]));
    const answers = await Promise.all(asked);
    expect(await assigned).toBe(true);
    await withdrawn;
    const estimated = answers.map((answer) => answer.answers.filter((members) => members !== null).length);
    expect(estimated).toEqual([0, 1, 0]);
  });

  it('who did not agree to analysis are named and not estimated', async () => {
    const analyzer = await start({ analysed: ['B08'], identification: false });
    const { news } = await analyzePicture(analyzer, picture, 0);
    expect(await analyzer.assign(news.segments[0].track, 'A07')).toBe(true);
    expect(judgedIn(await analyzePicture(analyzer, picture, 1))).toContainEqual(['A07', false]);
  });

  it('are all of them named so, even those with a picture', async () => {
    const consent: Consent = {
      kind: 'file',
      form: null,
      participants: [{ code: 'A07', scopes: ['analysis', 'identification'], picture: 'a07.jpg' }],
    };
    const settings = { profile: PROFILE, consent, identification: true };
    const analyzer = await startNetworks(await openRegistry(), settings, 'camera', { areNamedByHand: true });
    onTestFinished(() => analyzer.close());
    const { news } = await analyzePicture(analyzer, picture, 0);
    expect(await analyzer.assign(news.segments[0].track, 'A07')).toBe(true);
    expect(judgedIn(await analyzePicture(analyzer, picture, 1))).toContainEqual(['A07', true]);
  });
});

/** The networks of the vision, remembering every embedding. */
class Watched extends FaceNetworks {
  readonly embeddings: Float32Array[] = [];

  override async embed(frame: Frame, face: Landmarks68): Promise<Float32Array> {
    const embedding = await super.embed(frame, face);
    this.embeddings.push(embedding.slice());
    return embedding;
  }
}

describe('what a session leaves on the disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mien-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const filesIn = (path: string): Buffer[] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

  const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

  /** A number of single precision with as many digits as it needs. */
  const textOf = (value: number): string =>
    [6, 7, 8, 9]
      .map((digits) => String(Number(value.toPrecision(digits))))
      .find((text) => Math.fround(+text) === value) ?? String(value);

  it('holds the landmarks, but nothing of an embedding', async () => {
    const path = fileURLToPath(new URL('../../node_modules/@vladmandic/face-api/demo/sample1.jpg', import.meta.url));
    const [input] = await resolveInput(path);
    const store = await openStore(join(folder, 'data'));
    const settings: AnalysisSettings = {
      profile: PROFILE,
      consent: { kind: 'external' },
      consentFolder: '.',
      identification: true,
      folder: join(folder, 'out'),
      exporters: EXPORTERS,
      intervalSeconds: 10,
      blankInvalid: false,
    };
    const quiet = { onStart: () => undefined, onProgress: () => undefined, onExport: () => undefined };
    const host = { registry: await openRegistry(), store, signal: { aborted: false }, ...quiet };
    const { persons } = await analyze(input, 'sample1', settings, host);
    await store.close();
    expect(persons).toHaveLength(3);

    // The same once more, to know the embeddings that were computed on the way.
    const room = new FrameRoom();
    const networks = new Watched({
      detector: await openModel(PROFILE.vision.detector),
      mesh: await openModel(PROFILE.vision.mesh),
      occlusion: await openModel(PROFILE.vision.occlusion),
      embedder: await openModel(PROFILE.vision.embedder),
    });
    networks.attach(room.kernel, room.arena);
    const stage = new VisionStage(networks, {
      profile: PROFILE,
      identification: true,
      stills: true,
      participants: null,
    });
    const { faces } = await stage.process(room.frame(await readPhotograph(PHOTOGRAPHS[0])));
    expect(networks.embeddings).toHaveLength(3);

    const files = filesIn(folder);
    expect(files.length).toBeGreaterThan(5); // the database, four tables and the sidecar at least
    const holds = (what: Buffer | string): boolean => files.some((file) => file.includes(what));
    for (const { landmarks, box } of faces) {
      expect(holds(bytesOf(landmarks))).toBe(true);
      expect(holds(textOf(Math.fround(box.x)))).toBe(true);
    }
    for (const embedding of networks.embeddings) {
      for (let i = 0; i + 2 <= embedding.length; i++) {
        expect(holds(bytesOf(embedding.subarray(i, i + 2)))).toBe(false);
        expect(holds(textOf(embedding[i]))).toBe(false);
      }
    }
  });
});
