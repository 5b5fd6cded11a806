// The sampler against numbers worked out by hand and against bilinear interpolation written down in double precision.
import { describe, expect, it } from 'vitest';
import { Arena, Sampler, tensorLength, type Border, type TensorSpec } from '../../../src/main/core/sample.ts';
import { planesIn, type ColorSpace, type Frame } from '../../../src/main/core/frame.ts';
import { regionToFrame, type Affine } from '../../../src/main/core/geometry.ts';
import { instantiateKernel, sharedMemory } from '../../../src/main/inference/kernel.ts';
import {
  FULL,
  IDENTITY,
  LIMITED,
  createBench,
  placesOf,
  plain,
  referenceValue,
  type Paint,
  type ReferencePlane,
} from '../../fixtures/sampling-bench.ts';
import { seeded } from '../../fixtures/seeded.ts';

/** Bytes without any pattern, the same in every run. */
function noise(seed: number): Paint {
  const random = seeded(seed);
  const values = Uint8Array.from({ length: 256 * 256 }, () => 256 * random());
  return (x, y) => values[y * 256 + x];
}

/** At most 7.4 grey levels from one pixel to the next: 60/13 + 50/29 across, 50/11 down, and 1 for rounding to bytes. */
const smooth: Paint = (x, y) => Math.round(128 + 60 * Math.sin(x / 13) + 50 * Math.cos(y / 11 + x / 29));

const always =
  (value: number): Paint =>
  () =>
    value;

function shifted(c: number, f: number): Affine {
  return { ...IDENTITY, c, f };
}

/** Row `v` of a picture's plane. */
function row(tensor: Float32Array, spec: TensorSpec, v: number, plane = 0): number[] {
  const from = (plane * spec.height + v) * spec.width;
  return [...tensor.subarray(from, from + spec.width)];
}

/** The greatest distance between two tensors of equal length. */
function farthest(p: Float32Array, q: Float32Array): number {
  expect(p.length).toBe(q.length);
  let most = 0;
  for (let i = 0; i < p.length; i++) {
    const apart = Math.abs(p[i] - q[i]);
    if (!(apart <= most)) most = apart;
  }
  return most;
}

describe('a tensor', () => {
  it('has three planes for colour and one for grey', () => {
    expect(tensorLength(plain('rgb', 12, 10))).toBe(360);
    expect(tensorLength(plain('gray', 12, 10))).toBe(120);
  });
});

describe('the arena', () => {
  it('hands out pieces aligned to 16 bytes that do not overlap', () => {
    const arena = new Arena(new ArrayBuffer(256), 5, 256);
    const [first, second, third] = [arena.floats(1), arena.floats(5), arena.floats(4)];
    // From 5 up to 16; one float takes 16 bytes, five take 32.
    expect([first.byteOffset, second.byteOffset, third.byteOffset]).toEqual([16, 32, 64]);
    expect([first.length, second.length, third.length]).toEqual([1, 5, 4]);
  });

  it('gives its last byte and refuses the next', () => {
    const arena = new Arena(new ArrayBuffer(64), 0, 48);
    expect(arena.floats(12).length).toBe(12);
    expect(() => arena.floats(1)).toThrow(RangeError);
  });

  it('keeps what is left when it refuses a piece', () => {
    const arena = new Arena(new ArrayBuffer(64), 0, 32);
    expect(() => arena.floats(9)).toThrow(RangeError);
    expect(arena.floats(8).byteOffset).toBe(0);
  });
});

describe('sampling between pixels', () => {
  it('gives the very bytes at the centres of pixels', () => {
    const bench = createBench();
    const paint = noise(1);
    const frame = bench.frame('gray', 20, 12, [paint]);
    const spec = plain('gray', 20, 12);
    const tensor = bench.cut(frame, IDENTITY, spec);
    for (let v = 0; v < 12; v++)
      expect(row(tensor, spec, v)).toEqual(Array.from({ length: 20 }, (_, u) => paint(u, v)));
  });

  it('gives the mean of two neighbours half-way between them, and the last pixel beyond the last centre', () => {
    const bench = createBench();
    const values = [10, 20, 40, 80, 160, 250, 0, 8, 16, 32];
    const frame = bench.frame('gray', 10, 8, [(x) => values[x]]);
    const spec = plain('gray', 10, 8);
    expect(row(bench.cut(frame, shifted(0.5, 0), spec), spec, 3)).toEqual([15, 30, 60, 120, 205, 125, 4, 12, 24, 32]);
  });

  it('gives the mean of four neighbours half-way between all of them', () => {
    const bench = createBench();
    const paint = noise(2);
    const frame = bench.frame('gray', 16, 16, [paint]);
    const spec = plain('gray', 8, 8);
    const tensor = bench.cut(frame, shifted(3.5, 4.5), spec);
    // Output (u, v) has its centre at (u + 4, v + 5), the corner between the pixels u + 3, u + 4 and v + 4, v + 5.
    for (let v = 0; v < 8; v++)
      for (let u = 0; u < 8; u++) {
        const four = paint(u + 3, v + 4) + paint(u + 4, v + 4) + paint(u + 3, v + 5) + paint(u + 4, v + 5);
        expect(tensor[v * 8 + u]).toBe(four / 4);
      }
  });

  it('weighs neighbours by their nearness', () => {
    const bench = createBench();
    const frame = bench.frame('gray', 40, 40, [(x, y) => (x === 20 ? 200 : 100) + (y === 20 ? 40 : 0)]);
    const spec = plain('gray', 8, 8);
    // The centre of output (4, 4) lies at (20.25, 20.125): 0.75 from the centre of the 19th column's pixel towards the 20th,
    // and 0.625 from the 19th row towards the 20th. 100 + 0.75 · 100 + 0.625 · 40 = 200.
    expect(bench.cut(frame, shifted(15.75, 15.625), spec)[4 * 8 + 4]).toBe(200);
  });

  it('enlarges: three points between two pixels lie on a straight line', () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [(x) => 32 * x]);
    const spec = plain('gray', 8, 8);
    // Four output pixels a frame pixel: centres at 1.125 + u / 4, so values 32 · (0.625 + u / 4) = 20 + 8 u.
    const map: Affine = { a: 0.25, b: 0, c: 1, d: 0, e: 0.25, f: 1 };
    expect(row(bench.cut(frame, map, spec), spec, 0)).toEqual([20, 28, 36, 44, 52, 60, 68, 76]);
  });
});

describe('colours', () => {
  const cases: readonly (readonly [ColorSpace['matrix'], ColorSpace['range'], readonly number[]])[] = [
    // Y′ = 120, Cb = 100, Cr = 150 by the published equations. Limited: 1.164384 · (120 − 16) = 121.096 and
    // 601: + 1.596027 · 22, + 0.391762 · 28 − 0.812968 · 22, − 2.017232 · 28
    ['bt601', 'limited', [156.208, 114.18, 64.613]],
    // 709: + 1.792741 · 22, + 0.213249 · 28 − 0.532909 · 22, − 2.112402 · 28
    ['bt709', 'limited', [160.536, 115.343, 61.949]],
    // 2020: + 1.678674 · 22, + 0.187326 · 28 − 0.650424 · 22, − 2.141772 · 28
    ['bt2020', 'limited', [158.027, 112.032, 61.126]],
    // Full: 120 and 601: + 1.402 · 22, + 0.344136 · 28 − 0.714136 · 22, − 1.772 · 28
    ['bt601', 'full', [150.844, 113.925, 70.384]],
    // 709: + 1.5748 · 22, + 0.187324 · 28 − 0.468124 · 22, − 1.8556 · 28
    ['bt709', 'full', [154.646, 114.946, 68.043]],
    // 2020: + 1.4746 · 22, + 0.164553 · 28 − 0.571353 · 22, − 1.8814 · 28
    ['bt2020', 'full', [152.441, 112.038, 67.321]],
  ];

  it.each(cases)('follow %s at %s range', (matrix, range, rgb) => {
    const bench = createBench();
    const frame = bench.frame('i420', 16, 16, [always(120), always(100), always(150)], { matrix, range });
    const spec = plain('rgb', 8, 8);
    const tensor = bench.cut(frame, shifted(2, 2), spec);
    rgb.forEach((value, plane) => {
      for (const measured of row(tensor, spec, 5, plane)) expect(measured).toBeCloseTo(value, 2);
    });
  });

  it.each(['bt601', 'bt709', 'bt2020'] as const)('%s: without chroma, luma 16 is black and 235 white', (matrix) => {
    const bench = createBench();
    const space: ColorSpace = { matrix, range: 'limited' };
    // 126 is half-way but for half a step: 110 · 255 / 219 = 128.082
    for (const [luma, value] of [
      [16, 0],
      [126, 128.082],
      [235, 255],
    ]) {
      const frame = bench.frame('i420', 8, 8, [always(luma), always(128), always(128)], space);
      for (const measured of bench.cut(frame, IDENTITY, plain('rgb', 8, 8))) expect(measured).toBeCloseTo(value, 3);
    }
  });

  it('are held within 0…255', () => {
    const bench = createBench();
    const spec = plain('rgb', 8, 8);
    // Beyond white with much blue: blue and red above 255. Black with much red chroma: green and blue below 0.
    const bright = bench.frame('i420', 8, 8, [always(250), always(240), always(200)], LIMITED);
    const dark = bench.frame('i420', 8, 8, [always(16), always(100), always(240)], LIMITED);
    const [over, under] = [bench.cut(bright, IDENTITY, spec), bench.cut(dark, IDENTITY, spec)];
    expect([over[0], over[128]]).toEqual([255, 255]);
    expect(under[0]).toBeCloseTo(178.755, 2); // 1.596027 · 112
    expect([under[64], under[128]]).toEqual([0, 0]);
  });

  it('are normalised channel by channel', () => {
    const bench = createBench();
    const frame = bench.frame('i420', 8, 8, [always(120), always(100), always(150)], FULL);
    const spec: TensorSpec = { ...plain('rgb', 8, 8), mean: [100, 50, 0], std: [2, 4, 255] };
    const tensor = bench.cut(frame, IDENTITY, spec);
    expect(tensor[0]).toBeCloseTo(25.422, 3); // (150.844 − 100) / 2
    expect(tensor[64]).toBeCloseTo(15.981, 3); // (113.925 − 50) / 4
    expect(tensor[128]).toBeCloseTo(0.27602, 4); // 70.384 / 255
  });

  it('are clamped before they are normalised', () => {
    const bench = createBench();
    const spec: TensorSpec = { ...plain('rgb', 8, 8), mean: [255, 255, 255], std: [51, 51, 51] };
    const frame = bench.frame('i420', 8, 8, [always(255), always(128), always(128)], LIMITED);
    for (const value of bench.cut(frame, IDENTITY, spec)) expect(value).toBe(0);
  });

  it('come out of NV12 as out of I420', () => {
    const bench = createBench();
    const paints = [noise(3), noise(4), noise(5)];
    const spec = plain('rgb', 24, 20);
    const map = regionToFrame({ center: { x: 17, y: 11 }, size: 31, angle: 0.4 }, 24, 20);
    const [planar, interleaved] = (['i420', 'nv12'] as const).map((format) =>
      bench.cut(bench.frame(format, 35, 27, paints, LIMITED), map, spec),
    );
    // Only rounding differs: the fast path is for channels without gaps. Chroma noise is steep, 255 · 2.017 / 256 = 2.
    expect(farthest(planar, interleaved)).toBeLessThan(2.1);
    const softPaints = [smooth, always(90), always(170)];
    const [soft, softInterleaved] = (['i420', 'nv12'] as const).map((format) =>
      bench.cut(bench.frame(format, 35, 27, softPaints, LIMITED), map, spec),
    );
    expect(farthest(soft, softInterleaved)).toBeLessThan(1e-3);
  });

  it('come out of NV12 to the last digit as out of I420 at the centres of pixels', () => {
    const bench = createBench();
    const paints = [noise(6), noise(7), noise(8)];
    const spec = plain('rgb', 24, 20);
    const planar = bench.cut(bench.frame('i420', 24, 20, paints, LIMITED), IDENTITY, spec);
    expect(bench.cut(bench.frame('nv12', 24, 20, paints, LIMITED), IDENTITY, spec)).toEqual(planar);
  });

  it('of RGBA are taken as they are, and alpha does not matter', () => {
    const bench = createBench();
    const paints = [noise(9), noise(10), noise(11)];
    const spec = plain('rgb', 8, 8);
    const opaque = bench.cut(bench.frame('rgba', 8, 8, [...paints, always(255)]), IDENTITY, spec);
    const glass = bench.cut(bench.frame('rgba', 8, 8, [...paints, always(0)]), IDENTITY, spec);
    expect(glass).toEqual(opaque);
    for (let plane = 0; plane < 3; plane++)
      expect(row(opaque, spec, 6, plane)).toEqual(Array.from({ length: 8 }, (_, x) => paints[plane](x, 6)));
  });

  it('of RGBA are normalised channel by channel', () => {
    const bench = createBench();
    const frame = bench.frame('rgba', 8, 8, [always(110), always(58), always(51), always(255)]);
    const tensor = bench.cut(frame, IDENTITY, { ...plain('rgb', 8, 8), mean: [100, 50, 0], std: [2, 4, 255] });
    expect([tensor[0], tensor[64]]).toEqual([5, 2]);
    expect(tensor[128]).toBeCloseTo(0.2, 6);
  });

  it('change in luma pixel by pixel and in chroma every two pixels', () => {
    const bench = createBench();
    const frame = bench.frame('i420', 8, 8, [(x) => 10 * x, always(128), (x, y) => 128 + 10 * x + y], FULL);
    const spec = plain('rgb', 8, 8);
    // Red is luma + 1.402 · (Cr − 128); the chroma pixel of (u, v) is (u >> 1, v >> 1).
    const expected = Array.from({ length: 8 }, (_, u) => 10 * u + 1.402 * (10 * (u >> 1) + 2));
    row(bench.cut(frame, IDENTITY, spec), spec, 5).forEach((value, u) => expect(value).toBeCloseTo(expected[u], 3));
  });
});

describe('grey', () => {
  it('of a YUV frame is its luma at full range', () => {
    const bench = createBench();
    const values = [10, 16, 53, 89, 126, 162, 235, 250];
    const frame = bench.frame('i420', 8, 8, [(x) => values[x], always(20), always(200)], LIMITED);
    const spec = plain('gray', 8, 8);
    // (Y − 16) · 255 / 219, held within 0…255; chroma does not matter.
    const expected = [0, 0, 43.082, 85, 128.082, 170, 255, 255];
    row(bench.cut(frame, IDENTITY, spec), spec, 2).forEach((value, u) => expect(value).toBeCloseTo(expected[u], 3));
  });

  it('of an NV12 frame at full range is its luma', () => {
    const bench = createBench();
    const paint = noise(12);
    const frame = bench.frame('nv12', 8, 8, [paint, always(20), always(200)], FULL);
    const spec = plain('gray', 8, 8);
    expect(row(bench.cut(frame, IDENTITY, spec), spec, 4)).toEqual(Array.from({ length: 8 }, (_, x) => paint(x, 4)));
  });

  it('of an RGBA frame weighs red 0.299, green 0.587 and blue 0.114', () => {
    const bench = createBench();
    const frame = bench.frame('rgba', 8, 8, [always(10), always(20), always(30), always(255)]);
    // 2.99 + 11.74 + 3.42
    for (const value of bench.cut(frame, IDENTITY, plain('gray', 8, 8))) expect(value).toBeCloseTo(18.15, 4);
    const spec: TensorSpec = { ...plain('gray', 8, 8), mean: [8.15], std: [4] };
    for (const value of bench.cut(frame, IDENTITY, spec)) expect(value).toBeCloseTo(2.5, 5);
  });

  it('makes three equal planes of a colour tensor, each with its own normalisation', () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [(x) => 20 * x]);
    const spec: TensorSpec = { ...plain('rgb', 8, 8), mean: [0, 20, 100], std: [1, 2, 10] };
    const tensor = bench.cut(frame, IDENTITY, spec);
    expect(row(tensor, spec, 1, 0)).toEqual([0, 20, 40, 60, 80, 100, 120, 140]);
    expect(row(tensor, spec, 1, 1)).toEqual([-10, 0, 10, 20, 30, 40, 50, 60]);
    row(tensor, spec, 1, 2).forEach((value, u) => expect(value).toBeCloseTo(2 * u - 10, 5));
  });
});

describe('beyond the edge of the frame', () => {
  const spec = plain('gray', 16, 16);
  const paint: Paint = (x, y) => 10 + 10 * x + y;

  it("'edge' repeats the nearest pixel", () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [paint]);
    const tensor = bench.cut(frame, shifted(-3, -4), spec, 'edge');
    for (let v = 0; v < 16; v++)
      for (let u = 0; u < 16; u++) {
        const [x, y] = [Math.min(7, Math.max(0, u - 3)), Math.min(7, Math.max(0, v - 4))];
        expect(tensor[16 * v + u]).toBe(paint(x, y));
      }
  });

  it("'black' is 0", () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [paint]);
    const tensor = bench.cut(frame, shifted(-3, -4), spec, 'black');
    for (let v = 0; v < 16; v++)
      for (let u = 0; u < 16; u++) {
        const [x, y] = [u - 3, v - 4];
        expect(tensor[16 * v + u]).toBeCloseTo(x >= 0 && y >= 0 && x < 8 && y < 8 ? paint(x, y) : 0, 10);
      }
  });

  it('a point in the outer half of a border pixel is still inside', () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [always(77)]);
    // The first output centre lies 0.25 inside the frame, then 0.25 outside; likewise at the bottom.
    expect(bench.cut(frame, shifted(-0.25, 0), spec, 'black')[0]).toBe(77);
    expect(bench.cut(frame, shifted(-0.75, 0), spec, 'black')[0]).toBe(0);
    expect(bench.cut(frame, shifted(0, -0.25), spec, 'black')[0]).toBe(77);
    expect(bench.cut(frame, shifted(0, -0.75), spec, 'black')[0]).toBe(0);
    expect(row(bench.cut(frame, shifted(0.25, 0), spec, 'black'), spec, 0).slice(6, 9)).toEqual([77, 77, 0]);
  });

  it.each(['gray', 'i420', 'nv12', 'rgba'] as const)("'black' is black in all channels of %s", (format) => {
    const bench = createBench();
    const frame = bench.frame(format, 8, 8, [always(200), always(60), always(220), always(255)], LIMITED);
    const far = shifted(500, -300);
    for (const value of bench.cut(frame, far, plain('rgb', 8, 8), 'black')) expect(value).toBeCloseTo(0, 4);
    for (const value of bench.cut(frame, far, plain('gray', 8, 8), 'black')) expect(value).toBeCloseTo(0, 4);
  });

  it("'black' is normalised like any other value", () => {
    const bench = createBench();
    const frame = bench.frame('i420', 8, 8, [always(200), always(60), always(220)], LIMITED);
    const rgb: TensorSpec = { ...plain('rgb', 8, 8), mean: [10, 20, 30], std: [10, 10, 10] };
    const tensor = bench.cut(frame, shifted(0, 100), rgb, 'black');
    [-1, -2, -3].forEach((value, plane) => {
      for (const measured of row(tensor, rgb, 7, plane)) expect(measured).toBeCloseTo(value, 5);
    });
  });

  it("'mirror' shows the picture turned over at its edges, as far as it reaches", () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [paint]);
    const wide = plain('gray', 24, 24);
    const tensor = bench.cut(frame, shifted(-8, -8), wide, 'mirror');
    const turned = (at: number): number => (at < 0 ? -1 - at : at > 7 ? 15 - at : at);
    for (let v = 0; v < 24; v++)
      for (let u = 0; u < 24; u++) expect(tensor[24 * v + u]).toBe(paint(turned(u - 8), turned(v - 8)));
  });

  it.each(['i420', 'nv12', 'rgba'] as const)("'mirror' turns over the colours of %s with the light", (format) => {
    const bench = createBench();
    const frame = bench.frame(format, 16, 16, [(x) => 10 * x, (x) => 90 + 4 * x, (x) => 160 - 4 * x, always(255)]);
    const spec = plain('rgb', 32, 8);
    const tensor = bench.cut(frame, shifted(-8, 4), spec, 'mirror');
    for (let plane = 0; plane < 3; plane++) {
      const values = row(tensor, spec, 3, plane);
      for (let u = 0; u < 8; u++) {
        expect(values[7 - u]).toBeCloseTo(values[8 + u], 4);
        expect(values[24 + u]).toBeCloseTo(values[23 - u], 4);
      }
    }
  });

  it("'edge' far away is the nearest corner", () => {
    const bench = createBench();
    const frame = bench.frame('gray', 8, 8, [paint]);
    for (const value of bench.cut(frame, shifted(1e6, -1e6), plain('gray', 8, 8))) expect(value).toBe(paint(7, 0));
  });
});

describe('maps', () => {
  it('turn a picture by a quarter', () => {
    const bench = createBench();
    const paint = noise(13);
    const frame = bench.frame('gray', 12, 12, [paint]);
    // A region turned clockwise by 90°: the output's right is the frame's down, the output's down the frame's left.
    const map = regionToFrame({ center: { x: 6, y: 6 }, size: 12, angle: Math.PI / 2 }, 12, 12);
    const tensor = bench.cut(frame, map, plain('gray', 12, 12));
    for (let v = 0; v < 12; v++)
      for (let u = 0; u < 12; u++) expect(tensor[12 * v + u]).toBeCloseTo(paint(11 - v, u), 2);
  });

  it('turn the colours with the luma', () => {
    const bench = createBench();
    const [luma, cb, cr] = [noise(14), noise(15), noise(16)];
    const frame = bench.frame('i420', 12, 12, [luma, cb, cr], FULL);
    const quarter: Affine = { a: 0, b: -1, c: 12, d: 1, e: 0, f: 0 };
    const tensor = bench.cut(frame, quarter, plain('rgb', 12, 12));
    for (let v = 0; v < 12; v++)
      for (let u = 0; u < 12; u++) {
        const [x, y] = [11 - v, u];
        const red = luma(x, y) + 1.402 * (cr(x >> 1, y >> 1) - 128);
        expect(tensor[12 * v + u]).toBeCloseTo(Math.min(255, Math.max(0, red)), 3);
      }
  });

  it('mirror', () => {
    const bench = createBench();
    const paint = noise(17);
    const spec = plain('gray', 16, 8);
    const mirrored: Affine = { a: -1, b: 0, c: 16, d: 0, e: 1, f: 0 };
    const tensor = bench.cut(bench.frame('gray', 16, 8, [paint]), mirrored, spec);
    expect(row(tensor, spec, 3)).toEqual(Array.from({ length: 16 }, (_, u) => paint(15 - u, 3)));
  });

  it('that shrink by the spacing or little more read one point', () => {
    const bench = createBench(3);
    const paint = noise(18);
    const spec = plain('gray', 8, 8);
    // Three pixels a step: the centre of output 0 is 1.5, the centre of pixel 1. Pixels 1, 4, 7, …
    const map: Affine = { a: 3, b: 0, c: 0, d: 0, e: 3, f: 0 };
    const tensor = bench.cut(bench.frame('gray', 24, 24, [paint]), map, spec);
    expect(row(tensor, spec, 2)).toEqual(Array.from({ length: 8 }, (_, u) => paint(3 * u + 1, 7)));
  });

  it('that shrink by twice the spacing average four points', () => {
    const bench = createBench(3);
    const paint = noise(19);
    const spec = plain('gray', 8, 8);
    // Six pixels a step: points at 1.5 and 4.5 of each, the centres of pixels 1 and 4.
    const map: Affine = { a: 6, b: 0, c: 0, d: 0, e: 6, f: 0 };
    const tensor = bench.cut(bench.frame('gray', 48, 48, [paint]), map, spec);
    for (let v = 0; v < 8; v++)
      for (let u = 0; u < 8; u++) {
        const [x, y] = [6 * u, 6 * v];
        const sum = paint(x + 1, y + 1) + paint(x + 4, y + 1) + paint(x + 1, y + 4) + paint(x + 4, y + 4);
        expect(tensor[8 * v + u]).toBeCloseTo(sum / 4, 4);
      }
  });

  it('that shrink evenly with points two pixels apart take the mean of all pixels', () => {
    const bench = createBench(2);
    const paint = noise(20);
    const spec = plain('gray', 8, 8);
    // Six pixels a step: points at 1, 3 and 5, each the corner of four pixels; all 36 count the same.
    const map: Affine = { a: 6, b: 0, c: 0, d: 0, e: 6, f: 0 };
    const tensor = bench.cut(bench.frame('gray', 48, 48, [paint]), map, spec);
    for (const [u, v] of [
      [0, 0],
      [3, 5],
      [7, 7],
    ]) {
      let sum = 0;
      for (let k = 0; k < 36; k++) sum += paint(6 * u + (k % 6), 6 * v + Math.floor(k / 6));
      expect(tensor[8 * v + u]).toBeCloseTo(sum / 36, 3);
    }
  });

  it('that shrink enormously average 16 × 16 points and no more', () => {
    const bench = createBench(1);
    const paint = noise(21);
    const plane: ReferencePlane = { width: 240, height: 200, paint, outside: null };
    const map: Affine = { a: 30, b: 0, c: 0, d: 0, e: 25, f: 0 };
    const tensor = bench.cut(bench.frame('gray', 240, 200, [paint]), map, plain('gray', 8, 8));
    // Each of the 256 points is right to 1/256 of a step of at most 255.
    for (const [u, v] of [
      [0, 0],
      [4, 3],
      [7, 7],
    ])
      expect(Math.abs(tensor[8 * v + u] - referenceValue(plane, map, u, v, 16))).toBeLessThan(0.3);
  });
});

describe('the inside of a frame, which has a faster way', () => {
  it('gives the same as the border of a frame', () => {
    const bench = createBench();
    const random = seeded(22);
    const [size, margin] = [40, 60];
    const inside = (x: number): number => Math.min(size - 1, Math.max(0, x));
    const alone = bench.frame('gray', size, size, [smooth]);
    // The same picture in the middle of a larger one that repeats its edges, as sampling does.
    const framed = bench.frame('gray', size + 2 * margin, size + 2 * margin, [
      (x, y) => smooth(inside(x - margin), inside(y - margin)),
    ]);
    const spec = plain('gray', 38, 38);
    for (let trial = 0; trial < 40; trial++) {
      const center = { x: size * random(), y: size * random() };
      const map = regionToFrame({ center, size: 20 + 40 * random(), angle: 6.3 * random() }, 38, 38);
      const moved = { ...map, c: map.c + margin, f: map.f + margin };
      expect(farthest(bench.cut(alone, map, spec), bench.cut(framed, moved, spec))).toBeLessThan(0.05);
    }
  });

  it('gives the same as channels with gaps between their pixels, which have only the slower way', () => {
    const bench = createBench();
    const random = seeded(23);
    const planar = bench.frame('gray', 90, 70, [smooth]);
    const spaced = bench.frame('rgba', 90, 70, [smooth, smooth, smooth, always(255)]);
    const spec = plain('rgb', 26, 30);
    for (let trial = 0; trial < 40; trial++) {
      const center = { x: 90 * random(), y: 70 * random() };
      const map = regionToFrame({ center, size: 8 + 300 * random() ** 2, angle: 6.3 * random() }, 26, 30);
      expect(farthest(bench.cut(planar, map, spec), bench.cut(spaced, map, spec))).toBeLessThan(0.05);
    }
  });

  it('keeps its place over wide tensors', () => {
    const bench = createBench();
    // 256 steps of 0.3713 pixels: the straight line must not drift off.
    const paint: Paint = (x) => 2 * x;
    const frame = bench.frame('gray', 120, 20, [paint]);
    const spec = plain('gray', 256, 8);
    const map: Affine = { a: 0.3713, b: 0, c: 6.2, d: 0, e: 1, f: 5 };
    row(bench.cut(frame, map, spec), spec, 4).forEach((value, u) =>
      expect(Math.abs(value - 2 * (0.3713 * (u + 0.5) + 6.2 - 0.5))).toBeLessThan(0.015),
    );
  });
});

describe('any affine map', () => {
  /** A map of any shape: sheared, turned, mirrored, from enlarging three times to shrinking eight times. */
  function anyMap(random: () => number, width: number, height: number, spec: TensorSpec): Affine {
    const scale = Math.exp(Math.log(0.33) + random() * Math.log(24));
    const [turn, shear] = [6.3 * random(), 1.2 * (random() - 0.5)];
    const [a, d] = [scale * Math.cos(turn), scale * Math.sin(turn)];
    const flip = random() < 0.3 ? -1 : 1;
    const [b, e] = [flip * (-d + shear * a), flip * (a + shear * d)];
    const [x, y] = [width * random(), height * random()];
    return { a, b, c: x - (a * spec.width + b * spec.height) / 2, d, e, f: y - (d * spec.width + e * spec.height) / 2 };
  }

  /** Points for one output pixel along each axis: neighbours lie about `spacing` frame pixels apart. */
  function pointsOf(map: Affine, spacing: number): number {
    return Math.max(1, Math.round(Math.max(Math.hypot(map.a, map.d), Math.hypot(map.b, map.e)) / spacing));
  }

  /** Whether all points of an output pixel are clearly inside or outside: single precision decides the others. */
  function isClear(map: Affine, u: number, v: number, points: number, width: number, height: number): boolean {
    const near = (value: number, limit: number): boolean => Math.abs(value) < 0.01 || Math.abs(value - limit) < 0.01;
    return placesOf(map, u, v, points).every(({ x, y }) => !near(x, width) && !near(y, height));
  }

  const cases: readonly (readonly [string, Border, Paint, number])[] = [
    // The fast way counts 1/256 of a pixel: 255 / 256 and a little rounding where neighbours may be black and white.
    ['noise', 'edge', noise(24), 1.1],
    ['noise', 'black', noise(25), 1.1],
    ['a smooth picture', 'edge', smooth, 0.05],
    ['a smooth picture', 'black', smooth, 0.05],
  ];

  it.each(cases)('takes %s with border %s to grey', (_, border, paint, tolerance) => {
    const bench = createBench();
    const random = seeded(26);
    const [width, height] = [61, 47];
    const spec = plain('gray', 22, 16);
    const frame = bench.frame('gray', width, height, [paint]);
    const plane: ReferencePlane = { width, height, paint, outside: border === 'black' ? 0 : null };
    let compared = 0;
    let most = 0;
    for (let trial = 0; trial < 40; trial++) {
      const map = anyMap(random, width, height, spec);
      const points = pointsOf(map, 3);
      const tensor = bench.cut(frame, map, spec, border);
      for (let v = 0; v < spec.height; v++)
        for (let u = 0; u < spec.width; u++) {
          if (border === 'black' && !isClear(map, u, v, points, width, height)) continue;
          const apart = Math.abs(tensor[spec.width * v + u] - referenceValue(plane, map, u, v, points));
          if (!(apart <= most)) most = apart;
          compared++;
        }
    }
    expect(most).toBeLessThan(tolerance);
    expect(compared).toBeGreaterThan(0.9 * 40 * 22 * 16);
  });

  it.each(['i420', 'nv12'] as const)('takes %s to colours', (format) => {
    const bench = createBench();
    const random = seeded(27);
    const [width, height] = [61, 47];
    const paints: Paint[] = [smooth, (x, y) => 100 + x - y, (x, y) => 150 - 2 * x + y];
    const frame = bench.frame(format, width, height, paints, { matrix: 'bt709', range: 'limited' });
    const [luma, cb, cr] = paints.map((paint, i): ReferencePlane => {
      const size = i === 0 ? { width, height } : { width: 31, height: 24 };
      return { ...size, paint, outside: null };
    });
    const spec = plain('rgb', 22, 16);
    const limit = (value: number): number => Math.min(255, Math.max(0, value));
    let most = 0;
    for (let trial = 0; trial < 30; trial++) {
      const map = anyMap(random, width, height, spec);
      const points = pointsOf(map, 3);
      const half = { ...map, c: map.c / 2, f: map.f / 2 };
      const tensor = bench.cut(frame, map, spec);
      for (let v = 0; v < spec.height; v++)
        for (let u = 0; u < spec.width; u++) {
          const light = 1.164384 * (referenceValue(luma, map, u, v, points) - 16);
          const b = referenceValue(cb, half, u >> 1, v >> 1, points) - 128;
          const r = referenceValue(cr, half, u >> 1, v >> 1, points) - 128;
          const rgb = [light + 1.792741 * r, light - 0.213249 * b - 0.532909 * r, light + 2.112402 * b];
          rgb.forEach((value, plane) => {
            const apart = Math.abs(tensor[(plane * spec.height + v) * spec.width + u] - limit(value));
            if (!(apart <= most)) most = apart;
          });
        }
    }
    expect(most).toBeLessThan(0.1);
  });
});

describe('sizes', () => {
  it('of frames may be odd', () => {
    const bench = createBench();
    const frame = bench.frame('i420', 9, 7, [(x, y) => 10 * x + y, always(128), (x, y) => 128 + 10 * x + y], FULL);
    const spec = plain('rgb', 8, 8);
    // From column 2 on. Luma has 9 columns and 7 rows, chroma 5 and 4: the last of each is there, and repeated beyond.
    const tensor = bench.cut(frame, shifted(2, 0), spec);
    for (let v = 0; v < 8; v++)
      for (let u = 0; u < 8; u++) {
        const luma = 10 * Math.min(8, u + 2) + Math.min(6, v);
        const cr = 10 * Math.min(4, (u >> 1) + 1) + Math.min(3, v >> 1);
        expect(tensor[8 * v + u]).toBeCloseTo(luma + 1.402 * cr, 3);
      }
  });

  it('of rows in memory may be larger than the picture', () => {
    const bench = createBench();
    const paint = noise(28);
    const padded = bench.frame('gray', 32, 12, [(x, y) => (x < 21 ? paint(x, y) : 255)]);
    const spec = plain('gray', 26, 14);
    const map: Affine = { a: 0.9, b: 0.1, c: -1, d: -0.1, e: 0.9, f: 1 };
    const dense = bench.cut(bench.frame('gray', 21, 12, [paint]), map, spec);
    expect(bench.cut({ ...padded, width: 21 }, map, spec)).toEqual(dense);
  });

  it.each(['i420', 'nv12', 'rgba', 'gray'] as const)('of tensors may be 150, which 4 does not divide: %s', (format) => {
    const bench = createBench();
    const chroma = format === 'rgba' ? smooth : always(128);
    const frame = bench.frame(format, 160, 160, [smooth, chroma, chroma], FULL);
    const plane: ReferencePlane = { width: 160, height: 160, paint: smooth, outside: null };
    const map = regionToFrame({ center: { x: 78, y: 83 }, size: 140, angle: 0.3 }, 150, 150);
    for (const color of ['rgb', 'gray'] as const) {
      const spec = plain(color, 150, 150);
      const tensor = bench.cut(frame, map, spec);
      let most = 0;
      for (let i = 0; i < tensor.length; i++) {
        const pixel = i % (150 * 150);
        const value = referenceValue(plane, map, pixel % 150, Math.floor(pixel / 150), 1);
        const apart = Math.abs(tensor[i] - value);
        if (!(apart <= most)) most = apart;
      }
      expect(most).toBeLessThan(0.06);
    }
  });

  it.each([8, 10, 12, 14, 18, 22, 30])('of tensors may be %s × 10', (width) => {
    const bench = createBench();
    const paint = noise(29);
    const frame = bench.frame('i420', 40, 24, [paint, always(128), always(128)], FULL);
    for (const color of ['rgb', 'gray'] as const) {
      const spec = plain(color, width, 10);
      const tensor = bench.cut(frame, shifted(-3, 2), spec);
      for (let i = 0; i < tensor.length; i++) {
        const pixel = i % (10 * width);
        const value = paint(Math.max(0, (pixel % width) - 3), Math.floor(pixel / width) + 2);
        expect(tensor[i]).toBe(value);
      }
    }
  });

  it('of tensors may change from one call to the next', () => {
    const [bench, fresh] = [createBench(), createBench()];
    const paints = [noise(30), noise(31), noise(32)];
    const frame = bench.frame('i420', 40, 40, paints, LIMITED);
    const map: Affine = { a: 0.7, b: 0.2, c: 3, d: -0.2, e: 0.7, f: 9 };
    const [small, large] = [plain('rgb', 8, 8), plain('rgb', 32, 36)];
    const expected = fresh.cut(fresh.frame('i420', 40, 40, paints, LIMITED), map, large);
    const first = bench.cut(frame, map, small);
    expect(bench.cut(frame, map, large)).toEqual(expected);
    expect(bench.cut(frame, map, small)).toEqual(first);
  });
});

describe('a tensor of several pictures', () => {
  const colors = ['rgb', 'gray'] as const;
  const formats = ['i420', 'rgba', 'gray'] as const;

  it.each(
    formats.flatMap((format) => colors.flatMap((color) => [8, 10, 150].map((size) => [format, color, size] as const))),
  )('gets only the picture that is written: %s to %s of %s', (format, color, size) => {
    const bench = createBench();
    const paints = [noise(33), always(90), always(170), always(255)];
    const frame = bench.frame(format, 40, 40, paints, FULL);
    const spec: TensorSpec = { ...plain(color, size, size), mean: [7, 7, 7], std: [3, 3, 3] };
    const map: Affine = { a: 0.2, b: 0, c: 1, d: 0, e: 0.2, f: 1 };
    const expected = bench.cut(frame, map, spec);
    const length = tensorLength(spec);
    const tensor = bench.sampler.tensor(spec, 3);
    const behind = bench.arena.floats(16).fill(-5555);
    tensor.fill(-5555);
    bench.sampler.sample(frame, map, spec, 'edge', tensor, 1);
    expect(tensor.subarray(length, 2 * length)).toEqual(expected);
    expect(new Set(tensor.subarray(0, length))).toEqual(new Set([-5555]));
    expect(new Set(tensor.subarray(2 * length))).toEqual(new Set([-5555]));
    bench.sampler.sample(frame, map, spec, 'edge', tensor, 2);
    expect(new Set(behind)).toEqual(new Set([-5555]));
  });
});

describe('the sampler refuses', () => {
  const bench = createBench();
  const gray = (width: number, height: number): Frame => bench.frame('gray', width, height, [always(1)]);
  const frame = gray(16, 16);
  const room = bench.sampler.tensor(plain('gray', 64, 64), 1);
  const sample = (spec: TensorSpec, from: Frame = frame, index = 0, tensor = room): void =>
    bench.sampler.sample(from, IDENTITY, spec, 'edge', tensor, index);

  it('tensors of odd size or less than 8 wide', () => {
    expect(() => sample(plain('gray', 9, 8))).toThrow(RangeError);
    expect(() => sample(plain('gray', 8, 9))).toThrow(RangeError);
    expect(() => sample(plain('gray', 6, 8))).toThrow(RangeError);
    expect(() => sample(plain('gray', 8, 8))).not.toThrow();
  });

  it('pictures that do not fit into the tensor', () => {
    const spec = plain('gray', 8, 8);
    const two = bench.sampler.tensor(spec, 2);
    expect(() => sample(spec, frame, 1, two)).not.toThrow();
    expect(() => sample(spec, frame, 2, two)).toThrow(RangeError);
    expect(() => sample(plain('rgb', 8, 8), frame, 0, two)).toThrow(RangeError);
  });

  it('frames outside its memory', () => {
    const elsewhere = planesIn(new Uint8Array(256), 'gray', 16, 16);
    expect(() => sample(plain('gray', 8, 8), { ...frame, planes: elsewhere })).toThrow(RangeError);
  });

  it.each(['i420', 'nv12', 'rgba'] as const)('%s frames outside its memory', (format) => {
    const planes = planesIn(new Uint8Array(1024), format, 16, 16);
    expect(() => sample(plain('rgb', 8, 8), { ...frame, format, planes })).toThrow(RangeError);
  });

  it('frames that are too narrow, too low or too large to interpolate in', () => {
    const spec = plain('gray', 8, 8);
    expect(() => sample(spec, gray(1, 16))).toThrow(RangeError);
    expect(() => sample(spec, gray(16, 1))).toThrow(RangeError);
    expect(() => sample(spec, gray(32_768, 2))).toThrow(RangeError);
    expect(() => sample(spec, gray(32_767, 2))).not.toThrow();
    expect(() => sample(spec, gray(4, 4))).not.toThrow();
    const tiny = bench.frame('i420', 2, 2, [always(1), always(1), always(1)]);
    expect(() => sample(plain('rgb', 8, 8), tiny)).toThrow(RangeError);
  });

  it('to hand out more memory than there is', () => {
    const memory = sharedMemory(65_536);
    const sampler = new Sampler(instantiateKernel(memory), new Arena(memory.buffer, 0, 65_536), 3);
    expect(sampler.tensor(plain('gray', 64, 64), 4).length).toBe(16_384);
    expect(() => sampler.tensor(plain('gray', 8, 8), 1)).toThrow(RangeError);
  });
});
