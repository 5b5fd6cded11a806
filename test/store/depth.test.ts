// What depth said of faces, as a session keeps it.
import { expect, it } from 'vitest';
import type { FaceDepth } from '../../src/main/core/record.ts';
import { frameRecord, segment, sessionStart } from '../fixtures/records.ts';
import { faceIn } from '../fixtures/store-contents.ts';
import { framesOf, openStore, temporaryFolder } from '../fixtures/store-folder.ts';

const flat = (distanceMm: number): FaceDepth => ({ verdict: 'flat', distanceMm, widthMm: 140 });
const WIDE: FaceDepth = { verdict: 'size', distanceMm: NaN, widthMm: NaN };

it('depth comes back with each face, and what it rejected is listed track by track', async () => {
  const store = await openStore(temporaryFolder());
  const writer = await store.begin(sessionStart('aaaa'));
  const rejected = (sequence: number, of: 2 | 3, depth: FaceDepth) => ({
    ...faceIn(sequence, 1),
    ...{ segment: of, depth, reason: 'depth_rejected' as const },
  });
  const person = {
    ...faceIn(0, 1),
    segment: 1,
    depth: { verdict: 'accept', distanceMm: 1000.5, widthMm: 151 } as const,
  };
  const records = [
    { frame: frameRecord(0, { timeMs: 0 }), faces: [person, rejected(0, 3, WIDE)] },
    { frame: frameRecord(1, { timeMs: 40 }), faces: [rejected(1, 2, flat(1200)), rejected(1, 3, flat(900))] },
    { frame: frameRecord(2, { timeMs: 80 }), faces: [rejected(2, 2, flat(1300))] },
  ];
  for (const { frame, faces } of records) writer.frame(frame, faces);
  writer.identity(
    [],
    [1, 2, 3].map((id) => segment(id, { person: null, lastSequence: 2 })),
  );
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
  expect(framesOf(store, 'aaaa')).toEqual(records);
  const { rejections } = store.read(store.session('aaaa'));
  expect(rejections).toEqual([
    {
      ...{ firstSequence: 0, lastSequence: 1, firstMs: 0, lastMs: 40, frames: 2 },
      ...{ verdicts: ['flat', 'size'], distanceMm: 900 },
    },
    {
      ...{ firstSequence: 1, lastSequence: 2, firstMs: 40, lastMs: 80, frames: 2 },
      ...{ verdicts: ['flat'], distanceMm: 1250 },
    },
  ]);
  await store.close();
});
