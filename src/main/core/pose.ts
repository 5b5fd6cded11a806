// Head pose from the face mesh, whose points have a depth in the scale of their x and y.
import type { Mesh } from './landmarks.ts';

/**
 * Degrees. Yaw > 0 turns to the picture's right, pitch > 0 up, roll > 0 clockwise as seen on the screen. The head is turned by
 * roll, then pitch, then yaw about the axes of the camera.
 */
export interface HeadPose {
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

/** Points of the mesh at the middle of the hair line, the chin, and in front of the right and the left ear. */
const TOP = 10;
const CHIN = 152;
const RIGHT_SIDE = 234;
const LEFT_SIDE = 454;

type Vector = readonly [number, number, number];

function between(mesh: Mesh, from: number, to: number): Vector {
  const at = (i: number): number => mesh[3 * to + i] - mesh[3 * from + i];
  return [at(0), at(1), at(2)];
}

function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function cross(p: Vector, q: Vector): Vector {
  return [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
}

const degrees = (radians: number): number => (radians * 180) / Math.PI;

export function headPose(mesh: Mesh): HeadPose {
  const across = unit(between(mesh, RIGHT_SIDE, LEFT_SIDE));
  const down = between(mesh, TOP, CHIN);
  const away = unit(cross(across, down)); // out of the back of the head
  const under = cross(away, across);
  // With columns across, under, away the rotation is Ry(yaw) · Rx(pitch) · Rz(roll), in axes right, down, away.
  return {
    yawDeg: degrees(Math.atan2(-away[0], away[2])),
    pitchDeg: degrees(Math.asin(Math.max(-1, Math.min(1, away[1])))),
    rollDeg: degrees(Math.atan2(across[1], under[1])),
  };
}
