// A face's numbers as one row of float32 values: what the column estimate.numbers holds. What override and rules made of the fused
// ones stands in the columns refined and fired, which are empty where none fired; so are those of depth without a depth sensor.
//
//   0–3 box x y width height   4 detector score   5 track score   6 brightness   7 contrast   8 clipped   9 sharpness
//   10 distance between the eyes   11 share inside   12 share hidden   13 yaw   14 pitch   15 roll   16 agreement
//   17–152 x y of 68 landmarks   153–160 fused   161… eight values for each member (NaN for one that gave none)
import { EXPRESSIONS } from '../core/expression.ts';
import type { DepthVerdict } from '../core/depth/verdict.ts';
import type { FaceDepth, FaceRecord } from '../core/record.ts';
import type { FiredRule } from '../core/scoring.ts';

const AGREEMENT_AT = 16;
const LANDMARKS_AT = 17;
const FUSED_AT = LANDMARKS_AT + 136;
const MEMBERS_AT = FUSED_AT + EXPRESSIONS.length;

export function packFace(face: FaceRecord): Float32Array {
  const { box, quality, members } = face;
  const numbers = new Float32Array(MEMBERS_AT + EXPRESSIONS.length * members.length).fill(NaN);
  numbers.set([box.x, box.y, box.width, box.height, face.detectorScore, quality.trackScore]);
  numbers.set([quality.brightness, quality.contrast, quality.clipped, quality.sharpness], 6);
  numbers.set([quality.interocularPx, quality.inside, quality.occlusion], 10);
  numbers.set([quality.pose.yawDeg, quality.pose.pitchDeg, quality.pose.rollDeg, face.agreement], 13);
  numbers.set(face.landmarks, LANDMARKS_AT);
  numbers.set(face.fused, FUSED_AT);
  members.forEach((member, i) => member && numbers.set(member, MEMBERS_AT + EXPRESSIONS.length * i));
  return numbers;
}

/** The same numbers without what the networks say of the expression. */
export function withoutScores(numbers: Float32Array): Float32Array {
  const seen = numbers.slice();
  seen[AGREEMENT_AT] = NaN;
  return seen.fill(NaN, FUSED_AT);
}

/** What the columns of an estimate hold beside its numbers. */
export interface FaceColumns {
  readonly sequence: number;
  readonly segment: number;
  readonly reason: FaceRecord['reason'];
  readonly refined: Float32Array | null;
  readonly fired: string | null;
  readonly depthVerdict: DepthVerdict | null;
  readonly distanceMm: number | null;
  readonly widthMm: number | null;
}

export function columnsOf({ sequence, segment, reason, refined, fired, depth }: FaceRecord): FaceColumns {
  const changed = fired.length > 0 ? { refined, fired: fired.join(' ') } : { refined: null, fired: null };
  return { sequence, segment, reason, ...changed, ...depthColumns(depth) };
}

/** SQLite has no NaN. */
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function depthColumns(depth: FaceDepth | null): Pick<FaceColumns, 'depthVerdict' | 'distanceMm' | 'widthMm'> {
  if (!depth) return { depthVerdict: null, distanceMm: null, widthMm: null };
  return { depthVerdict: depth.verdict, distanceMm: orNull(depth.distanceMm), widthMm: orNull(depth.widthMm) };
}

/** The face of a row. */
export function unpackFace(columns: FaceColumns, numbers: Float32Array): FaceRecord {
  const { refined, fired, depthVerdict: verdict, distanceMm, widthMm, ...row } = columns;
  const eight = (at: number): Float32Array => numbers.slice(at, at + EXPRESSIONS.length);
  const count = (numbers.length - MEMBERS_AT) / EXPRESSIONS.length;
  const members = Array.from({ length: count }, (_, i) => eight(MEMBERS_AT + EXPRESSIONS.length * i));
  const fused = eight(FUSED_AT);
  return {
    ...row,
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
    agreement: numbers[16],
    landmarks: numbers.slice(LANDMARKS_AT, FUSED_AT),
    fused,
    refined: refined ?? fused,
    fired: fired === null ? [] : (fired.split(' ') as FiredRule[]),
    depth: verdict && { verdict, distanceMm: distanceMm ?? NaN, widthMm: widthMm ?? NaN },
    members: members.map((member) => (member.every(Number.isNaN) ? null : member)),
  };
}
