// Sizes of a Kinect's pictures, and its registered depth.
import type { DepthMap } from '../../core/depth/frame.ts';
import { ALIGNED_CAMERAS, type Pinhole } from '../../core/depth/pinhole.ts';

export const V1_WIDTH = 640;
export const V1_HEIGHT = 480;
export const V1_COLOR_BYTES = 3 * V1_WIDTH * V1_HEIGHT;
export const V1_DEPTH_BYTES = 2 * V1_WIDTH * V1_HEIGHT;

/** Which Kinect has registered pictures of this size; null for none. */
export function sensorOfSize(width: number, height: number): DepthMap['sensor'] | null {
  const sensors = ['kinect-v1', 'kinect-v2'] as const;
  const isSize = (camera: Pinhole): boolean => camera.width === width && camera.height === height;
  return sensors.find((sensor) => isSize(ALIGNED_CAMERAS[sensor])) ?? null;
}

/** A registered depth picture of this sensor; `mm` is not copied. */
export function registeredMap(sensor: DepthMap['sensor'], mm: Uint16Array): DepthMap {
  const camera = ALIGNED_CAMERAS[sensor];
  const { width, height } = camera;
  if (mm.length !== width * height) throw new RangeError('the depth picture is not of this sensor');
  return { ...camera, mm, sensor };
}
