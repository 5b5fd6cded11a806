import { describe, expect, it } from 'vitest';
import { FrameReader, encodeHead, machineMs, type FrameHead } from '../../../../src/main/sources/kinect/frame-pipe.ts';

const head = (n: number): FrameHead => ({
  ...{ colorDeviceTime: 2 ** 32 - 1, colorMs: 1e9 + n / 3, depthDeviceTime: n, depthMs: 1e9 - n },
  ...{ colorDropped: n, depthDropped: 2 * n, callbackMs: 0.25 },
});

/** The bytes of a frame in which every byte of colour is `n` and every number of depth 257 n. */
function frame(n: number): Uint8Array {
  const first = encodeHead(head(n));
  const bytes = new Uint8Array(first.length + 921_600 + 614_400).fill(n);
  bytes.set(first);
  return bytes;
}

function read(pieces: readonly Uint8Array[]): { head: FrameHead; isWhole: boolean }[] {
  const frames: { head: FrameHead; isWhole: boolean }[] = [];
  const reader = new FrameReader((got) => {
    const n = got.head.depthDeviceTime;
    const isWhole = got.rgb.every((value) => value === n) && got.depth.every((value) => value === 257 * n);
    frames.push({ head: got.head, isWhole });
  });
  for (const piece of pieces) reader.push(piece);
  return frames;
}

describe('frames through a pipe', () => {
  const three = new Uint8Array([...[1, 2, 3].map(frame)].flatMap((bytes) => [...bytes]));
  const wanted = [1, 2, 3].map((n) => ({ head: head(n), isWhole: true }));

  it.each([three.length, 65_536, 1000, 921_656])('arrive whole in pieces of %d bytes', (size) => {
    const count = Math.ceil(three.length / size);
    const pieces = Array.from({ length: count }, (_, i) => three.subarray(i * size, (i + 1) * size));
    expect(read(pieces)).toEqual(wanted);
  });

  it('arrive when their last byte has', () => {
    const bytes = frame(7);
    expect(read([bytes.subarray(0, -1)])).toEqual([]);
    expect(read([bytes.subarray(0, -1), bytes.subarray(-1)])).toHaveLength(1);
  });

  it('have times of a clock that does not go back', () => {
    const before = machineMs();
    expect(machineMs()).toBeGreaterThanOrEqual(before);
  });
});
