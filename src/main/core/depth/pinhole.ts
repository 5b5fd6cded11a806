// The pinhole camera: pixels of a picture, metric points before the lens, and sizes. Axes are right, down and away from the camera.

/** A camera without distortion; the centre in pixels as in geometry.ts: the first pixel's middle is at 0.5. */
export interface Pinhole {
  readonly width: number;
  readonly height: number;
  readonly focalPx: number;
  readonly centerX: number;
  readonly centerY: number;
}

/** Millimetres right, down and away from the camera. */
export interface MetricPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/**
 * The cameras' nominal geometry, for recordings without a calibration of their own. Kinect v1 colour is what libfreenect registers
 * depth to; v1 depth is the picture of the infrared camera. Kinect v2: ranges of published calibrations, rounded.
 */
export const CAMERAS = {
  v1Color: { width: 640, height: 480, focalPx: 525, centerX: 320, centerY: 240 },
  v1Depth: { width: 640, height: 480, focalPx: 570, centerX: 320, centerY: 240 },
  v2Color: { width: 1920, height: 1080, focalPx: 1060, centerX: 960, centerY: 540 },
  v2Depth: { width: 512, height: 424, focalPx: 365, centerX: 256, centerY: 212 },
} as const satisfies Record<string, Pinhole>;

/** What depth of each sensor is seen by where it is aligned with colour. */
export const ALIGNED_CAMERAS = { 'kinect-v1': CAMERAS.v1Color, 'kinect-v2': CAMERAS.v2Depth } as const;

/** The point that pixel (x, y) shows, `depthMm` away along the optical axis. */
export function pointAt(camera: Pinhole, x: number, y: number, depthMm: number): MetricPoint {
  const scale = depthMm / camera.focalPx;
  return { x: (x - camera.centerX) * scale, y: (y - camera.centerY) * scale, z: depthMm };
}

/** Where a point before the camera is seen, in pixels. */
export function pixelOf(camera: Pinhole, { x, y, z }: MetricPoint): { readonly x: number; readonly y: number } {
  return { x: camera.centerX + (camera.focalPx * x) / z, y: camera.centerY + (camera.focalPx * y) / z };
}

/** Millimetres that `lengthPx` pixels span across the line of sight at this distance. */
export const metricLength = ({ focalPx }: Pinhole, lengthPx: number, depthMm: number): number =>
  (lengthPx * depthMm) / focalPx;

/** The same camera with pixels `factor` times as many in each direction. */
export function scaled(camera: Pinhole, factor: number): Pinhole {
  return {
    width: Math.round(camera.width * factor),
    height: Math.round(camera.height * factor),
    focalPx: camera.focalPx * factor,
    centerX: camera.centerX * factor,
    centerY: camera.centerY * factor,
  };
}
