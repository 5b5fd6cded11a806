// What of each picture goes into the video of a recording, and what becomes of the video.
import { describe, expect, it } from 'vitest';
import type { Box } from '../../../src/main/core/geometry.ts';
import { maskOf } from '../../../src/main/core/masks.ts';
import { LiveVideo, type FoundFace } from '../../../src/main/engine/live-video.ts';
import { ScriptedVideo, VIDEO_PICTURE } from '../../fixtures/video.ts';

const BOX: Box = { x: 10, y: 20, width: 30, height: 40 };
const MOVED: Box = { ...BOX, x: 12 };

const face = (track: number, participant: string | null, box = BOX): FoundFace => ({ track, box, participant });

const videoOf = (writer: ScriptedVideo, agreed = ['A07']): LiveVideo =>
  new LiveVideo({ begin: () => Promise.resolve(writer), agreed: new Set(agreed) });

/** The boxes that are painted when these faces are found 40 ms apart. */
async function masksOf(...frames: readonly (readonly FoundFace[])[]): Promise<(readonly Box[])[]> {
  const writer = new ScriptedVideo();
  const video = videoOf(writer);
  for (const [i, faces] of frames.entries()) await video.frame(VIDEO_PICTURE, 40 * i, faces);
  return writer.frames.map(({ masks }) => masks);
}

describe('the faces in a video', () => {
  it('are seen of those who agreed, and grey of everybody else', async () => {
    const faces = [face(1, 'A07'), face(2, null, MOVED), face(3, 'B08')];
    expect(await masksOf(faces)).toEqual([[maskOf(MOVED), maskOf(BOX)]]);
  });

  it('are grey until it is sure whose they are, and again when it is not', async () => {
    expect(await masksOf([face(1, null)], [face(1, 'A07')], [face(1, null, MOVED)])).toEqual([
      [maskOf(BOX)],
      [],
      [maskOf(MOVED)],
    ]);
  });

  it('stay covered where they were for a second when they are not found', async () => {
    const frames = Array.from({ length: 28 }, (_, i) => (i === 0 ? [face(2, null)] : []));
    const masks = await masksOf(...frames);
    expect(masks.slice(0, 26)).toEqual(Array.from({ length: 26 }, () => [maskOf(BOX)])); // up to 1000 ms
    expect(masks.slice(26)).toEqual([[], []]);
  });

  it('leave no trail when they move', async () => {
    expect((await masksOf([face(2, null)], [face(2, null, MOVED)]))[1]).toEqual([maskOf(MOVED)]);
  });
});

describe('the video', () => {
  it('has the times of the session', async () => {
    const writer = new ScriptedVideo();
    const video = videoOf(writer);
    for (const timeMs of [0, 33.4, 15_000]) await video.frame(VIDEO_PICTURE, timeMs, []);
    expect(await video.close()).toEqual([]);
    expect(writer.frames.map(({ timeMs }) => timeMs)).toEqual([0, 33.4, 15_000]);
    expect([writer.isClosed, video.state]).toEqual([true, 'kept']);
  });

  it('is removed when somebody withdraws, and nothing is written afterwards', async () => {
    const writer = new ScriptedVideo();
    const video = videoOf(writer);
    await video.frame(VIDEO_PICTURE, 0, []);
    const discarding = video.discard();
    await video.frame(VIDEO_PICTURE, 40, []);
    await discarding;
    expect(await video.close()).toEqual([]);
    expect(writer.frames).toHaveLength(1);
    expect([writer.isDiscarded, writer.isClosed, video.state]).toEqual([true, false, 'discarded']);
  });

  it('is removed when somebody withdraws while it begins', async () => {
    const writer = new ScriptedVideo();
    let begin = (): void => undefined;
    const begun = new Promise<ScriptedVideo>((resolve) => (begin = () => resolve(writer)));
    const video = new LiveVideo({ begin: () => begun, agreed: new Set() });
    const first = video.frame(VIDEO_PICTURE, 0, []);
    const discarding = video.discard();
    begin();
    await Promise.all([first, discarding]);
    expect([writer.frames.length, writer.isDiscarded]).toEqual([0, true]);
  });

  it('says that it cannot be removed, and is when that is tried again', async () => {
    const writer = new ScriptedVideo();
    writer.discardFault = new Error('in use');
    const video = videoOf(writer);
    await video.frame(VIDEO_PICTURE, 0, []);
    await expect(video.discard()).rejects.toThrow('in use');
    expect(video.state).toBe('discarded');
    await expect(video.discard()).rejects.toThrow('in use'); // tried again
    writer.discardFault = null;
    await video.discard();
  });

  it('that cannot begin is a problem and not a fault', async () => {
    let begun = 0;
    const begin = (): Promise<never> => {
      begun++;
      return Promise.reject(new Error('no room'));
    };
    const video = new LiveVideo({ begin, agreed: new Set() });
    for (const timeMs of [0, 40]) await video.frame(VIDEO_PICTURE, timeMs, []);
    expect([video.state, begun]).toEqual(['failed', 1]);
    expect(await video.close()).toEqual(['No video could be kept: no room']);
    await video.discard(); // there is nothing to remove
  });

  it('that fails in the middle gets no more pictures, and is ended with what it says', async () => {
    const writer = new ScriptedVideo();
    const video = videoOf(writer);
    await video.frame(VIDEO_PICTURE, 0, []);
    writer.hasFailed = true;
    for (const timeMs of [40, 80]) await video.frame(VIDEO_PICTURE, timeMs, []);
    writer.problems = ['The video ends at 0.0 s.'];
    expect(writer.frames.map(({ timeMs }) => timeMs)).toEqual([0, 40]);
    expect(video.state).toBe('failed');
    expect(await video.close()).toEqual(['The video ends at 0.0 s.']);
  });
});
