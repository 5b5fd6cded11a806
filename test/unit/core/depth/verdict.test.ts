import { describe, expect, it } from 'vitest';
import { AVERAGED_FRAMES, meanMeasure, TrackDepth } from '../../../../src/main/core/depth/average.ts';
import type { DepthMeasure } from '../../../../src/main/core/depth/measure.ts';
import { isRejection, verdictOf, type DepthVerdict } from '../../../../src/main/core/depth/verdict.ts';
import { faceMeasure } from '../../../fixtures/depth.ts';

const flat = { sagMm: 0, sagErrorMm: 1, reliefMm: 0, ringDropMm: 0 };

describe('the verdict', () => {
  const cases: [string, DepthVerdict, Partial<DepthMeasure>][] = [
    ['a face', 'accept', {}],
    ['half of the box with depth', 'accept', { validShare: 0.5 }],
    ['less than half of the box with depth', 'unknown', { validShare: 0.49 }],
    ['a photograph of which less than half has depth', 'unknown', { ...flat, validShare: 0.49 }],
    ['40 pixels', 'accept', { pixels: 40 }],
    ['fewer than 40 pixels', 'unknown', { pixels: 39 }],
    ['a box that a thing fills to a third only', 'unknown', { faceShare: 0.34 }],
    ['the least width', 'accept', { widthMm: 85 }],
    ['less than the least width', 'size', { widthMm: 84.9 }],
    ['the greatest width', 'accept', { widthMm: 290 }],
    ['more than the greatest width', 'size', { widthMm: 290.1 }],
    ['a box drawn wide around a head', 'unknown', { widthMm: 320, faceShare: 0.6 }],
    ['a flat picture', 'flat', flat],
    ['a flat picture that nothing is around', 'flat', { ...flat, ringDropMm: null }],
    ['a picture bent to 150 mm', 'flat', { ...flat, sagMm: 8.2, ringDropMm: 15 }],
    ['a head in profile with a small sag', 'unknown', { sagMm: 6, reliefMm: 20 }],
    ['as round as the limit between', 'accept', { sagMm: 11.1 }],
    ['less round than that', 'unknown', { sagMm: 11 }],
    ['a round thing that goes on around', 'unknown', { aroundShare: 0.56 }],
    ['a little round in a plane', 'unknown', { sagMm: 13.9, ringDropMm: 10 }],
    ['as round as a head in a plane', 'accept', { sagMm: 14, ringDropMm: 10 }],
    ['noise on a poster far away', 'in_plane', { ...flat, sagMm: 13, sagErrorMm: 7, ringDropMm: 5 }],
    [
      'noise on a poster, less far from what is around',
      'unknown',
      { ...flat, sagMm: 13, sagErrorMm: 7, ringDropMm: 13 },
    ],
    ['noise on a poster that seems flat', 'in_plane', { ...flat, sagMm: 3, sagErrorMm: 7 }],
    ['noise on something alone', 'unknown', { ...flat, sagMm: 3, sagErrorMm: 7, ringDropMm: 300 }],
    ['a face far away, alone', 'accept', { sagMm: 25, sagErrorMm: 20 }],
    ['a face far away before a plane', 'unknown', { sagMm: 25, sagErrorMm: 10, ringDropMm: 15 }],
  ];
  it.each(cases)('on %s is %s', (_, verdict, more) => {
    expect(verdictOf(faceMeasure(more))).toBe(verdict);
  });

  it('without a measure is unknown, which is no rejection', () => {
    expect(verdictOf(null)).toBe('unknown');
    expect((['flat', 'size', 'in_plane'] as const).every(isRejection)).toBe(true);
    expect((['accept', 'unknown'] as const).some(isRejection)).toBe(false);
  });
});

describe('the mean of measures', () => {
  const sags = (values: readonly number[], error: number): DepthMeasure | null =>
    meanMeasure(values.map((sagMm) => faceMeasure({ sagMm, sagErrorMm: error })));

  it('of one is itself, of none is none', () => {
    const one = faceMeasure();
    expect(meanMeasure([one])).toBe(one);
    expect(meanMeasure([])).toBeNull();
  });

  it('errs by σ/√n where frames scatter as much as they err', () => {
    const mean = sags([9, 11], Math.SQRT2); // s² = 2 = σ²
    expect(mean?.sagMm).toBe(10);
    expect(mean?.sagErrorMm).toBeCloseTo(1, 9); // √(2/2)
  });

  it('errs by σ where frames err together', () => {
    expect(sags([10, 10, 10, 10], 3)?.sagErrorMm).toBeCloseTo(3, 9);
  });

  it('errs by what lies between where a part is common', () => {
    // s² = 2, σ² = 5: 2/2 + 3
    expect(sags([9, 11], Math.sqrt(5))?.sagErrorMm).toBeCloseTo(2, 9);
  });

  it('errs by the scatter of a face that moves', () => {
    expect(sags([6, 14], 1)?.sagErrorMm).toBeCloseTo(4, 9); // s² = 32, 32/2
  });

  it('leaves out rings that are not known', () => {
    const rings = [null, 10, 30].map((ringDropMm) => faceMeasure({ ringDropMm }));
    expect(meanMeasure(rings)?.ringDropMm).toBe(20);
    expect(meanMeasure([faceMeasure({ ringDropMm: null }), faceMeasure({ ringDropMm: null })])?.ringDropMm).toBeNull();
  });
});

describe('a track', () => {
  it('becomes sure with its frames', () => {
    const track = new TrackDepth();
    const unsure = (sagMm: number): DepthMeasure => faceMeasure({ sagMm, sagErrorMm: 12, ringDropMm: 15 });
    expect(track.add(unsure(30))).toBe('unknown'); // 30 < 2.75 × 12
    for (const sagMm of [20, 40, 25, 35, 18, 42]) track.add(unsure(sagMm));
    expect(track.add(unsure(30))).toBe('accept');
  });

  it('forgets what is older than its last frames, frames without depth included', () => {
    const track = new TrackDepth();
    track.add(faceMeasure(flat));
    expect(track.add(null)).toBe('flat');
    for (let i = 2; i < AVERAGED_FRAMES; i++) expect(track.add(null)).toBe('flat');
    expect(track.add(null)).toBe('unknown');
  });
});
