import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { PictureReplay } from '../../../../src/main/sources/kinect/picture-replay.ts';
import { writeColorPicture, writeDepthPicture } from '../../../fixtures/depth.ts';
import { clock, kinectFolder, matching } from '../../../fixtures/kinect.ts';

const place = kinectFolder();
afterAll(() => place.remove());
let folder = '';
let made = 0;
beforeEach(() => {
  folder = join(place.path, `pictures-${made++}`);
  mkdirSync(folder);
});

const writeColor = (name: string, r: number, width = 640, height = 480): Promise<void> =>
  writeColorPicture(join(folder, name), { r, g: 20, b: 30 }, width, height);

/** Every pixel is `mm`, but for the second, which is 65535, and the third, which has no reading. */
function writeDepth(name: string, mm: number, width = 640, height = 480): Promise<void> {
  const values = new Uint16Array(width * height).fill(mm);
  values.set([65535, 0], 1);
  return writeDepthPicture(join(folder, name), values, width, height);
}

describe('pairs of colour and depth pictures', () => {
  it('are played in the order of their numbers, 30 a second, with their millimetres as they are', async () => {
    for (const [name, value] of [
      ['shot10', 10],
      ['shot9', 9],
    ] as const) {
      await writeColor(`${name}_rgb.png`, value);
      await writeDepth(`${name}_depth_mm16.png`, 1000 + value);
    }
    await writeDepth('lonely_depth.png', 5);
    const source = await PictureReplay.open(folder, { ...clock, monotonicMs: () => 50 }, 'as-read');
    expect(source.facts).toMatchObject({ sensor: 'kinect-v1', depthKind: 'registered', driver: 'pictures' });
    for (const [i, value] of [9, 10].entries()) {
      const frame = await source.next();
      if (frame?.depth.kind !== 'registered') throw new Error('no registered depth');
      expect([...frame.color.rgb.subarray(0, 3)]).toEqual([value, 20, 30]);
      expect([...frame.depth.map.mm.subarray(0, 4)]).toEqual([1000 + value, 65535, 0, 1000 + value]);
      expect(frame.depth.map).toMatchObject({ width: 640, height: 480, focalPx: 525, centerX: 320, centerY: 240 });
      expect(frame.color.hostMs).toBeCloseTo(50 + (1000 * i) / 30, 9);
    }
    expect(await source.next()).toBeNull();
  });

  it('may be those of a Kinect v2', async () => {
    await writeColor('a_color.jpg', 10, 512, 424);
    await writeDepth('a_depth.png', 800, 512, 424);
    const source = await PictureReplay.open(folder, clock, 'as-read');
    expect(source.facts.sensor).toBe('kinect-v2');
    expect((await source.next())?.depth).toMatchObject({ map: { focalPx: 365, centerX: 256, centerY: 212 } });
  });

  it('must be there', async () => {
    await expect(PictureReplay.open(folder, clock, 'as-read')).rejects.toMatchObject({ code: 'input_empty' });
    const nowhere = join(folder, 'nowhere');
    await expect(PictureReplay.open(nowhere, clock, 'as-read')).rejects.toMatchObject({ code: 'input_missing' });
  });

  it('must be aligned, of a Kinect, and of 16 bits', async () => {
    const refused = (message: RegExp): Promise<void> =>
      expect(PictureReplay.open(folder, clock, 'as-read')).rejects.toMatchObject({
        code: 'input_unsupported',
        message: matching(message),
      });
    await writeColor('a_rgb.png', 1, 1920, 1080);
    await writeDepth('a_depth.png', 800, 512, 424);
    await refused(/1920 × 1080 pixels and its depth picture of 512 × 424/);
    await writeDepth('a_depth.png', 800, 320, 240);
    await refused(/320 × 240 pixels, which is no Kinect's size/);
    await writeColor('a_depth.png', 1);
    await refused(/a_depth\.png is not a depth picture/);
  });

  it('must be of one kind', async () => {
    await writeColor('a_rgb.png', 1);
    await writeDepth('a_depth.png', 800);
    await writeColor('b_rgb.png', 1, 512, 424);
    await writeDepth('b_depth.png', 800, 512, 424);
    const source = await PictureReplay.open(folder, clock, 'as-read');
    await source.next();
    await expect(source.next()).rejects.toMatchObject({ code: 'input_unsupported', message: matching(/another size/) });
  });
});
