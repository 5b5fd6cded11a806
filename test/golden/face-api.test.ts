// The converted networks against face-api itself. Both get the same pixels, and each normalises them in its own way.
// Measured: outputs differ by 2e-6 at most, boxes by 0.0003 pixels of the photograph.
import { beforeAll, describe, expect, it } from 'vitest';
import { suppressOverlaps } from '../../src/main/core/detect.ts';
import { softmax } from '../../src/main/core/expression.ts';
import { iou, type Affine, type Box } from '../../src/main/core/geometry.ts';
import type { Outputs } from '../../src/main/core/networks.ts';
import { Sampler } from '../../src/main/core/sample.ts';
import {
  faceApi,
  loadWeights,
  pictureTensor,
  startTensorFlow,
  valuesOf,
  type Picture,
  type Readable,
} from '../fixtures/face-api.ts';
import { openEntry, openModel, partOf, runPictures, worstDeviation } from '../fixtures/models.ts';
import {
  cutFaces,
  FrameRoom,
  PHOTOGRAPHS,
  readPhotograph,
  type Photograph,
  type Pixels,
} from '../fixtures/photographs.ts';

/** A tenth of what is asked of the conversion (1e-3 and half a pixel), and fifty times what was measured. */
const TOLERANCE = 1e-4;
const BOX_TOLERANCE_PX = 0.05;
const MIN_SCORE = 0.5;
const FACES = 22;

const { ssdMobilenetv1, tinyFaceDetector, faceLandmark68Net, faceExpressionNet, faceRecognitionNet } = faceApi.nets;

beforeAll(async () => {
  await startTensorFlow();
  await loadWeights(ssdMobilenetv1, tinyFaceDetector, faceLandmark68Net, faceExpressionNet, faceRecognitionNet);
});

describe('networks that look at one face', () => {
  /** Every face of the photographs, and what one of face-api's networks says of it. */
  async function askFaceApi(
    size: number,
    forward: (face: Picture) => Promise<unknown>,
  ): Promise<{ pixels: Uint8Array[]; answers: Float32Array[] }> {
    const pixels: Uint8Array[] = [];
    const answers: Float32Array[] = [];
    for (const photograph of PHOTOGRAPHS) {
      for (const cut of await cutFaces(photograph, size)) {
        const face = pictureTensor(cut);
        pixels.push(cut.data);
        answers.push(valuesOf((await forward(face)) as Readable));
        face.dispose();
      }
    }
    return { pixels, answers };
  }

  it('the 68 landmarks are those of face-api, for a batch as for single faces', async () => {
    const { pixels, answers } = await askFaceApi(112, (face) => faceLandmark68Net.forward(face));
    const { points } = await runPictures(await openModel('face-landmark-68'), pixels);
    expect(answers).toHaveLength(FACES);
    answers.forEach((answer, i) => {
      expect(worstDeviation(partOf(points, i, FACES), answer)).toBeLessThan(TOLERANCE);
    });
  });

  it('the probabilities of the seven expressions are those of face-api', async () => {
    const { pixels, answers } = await askFaceApi(112, (face) => faceExpressionNet.forward(face));
    const { logits } = await runPictures(await openModel('face-expression'), pixels);
    expect(answers).toHaveLength(FACES);
    answers.forEach((answer, i) => {
      expect(worstDeviation(softmax(partOf(logits, i, FACES)), answer)).toBeLessThan(TOLERANCE);
    });
  });

  it("the manifest names the expressions in face-api's order", async () => {
    const { expression } = await openEntry('face-expression');
    expect(expression?.labels).toEqual([...faceApi.FACE_EXPRESSION_LABELS]);
  });

  it('the 128 numbers of the embedding are those of face-api', async () => {
    const { pixels, answers } = await askFaceApi(150, (face) => faceRecognitionNet.forward(face));
    const { embedding } = await runPictures(await openModel('face-recognition'), pixels);
    expect(answers).toHaveLength(FACES);
    answers.forEach((answer, i) => {
      expect(worstDeviation(partOf(embedding, i, FACES), answer)).toBeLessThan(TOLERANCE);
    });
  });
});

interface Found {
  readonly score: number;
  readonly box: Box;
}

interface RawOutputs {
  /** x0 y0 x1 y1 of every anchor as shares of the padded square. */
  readonly boxes: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

interface Detector {
  readonly id: string;
  readonly size: number;
  /** What face-api finds in the six photographs, so that no comparison is of nothing. */
  readonly counts: readonly number[];
  /** Above this overlap, the worse of two boxes goes. */
  readonly maxIou: number;
  /** Least overlap of boxes that were found on differently sampled pictures. */
  readonly leastIou: number;
  readonly raw: (picture: Picture) => Promise<RawOutputs>;
  readonly locate: (picture: Picture) => Promise<faceApi.FaceDetection[]>;
}

/** face-api's own reading of the tiny network's output; its types do not tell of it. */
interface CellReader {
  extractBoxes(
    output: unknown,
    input: { width: number; height: number },
    minScore: number,
  ): Promise<{ readonly box: faceApi.Box; readonly score: number }[]>;
}

const DETECTORS: readonly Detector[] = [
  {
    id: 'ssd-mobilenet',
    size: 512,
    counts: [3, 3, 3, 4, 5, 4],
    maxIou: 0.5,
    leastIou: 0.9,
    locate: (picture) => ssdMobilenetv1.locateFaces(picture, { minConfidence: MIN_SCORE }),
    raw: async (picture) => {
      const { boxes, scores } = await ssdMobilenetv1.forward(picture);
      const corners = valuesOf(boxes[0]); // y0 x0 y1 x1
      return { boxes: corners.map((_, i) => corners[i ^ 1]), scores: valuesOf(scores[0]) };
    },
  },
  {
    id: 'tiny-face-detector',
    size: 416,
    counts: [3, 1, 3, 3, 5, 5],
    maxIou: 0.4,
    // TensorFlow's grid lies 1.8 pixels of the photograph beside ours here, and the boxes of this network jump: 0.864 measured.
    leastIou: 0.85,
    locate: (picture) => tinyFaceDetector.locateFaces(picture, { inputSize: 416, scoreThreshold: MIN_SCORE }),
    raw: async (picture) => {
      const output = await tinyFaceDetector.forward(picture, 416);
      const reader = tinyFaceDetector as unknown as CellReader;
      const cells = await reader.extractBoxes(output, { width: 416, height: 416 }, 0);
      output.dispose();
      const boxes = cells.flatMap(({ box }) => [box.left, box.top, box.right, box.bottom]);
      return { boxes, scores: cells.map(({ score }) => score) };
    },
  },
];

/** The faces in the outputs of one of our detectors, in pixels of the photograph, whose longer side is `side`. */
function facesIn({ boxes, scores }: Outputs, side: number, maxIou: number): Found[] {
  const found: Found[] = [];
  scores.forEach((score, i) => {
    const [x0, y0, x1, y1] = Array.from(boxes.subarray(4 * i, 4 * i + 4), (share) => share * side);
    if (score > MIN_SCORE) found.push({ score, box: { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } });
  });
  found.sort((a, b) => b.score - a.score);
  return suppressOverlaps(found, maxIou);
}

/**
 * face-api's detections in pixels of the photograph. It takes them back from the square by the photograph's size in the square
 * rounded to whole pixels, which puts its boxes up to 0.63 pixels off; that rounding is undone here.
 */
function withoutRounding(
  detections: readonly faceApi.FaceDetection[],
  { width, height }: Pixels,
  size: number,
): Found[] {
  const side = Math.max(width, height);
  const rounding = (length: number): number => Math.round((length * size) / side) / ((length * size) / side);
  const [sx, sy] = [rounding(width), rounding(height)];
  return detections.map(({ score, box }) => ({
    score,
    box: { x: box.x * sx, y: box.y * sy, width: box.width * sx, height: box.height * sy },
  }));
}

/** Pairs of the same face. Throws when the two did not find the same faces. */
function paired(ours: readonly Found[], theirs: readonly Found[]): (readonly [our: Found, their: Found])[] {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} faces where face-api finds ${theirs.length}`);
  const pairs = theirs.map((their) => {
    const best = ours.reduce((a, b) => (iou(b.box, their.box) > iou(a.box, their.box) ? b : a));
    return [best, their] as const;
  });
  if (new Set(pairs.map(([our]) => our)).size !== theirs.length) throw new Error('other faces than face-api finds');
  return pairs;
}

const corners = ({ x, y, width, height }: Box): number[] => [x, y, x + width, y + height];

describe.each(DETECTORS)('detector $id', (detector) => {
  const { id, size, maxIou } = detector;

  interface Reference {
    readonly pixels: Pixels;
    /** Length of the photograph's longer side. */
    readonly side: number;
    /** The picture as face-api prepares it: zeros at the right or below, then TensorFlow's old bilinear resizing. */
    readonly square: Float32Array;
    readonly raw: RawOutputs;
    readonly found: Found[];
  }

  /** What face-api makes of the photographs, by file. */
  const references = new Map<string, Reference>();

  beforeAll(async () => {
    for (const photograph of PHOTOGRAPHS) {
      const pixels = await readPhotograph(photograph);
      const picture = pictureTensor(pixels);
      references.set(photograph.file, {
        pixels,
        side: Math.max(pixels.width, pixels.height),
        square: valuesOf(new faceApi.NetInput([picture]).toBatchTensor(size, false)),
        raw: await detector.raw(picture),
        found: withoutRounding(await detector.locate(picture), pixels, size),
      });
      picture.dispose();
    }
  });

  function referenceOf({ file }: Photograph): Reference {
    const reference = references.get(file);
    if (!reference) throw new Error(`face-api was not asked about ${file}`);
    return reference;
  }

  it('is compared with as many faces as face-api is known to find', () => {
    expect(PHOTOGRAPHS.map((photograph) => referenceOf(photograph).found.length)).toEqual(detector.counts);
  });

  it('gives the same boxes and scores as face-api for all anchors', async () => {
    const model = await openModel(id);
    for (const photograph of PHOTOGRAPHS) {
      const { square, raw } = referenceOf(photograph);
      const { boxes, scores } = await runPictures(model, [square]);
      expect(worstDeviation(boxes, raw.boxes)).toBeLessThan(TOLERANCE);
      expect(worstDeviation(scores, raw.scores)).toBeLessThan(TOLERANCE);
    }
  });

  it('finds the faces that face-api locates in the whole photograph, to a twentieth of a pixel', async () => {
    const model = await openModel(id);
    for (const photograph of PHOTOGRAPHS) {
      const { square, side, found } = referenceOf(photograph);
      for (const [our, their] of paired(facesIn(await runPictures(model, [square]), side, maxIou), found)) {
        expect(worstDeviation(corners(our.box), corners(their.box))).toBeLessThan(BOX_TOLERANCE_PX);
        expect(Math.abs(our.score - their.score)).toBeLessThan(TOLERANCE);
      }
    }
  });

  it('finds the same faces on pictures that our own sampler has cut', async () => {
    const model = await openModel(id);
    const room = new FrameRoom();
    const sampler = new Sampler(room.kernel, room.arena, 2);
    const tensor = sampler.tensor(model.input, 1);
    for (const photograph of PHOTOGRAPHS) {
      const { pixels, side, found } = referenceOf(photograph);
      const fromCorner: Affine = { a: side / size, b: 0, c: 0, d: 0, e: side / size, f: 0 };
      sampler.sample(room.frame(pixels), fromCorner, model.input, 'black', tensor);
      for (const [our, their] of paired(facesIn(await model.run(tensor, 1), side, maxIou), found)) {
        expect(iou(our.box, their.box)).toBeGreaterThanOrEqual(detector.leastIou);
      }
    }
  });

  it("our sampler, set on TensorFlow's grid and not averaging, cuts face-api's very pixels", async () => {
    const { input } = await openModel(id);
    const room = new FrameRoom();
    const sampler = new Sampler(room.kernel, room.arena, Infinity);
    const tensor = sampler.tensor(input, 1);
    for (const photograph of PHOTOGRAPHS) {
      const { pixels, side, square } = referenceOf(photograph);
      const scale = side / size;
      const shift = 0.5 - scale / 2; // the centre of the first pixel is read at the centre of the first pixel
      const map: Affine = { a: scale, b: 0, c: shift, d: 0, e: scale, f: shift };
      sampler.sample(room.frame(pixels), map, input, 'black', tensor);
      let [worst, compared] = [0, 0];
      square.forEach((value, i) => {
        const [c, y] = [i % 3, Math.floor(i / (3 * size)) * scale];
        // Where the photograph ends, TensorFlow blends it into the padding over one pixel, and Mien cuts it off.
        if (y > pixels.height - 1 && y < pixels.height) return;
        const own = tensor[c * size * size + (i - c) / 3] * input.std[c] + input.mean[c];
        worst = Math.max(worst, Math.abs(own - value));
        compared++;
      });
      expect(worst).toBeLessThan(0.01);
      expect(compared).toBeGreaterThanOrEqual(3 * size * (size - 1));
    }
  });
});
