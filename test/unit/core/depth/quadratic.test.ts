import { describe, expect, it } from 'vitest';
import { fitSurface, heightAt, medianOf, type Heights } from '../../../../src/main/core/depth/quadratic.ts';

/** Heights on a lattice of side × side places from −1 to 1. */
function lattice(side: number, height: (x: number, y: number) => number): Heights {
  const at = (i: number): number => (2 * i) / (side - 1) - 1;
  const x = Float64Array.from({ length: side * side }, (_, i) => at(i % side));
  const y = Float64Array.from({ length: side * side }, (_, i) => at(Math.floor(i / side)));
  return { x, y, h: x.map((value, i) => height(value, y[i])), weight: new Float64Array(side * side).fill(1) };
}

describe('a surface through heights', () => {
  const bowl = (x: number, y: number): number => 3 + 2 * x - y + 5 * x * x - 4 * x * y + 0.5 * y * y;

  it('finds the surface that they lie on', () => {
    const surface = fitSurface(lattice(5, bowl), 'quadratic', 0.1);
    [3, 2, -1, 5, -4, 0.5].forEach((value, i) => expect(surface?.coefficients[i]).toBeCloseTo(value, 9));
    expect(surface?.variance).toBeCloseTo(0, 9);
    expect(surface && heightAt(surface, 0.5, -2)).toBeCloseTo(bowl(0.5, -2), 9);
  });

  it('is not moved by what does not belong to it', () => {
    const heights = lattice(7, (x, y) => (x > 0.9 && y > 0 ? 100 : bowl(x, y)));
    const surface = fitSurface(heights, 'quadratic', 0.1);
    expect(surface?.coefficients[3]).toBeCloseTo(5, 2);
  });

  it('knows how sure it is: of 3 × 3 places on a plane 1/9 and 1/6 of the variance of one', () => {
    const surface = fitSurface(
      lattice(3, (x) => x),
      'plane',
      0.1,
    );
    const [constant, , , , across, , , , down] = surface?.covariance ?? [];
    expect(constant).toBeCloseTo(1 / 9, 9);
    expect(across).toBeCloseTo(1 / 6, 9);
    expect(down).toBeCloseTo(1 / 6, 9);
  });

  it('is none where the places do not tell it', () => {
    expect(
      fitSurface(
        lattice(2, () => 1),
        'quadratic',
        0.1,
      ),
    ).toBeNull();
    const line = lattice(4, () => 1);
    expect(fitSurface({ ...line, y: line.x }, 'plane', 0.1)).toBeNull();
    expect(fitSurface({ ...line, weight: new Float64Array(16) }, 'plane', 0.1)).toBeNull();
  });
});

it('the median of an even count is the upper one', () => {
  expect(medianOf(Float64Array.of(4, 1, 3))).toBe(3);
  expect(medianOf(Float64Array.of(4, 1, 3, 2))).toBe(3);
});
