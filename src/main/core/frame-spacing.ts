// How far apart the frames of a camera usually are, and from when on one that does not come means that the camera is gone. That
// depends on the camera: in poor light some give a frame in two seconds and are well.

/** No camera is gone sooner, however fast it is. */
const LEAST_GONE_MS = 1000;
/** A camera is gone when so many frames have not come. */
const MISSED_FRAMES = 3;
/** So many intervals tell how far apart frames are: the shortest of them, for a single long one is a gap. */
const INTERVALS = 3;

export class FrameSpacing {
  #lastMs = NaN;
  #intervalsMs: readonly number[];

  /** `nominalMs` is what the camera promises; null for nothing. */
  constructor(nominalMs: number | null = null) {
    this.#intervalsMs = nominalMs === null ? [] : [nominalMs];
  }

  /** Takes note of a frame's time, in milliseconds; returns whether the camera was gone before it. */
  add(timeMs: number): boolean {
    const intervalMs = timeMs - this.#lastMs;
    this.#lastMs = timeMs;
    if (!(intervalMs > 0)) return false;
    const isGone = intervalMs > this.goneMs;
    this.#intervalsMs = [...this.#intervalsMs, intervalMs].slice(-INTERVALS);
    return isGone;
  }

  /** A camera that has been silent for so long is gone, in milliseconds. */
  get goneMs(): number {
    const usualMs = this.#intervalsMs.length > 0 ? Math.min(...this.#intervalsMs) : 0;
    return Math.max(LEAST_GONE_MS, MISSED_FRAMES * usualMs);
  }
}
