import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/main/contract/encoding.ts';

const roundTrip = (message: unknown): unknown => decodeMessage(encodeMessage(message));

/** The same bytes as a view into a larger buffer, as they arrive from a network. */
function inLargerBuffer(bytes: Uint8Array, offset: number): Buffer {
  const larger = Buffer.alloc(bytes.length + offset + 5, 0xff);
  larger.set(bytes, offset);
  return larger.subarray(offset, offset + bytes.length);
}

const TYPED_ARRAYS = [
  new Float32Array(0),
  Float32Array.of(1.5, -0, NaN, Infinity, -Infinity, 1e-45, Math.fround(0.1)),
  new Float64Array(0),
  Float64Array.of(0.1, -0, NaN, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE),
  new Uint8Array(0),
  Uint8Array.of(0, 1, 127, 128, 255),
];

describe('a message', () => {
  it('comes back as it was', () => {
    const numbers = [0, 1, -1, 127, 128, -33, 65536, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    const values = [null, true, false, ...numbers, 0.1, -0.5, 1e308, NaN, Infinity, -Infinity];
    const texts = ['', 'text', 'ü “顔” 😀 \0\n', 'x'.repeat(70_000)];
    const nested = [[], [1, [2, [null]]], {}, { 'a key': { b: [{}, 'c'] }, '': 1 }];
    for (const message of [...values, ...texts, ...nested]) expect(roundTrip(message)).toStrictEqual(message);
    const call = { kind: 'call', id: 7, name: 'sessions.list', input: { search: '' } };
    expect(roundTrip(call)).toStrictEqual(call);
  });

  it('brings every typed array back, of its type and to the last bit', () => {
    expect(roundTrip({ arrays: TYPED_ARRAYS })).toStrictEqual({ arrays: TYPED_ARRAYS });
    const bits = (value: unknown): number[] => [...new Uint8Array((value as Float32Array).buffer)];
    const noNumber = new Float32Array(Uint32Array.of(0x7fc12345, 0xffc00001).buffer);
    expect(bits(roundTrip(noNumber))).toEqual(bits(noNumber));
  });

  it('has of a part of a typed array that part only', () => {
    const parts = [
      Float32Array.of(1, 2, 3, 4).subarray(1, 3),
      Float64Array.of(1, 2, 3, 4).subarray(3),
      Uint8Array.of(1, 2, 3, 4).subarray(1, 2),
      new Float32Array(Uint8Array.from({ length: 13 }, (_, i) => i).buffer, 4, 2),
    ];
    expect(roundTrip(parts)).toStrictEqual(parts);
  });

  it.each([0, 1, 2, 3, 5, 7])('is read from the middle of a buffer, %i bytes behind its beginning', (offset) => {
    const message = { text: 'a', arrays: TYPED_ARRAYS };
    const received = decodeMessage(inLargerBuffer(encodeMessage(message), offset));
    expect(received).toStrictEqual(message);
  });

  it('with a large timeline comes back as it was', () => {
    const scores = Float32Array.from({ length: 8 * 5000 }, (_, i) => i / 7);
    expect(roundTrip([{ id: 'P1', scores }])).toStrictEqual([{ id: 'P1', scores }]);
  });
});

describe('what is no message', () => {
  it.each([
    ['nothing', []],
    ['a byte without a meaning', [0xc1]],
    ['the beginning of a text', [0xa5, 0x61]],
    ['the beginning of a list', [0x93, 1]],
    ['a list that claims to be endless', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a text that claims to be endless', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['two messages', [1, 2]],
    ['numbers of which the last is cut off', [0xc7, 5, 1, 0, 0, 0, 0, 0]],
    ['numbers of eight bytes that are seven', [0xc7, 7, 2, 0, 0, 0, 0, 0, 0, 0]],
    ['an object that would change what objects are', [0x81, 0xa9, ...Buffer.from('__proto__'), 1]],
  ])('is refused: %s', (_, bytes) => {
    expect(() => decodeMessage(Uint8Array.from(bytes))).toThrow();
  });

  it('is refused wherever a message is cut off', () => {
    const whole = encodeMessage({ kind: 'result', id: 1, value: [Float32Array.of(1, 2), Uint8Array.of(3), 'text'] });
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeMessage(whole.subarray(0, length)), `${length} bytes`).toThrow();
  });
});
