// Depth pictures in files: 16-bit PNG of millimetres, and how they lie under the colour picture of the same moment.
import { basename } from 'node:path';
import sharp from 'sharp';
import { MienError } from '../contract/errors.ts';
import type { DepthMap } from '../core/depth/frame.ts';
import { registerDepth, V2_BASELINE } from '../core/depth/disparity.ts';
import { CAMERAS, scaled } from '../core/depth/pinhole.ts';
import { registeredMap, sensorOfSize } from './kinect/geometry.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface AlignedDepth {
  readonly depth: DepthMap;
  /** Pixels of the depth picture for each of the colour picture. */
  readonly scale: number;
  /** Whether the depth was measured in another camera's picture, and brought into that of colour with the sensor's nominal geometry. */
  readonly isRegistered: boolean;
}

/** A Kinect v2's colour picture has far more pixels than its depth: so many times fewer have about one reading each. */
const V2_REDUCTION = 3;

/** Width and height of a picture when it stands upright. Throws input_unreadable. */
export async function pictureSize(path: string): Promise<Size> {
  try {
    return (await sharp(path).metadata()).autoOrient;
  } catch (cause) {
    const remedy = 'Check the name; give a jpeg, png, webp or tiff file.';
    throw new MienError('input_unreadable', `${path} is not a picture that can be read.`, remedy, { cause });
  }
}

/**
 * Reads a depth picture for a colour picture of size `color`. What is as high for its width as the colour picture is taken to be aligned with it; the
 * depth of a Kinect v2 under its wide colour picture is registered. Throws input_unreadable and input_unsupported.
 */
export async function readDepth(path: string, color: Size): Promise<AlignedDepth> {
  const { mm, width, height } = await readMillimetres(path);
  const isShapeOf = (size: Size): boolean =>
    Math.abs((color.width * size.height) / (color.height * size.width) - 1) < 0.01;
  const sensor = sensorOfSize(width, height);
  if (!sensor) {
    const remedy = 'Depth of a Kinect v1 has 640 × 480 pixels, of a Kinect v2 512 × 424.';
    throw new MienError('input_unsupported', `${basename(path)} has ${width} × ${height} pixels.`, remedy);
  }
  const map = registeredMap(sensor, mm);
  if (isShapeOf(map)) return { depth: map, scale: width / color.width, isRegistered: false };
  if (sensor === 'kinect-v2' && isShapeOf(CAMERAS.v2Color)) {
    const target = scaled(CAMERAS.v2Color, 1 / V2_REDUCTION);
    const depth = registerDepth(mm, map, target, V2_BASELINE, sensor);
    return { depth, scale: target.width / color.width, isRegistered: true };
  }
  const message = `A colour picture of ${color.width} × ${color.height} pixels does not lie over depth of ${width} × ${height}.`;
  throw new MienError('input_unsupported', message, 'Give the colour picture that was taken with the depth picture.');
}

/** The values of a grey PNG of 16 bits. Throws input_unreadable and input_unsupported. */
export async function readMillimetres(path: string): Promise<Size & { readonly mm: Uint16Array }> {
  try {
    const picture = sharp(path);
    const { format, depth, channels } = await picture.metadata();
    if (format === 'png' && depth === 'ushort' && channels === 1) {
      const { data, info } = await picture
        .toColourspace('grey16')
        .raw({ depth: 'ushort' })
        .toBuffer({ resolveWithObject: true });
      const { width, height } = info;
      return { width, height, mm: new Uint16Array(data.buffer, data.byteOffset, width * height) };
    }
  } catch (cause) {
    const remedy = 'Check the name; give a PNG of 16 bits.';
    throw new MienError('input_unreadable', `${path} is not a picture that can be read.`, remedy, { cause });
  }
  const remedy = 'Give a grey PNG of 16 bits, whose values are millimetres and 0 where there is no reading.';
  throw new MienError('input_unsupported', `${basename(path)} is not a depth picture.`, remedy);
}
