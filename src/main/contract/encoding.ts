// Messages as bytes, for wires that carry bytes: MessagePack, with typed arrays as they are in memory.
import { ExtensionCodec, decode, encode } from '@msgpack/msgpack';

const FLOAT32 = 1;
const FLOAT64 = 2;

const bytesOf = (array: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** A buffer of its own: the values of a typed array must be aligned. */
const alignedCopy = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

const codec = new ExtensionCodec();
codec.register({
  type: FLOAT32,
  encode: (value) => (value instanceof Float32Array ? bytesOf(value) : null),
  decode: (bytes) => new Float32Array(alignedCopy(bytes)),
});
codec.register({
  type: FLOAT64,
  encode: (value) => (value instanceof Float64Array ? bytesOf(value) : null),
  decode: (bytes) => new Float64Array(alignedCopy(bytes)),
});

export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  return encode(message, { extensionCodec: codec });
}

/** Throws where the bytes are no message. */
export function decodeMessage(bytes: Uint8Array): unknown {
  // As plain bytes: the parts of a Buffer would be Buffers.
  return decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), { extensionCodec: codec });
}
