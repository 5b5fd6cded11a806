// The networks that find and follow faces, as functions of a frame: cutting, running and reading one after the other.
import { Sampler, tensorLength, type Arena, type Border, type SampleKernel, type TensorSpec } from './sample.ts';
import {
  decodeDetections,
  detectorToFrame,
  edgesToFrame,
  isHalfFace,
  suppressOverlaps,
  type Detection,
} from './detect.ts';
import { fitSimilarity, regionToFrame, type Affine, type Region } from './geometry.ts';
import { faceCropRegion, meshInFrame, meshToFrame, type FaceCrop, type Landmarks68, type Mesh } from './landmarks.ts';
import { evenLight } from './clahe.ts';
import { grayLook, measureAppearance, type Appearance } from './quality.ts';
import { facePatch } from './change.ts';
import { occludedShare } from './occlusion.ts';
import type { Frame } from './frame.ts';

/** Values by the name of the output. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** A loaded network. */
export interface Network {
  readonly input: TensorSpec;
  /** How a face is cut for this network; null where the network says itself. */
  readonly crop: FaceCrop | null;
  /** Runs the first `count` pictures of `tensor`; each output holds the values of all pictures, one after the other. */
  run(tensor: Float32Array, count: number): Promise<Outputs>;
}

/** What the mesh network says of one region. */
export interface MeshReading {
  readonly mesh: Mesh;
  /** Logit of "this is a face": above 0 it is; 20 and more for an open, frontal face. */
  readonly faceLogit: number;
  readonly appearance: Appearance;
  readonly patch: Float32Array;
}

/** Pictures that are run together; more gains nothing and takes memory. */
export const MAX_BATCH = 4;

const DETECTOR_IOU = 0.3;

/** Source pixels between points: a face is cut in every frame, a whole frame seldom, and aliasing makes faces out of letters. */
export const FACE_SPACING = 3;
const FRAME_SPACING = 2;

/** What a network sees of a face that reaches over the edge of the frame. */
const FACE_BORDER = 'edge';

/** Positions of the outer and inner eye corners and the base of the nose in dlib's aligned face (image_transforms/interpolation.h). */
const CHIP_POINTS = [36, 39, 42, 45, 33] as const;
const CHIP_TEMPLATE = [
  [0.1205750620789, 0.2137274526848],
  [0.3340850613712, 0.2290642403242],
  [0.6460604764104, 0.2289674387677],
  [0.8595674595992, 0.2134981538014],
  [0.4901123135679, 0.6277975316475],
] as const;
const CHIP_PADDING = 0.25;

/** The map from an aligned face of `size` pixels, as dlib's recognition network was trained on, to the frame. */
export function alignedFace(landmarks: Landmarks68, size: number): Affine {
  const from = CHIP_TEMPLATE.flatMap((p) => p.map((v) => ((CHIP_PADDING + v) / (1 + 2 * CHIP_PADDING)) * size));
  const to = CHIP_POINTS.flatMap((i) => [landmarks[2 * i], landmarks[2 * i + 1]]);
  return fitSimilarity(from, to);
}

/** What is done about the light of a picture before a network sees it; null for nothing. See core/clahe.ts. */
export type Lighting = 'clahe' | null;

/** A network together with the tensor that it is fed from. */
export class FedNetwork {
  readonly network: Network;
  readonly #sampler: Sampler;
  readonly #batch: number;
  readonly #lighting: Lighting;
  readonly #tensor: Float32Array;

  constructor(network: Network, sampler: Sampler, batch = MAX_BATCH, lighting: Lighting = null) {
    this.network = network;
    this.#sampler = sampler;
    this.#batch = batch;
    this.#lighting = lighting;
    this.#tensor = sampler.tensor(network.input, batch);
  }

  /**
   * Cuts one picture for each map and runs them. `read` gets a picture's own outputs, its number, and the tensor it was cut to,
   * which is used again afterwards.
   */
  async run<T>(
    frame: Frame,
    maps: readonly Affine[],
    border: Border,
    read: (outputs: Outputs, index: number, picture: Float32Array) => T,
  ): Promise<T[]> {
    const { input } = this.network;
    const length = tensorLength(input);
    const results: T[] = [];
    for (let start = 0; start < maps.length; start += this.#batch) {
      const count = Math.min(this.#batch, maps.length - start);
      for (let i = 0; i < count; i++) this.#cut(frame, maps[start + i], border, i);
      const outputs = await this.network.run(this.#tensor, count);
      for (let i = 0; i < count; i++) {
        const own = count === 1 ? outputs : partsOf(outputs, i, count);
        results.push(read(own, start + i, this.#tensor.subarray(i * length, (i + 1) * length)));
      }
    }
    return results;
  }

  /** Cuts the faces as the network's manifest entry says and runs them. */
  runOnFaces<T>(
    frame: Frame,
    faces: readonly Landmarks68[],
    read: (outputs: Outputs, index: number, crop: FaceCrop) => T,
  ): Promise<T[]> {
    const crop = this.#crop;
    const maps = faces.map((face) => this.#faceToFrame(face));
    return this.run(frame, maps, FACE_BORDER, (outputs, index) => read(outputs, index, crop));
  }

  /** A face cut exactly as {@link runOnFaces} does, without running. The tensor is used again afterwards. */
  cutFace(frame: Frame, face: Landmarks68): Float32Array {
    return this.#cut(frame, this.#faceToFrame(face), FACE_BORDER, 0);
  }

  /** Cuts picture `index` of the tensor, and returns it. */
  #cut(frame: Frame, map: Affine, border: Border, index: number): Float32Array {
    const { input } = this.network;
    this.#sampler.sample(frame, map, input, border, this.#tensor, index);
    const length = tensorLength(input);
    const picture = this.#tensor.subarray(index * length, (index + 1) * length);
    if (this.#lighting === 'clahe') evenLight(picture, input);
    return picture;
  }

  get #crop(): FaceCrop {
    const { crop } = this.network;
    if (!crop) throw new Error('this network does not say how a face is cut for it');
    return crop;
  }

  #faceToFrame(face: Landmarks68): Affine {
    const { width, height } = this.network.input;
    return regionToFrame(faceCropRegion(face, this.#crop), width, height);
  }
}

/** The outputs of picture `index` of `count`. */
function partsOf(outputs: Outputs, index: number, count: number): Outputs {
  const parts = Object.entries(outputs).map(([name, values]) => {
    const length = values.length / count;
    return [name, values.subarray(index * length, (index + 1) * length)] as const;
  });
  return Object.fromEntries(parts);
}

export interface VisionNetworks {
  readonly detector: Network;
  readonly mesh: Network;
  readonly occlusion: Network;
  /** Null where nobody may be identified. */
  readonly embedder: Network | null;
}

interface FedNetworks {
  readonly detector: FedNetwork;
  readonly mesh: FedNetwork;
  readonly occlusion: FedNetwork;
  readonly embedder: FedNetwork | null;
}

/** The networks of the vision stage, fed from one sampler. */
export class FaceNetworks {
  readonly #networks: VisionNetworks;
  #fed: FedNetworks | null = null;

  constructor(networks: VisionNetworks) {
    this.#networks = networks;
  }

  /** Names the memory to work in; to be called before the first frame, and again when frames lie elsewhere. */
  attach(kernel: SampleKernel, arena: Arena): void {
    const sampler = new Sampler(kernel, arena, FACE_SPACING);
    const { detector, mesh, occlusion, embedder } = this.#networks;
    this.#fed = {
      detector: new FedNetwork(detector, new Sampler(kernel, arena, FRAME_SPACING), 1),
      mesh: new FedNetwork(mesh, sampler),
      occlusion: new FedNetwork(occlusion, sampler),
      embedder: embedder && new FedNetwork(embedder, sampler, 1),
    };
  }

  get #attached(): FedNetworks {
    if (!this.#fed) throw new Error('attach comes before the first frame');
    return this.#fed;
  }

  /** All faces of a frame with a score of at least `minScore`, best first. */
  async detect(frame: Frame, minScore: number): Promise<Detection[]> {
    return this.#detect(frame, minScore, detectorToFrame(frame.width, frame.height), 'black');
  }

  /**
   * Faces of which the left or right edge of the frame leaves about a half. A mirror there makes them whole: the detector knows
   * no half faces.
   */
  async detectAtEdges(frame: Frame, minScore: number): Promise<Detection[]> {
    const { width, height } = frame;
    const detections = await this.#detect(frame, minScore, edgesToFrame(width, height), 'mirror');
    return detections.filter((d) => isHalfFace(d, width, height)).map((d) => ({ ...d, isAtEdge: true }));
  }

  async #detect(frame: Frame, minScore: number, map: Affine, border: Border): Promise<Detection[]> {
    const [detections] = await this.#attached.detector.run(frame, [map], border, ({ boxes, score_logits }) =>
      decodeDetections(boxes, score_logits, minScore, map),
    );
    return suppressOverlaps(detections, DETECTOR_IOU);
  }

  /** The mesh in each region; `border` is what the network sees outside of the frame. */
  mesh(frame: Frame, regions: readonly Region[], border: Border): Promise<MeshReading[]> {
    const maps = regions.map(meshToFrame);
    return this.#attached.mesh.run(frame, maps, border, ({ points, face_logit }, i, picture) => {
      const look = grayLook(picture);
      const mesh = meshInFrame(points, maps[i]);
      return { mesh, faceLogit: face_logit[0], appearance: measureAppearance(look), patch: facePatch(look) };
    });
  }

  /** The share of each face that something hides, 0…1. */
  occlusion(frame: Frame, faces: readonly Landmarks68[]): Promise<number[]> {
    return this.#attached.occlusion.runOnFaces(frame, faces, ({ occlusion_logits }, i, crop) =>
      occludedShare(occlusion_logits, faces[i], crop),
    );
  }

  /** The 128 numbers by which a face is recognised; equal faces lie closer than 0.45. */
  async embed(frame: Frame, face: Landmarks68): Promise<Float32Array> {
    const { embedder } = this.#attached;
    if (!embedder) throw new Error('embeddings are switched off');
    const map = alignedFace(face, embedder.network.input.width);
    const [embedding] = await embedder.run(frame, [map], 'edge', (outputs) => Float32Array.from(outputs.embedding));
    return embedding;
  }
}
