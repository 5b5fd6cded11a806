// Intervals and tests for figures: how far they could lie elsewhere by chance.
import { randomFrom } from './random.ts';

/** So many resamples and permutations. */
export const RESAMPLES = 1000;

/** Bounds of the middle 95 %. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile bootstrap of the figures of `count` items. What belongs together (`groups`: the same number for all items of a subject; null
 * where every item stands alone) is drawn together. `figures` gets how often each item was drawn.
 */
export function bootstrap<K extends string>(
  count: number,
  groups: ArrayLike<number> | null,
  figures: (weights: Float64Array) => Readonly<Record<K, number>>,
  seed: number,
  resamples = RESAMPLES,
): Record<K, Interval> {
  const random = randomFrom(seed);
  const groupOf = groups ?? Uint32Array.from({ length: count }, (_, i) => i);
  const names = [...new Set(Array.from(groupOf))];
  const numberOf = new Map(names.map((name, i) => [name, i]));
  const indexOf = Uint32Array.from(groupOf, (name) => numberOf.get(name) ?? 0);
  const drawn = new Float64Array(names.length);
  const weights = new Float64Array(count);
  const values = new Map<K, number[]>();
  for (let i = 0; i < resamples; i++) {
    drawn.fill(0);
    for (let j = 0; j < names.length; j++) drawn[Math.floor(random() * names.length)]++;
    for (let j = 0; j < count; j++) weights[j] = drawn[indexOf[j]];
    for (const [name, value] of Object.entries(figures(weights)) as [K, number][]) {
      const known = values.get(name) ?? [];
      values.set(name, known);
      if (!Number.isNaN(value)) known.push(value);
    }
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, middle95(all)])) as Record<K, Interval>;
}

function middle95(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Linear between the two nearest of sorted values. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const [below, above] = [Math.floor(at), Math.ceil(at)];
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * Exact two-sided McNemar test: how probable it is, if both do equally well, that the items on which only one of two is right fall so
 * unevenly or more so. 1 where there are none.
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  let [logChoose, sum] = [0, 0];
  for (let k = 0; k <= least; k++) {
    if (k > 0) logChoose += Math.log(n - k + 1) - Math.log(k);
    sum += Math.exp(logChoose - n * Math.LN2);
  }
  return Math.min(1, 2 * sum);
}

/**
 * Two-sided permutation test of paired differences, one a subject: how often a difference of means so large or larger comes about when
 * the signs are drawn by lot. Counts the observed one, so that it is never 0.
 */
export function permutationTest(differences: ArrayLike<number>, seed: number, permutations = 10 * RESAMPLES): number {
  const random = randomFrom(seed);
  const observed = Math.abs(sumOf(differences, () => 1));
  let asLarge = 1;
  for (let i = 0; i < permutations; i++) {
    // Rounding must not tell a sum from the same numbers in another order.
    if (Math.abs(sumOf(differences, () => (random() < 0.5 ? -1 : 1))) >= observed * (1 - 1e-12)) asLarge++;
  }
  return asLarge / (permutations + 1);
}

function sumOf(values: ArrayLike<number>, sign: () => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += sign() * values[i];
  return sum;
}

/** Probabilities of several tests, adjusted by Holm's method, in their order. */
export function holm(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, i) => i).sort((i, j) => probabilities[i] - probabilities[j]);
  const adjusted = new Array<number>(probabilities.length);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (probabilities.length - rank) * probabilities[index]));
    adjusted[index] = least;
  });
  return adjusted;
}
