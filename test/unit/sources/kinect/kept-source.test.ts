import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { KeptSource, type KeepOptions } from '../../../../src/main/sources/kinect/kept-source.ts';
import { RecordingReplay } from '../../../../src/main/sources/kinect/recording-replay.ts';
import { ScriptedDepth, clock, kinectFolder, matching, testFrame } from '../../../fixtures/kinect.ts';

const place = kinectFolder();
afterAll(() => place.remove());

const nothing = new Uint16Array(640 * 480);
const GB = 2 ** 30;
let folder = '';
let device: ScriptedDepth;
let said: string[] = [];
let made = 0;

beforeEach(() => {
  folder = join(place.path, `kept-${made++}`);
  device = new ScriptedDepth();
  said = [];
});

const createSilent = (options: Partial<KeepOptions> = {}): Promise<KeptSource> =>
  KeptSource.create(device, { folder, clock, onEnd: (words) => said.push(words), ...options });

async function create(options: Partial<KeepOptions> = {}): Promise<KeptSource> {
  const source = await createSilent(options);
  source.allow();
  return source;
}

const frames = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => testFrame(from + i, (100 * (from + i)) / 3, nothing));

/** Numbers of the frames in the recording. */
async function numbers(): Promise<number[]> {
  const replay = await RecordingReplay.open(folder, clock, 'as-read');
  const found: number[] = [];
  for (let frame = await replay.next(); frame; frame = await replay.next()) found.push(frame.color.rgb[0]);
  return found;
}

/** Waits until the device has been asked so often, which is when the frames before are written. */
async function untilAsked(times: number): Promise<void> {
  while (device.asked < times) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('a device whose pictures are kept', () => {
  it('is recorded whole, while a slow reader gets the newest and what it has missed is counted', async () => {
    const source = await create();
    const first = source.next();
    device.give(testFrame(0, 0, nothing));
    expect(await first).toMatchObject({ sequence: 0, dropped: { color: 0, depth: 0 } });
    device.give(...frames(1, 6));
    await untilAsked(7);
    const newest = await source.next();
    expect(newest).toMatchObject({ sequence: 1, dropped: { color: 4, depth: 4 }, depth: { kind: 'raw-11' } });
    expect(newest?.color.rgb[0]).toBe(5);
    await source.close();
    expect(await source.next()).toBeNull();
    expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5]);
    const { bytes, ...kept } = source.kept;
    expect(kept).toEqual({ folder, frames: 6, dropped: { color: 0, depth: 0 }, isCut: false });
    expect(bytes).toBe(6 * (614_417 + 921_615));
    expect(device.isClosed).toBe(true);
    expect(said).toEqual([]);
  });

  it('writes nothing before it may, and then the first frame, too', async () => {
    const source = await createSilent();
    const first = source.next();
    device.give(...frames(0, 3));
    expect(await first).toMatchObject({ sequence: 0 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(folder)).toEqual(['INDEX.txt']);
    source.allow();
    await untilAsked(4);
    await source.close();
    expect(await numbers()).toEqual([0, 1, 2]);
  });

  it('leaves no picture where it never might write', async () => {
    const source = await createSilent();
    const first = source.next();
    device.give(...frames(0, 3));
    await first;
    await source.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('hands on copies: the device may fill its own bytes again', async () => {
    const source = await create();
    const frame = testFrame(3, 0, nothing);
    const first = source.next();
    device.give(frame);
    const taken = await first;
    frame.color.rgb[0] = 99;
    expect(taken?.color.rgb[0]).toBe(3);
    await source.close();
  });

  it('passes on that the device was gone, even where that frame was replaced by a newer one', async () => {
    const source = await create();
    const first = source.next();
    device.give(
      testFrame(0, 0, nothing),
      { ...testFrame(1, 33, nothing), isAfterGap: true },
      testFrame(2, 67, nothing),
    );
    await first;
    await untilAsked(4);
    expect(await source.next()).toMatchObject({ isAfterGap: true, color: { hostMs: 67 } });
    await source.close();
  });

  it('counts pictures that the device has lost between the frames that are written', async () => {
    const source = await create();
    const dropped = (color: number, depth: number, number: number) => ({
      ...testFrame(number, 40 * number, nothing),
      dropped: { color, depth },
    });
    const first = source.next();
    device.give(dropped(60, 70, 0), dropped(60, 71, 1), dropped(63, 71, 2));
    await first;
    await untilAsked(4);
    await source.close();
    expect(source.kept.dropped).toEqual({ color: 3, depth: 1 });
  });

  it('is there for its owner alone', async () => {
    const source = await create();
    await source.close();
    expect(statSync(folder).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700);
  });

  it('tells whoever waits what is wrong with the device', async () => {
    const source = await create();
    const first = source.next();
    device.give(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await expect(source.next()).rejects.toThrow('gone');
    await source.close();
  });
});

describe('a recording that ends before its device', () => {
  it('ends with words before the disk is full, and the device is seen further', async () => {
    let free = 3 * GB;
    const source = await create({ freeBytes: () => Promise.resolve(free) });
    const first = source.next();
    device.give(...frames(0, 29));
    await first;
    await untilAsked(30);
    free = GB - 1; // is noticed in front of the 31st frame
    device.give(...frames(29, 40));
    await untilAsked(41);
    expect(said).toEqual([`The recording in ${folder} has ended: its disk has less than 1 GB left.`]);
    expect((await source.next())?.color.rgb[0]).toBe(39);
    await source.close();
    expect(source.kept).toMatchObject({ frames: 30, isCut: true });
    expect(await numbers()).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it('goes on while there is as much room as is left for others', async () => {
    const source = await create({ freeBytes: () => Promise.resolve(GB) });
    const first = source.next();
    device.give(testFrame(0, 0, nothing));
    await first;
    await source.close();
    expect(source.kept).toMatchObject({ frames: 1, isCut: false });
  });

  it('ends with words where nothing can be written any more', async () => {
    const source = await create();
    const first = source.next();
    device.give(testFrame(0, 0, nothing));
    await first;
    await untilAsked(2);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    device.give(testFrame(1, 33, nothing), testFrame(2, 67, nothing));
    await untilAsked(4);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('cannot be written');
    expect(await source.next()).toMatchObject({ color: { hostMs: 67 } });
    await source.close();
  });
});

describe('pictures that cannot be kept', () => {
  it('are those of a device without raw depth', async () => {
    device = new ScriptedDepth({ depthKind: 'registered' });
    await expect(create()).rejects.toMatchObject({ code: 'usage' });
  });

  it('are those for which the disk has no room', async () => {
    const refused = create({ freeBytes: () => Promise.resolve(GB - 1) });
    await expect(refused).rejects.toMatchObject({ code: 'output_unwritable', message: matching(/less than 1 GB/) });
    expect(() => statSync(folder)).toThrow('ENOENT');
  });

  it('are those for a folder with something in it, which stays as it is', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await expect(create()).rejects.toMatchObject({ code: 'output_unwritable', message: matching(/not empty/) });
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('are those for a folder below a file', async () => {
    writeFileSync(folder, '');
    folder = join(folder, 'pictures');
    await expect(create()).rejects.toMatchObject({ code: 'output_unwritable', message: matching(/cannot be written/) });
  });

  it('leave a folder that can be used again, where there were none', async () => {
    await (await create()).close();
    expect(readdirSync(folder)).toEqual([]);
  });
});
