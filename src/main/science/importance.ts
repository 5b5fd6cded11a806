// Which ranges of a study mattered.
import { toUnit, type SearchSpace } from './search-space.ts';
import { ranked, type Trial } from './trial.ts';

/** Fewer trials say nothing. */
const FEWEST_TRIALS = 20;
/** How strongly the model is held back, for each trial: so that 200 trials tell of 43 ranges what they can, and chance little. */
const PENALTY = 0.01;
/** Variances of the Legendre polynomials x and (3 x² − 1) / 2 over −1…1. */
const VARIANCES = [1 / 3, 1 / 5];

/**
 * How much of what decides the order of the trials each range decides on its own: shares of 1, in the order of the space; null where
 * there are too few trials. They are the first-order shares of a functional analysis of variance (Hutter, Hoos and Leyton-Brown, An
 * efficient approach for assessing hyperparameter importance, ICML 2014), not of a forest but of an additive model: a straight and a
 * bent line for each range, together fitted to the ranks of the trials by ridge regression (Hoerl and Kennard 1970). One model of all
 * ranges at once, because samplers that learn move all of them at the same time, and looking at one alone takes that for its effect.
 * Ranks, because one very bad trial must not outweigh all others. Where all trials came out the same, the shares are even. What ranges do
 * only together is not seen.
 */
export function importances(space: SearchSpace, trials: readonly Trial[]): number[] | null {
  const best = ranked(trials);
  if (best.length < FEWEST_TRIALS) return null;
  const [{ state, value }] = best;
  const isSame = best.every((trial) => trial.state === state && trial.value === value);
  if (isSame) return space.map(() => 1 / space.length); // ranks of equals would go by their numbers
  const rows = best.map(({ point }) =>
    space.flatMap((range, i) => {
      const x = 2 * toUnit(range, point[i]) - 1;
      return [x, 1.5 * x * x - 0.5];
    }),
  );
  const bends = ridge(
    rows,
    best.map((_, rank) => rank / best.length),
  );
  const parts = space.map((_, i) =>
    VARIANCES.reduce((sum, variance, k) => sum + variance * bends[VARIANCES.length * i + k] ** 2, 0),
  );
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => (sum > 0 ? part / sum : 1 / space.length));
}

/** Coefficients of a linear model with an intercept, which is not held back. */
function ridge(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const [n, width] = [rows.length, rows[0].length];
  const means = Array.from({ length: width }, (_, j) => rows.reduce((sum, row) => sum + row[j], 0) / n);
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const matrix = Array.from({ length: width }, () => new Float64Array(width));
  const right = new Float64Array(width);
  rows.forEach((row, r) => {
    for (let i = 0; i < width; i++) {
      const own = row[i] - means[i];
      right[i] += own * (values[r] - mean);
      for (let j = 0; j < width; j++) matrix[i][j] += own * (row[j] - means[j]);
    }
  });
  for (let i = 0; i < width; i++) matrix[i][i] += PENALTY * n;
  return solve(matrix, right);
}

/** Gauss's elimination; the matrix is symmetric and positive definite, so that no rows need to change places. Changes its arguments. */
function solve(matrix: readonly Float64Array[], right: Float64Array): number[] {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      const factor = matrix[k][i] / matrix[i][i];
      for (let j = i; j < n; j++) matrix[k][j] -= factor * matrix[i][j];
      right[k] -= factor * right[i];
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let rest = right[i];
    for (let j = i + 1; j < n; j++) rest -= matrix[i][j] * solution[j];
    solution[i] = rest / matrix[i][i];
  }
  return solution;
}
