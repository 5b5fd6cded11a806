// The time of a live session: when frames were captured, in Unix milliseconds that are fitted once and never stepped, and in which
// the machine's sleep passes as all other time does. A window's clock may stand still while the machine sleeps (on Linux and macOS
// it does, on Windows it goes on), and a window that is loaded anew may count from elsewhere, because the wall clock was set
// meanwhile: then what it says is moved by as much.
//
// A sleep is told from a wall clock that was set by two things that no setting of it changes: the time since the machine was started,
// which counts sleep where the monotonic clock does not, and timers, which do not run in a sleep although the monotonic clock may.
import { FrameSpacing } from '../core/frame-spacing.ts';
import type { LiveClock } from './ports.ts';

/** What the monotonic clock must fall behind by, or a window's clock be wrong by, to matter. */
const LEAST_LEAP_MS = 1000;
/** Where timers did not run for so long, the machine has slept, or this process did not come to its turn. */
const STANDSTILL_MS = 2000;

/** When a camera captured a frame. Both are Unix times; the first is on the window's clock and never stepped. */
export interface CaptureTime {
  readonly unixMs: number;
  /** The wall clock when the frame arrived in the window. */
  readonly arrivedUnixMs: number;
}

/** Why no frame came for a while. */
export type GapKind = 'camera_lost' | 'slept';

/** A frame's place in the session's time. */
export interface Place {
  readonly unixMs: number;
  /** Why none came between the frame before and this one; null where none was to come. */
  readonly gap: GapKind | null;
}

interface Reading {
  readonly monotonicMs: number;
  readonly uptimeMs: number;
}

/** A sleep of which the frames have not told yet, or what looks like one. */
interface Sleep {
  /** How long the monotonic clock stood still; 0 where it went on. */
  readonly stoodMs: number;
  /** When it was noticed, on the steady clock. */
  readonly noticedMs: number;
}

export class CaptureTimeline {
  readonly #clock: LiveClock;
  #spacing = new FrameSpacing();
  #last: Reading;
  /** By how much the monotonic clock has fallen behind in sleeps. */
  #stoodMs = 0;
  #sleep: Sleep | null = null;
  #isNewSource = false;
  /** What is added to the window's clock. */
  #shiftMs = 0;
  /** From a frame's place to its arrival on the steady clock, of the last frame. */
  #lagMs = NaN;

  constructor(clock: LiveClock) {
    this.#clock = clock;
    this.#last = this.#read();
  }

  /** A camera that has been silent for so long is gone, in milliseconds. */
  get goneMs(): number {
    return this.#spacing.goneMs;
  }

  /** Why a camera that is silent is so. */
  get silence(): GapKind {
    return this.#sleep ? 'slept' : 'camera_lost';
  }

  /**
   * From here on the frames come from another window, or from another camera, whose frames are `nominalMs` apart. While a session
   * `goesOn` its time does, too; otherwise what the new window's clock says holds.
   */
  newSource(nominalMs: number | null, goesOn: boolean): void {
    this.#isNewSource = true;
    if (goesOn) return;
    this.#shiftMs = 0;
    this.#lagMs = NaN;
    this.#spacing = new FrameSpacing(nominalMs);
  }

  /** To be called several times a second, so that standstills are noticed. */
  tick(): void {
    const now = this.#read();
    const ranMs = now.monotonicMs - this.#last.monotonicMs;
    const stoodMs = now.uptimeMs - this.#last.uptimeMs - ranMs;
    this.#last = now;
    const hasStood = stoodMs > LEAST_LEAP_MS;
    if (hasStood) this.#stoodMs += stoodMs;
    if (!hasStood && ranMs <= STANDSTILL_MS) return;
    this.#sleep = { stoodMs: (this.#sleep?.stoodMs ?? 0) + (hasStood ? stoodMs : 0), noticedMs: this.#steadyMs };
  }

  /** Where a frame belongs. Frames must come in the order of their arrival. */
  place({ unixMs, arrivedUnixMs }: CaptureTime): Place {
    this.tick();
    // A frame may have waited for this process, which both sides' wall clock tells.
    const arrivedMs = this.#steadyMs - Math.max(0, this.#clock.unixMs() - arrivedUnixMs);
    const stepMs = this.#stepTo(arrivedMs - (unixMs + this.#shiftMs) - this.#lagMs);
    this.#shiftMs += stepMs;
    this.#isNewSource = false;
    const placedMs = this.shifted(unixMs);
    this.#lagMs = arrivedMs - placedMs;
    const gap = this.#gapBefore(placedMs, stepMs !== 0);
    if (this.#sleep && arrivedMs > this.#sleep.noticedMs) this.#sleep = null; // it was none
    return { unixMs: placedMs, gap };
  }

  /** Where a frame belongs that was lost on its way: nobody knows when it arrived. */
  placeLost(unixMs: number): Place {
    const placedMs = this.shifted(unixMs);
    return { unixMs: placedMs, gap: this.#gapBefore(placedMs, false) };
  }

  /** Where a moment on the window's clock belongs. */
  shifted(unixMs: number): number {
    return unixMs + this.#shiftMs;
  }

  #gapBefore(placedMs: number, isMoved: boolean): GapKind | null {
    const isGone = this.#spacing.add(placedMs);
    const gap = isGone || (isMoved && this.#sleep) ? this.silence : null;
    if (gap) this.#sleep = null; // it is told
    return gap;
  }

  /** By how much the window's clock is to be moved further, of which a frame came so much later than the one before. */
  #stepTo(lateMs: number): number {
    if (!(Math.abs(lateMs) > LEAST_LEAP_MS) || !(this.#sleep || this.#isNewSource)) return 0;
    const stoodMs = this.#sleep?.stoodMs ?? 0;
    return Math.abs(lateMs - stoodMs) < LEAST_LEAP_MS ? stoodMs : lateMs; // a frame may be late besides
  }

  /** Milliseconds that no setting of the wall clock changes and that count sleep. */
  get #steadyMs(): number {
    return this.#last.monotonicMs + this.#stoodMs;
  }

  #read(): Reading {
    return { monotonicMs: this.#clock.monotonicMs(), uptimeMs: this.#clock.uptimeMs() };
  }
}
