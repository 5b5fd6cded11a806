import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import type { FrameAnalysis, SlottedFrame } from '../../../src/main/engine/ports.ts';
import { record, type RecordProgress, type RecordResult, type RecordTask } from '../../../src/main/engine/record.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { person, segment, sessionStart } from '../../fixtures/records.ts';
import { framesOf, openStore, startChild, temporaryFolder } from '../../fixtures/store-folder.ts';
import { ScriptedAnalyzer, ScriptedSource, ScriptedWriter, observedFace } from '../../fixtures/store-scripted.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A recording with everything under the test's control. */
class Recording {
  readonly analyzer = new ScriptedAnalyzer();
  readonly writer = new ScriptedWriter();
  readonly progress: RecordProgress[] = [];
  readonly signal = { aborted: false };
  readonly source: ScriptedSource;
  nowMs = 0;

  constructor(source: ScriptedSource) {
    this.source = source;
  }

  run(changes: Partial<RecordTask> = {}): Promise<RecordResult> {
    const { source, analyzer, writer, signal } = this;
    return record({
      source,
      analyzer,
      writer,
      signal,
      profile: fakeProfile({ first: 1, second: 3 }),
      clock: { monotonicMs: () => this.nowMs, unixMs: () => 0 },
      onProgress: (progress) => void this.progress.push(progress),
      ...changes,
    });
  }

  /** What still goes on, now and a moment later; after the end there must be nothing. */
  async leftovers(): Promise<unknown> {
    const written = this.writer.frames.length;
    const { underWay, slotsInUse } = this.analyzer;
    await sleep(50);
    return { underWay, slotsInUse, writtenLater: this.writer.frames.length - written };
  }
}

const NOTHING_LEFT = { underWay: 0, slotsInUse: 0, writtenLater: 0 };

/** Something to wait for until the test opens it. */
function closedGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** Fails at the frame with this number. */
const failingAt = (bad: number, error: Error) => (sequence: number) => {
  if (sequence === bad) throw error;
};

describe('recording a source to its end', () => {
  it('writes every frame once, as the source has timed it, in order even when the answers come in another', async () => {
    const recording = new Recording(new ScriptedSource(40));
    recording.analyzer.keepsOrder = false;
    recording.analyzer.before = (sequence) => sleep(sequence % 2 ? 0 : 10);
    await recording.run();
    const { frames } = recording.writer;
    expect(frames.map(({ frame }) => frame)).toEqual(
      upTo(40).map((i) => ({
        sequence: i,
        timeMs: 40 * i,
        droppedBefore: i % 3,
        searched: i % 2 === 0,
        name: null,
        gap: null,
      })),
    );
    expect(frames.map(({ faces }) => faces.map(({ sequence }) => sequence))).toEqual(upTo(40).map((i) => [i]));
    expect(await recording.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('tells of every frame that is written, and at the end how many there were and how long it took', async () => {
    const recording = new Recording(new ScriptedSource(8, () => void (recording.nowMs += 250)));
    const result = await recording.run();
    const dropped = [0, 1, 3, 3, 4, 6, 6, 7]; // in front of the frames 0, 1, 2, 0, 1, 2, … are lost
    expect(recording.progress).toEqual(upTo(8).map((i) => ({ frames: i + 1, timeMs: 40 * i, dropped: dropped[i] })));
    // Asked nine times, each a quarter of a second: 8 frames in 2.25 s.
    expect(result).toEqual({ frames: 8, timeMs: 280, dropped: 7, state: 'complete', elapsedMs: 2250 });
    expect(recording.writer.ends).toEqual([{ state: 'complete', problems: [], analysedFps: 8 / 2.25 }]);
  });

  it('passes on who is who with the frame in which it was learned, and what is decided at the end', async () => {
    const recording = new Recording(new ScriptedSource(5));
    recording.analyzer.news = { persons: [person(2)], segments: [segment(1, { lastSequence: 4 })] };
    await recording.run();
    expect(recording.writer.persons).toEqual([person(1), person(2)]);
    expect(recording.writer.segments).toEqual([segment(1), segment(1, { lastSequence: 4 })]);
  });

  it('stores what could not be read and which networks failed', async () => {
    const recording = new Recording(new ScriptedSource(2));
    recording.source.problems = ['The file is cut short.'];
    recording.analyzer.problems = ['The model x failed.'];
    await recording.run();
    expect(recording.writer.ends[0].problems).toEqual(['The file is cut short.', 'The model x failed.']);
  });

  it('is complete with a source that has no frames', async () => {
    const recording = new Recording(new ScriptedSource(0));
    expect(await recording.run()).toEqual({ frames: 0, timeMs: NaN, dropped: 0, state: 'complete', elapsedMs: 0 });
    expect(recording.writer.ends).toEqual([{ state: 'complete', problems: [], analysedFps: 0 }]);
  });

  it('reads on while a frame is looked at, as far as there is memory', async () => {
    const recording = new Recording(new ScriptedSource(20));
    const gate = closedGate();
    recording.analyzer.before = (sequence) => (sequence === 0 ? gate.opened : undefined);
    const running = recording.run();
    await expect.poll(() => recording.analyzer.begun.length).toBeGreaterThanOrEqual(3);
    expect(recording.writer.frames).toEqual([]);
    gate.open();
    await running;
    expect(recording.writer.sequences).toEqual(upTo(20));
  });

  it('reads no further than the store can follow', async () => {
    const recording = new Recording(new ScriptedSource(50));
    const gate = closedGate();
    recording.writer.settling = (frames) => (frames === 3 ? gate.opened : undefined);
    const running = recording.run();
    await expect.poll(() => recording.writer.frames.length).toBe(3);
    await sleep(50);
    expect(recording.source.asked).toBeLessThan(10);
    gate.open();
    await running;
    expect(recording.writer.sequences).toEqual(upTo(50));
  });
});

describe('a face as it is stored', () => {
  const half = scores({ happiness: 1 });
  const other = scores({ sadness: 1 });

  async function facesOf(analysis: Partial<FrameAnalysis>): Promise<ScriptedWriter['frames'][0]['faces']> {
    const recording = new Recording(new ScriptedSource(1));
    recording.analyzer.answer = () => analysis;
    await recording.run();
    return recording.writer.frames[0].faces;
  }

  it('has what was seen, what each network said, and what they say together', async () => {
    const seen = observedFace({ segment: 7 });
    const report = { sequence: 0, searched: true, cut: false, faces: [seen] };
    const [face] = await facesOf({ report, answers: [[half, other]] });
    const { box, landmarks, detectorScore, quality } = seen;
    expect(face).toMatchObject({ sequence: 0, segment: 7, box, landmarks, detectorScore, quality, reason: null });
    expect(face.members).toEqual([half, other]);
    // Weights 1 and 3: a quarter happy, three quarters sad; one of two networks agrees with the commonest choice.
    expect(face.fused).toEqual(scores({ happiness: 0.25, sadness: 0.75 }));
    expect(face.agreement).toBe(0.5);
  });

  it('says why it is not to be trusted: covered, not allowed, or no network answered', async () => {
    const faces = [observedFace(), observedFace(), observedFace(), observedFace()];
    faces[0] = observedFace({ quality: { ...faces[0].quality, occlusion: 0.9 } });
    const report = { sequence: 0, searched: true, cut: false, faces };
    const stored = await facesOf({ report, answers: [[half, half], null, [null, null], [null, other]] });
    expect(stored.map(({ reason }) => reason)).toEqual(['occluded', 'no_consent', 'member_failed', null]);
    expect(stored.map(({ members }) => members)).toEqual([
      [half, half],
      [null, null],
      [null, null],
      [null, other],
    ]);
    const unknown = new Float32Array(EXPRESSIONS.length).fill(NaN);
    expect(stored.map(({ fused }) => fused)).toEqual([half, unknown, unknown, other]);
  });
});

describe('recording a device', () => {
  /** A source that says more of its frames. */
  const device = (count: number, more: (sequence: number) => Partial<SlottedFrame>): ScriptedSource => {
    const source = new ScriptedSource(count);
    const next = source.next.bind(source);
    source.next = async (allocate) => {
      const frame = await next(allocate);
      return frame && { ...frame, ...more(frame.sequence) };
    };
    return source;
  };

  it('writes a gap as a row in front of the frame that ended it, with its events and what was lost in it', async () => {
    const gapBefore = { kind: 'camera_lost', sequence: 2, timeMs: 70, droppedBefore: 4 } as const;
    const back = { sequence: 3, timeMs: 900, droppedBefore: 0, gapBefore };
    const recording = new Recording(device(3, (sequence) => (sequence === 2 ? back : {})));
    const result = await recording.run();
    expect(recording.writer.frames.map(({ frame, faces }) => [frame, faces.length])).toMatchObject([
      [{ sequence: 0, gap: null }, 1],
      [{ sequence: 1, gap: null }, 1],
      [{ sequence: 2, timeMs: 70, droppedBefore: 4, searched: false, name: null, gap: 'source_gap' }, 0],
      [{ sequence: 3, timeMs: 900, droppedBefore: 0, gap: null }, 1],
    ]);
    expect(recording.writer.events).toEqual([
      { timeMs: 70, kind: 'camera_lost', detail: null },
      { timeMs: 900, kind: 'camera_back', detail: null },
    ]);
    expect(result).toMatchObject({ frames: 3, dropped: 0 + 1 + 4 });
  });

  it('reads both clocks at the first frame, every ten seconds and at the end', async () => {
    const captured = (i: number) => ({ timeMs: 4000 * i, capturedUnixMs: 1_700_000_000_000 + 4001 * i });
    const recording = new Recording(device(8, captured));
    await recording.run();
    const readings = [0, 3, 6, 7].map((i) => ({ timeMs: 4000 * i, unixMs: 1_700_000_000_000 + 4001 * i }));
    expect(recording.writer.readings).toEqual(readings);
  });

  it('reads no clock of a file', async () => {
    const recording = new Recording(new ScriptedSource(3));
    await recording.run();
    expect(recording.writer.readings).toEqual([]);
  });
});

describe('a recording that is broken off', () => {
  it('keeps and closes what was recorded', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const recording = new Recording(new ScriptedSource(1000));
    const onProgress = ({ frames }: RecordProgress): void => void (recording.signal.aborted = frames >= 20);
    const result = await recording.run({ writer: await store.begin(sessionStart('aaaa')), onProgress });
    expect(result.state).toBe('interrupted');
    expect(result.frames).toBeGreaterThanOrEqual(20);
    expect(result.frames).toBeLessThan(30); // those under way are finished
    expect(recording.analyzer.begun).toEqual(upTo(result.frames));
    expect(await recording.leftovers()).toEqual(NOTHING_LEFT);
    expect(store.session('aaaa')).toMatchObject({ state: 'interrupted', frames: result.frames });
    expect(framesOf(store, 'aaaa').map(({ frame }) => frame.sequence)).toEqual(upTo(result.frames));
  });

  it('before it has begun is an empty session', async () => {
    const recording = new Recording(new ScriptedSource(10));
    recording.signal.aborted = true;
    expect(await recording.run()).toMatchObject({ state: 'interrupted', frames: 0 });
    expect(recording.source.asked).toBe(0);
    expect(recording.writer.ends).toMatchObject([{ state: 'interrupted' }]);
  });
});

describe('a recording in which something fails', () => {
  const error = new Error('gone');

  it('keeps what a source gave before it failed', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const recording = new Recording(new ScriptedSource(100, failingAt(30, error)));
    const writer = await store.begin(sessionStart('aaaa'));
    await expect(recording.run({ writer })).rejects.toBe(error);
    expect(await recording.leftovers()).toEqual(NOTHING_LEFT);
    await store.close();
    const again = await openStore(folder);
    expect(again.session('aaaa').state).toBe('interrupted');
    expect(framesOf(again, 'aaaa').map(({ frame }) => frame.sequence)).toEqual(upTo(30));
  });

  it('ends only when what was under way has ended', async () => {
    const recording = new Recording(new ScriptedSource(100, failingAt(10, error)));
    recording.analyzer.before = () => sleep(5);
    await expect(recording.run()).rejects.toBe(error);
    expect(await recording.leftovers()).toEqual(NOTHING_LEFT);
    expect(recording.writer.sequences).toEqual(upTo(10));
  });

  it('keeps the frames before the one on which the networks failed, and none after it', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const recording = new Recording(new ScriptedSource(100));
    recording.analyzer.before = failingAt(30, error);
    await expect(recording.run({ writer: await store.begin(sessionStart('aaaa')) })).rejects.toBe(error);
    expect(await recording.leftovers()).toEqual(NOTHING_LEFT);
    expect(recording.source.asked).toBeLessThan(40);
    await store.close();
    const again = await openStore(folder);
    expect(again.session('aaaa').state).toBe('interrupted');
    expect(framesOf(again, 'aaaa').map(({ frame }) => frame.sequence)).toEqual(upTo(30));
  });

  it('stops when nothing more can be stored', async () => {
    const recording = new Recording(new ScriptedSource(100));
    recording.writer.settling = (frames) => failingAt(5, error)(frames);
    await expect(recording.run()).rejects.toBe(error);
    expect(recording.source.asked).toBeLessThan(15);
    expect(recording.writer.ends.map(({ state }) => state)).not.toContain('complete');
    expect(await recording.leftovers()).toEqual(NOTHING_LEFT);
  });

  it('is not called complete when nobody can say at the end who is who', async () => {
    const recording = new Recording(new ScriptedSource(3));
    recording.analyzer.finish = () => Promise.reject(error);
    await expect(recording.run()).rejects.toBe(error);
    expect(recording.writer.ends.map(({ state }) => state)).not.toContain('complete');
  });

  it('says so and does not take the program down, while the store is still busy', async () => {
    const child = startChild('store-failing-networks.ts', []);
    expect(await child.ended).toBe(0);
    expect(child.lines).toEqual(['the networks are gone']);
  });
});
