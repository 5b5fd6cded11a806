// The memory in which frames wait and networks find their input: an arena for each worker, then slots for frames.
import type { FrameSlot } from '../engine/ports.ts';
import { KERNEL_BYTES } from '../core/sample.ts';
import { sharedMemory } from './kernel.ts';

/** Tensors and scratch of one worker; untouched pages cost nothing. */
const ARENA_BYTES = 48 * 2 ** 20;
const ALIGNMENT = 64;

export interface MemorySlot extends FrameSlot {
  readonly address: number;
}

export class FrameMemory {
  readonly memory: WebAssembly.Memory;
  readonly slotBytes: number;
  readonly #free: MemorySlot[] = [];
  readonly slots: number;
  readonly #workers: number;

  /** Slots of `bytes` each, for so many workers. */
  constructor(slots: number, bytes: number, workers: number) {
    this.#workers = workers;
    this.slotBytes = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    this.slots = slots;
    const start = KERNEL_BYTES + workers * ARENA_BYTES;
    this.memory = sharedMemory(start + slots * this.slotBytes);
    for (let id = slots - 1; id >= 0; id--) {
      const address = start + id * this.slotBytes;
      this.#free.push({ id, address, bytes: new Uint8Array(this.memory.buffer, address, this.slotBytes) });
    }
  }

  /** The part of the memory that belongs to worker 0, 1 and so on. */
  arena(worker: number): { readonly start: number; readonly end: number } {
    if (!(worker < this.#workers)) throw new RangeError('there is no memory for this worker');
    const start = KERNEL_BYTES + worker * ARENA_BYTES;
    return { start, end: start + ARENA_BYTES };
  }

  take(): MemorySlot | null {
    return this.#free.pop() ?? null;
  }

  give(slot: MemorySlot): void {
    this.#free.push(slot);
  }

  get isIdle(): boolean {
    return this.#free.length === this.slots;
  }
}
