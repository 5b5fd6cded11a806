// The networks of @vladmandic/human against tfjs, which reads the same files; then the chain from a photograph to 68 landmarks
// against what a person sees and against face-api. Measured: boxes differ by 2e-4 pixels, mesh points by 2e-4, probabilities by 1e-6.
import { beforeAll, describe, expect, it } from 'vitest';
import { softmax } from '../../src/main/core/expression.ts';
import { distance, type Point } from '../../src/main/core/geometry.ts';
import {
  eyeCenters,
  interocularDistance,
  landmarks68,
  regionOfDetection,
  type Landmarks68,
} from '../../src/main/core/landmarks.ts';
import { FaceNetworks } from '../../src/main/core/networks.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import {
  faceApi,
  loadHumanModel,
  loadWeights,
  pictureTensor,
  startTensorFlow,
  tf,
  valuesOf,
} from '../fixtures/face-api.ts';
import { MODELS, openEntry, openModel, partOf, runPictures, worstDeviation } from '../fixtures/models.ts';
import {
  boxesOfFaces,
  cutFaces,
  FrameRoom,
  PHOTOGRAPHS,
  readPhotograph,
  squeezedPhotograph,
  type Pixels,
} from '../fixtures/photographs.ts';

const PIXEL_TOLERANCE = 1e-3;
const PROBABILITY_TOLERANCE = 1e-5;
/** Logits reach −850, where a float32 is good to 3e-5: what counts is the deviation as a share of the value. */
const LOGIT_TOLERANCE = 1e-4;

beforeAll(startTensorFlow);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Runs a graph as tfjs reads it, on values 0…255 that are normalised as our manifest says. */
async function askTensorFlow(name: string, pictures: readonly ArrayLike<number>[]): Promise<tf.Tensor[][]> {
  const graph = await loadHumanModel(name);
  const { width, height, mean, std } = (await openEntry(name)).input;
  const answers = pictures.map((picture) =>
    tf.tidy(() => {
      const input = tf.tensor4d(Float32Array.from(picture), [1, height, width, mean.length]);
      return [graph.execute(input.sub(mean).div(std))].flat();
    }),
  );
  graph.dispose();
  return answers;
}

const grayOf = ({ data, width, height }: Pixels): Float32Array =>
  Float32Array.from(
    { length: width * height },
    (_, i) => 0.299 * data[3 * i] + 0.587 * data[3 * i + 1] + 0.114 * data[3 * i + 2],
  );

async function everyFace(size: number): Promise<Pixels[]> {
  const faces: Pixels[] = [];
  for (const photograph of PHOTOGRAPHS) faces.push(...(await cutFaces(photograph, size)));
  return faces;
}

describe('the converted graphs', () => {
  it('blazeface gives the boxes and scores of all anchors as the original does', async () => {
    const pictures: Uint8Array[] = [];
    for (const photograph of PHOTOGRAPHS) pictures.push((await squeezedPhotograph(photograph, 256)).data);
    const { boxes, score_logits } = await runPictures(await openModel('blazeface'), pictures);
    const answers = await askTensorFlow('blazeface', pictures);
    expect(answers).toHaveLength(6);
    answers.forEach((outputs, n) => {
      // human puts them together so (src/face/blazeface.ts): by size, the 512 anchors of the finer grid first.
      const sized = (size: number): Float32Array => {
        const output = outputs.find((tensor) => tensor.size === size);
        if (!output) throw new Error(`blazeface has no output of ${size} values`);
        return valuesOf(output);
      };
      const theirBoxes = [...sized(512 * 16), ...sized(384 * 16)];
      const theirLogits = [...sized(512), ...sized(384)];
      const logits = partOf(score_logits, n, 6);
      expect(worstDeviation(partOf(boxes, n, 6), theirBoxes)).toBeLessThan(PIXEL_TOLERANCE);
      expect(worstDeviation(logits.map(sigmoid), theirLogits.map(sigmoid))).toBeLessThan(LOGIT_TOLERANCE);
      const scale = theirLogits.map((logit) => Math.max(1, Math.abs(logit)));
      const shares = (values: ArrayLike<number>): number[] => scale.map((unit, i) => values[i] / unit);
      expect(worstDeviation(shares(logits), shares(theirLogits))).toBeLessThan(LOGIT_TOLERANCE);
    });
  });

  it('facemesh gives the points and the flag of a face as the original does, of what is no face too', async () => {
    const pictures = (await everyFace(192)).map((face) => face.data);
    for (const photograph of PHOTOGRAPHS) pictures.push((await squeezedPhotograph(photograph, 192)).data);
    const { points, face_logit } = await runPictures(await openModel('facemesh'), pictures);
    const answers = await askTensorFlow('facemesh', pictures);
    expect(answers).toHaveLength(28);
    const flags: number[] = [];
    answers.forEach((outputs, n) => {
      const columns = (count: number): Float32Array => {
        const output = outputs.find((tensor) => tensor.shape.at(-1) === count);
        if (!output) throw new Error(`facemesh has no output of ${count} columns`);
        return valuesOf(output);
      };
      const [flag] = columns(1);
      flags.push(flag);
      expect(worstDeviation(partOf(points, n, 28), columns(1404))).toBeLessThan(PIXEL_TOLERANCE);
      expect(Math.abs(sigmoid(face_logit[n]) - flag)).toBeLessThan(PROBABILITY_TOLERANCE);
    });
    // The flag was compared where it says yes, where it says no, and where it is undecided.
    expect(Math.min(...flags)).toBeLessThan(0.05);
    expect(flags.filter((flag) => flag > 0.2 && flag < 0.95).length).toBeGreaterThan(0);
    expect(Math.max(...flags)).toBeGreaterThan(0.999);
  });

  it('emotion gives the seven probabilities as the original does', async () => {
    const pictures = (await everyFace(64)).map(grayOf);
    const { logits } = await runPictures(await openModel('emotion'), pictures);
    const answers = await askTensorFlow('emotion', pictures);
    expect(answers).toHaveLength(22);
    answers.forEach(([probabilities], n) => {
      const ours = softmax(partOf(logits, n, 22));
      expect(worstDeviation(ours, valuesOf(probabilities))).toBeLessThan(PROBABILITY_TOLERANCE);
    });
  });
});

describe('from a photograph to landmarks', () => {
  /**
   * Half an eye's width, which is also the distance from a corner of the mouth to the next point of the lips, in distances of
   * the eyes: 0.386 / 2 and 0.193, the medians of face-api's landmarks. Further off, a point would be another point. Each network
   * errs by about 0.04 (manifest.json for the mesh), two of them by 0.06; the worst of 80 points here is 0.17.
   */
  const TOLERANCE = 0.19;

  interface Seen {
    readonly file: string;
    readonly index: number;
    readonly ours: Landmarks68;
    readonly theirs: Landmarks68;
    readonly faceLogit: number;
  }

  const seen: Seen[] = [];
  const counts: number[] = [];

  beforeAll(async () => {
    const { ssdMobilenetv1, faceLandmark68Net } = faceApi.nets;
    await loadWeights(ssdMobilenetv1, faceLandmark68Net);
    const { tracking } = await (await ModelRegistry.open(MODELS)).profile('mien');
    const room = new FrameRoom();
    const networks = new FaceNetworks({
      detector: await openModel('blazeface'),
      mesh: await openModel('facemesh'),
      occlusion: await openModel('occlusion'),
      embedder: null,
    });
    networks.attach(room.kernel, room.arena);
    for (const photograph of PHOTOGRAPHS) {
      const pixels = await readPhotograph(photograph);
      const frame = room.frame(pixels);
      const detections = await networks.detect(frame, tracking.minDetectionScore);
      counts.push(detections.length);
      const faces = boxesOfFaces(photograph, pixels, detections);
      const readings = await networks.mesh(frame, faces.map(regionOfDetection), 'edge');
      const picture = pictureTensor(pixels);
      const located = await faceApi.detectAllFaces(picture, new faceApi.SsdMobilenetv1Options()).withFaceLandmarks();
      picture.dispose();
      const theirs = boxesOfFaces(
        photograph,
        pixels,
        located.map(({ detection, landmarks }) => ({ box: detection.box, positions: landmarks.positions })),
      );
      readings.forEach(({ mesh, faceLogit }, index) => {
        const points = Float32Array.from(theirs[index].positions.flatMap(({ x, y }) => [x, y]));
        seen.push({ file: photograph.file, index, ours: landmarks68(mesh), theirs: points, faceLogit });
      });
    }
  });

  const pointAt = (landmarks: Landmarks68, i: number): Point => ({ x: landmarks[2 * i], y: landmarks[2 * i + 1] });

  /** The corners of the mouth, p48 and p54, behind the centres of both eyes. */
  const landmarksToCompare = (landmarks: Landmarks68): Point[] => {
    const { right, left } = eyeCenters(landmarks);
    return [right, left, pointAt(landmarks, 48), pointAt(landmarks, 54)];
  };

  /** A profile, and a bent head behind hair: face-api's own landmarks lie beside these two faces. */
  const isBeyondFaceApi = ({ file, index }: Seen): boolean => file === 'sample2.jpg' && index < 2;

  it('the detector finds every visible face and nothing else', () => {
    expect(counts).toEqual([3, 3, 3, 4, 5, 4]);
    expect(seen).toHaveLength(22);
  });

  it('the mesh network takes every one of them for a face', () => {
    for (const { faceLogit } of seen) expect(faceLogit).toBeGreaterThan(0);
  });

  it("eyes and corners of the mouth lie where face-api's landmarks have them", () => {
    const deviations = seen
      .filter((face) => !isBeyondFaceApi(face))
      .map(({ ours, theirs }) => {
        const reference = landmarksToCompare(theirs);
        return landmarksToCompare(ours).map((p, i) => distance(p, reference[i]) / interocularDistance(theirs));
      });
    expect(deviations).toHaveLength(20);
    for (const face of deviations) for (const deviation of face) expect(deviation).toBeLessThan(TOLERANCE);
    for (const i of [0, 1, 2, 3]) {
      const sorted = deviations.map((face) => face[i]).sort((a, b) => a - b);
      expect(sorted[10]).toBeLessThan(TOLERANCE / 2);
    }
  });

  it('eyes and mouth lie where a person points on the two faces that face-api gets wrong', () => {
    const eyeDistance = 84; // of the third face in the same photograph
    const near = (p: Point, x: number, y: number): void => {
      expect(distance(p, { x, y })).toBeLessThan(TOLERANCE * eyeDistance);
    };
    const [profile, bent] = seen.filter(isBeyondFaceApi);
    near(eyeCenters(profile.ours).left, 414, 244);
    near(pointAt(profile.ours, 54), 430, 344);
    near(eyeCenters(bent.ours).right, 945, 339);
    near(pointAt(bent.ours, 48), 957, 411);
    near(pointAt(bent.ours, 54), 1017, 413);
  });
});
