// Loads the sampling kernel (src/kernel, compiled by the set-up) and lays out the memory that frames, scratch and tensors share.
import { readFileSync } from 'node:fs';
import { MienError } from '../contract/errors.ts';
import type { SampleKernel } from '../core/sample.ts';

const KERNEL_FILE = new URL('../../kernel/sample.wasm', import.meta.url);
const PAGE = 65536;

let compiled: WebAssembly.Module | null = null;

/** An instance of the kernel on `memory`. Throws model_missing before the set-up has compiled it. */
export function instantiateKernel(memory: WebAssembly.Memory): SampleKernel {
  compiled ??= new WebAssembly.Module(readKernel());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { ...(exports as unknown as Omit<SampleKernel, 'memory'>), memory };
}

function readKernel(): Buffer<ArrayBuffer> {
  try {
    return readFileSync(KERNEL_FILE);
  } catch (cause) {
    const message = 'The sampling kernel (src/kernel/sample.wasm) is missing.';
    throw new MienError('model_missing', message, 'Run "npm run setup": it compiles the kernel.', { cause });
  }
}

/** Shared memory of at least `bytes`. It never grows: addresses and views stay valid. */
export function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
