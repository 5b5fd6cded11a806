// Light that is evened out, held against OpenCV's numbers (test/fixtures/clahe.json says how these were made) and against sums by hand.
import { describe, expect, it } from 'vitest';
import { equalized, evenLight } from '../../../src/main/core/clahe.ts';
import { roundedToEven, writeLab, writeRgb } from '../../../src/main/core/lab.ts';
import type { TensorSpec } from '../../../src/main/core/sample.ts';
import opencv from '../../fixtures/clahe.json' with { type: 'json' };

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 16_777_619) >>> 0, 2_166_136_261);
}

/** Red, green and blue of each pixel in turn: smooth and broken shapes, darker to the left. */
function picture(width: number, height: number): Uint8Array {
  const rgb: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 64 + Math.floor((192 * x) / (width - 1));
      const colors = [x * x + 3 * y, 5 * x + Math.floor((y * y) / 4), Math.floor((x * y) / 3) + 40];
      rgb.push(...colors.map((color) => Math.floor(((color % 256) * light) / 256)));
    }
  }
  return Uint8Array.from(rgb);
}

function labOf(rgb: Uint8Array): Uint8Array {
  const lab = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) writeLab(rgb[i], rgb[i + 1], rgb[i + 2], lab.subarray(i, i + 3));
  return lab;
}

const every = (values: Uint8Array, step: number, from = 0): Uint8Array => values.filter((_, i) => i % step === from);

/** A tensor as a network takes it. */
function tensorOf(rgb: Uint8Array, { mean, std }: TensorSpec): Float32Array {
  const size = rgb.length / 3;
  return Float32Array.from(rgb, (_, i) => {
    const c = Math.floor(i / size);
    return (rgb[3 * (i % size) + c] - mean[c]) / std[c];
  });
}

const spec = (width: number, height: number, color: TensorSpec['color'] = 'rgb'): TensorSpec =>
  color === 'gray'
    ? { width, height, color, mean: [127.5], std: [127.5] }
    : { width, height, color, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

describe('lightness and colour', () => {
  it('of plain colours are those of OpenCV', () => {
    const colors = [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 128, 128, 128, 200, 150, 130];
    expect([...labOf(Uint8Array.from(colors))]).toEqual(opencv.named.flat());
  });

  it('are those of OpenCV to the last bit, all over the cube', () => {
    const steps = Array.from({ length: 16 }, (_, i) => 17 * i);
    const grid = steps.flatMap((r) => steps.flatMap((g) => steps.flatMap((b) => [r, g, b])));
    expect(hashOf(labOf(Uint8Array.from(grid)))).toBe(opencv.grid);
  });

  it('lead back to the colour, but for what 8 bits cannot tell', () => {
    const rgb = new Float64Array(3);
    const lab = new Uint8Array(3);
    for (const color of [
      [0, 0, 0],
      [255, 255, 255],
      [90, 90, 90],
      [200, 150, 130],
      [20, 40, 30],
    ]) {
      writeLab(color[0], color[1], color[2], lab);
      writeRgb(lab[0], lab[1], lab[2], rgb);
      color.forEach((value, c) => expect(Math.abs(rgb[c] - value)).toBeLessThan(2.5));
    }
  });
});

describe('rounding', () => {
  it('takes halves to the even number', () => {
    expect([0.5, 1.5, 2.5, 2.4999, 2.5001, -0.5, -1.5].map((value) => roundedToEven(value) + 0)).toEqual([
      0, 2, 2, 2, 3, 0, -2,
    ]);
  });
});

describe('equalised lightness', () => {
  it.each(opencv.pictures)('of $width × $height is that of OpenCV to the last bit', (expected) => {
    const { width, height } = expected;
    const lab = labOf(picture(width, height));
    expect(hashOf(lab)).toBe(expected.lab);
    const even = equalized(every(lab, 3), width, height);
    const middle = Math.floor(height / 2) * width;
    expect([...even.subarray(middle, middle + 16)]).toEqual(expected.middleRow);
    expect(hashOf(even)).toBe(expected.even);
  });

  it('of a plain picture is what can be worked out', () => {
    // Tiles of 64 pixels, all 100: 1 is left of the 64, and 63 go one by one to 0, 4 … 248. Up to 100 that is 26 and the one,
    // and 27 · 255 / 64 = 107.6. At 101 the one comes behind 26 others, again 27; at 0 there are 2: 8.0.
    const plain = (value: number): number => equalized(new Uint8Array(64 * 64).fill(value), 64, 64)[70];
    expect([100, 101, 0].map(plain)).toEqual([108, 108, 8]);
  });

  it('spreads what is told apart least, and keeps the order of the levels within a tile', () => {
    const dim = Uint8Array.from({ length: 64 * 64 }, (_, i) => 50 + (i % 8));
    const even = equalized(dim, 64, 64);
    const row = [...even.subarray(64 * 28 + 24, 64 * 28 + 32)];
    expect(row).toEqual([...row].sort((a, b) => a - b));
    expect(row[7] - row[0]).toBeGreaterThan(3 * 7);
  });
});

describe('the light of a tensor', () => {
  it.each(opencv.pictures)('of $width × $height is evened out as OpenCV does it, to two levels', (expected) => {
    const { width, height } = expected;
    const own = spec(width, height);
    const tensor = tensorOf(picture(width, height), own);
    evenLight(tensor, own);
    const middle = Math.floor(height / 2) * width;
    expected.back.forEach((value, i) => {
      const c = i % 3;
      const got = tensor[c * width * height + middle + Math.floor(i / 3)] * own.std[c] + own.mean[c];
      expect(Math.abs(got - value)).toBeLessThan(2);
    });
  });

  it('of grey stays grey, and is that of a colour of equal parts', () => {
    const own = spec(48, 48, 'gray');
    const tensor = Float32Array.from(every(picture(48, 48), 3, 1), (value) => (value - 127.5) / 127.5);
    evenLight(tensor, own);
    opencv.gray.forEach((value, x) => {
      expect(Math.abs(tensor[24 * 48 + x] * 127.5 + 127.5 - value)).toBeLessThan(2);
    });
  });

  it('takes values outside of 0…255 for the nearest', () => {
    const own = spec(16, 16, 'gray');
    const [outside, inside] = [
      [-3, 3],
      [-1, 1],
    ].map(([low, high]) => Float32Array.from({ length: 256 }, (_, i) => (i % 16 < 8 ? low : high)));
    for (const tensor of [outside, inside]) evenLight(tensor, own);
    expect(outside).toEqual(inside);
  });
});
