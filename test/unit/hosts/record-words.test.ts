import { describe, expect, it } from 'vitest';
import type { FaceRecord } from '../../../src/main/core/record.ts';
import { liveText } from '../../../src/main/hosts/cli/live-line.ts';
import { parseDuration } from '../../../src/main/hosts/cli/options.ts';

describe('how long a recording is to be', () => {
  it.each([
    ['90s', 90],
    ['90', 90],
    ['10m', 600],
    ['1h30m', 5400],
    ['1h0m5s', 3605],
    ['2.5s', 2.5],
    [' 24h ', 86_400],
  ])('is understood as %s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', '0s', '-5s', '10 minutes', '24h1s', '5m3h', '1h30', '10m30', 'Infinity', '1.s', '1.'])(
    'is refused as "%s"',
    (text) => expect(() => parseDuration(text)).toThrow('Give a time such as'),
  );
});

describe('the line of a recording', () => {
  const face = (verdict: 'accept' | 'flat' | null) =>
    ({ depth: verdict && { verdict, distanceMm: 900, widthMm: 150 } }) as unknown as FaceRecord;
  const progress = { frames: 100, timeMs: 65_000, dropped: 3 };

  it('says how fast it is, what depth says of each face, and what was lost', () => {
    const written = [0, 100, 200, 300, 400]; // four intervals in 0.4 s
    const faces = [face('flat'), face('accept'), face('accept'), face(null)];
    expect(liveText('Kinect v1', progress, written, faces)).toBe(
      'Kinect v1 1:05: 10 frames a second, 4 faces (depth: 1 × flat, 2 × a face), 3 dropped',
    );
  });

  it('says nothing that is not known yet', () => {
    expect(liveText('Kinect v1', { ...progress, timeMs: 0 }, [7], [])).toBe('Kinect v1 0:00: 0 faces, 3 dropped');
  });
});
