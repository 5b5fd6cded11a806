// A surface of second order through scattered heights, robust to those that do not belong to it.

/** Terms of a surface: 1, x, y, and for a curved one x², xy, y². */
const TERMS = { plane: 3, quadratic: 6 } as const;

/** Points with their weights, all of one length. */
export interface Heights {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly h: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
}

export interface Surface {
  /** Of 1, x, y and, for a quadratic, x², xy, y². */
  readonly coefficients: Float64Array;
  /** Their covariance for a point of weight 1 and variance 1, row by row. */
  readonly covariance: Float64Array;
  /** Variance of a point of weight 1 about the surface, outliers left out. */
  readonly variance: number;
}

/** Tukey's biweight with 95 % efficiency for normal errors. */
const TUKEY = 4.685;
const ROUNDS = 3;

function terms(x: number, y: number, into: Float64Array): void {
  into[0] = 1;
  into[1] = x;
  into[2] = y;
  if (into.length < TERMS.quadratic) return;
  into[3] = x * x;
  into[4] = x * y;
  into[5] = y * y;
}

/** Height of a surface at (x, y). */
export function heightAt({ coefficients }: Pick<Surface, 'coefficients'>, x: number, y: number): number {
  const slope = coefficients[0] + coefficients[1] * x + coefficients[2] * y;
  if (coefficients.length < TERMS.quadratic) return slope;
  return slope + coefficients[3] * x * x + coefficients[4] * x * y + coefficients[5] * y * y;
}

/**
 * Iteratively reweighted least squares with Tukey's biweight; scatter is told from the median of the residuals, but never taken for less
 * than `leastSpread` (of a point of weight 1). Null where the points do not determine the surface.
 */
export function fitSurface(points: Heights, kind: keyof typeof TERMS, leastSpread: number): Surface | null {
  const { x, y, h, weight } = points;
  const [count, size] = [h.length, TERMS[kind]];
  if (count <= size) return null;
  const row = new Float64Array(size);
  const trust = new Float64Array(count).fill(1);
  const residual = new Float64Array(count);
  let surface: Surface | null = null;
  for (let round = 0; round <= ROUNDS; round++) {
    const normal = new Float64Array(size * size);
    const right = new Float64Array(size);
    for (let i = 0; i < count; i++) {
      const w = weight[i] * trust[i];
      if (w === 0) continue;
      terms(x[i], y[i], row);
      for (let j = 0; j < size; j++) {
        right[j] += w * row[j] * h[i];
        for (let k = 0; k < size; k++) normal[j * size + k] += w * row[j] * row[k];
      }
    }
    const covariance = inverse(normal, size);
    if (!covariance) return null;
    const coefficients = Float64Array.from({ length: size }, (_, j) =>
      right.reduce((sum, value, k) => sum + covariance[j * size + k] * value, 0),
    );
    let [square, trusted] = [0, 0];
    for (let i = 0; i < count; i++) {
      residual[i] = Math.sqrt(weight[i]) * (h[i] - heightAt({ coefficients }, x[i], y[i]));
      square += trust[i] * residual[i] ** 2;
      trusted += trust[i];
    }
    surface = { coefficients, covariance, variance: square / Math.max(1, trusted - size) };
    const limit = TUKEY * Math.max(leastSpread, 1.4826 * medianOf(residual.map(Math.abs)));
    for (let i = 0; i < count; i++) trust[i] = Math.max(0, 1 - (residual[i] / limit) ** 2) ** 2;
  }
  return surface;
}

/** The middle one of some numbers; of an even count the upper one. */
export function medianOf(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1];
}

/** Gauss and Jordan, with pivots from the diagonal, as a positive definite matrix allows. Null where it is not. */
function inverse(matrix: Float64Array, size: number): Float64Array | null {
  const left = matrix.slice();
  const right = new Float64Array(size * size);
  for (let i = 0; i < size; i++) right[i * size + i] = 1;
  for (let i = 0; i < size; i++) {
    const pivot = left[i * size + i];
    if (!(pivot > 1e-9 * matrix[i * size + i])) return null;
    for (let k = 0; k < size; k++) {
      left[i * size + k] /= pivot;
      right[i * size + k] /= pivot;
    }
    for (let j = 0; j < size; j++) {
      if (j === i) continue;
      const factor = left[j * size + i];
      for (let k = 0; k < size; k++) {
        left[j * size + k] -= factor * left[i * size + k];
        right[j * size + k] -= factor * right[i * size + k];
      }
    }
  }
  return right;
}
