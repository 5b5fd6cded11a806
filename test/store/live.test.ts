// What only a live recording stores: gaps, markers, events, the two clocks, and what it is for.
import { describe, expect, it } from 'vitest';
import type { ClockReading, FrameRecord, Marker, SessionEvent } from '../../src/main/core/record.ts';
import type { SessionEnd, SessionReader, SessionWriter } from '../../src/main/engine/ports.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CAMERA, SETUP, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { faceIn } from '../fixtures/store-contents.ts';
import { NOW_MS, framesOf, openStore, temporaryFolder } from '../fixtures/store-folder.ts';

const COMPLETE: SessionEnd = { state: 'complete', problems: [], analysedFps: 30 };

const newStore = (): Promise<RecordingStore> => openStore(temporaryFolder());

const begin = (store: RecordingStore, id = 'aaaa'): Promise<SessionWriter> =>
  store.begin(sessionStart(id, { source: CAMERA, firstFrameUnixMs: 1_789_999_999_999.25, setup: SETUP }));

const readerOf = (store: RecordingStore, id = 'aaaa'): SessionReader => store.read(store.session(id));

const gap = (sequence: number, timeMs: number, why: FrameRecord['gap']): FrameRecord =>
  frameRecord(sequence, { timeMs, gap: why, searched: false });

const marker = (id: string, timeMs: number, label = id): Marker => ({ id, timeMs, label });

/** Length and count of frames of a camera session with these records. */
async function lengthOf(
  records: readonly FrameRecord[],
): Promise<readonly [durationMs: number | null, frames: number]> {
  const store = await newStore();
  const writer = await begin(store);
  for (const record of records) writer.frame(record, []);
  await writer.end(COMPLETE);
  const { durationMs, frames } = store.session('aaaa');
  return [durationMs, frames];
}

describe('a camera session', () => {
  it('says what it is for and when it began', async () => {
    const store = await newStore();
    await begin(store);
    expect(store.session('aaaa')).toMatchObject({
      source: CAMERA,
      setup: SETUP,
      firstFrameUnixMs: 1_789_999_999_999.25,
    });
  });

  it('keeps gaps as rows, and counts captured frames only', async () => {
    const store = await newStore();
    const writer = await begin(store);
    const records = [
      { frame: frameRecord(0, { timeMs: 0 }), faces: [faceIn(0, 0)] },
      { frame: gap(1, 33.25, 'dropped'), faces: [] },
      { frame: gap(2, 66.5, 'paused'), faces: [] },
      { frame: gap(3, 5066.5, 'source_gap'), faces: [] },
      { frame: frameRecord(4, { timeMs: 6000 }), faces: [] },
    ];
    for (const { frame, faces } of records) writer.frame(frame, faces);
    await writer.end(COMPLETE);
    expect(framesOf(store, 'aaaa')).toEqual(records);
    expect(store.session('aaaa').frames).toBe(2);
  });

  it('lasts from its first record to the end of its last', async () => {
    expect(await lengthOf([])).toEqual([null, 0]);
    expect(await lengthOf([frameRecord(0, { timeMs: 0 })])).toEqual([0, 1]);
    const two = [frameRecord(0, { timeMs: 10 }), frameRecord(1, { timeMs: 50 })];
    expect(await lengthOf(two)).toEqual([80, 2]);
    // The last frame stands for as long as the one before it, not for as long as the pause; a pause at the end for nothing.
    expect(await lengthOf([...two, gap(2, 90, 'paused'), frameRecord(3, { timeMs: 5000 })])).toEqual([5030, 3]);
    expect(await lengthOf([...two, gap(2, 90, 'source_gap')])).toEqual([80, 2]);
    expect(await lengthOf([...two, gap(2, 90, 'dropped')])).toEqual([120, 2]);
    expect(await lengthOf([gap(0, 0, 'paused'), frameRecord(1, { timeMs: 3000 })])).toEqual([3000, 1]);
  });

  it('keeps markers, events and readings of the clocks to the last bit, in order of time', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const writer = await begin(store);
    const events: SessionEvent[] = [
      { timeMs: 20.5, kind: 'paused', detail: null },
      { timeMs: 20.5, kind: 'scores_hidden', detail: 'by “the operator”' },
      { timeMs: 10, kind: 'assigned', detail: '' },
    ];
    const clock: ClockReading[] = [10_000, 0, 20_000.125].map((timeMs) => ({ timeMs, unixMs: NOW_MS + timeMs }));
    for (const event of events) writer.event(event);
    for (const reading of clock) writer.clock(reading);
    for (const item of [marker('b', 7, 'Anfang: 顔'), marker('a', 1 / 3), marker('c', -40)]) writer.marker(item);
    await writer.end(COMPLETE);
    await store.close();
    const stored = readerOf(await openStore(folder));
    expect(stored.events).toEqual([events[2], events[0], events[1]]);
    expect(stored.clock).toEqual([clock[1], clock[0], clock[2]]);
    expect(stored.markers).toEqual([marker('c', -40), marker('a', 1 / 3), marker('b', 7, 'Anfang: 顔')]);
  });

  it('knows of a marker what was said last, and keeps those of other sessions apart', async () => {
    const store = await newStore();
    const [one, two] = [await begin(store), await begin(store, 'bbbb')];
    one.marker(marker('m', 5, 'first'));
    one.marker(marker('m', 6, 'second'));
    two.marker(marker('m', 7, 'other'));
    await Promise.all([one.end(COMPLETE), two.end(COMPLETE)]);
    expect(readerOf(store).markers).toEqual([marker('m', 6, 'second')]);
    expect(readerOf(store, 'bbbb').markers).toEqual([marker('m', 7, 'other')]);
  });

  it('refuses what has no time at once, and goes on', async () => {
    const store = await newStore();
    const writer = await begin(store);
    for (const timeMs of [NaN, Infinity]) {
      expect(() => writer.marker(marker('m', timeMs))).toThrow(RangeError);
      expect(() => writer.event({ timeMs, kind: 'paused', detail: null })).toThrow(RangeError);
      expect(() => writer.clock({ timeMs, unixMs: 0 })).toThrow(RangeError);
    }
    writer.frame(frameRecord(0), []);
    await writer.end(COMPLETE);
    expect(store.session('aaaa').state).toBe('complete');
    expect(readerOf(store)).toMatchObject({ markers: [], events: [], clock: [] });
  });

  it('counts nobody who was gone before it began', async () => {
    const store = await newStore();
    const writer = await begin(store);
    writer.frame(frameRecord(0), [faceIn(0, 0)]); // of segment 1
    writer.identity(
      [1, 2, 3].map((id) => person(id)),
      [
        segment(1, { person: 1, firstSequence: -90, lastSequence: -90 }), // nobody has told yet how far it goes
        segment(2, { person: 2, firstSequence: -90, lastSequence: -1 }),
        segment(3, { person: 3, firstSequence: -9, lastSequence: 0 }),
      ],
    );
    await writer.end(COMPLETE);
    expect(store.personCount('aaaa')).toBe(2);
  });
});
