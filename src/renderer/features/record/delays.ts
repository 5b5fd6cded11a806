// How long frames take from capture to screen.

const MOST = 300;

export class Delays {
  #values: number[] = [];

  add(ms: number): void {
    this.#values.push(ms);
    if (this.#values.length > MOST) this.#values.shift();
  }

  /** The delay that 95 of 100 frames do not exceed, in milliseconds; null before the first frame. */
  get p95(): number | null {
    const sorted = this.#values.toSorted((p, q) => p - q);
    return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.ceil(0.95 * sorted.length) - 1)];
  }
}
