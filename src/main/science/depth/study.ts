// How often depth is right about synthetic scenes, for each sensor, thing and distance.
import { AVERAGED_FRAMES, meanMeasure } from '../../core/depth/average.ts';
import type { DepthMap } from '../../core/depth/frame.ts';
import { faceLattice, measureFace, type DepthMeasure } from '../../core/depth/measure.ts';
import { ALIGNED_CAMERAS } from '../../core/depth/pinhole.ts';
import { isRejection, verdictOf } from '../../core/depth/verdict.ts';
import { randomFrom } from '../random.ts';
import { randomScene, SCENE_KINDS, type SceneKind } from './scenes.ts';
import { depthOf, drawWarp, look, SensorErrors } from './sensor.ts';

export interface DepthCase {
  readonly sensor: DepthMap['sensor'];
  readonly scene: SceneKind;
  readonly distanceMm: number;
}

/** How many scenes of one case were judged how. */
export interface DepthCounts {
  readonly accepted: number;
  readonly rejected: number;
  readonly unknown: number;
}

export interface DepthRow {
  readonly case: DepthCase;
  readonly scenes: number;
  /** By one frame, and by the mean of {@link AVERAGED_FRAMES}. */
  readonly single: DepthCounts;
  readonly averaged: DepthCounts;
}

const DISTANCES_MM = [600, 900, 1200, 1800, 2400, 3000, 3600];

/** Every case that is studied. */
export const DEPTH_CASES: readonly DepthCase[] = (['kinect-v1', 'kinect-v2'] as const).flatMap((sensor) =>
  SCENE_KINDS.flatMap((scene) => DISTANCES_MM.map((distanceMm) => ({ sensor, scene, distanceMm }))),
);

/**
 * Judges so many random scenes of a case; the same seed gives the same scenes. The frames that are averaged show the same scene, and of the
 * variance of their errors `common` (0…1) is the same in all.
 */
export function studyDepth(one: DepthCase, scenes: number, common: number, seed: number): DepthRow {
  const random = randomFrom(seed);
  const [single, averaged] = [new Counts(), new Counts()];
  for (let i = 0; i < scenes; i++) {
    const measures = measuresOf(one, common, random);
    single.add(measures[0]);
    averaged.add(meanMeasure(measures.filter((measure) => measure !== null)));
  }
  return { case: one, scenes, single, averaged };
}

class Counts implements DepthCounts {
  accepted = 0;
  rejected = 0;
  unknown = 0;

  add(measure: DepthMeasure | null): void {
    const verdict = verdictOf(measure);
    if (verdict === 'accept') this.accepted++;
    else if (isRejection(verdict)) this.rejected++;
    else this.unknown++;
  }
}

/** What is measured in the frames of one random scene. */
export function measuresOf(
  { sensor, scene: kind, distanceMm }: DepthCase,
  common: number,
  random: () => number,
): (DepthMeasure | null)[] {
  const camera = ALIGNED_CAMERAS[sensor];
  const { solids, box } = randomScene(kind, distanceMm, camera, random);
  const view = look(solids, camera, sensor, faceLattice(box), random);
  const warp = drawWarp(random);
  const constant = SensorErrors.draw(view, random);
  const mm = new Uint16Array(camera.width * camera.height);
  return Array.from({ length: AVERAGED_FRAMES }, () => {
    const errors = constant.mixed(SensorErrors.draw(view, random), common);
    return measureFace(depthOf(view, errors, warp, random, mm), box);
  });
}
