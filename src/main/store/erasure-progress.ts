// How far an erasure is, and whether it is to be cancelled: in memory that the writer's thread, which is busy until the end, shares
// with the one that asked.
import type { ErasureProgress } from '../contract/participants.ts';

/** Int32: the stage, and how much is removed in parts of PARTS. */
export type ErasureMemory = SharedArrayBuffer;

const STAGE_AT = 0;
const REMOVED_AT = 1;
const PARTS = 1_000_000;

const REMOVING = 0;
const CANCELLED = 1;
const OVERWRITING = 2;

export const erasureMemory = (): ErasureMemory => new SharedArrayBuffer(8);

/** Asks for the end; too late behind the point of no return. */
export function cancelErasure(memory: ErasureMemory): void {
  Atomics.compareExchange(new Int32Array(memory), STAGE_AT, REMOVING, CANCELLED);
}

export function isCancelled(memory: ErasureMemory): boolean {
  return Atomics.load(new Int32Array(memory), STAGE_AT) === CANCELLED;
}

/** Whether it goes on. From here on it cannot be cancelled any more. */
export function pointOfNoReturn(memory: ErasureMemory): boolean {
  return Atomics.compareExchange(new Int32Array(memory), STAGE_AT, REMOVING, OVERWRITING) === REMOVING;
}

/** `share`: 0…1 of what is to be removed. */
export function noteRemoved(memory: ErasureMemory, share: number): void {
  Atomics.store(new Int32Array(memory), REMOVED_AT, Math.round(PARTS * share));
}

export function progressOf(memory: ErasureMemory): ErasureProgress {
  const numbers = new Int32Array(memory);
  const stage = Atomics.load(numbers, STAGE_AT) === OVERWRITING ? 'overwriting' : 'removing';
  return { stage, share: Atomics.load(numbers, REMOVED_AT) / PARTS };
}
