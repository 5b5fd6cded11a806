// Which faces are worth a look at who they are.
import type { Quality } from './quality.ts';

interface SeenFace {
  readonly quality: Quality;
  /** The mesh network's belief that it sees a face, before the sigmoid. */
  readonly faceLogit: number;
}

/** Whether an embedding of this face means something. Measured: faces of 27 pixels between the eyes are told apart well. */
export function isRecognisable({ quality, faceLogit }: SeenFace): boolean {
  return (
    quality.interocularPx >= 14 &&
    quality.inside >= 0.9 &&
    quality.occlusion <= 0.2 &&
    quality.sharpness >= 0.6 &&
    Math.abs(quality.pose.yawDeg) <= 35 &&
    Math.abs(quality.pose.pitchDeg) <= 35 &&
    faceLogit >= 8
  );
}
