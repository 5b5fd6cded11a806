import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Live, type CameraFrame, type LiveFace } from '../../../src/main/engine/live.ts';
import type { FrameAnalysis, FrameSlot } from '../../../src/main/engine/ports.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { person, segment } from '../../fixtures/records.ts';
import { ScriptedAnalyzer, ScriptedWriter, observedFace } from '../../fixtures/store-scripted.ts';
import { refusalOf } from '../../fixtures/store-folder.ts';
import { ScriptedVideo } from '../../fixtures/video.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const START_MS = 1_790_000_000_000;
const HAPPY = scores({ happiness: 1 });

/** Networks that have to wait for their first piece of memory, as the real ones do when pictures become larger. */
class SlowMemory extends ScriptedAnalyzer {
  #isFirst = true;

  override readonly allocate = async (): Promise<FrameSlot> => {
    if (this.#isFirst) {
      this.#isFirst = false;
      await sleep(20);
    }
    return this.takeSlot();
  };
}

/** A camera that is looked at, with everything under the test's control. */
class Scene {
  readonly writer = new ScriptedWriter();
  readonly analyzer: ScriptedAnalyzer;
  readonly live: Live;
  nowMs = 0;
  /** What it is more than the other clock. */
  uptimeMs = 0;
  #next = 0;

  constructor(analyzer = new ScriptedAnalyzer()) {
    this.analyzer = analyzer;
    const clock = { monotonicMs: () => this.nowMs, unixMs: () => 0, uptimeMs: () => this.uptimeMs + this.nowMs };
    this.live = new Live(analyzer, fakeProfile({ first: 1, second: 1 }), clock);
  }

  /** Shows the next frame, 40 ms behind the one before. */
  frame(changes: Partial<CameraFrame> = {}): Promise<readonly LiveFace[]> {
    const unixMs = START_MS + 40 * this.#next++;
    const picture = { width: 2, height: 2, format: 'gray', colorSpace: { matrix: 'bt601', range: 'full' } } as const;
    const shown = this.live.frame({
      ...{ unixMs, arrivedUnixMs: unixMs + 3, ...picture, bytes: new Uint8Array(4), dropped: [] },
      ...changes,
    });
    return shown.then(({ faces }) => faces);
  }

  record(): void {
    this.live.record(() => Promise.resolve(this.writer));
  }

  /** Records with a video in which these people may be seen. */
  film(...agreed: readonly string[]): ScriptedVideo {
    const video = new ScriptedVideo();
    const plan = { begin: () => Promise.resolve(video), agreed: new Set(agreed) };
    this.live.record(() => Promise.resolve(this.writer), { video: plan });
    return video;
  }

  get events(): string[] {
    return this.writer.events.map(({ kind }) => kind);
  }
}

/** What the networks say of a frame with these faces, the first of which they may estimate. */
const seen = (sequence: number, ...faces: readonly ReturnType<typeof observedFace>[]): Partial<FrameAnalysis> => ({
  report: { sequence, searched: true, cut: false, faces },
  answers: faces.map((_, i) => (i === 0 ? [HAPPY, HAPPY] : null)),
});

describe('frames', () => {
  it('are looked at in the order of the calls, even while there is no memory for the first one', async () => {
    const scene = new Scene(new SlowMemory());
    const shown = [0, 1, 2, 3, 4, 5].map(() => scene.frame());
    expect(scene.live.counts.underWay).toBe(6);
    await Promise.all(shown);
    expect(scene.analyzer.begun).toEqual([0, 1, 2, 3, 4, 5]);
    expect(scene.live.counts.underWay).toBe(0);
    expect(scene.analyzer.slotsInUse).toBe(0);
  });

  it.each([0, 3, 5])('that are not whole are refused: %i bytes of 4', async (count) => {
    const scene = new Scene();
    scene.record();
    await refusalOf(scene.frame({ bytes: new Uint8Array(count), dropped: [START_MS] }), 'usage');
    expect(scene.analyzer.begun).toEqual([]);
    expect(scene.live.silentMs).toBe(Infinity);
    expect(scene.live.counts).toEqual({ framesPerSecond: 0, underWay: 0, dropped: 0 });
    await scene.frame();
    expect(await scene.live.stop('complete')).toBe(true);
    expect(scene.writer.sequences).toEqual([0]);
  });

  it('on which the networks fail once are told of, and the next ones are looked at', async () => {
    const scene = new Scene();
    scene.analyzer.before = (sequence) => {
      if (sequence === 1) throw new Error('no networks');
    };
    const shown = [scene.frame(), scene.frame(), scene.frame()];
    expect((await Promise.allSettled(shown)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await expect(shown[1]).rejects.toThrow('no networks');
    expect(scene.live.counts.underWay).toBe(0);
    expect(scene.analyzer.slotsInUse).toBe(0);
  });

  it('that get no memory are told of, and hold nobody up', async () => {
    const scene = new Scene();
    const { allocate } = scene.analyzer;
    let refused = 0;
    Object.assign(scene.analyzer, {
      allocate: () => (refused++ === 0 ? Promise.reject(new Error('too large')) : allocate()),
    });
    await expect(scene.frame()).rejects.toThrow('too large');
    await scene.frame();
    expect(scene.analyzer.begun).toEqual([1]);
    expect(scene.live.counts.underWay).toBe(0);
  });

  it('under way when everything is put away are answered', async () => {
    const scene = new Scene(new SlowMemory());
    let begun: number[] = [];
    scene.analyzer.close = () => Promise.resolve(void (begun = [...scene.analyzer.begun])); // it takes no frame any more
    const shown = [scene.frame(), scene.frame()];
    await scene.live.close();
    await Promise.all(shown);
    expect(begun).toEqual([0, 1]);
    expect(scene.analyzer.slotsInUse).toBe(0);
  });
});

describe('what is counted', () => {
  it('are the frames of the last two seconds, and those that were dropped since the camera is looked at', async () => {
    const scene = new Scene();
    expect(scene.live.counts).toEqual({ framesPerSecond: 0, underWay: 0, dropped: 0 });
    await scene.frame();
    scene.nowMs = 1000;
    await scene.frame({ dropped: [START_MS + 1, START_MS + 2] });
    await scene.frame();
    expect(scene.live.counts).toEqual({ framesPerSecond: 1.5, underWay: 0, dropped: 2 });
    scene.nowMs = 2001;
    expect(scene.live.counts.framesPerSecond).toBe(1);
    scene.nowMs = 3001;
    expect(scene.live.counts.framesPerSecond).toBe(0);
  });

  it('is for how long no frame has come', async () => {
    const scene = new Scene();
    expect(scene.live.silentMs).toBe(Infinity);
    await scene.frame();
    scene.nowMs = 250;
    expect(scene.live.silentMs).toBe(250);
  });
});

describe('faces on the screen', () => {
  it('have what the networks say of them, and the name of whom they belong to', async () => {
    const scene = new Scene();
    scene.analyzer.answer = (sequence) => ({
      ...seen(sequence, observedFace({ segment: 7 })),
      news: { persons: [person(3, 'A07')], segments: [segment(7, { track: 12, person: 3 })] },
    });
    const [face] = await scene.frame();
    expect(face).toMatchObject({ track: 12, participant: 'A07', missingReason: null, scores: HAPPY, confirmed: null });
    expect(face.overallQuality).toBeGreaterThan(0);
  });

  it('keep their names when nothing new is told of them', async () => {
    const scene = new Scene();
    await scene.frame();
    expect((await scene.frame())[0]).toMatchObject({ track: 1, missingReason: null, scores: HAPPY });
  });

  it('of bystanders have no scores', async () => {
    const scene = new Scene();
    scene.analyzer.answer = (sequence) => ({
      ...seen(sequence, observedFace(), observedFace({ segment: 2 })),
      news: { persons: [person(1, 'A07'), person(2)], segments: [segment(1), segment(2)] },
    });
    const faces = await scene.frame();
    expect(faces.map(({ participant, missingReason, scores: shown }) => [participant, missingReason, shown])).toEqual([
      ['A07', null, HAPPY],
      [null, 'no_consent', null],
    ]);
  });

  it.each([
    ['belong to nobody yet', segment(1, { person: null })],
    ['are not surely somebody', segment(1, { confidence: 0.59 })],
  ])('that %s have none either', async (_, doubtful) => {
    const scene = new Scene();
    scene.analyzer.answer = (sequence) => ({
      ...seen(sequence, observedFace()),
      news: { persons: [person(1)], segments: [doubtful] },
    });
    expect((await scene.frame())[0]).toMatchObject({ missingReason: 'identity_uncertain', scores: null });
  });

  it('are smoothed for each person, whatever tracks and segments there are', async () => {
    const scene = new Scene();
    const happiness = [1, 0, 1, 0, 1, 0];
    scene.analyzer.answer = (sequence) => {
      const fused = scores({ happiness: happiness[sequence], sadness: 1 - happiness[sequence] });
      const id = sequence < 3 ? 1 : 2;
      const report = { sequence, searched: true, cut: false, faces: [observedFace({ segment: id })] };
      const news = { persons: [person(1)], segments: [segment(id, { person: 1 })] };
      return { report, news, answers: [[fused, fused]] };
    };
    const shown: (number | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const [face] = await scene.frame();
      shown.push(face.scores?.[HAPPY.indexOf(1)]);
    }
    expect(shown.slice(0, 2)).toEqual([1, 0]); // half a window, 83 ms, is not there yet
    expect(shown[5]).toBeCloseTo(2 / 5, 6); // five frames in 167 ms: 0, 1, 0, 1, 0
  });
});

describe('scores', () => {
  it('are hidden while it is recorded, unless somebody asks for them, and that is in the session', async () => {
    const scene = new Scene();
    expect((await scene.frame())[0].scores).toEqual(HAPPY);
    scene.record();
    expect(scene.live.areScoresShown).toBe(false);
    const [hidden] = await scene.frame();
    expect(hidden).toMatchObject({ missingReason: null, scores: null, confirmed: null });
    scene.live.showScores(true);
    scene.live.showScores(true);
    expect((await scene.frame())[0].scores).toEqual(HAPPY);
    scene.record(); // asked twice
    expect(scene.live.areScoresShown).toBe(true);
    scene.live.showScores(false);
    expect((await scene.frame())[0].scores).toBeNull();
    await scene.live.stop('complete');
    expect(scene.events).toEqual(['scores_shown', 'scores_hidden']);
    expect(scene.live.areScoresShown).toBe(true);
    expect((await scene.frame())[0].scores).toEqual(HAPPY);
  });

  it('are stored whether they are seen or not', async () => {
    const scene = new Scene();
    scene.record();
    await scene.frame();
    await scene.live.stop('complete');
    expect(scene.writer.frames[0].faces[0].fused).toEqual(HAPPY);
  });
});

describe('a recording', () => {
  it('begins with the next frame and ends with the stop; the camera is looked at before and behind', async () => {
    const scene = new Scene();
    await scene.frame({ dropped: [START_MS - 1] });
    scene.record();
    expect(scene.live.recording?.counts.frames).toBe(0);
    await scene.frame({ dropped: [START_MS + 30] }); // lost before the recording
    await scene.frame({ dropped: [START_MS + 60] });
    expect(await scene.live.stop('complete')).toBe(true);
    expect(scene.live.recording).toBeNull();
    await scene.frame();
    const rows = scene.writer.frames.map(({ frame: { sequence, timeMs, gap } }) => [sequence, timeMs, gap]);
    expect(rows).toEqual([
      [0, 0, null],
      [1, 20, 'dropped'],
      [2, 40, null],
    ]);
    // Whose face it is was told before the recording, and is in it.
    expect(scene.writer.persons).toEqual([person(1)]);
    expect(scene.writer.segments.at(-1)).toMatchObject({ id: 1, firstSequence: 0, lastSequence: 2 });
  });

  it('has the frames that were under way when it ended', async () => {
    const scene = new Scene();
    scene.record();
    const shown = [scene.frame(), scene.frame(), scene.frame()];
    await scene.live.stop('complete');
    expect(scene.writer.sequences).toEqual([0, 1, 2]);
    await Promise.all(shown);
  });

  it('says which networks failed, up to its last frame', async () => {
    const scene = new Scene();
    scene.record();
    scene.analyzer.before = async () => {
      await sleep(10);
      scene.analyzer.problems = ['The model x failed.'];
    };
    const shown = scene.frame();
    await scene.live.stop('complete');
    await shown;
    expect(scene.writer.ends[0].problems).toEqual(['The model x failed.']);
  });

  it('without a frame is none, and what there is none of can be stopped', async () => {
    const scene = new Scene();
    scene.record();
    expect(await scene.live.stop('complete')).toBe(false);
    expect(await scene.live.stop('complete')).toBe(false);
    expect(scene.live.mark(START_MS, 'x')).toBeNull();
  });

  it('ends where the networks failed', async () => {
    const scene = new Scene();
    scene.record();
    scene.analyzer.before = (sequence) => {
      if (sequence === 2) throw new Error('no networks');
    };
    await Promise.allSettled([scene.frame(), scene.frame(), scene.frame(), scene.frame()]);
    expect(scene.live.recording?.fault).toMatchObject({ message: 'no networks' });
    await expect(scene.live.stop('complete')).rejects.toThrow('no networks');
    expect(scene.live.recording).toBeNull();
    expect(scene.writer.sequences).toEqual([0, 1]);
    expect((await scene.frame())[0].scores).toEqual(HAPPY);
  });

  it('counts the sleep of the machine, in the rows and for the networks, and markers with it', async () => {
    const scene = new Scene();
    const timesMs: number[] = [];
    const analyze = scene.analyzer.analyze.bind(scene.analyzer);
    scene.analyzer.analyze = (frame) => {
      timesMs.push(frame.timeMs - START_MS);
      return analyze(frame);
    };
    scene.record();
    await scene.frame();
    await scene.frame();
    scene.uptimeMs = 60_000; // while the program's clock and the window's stood still
    await scene.frame();
    expect(scene.live.mark(START_MS + 100, 'x')?.timeMs).toBe(60_100);
    await scene.live.stop('complete');
    expect(timesMs).toEqual([0, 40, 60_080]);
    expect(scene.writer.frames.map(({ frame: { timeMs, gap } }) => [timeMs, gap])).toEqual([
      [0, null],
      [40, null],
      [80, 'source_gap'],
      [60_080, null],
    ]);
    expect(scene.events).toEqual(['slept', 'camera_back']);
  });

  it('of a slow camera has no gaps, and the camera is on', async () => {
    const scene = new Scene();
    scene.live.newCamera(0.5);
    scene.record();
    for (let i = 0; i < 4; i++) {
      await scene.frame({ unixMs: START_MS + 2000 * i });
      scene.nowMs += 1990;
      scene.live.tick();
      expect(scene.live.isCameraOn).toBe(true);
      scene.nowMs += 10;
    }
    scene.nowMs += 4000;
    scene.live.tick();
    expect(scene.live.isCameraOn).toBe(false);
    await scene.live.stop('complete');
    expect(scene.writer.frames.map(({ frame: { gap } }) => gap)).toEqual([null, null, null, null, 'source_gap']);
  });

  it('decides at its end who is who where that is open, which the screen hears of, too', async () => {
    const scene = new Scene();
    scene.analyzer.answer = (sequence) => ({
      news: { persons: [], segments: sequence === 0 ? [segment(1, { person: null })] : [] },
    });
    scene.analyzer.settled = { persons: [person(1)], segments: [segment(1)] };
    scene.record();
    await scene.frame();
    await scene.live.stop('complete');
    expect(scene.writer.segments.at(-1)).toMatchObject({ id: 1, person: 1, firstSequence: 0, lastSequence: 0 });
    expect(scene.writer.persons).toEqual([person(1)]);
    expect((await scene.frame())[0].missingReason).toBeNull();
  });

  it('knows from its start who was given a face before, seen or not', async () => {
    const scene = new Scene();
    scene.analyzer.answer = (sequence) => ({
      ...seen(sequence),
      news:
        sequence === 0
          ? { persons: [person(1, 'A07'), person(2, 'B08')], segments: [] }
          : { persons: [], segments: [] },
    });
    await scene.frame();
    await scene.live.assign(1, 'A07');
    await scene.live.assign(1, 'B08'); // it was somebody else
    scene.record();
    await scene.frame();
    await scene.live.stop('complete');
    expect(scene.writer.persons).toEqual([person(2, 'B08')]);
    expect(scene.writer.events).toEqual([{ timeMs: 0, kind: 'assigned', detail: 'B08' }]);
    await scene.live.assign(1, null);
    scene.record();
    await scene.frame();
    await scene.live.stop('complete');
    expect(scene.writer.events).toHaveLength(1);
  });

  it('hears of the camera that is gone, and of what is said about people', async () => {
    const scene = new Scene();
    scene.record();
    await scene.frame();
    await scene.live.assign(1, 'A07');
    await scene.live.assign(1, null);
    await refusalOf(scene.live.assign(2, 'A07'), 'usage');
    await scene.live.withdraw('A07', 'everything');
    scene.nowMs = 999;
    scene.live.tick();
    expect(scene.live.recording?.isCameraGone).toBe(false);
    scene.nowMs = 1000;
    scene.live.tick();
    await scene.live.stop('complete');
    expect(scene.analyzer.assigned).toEqual([
      [1, 'A07'],
      [1, null],
      [2, 'A07'],
    ]);
    expect(scene.analyzer.withdrawn).toEqual([['A07', 'everything']]);
    expect(scene.writer.events.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['assigned', 'A07'],
      ['assigned', null],
      ['consent_withdrawn', 'A07'],
      ['camera_lost', null],
    ]);
  });
});

describe('a recording with video', () => {
  /** Two faces: segment 1 of track 1, of A07 as surely as `confidence` says, and segment 2 of track 2, of nobody who takes part. */
  const dyad = (scene: Scene, confidence = 1): void => {
    scene.analyzer.answer = (sequence) => ({
      ...seen(sequence, observedFace({ segment: 1 }), observedFace({ segment: 2 })),
      news: {
        persons: [person(1, 'A07'), person(2)],
        segments: [segment(1, { person: 1, confidence }), segment(2, { track: 2, person: 2 })],
      },
    });
  };

  it('shows who agreed and nobody else, at the times of the rows', async () => {
    const scene = new Scene();
    dyad(scene);
    const video = scene.film('A07');
    expect(scene.live.recording?.video).toBe('kept');
    await scene.frame();
    scene.live.recording?.pause();
    await scene.frame();
    scene.live.recording?.resume();
    await scene.frame();
    await scene.live.stop('complete');
    expect(video.frames.map(({ timeMs, masks }) => [timeMs, masks.length])).toEqual([
      [0, 1],
      [80, 1],
    ]);
    expect(video.isClosed).toBe(true);
    expect(scene.writer.ends[0].problems).toEqual([]);
  });

  it('covers whoever agreed while it is not sure who it is', async () => {
    const scene = new Scene();
    dyad(scene, 0.1);
    const video = scene.film('A07');
    await scene.frame();
    await scene.live.stop('complete');
    expect(video.frames[0].masks).toHaveLength(2);
  });

  it('covers every one of several faces of which nothing is known', async () => {
    const scene = new Scene();
    scene.analyzer.answer = (sequence) => ({
      ...seen(sequence, observedFace({ segment: 7 }), observedFace({ segment: 8 })),
      news: { persons: [], segments: [] },
    });
    const video = scene.film('A07');
    await scene.frame();
    await scene.live.stop('complete');
    expect(video.frames[0].masks).toHaveLength(2);
  });

  it('loses all of it when somebody withdraws, says so, and goes on', async () => {
    const scene = new Scene();
    dyad(scene);
    const video = scene.film('A07', 'B08');
    await scene.frame();
    await expect.poll(() => video.frames.length).toBe(1);
    await scene.live.withdraw('B08', 'video');
    expect(scene.live.recording?.video).toBe('discarded');
    await scene.frame();
    await scene.live.withdraw('A07', 'everything');
    await scene.live.stop('complete');
    expect([video.frames.length, video.isDiscarded, video.isClosed]).toEqual([1, true, false]);
    expect(scene.events).toEqual(['video_discarded', 'video_withdrawn', 'consent_withdrawn']);
    expect(scene.writer.sequences).toEqual([0, 1]);
  });

  it('says that it could not be removed, and withdraws all the same', async () => {
    const scene = new Scene();
    dyad(scene);
    const video = scene.film('A07');
    await scene.frame();
    await expect.poll(() => video.frames.length).toBe(1);
    video.discardFault = new Error('in use');
    await expect(scene.live.withdraw('A07', 'everything')).rejects.toThrow('in use');
    expect(scene.analyzer.withdrawn).toEqual([['A07', 'everything']]);
    await scene.live.stop('complete');
    expect(scene.events).toEqual(['video_discarded', 'consent_withdrawn']);
  });

  it('tells what went wrong with it at the end, and is complete', async () => {
    const scene = new Scene();
    const video = scene.film('A07');
    await scene.frame();
    video.problems = ['The video ends early.'];
    await scene.live.stop('complete');
    expect(scene.writer.ends).toMatchObject([{ state: 'complete', problems: ['The video ends early.'] }]);
  });
});
