// A density over 0…1 from points that were seen there: a normal kernel around each of them and one wide kernel for everything else.

/** So many of the newest points count in full; older ones count less, the oldest least. */
const RECENT = 25;
/** At most so many times narrower than the range is a kernel. */
const MOST_NARROW = 100;

const SQRT_2PI = Math.sqrt(2 * Math.PI);

/**
 * The estimator of Bergstra, Bardenet, Bengio and Kégl (Algorithms for hyper-parameter optimization, NeurIPS 2011) as it is used in
 * practice (Watanabe, Tree-structured Parzen estimator, 2023, and Optuna's sampler): a kernel reaches as far as the farther of its two
 * neighbours, but no less than 1 / min(100, 1 + the number of kernels); the prior lies in the middle, is as wide as the range, and
 * weighs as much as a new point. Kernels are cut off at 0 and 1.
 */
export class ParzenEstimator {
  readonly #centres: Float64Array;
  readonly #widths: Float64Array;
  /** Weight of each kernel, 1 in all, and the same summed up to it. */
  readonly #shares: Float64Array;
  readonly #sums: Float64Array;
  /** Height of each kernel at its centre, its share in it. */
  readonly #heights: Float64Array;

  /** `points` lie in 0…1, the oldest first; there may be none. */
  constructor(points: readonly number[]) {
    const count = points.length + 1;
    const weights = [...weightsByAge(points.length), 1];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#centres = Float64Array.from([...points, 0.5]);
    this.#widths = widthsOf(this.#centres);
    this.#widths[count - 1] = 1;
    this.#shares = Float64Array.from(weights, (weight) => weight / total);
    this.#sums = new Float64Array(count);
    this.#heights = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const [centre, width] = [this.#centres[i], this.#widths[i]];
      const inside = normalShare((1 - centre) / width) - normalShare(-centre / width);
      this.#heights[i] = this.#shares[i] / (inside * width * SQRT_2PI);
      this.#sums[i] = sum += this.#shares[i];
    }
  }

  /** The density at a place; its integral over 0…1 is 1. */
  density(unit: number): number {
    let sum = 0;
    for (let i = 0; i < this.#centres.length; i++) {
      const z = (unit - this.#centres[i]) / this.#widths[i];
      sum += this.#heights[i] * Math.exp(-0.5 * z * z);
    }
    return sum;
  }

  /** A place drawn by lot from the density. `random` gives numbers 0…1 without 1. */
  sample(random: () => number): number {
    const drawn = random();
    const found = this.#sums.findIndex((sum) => drawn < sum);
    const i = found < 0 ? this.#sums.length - 1 : found; // sums of shares may end a hair below 1
    for (;;) {
      // At least a third of a kernel lies inside: its centre does, and it is no wider than the range.
      const unit = this.#centres[i] + this.#widths[i] * standardNormal(random);
      if (unit >= 0 && unit <= 1) return unit;
    }
  }
}

/** From 1 / count up to 1 for all but the newest {@link RECENT}, which weigh 1. */
export function weightsByAge(count: number): number[] {
  const older = Math.max(0, count - RECENT);
  return Array.from({ length: count }, (_, i) => {
    if (i >= older) return 1;
    return older === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (older - 1);
  });
}

/** For each centre the distance of the farther neighbour; of the outermost ones the only one's. */
function widthsOf(centres: Float64Array): Float64Array {
  const order = Array.from(centres.keys()).sort((i, j) => centres[i] - centres[j]);
  const least = 1 / Math.min(MOST_NARROW, 1 + centres.length);
  const widths = new Float64Array(centres.length);
  order.forEach((index, rank) => {
    const below = rank > 0 ? centres[index] - centres[order[rank - 1]] : 0;
    const above = rank < order.length - 1 ? centres[order[rank + 1]] - centres[index] : 0;
    widths[index] = Math.min(1, Math.max(least, below, above));
  });
  return widths;
}

/** Box and Muller. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The share of a standard normal distribution below z, to 1e-7 (Abramowitz and Stegun, 26.2.17). */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp(-0.5 * z * z) / SQRT_2PI) * series;
  return z > 0 ? 1 - tail : tail;
}
