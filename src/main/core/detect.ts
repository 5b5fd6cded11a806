// BlazeFace (full range, 256 pixels): anchors, decoding and non-maximum suppression.
// Layout of the anchors and outputs: MediaPipe's face_detection back model, as shipped in @vladmandic/human.
import { applyAffine, iou, shareInside, type Affine, type Box, type Point } from './geometry.ts';

/** A face that the detector found, in frame pixels. */
export interface Detection {
  readonly box: Box;
  /** 0…1, the sigmoid of the network's output. */
  readonly score: number;
  /** Found as half a face with its own mirror image, at the left or right edge of the frame. */
  readonly isAtEdge: boolean;
  /** The person's right eye, left eye, nose, mouth, right ear, left ear; the right eye is on the picture's left. */
  readonly keypoints: readonly Point[];
}

export const DETECTOR_SIZE = 256;
const VALUES_PER_ANCHOR = 16;
const KEYPOINTS = 6;

/** Centres of the 896 anchors in pixels of the input: 2 in each cell of stride 16, then 6 in each cell of stride 32. */
function createAnchors(): Float32Array {
  const centers: number[] = [];
  for (const [stride, count] of [
    [16, 2],
    [32, 6],
  ] as const) {
    const cells = DETECTOR_SIZE / stride;
    for (let row = 0; row < cells; row++)
      for (let column = 0; column < cells; column++)
        for (let i = 0; i < count; i++) centers.push((column + 0.5) * stride, (row + 0.5) * stride);
  }
  return Float32Array.from(centers);
}

const ANCHORS = createAnchors();

/** The map from the detector's square input to a frame: the whole frame, centred, with bars at the shorter sides. */
export function detectorToFrame(width: number, height: number): Affine {
  const scale = Math.max(width, height) / DETECTOR_SIZE;
  const margin = (length: number): number => (length - scale * DETECTOR_SIZE) / 2;
  return { a: scale, b: 0, c: margin(width), d: 0, e: scale, f: margin(height) };
}

/** How much more than the frame {@link edgesToFrame} shows. */
const BEYOND = 1.25;

/** The same with more around the frame than a face is wide. */
export function edgesToFrame(width: number, height: number): Affine {
  const { a, c, e, f } = detectorToFrame(width, height);
  const margin = ((BEYOND - 1) * a * DETECTOR_SIZE) / 2;
  return { a: a * BEYOND, b: 0, c: c - margin, d: 0, e: e * BEYOND, f: f - margin };
}

/**
 * Whether a detection in a frame that is mirrored at its edges is a face of which the frame shows a half, at the left or the
 * right. What is mirrored at the top or bottom looks like no face, and what is nearly whole is found without a mirror.
 */
export function isHalfFace({ box }: Detection, width: number, height: number): boolean {
  const inside = shareInside(box, width, height);
  const isUpAndDownInside = box.y > -0.1 * box.height && box.y < height - 0.9 * box.height;
  return isUpAndDownInside && inside > 0.35 && inside < 0.9;
}

/**
 * Reads the network's outputs (`boxes` 896 × 16 offsets from the anchors in input pixels: centre, size, six key points;
 * `logits` 896) and returns the detections with a score of at least `minScore`, best first, not yet suppressed.
 */
export function decodeDetections(
  boxes: Float32Array,
  logits: Float32Array,
  minScore: number,
  toFrame: Affine,
): Detection[] {
  const minLogit = Math.log(minScore / (1 - minScore));
  const detections: Detection[] = [];
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] < minLogit) continue;
    const at = i * VALUES_PER_ANCHOR;
    const point = (offset: number): Point =>
      applyAffine(toFrame, { x: boxes[at + offset] + ANCHORS[2 * i], y: boxes[at + offset + 1] + ANCHORS[2 * i + 1] });
    const center = point(0);
    const [width, height] = [boxes[at + 2] * toFrame.a, boxes[at + 3] * toFrame.e];
    detections.push({
      box: { x: center.x - width / 2, y: center.y - height / 2, width, height },
      score: 1 / (1 + Math.exp(-logits[i])),
      isAtEdge: false,
      keypoints: Array.from({ length: KEYPOINTS }, (_, k) => point(4 + 2 * k)),
    });
  }
  return detections.sort((p, q) => q.score - p.score);
}

/** Keeps of every group of overlapping items the best; `items` must be sorted, best first. */
export function suppressOverlaps<T extends { readonly box: Box }>(items: readonly T[], maxIou: number): T[] {
  const kept: T[] = [];
  for (const item of items) if (kept.every((k) => iou(k.box, item.box) <= maxIou)) kept.push(item);
  return kept;
}
