import { describe, expect, it } from 'vitest';
import { LossCollector } from '../../../src/main/core/losses.ts';
import type { FrameRecord } from '../../../src/main/core/record.ts';
import { frameOf } from '../../fixtures/timeline-rows.ts';

type Counted = readonly [sequence: number, durationSeconds: number, more?: Partial<FrameRecord>];

function lossesOf(records: readonly Counted[]): LossCollector {
  const losses = new LossCollector();
  for (const [sequence, durationSeconds, more] of records)
    losses.add({ frame: frameOf(sequence, more), durationSeconds });
  return losses;
}

const told = ({ lost, pauses, sourceGaps, framesPerSecond }: LossCollector): unknown => ({
  ...{ lost, pauses, sourceGaps, framesPerSecond },
});

const NONE = { count: 0, seconds: 0 };

describe('what a recording did not see', () => {
  it('is nothing where there is nothing', () => {
    expect(told(lossesOf([]))).toEqual({ lost: 0, pauses: NONE, sourceGaps: NONE, framesPerSecond: NaN });
  });

  it('is counted once for each record, however many people have a row of it', () => {
    const records: Counted[] = [
      [0, 0.25],
      [1, 0.25, { gap: 'dropped' }],
      [2, 60, { gap: 'paused' }],
      [3, 0.25],
      [4, 5, { gap: 'source_gap' }],
      [5, 1, { gap: 'paused' }],
      [6, 0.25, { droppedBefore: 2 }],
    ];
    expect(told(lossesOf(records.flatMap((record) => [record, record])))).toEqual({
      lost: 3,
      pauses: { count: 2, seconds: 61 },
      sourceGaps: { count: 1, seconds: 5 },
      framesPerSecond: 3, // 3 frames in 1 s: the dropped one counts as time
    });
  });

  it('counts the time of frames that are no rows', () => {
    const records: Counted[] = [
      [0, 0.25],
      [4, 0.25, { droppedBefore: 3 }],
      [6, 5, { gap: 'source_gap', droppedBefore: 1 }],
      [7, 0.5],
    ];
    const losses = lossesOf(records.flatMap((record) => [record, record]));
    expect(told(losses)).toMatchObject({ lost: 4, framesPerSecond: 1.5 }); // 3 frames in 2 s, of which lost ones took 1
  });

  it('knows no rate of pictures', () => {
    expect(
      lossesOf([
        [0, NaN],
        [1, NaN],
      ]).framesPerSecond,
    ).toBeNaN();
  });
});
