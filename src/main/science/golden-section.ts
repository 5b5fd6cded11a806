// The lowest point of a curve that first falls and then rises.

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Golden section search (Kiefer 1953) for the x between `least` and `most` at which `f` is smallest, to `tolerance` in x. A bound may be
 * what it comes near. Of a curve with several valleys it finds one.
 */
export function goldenSection(f: (x: number) => number, least: number, most: number, tolerance: number): number {
  let [low, high] = [least, most];
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atLeft, atRight] = [f(left), f(right)];
  while (high - low > tolerance) {
    if (atLeft <= atRight) {
      high = right;
      [right, atRight] = [left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = f(left);
    } else {
      low = left;
      [left, atLeft] = [right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
