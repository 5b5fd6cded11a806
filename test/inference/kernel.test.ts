import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/main/core/frame.ts';
import { Arena, Sampler } from '../../src/main/core/sample.ts';
import { instantiateKernel, sharedMemory } from '../../src/main/inference/kernel.ts';

const PAGE = 65_536;
const HERE = { a: 1, b: 0, c: 0, d: 0, e: 1, f: 0 };
const SPEC = { width: 8, height: 8, color: 'gray', mean: [0], std: [1] } as const;

function frameOf(data: Uint8Array): Frame {
  const place = { sequence: 0, timeMs: 0, width: 8, height: 8 };
  return { ...place, format: 'gray', colorSpace: { matrix: 'bt601', range: 'full' }, planes: [{ data, stride: 8 }] };
}

/** An 8 × 8 picture of `first`, `first` + 1, … in a memory of its own, and what reads it. */
function picture(first: number): {
  readonly read: () => number[];
  readonly write: (index: number, value: number) => void;
} {
  const memory = sharedMemory(2 * PAGE);
  const data = new Uint8Array(memory.buffer, PAGE, 64);
  for (let i = 0; i < 64; i++) data[i] = first + i;
  const sampler = new Sampler(instantiateKernel(memory), new Arena(memory.buffer, PAGE + 64, 2 * PAGE), 3);
  const tensor = sampler.tensor(SPEC, 1);
  const frame = frameOf(data);
  return {
    read() {
      sampler.sample(frame, HERE, SPEC, 'edge', tensor);
      return [...tensor];
    },
    write: (index, value) => {
      data[index] = value;
    },
  };
}

const counted = (first: number): number[] => Array.from({ length: 64 }, (_, i) => first + i);

describe('the memory that threads share', () => {
  it.each([
    [1, PAGE],
    [PAGE, PAGE],
    [PAGE + 1, 2 * PAGE],
    [10 * PAGE - 1, 10 * PAGE],
  ])('for %i bytes has %i, in whole pages', (bytes, size) => {
    const { buffer } = sharedMemory(bytes);
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(buffer.byteLength).toBe(size);
  });

  it('never grows, so that views of it stay valid', () => {
    const memory = sharedMemory(PAGE);
    expect(() => memory.grow(1)).toThrow(RangeError);
    expect(memory.buffer.byteLength).toBe(PAGE);
  });

  it('begins as zeros', () => {
    expect(new Uint8Array(sharedMemory(PAGE).buffer).every((byte) => byte === 0)).toBe(true);
  });
});

describe('the kernel', () => {
  it('works on the memory that it is given', () => {
    const { read, write } = picture(10);
    expect(read()).toEqual(counted(10));
    write(0, 200);
    expect(read()).toEqual([200, ...counted(10).slice(1)]);
  });

  it('is there once for every memory: one knows nothing of the other', () => {
    const [one, two] = [picture(0), picture(100)];
    expect(two.read()).toEqual(counted(100));
    expect(one.read()).toEqual(counted(0));
    expect(two.read()).toEqual(counted(100));
  });

  it('takes no frame that lies elsewhere', () => {
    const memory = sharedMemory(PAGE);
    const sampler = new Sampler(instantiateKernel(memory), new Arena(memory.buffer, 0, PAGE), 3);
    const elsewhere = frameOf(new Uint8Array(64));
    expect(() => sampler.sample(elsewhere, HERE, SPEC, 'edge', sampler.tensor(SPEC, 1))).toThrow(RangeError);
  });
});
