// Two cheap looks at what changed between frames: a cut of the film, and a face that is suddenly another one. Neither decides
// who somebody is; both only say when to look again.
import { LOOK_SIZE } from './quality.ts';
import type { Frame } from './frame.ts';

const COLUMNS = 48;
const ROWS = 36;
const CHANGED = 30; // grey levels
const HISTORY = 12;

/** Finds cuts by the share of 48 × 36 points of the frame whose grey has jumped. */
export class CutDetector {
  #last: Uint8Array | null = null;
  #shares: number[] = [];

  /** Whether the film was cut between the frame before and this one. */
  isCut(frame: Frame): boolean {
    const grid = lumaGrid(frame);
    const last = this.#last;
    this.#last = grid;
    if (!last) return false;
    let changed = 0;
    for (let i = 0; i < grid.length; i++) if (Math.abs(grid[i] - last[i]) > CHANGED) changed++;
    const share = changed / grid.length;
    const usual = median(this.#shares);
    // Same camera, other people: 24 % here; one large face that moves: 10 % at most. A shaking camera changes much all the time.
    const cut = share > 0.15 && share > 4 * usual;
    this.#shares.push(share);
    if (this.#shares.length > HISTORY) this.#shares.shift();
    return cut;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length > 0 ? sorted[sorted.length >> 1] : 0;
}

function lumaGrid(frame: Frame): Uint8Array {
  const { data, stride } = frame.planes[0];
  const [step, offset] = frame.format === 'rgba' ? [4, 1] : [1, 0]; // green stands for grey
  const columns = Int32Array.from(
    { length: COLUMNS },
    (_, i) => Math.floor(((i + 0.5) * frame.width) / COLUMNS) * step,
  );
  const grid = new Uint8Array(COLUMNS * ROWS);
  for (let row = 0, at = 0; row < ROWS; row++) {
    const line = Math.floor(((row + 0.5) * frame.height) / ROWS) * stride + offset;
    for (let column = 0; column < COLUMNS; column++) grid[at++] = data[line + columns[column]];
  }
  return grid;
}

const PATCH = 16;
const CELL = 3; // values of the grey look
const FIRST = (LOOK_SIZE - PATCH * CELL) / 2;

/** The middle of a face's grey look ({@link grayLook}), reduced to 16 × 16 greys of mean 0 and length 1. */
export function facePatch(look: Float32Array): Float32Array {
  const patch = new Float32Array(PATCH * PATCH);
  for (let y = 0; y < PATCH * CELL; y++) {
    const line = (FIRST + y) * LOOK_SIZE + FIRST;
    const out = Math.floor(y / CELL) * PATCH;
    for (let x = 0; x < PATCH * CELL; x++) patch[out + Math.floor(x / CELL)] += look[line + x];
  }
  let mean = 0;
  for (const value of patch) mean += value / patch.length;
  let square = 0;
  for (let i = 0; i < patch.length; i++) {
    patch[i] -= mean;
    square += patch[i] * patch[i];
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < patch.length; i++) patch[i] *= scale;
  return patch;
}

/** Normalised cross-correlation of two patches, −1…1. */
export function patchCorrelation(p: Float32Array, q: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += p[i] * q[i];
  return sum;
}
