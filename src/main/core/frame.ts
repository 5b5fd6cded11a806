// One picture on its way through Mien, in the layout in which cameras and decoders deliver it.
import type { DepthGeometry, DepthMap } from './depth/frame.ts';

/** Bytes of one plane; `stride` is the distance in bytes from one row to the next. */
export interface Plane {
  readonly data: Uint8Array;
  readonly stride: number;
}

/**
 * - `i420`: three planes Y, U, V; chroma has half the width and height, rounded up, and lies in the middle of its luma pixels.
 * - `nv12`: two planes Y and interleaved UV.
 * - `rgba`: one plane, 4 bytes a pixel; alpha is ignored.
 * - `gray`: one plane of luma.
 */
export type PixelFormat = 'i420' | 'nv12' | 'rgba' | 'gray';

/** How luma and chroma make a colour (ITU-R BT.601, BT.709, BT.2020), and whether luma spans 16…235 or 0…255. */
export interface ColorSpace {
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  readonly range: 'limited' | 'full';
}

export interface Frame {
  /** 0, 1, 2, … in the order of the source; a dropped frame leaves its number out. */
  readonly sequence: number;
  /** Milliseconds on the source's clock: presentation time in a file; NaN for a picture that has no time. */
  readonly timeMs: number;
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly colorSpace: ColorSpace;
  readonly planes: readonly Plane[];
  /** How far everything is, where a sensor measured it. */
  readonly depth?: DepthMap;
}

/** Size of each plane of a frame, without padding between rows. */
export function planeSizes(
  format: PixelFormat,
  width: number,
  height: number,
): readonly { stride: number; rows: number }[] {
  const luma = { stride: width, rows: height };
  const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  switch (format) {
    case 'i420':
      return [luma, { stride: halfWidth, rows: halfHeight }, { stride: halfWidth, rows: halfHeight }];
    case 'nv12':
      return [luma, { stride: 2 * halfWidth, rows: halfHeight }];
    case 'rgba':
      return [{ stride: 4 * width, rows: height }];
    case 'gray':
      return [luma];
  }
}

/** Bytes that a frame without padding takes. */
export function frameBytes(format: PixelFormat, width: number, height: number): number {
  return planeSizes(format, width, height).reduce((sum, plane) => sum + plane.stride * plane.rows, 0);
}

/** Where depth lies in a buffer: behind the picture, at an even number. */
const depthOffset = (format: PixelFormat, width: number, height: number): number =>
  2 * Math.ceil(frameBytes(format, width, height) / 2);

/** Bytes of a frame without padding, with the depth behind it. */
export function frameBytesWith(
  depth: DepthGeometry | undefined,
  format: PixelFormat,
  width: number,
  height: number,
): number {
  if (!depth) return frameBytes(format, width, height);
  return depthOffset(format, width, height) + 2 * depth.width * depth.height;
}

/** The millimetres behind a frame in `bytes`, which must begin at an even address. Throws when they do not fit. */
export function depthIn(
  bytes: Uint8Array,
  depth: DepthGeometry,
  format: PixelFormat,
  width: number,
  height: number,
): Uint16Array {
  if (bytes.length < frameBytesWith(depth, format, width, height))
    throw new RangeError('the buffer is smaller than the frame and its depth');
  const start = bytes.byteOffset + depthOffset(format, width, height);
  return new Uint16Array(bytes.buffer, start, depth.width * depth.height);
}

/** The planes of a frame that lies without gaps in `bytes`. Throws when it does not fit. */
export function planesIn(bytes: Uint8Array, format: PixelFormat, width: number, height: number): Plane[] {
  if (bytes.length < frameBytes(format, width, height)) throw new RangeError('the buffer is smaller than the frame');
  let offset = 0;
  return planeSizes(format, width, height).map(({ stride, rows }) => {
    const data = bytes.subarray(offset, offset + stride * rows);
    offset += stride * rows;
    return { data, stride };
  });
}
