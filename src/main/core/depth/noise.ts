// How far depth readings scatter. What a verdict may conclude hangs on it: a picture of a face at 3 m and a face differ by little more
// than this.
import type { DepthMap } from './frame.ts';

export interface DepthNoise {
  /** Standard deviation of one reading of a surface that faces the sensor, in mm. */
  readonly sigmaMm: number;
  /** Distance between two neighbouring values that the sensor can give, in mm. */
  readonly stepMm: number;
  /** So many neighbouring pixels err together as one: the variance of a mean over many falls with their number over this. */
  readonly areaPx: number;
}

/**
 * Kinect v1 measures disparity with a constant error and step, so both grow with the square of distance (REFERENCE 9). Its matching
 * windows overlap: on walls of real frames errors correlate by 0.66, 0.49, 0.36, 0.25 at 1 to 4 pixels and vanish at 7; over both
 * directions these sum to about 20 pixels.
 *
 * Kinect v2: the axial model of Fankhauser et al., "Kinect v2 for Mobile Robot Navigation" (ICAR 2015), for a surface that faces the sensor:
 * σ = 1.5 − 0.5 z + 0.3 z² mm with z in m. Its filters join 3 × 3 pixels: 0.63, 0.29 and 0 at 1 to 3 pixels, about 7 pixels in all.
 */
export function noiseAt(sensor: DepthMap['sensor'], depthMm: number): DepthNoise {
  if (sensor === 'kinect-v1') return { sigmaMm: 1.425e-6 * depthMm ** 2, stepMm: 2.85e-6 * depthMm ** 2, areaPx: 20 };
  const z = depthMm / 1000;
  return { sigmaMm: 1.5 - 0.5 * z + 0.3 * z ** 2, stepMm: 1, areaPx: 7 };
}
