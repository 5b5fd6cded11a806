import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../../src/main/core/face-input.ts';

const GRAY = { width: 2, height: 1, color: 'gray', mean: [127.5], std: [127.5] } as const;

describe('a tensor as a picture', () => {
  it('has the values from 0 to 255 again, rounded', () => {
    const { pixels, channels } = pictureOf('m', Float32Array.of(-1, 1), GRAY);
    expect([channels, ...pixels]).toEqual([1, 0, 255]);
    expect([...pictureOf('m', Float32Array.of(99.6 / 127.5 - 1, 99.4 / 127.5 - 1), GRAY).pixels]).toEqual([100, 99]);
  });

  it('stays between black and white where arithmetic went a little further', () => {
    expect([...pictureOf('m', Float32Array.of(-1.01, 1.01), GRAY).pixels]).toEqual([0, 255]);
  });

  it('puts the colours of a pixel side by side', () => {
    const spec = { width: 2, height: 1, color: 'rgb', mean: [0, 10, 20], std: [1, 2, 3] } as const;
    const planes = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect([...pictureOf('m', planes, spec).pixels]).toEqual([1, 16, 35, 2, 18, 38]);
  });

  it('is the first one of a batch', () => {
    expect(pictureOf('m', Float32Array.of(0, 0, 1, 1), GRAY).pixels).toHaveLength(2);
  });
});
