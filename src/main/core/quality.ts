// How far a face can be trusted: numbers measured on the picture, and the one reason that makes a row invalid, if any.
// Expression scores never enter here.
import { shareInside, type Box } from './geometry.ts';
import { MESH_SIZE } from './landmarks.ts';
import type { HeadPose } from './pose.ts';

/** Light and sharpness of the face as the mesh network sees it. */
export interface Appearance {
  /** Mean grey of the face, 0…255. */
  readonly brightness: number;
  /** Standard deviation of the grey, 0…255. */
  readonly contrast: number;
  /** Share of the face that is at the sensor's limit (grey over 250), 0…1. */
  readonly clipped: number;
  /**
   * Root mean square of the Laplacian over that of the gradient, both at 1/64 of the region (about 1/43 of the face): near 1
   * for a sharp face, falling with blur, and independent of contrast and of the camera's resolution.
   */
  readonly sharpness: number;
}

/** Every number that validity may depend on. */
export interface Quality extends Appearance {
  /** Distance between the eyes in pixels. */
  readonly interocularPx: number;
  /** Share of the face's box that lies inside the frame, 0…1. */
  readonly inside: number;
  /** Share of the face that something hides, 0…1. */
  readonly occlusion: number;
  /** The mesh network's belief that it sees a face, 0…1. */
  readonly trackScore: number;
  readonly pose: HeadPose;
}

/** Limits of a profile; a face within all of them is valid. */
export interface QualityLimits {
  readonly minInterocularPx: number;
  readonly minInside: number;
  readonly maxOcclusion: number;
  readonly minTrackScore: number;
  readonly minBrightness: number;
  readonly maxBrightness: number;
  readonly maxClipped: number;
  readonly minSharpness: number;
  readonly maxYawDeg: number;
  readonly maxPitchUpDeg: number;
  readonly maxPitchDownDeg: number;
}

/** Why a face that was found is not valid, in the order in which the tests are made. */
export type QualityReason =
  'too_small' | 'cut_off' | 'too_dark' | 'too_bright' | 'extreme_pose' | 'occluded' | 'blurred';

/** Columns and rows of the grey picture that appearance is measured on: 1/64 of the region each. */
export const LOOK_SIZE = 64;
const STEP = MESH_SIZE / LOOK_SIZE;

/**
 * The face in grey, 64 × 64 values 0…1: every third pixel of `tensor`, the mesh network's input of three planes of 192 × 192
 * values 0…1.
 */
export function grayLook(tensor: Float32Array): Float32Array {
  const look = new Float32Array(LOOK_SIZE * LOOK_SIZE);
  const plane = MESH_SIZE * MESH_SIZE;
  let o = 0;
  for (let y = 1; y < MESH_SIZE; y += STEP) {
    const end = (y + 1) * MESH_SIZE;
    for (let i = y * MESH_SIZE + 1; i < end; i += STEP) {
      look[o++] = 0.299 * tensor[i] + 0.587 * tensor[plane + i] + 0.114 * tensor[2 * plane + i];
    }
  }
  return look;
}

/** Measures the face in a {@link grayLook}: an ellipse of 0.29 × 0.33 of the sides in its middle, which the face fills. */
export function measureAppearance(look: Float32Array): Appearance {
  const [middle, rx, ry] = [(LOOK_SIZE - 1) / 2, 0.29 * LOOK_SIZE, 0.33 * LOOK_SIZE];
  let count = 0;
  let sum = 0;
  let squares = 0;
  let bright = 0;
  let gradient = 0;
  let laplacian = 0;
  for (let y = 1; y < LOOK_SIZE - 1; y++) {
    const half = 1 - ((y - middle) / ry) ** 2;
    if (half <= 0) continue;
    const reach = rx * Math.sqrt(half);
    const last = y * LOOK_SIZE + Math.floor(middle + reach);
    for (let i = y * LOOK_SIZE + Math.ceil(middle - reach); i <= last; i++) {
      const here = look[i];
      const left = look[i - 1];
      const right = look[i + 1];
      const above = look[i - LOOK_SIZE];
      const below = look[i + LOOK_SIZE];
      const across = right - left;
      const down = below - above;
      const curve = left + right + above + below - 4 * here;
      count++;
      sum += here;
      squares += here * here;
      if (here > 250 / 255) bright++;
      gradient += (across * across + down * down) / 4;
      laplacian += curve * curve;
    }
  }
  const mean = sum / count;
  return {
    brightness: 255 * mean,
    contrast: 255 * Math.sqrt(Math.max(0, squares / count - mean * mean)),
    clipped: bright / count,
    sharpness: gradient > 0 ? Math.sqrt(laplacian / gradient) : 0,
  };
}

/** The first limit that a face breaks, or null. */
export function qualityReason(quality: Quality, limits: QualityLimits): QualityReason | null {
  const { yawDeg, pitchDeg } = quality.pose;
  // Written so that a number which is none is beyond every limit.
  const isWithin = (value: number, least: number, most: number): boolean => value >= least && value <= most;
  if (!isWithin(quality.interocularPx, limits.minInterocularPx, Infinity)) return 'too_small';
  if (!isWithin(quality.inside, limits.minInside, Infinity)) return 'cut_off';
  if (!isWithin(quality.brightness, limits.minBrightness, Infinity)) return 'too_dark';
  if (!isWithin(quality.brightness, -Infinity, limits.maxBrightness)) return 'too_bright';
  if (!isWithin(quality.clipped, -Infinity, limits.maxClipped)) return 'too_bright';
  if (!isWithin(yawDeg, -limits.maxYawDeg, limits.maxYawDeg)) return 'extreme_pose';
  if (!isWithin(pitchDeg, -limits.maxPitchDownDeg, limits.maxPitchUpDeg)) return 'extreme_pose';
  if (!isWithin(quality.occlusion, -Infinity, limits.maxOcclusion)) return 'occluded';
  if (!isWithin(quality.trackScore, limits.minTrackScore, Infinity)) return 'occluded';
  return isWithin(quality.sharpness, limits.minSharpness, Infinity) ? null : 'blurred';
}

/** The share of a face's box that the frame holds. */
export function insideShare(box: Box, frame: { readonly width: number; readonly height: number }): number {
  return shareInside(box, frame.width, frame.height);
}

/**
 * One number for the eye, 0…1: the weakest of size, share inside, sharpness, light, pose and freedom from cover, each 1 where
 * nothing more could be wished for. It does not depend on a profile and decides nothing.
 */
export function overallQuality(quality: Quality): number {
  const { yawDeg, pitchDeg } = quality.pose;
  const parts = [
    quality.interocularPx / 40,
    quality.inside,
    quality.sharpness / 1.2,
    quality.brightness / 80,
    (255 - quality.brightness) / 60,
    1 - Math.max(Math.abs(yawDeg), Math.abs(pitchDeg)) / 60,
    1 - quality.occlusion / 0.25,
  ];
  return Math.min(1, Math.max(0, Math.min(...parts)));
}
