// The places in which frames wait: that they never overlap, are waited for, and come back whatever happens.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameSlot } from '../../src/main/engine/ports.ts';
import type { WorkerAnalyzer } from '../../src/main/inference/analyzer.ts';
import { FrameMemory, type MemorySlot } from '../../src/main/inference/frame-memory.ts';
import { analyzePicture, blank, slotted, smallPhotograph, startAnalyzer } from '../fixtures/inference-frames.ts';

function takeAll(memory: FrameMemory): MemorySlot[] {
  const slots: MemorySlot[] = [];
  for (let slot = memory.take(); slot; slot = memory.take()) slots.push(slot);
  return slots;
}

describe('the memory of frames', () => {
  it('has as many slots as asked for, each as large as asked for, and no more', () => {
    const memory = new FrameMemory(3, 1000, 2);
    const slots = takeAll(memory);
    expect(slots).toHaveLength(3);
    expect(new Set(slots.map(({ id }) => id)).size).toBe(3);
    for (const { bytes } of slots) expect(bytes.length).toBeGreaterThanOrEqual(1000);
    expect(memory.slotBytes).toBeGreaterThanOrEqual(1000);
    expect(memory.take()).toBeNull();
  });

  it('keeps slots and the two work areas apart', () => {
    const memory = new FrameMemory(4, 4097, 2);
    const areas = [
      ...takeAll(memory).map(({ address, bytes }) => ({ start: address, end: address + bytes.length })),
      memory.arena(0),
      memory.arena(1),
    ].sort((p, q) => p.start - q.start);
    expect(areas).toHaveLength(6);
    expect(areas[0].start).toBeGreaterThan(0);
    for (let i = 1; i < areas.length; i++) expect(areas[i].start).toBeGreaterThanOrEqual(areas[i - 1].end);
    expect(areas[5].end).toBeLessThanOrEqual(memory.memory.buffer.byteLength);
  });

  it('shows under the address of a slot what was written into it', () => {
    const memory = new FrameMemory(2, 100, 2);
    const slots = takeAll(memory);
    slots.forEach(({ bytes }, i) => bytes.fill(i + 1));
    slots.forEach(({ address }, i) => {
      const seen = new Uint8Array(memory.memory.buffer, address, 100);
      expect(seen.every((byte) => byte === i + 1)).toBe(true);
    });
  });

  it('is idle exactly while every slot is in its place', () => {
    const memory = new FrameMemory(2, 100, 2);
    expect(memory.isIdle).toBe(true);
    const [one, two] = takeAll(memory);
    expect(memory.isIdle).toBe(false);
    memory.give(one);
    expect(memory.isIdle).toBe(false);
    expect(memory.take()).toBe(one);
    memory.give(two);
    memory.give(one);
    expect(memory.isIdle).toBe(true);
  });
});

describe('slots of an analyzer', () => {
  let analyzer: WorkerAnalyzer;

  beforeAll(async () => {
    analyzer = await startAnalyzer();
  });
  afterAll(() => analyzer.close());

  /** Takes slots until one has to be waited for. */
  async function takeFree(width: number, height: number): Promise<{ slots: FrameSlot[]; next: Waiting }> {
    const slots: FrameSlot[] = [];
    for (;;) {
      const next = new Waiting(analyzer.allocate('rgba', width, height));
      if (!(await next.hasCome())) return { slots, next };
      slots.push(await next.slot);
    }
  }

  /** A slot that may not have come yet. */
  class Waiting {
    readonly slot: Promise<FrameSlot>;
    #here = false;

    constructor(slot: Promise<FrameSlot>) {
      this.slot = slot.then((come) => {
        this.#here = true;
        return come;
      });
    }

    /** Whether it has come after both threads have answered something else. */
    async hasCome(): Promise<boolean> {
      await analyzer.finish();
      await analyzer.measure('reset');
      return this.#here;
    }
  }

  it('are enough for one frame read, one looked at and one estimated', async () => {
    const { slots, next } = await takeFree(64, 48);
    expect(slots.length).toBeGreaterThanOrEqual(3);
    expect(new Set(slots).size).toBe(slots.length);
    for (const slot of slots) expect(slot.bytes.length).toBeGreaterThanOrEqual(4 * 64 * 48);
    analyzer.release(slots[0]);
    expect(await next.slot).toBe(slots[0]);
    for (const slot of slots) analyzer.release(slot);
  });

  it('that come back go to one who waits each', async () => {
    const { slots, next } = await takeFree(64, 48);
    const others = [1, 2].map(() => new Waiting(analyzer.allocate('rgba', 64, 48)));
    const waiting = [next, ...others];
    analyzer.release(slots[0]);
    analyzer.release(slots[1]);
    const come = await Promise.all(waiting.map((one) => one.hasCome()));
    expect(come.filter(Boolean)).toHaveLength(2);
    analyzer.release(slots[2]);
    const given = await Promise.all(waiting.map(({ slot }) => slot));
    expect(new Set(given).size).toBe(3);
    for (const slot of [...slots.slice(3), ...given]) analyzer.release(slot);
  });

  it('grow for a larger frame when all small ones are back', async () => {
    const { slots, next } = await takeFree(64, 48);
    const large = new Waiting(analyzer.allocate('i420', 640, 480));
    for (const slot of slots) analyzer.release(slot);
    const small = await next.slot;
    expect(await large.hasCome()).toBe(false);
    analyzer.release(small);
    const slot = await large.slot;
    expect(slot.bytes.length).toBeGreaterThanOrEqual(1.5 * 640 * 480);
    analyzer.release(slot);
  });

  it('hold a larger picture after a smaller one, and a smaller one after it, without a trace of the other', async () => {
    const photograph = await smallPhotograph();
    const boxes = async (picture = photograph): Promise<unknown> =>
      (await analyzePicture(analyzer, picture)).report.faces.map(({ box }) => box);
    expect(await boxes(blank(64, 48))).toEqual([]);
    const seen = await boxes();
    expect(seen).toHaveLength(3);
    expect(await boxes(blank(800, 600))).toEqual([]);
    expect(await boxes()).toEqual(seen);
    expect(await boxes(blank(32, 32))).toEqual([]);
  });

  it('for more pixels than any picture may have are refused, and the next picture is not', async () => {
    await expect(analyzer.allocate('rgba', 20_000, 20_000)).rejects.toMatchObject({
      name: 'MienError',
      code: 'input_unsupported',
      message: expect.stringContaining('20000') as string,
      remedy: expect.stringMatching(/\.$/) as string,
    });
    expect((await analyzePicture(analyzer, await smallPhotograph())).report.faces).toHaveLength(3);
  });

  it('come back after a frame that could not be analysed', async () => {
    const { slots: before, next } = await takeFree(64, 48);
    for (const slot of before) analyzer.release(slot);
    analyzer.release(await next.slot);
    for (let i = 0; i < 3; i++) {
      const frame = await slotted(analyzer, blank(64, 48));
      // More rows than the whole memory has.
      await expect(analyzer.analyze({ ...frame, height: 99_999_999 })).rejects.toThrow();
      analyzer.release(frame.slot);
    }
    const { slots: after, next: last } = await takeFree(64, 48);
    expect(after).toHaveLength(before.length);
    for (const slot of after) analyzer.release(slot);
    analyzer.release(await last.slot);
    expect((await analyzePicture(analyzer, await smallPhotograph())).report.faces).toHaveLength(3);
  });
});
