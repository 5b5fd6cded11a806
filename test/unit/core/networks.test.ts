import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/main/core/frame.ts';
import type { Affine, Region } from '../../../src/main/core/geometry.ts';
import { landmarks68, type Landmarks68 } from '../../../src/main/core/landmarks.ts';
import {
  FaceNetworks,
  FedNetwork,
  alignedFace,
  type Outputs,
  type VisionNetworks,
} from '../../../src/main/core/networks.ts';
import { Sampler } from '../../../src/main/core/sample.ts';
import { AnsweringNetwork, meanOf, rgb } from '../../fixtures/answering-network.ts';
import { boxAround, frontalMesh } from '../../fixtures/fake-faces.ts';
import { FrameRoom } from '../../fixtures/photographs.ts';

const [WIDTH, HEIGHT] = [240, 120];

let room: FrameRoom;
let frame: Frame;

/** Of every pixel red is the column and green the row, so that a mean tells where a picture was cut; blue is 60. */
beforeAll(() => {
  room = new FrameRoom();
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) data.set([i % WIDTH, Math.floor(i / WIDTH), 60], 3 * i);
  frame = room.frame({ data, width: WIDTH, height: HEIGHT });
});

const unused = new AnsweringNetwork(rgb(8), () => ({}));

function networksWith(some: Partial<VisionNetworks>): FaceNetworks {
  const networks = new FaceNetworks({ detector: unused, mesh: unused, occlusion: unused, embedder: null, ...some });
  networks.attach(room.kernel, room.arena);
  return networks;
}

const region = (x: number, y: number, size = 20, angle = 0): Region => ({ center: { x, y }, size, angle });

describe('a network', () => {
  const square = (x: number): Affine => ({ a: 1, b: 0, c: x - 4, d: 0, e: 1, f: 56 }); // 8 × 8 pixels around (x, 60)

  it('gets every picture once, in batches that are full but for the last, and each its own answer', async () => {
    const network = new AnsweringNetwork(rgb(8), (picture) => ({
      place: Float32Array.of(meanOf(picture, 0), meanOf(picture, 1)),
      blue: Float32Array.of(meanOf(picture, 2)),
    }));
    const fed = new FedNetwork(network, new Sampler(room.kernel, room.arena, 3), 3);
    const columns = [20, 40, 60, 80, 100, 120, 140];
    const read = await fed.run(frame, columns.map(square), 'edge', ({ place, blue }, index, picture) => ({
      answer: [...place, ...blue],
      index,
      seen: meanOf(picture, 0),
    }));
    expect(network.counts).toEqual([3, 3, 1]);
    expect(read.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    columns.forEach((x, i) => {
      [x - 0.5, 59.5, 60].forEach((value, k) => expect(read[i].answer[k]).toBeCloseTo(value, 3));
      expect(read[i].seen).toBeCloseTo(x - 0.5, 3);
    });
  });

  it('is not run for nothing', async () => {
    const network = new AnsweringNetwork(rgb(8), () => ({}));
    const fed = new FedNetwork(network, new Sampler(room.kernel, room.arena, 3));
    expect(await fed.run(frame, [], 'edge', () => 1)).toEqual([]);
    expect(network.counts).toEqual([]);
  });

  it('gets a face as its crop says, turned upright', async () => {
    const network = new AnsweringNetwork(rgb(16), () => ({ none: Float32Array.of(0) }), { scale: 1, down: 0 });
    const fed = new FedNetwork(network, new Sampler(room.kernel, room.arena, 3));
    // Eyes 20 apart in one column, the person's right eye above; the mouth 20 to their left: the face is turned clockwise.
    const landmarks = new Float32Array(136);
    for (let i = 36; i < 42; i++) landmarks.set([100, 50], 2 * i);
    for (let i = 42; i < 48; i++) landmarks.set([100, 70], 2 * i);
    for (let i = 48; i < 68; i++) landmarks.set([80, 60], 2 * i);
    await fed.runOnFaces(frame, [landmarks], () => null);
    const [picture] = network.pictures;
    // The cut goes from 70 to 110 and from 40 to 80: 2.5 pixels of the frame for one of the picture.
    const pixel = (x: number, y: number): number[] => [0, 1].map((color) => picture[color * 256 + y * 16 + x]);
    [108.25, 40.75].forEach((value, i) => expect(pixel(0, 0)[i]).toBeCloseTo(value, 3));
    [108.25, 78.25].forEach((value, i) => expect(pixel(15, 0)[i]).toBeCloseTo(value, 3));
    [70.75, 40.75].forEach((value, i) => expect(pixel(0, 15)[i]).toBeCloseTo(value, 3));
  });

  it('that does not say how a face is cut for it says so', () => {
    const fed = new FedNetwork(unused, new Sampler(room.kernel, room.arena, 3));
    expect(() => fed.runOnFaces(frame, [new Float32Array(136)], () => null)).toThrow(/how a face is cut/);
  });
});

describe('the detector', () => {
  /** The first anchor of the cell of stride 16 whose centre is (136, 136) in the input. */
  const MIDDLE = 2 * (8 * 16 + 8);

  /** Detections by anchor: the middle of the box from the anchor, its size, and the score. */
  type Found = Readonly<Record<number, readonly [dx: number, dy: number, size: number, score: number]>>;

  function detectorOf(found: Found): AnsweringNetwork {
    const boxes = new Float32Array(896 * 16);
    const score_logits = new Float32Array(896).fill(-20);
    for (const [anchor, [dx, dy, size, score]] of Object.entries(found)) {
      boxes.set([dx, dy, size, size, dx - size / 4, dy - size / 4, dx + size / 4, dy - size / 4], 16 * Number(anchor));
      score_logits[Number(anchor)] = Math.log(score / (1 - score));
    }
    return new AnsweringNetwork(rgb(256, 255), () => ({ boxes, score_logits }));
  }

  it('sees the whole frame, centred, with black bars', async () => {
    const detector = detectorOf({});
    expect(await networksWith({ detector }).detect(frame, 0.5)).toEqual([]);
    const [picture] = detector.pictures;
    // 240 × 120 pixels become 256 × 128 in the middle: rows 64 to 191.
    const blue = (x: number, y: number): number => picture[2 * 65536 + y * 256 + x] * 255;
    for (const x of [0, 128, 255]) {
      for (const y of [0, 62, 193, 255]) expect(blue(x, y), `${x}, ${y}`).toBe(0);
      for (const y of [66, 128, 189]) expect(blue(x === 0 ? 2 : x === 255 ? 253 : x, y)).toBeCloseTo(60, 3);
    }
    expect(picture[128 * 256 + 128] * 255).toBeCloseTo((128.5 * 240) / 256 - 0.5, 1);
  });

  it('gives boxes, eyes and scores in the frame, best first', async () => {
    const detector = detectorOf({ [MIDDLE]: [4, -8, 32, 0.75], [MIDDLE - 16]: [0, 0, 16, 0.9] });
    const [best, second, ...more] = await networksWith({ detector }).detect(frame, 0.5);
    expect(more).toEqual([]);
    // A pixel of the input is 0.9375 of the frame, whose top is 60 above the picture's: (140, 128) is (131.25, 60).
    expect(second.box).toEqual(boxAround(131.25, 60, 30));
    expect(second.score).toBeCloseTo(0.75, 6);
    expect(second.keypoints[0]).toEqual({ x: 123.75, y: 52.5 });
    expect(second.keypoints[1]).toEqual({ x: 138.75, y: 52.5 });
    // Eight cells to the left: (8, 136).
    expect(best.box).toEqual(boxAround(7.5, 67.5, 15));
    expect(best.score).toBeCloseTo(0.9, 6);
  });

  it('leaves out what is too uncertain', async () => {
    const detector = detectorOf({ [MIDDLE]: [0, 0, 32, 0.6], [MIDDLE - 16]: [0, 0, 32, 0.4] });
    const networks = networksWith({ detector });
    expect((await networks.detect(frame, 0.5)).map(({ score }) => Number(score.toFixed(3)))).toEqual([0.6]);
    expect(await networks.detect(frame, 0.3)).toHaveLength(2);
    expect(await networks.detect(frame, 0.7)).toEqual([]);
  });

  it('gives one box for one face', async () => {
    // Shifted by half a side two boxes share a third of what they cover together, by six tenths a quarter.
    const at = async (shift: number): Promise<number> => {
      const detector = detectorOf({ [MIDDLE]: [0, 0, 40, 0.9], [MIDDLE + 1]: [shift, 0, 40, 0.8] });
      return (await networksWith({ detector }).detect(frame, 0.5)).length;
    };
    expect(await at(1)).toBe(1);
    expect(await at(20)).toBe(1);
    expect(await at(24)).toBe(2);
  });
});

describe('the detector at the edges', () => {
  // A pixel of the input is 1.171875 of the frame, whose top left is at (25.6, 76.8) in the input.
  const detector = (): AnsweringNetwork => {
    const boxes = new Float32Array(896 * 16);
    const score_logits = new Float32Array(896).fill(-20);
    // Cells of 16 pixels, at rows 128 to 143: one at the left edge of the frame, one inside.
    for (const cell of [1, 8]) {
      const anchor = 2 * (8 * 16 + cell);
      boxes.set([0, 0, 24, 24], 16 * anchor);
      score_logits[anchor] = 3;
    }
    return new AnsweringNetwork(rgb(256, 255), () => ({ boxes, score_logits }));
  };

  it('finds half faces and leaves the others to the detector of whole ones', async () => {
    const [half, ...more] = await networksWith({ detector: detector() }).detectAtEdges(frame, 0.5);
    expect(more).toEqual([]);
    expect(half.isAtEdge).toBe(true);
    expect(half.box.x + half.box.width / 2).toBeCloseTo((24 - 25.6) * 1.171875, 4);
    expect(half.box.width).toBeCloseTo(24 * 1.171875, 4);
  });

  it('sees the frame with its mirror image around it', async () => {
    const network = detector();
    await networksWith({ detector: network }).detectAtEdges(frame, 0.5);
    const [picture] = network.pictures;
    const red = (x: number): number => picture[128 * 256 + x] * 255;
    for (const x of [2, 10, 20]) expect(red(25.6 - 0.1 - x + 0.5)).toBeCloseTo(red(25 + x), -1);
    expect(red(5)).toBeGreaterThan(10);
  });
});

describe('the mesh network', () => {
  /** Says with its logit where it looked; its one point lies in the middle of the right side of its input. */
  const pointing = (): AnsweringNetwork =>
    new AnsweringNetwork(rgb(192, 255), (picture) => {
      const points = new Float32Array(1404);
      points.set([192, 96, 12]);
      return { points, face_logit: Float32Array.of(meanOf(picture, 0) * 255) };
    });

  it('looks at every region, and gives points in the frame and the logit of the same region', async () => {
    const mesh = pointing();
    const regions = [30, 60, 90, 120, 150, 180].map((x, i) => region(x, 60, 20 + 4 * i, i === 5 ? Math.PI / 2 : 0));
    const readings = await networksWith({ mesh }).mesh(frame, regions, 'edge');
    expect(mesh.counts).toEqual([4, 2]);
    readings.forEach((reading, i) => {
      const { center, size, angle } = regions[i];
      expect(reading.faceLogit).toBeCloseTo(center.x - 0.5, 1);
      const [x, y, z] = reading.mesh;
      expect(x).toBeCloseTo(center.x + (angle === 0 ? size / 2 : 0), 3);
      expect(y).toBeCloseTo(center.y + (angle === 0 ? 0 : size / 2), 3);
      expect(z).toBeCloseTo((12 * size) / 192, 4);
    });
  });

  it('tells the light in each region', async () => {
    const readings = await networksWith({ mesh: pointing() }).mesh(frame, [region(60, 60), region(180, 60)], 'edge');
    // 0.299 of the column, 0.587 of the row and 0.114 of 60.
    const grays = [59.5, 179.5].map((x) => 0.299 * x + 0.587 * 59.5 + 0.114 * 60);
    readings.forEach(({ appearance }, i) => expect(appearance.brightness).toBeCloseTo(grays[i], 0));
  });

  it('shows what changes: the looks of two regions are kept apart', async () => {
    const upright = region(100, 60);
    const readings = await networksWith({ mesh: pointing() }).mesh(
      frame,
      [upright, region(100, 60, 20, Math.PI), upright],
      'edge',
    );
    const correlation = (p: number, q: number): number =>
      readings[p].patch.reduce((sum, value, i) => sum + value * readings[q].patch[i], 0);
    expect(correlation(0, 2)).toBeCloseTo(1, 4);
    expect(correlation(0, 1)).toBeCloseTo(-1, 4); // turned upside down, bright is dark
  });

  it('is not run without a region', async () => {
    const mesh = pointing();
    expect(await networksWith({ mesh }).mesh(frame, [], 'edge')).toEqual([]);
    expect(mesh.counts).toEqual([]);
  });
});

describe('the occlusion network', () => {
  /** A face around (x, 60) whose outline is `half` pixels wide on either side. */
  function faceOf(x: number, half: number): Landmarks68 {
    const landmarks = landmarks68(frontalMesh(x, 60, 40));
    for (let i = 0; i <= 16; i++) {
      const angle = (Math.PI * i) / 16;
      landmarks.set([x - half * Math.cos(angle), 60 + 18 * Math.sin(angle)], 2 * i);
    }
    for (let i = 17; i <= 26; i++) landmarks.set([x + (half * (i - 21.5)) / 4.5, 48], 2 * i);
    return landmarks;
  }

  it('says of each face how much of it is hidden', async () => {
    // Hidden as surely as the face is far to the right.
    const answer = (picture: Float32Array): Outputs => {
      const share = meanOf(picture, 0) / 250;
      return { occlusion_logits: new Float32Array(144).fill(Math.log(share / (1 - share))) };
    };
    const occlusion = new AnsweringNetwork(rgb(48), answer, { scale: 1.5, down: 0 });
    const columns = [50, 90, 130, 170, 200];
    const faces = columns.map((x) => faceOf(x, 18));
    const shares = await networksWith({ occlusion }).occlusion(frame, faces);
    shares.forEach((share, i) => expect(share).toBeCloseTo((columns[i] - 0.5) / 250, 3));
    expect(occlusion.counts).toEqual([4, 1]);
  });

  it('is read within the outline of each face', async () => {
    // Only the two columns in the middle are open; a cell is 5 pixels wide.
    const occlusion_logits = Float32Array.from({ length: 144 }, (_, i) => ([5, 6].includes(i % 12) ? -30 : 30));
    const occlusion = new AnsweringNetwork(rgb(48), () => ({ occlusion_logits }), { scale: 1.5, down: 0 });
    const [wide, narrow] = await networksWith({ occlusion }).occlusion(frame, [faceOf(100, 20), faceOf(100, 5)]);
    expect(wide).toBeGreaterThan(0.6);
    expect(narrow).toBeCloseTo(0, 6);
  });
});

/** Corners of the eyes and base of the nose in dlib's chips of 150 pixels with a padding of a quarter. */
const CHIP: readonly (readonly [landmark: number, x: number, y: number])[] = [
  [36, 37.05751, 46.37274],
  [39, 58.40851, 47.90641],
  [42, 89.60604, 47.89695],
  [45, 110.95675, 46.34982],
  [33, 74.01123, 87.77976],
];

/** Landmarks that a map takes from a chip to the frame. */
function landmarksThrough({ a, b, c, d, e, f }: Affine): Landmarks68 {
  const landmarks = new Float32Array(136).fill(NaN);
  for (const [i, x, y] of CHIP) landmarks.set([a * x + b * y + c, d * x + e * y + f], 2 * i);
  return landmarks;
}

const similarity = (scale: number, degrees: number, c: number, f: number): Affine => {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  return { a: cos, b: -sin, c, d: sin, e: cos, f };
};

describe('an aligned face', () => {
  it.each([
    [1, 0, 0, 0],
    [0.4, 25, 100, 20],
    [2, -140, 300, 400],
  ])("has its eyes and nose where dlib's network was shown them (%d times, turned by %d°)", (scale, turn, c, f) => {
    const map = similarity(scale, turn, c, f);
    const found = alignedFace(landmarksThrough(map), 150);
    // Landmarks are stored in single precision.
    for (const key of ['a', 'b', 'd', 'e'] as const) expect(found[key], key).toBeCloseTo(map[key], 4);
    for (const key of ['c', 'f'] as const) expect(found[key], key).toBeCloseTo(map[key], 2);
  });

  it('is as large as is wanted', () => {
    const found = alignedFace(landmarksThrough(similarity(1, 0, 0, 0)), 75);
    expect(found.a).toBeCloseTo(2, 4);
    expect(found.c).toBeCloseTo(0, 2);
  });

  it('is neither sheared nor mirrored where the face does not fit', () => {
    const landmarks = landmarksThrough(similarity(1, 10, 0, 0));
    landmarks[2 * 33] += 30; // the nose of a head that is turned away
    const { a, b, d, e } = alignedFace(landmarks, 150);
    expect(a).toBe(e);
    expect(b).toBe(-d);
    expect(a * e - b * d).toBeGreaterThan(0);
  });
});

describe('the embedding', () => {
  const embedder = (): AnsweringNetwork =>
    new AnsweringNetwork(rgb(150), (picture) => ({
      embedding: Float32Array.of(meanOf(picture, 0), meanOf(picture, 1)),
    }));
  const faceAt = (x: number): Landmarks68 => landmarksThrough(similarity(0.4, 0, x - 30, 30)); // 60 pixels around (x, 60)

  it('is made of the aligned face', async () => {
    const network = embedder();
    await networksWith({ embedder: network }).embed(frame, landmarksThrough(similarity(0.4, 90, 150, 30)));
    expect(network.counts).toEqual([1]);
    const [picture] = network.pictures;
    const pixel = (x: number, y: number): number[] => [0, 1].map((color) => picture[color * 22500 + y * 150 + x]);
    // Turned clockwise around (150, 30): right in the picture is down in the frame, down is left.
    [149.3, 29.7].forEach((value, i) => expect(pixel(0, 0)[i]).toBeCloseTo(value, 1));
    [149.3, 89.3].forEach((value, i) => expect(pixel(149, 0)[i]).toBeCloseTo(value, 1));
    [89.7, 29.7].forEach((value, i) => expect(pixel(0, 149)[i]).toBeCloseTo(value, 1));
  });

  it('stays what it was when the next one is made', async () => {
    const networks = networksWith({ embedder: embedder() });
    const first = await networks.embed(frame, faceAt(60));
    const second = await networks.embed(frame, faceAt(160));
    expect(first[0]).toBeCloseTo(59.5, 1);
    expect(second[0]).toBeCloseTo(159.5, 1);
  });

  it('cannot be had where nobody may be identified', async () => {
    await expect(networksWith({ embedder: null }).embed(frame, faceAt(60))).rejects.toThrow(/switched off/);
  });
});

describe('networks without memory to work in', () => {
  it('say so', async () => {
    const networks = new FaceNetworks({ detector: unused, mesh: unused, occlusion: unused, embedder: null });
    await expect(networks.detect(frame, 0.5)).rejects.toThrow(/attach/);
  });

  it('work in other memory when they get it', async () => {
    const mesh = new AnsweringNetwork(rgb(192, 255), (picture) => ({
      points: new Float32Array(1404),
      face_logit: Float32Array.of(meanOf(picture, 2) * 255),
    }));
    const networks = networksWith({ mesh });
    const other = new FrameRoom();
    const bright = other.frame({ data: new Uint8Array(3 * 32 * 32).fill(200), width: 32, height: 32 });
    networks.attach(other.kernel, other.arena);
    const [reading] = await networks.mesh(bright, [region(16, 16, 8)], 'edge');
    expect(reading.faceLogit).toBeCloseTo(200, 1);
  });
});
