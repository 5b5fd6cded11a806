// Reads TensorFlow.js weight files: a manifest that lists tensors one after the other, and the bytes of all of them.
// Format: the weights manifest of @tensorflow/tfjs-core (io/types.ts, io/io_utils.ts).

export interface QuantizationSpec {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly scale?: number;
  readonly min?: number;
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly quantization?: QuantizationSpec;
}

/** A tensor in TensorFlow's own order of axes (images NHWC, filters HWIO). Integers are held exactly. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** IEEE 754 binary16 to a number. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * 2 ** (exponent - 25) * (1024 + fraction);
}

const bytesPerValue = { float32: 4, int32: 4, uint8: 1, uint16: 2, float16: 2 } as const;

function reader(spec: WeightSpec, view: DataView): (index: number) => number {
  const q = spec.quantization;
  if (!q && spec.dtype === 'int32') return (i) => view.getInt32(4 * i, true);
  if (!q) return (i) => view.getFloat32(4 * i, true);
  if (q.dtype === 'float16') return (i) => float16ToNumber(view.getUint16(2 * i, true));
  const { scale, min } = q;
  if (scale === undefined || min === undefined) throw new Error(`${spec.name}: quantized without scale and min`);
  return q.dtype === 'uint8' ? (i) => view.getUint8(i) * scale + min : (i) => view.getUint16(2 * i, true) * scale + min;
}

/**
 * Splits `bytes` into the tensors that `specs` lists, in order, undoing quantization.
 * Throws when the bytes are fewer or more than the list says.
 */
export function readWeights(specs: readonly WeightSpec[], bytes: Uint8Array): Map<string, Weights> {
  const weights = new Map<string, Weights>();
  let offset = 0;
  for (const spec of specs) {
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const length = size * bytesPerValue[spec.quantization?.dtype ?? spec.dtype];
    if (offset + length > bytes.byteLength) throw new Error(`the weight file ends inside ${spec.name}`);
    const read = reader(spec, new DataView(bytes.buffer, bytes.byteOffset + offset, length));
    weights.set(spec.name, { shape: spec.shape, data: Float32Array.from({ length: size }, (_, i) => read(i)) });
    offset += length;
  }
  if (offset !== bytes.byteLength) throw new Error(`the weight file has ${bytes.byteLength - offset} bytes too many`);
  return weights;
}
