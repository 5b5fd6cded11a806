// What the members of a profile say of pictures that hold one face each, cut already: no search, no tracks, two threads.
import './no-telemetry.ts';
import { MessageChannel } from 'node:worker_threads';
import type { Probabilities } from '../core/expression.ts';
import { frameBytes } from '../core/frame.ts';
import type { Profile } from '../core/profile.ts';
import type { Still } from '../engine/dataset.ts';
import { Thread } from '../platform/thread.ts';
import { FrameMemory, type MemorySlot } from './frame-memory.ts';
import { unpackAnswers } from './packing.ts';
import type { WorkerRequest, WorkerStart } from './protocol.ts';
import type { ModelRegistry } from './registry.ts';

const WORKER = new URL('./expression-worker.ts', import.meta.url);
const THREADS = 2;
/** Pictures at once, fewer where they are large. */
const MOST_AT_ONCE = 32;
const MOST_BYTES = 64 * 2 ** 20;

export class CropEstimator {
  readonly #threads: readonly Thread<WorkerRequest>[];
  #memory: FrameMemory | null = null;

  private constructor(threads: readonly Thread<WorkerRequest>[]) {
    this.#threads = threads;
  }

  /** Reads the members' models and waits until they can work. Throws what the registry throws. */
  static async start(registry: ModelRegistry, profile: Profile): Promise<CropEstimator> {
    const models = await Promise.all(
      profile.members.map(async ({ model }) => ({
        id: model,
        entry: registry.entry(model),
        bytes: await registry.bytes(model),
      })),
    );
    const options = { profile, identification: false, stills: true, participants: null, analysed: null };
    const threads = Array.from({ length: THREADS }, () => {
      const { port1: channel } = new MessageChannel(); // nobody forwards anything
      const start: WorkerStart = { models, options, measured: false, channels: [channel] };
      return new Thread<WorkerRequest>(WORKER, start, { kind: 'stop' }, [channel]);
    });
    const estimator = new CropEstimator(threads);
    try {
      await Promise.all(threads.map((thread) => thread.call({ kind: 'ready' })));
      return estimator;
    } catch (error) {
      await estimator.close();
      throw error;
    }
  }

  /** So many pictures of this one's size go together. */
  static together({ format, width, height }: Still): number {
    return Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(MOST_BYTES / frameBytes(format, width, height))));
  }

  /** For each picture, cut to the whole of it and maybe mirrored, the members' probabilities in the profile's order; null for one that failed. */
  async estimate(stills: readonly Still[], isMirrored: boolean): Promise<(Probabilities | null)[][]> {
    const largest = Math.max(...stills.map(({ format, width, height }) => frameBytes(format, width, height)));
    const memory = await this.#memoryFor(stills.length, largest);
    const slots: MemorySlot[] = [];
    const answers = stills.map((still, i) => {
      const slot = memory.take();
      if (!slot) throw new Error('there is a place for each picture');
      slots.push(slot);
      slot.bytes.set(still.bytes);
      const { width, height, format } = still;
      const colorSpace = { matrix: 'bt601', range: 'full' } as const;
      const frame = { address: slot.address, sequence: i, timeMs: NaN, width, height, format, colorSpace };
      return this.#threads[i % THREADS].call({ kind: 'crop', frame, isMirrored }) as Promise<Float32Array>;
    });
    try {
      return (await Promise.all(answers)).map((packed) => unpackAnswers(packed, 1)[0]);
    } finally {
      await Promise.allSettled(answers); // nobody reads the places any more
      for (const slot of slots) memory.give(slot);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  async #memoryFor(count: number, bytes: number): Promise<FrameMemory> {
    const known = this.#memory;
    if (known && known.slots >= count && known.slotBytes >= bytes) return known;
    const memory = new FrameMemory(Math.max(count, known?.slots ?? 0), Math.max(bytes, known?.slotBytes ?? 0), THREADS);
    await Promise.all(
      this.#threads.map((thread, i) => thread.call({ kind: 'memory', memory: memory.memory, ...memory.arena(i) })),
    );
    return (this.#memory = memory);
  }
}
