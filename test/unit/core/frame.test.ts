import { describe, expect, it } from 'vitest';
import { depthIn, frameBytes, frameBytesWith, planeSizes, planesIn } from '../../../src/main/core/frame.ts';

describe('the planes of a frame', () => {
  it('have half the resolution for chroma, rounded up where the size is odd', () => {
    expect(planeSizes('i420', 7, 5)).toEqual([
      { stride: 7, rows: 5 },
      { stride: 4, rows: 3 },
      { stride: 4, rows: 3 },
    ]);
    expect(planeSizes('i420', 6, 4)).toEqual([
      { stride: 6, rows: 4 },
      { stride: 3, rows: 2 },
      { stride: 3, rows: 2 },
    ]);
  });

  it('hold both chroma channels side by side in NV12', () => {
    expect(planeSizes('nv12', 7, 5)).toEqual([
      { stride: 7, rows: 5 },
      { stride: 8, rows: 3 },
    ]);
  });

  it('are a single one for RGBA, with 4 bytes a pixel, and for grey', () => {
    expect(planeSizes('rgba', 7, 5)).toEqual([{ stride: 28, rows: 5 }]);
    expect(planeSizes('gray', 7, 5)).toEqual([{ stride: 7, rows: 5 }]);
  });

  it('take together as many bytes as the frame', () => {
    // Chroma of 7 × 5: 2 · 4 · 3 = 24 in either layout. Even sizes: 1.5 bytes a pixel.
    expect(frameBytes('i420', 7, 5)).toBe(59);
    expect(frameBytes('nv12', 7, 5)).toBe(59);
    expect(frameBytes('rgba', 7, 5)).toBe(140);
    expect(frameBytes('gray', 7, 5)).toBe(35);
    expect(frameBytes('i420', 640, 480)).toBe(460_800);
    expect(frameBytes('i420', 1, 1)).toBe(3);
  });
});

describe('planes in a buffer', () => {
  it('lie one behind the other without gaps', () => {
    const bytes = Uint8Array.from({ length: 59 }, (_, i) => i);
    const planes = planesIn(bytes, 'i420', 7, 5);
    expect(planes.map(({ stride }) => stride)).toEqual([7, 4, 4]);
    expect(planes.map(({ data }) => [data[0], data.length])).toEqual([
      [0, 35],
      [35, 12],
      [47, 12],
    ]);
  });

  it('are views: nothing is copied', () => {
    const bytes = new Uint8Array(100).subarray(10);
    const [luma, chroma] = planesIn(bytes, 'nv12', 4, 4);
    bytes[16] = 99;
    expect(chroma.data[0]).toBe(99);
    expect([luma.data.byteOffset, chroma.data.byteOffset]).toEqual([10, 26]);
  });

  it('may leave bytes over but not fall short', () => {
    expect(planesIn(new Uint8Array(36), 'gray', 7, 5)[0].data.length).toBe(35);
    expect(planesIn(new Uint8Array(35), 'gray', 7, 5)[0].data.length).toBe(35);
    expect(() => planesIn(new Uint8Array(34), 'gray', 7, 5)).toThrow(RangeError);
    expect(() => planesIn(new Uint8Array(58), 'i420', 7, 5)).toThrow(RangeError);
  });
});

describe('depth in a buffer', () => {
  const depth = {
    width: 4,
    height: 3,
    focalPx: 525,
    centerX: 2,
    centerY: 1.5,
    sensor: 'kinect-v1' as const,
  };

  it('lies behind the picture, at an even number', () => {
    // 35 bytes of grey, one of filling, 12 numbers of 2 bytes.
    expect(frameBytesWith(depth, 'gray', 7, 5)).toBe(60);
    expect(frameBytesWith(depth, 'gray', 8, 5)).toBe(64);
    expect(frameBytesWith(undefined, 'gray', 7, 5)).toBe(35);
  });

  it('is a view of as many millimetres as the sensor has pixels', () => {
    const bytes = new Uint8Array(100).subarray(2);
    const mm = depthIn(bytes, depth, 'gray', 7, 5);
    expect([mm.length, mm.byteOffset]).toEqual([12, 38]);
    mm[11] = 0x1234;
    expect([bytes[58], bytes[59]]).toEqual([0x34, 0x12]);
  });

  it('must fit', () => {
    expect(depthIn(new Uint8Array(60), depth, 'gray', 7, 5)).toHaveLength(12);
    expect(() => depthIn(new Uint8Array(59), depth, 'gray', 7, 5)).toThrow(RangeError);
  });
});
