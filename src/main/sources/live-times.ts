// The times of a device's frames, from the first one on, and when none came. The device's times are on this machine's own clock, which
// on some systems stands still while the machine sleeps: a sleep counts.
import { FrameSpacing } from '../core/frame-spacing.ts';
import type { GapKind } from '../engine/capture-timeline.ts';
import type { LiveClock } from '../engine/ports.ts';

/** What the monotonic clock must fall behind by to have stood still: the other one may count whole seconds. */
const LEAST_SLEEP_MS = 1000;

/** What is said of when a frame was captured. */
export interface LiveTime {
  /** Milliseconds since the first frame. */
  readonly timeMs: number;
  /** The wall clock when it was captured, in Unix milliseconds. */
  readonly capturedUnixMs: number;
  /** Why none came before it, and since when, in milliseconds since the first frame; null where all is well. */
  readonly gap: { readonly kind: GapKind; readonly timeMs: number } | null;
}

interface Reading {
  readonly monotonicMs: number;
  readonly uptimeMs: number;
}

export class LiveTimes {
  readonly #clock: LiveClock;
  readonly #spacing = new FrameSpacing();
  /** The clocks at the frame before. */
  #read: Reading | null = null;
  /** How long the monotonic clock has stood still in all. */
  #sleptMs = 0;
  #firstMs = NaN;
  #lastMs = NaN;
  #askedMs = NaN;
  /** Between the last two frames, those that were lost included. */
  #intervalMs = 0;

  constructor(clock: LiveClock) {
    this.#clock = clock;
  }

  /**
   * Takes a frame as soon as it is there: its time on the monotonic clock, how many were lost between the one before and this one (they
   * were captured at even distances, as far as anybody knows), and whether the device says that it was gone.
   */
  place(hostMs: number, lost: number, isAfterGap: boolean): LiveTime {
    const { monotonicMs, hasSlept } = this.#now();
    const capturedUnixMs = this.#clock.unixMs() - (monotonicMs - hostMs);
    const steadyMs = hostMs + this.#sleptMs;
    if (Number.isNaN(this.#firstMs)) {
      this.#firstMs = this.#lastMs = steadyMs;
      this.#spacing.add(steadyMs);
      return { timeMs: 0, capturedUnixMs, gap: null };
    }
    const silentMs = steadyMs - this.#lastMs;
    let isGone = isAfterGap || hasSlept;
    for (let i = 1; i <= lost + 1; i++)
      isGone = this.#spacing.add(this.#lastMs + (silentMs * i) / (lost + 1)) || isGone;
    const goneMs = this.#lastMs - this.#firstMs + Math.min(this.#intervalMs, silentMs / 2);
    if (!isGone) this.#intervalMs = silentMs / (lost + 1);
    this.#lastMs = steadyMs;
    const gap = isGone ? ({ kind: hasSlept ? 'slept' : 'camera_lost', timeMs: goneMs } as const) : null;
    return { timeMs: steadyMs - this.#firstMs, capturedUnixMs, gap };
  }

  /** Somebody waits for a frame from here on. */
  ask(): void {
    this.#askedMs = this.#clock.monotonicMs();
  }

  /** For how long no frame has come, in milliseconds, where a device that is well had given one to whoever waits; otherwise null. */
  silentMs(): number | null {
    const { monotonicMs, hasSlept } = this.#now();
    const isGone = hasSlept || monotonicMs - this.#askedMs > this.#spacing.goneMs;
    return isGone && !Number.isNaN(this.#lastMs) ? monotonicMs + this.#sleptMs - this.#lastMs : null;
  }

  /** Reads the clocks, and notices whether the monotonic one has stood still since the frame before. */
  #now(): { readonly monotonicMs: number; readonly hasSlept: boolean } {
    const monotonicMs = this.#clock.monotonicMs();
    const uptimeMs = this.#clock.uptimeMs();
    const before = this.#read ?? { monotonicMs, uptimeMs };
    const stoodMs = uptimeMs - before.uptimeMs - (monotonicMs - before.monotonicMs);
    this.#read = { monotonicMs, uptimeMs };
    const hasSlept = stoodMs > LEAST_SLEEP_MS;
    if (hasSlept) this.#sleptMs += stoodMs;
    return { monotonicMs, hasSlept };
  }
}
