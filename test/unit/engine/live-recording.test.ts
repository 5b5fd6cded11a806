import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Person, Segment } from '../../../src/main/core/persons.ts';
import type { GapReason } from '../../../src/main/core/record.ts';
import { LiveRecording, type AnalysedFrame, type WhoIsWho } from '../../../src/main/engine/live-recording.ts';
import { faceRecord, person, segment } from '../../fixtures/records.ts';
import { ScriptedWriter } from '../../fixtures/store-scripted.ts';
import { ScriptedVideo, VIDEO_PICTURE } from '../../fixtures/video.ts';

/** When the camera captured its first frame. */
const START_MS = 1_790_000_000_000.5;
const EVERY_MS = 40;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Who is who is known of everybody when the recording ends. */
const nothingOpen = (): Promise<WhoIsWho> => Promise.resolve({ persons: new Map(), changed: [] });

const COMPLETE = { state: 'complete', problems: [] } as const;

/** A camera at 25 frames a second, whose frames take 3 ms to the program and whose analyses come at once. */
class Camera {
  readonly writer = new ScriptedWriter();
  /** The first frames' times as the session was begun with. */
  readonly begun: number[] = [];
  readonly recording: LiveRecording;
  readonly persons = new Map<number, Person>();
  /** Time of the next frame since the first one. */
  atMs = 0;

  constructor(begin: () => Promise<void> = () => Promise.resolve()) {
    this.recording = new LiveRecording(async (firstFrameUnixMs) => {
      this.begun.push(firstFrameUnixMs);
      await begin();
      return this.writer;
    });
  }

  /** Shows a frame with the faces of these segments; `changed` are others that it has news of. */
  frame(segments: readonly Segment[] = [], changed: readonly Segment[] = []): void {
    const faces = segments.map(({ id }) => faceRecord(id, { sequence: 4711, segment: id }));
    this.analysedAs(Promise.resolve({ searched: true, faces, found: [], segments, persons: this.persons, changed }));
  }

  frames(count: number): void {
    for (let i = 0; i < count; i++) this.frame();
  }

  analysedAs(analysis: Promise<AnalysedFrame>, lagMs = 3): void {
    const unixMs = START_MS + this.atMs;
    this.atMs += EVERY_MS;
    this.recording.frame({ unixMs, arrivedUnixMs: unixMs + lagMs }, analysis);
  }

  /** A frame that never comes to the program. */
  drop(): void {
    this.recording.dropped(START_MS + this.atMs);
    this.atMs += EVERY_MS;
  }

  async stop(): Promise<ScriptedWriter> {
    await this.recording.stop('complete', () => [], nothingOpen);
    return this.writer;
  }

  /** The rows so far: number, time, and why there is no picture. */
  get rows(): (readonly [sequence: number, timeMs: number, gap: GapReason | null])[] {
    return this.writer.frames.map(({ frame: { sequence, timeMs, gap } }) => [sequence, timeMs, gap]);
  }

  get events(): (readonly [kind: string, timeMs: number])[] {
    return this.writer.events.map(({ kind, timeMs }) => [kind, timeMs]);
  }
}

const analysed = (searched: boolean): AnalysedFrame => ({
  searched,
  faces: [],
  found: [],
  segments: [],
  persons: new Map(),
  changed: [],
});

describe('the rows of a recording', () => {
  it('are the frames, numbered without holes, at the times of their capture since the first one', async () => {
    const camera = new Camera();
    camera.frame([segment(1)]);
    camera.frames(2);
    await camera.stop();
    expect(camera.begun).toEqual([START_MS]);
    expect(camera.recording.firstFrameUnixMs).toBe(START_MS);
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, null],
      [2, 80, null],
    ]);
    expect(camera.writer.frames[0]).toEqual({
      frame: { sequence: 0, timeMs: 0, droppedBefore: 0, searched: true, name: null, gap: null },
      faces: [faceRecord(1, { sequence: 0, segment: 1 })],
    });
    // Three frames, of which the last came after 0.08 s: 25 a second.
    expect(camera.writer.ends).toEqual([{ ...COMPLETE, analysedFps: 25 }]);
  });

  it('keep their order, however late the analyses come and however long the session takes to begin', async () => {
    const camera = new Camera(() => sleep(20));
    for (const lateMs of [30, 0, 15, 0]) camera.analysedAs(sleep(lateMs).then(() => analysed(lateMs === 0)));
    camera.drop();
    camera.recording.mark(START_MS + 20, 'early');
    expect(camera.writer.frames).toEqual([]);
    await camera.stop();
    expect(camera.rows.map(([sequence, timeMs]) => [sequence, timeMs])).toEqual(upTo(5).map((i) => [i, 40 * i]));
    expect(camera.writer.frames.map(({ frame }) => frame.searched)).toEqual([false, true, false, true, false]);
  });

  it('have dropped frames among them, at their times and under numbers of their own', async () => {
    const camera = new Camera();
    camera.frame();
    camera.drop();
    camera.drop();
    camera.frame();
    await camera.stop();
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, 'dropped'],
      [2, 80, 'dropped'],
      [3, 120, null],
    ]);
    expect(camera.writer.frames[1]).toEqual({
      frame: { sequence: 1, timeMs: 40, droppedBefore: 0, searched: false, name: null, gap: 'dropped' },
      faces: [],
    });
    expect(camera.recording.counts).toEqual({ frames: 2, dropped: 2, refused: 0, seconds: 0.12 });
  });

  it('do not begin with frames that were dropped before the first one', async () => {
    const camera = new Camera();
    camera.drop();
    expect(camera.recording.counts).toEqual({ frames: 0, dropped: 0, refused: 0, seconds: 0 });
    expect(camera.recording.firstFrameUnixMs).toBeNull();
    camera.frame();
    await camera.stop();
    expect(camera.begun).toEqual([START_MS + 40]);
    expect(camera.rows).toEqual([[0, 0, null]]);
  });

  it('have no time twice and none that goes back; what is refused for that is counted and said', async () => {
    const camera = new Camera();
    for (const atMs of [0, 40, 40, 39.9, 41]) {
      camera.atMs = atMs;
      camera.frame();
    }
    for (const atMs of [41, 12]) {
      camera.atMs = atMs;
      camera.drop();
    }
    await camera.stop();
    expect(camera.rows.map(([, timeMs]) => timeMs)).toEqual([0, 40, 41]);
    expect(camera.recording.counts).toEqual({ frames: 3, dropped: 0, refused: 4, seconds: 0.041 });
    expect(camera.writer.ends[0].problems).toEqual([expect.stringMatching(/^4 frames have no row, /)]);
  });
});

describe('a pause', () => {
  it('is one row at the first frame that is not recorded', async () => {
    const camera = new Camera();
    camera.frames(2);
    camera.recording.pause();
    expect(camera.recording.isPaused).toBe(true);
    camera.drop();
    camera.frames(2);
    camera.drop();
    camera.frame();
    camera.recording.resume();
    expect(camera.recording.isPaused).toBe(false);
    camera.drop();
    camera.frames(2);
    await camera.stop();
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, null],
      [2, 120, 'paused'],
      [3, 320, null],
      [4, 360, null],
    ]);
    expect(camera.events).toEqual([
      ['paused', 120],
      ['resumed', 320],
    ]);
    expect(camera.recording.counts).toEqual({ frames: 4, dropped: 0, refused: 0, seconds: 0.36 });
  });

  it.each([
    ['paused', ['pause', 'pause'], ['resume', 'resume']],
    ['paused again before a frame came', ['pause'], ['resume', 'pause', 'resume']],
  ] as const)('that is asked for twice is one: %s', async (_, begin, end) => {
    const camera = new Camera();
    camera.frame();
    for (const action of begin) camera.recording[action]();
    camera.frame();
    for (const action of end) camera.recording[action]();
    camera.frame();
    await camera.stop();
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, 'paused'],
      [2, 80, null],
    ]);
    expect(camera.events).toEqual([
      ['paused', 40],
      ['resumed', 80],
    ]);
  });

  it('goes on when it is asked for again before a frame has ended it', async () => {
    const camera = new Camera();
    camera.frame();
    camera.recording.pause();
    camera.frame();
    camera.recording.resume();
    camera.recording.pause();
    expect(camera.recording.isPaused).toBe(true);
    camera.frames(3);
    await camera.stop();
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, 'paused'],
    ]);
    expect(camera.events).toEqual([['paused', 40]]);
  });

  it('that no frame has noticed is none', async () => {
    const camera = new Camera();
    camera.frame();
    camera.recording.pause();
    camera.recording.resume();
    camera.frame();
    await camera.stop();
    expect(camera.rows.map(([, , gap]) => gap)).toEqual([null, null]);
    expect(camera.events).toEqual([]);
  });

  it('before the first frame puts the beginning off, and nothing else', async () => {
    const camera = new Camera();
    camera.recording.pause();
    camera.frames(3);
    camera.recording.resume();
    camera.frame();
    await camera.stop();
    expect(camera.begun).toEqual([START_MS + 120]);
    expect(camera.rows).toEqual([[0, 0, null]]);
    expect(camera.events).toEqual([]);
  });
});

describe('a camera that is gone', () => {
  it('is one row where its next frame would have been, and is told when it goes and when it is back', async () => {
    const camera = new Camera();
    camera.frames(3);
    expect(camera.recording.isCameraGone).toBe(false);
    camera.recording.lost('camera_lost');
    expect(camera.recording.isCameraGone).toBe(true);
    camera.recording.lost('slept');
    camera.atMs = 5000;
    camera.frames(2);
    expect(camera.recording.isCameraGone).toBe(false);
    await camera.stop();
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, null],
      [2, 80, null],
      [3, 120, 'source_gap'],
      [4, 5000, null],
      [5, 5040, null],
    ]);
    expect(camera.events).toEqual([
      ['camera_lost', 120],
      ['camera_back', 5000],
    ]);
  });

  it('leaves a gap as long as an interval between frames, whatever gaps there were before', async () => {
    const camera = new Camera();
    camera.frames(2);
    camera.recording.lost('camera_lost');
    camera.atMs = 5000;
    camera.frame();
    camera.recording.lost('camera_lost'); // nobody knows a newer interval than that of 40 ms
    camera.atMs = 9000;
    camera.frame();
    camera.drop();
    camera.atMs = 9100;
    camera.frame(); // 60 ms after the frame that was dropped
    camera.recording.lost('camera_lost');
    await camera.stop();
    expect(camera.rows.filter(([, , gap]) => gap === 'source_gap').map(([, timeMs]) => timeMs)).toEqual([
      80, 5040, 9160,
    ]);
  });

  it('because the machine slept is told as that', async () => {
    const camera = new Camera();
    camera.frames(2);
    camera.recording.lost('slept');
    camera.atMs = 60_000;
    camera.frame();
    await camera.stop();
    expect(camera.rows.slice(2)).toEqual([
      [2, 80, 'source_gap'],
      [3, 60_000, null],
    ]);
    expect(camera.events).toEqual([
      ['slept', 80],
      ['camera_back', 60_000],
    ]);
  });

  it('is no news before the first frame and in a pause', async () => {
    const camera = new Camera();
    camera.recording.lost('camera_lost');
    expect(camera.recording.isCameraGone).toBe(false);
    camera.frame();
    camera.recording.pause();
    camera.frame();
    camera.recording.lost('camera_lost');
    camera.recording.resume();
    camera.recording.lost('camera_lost');
    camera.frame();
    await camera.stop();
    expect(camera.rows.map(([, , gap]) => gap)).toEqual([null, 'paused', null]);
    expect(camera.events.map(([kind]) => kind)).toEqual(['paused', 'resumed']);
  });

  it('when a pause was asked for, which begins with a frame, does not make the last frame last until then', async () => {
    const camera = new Camera();
    camera.frames(2);
    camera.recording.pause();
    camera.recording.lost('camera_lost');
    camera.atMs += 300_000;
    camera.frame();
    await camera.stop();
    expect(camera.rows.map(([, , gap]) => gap)).toEqual([null, null, 'source_gap', 'paused']);
    expect(camera.rows[2][1]).toBe(2 * EVERY_MS);
  });

  it('shows scores from the first frame on where they were shown before it', async () => {
    const camera = new Camera();
    camera.recording.event('scores_shown', null);
    camera.frames(2);
    await camera.stop();
    expect(camera.events.map(([kind]) => kind)).toEqual(['scores_shown']);
  });

  it('and comes back in a pause is both, one after the other', async () => {
    const camera = new Camera();
    camera.frames(2);
    camera.recording.lost('camera_lost');
    camera.recording.pause();
    camera.atMs = 3000;
    camera.frames(2);
    camera.recording.resume();
    camera.frame();
    await camera.stop();
    expect(camera.rows).toEqual([
      [0, 0, null],
      [1, 40, null],
      [2, 80, 'source_gap'],
      [3, 3000, 'paused'],
      [4, 3080, null],
    ]);
    expect(camera.events).toEqual([
      ['camera_lost', 80],
      ['camera_back', 3000],
      ['paused', 3000],
      ['resumed', 3080],
    ]);
  });
});

describe('who is who', () => {
  /** Numbers of the first and the last frame of each segment, as it was told last. */
  const lastTold = ({ segments }: ScriptedWriter): unknown =>
    Object.fromEntries(
      segments.map(({ id, person: owner, firstSequence, lastSequence }) => [id, [owner, firstSequence, lastSequence]]),
    );

  it('is in the numbers of the session, in which the camera counts from somewhere else', async () => {
    const camera = new Camera();
    camera.persons.set(1, person(1, 'A07'));
    const early = segment(5, { person: 1, firstSequence: 900, lastSequence: 900 }); // long before the recording
    camera.frame([early]);
    camera.drop();
    camera.frame([early]);
    const next = segment(6, { person: 1, firstSequence: 1003, lastSequence: 1003 });
    camera.frame([next], [{ ...early, lastSequence: 1002 }, next]);
    await camera.stop();
    expect(camera.writer.persons).toContainEqual(person(1, 'A07'));
    expect(lastTold(camera.writer)).toEqual({ 5: [1, 0, 2], 6: [1, 3, 3] });
  });

  it('is told with the frame in which it is seen first, and then when it is news', async () => {
    const camera = new Camera();
    camera.frame([segment(1, { person: null })]);
    camera.frame([segment(1, { person: null })]);
    camera.persons.set(1, person(1));
    camera.frame([segment(1)], [segment(1)]);
    await camera.recording.stop('complete', () => [], nothingOpen);
    const { segments } = camera.writer;
    expect(segments.map(({ person: owner, lastSequence }) => [owner, lastSequence])).toEqual([
      [null, 0],
      [1, 2],
      [1, 2], // at the end, how far it goes
    ]);
    expect(camera.writer.persons).toEqual([person(1)]);
  });

  it('says at the end how far the faces go that are still in view', async () => {
    const camera = new Camera();
    for (let i = 0; i < 5; i++) camera.frame(i < 3 ? [segment(1), segment(2)] : [segment(2)]);
    await camera.stop();
    expect(lastTold(camera.writer)).toMatchObject({ 2: [2, 0, 4] });
  });

  it('is decided at the end where it is still open, of faces in the session alone', async () => {
    const camera = new Camera();
    camera.frame([segment(1, { person: null })]);
    camera.frame([segment(1, { person: null })]);
    await camera.recording.stop(
      'complete',
      () => [],
      () => {
        expect(camera.writer.frames).toHaveLength(2); // behind the last frame
        const persons = new Map([1, 2].map((id) => [id, person(id)]));
        return Promise.resolve({ persons, changed: [segment(1), segment(2)] });
      },
    );
    expect(lastTold(camera.writer)).toEqual({ 1: [1, 0, 1] });
    expect(camera.writer.persons).toEqual([person(1)]);
  });

  it('leaves out those who are seen only before it or in a pause', async () => {
    const camera = new Camera();
    for (const id of [1, 2, 3]) camera.persons.set(id, person(id));
    camera.frame([segment(2)], [segment(1)]);
    camera.recording.pause();
    camera.frame([segment(2)]);
    camera.frame([segment(3)], [segment(3), segment(2)]);
    camera.recording.resume();
    camera.frame();
    await camera.stop();
    expect(lastTold(camera.writer)).toEqual({ 2: [2, 0, 0] });
    expect(new Set(camera.writer.persons.map(({ id }) => id))).toEqual(new Set([2]));
  });

  it('begins behind a pause with the first frame behind it, for a face that came in the pause', async () => {
    const camera = new Camera();
    camera.frame([segment(1)]);
    camera.recording.pause();
    camera.frames(2);
    camera.recording.resume();
    camera.frame([segment(2, { firstSequence: 1, lastSequence: 1 })]);
    camera.frame([segment(2)], [segment(1, { lastSequence: 2 })]);
    await camera.stop();
    expect(lastTold(camera.writer)).toEqual({ 1: [1, 0, 0], 2: [2, 2, 3] });
  });

  it.each([
    ['a pause', (camera: Camera) => camera.recording.pause()],
    ['a frame of no new time', (camera: Camera) => (camera.atMs = 0)],
  ])('reaches the store when it becomes known in %s, too', async (_, before) => {
    const camera = new Camera();
    camera.frame([segment(1, { person: null })]);
    before(camera);
    camera.persons.set(4, person(4));
    camera.frame([segment(1, { person: 4 })], [segment(1, { person: 4 })]);
    await camera.stop();
    expect(lastTold(camera.writer)).toEqual({ 1: [4, 0, 0] });
    expect(camera.writer.persons).toEqual([person(4)]);
  });

  it('does not depend on a frame that could not be analysed in a pause', async () => {
    const camera = new Camera();
    camera.frame();
    camera.recording.pause();
    camera.frame();
    camera.analysedAs(Promise.reject(new Error('no networks')));
    camera.recording.resume();
    camera.frame();
    await camera.stop();
    expect(camera.rows.map(([, , gap]) => gap)).toEqual([null, 'paused', null]);
  });
});

describe('readings of the two clocks', () => {
  it('are of the frame that came quickest in ten seconds, and of the rest at the end', async () => {
    const camera = new Camera();
    const lags = new Map([
      [0, 4],
      [1000, 1.5],
      [9960, 2],
      [10_000, 1.75], // the last of its ten seconds
      [10_040, 9],
      [10_080, 8],
    ]);
    while (camera.atMs <= 10_200) camera.analysedAs(Promise.resolve(analysed(false)), lags.get(camera.atMs) ?? 20);
    const { readings } = await camera.stop();
    expect(readings).toEqual([
      { timeMs: 1000, unixMs: START_MS + 1001.5 },
      { timeMs: 10_080, unixMs: START_MS + 10_088 },
    ]);
  });

  it('are not taken twice, nor of frames that are not recorded', async () => {
    const camera = new Camera();
    while (camera.atMs <= 10_000) camera.frame();
    camera.recording.pause();
    camera.analysedAs(Promise.resolve(analysed(false)), 0);
    const { readings } = await camera.stop();
    expect(readings).toEqual([{ timeMs: 0, unixMs: START_MS + 3 }]);
  });

  it('keep a wall clock that was set back', async () => {
    const camera = new Camera();
    camera.frame();
    camera.analysedAs(Promise.resolve(analysed(false)), -3_600_000);
    const { readings } = await camera.stop();
    expect(readings).toEqual([{ timeMs: 40, unixMs: START_MS + 40 - 3_600_000 }]);
  });
});

describe('markers', () => {
  it('have the time of the event on the clock of the session, and ids of their own', async () => {
    const camera = new Camera();
    expect(camera.recording.mark(START_MS, 'too early')).toBeNull();
    camera.frame();
    const first = camera.recording.mark(START_MS + 12.25, 'a');
    const second = camera.recording.mark(START_MS - 30, 'a'); // pressed just before the first frame was captured
    expect([first, second]).toEqual([
      { id: 'm1', timeMs: 12.25, label: 'a' },
      { id: 'm2', timeMs: 0, label: 'a' },
    ]);
    expect(camera.recording.markers).toEqual([first, second]);
    const { markers } = await camera.stop();
    expect(markers).toEqual([first, second]);
  });

  it('are set in a pause as well', async () => {
    const camera = new Camera();
    camera.frame();
    camera.recording.pause();
    camera.frame();
    camera.recording.mark(START_MS + 5000, 'instruction');
    const { markers } = await camera.stop();
    expect(markers).toEqual([{ id: 'm1', timeMs: 5000, label: 'instruction' }]);
  });
});

describe('other events', () => {
  it('have the time of the last row, and there are none before the first one', async () => {
    const camera = new Camera();
    camera.recording.event('assigned', 'A07');
    camera.frames(3);
    camera.recording.event('consent_withdrawn', 'A07');
    const { events } = await camera.stop();
    expect(events).toEqual([{ timeMs: 80, kind: 'consent_withdrawn', detail: 'A07' }]);
  });
});

describe('a video', () => {
  it('that could not be removed is tried again, and said to be discarded once', async () => {
    const [writer, video] = [new ScriptedWriter(), new ScriptedVideo()];
    const plan = { begin: () => Promise.resolve(video), agreed: new Set<string>() };
    const recording = new LiveRecording(() => Promise.resolve(writer), undefined, plan);
    const analysed = { searched: true, faces: [], found: [], segments: [], persons: new Map(), changed: [] };
    recording.frame({ unixMs: START_MS, arrivedUnixMs: START_MS }, Promise.resolve(analysed), VIDEO_PICTURE);
    await vi.waitFor(() => expect(video.frames).toHaveLength(1));
    video.discardFault = new Error('in use');
    for (let i = 0; i < 2; i++) await expect(recording.discardVideo()).rejects.toThrow('in use');
    video.discardFault = null;
    await recording.discardVideo();
    await recording.stop('complete', () => [], nothingOpen);
    expect(writer.events.filter(({ kind }) => kind === 'video_discarded')).toHaveLength(1);
  });
});

describe('the end', () => {
  it('without a frame leaves no session', async () => {
    const camera = new Camera();
    camera.recording.pause();
    camera.frame();
    camera.drop();
    expect(await camera.recording.stop('complete', () => [], nothingOpen)).toBe(false);
    expect(camera.begun).toEqual([]);
    expect(camera.writer.ends).toEqual([]);
  });

  it('waits for a session that is being begun and for analyses under way', async () => {
    const camera = new Camera(() => sleep(20));
    let hasFailed = false;
    camera.analysedAs(sleep(30).then(() => ((hasFailed = true), analysed(true))));
    const problems = (): string[] => (hasFailed ? ['The model x failed.'] : []);
    expect(await camera.recording.stop('interrupted', problems, nothingOpen)).toBe(true);
    expect(camera.rows).toEqual([[0, 0, null]]);
    expect(camera.writer.ends).toEqual([{ state: 'interrupted', problems: ['The model x failed.'], analysedFps: 0 }]);
  });
});

describe('a fault', () => {
  it('of the store ends the writing there, and the stop says so', async () => {
    const camera = new Camera();
    const full = new Error('The disk is full.');
    camera.writer.settling = (frames) => {
      if (frames === 3) throw full;
    };
    camera.frames(5);
    camera.drop();
    await expect.poll(() => camera.recording.fault).toBe(full);
    camera.frames(2);
    camera.recording.mark(START_MS, 'late');
    camera.recording.event('assigned', null);
    await expect(camera.recording.stop('complete', () => ['The model x failed.'], nothingOpen)).rejects.toBe(full);
    expect(camera.writer.sequences).toEqual([0, 1, 2]);
    expect(camera.writer.ends).toMatchObject([
      { state: 'interrupted', problems: ['The model x failed.', 'The disk is full.'] },
    ]);
    expect([camera.writer.markers, camera.writer.events, camera.writer.readings]).toEqual([[], [], []]);
  });

  it('is told as it was, when the session cannot even be closed', async () => {
    const camera = new Camera();
    const full = new Error('The disk is full.');
    camera.writer.settling = () => Promise.reject(full);
    camera.writer.end = () => Promise.reject(new Error('The disk is gone.'));
    camera.frame();
    await expect(camera.recording.stop('complete', () => [], nothingOpen)).rejects.toBe(full);
  });

  it('of the end alone is told, too', async () => {
    const camera = new Camera();
    camera.writer.end = () => Promise.reject(new Error('The disk is gone.'));
    camera.frame();
    await expect(camera.recording.stop('complete', () => [], nothingOpen)).rejects.toThrow('The disk is gone.');
  });

  it('of the networks keeps what came before it', async () => {
    const camera = new Camera();
    camera.frames(2);
    camera.analysedAs(Promise.reject(new Error('The networks stopped.')));
    camera.frames(2);
    await expect(camera.recording.stop('complete', () => [], nothingOpen)).rejects.toThrow('The networks stopped.');
    expect(camera.rows.map(([sequence]) => sequence)).toEqual([0, 1]);
    expect(camera.writer.ends).toMatchObject([{ state: 'interrupted', problems: ['The networks stopped.'] }]);
  });

  it('at the beginning leaves no session to close', async () => {
    const camera = new Camera(() => Promise.reject(new Error('The disk is full.')));
    camera.frames(3);
    await expect.poll(() => camera.recording.fault?.message).toBe('The disk is full.');
    camera.frame();
    await expect(camera.recording.stop('complete', () => [], nothingOpen)).rejects.toThrow('The disk is full.');
    expect(camera.begun).toHaveLength(1);
    expect([camera.writer.frames, camera.writer.ends]).toEqual([[], []]);
  });
});
