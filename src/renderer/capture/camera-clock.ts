// A camera's time stamps count from an arbitrary moment. What they are in wall time follows from the frames that were on their way
// for the shortest time: the smallest difference between arrival and time stamp over the first two seconds, fixed from then on, so
// that time is never stepped; what the two clocks drift apart later is recorded by the program.

const SETTLE_MS = 2000;

/** Unix time in milliseconds on a clock that is never stepped while the page lives. */
export const steadyUnixMs = (): number => performance.timeOrigin + performance.now();

export class CameraClock {
  #firstMs = NaN;
  #offsetMs = Infinity;

  /**
   * The Unix time at which a frame was captured, or null while the clock settles. `stampMs` is the frame's time stamp, `arrivedMs`
   * the Unix time of its arrival.
   */
  unixMs(stampMs: number, arrivedMs: number): number | null {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = stampMs;
    if (stampMs - this.#firstMs >= SETTLE_MS) return stampMs + this.#offsetMs;
    this.#offsetMs = Math.min(this.#offsetMs, arrivedMs - stampMs);
    return null;
  }
}
