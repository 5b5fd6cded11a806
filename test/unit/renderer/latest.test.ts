import { describe, expect, it } from 'vitest';
import { LatestWins } from '../../../src/renderer/capture/latest.ts';

/** A frame that must be closed once. */
class Frame {
  readonly name: string;
  closed = 0;

  constructor(name: string) {
    this.name = name;
  }

  close(): void {
    this.closed++;
  }
}

/** A program that takes frames and is ready for more when the test says so. */
class Program {
  readonly sent: (readonly [name: string, unixMs: number, dropped: readonly number[]])[] = [];
  readonly frames: Frame[] = [];
  readonly latest: LatestWins<Frame>;
  readonly #ready: (() => void)[] = [];

  constructor(most: number) {
    this.latest = new LatestWins<Frame>(most, (frame, unixMs, dropped) => {
      this.sent.push([frame.name, unixMs, dropped]);
      frame.close();
      return new Promise((resolve) => this.#ready.push(resolve));
    });
  }

  /** Gives frames, each named by its time. */
  give(...times: readonly number[]): void {
    for (const unixMs of times) {
      const frame = new Frame(`at ${unixMs}`);
      this.frames.push(frame);
      this.latest.add(frame, unixMs);
    }
  }

  /** Is ready for another frame in place of the oldest one. */
  async ready(): Promise<void> {
    this.#ready.shift()?.();
    await new Promise(setImmediate);
  }

  get names(): string[] {
    return this.sent.map(([name]) => name);
  }
}

describe('frames of a camera', () => {
  it('are sent at once while the program is ready, so many together and no more', () => {
    const program = new Program(2);
    program.give(1, 2, 3);
    expect(program.sent).toEqual([
      ['at 1', 1, []],
      ['at 2', 2, []],
    ]);
    expect(program.latest.dropped).toBe(0);
  });

  it('wait one by one for the program: the latest wins, and those before are dropped, closed and named', async () => {
    const program = new Program(2);
    program.give(1, 2, 3, 4, 5);
    expect(program.frames.map(({ closed }) => closed)).toEqual([1, 1, 1, 1, 0]);
    expect(program.latest.dropped).toBe(2);
    await program.ready();
    expect(program.sent[2]).toEqual(['at 5', 5, [3, 4]]);
    await program.ready();
    program.give(6);
    expect(program.sent[3]).toEqual(['at 6', 6, []]); // each is told once
    expect(program.frames.map(({ closed }) => closed)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(program.latest.dropped).toBe(2);
  });

  it('are sent in the order of their capture, whichever of those before is ready first', async () => {
    const program = new Program(1);
    for (let i = 1; i <= 5; i++) {
      program.give(10 * i, 10 * i + 1);
      await program.ready();
    }
    const times = program.sent.flatMap(([, unixMs, dropped]) => [...dropped, unixMs]);
    expect(times).toEqual([...times].sort((p, q) => p - q));
    expect(times).toHaveLength(10);
    expect(program.latest.dropped).toBe(times.length - program.sent.length);
  });

  it('find the program ready again after a pause', async () => {
    const program = new Program(1);
    program.give(1);
    await program.ready();
    await program.ready();
    program.give(2, 3);
    expect(program.names).toEqual(['at 1', 'at 2']);
  });
});
