// One verdict for a track: the mean of what was measured in its last frames, with an error that knows that frames err together.
import { verdictOf, type DepthVerdict } from './verdict.ts';
import type { DepthMeasure } from './measure.ts';

/** Frames of a track that are averaged. */
export const AVERAGED_FRAMES = 8;

/**
 * Means of measures of one face. Standard errors follow without knowing how far the errors of frames correlate: of n values with
 * variance σ² each, of which ρσ² is common, the mean has (1 − ρ)σ²/n + ρσ². Their scatter s² about the mean estimates (1 − ρ)σ², so what is missing
 * to σ² is common: s²/n + max(0, σ² − s²). A face that moves scatters by more than σ, and then s²/n remains.
 * Null for none.
 */
export function meanMeasure(measures: readonly DepthMeasure[]): DepthMeasure | null {
  const [first] = measures;
  if (!first) return null;
  if (measures.length === 1) return first;
  const mean = (value: (measure: DepthMeasure) => number): number => meanOf(measures.map(value));
  const drops = measures.flatMap(({ ringDropMm }) => ringDropMm ?? []);
  return {
    distanceMm: mean((m) => m.distanceMm),
    widthMm: mean((m) => m.widthMm),
    sagMm: mean((m) => m.sagMm),
    sagErrorMm: errorOfMean(measures.map((m) => [m.sagMm, m.sagErrorMm])),
    reliefMm: mean((m) => m.reliefMm),
    reliefErrorMm: errorOfMean(measures.map((m) => [m.reliefMm, m.reliefErrorMm])),
    validShare: mean((m) => m.validShare),
    faceShare: mean((m) => m.faceShare),
    pixels: mean((m) => m.pixels),
    ringDropMm: drops.length > 0 ? meanOf(drops) : null,
    aroundShare: mean((m) => m.aroundShare),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function errorOfMean(values: readonly (readonly [value: number, error: number])[]): number {
  const middle = meanOf(values.map(([value]) => value));
  const scatter = values.reduce((sum, [value]) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const single = meanOf(values.map(([, error]) => error ** 2));
  return Math.sqrt(scatter / values.length + Math.max(0, single - scatter));
}

/** What depth says of one track. */
export class TrackDepth {
  /** Of its last frames, the newest last. */
  #measures: (DepthMeasure | null)[] = [];

  /** The verdict over the last frames, after one more. A frame without a measure does not count against it. */
  add(measure: DepthMeasure | null): DepthVerdict {
    this.#measures = [...this.#measures, measure].slice(-AVERAGED_FRAMES);
    return verdictOf(meanMeasure(this.#measures.filter((one) => one !== null)));
  }
}
