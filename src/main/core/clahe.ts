// Evens out the light of a face: contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of the lightness L of CIELAB, in
// 8 × 8 tiles with a clip limit of 2.0, with the steps and the rounding of OpenCV.
import { roundedToEven, writeLab, writeRgb } from './lab.ts';
import type { TensorSpec } from './sample.ts';

const TILES = 8;
const CLIP_LIMIT = 2;
const LEVELS = 256;

/** What a mirror at the last pixel shows there: it is not shown twice. */
const mirrored = (i: number, length: number): number => (i < length ? i : Math.max(0, 2 * (length - 1) - i));

interface Tiles {
  readonly width: number;
  readonly height: number;
  /** For each tile, row after row, the new value of each level. */
  readonly tables: Uint8Array;
}

/** Cuts no more than `limit` counts of each level, and spreads what was cut evenly over all. */
function clip(counts: Int32Array, limit: number): void {
  let cut = 0;
  for (let i = 0; i < LEVELS; i++) {
    if (counts[i] <= limit) continue;
    cut += counts[i] - limit;
    counts[i] = limit;
  }
  const each = Math.floor(cut / LEVELS);
  let left = cut - each * LEVELS;
  for (let i = 0; i < LEVELS; i++) counts[i] += each;
  const step = Math.max(1, Math.floor(LEVELS / Math.max(1, left)));
  for (let i = 0; i < LEVELS && left > 0; i += step, left--) counts[i]++;
}

function tilesOf(values: Uint8Array, width: number, height: number): Tiles {
  // A picture that cannot be divided is continued by its mirror image: by a whole step where only the other side cannot.
  const isDivisible = width % TILES === 0 && height % TILES === 0;
  const tileWidth = isDivisible ? width / TILES : Math.floor(width / TILES) + 1;
  const tileHeight = isDivisible ? height / TILES : Math.floor(height / TILES) + 1;
  const tables = new Uint8Array(TILES * TILES * LEVELS);
  const pixels = tileWidth * tileHeight;
  const limit = Math.max(1, Math.floor((CLIP_LIMIT * pixels) / LEVELS));
  const scale = Math.fround((LEVELS - 1) / pixels);
  for (let tile = 0; tile < TILES * TILES; tile++) {
    const [left, top] = [(tile % TILES) * tileWidth, Math.floor(tile / TILES) * tileHeight];
    const counts = new Int32Array(LEVELS);
    for (let y = top; y < top + tileHeight; y++) {
      const row = mirrored(y, height) * width;
      for (let x = left; x < left + tileWidth; x++) counts[values[row + mirrored(x, width)]]++;
    }
    clip(counts, limit);
    let sum = 0;
    for (let i = 0; i < LEVELS; i++) {
      sum += counts[i];
      tables[tile * LEVELS + i] = Math.min(LEVELS - 1, roundedToEven(Math.fround(sum * scale)));
    }
  }
  return { width: tileWidth, height: tileHeight, tables };
}

/** Between which two tiles a row or column lies, and the share of the second. */
function between(i: number, length: number): readonly [first: number, second: number, share: number] {
  const at = Math.fround(Math.fround(i * Math.fround(1 / length)) - 0.5);
  const first = Math.floor(at);
  return [Math.max(0, first), Math.min(TILES - 1, first + 1), Math.fround(at - first)];
}

/** The equalised values of a picture of `width × height` whole numbers 0…255: each lies between the tables of the four tiles around it. */
export function equalized(values: Uint8Array, width: number, height: number): Uint8Array {
  const { tables, ...tile } = tilesOf(values, width, height);
  const columns = Array.from({ length: width }, (_, x) => between(x, tile.width));
  const result = new Uint8Array(values.length);
  const mixed = (p: number, q: number, share: number): number =>
    Math.fround(Math.fround(p * Math.fround(1 - share)) + Math.fround(q * share));
  for (let y = 0; y < height; y++) {
    const [above, below, down] = between(y, tile.height);
    for (let x = 0; x < width; x++) {
      const [left, right, across] = columns[x];
      const value = values[y * width + x];
      const at = (row: number, column: number): number => tables[(row * TILES + column) * LEVELS + value];
      const upper = mixed(at(above, left), at(above, right), across);
      const lower = mixed(at(below, left), at(below, right), across);
      result[y * width + x] = roundedToEven(mixed(upper, lower, down));
    }
  }
  return result;
}

/**
 * Evens out the light of one picture that has been cut for a network, where it lies. Its values are rounded to 0…255 on the way, as they
 * are in a picture that comes from a file; grey ones are taken for colours of equal parts.
 */
export function evenLight(tensor: Float32Array, spec: TensorSpec): void {
  const { width, height, color, mean, std } = spec;
  const size = width * height;
  const isGray = color === 'gray';
  const at = (i: number, c: number): number => (isGray ? i : c * size + i);
  const of = (i: number, c: number): number => {
    const channel = isGray ? 0 : c;
    const value = roundedToEven(tensor[at(i, c)] * std[channel] + mean[channel]);
    return Math.min(255, Math.max(0, value));
  };
  const [lightness, a, b] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
  const lab = new Uint8Array(3);
  for (let i = 0; i < size; i++) {
    writeLab(of(i, 0), of(i, 1), of(i, 2), lab);
    lightness[i] = lab[0];
    a[i] = lab[1];
    b[i] = lab[2];
  }
  const even = equalized(lightness, width, height);
  const rgb = new Float64Array(3);
  for (let i = 0; i < size; i++) {
    writeRgb(even[i], a[i], b[i], rgb);
    if (isGray) tensor[i] = (rgb[1] - mean[0]) / std[0];
    else for (let c = 0; c < 3; c++) tensor[at(i, c)] = (rgb[c] - mean[c]) / std[c];
  }
}
