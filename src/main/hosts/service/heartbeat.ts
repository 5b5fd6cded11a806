// Whether an engine still answers. One that hangs is as good as gone, but nothing tells of it: it is asked now and then. Time in
// which the one who asks did not run either (the machine slept, somebody stopped the program) does not count.
import type { Clock } from '../../engine/ports.ts';

/** So often {@link Heartbeat.tick} is to be called. */
export const TICK_MS = 5000;
/** An engine is asked when it has said nothing for so long… */
const ASK_MS = 15_000;
/** …and hangs when it goes on for so long. Nothing that it does keeps it from answering for nearly that time. */
export const HUNG_MS = 30_000;

export class Heartbeat {
  readonly #clock: Clock;
  readonly #ask: () => void;
  readonly #onHung: () => void;
  #lastMs: number;
  #silentMs = 0;
  #isAsked = false;
  #isDebugged = false;

  /** `ask` sends a question; `onHung` is called once, when there was no answer to it. */
  constructor(clock: Clock, ask: () => void, onHung: () => void) {
    this.#clock = clock;
    this.#ask = ask;
    this.#onHung = onHung;
    this.#lastMs = clock.monotonicMs();
  }

  tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const wasSilentMs = this.#silentMs;
    this.#silentMs += Math.min(nowMs - this.#lastMs, 2 * TICK_MS);
    this.#lastMs = nowMs;
    if (!this.#isAsked && this.#silentMs >= ASK_MS) {
      this.#isAsked = true;
      this.#ask();
    }
    if (!this.#isDebugged && wasSilentMs < HUNG_MS && this.#silentMs >= HUNG_MS) this.#onHung();
  }

  /** The engine has answered; with a debugger on it, it may stand still for as long as somebody likes. */
  answered(isDebugged: boolean): void {
    this.#isDebugged = isDebugged;
    this.#isAsked = false;
    this.#silentMs = 0;
  }
}
