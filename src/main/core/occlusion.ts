// Reads the occlusion network: how much of a face something else hides.
import { regionToFrame } from './geometry.ts';
import { faceCropRegion, type FaceCrop, type Landmarks68 } from './landmarks.ts';

/** Cells of the network's output along one side of the cut face. */
export const OCCLUSION_CELLS = 12;

/** The outline of the face in iBUG's numbering: the jaw, then the brows back. */
const OUTLINE = [...Array.from({ length: 17 }, (_, i) => i), ...Array.from({ length: 10 }, (_, i) => 26 - i)];

/**
 * The mean probability of being hidden over the cells inside the face's outline. `logits`: 12 × 12 cells of the face cut by
 * `crop`, row by row. NaN when the outline holds no cell.
 */
export function occludedShare(logits: Float32Array, landmarks: Landmarks68, crop: FaceCrop): number {
  const outline = outlineInCells(landmarks, crop);
  let [hidden, cells] = [0, 0];
  for (let row = 0; row < OCCLUSION_CELLS; row++) {
    const crossings = crossingsOf(outline, row + 0.5);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil(crossings[i] - 0.5));
      const last = Math.min(OCCLUSION_CELLS - 1, Math.floor(crossings[i + 1] - 0.5));
      for (let column = first; column <= last; column++) {
        hidden += 1 / (1 + Math.exp(-logits[row * OCCLUSION_CELLS + column]));
        cells++;
      }
    }
  }
  return hidden / cells;
}

/** The outline's points, x and y alternately, in cells of the cut face. */
function outlineInCells(landmarks: Landmarks68, crop: FaceCrop): Float64Array {
  const { a, c, d, f } = regionToFrame(faceCropRegion(landmarks, crop), OCCLUSION_CELLS, OCCLUSION_CELLS);
  const square = a * a + d * d; // the map turns and scales: its inverse is its transpose over the square of the scale
  const points = new Float64Array(2 * OUTLINE.length);
  OUTLINE.forEach((index, i) => {
    const [x, y] = [landmarks[2 * index] - c, landmarks[2 * index + 1] - f];
    points[2 * i] = (a * x + d * y) / square;
    points[2 * i + 1] = (a * y - d * x) / square;
  });
  return points;
}

/** Where a row of cells crosses the outline, from left to right. */
function crossingsOf(outline: Float64Array, y: number): number[] {
  const crossings: number[] = [];
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const yi = outline[i + 1];
    const yj = outline[j + 1];
    if (yi > y !== yj > y) crossings.push(outline[i] + ((outline[j] - outline[i]) * (y - yi)) / (yj - yi));
  }
  return crossings.sort((p, q) => p - q);
}
