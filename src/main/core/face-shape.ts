// What 68 landmarks say of the mouth and of where the face looks, as the rules of refine.ts want it (REFERENCE 3).
import type { Landmarks68 } from './landmarks.ts';

/** Ratios without a unit. */
export interface FaceShape {
  /** Opening of the lips over the width of the mouth. */
  readonly mouthRatio: number;
  /** How far the corners of the mouth lie below the middle of its outer lips, over the distance between the eyes. */
  readonly cornerOffset: number;
  /** How far the tip of the nose lies right of the middle between the eyes, over the distance between the eyes. */
  readonly noseOffset: number;
}

/** Null where the points cannot be measured: without a distance between the eyes or a width of the mouth. */
export function faceShape(landmarks: Landmarks68): FaceShape | null {
  const x = (i: number): number => landmarks[2 * i];
  const y = (i: number): number => landmarks[2 * i + 1];
  const apart = (i: number, j: number): number => Math.hypot(x(i) - x(j), y(i) - y(j));
  const meanOf = (value: (i: number) => number, from: number): number => {
    let sum = 0;
    for (let i = from; i < from + 6; i++) sum += value(i);
    return sum / 6;
  };
  const eyes = [36, 42].map((from) => ({ x: meanOf(x, from), y: meanOf(y, from) }));
  const eyeDistance = Math.hypot(eyes[0].x - eyes[1].x, eyes[0].y - eyes[1].y);
  const mouthWidth = apart(48, 54);
  if (!(eyeDistance > 0 && mouthWidth > 0)) return null;
  return {
    mouthRatio: apart(62, 66) / mouthWidth,
    cornerOffset: ((y(48) + y(54)) / 2 - (y(51) + y(57)) / 2) / eyeDistance,
    noseOffset: (x(30) - (eyes[0].x + eyes[1].x) / 2) / eyeDistance,
  };
}
