// Face mesh: where to cut the face for the network, its 468 points in the frame, and the 68 points of iBUG among them.
// Regions follow MediaPipe's face_landmark graph: 1.5 times the box around the face, a square turned to the eye line.
import { distance, middle, regionToFrame, type Affine, type Box, type Point, type Region } from './geometry.ts';
import type { Detection } from './detect.ts';

export const MESH_POINTS = 468;
export const MESH_SIZE = 192;
const REGION_SCALE = 1.5;

/** Points of the mesh at the corners of the eyes, named as the person has them. */
const RIGHT_EYE_OUTER = 33;
const LEFT_EYE_OUTER = 263;

/** The mesh point of each of iBUG's 68: jaw 17, brows 10, nose 9, eyes 12, lips 20 (measured: see README of models). */
const IBUG_TO_MESH = [
  ...[162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389],
  ...[71, 63, 105, 66, 107, 336, 296, 334, 293, 301],
  ...[168, 197, 5, 4, 75, 97, 2, 326, 305],
  ...[33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380],
  ...[61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87],
] as const;

/** x, y, z of 468 points: x and y in frame pixels, z in the same scale, growing away from the camera. */
export type Mesh = Float32Array;

/** x and y of 68 points in iBUG's order, in frame pixels. */
export type Landmarks68 = Float32Array;

/** Where to look for the mesh of a face that the detector has just found. */
export function regionOfDetection({ box, keypoints: [right, left] }: Detection): Region {
  return {
    center: { x: box.x + box.width / 2, y: box.y + box.height / 2 },
    size: REGION_SCALE * Math.max(box.width, box.height),
    angle: Math.atan2(left.y - right.y, left.x - right.x),
  };
}

/** Where to look for the mesh in the next frame. The box around the points is measured along the eye line. */
export function regionOfMesh(mesh: Mesh): Region {
  const angle = Math.atan2(
    mesh[3 * LEFT_EYE_OUTER + 1] - mesh[3 * RIGHT_EYE_OUTER + 1],
    mesh[3 * LEFT_EYE_OUTER] - mesh[3 * RIGHT_EYE_OUTER],
  );
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [minU, maxU, minV, maxV] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < 3 * MESH_POINTS; i += 3) {
    const u = cos * mesh[i] + sin * mesh[i + 1];
    const v = cos * mesh[i + 1] - sin * mesh[i];
    if (u < minU) minU = u;
    if (u > maxU) maxU = u;
    if (v < minV) minV = v;
    if (v > maxV) maxV = v;
  }
  const [u, v] = [(minU + maxU) / 2, (minV + maxV) / 2];
  return {
    center: { x: cos * u - sin * v, y: sin * u + cos * v },
    size: REGION_SCALE * Math.max(maxU - minU, maxV - minV),
    angle,
  };
}

/** The map from the mesh network's input to the frame. */
export function meshToFrame(region: Region): Affine {
  return regionToFrame(region, MESH_SIZE, MESH_SIZE);
}

/** Takes the network's points (x, y, z in input pixels) to the frame. `points` is 1,404 long and is not changed. */
export function meshInFrame(points: Float32Array, toFrame: Affine): Mesh {
  const { a, b, c, d, e, f } = toFrame;
  const scale = Math.hypot(a, d);
  const mesh = new Float32Array(3 * MESH_POINTS);
  for (let i = 0; i < mesh.length; i += 3) {
    mesh[i] = a * points[i] + b * points[i + 1] + c;
    mesh[i + 1] = d * points[i] + e * points[i + 1] + f;
    mesh[i + 2] = scale * points[i + 2];
  }
  return mesh;
}

export function landmarks68(mesh: Mesh): Landmarks68 {
  const landmarks = new Float32Array(2 * IBUG_TO_MESH.length);
  for (let i = 0; i < IBUG_TO_MESH.length; i++) {
    const from = 3 * IBUG_TO_MESH[i];
    landmarks[2 * i] = mesh[from];
    landmarks[2 * i + 1] = mesh[from + 1];
  }
  return landmarks;
}

/** The upright box around the mesh. */
export function boxOfMesh(mesh: Mesh): Box {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < mesh.length; i += 3) {
    const x = mesh[i];
    const y = mesh[i + 1];
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

function meanPoint(landmarks: Landmarks68, from: number, to: number): Point {
  let [x, y] = [0, 0];
  for (let i = from; i < to; i++) {
    x += landmarks[2 * i];
    y += landmarks[2 * i + 1];
  }
  return { x: x / (to - from), y: y / (to - from) };
}

/** The centres of the person's right and left eye: means of p36–41 and p42–47. */
export function eyeCenters(landmarks: Landmarks68): { readonly right: Point; readonly left: Point } {
  return { right: meanPoint(landmarks, 36, 42), left: meanPoint(landmarks, 42, 48) };
}

/** Distance between the eye centres in pixels. */
export function interocularDistance(landmarks: Landmarks68): number {
  const { right, left } = eyeCenters(landmarks);
  return distance(right, left);
}

/** How a member of the ensemble wants a face cut: a square turned to the eye line, in units of the face's own size. */
export interface FaceCrop {
  /** Side of the square over the face size (see {@link faceCropRegion}). */
  readonly scale: number;
  /** Shift of the centre down the face, in face sizes. */
  readonly down: number;
}

/**
 * The square that a crop means on a face. The face size is twice the distance from the middle between the eyes to the middle
 * of the mouth, or the eye distance times 2 where the head is turned up or down so far that this is larger.
 */
export function faceCropRegion(landmarks: Landmarks68, crop: FaceCrop): Region {
  const { right, left } = eyeCenters(landmarks);
  const mouth = meanPoint(landmarks, 48, 60);
  const eyes = middle(right, left);
  const angle = Math.atan2(left.y - right.y, left.x - right.x);
  const size = 2 * Math.max(distance(eyes, mouth), distance(right, left));
  const shift = size * crop.down;
  const center = middle(eyes, mouth);
  return {
    center: { x: center.x - Math.sin(angle) * shift, y: center.y + Math.cos(angle) * shift },
    size: size * crop.scale,
    angle,
  };
}
