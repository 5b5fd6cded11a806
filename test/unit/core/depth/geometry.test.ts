import { describe, expect, it } from 'vitest';
import { noiseAt } from '../../../../src/main/core/depth/noise.ts';
import { CAMERAS, metricLength, pixelOf, pointAt, scaled } from '../../../../src/main/core/depth/pinhole.ts';

describe('a pinhole camera', () => {
  const camera = CAMERAS.v1Color; // f = 525, centre (320, 240)

  it('sees 100 mm a metre away on 52.5 pixels', () => {
    expect(metricLength(camera, 52.5, 1000)).toBe(100);
    expect(pointAt(camera, 372.5, 187.5, 1000)).toEqual({ x: 100, y: -100, z: 1000 });
    expect(pixelOf(camera, { x: 100, y: -100, z: 1000 })).toEqual({ x: 372.5, y: 187.5 });
  });

  it('sees the same with fewer pixels', () => {
    const half = scaled(camera, 0.5);
    expect(half).toEqual({ width: 320, height: 240, focalPx: 262.5, centerX: 160, centerY: 120 });
    expect(metricLength(half, 26.25, 1000)).toBe(100);
  });
});

describe('the noise of depth', () => {
  it('of a Kinect v1 grows with the square of distance', () => {
    expect(noiseAt('kinect-v1', 1000).sigmaMm).toBeCloseTo(1.425, 9);
    expect(noiseAt('kinect-v1', 2000).sigmaMm).toBeCloseTo(5.7, 9);
    expect(noiseAt('kinect-v1', 2000).stepMm).toBeCloseTo(11.4, 9);
  });

  it('of a Kinect v2 is 1.3 mm at 1 m and 1.7 mm at 2 m', () => {
    expect(noiseAt('kinect-v2', 1000).sigmaMm).toBeCloseTo(1.3, 9);
    expect(noiseAt('kinect-v2', 2000).sigmaMm).toBeCloseTo(1.7, 9);
  });
});
