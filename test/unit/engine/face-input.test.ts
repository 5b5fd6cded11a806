import { describe, expect, it } from 'vitest';
import type { FaceInput } from '../../../src/main/core/face-input.ts';
import { Live } from '../../../src/main/engine/live.ts';
import type { FrameAnalysis, SlottedFrame } from '../../../src/main/engine/ports.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { person, segment } from '../../fixtures/records.ts';
import { refusalOf } from '../../fixtures/store-folder.ts';
import { ScriptedAnalyzer, observedFace } from '../../fixtures/store-scripted.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const HAPPY = scores({ happiness: 1 });
const SEEN: FaceInput = { model: 'first', width: 1, height: 1, channels: 1, pixels: Uint8Array.of(7) };
const PICTURE = { width: 2, height: 2, format: 'gray', colorSpace: { matrix: 'bt601', range: 'full' } } as const;

/** Networks that see one face, the track 1, and show what they are given of it while they may estimate it. */
class Networks extends ScriptedAnalyzer {
  mayEstimate = true;
  isThere = true;
  readonly asked: (readonly number[])[] = [];

  override async analyze(frame: SlottedFrame, inputsOf: readonly number[] = []): Promise<FrameAnalysis> {
    this.asked.push(inputsOf);
    const { sequence } = frame;
    this.answer = () => ({
      report: { sequence, searched: true, cut: false, faces: this.isThere ? [observedFace()] : [] },
      answers: this.isThere ? [this.mayEstimate ? [HAPPY, HAPPY] : null] : [],
      news: sequence === 0 ? { persons: [person(1)], segments: [segment(1)] } : { persons: [], segments: [] },
      inputs: this.isThere && this.mayEstimate ? inputsOf.map((id) => ({ segment: id, inputs: [SEEN] })) : [],
    });
    return super.analyze(frame);
  }
}

class Scene {
  readonly networks = new Networks();
  nowMs = 0;
  #unixMs = 1_790_000_000_000;
  readonly live = new Live(this.networks, fakeProfile({ first: 1, second: 1 }), {
    monotonicMs: () => this.nowMs,
    unixMs: () => 0,
    uptimeMs: () => this.nowMs,
  });

  async frame(): Promise<void> {
    const unixMs = (this.#unixMs += 40);
    await this.live.frame({ unixMs, arrivedUnixMs: unixMs, ...PICTURE, bytes: new Uint8Array(4), dropped: [] });
  }

  static async looking(): Promise<Scene> {
    const scene = new Scene();
    await scene.frame();
    return scene;
  }
}

describe('what the networks see of a face', () => {
  it('comes with the next frame, for everybody who has asked, and with no other one', async () => {
    const scene = await Scene.looking();
    const asked = [scene.live.faceInput(1), scene.live.faceInput(1)];
    expect(scene.networks.asked).toEqual([[]]);
    await scene.frame();
    expect(await Promise.all(asked)).toEqual([[SEEN], [SEEN]]);
    await scene.frame();
    expect(scene.networks.asked).toEqual([[], [1], []]);
  });

  it('is refused for a face of which no expression is computed', async () => {
    const scene = new Scene();
    scene.networks.mayEstimate = false;
    await scene.frame();
    await refusalOf(scene.live.faceInput(1), 'no_consent');
    await scene.frame();
    expect(scene.networks.asked).toEqual([[], []]);
  });

  it('is refused when consent was taken back before the next frame', async () => {
    const scene = await Scene.looking();
    const refused = refusalOf(scene.live.faceInput(1), 'no_consent');
    scene.networks.mayEstimate = false;
    await scene.frame();
    await refused;
  });

  it('is refused for a face that is not in view, or is not any more', async () => {
    const scene = new Scene();
    await refusalOf(scene.live.faceInput(1), 'usage');
    await scene.frame();
    await refusalOf(scene.live.faceInput(2), 'usage');
    const refused = refusalOf(scene.live.faceInput(1), 'usage');
    scene.networks.isThere = false;
    await scene.frame();
    await refused;
  });

  it('is not waited for when the networks fail, no frame comes, or everything is put away', async () => {
    const scene = await Scene.looking();
    const failed = scene.live.faceInput(1);
    failed.catch(() => undefined); // looked at below
    scene.networks.before = () => {
      throw new Error('no networks');
    };
    await expect(scene.frame()).rejects.toThrow('no networks');
    await expect(failed).rejects.toThrow('no networks');
    const silent = refusalOf(scene.live.faceInput(1), 'interrupted');
    scene.nowMs = 1001;
    scene.live.tick();
    await silent;
    const closed = refusalOf(scene.live.faceInput(1), 'interrupted');
    await scene.live.close();
    await closed;
  });
});
