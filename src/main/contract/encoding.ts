// Messages as bytes, for wires that carry bytes: MessagePack, with typed arrays as they are in memory.
import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';

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

/** One for all messages: its memory has grown to the longest one already, such as a frame of a camera. */
const encoder = new Encoder({ extensionCodec: codec });

export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(message);
}

/** Far more than any message of ours has: lengths that a message only claims must not cost memory. */
const LIMITS = {
  maxStrLength: 2 ** 20,
  maxBinLength: 2 ** 26,
  maxArrayLength: 2 ** 17,
  maxMapLength: 2 ** 12,
  maxExtLength: 2 ** 26,
};
const decoder = new Decoder({ extensionCodec: codec, ...LIMITS });

/** Throws where the bytes are no message, or longer than any of ours. */
export function decodeMessage(bytes: Uint8Array): unknown {
  // As plain bytes: the parts of a Buffer would be Buffers.
  return decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
