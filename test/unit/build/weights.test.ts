import { describe, expect, it } from 'vitest';
import { float16ToNumber, readWeights, type WeightSpec } from '../../../build/convert/weights.ts';

/** The values of the only tensor in a file. */
function read(spec: Omit<WeightSpec, 'name'>, bytes: Uint8Array): number[] {
  const weights = readWeights([{ name: 'w', ...spec }], bytes).get('w');
  if (!weights) throw new Error('the tensor is missing');
  return [...weights.data];
}

function bytesOf(write: (view: DataView) => void, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

describe('float16ToNumber', () => {
  it.each([
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 1365 / 4096],
    [0x3c01, 1 + 2 ** -10],
    [0x7bff, 65504],
    [0xfbff, -65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x0000, 0],
    [0x8000, -0],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('reads the bits %i as %d', (bits, value) => {
    expect(float16ToNumber(bits)).toBe(value);
  });

  it('reads an exponent of ones with a fraction as not a number', () => {
    expect(float16ToNumber(0x7e00)).toBeNaN();
    expect(float16ToNumber(0xfc01)).toBeNaN();
  });
});

describe('readWeights', () => {
  it('reads float32 as little-endian IEEE numbers', () => {
    const bytes = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0); // 0x3f800000 = 1, 0xc0200000 = −2.5
    expect(read({ shape: [2], dtype: 'float32' }, bytes)).toEqual([1, -2.5]);
  });

  it('reads int32 with its sign', () => {
    const bytes = bytesOf((view) => {
      view.setInt32(0, -7, true);
      view.setInt32(4, 1_000_000, true);
    }, 8);
    expect(read({ shape: [2], dtype: 'int32' }, bytes)).toEqual([-7, 1_000_000]);
  });

  it('takes a byte q for q · scale + min', () => {
    const quantization = { dtype: 'uint8', scale: 0.5, min: -10 } as const;
    expect(read({ shape: [3], dtype: 'float32', quantization }, Uint8Array.of(0, 1, 255))).toEqual([-10, -9.5, 117.5]);
  });

  it('takes two bytes for q · scale + min, the low byte first', () => {
    const quantization = { dtype: 'uint16', scale: 0.25, min: 3 } as const;
    const bytes = Uint8Array.of(0x01, 0x00, 0x00, 0x01, 0xff, 0xff); // 1, 256, 65535
    expect(read({ shape: [3], dtype: 'float32', quantization }, bytes)).toEqual([3.25, 67, 16386.75]);
  });

  it('takes two bytes for a float16, the low byte first, without scale and min', () => {
    const bytes = Uint8Array.of(0x00, 0x3c, 0x00, 0xc1, 0x01, 0x00); // 0x3c00, 0xc100, 0x0001
    const quantization = { dtype: 'float16' } as const;
    expect(read({ shape: [3], dtype: 'float32', quantization }, bytes)).toEqual([1, -2.5, 2 ** -24]);
  });

  it('takes a tensor without dimensions for one value', () => {
    const quantization = { dtype: 'uint8', scale: 2, min: 1 } as const;
    expect(read({ shape: [], dtype: 'float32', quantization }, Uint8Array.of(4))).toEqual([9]);
  });

  it('reads tensors of different widths one after the other, where they are not aligned either', () => {
    const specs: WeightSpec[] = [
      { name: 'a', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } },
      { name: 'b', shape: [1, 2], dtype: 'float32' },
      { name: 'c', shape: [1], dtype: 'int32' },
    ];
    const bytes = bytesOf((view) => {
      view.setUint8(2, 9);
      view.setFloat32(3, 1.5, true);
      view.setFloat32(7, -4, true);
      view.setInt32(11, 5, true);
    }, 15);
    const weights = readWeights(specs, bytes);
    expect([...weights.keys()]).toEqual(['a', 'b', 'c']);
    expect(weights.get('a')).toEqual({ shape: [3], data: Float32Array.of(0, 0, 9) });
    expect(weights.get('b')).toEqual({ shape: [1, 2], data: Float32Array.of(1.5, -4) });
    expect(weights.get('c')).toEqual({ shape: [1], data: Float32Array.of(5) });
  });

  it('starts at the first byte of a part of a larger buffer', () => {
    const whole = Uint8Array.of(77, 77, 77, 5, 6, 77);
    const quantization = { dtype: 'uint8', scale: 1, min: 0 } as const;
    expect(read({ shape: [2], dtype: 'float32', quantization }, whole.subarray(3, 5))).toEqual([5, 6]);
  });

  it('refuses a file that ends too early and names the tensor', () => {
    const specs: WeightSpec[] = [
      { name: 'whole', shape: [1], dtype: 'float32' },
      { name: 'halved', shape: [2], dtype: 'float32' },
    ];
    expect(() => readWeights(specs, new Uint8Array(11))).toThrow('the weight file ends inside halved');
    expect(() => readWeights(specs, new Uint8Array(4))).toThrow('the weight file ends inside halved');
    expect(() => readWeights(specs, new Uint8Array(0))).toThrow('the weight file ends inside whole');
  });

  it('refuses a file with bytes left over and counts them', () => {
    const specs: WeightSpec[] = [{ name: 'w', shape: [2], dtype: 'float32' }];
    expect(() => readWeights(specs, new Uint8Array(11))).toThrow('the weight file has 3 bytes too many');
    expect(() => readWeights([], new Uint8Array(1))).toThrow('the weight file has 1 bytes too many');
  });

  it('refuses quantized bytes without scale or min', () => {
    const quantizations = [{ dtype: 'uint8' }, { dtype: 'uint8', scale: 1 }, { dtype: 'uint16', min: 0 }] as const;
    for (const quantization of quantizations) {
      const spec: WeightSpec = { name: 'w', shape: [1], dtype: 'float32', quantization };
      const bytes = new Uint8Array(quantization.dtype === 'uint8' ? 1 : 2);
      expect(() => readWeights([spec], bytes)).toThrow('w: quantized without scale and min');
    }
  });
});
