// Faces and scores as rows of numbers on their way between threads: copying objects with many names costs more than the work.
import { EXPRESSIONS, type Probabilities } from '../core/expression.ts';
import type { Landmarks68 } from '../core/landmarks.ts';
import type { FaceDepth } from '../core/record.ts';
import type { ObservedFace } from '../core/vision.ts';

/** An observed face: its numbers in the order of {@link packFace}. */
export interface PackedFace {
  readonly segment: number;
  readonly participant: string | null;
  /** Whether the expression may be computed. */
  readonly isAnalysed: boolean;
  readonly numbers: Float32Array;
  readonly depth: FaceDepth | null;
}

const LANDMARKS_AT = 16;

export function packFace(face: ObservedFace, isAnalysed: boolean): PackedFace {
  const { segment, participant, box, detectorScore, quality, landmarks, depth } = face;
  const { pose } = quality;
  const numbers = new Float32Array(LANDMARKS_AT + landmarks.length);
  numbers[0] = box.x;
  numbers[1] = box.y;
  numbers[2] = box.width;
  numbers[3] = box.height;
  numbers[4] = detectorScore;
  numbers[5] = quality.trackScore;
  numbers[6] = quality.brightness;
  numbers[7] = quality.contrast;
  numbers[8] = quality.clipped;
  numbers[9] = quality.sharpness;
  numbers[10] = quality.interocularPx;
  numbers[11] = quality.inside;
  numbers[12] = quality.occlusion;
  numbers[13] = pose.yawDeg;
  numbers[14] = pose.pitchDeg;
  numbers[15] = pose.rollDeg;
  numbers.set(landmarks, LANDMARKS_AT);
  return { segment, participant, isAnalysed, numbers, depth };
}

export function unpackFace({ segment, participant, numbers, depth }: PackedFace): ObservedFace {
  return {
    segment,
    participant,
    depth,
    box: { x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3] },
    detectorScore: numbers[4],
    quality: {
      trackScore: numbers[5],
      brightness: numbers[6],
      contrast: numbers[7],
      clipped: numbers[8],
      sharpness: numbers[9],
      interocularPx: numbers[10],
      inside: numbers[11],
      occlusion: numbers[12],
      pose: { yawDeg: numbers[13], pitchDeg: numbers[14], rollDeg: numbers[15] },
    },
    landmarks: landmarksOf(numbers),
  };
}

/** The landmarks among a packed face's numbers. */
export function landmarksOf(numbers: Float32Array): Landmarks68 {
  return numbers.subarray(LANDMARKS_AT);
}

/** Answers of all members for all faces, face after face; all NaN for a member that gave none. */
export function packAnswers(answers: readonly (readonly (Probabilities | null)[])[]): Float32Array {
  const members = answers.length > 0 ? answers[0].length : 0;
  const packed = new Float32Array(answers.length * members * EXPRESSIONS.length).fill(NaN);
  answers.forEach((face, f) =>
    face.forEach((answer, m) => answer && packed.set(answer, (f * members + m) * EXPRESSIONS.length)),
  );
  return packed;
}

export function unpackAnswers(packed: Float32Array, faces: number): (Probabilities | null)[][] {
  const size = EXPRESSIONS.length;
  const members = faces > 0 ? packed.length / (faces * size) : 0;
  return Array.from({ length: faces }, (_, f) =>
    Array.from({ length: members }, (__, m) => {
      const at = (f * members + m) * size;
      const answer = packed.subarray(at, at + size);
      return answer.every(Number.isNaN) ? null : answer;
    }),
  );
}
