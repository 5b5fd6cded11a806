// What the screen shows beside a frame's own scores: how they came about, and those of a moment ago where there are none.
import { describe, expect, it } from 'vitest';
import type { Probabilities } from '../../../src/main/core/expression.ts';
import { Live, type LiveFace } from '../../../src/main/engine/live.ts';
import type { Profile } from '../../../src/main/core/profile.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { person, segment } from '../../fixtures/records.ts';
import { ScriptedAnalyzer, ScriptedWriter, observedFace } from '../../fixtures/store-scripted.ts';
import { GOOD_QUALITY, scores } from '../../fixtures/timeline-rows.ts';

const HAPPY = scores({ happiness: 1 });
const SAD = scores({ sadness: 1 });
const HIDDEN = observedFace({ quality: { ...GOOD_QUALITY, occlusion: 1 } });
const PLAIN = fakeProfile({ first: 1, second: 1 });
const PERSISTENT: Profile = { ...PLAIN, window: { ...PLAIN.window, persistenceMs: 100 } };

/** What is in the next frame: the face of P1, which is track 1, or none. */
interface Sight {
  readonly face?: ReturnType<typeof observedFace> | null;
  readonly answer?: (Probabilities | null)[] | null;
}

class Scene {
  readonly writer = new ScriptedWriter();
  readonly live: Live;
  readonly #networks = new ScriptedAnalyzer();
  #unixMs = 1_790_000_000_000;

  constructor(profile = PLAIN) {
    this.live = new Live(this.#networks, profile, { monotonicMs: () => 0, unixMs: () => 0, uptimeMs: () => 0 });
  }

  /** The faces on the screen, so long after the frame before. */
  async frame(
    { face = observedFace(), answer = [HAPPY, SAD] }: Sight = {},
    afterMs = 40,
  ): Promise<readonly LiveFace[]> {
    const unixMs = (this.#unixMs += afterMs);
    const faces = face ? [face] : [];
    this.#networks.answer = (sequence) => ({
      report: { sequence, searched: true, cut: false, faces },
      answers: faces.map(() => answer),
      news: { persons: [person(1, 'A07')], segments: [segment(1)] },
    });
    const picture = { width: 2, height: 2, format: 'gray', colorSpace: { matrix: 'bt601', range: 'full' } } as const;
    const shown = { unixMs, arrivedUnixMs: unixMs, ...picture, bytes: new Uint8Array(4), dropped: [] };
    return (await this.live.frame(shown)).faces;
  }
}

describe('how the scores of a face came about', () => {
  it('is told of the last frame', async () => {
    const scene = new Scene();
    await scene.frame();
    expect(scene.live.explain(1)?.votes).toEqual([
      { model: 'first', choice: 'happiness', score: 1 },
      { model: 'second', choice: 'sadness', score: 1 },
    ]);
    await scene.frame({ answer: [SAD, SAD] });
    expect(scene.live.explain(1)).toMatchObject({ agreement: 1, raw: SAD });
  });

  it('is not told while scores are hidden, of a face without a score that counts, nor of one that is not there', async () => {
    const scene = new Scene();
    await scene.frame();
    scene.live.showScores(false);
    expect(scene.live.explain(1)).toBeNull();
    scene.live.showScores(true);
    expect(scene.live.explain(1)).not.toBeNull();
    for (const sight of [{ face: HIDDEN }, { answer: null }, { answer: [null, null] }]) {
      await scene.frame(sight);
      expect(scene.live.explain(1)).toBeNull();
    }
    expect(() => scene.live.explain(2)).toThrow(/not in view/);
  });
});

describe('scores of a moment ago', () => {
  it('are shown, and said to be that, until the time of the profile is over', async () => {
    const scene = new Scene(PERSISTENT);
    expect(await scene.frame({ answer: [HAPPY, HAPPY] })).toMatchObject([{ scores: HAPPY, isHeld: false }]);
    expect(await scene.frame({ face: HIDDEN })).toMatchObject([
      { scores: HAPPY, isHeld: true, missingReason: 'occluded', track: 1 },
    ]);
    expect(await scene.frame({ face: null }, 59)).toMatchObject([
      { scores: HAPPY, isHeld: true, missingReason: 'no_face', track: 1, participant: 'A07' },
    ]);
    expect(await scene.frame({ face: null }, 1)).toEqual([]); // 100 ms
    expect(await scene.frame({ answer: [SAD, SAD] })).toMatchObject([{ isHeld: false }]);
  });

  it('are not shown where the profile holds none', async () => {
    const scene = new Scene();
    await scene.frame();
    expect(await scene.frame({ face: HIDDEN }, 1)).toMatchObject([{ scores: null, isHeld: false }]);
    expect(await scene.frame({ face: null }, 1)).toEqual([]);
  });

  it('are forgotten when consent ends or scores are hidden', async () => {
    const scene = new Scene(PERSISTENT);
    await scene.frame();
    expect(await scene.frame({ answer: null })).toMatchObject([{ scores: null, missingReason: 'no_consent' }]);
    expect(await scene.frame({ face: null })).toEqual([]);
    await scene.frame();
    await scene.live.withdraw('A07', 'analysis');
    expect(await scene.frame({ face: null })).toEqual([]);
    await scene.frame();
    scene.live.showScores(false);
    expect(await scene.frame({ face: null })).toEqual([]);
    scene.live.showScores(true);
    expect(await scene.frame({ face: HIDDEN })).toMatchObject([{ scores: null, isHeld: false }]);
  });

  it('are on the screen alone: what is stored has a missing row', async () => {
    const scene = new Scene(PERSISTENT);
    scene.live.record(() => Promise.resolve(scene.writer), { areScoresShown: true });
    await scene.frame();
    await scene.frame({ face: null });
    await scene.frame({ face: HIDDEN });
    await scene.live.stop('complete');
    expect(scene.writer.frames.map(({ faces }) => faces.map(({ reason }) => reason))).toEqual([
      [null],
      [],
      ['occluded'],
    ]);
  });
});
