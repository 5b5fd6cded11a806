// Recordings of colour and depth as frames to analyse.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { depthIn, frameBytesWith } from '../../../src/main/core/frame.ts';
import type { AllocateSlot, SlottedFrame } from '../../../src/main/engine/ports.ts';
import { DepthFrames } from '../../../src/main/sources/depth-frames.ts';
import { resolveInput } from '../../../src/main/sources/open.ts';
import { writeColorPicture, writeDepthPicture } from '../../fixtures/depth.ts';
import { kinectFolder, writeRecording } from '../../fixtures/kinect.ts';

const place = kinectFolder();
afterAll(() => place.remove());
let folder = '';
let made = 0;
beforeEach(() => {
  folder = join(place.path, `recording-${made++}`);
  mkdirSync(folder);
});

async function writePairs(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await writeColorPicture(join(folder, `${i}_rgb.png`), { r: 10 + i, g: 20, b: 30 }, 512, 424);
    await writeDepthPicture(join(folder, `${i}_depth.png`), new Uint16Array(512 * 424).fill(1000 + i), 512, 424);
  }
}

const allocate: AllocateSlot = (format, width, height, depth) =>
  Promise.resolve({ id: 0, bytes: new Uint8Array(frameBytesWith(depth, format, width, height)) });

async function framesOf(source: DepthFrames): Promise<SlottedFrame[]> {
  const frames: SlottedFrame[] = [];
  for (let frame = await source.next(allocate); frame; frame = await source.next(allocate)) frames.push(frame);
  await source.close();
  return frames;
}

describe('pairs of pictures', () => {
  it('are frames from 0 ms on, 30 a second, each with its depth behind the picture', async () => {
    await writePairs(3);
    const source = await DepthFrames.open(folder);
    expect(source.info).toMatchObject({ kind: 'video', width: 512, height: 424, expectedFrames: 3 });
    expect(source.info.details).toEqual({ sensor: 'kinect-v2', driver: 'pictures', depth: 'registered' });
    const frames = await framesOf(source);
    expect(frames.map(({ sequence, droppedBefore }) => [sequence, droppedBefore])).toEqual(
      [0, 1, 2].map((i) => [i, 0]),
    );
    for (const [i, { slot, timeMs, depth, format }] of frames.entries()) {
      expect(timeMs).toBeCloseTo((1000 * i) / 30, 9);
      expect([format, ...slot.bytes.subarray(0, 4)]).toEqual(['rgba', 10 + i, 20, 30, 255]);
      expect(depth).toEqual({ width: 512, height: 424, focalPx: 365, centerX: 256, centerY: 212, sensor: 'kinect-v2' });
      const mm = depth && depthIn(slot.bytes, depth, 'rgba', 512, 424);
      expect([mm?.length, mm?.at(0), mm?.at(-1)]).toEqual([512 * 424, 1000 + i, 1000 + i]);
    }
  });

  it('are one recording by their bytes, whatever lies in folders beside them', async () => {
    await writePairs(1);
    const hash = async (): Promise<string> => (await DepthFrames.open(folder)).info.sha256;
    const before = await hash();
    mkdirSync(join(folder, 'notes'));
    expect(await hash()).toBe(before);
    await writeDepthPicture(join(folder, '0_depth.png'), new Uint16Array(512 * 424).fill(999), 512, 424);
    expect(await hash()).not.toBe(before);
  });
});

describe("a Kinect's recording", () => {
  it('is registered to colour: 884 mm for the raw value of 699, seen where the colour camera sees it', async () => {
    await writeRecording(folder, 1);
    const name =
      readFileSync(join(folder, 'INDEX.txt'), 'utf8')
        .split('\n')
        .find((line) => line.startsWith('d-')) ?? '';
    const values = new Uint16Array(640 * 480).fill(2047);
    values[240 * 640 + 320] = 699;
    const head = Buffer.from('P5 640 480 65535\n');
    writeFileSync(join(folder, name), Buffer.concat([head, new Uint8Array(values.buffer)]));
    const [{ slot, depth }] = await framesOf(await DepthFrames.open(folder));
    expect(depth).toMatchObject({ width: 640, height: 480, focalPx: 525, centerX: 320, centerY: 240 });
    const mm = depth && depthIn(slot.bytes, depth, 'rgba', 640, 480);
    // 320 + 525/570 × 0.5 − 525 × 25 / 884 = 305.6 aside, and 240 + 525/570 × 0.5 down.
    expect([...(mm?.entries() ?? [])].filter(([, value]) => value > 0)).toEqual([[240 * 640 + 305, 884]]);
  });

  it('has a number and a gap for a picture without depth', async () => {
    await writeRecording(folder, 3);
    const index = readFileSync(join(folder, 'INDEX.txt'), 'utf8').split('\n');
    const [, missing] = index.filter((name) => name.startsWith('d-'));
    writeFileSync(join(folder, 'INDEX.txt'), index.filter((name) => name !== missing).join('\n'));
    rmSync(join(folder, missing));
    const frames = await framesOf(await DepthFrames.open(folder));
    expect(frames.map(({ sequence, droppedBefore }) => [sequence, droppedBefore])).toEqual([
      [0, 0],
      [2, 1],
    ]);
    expect(frames[1].timeMs).toBeCloseTo(2000 / 30, 2);
  });
});

describe('what a user names', () => {
  it('is a recording where it is one, or is said to be one', async () => {
    await writePairs(1);
    const [pictures] = await resolveInput(folder);
    expect((await pictures.open()).info.kind).toBe('pictures');
    const [replay, ...others] = await resolveInput(`replay:${folder}`);
    expect([replay.path, others]).toEqual([folder, []]);
    expect((await replay.open()).info.details).toMatchObject({ sensor: 'kinect-v2' });
    writeFileSync(join(folder, 'INDEX.txt'), '');
    const [recording] = await resolveInput(folder);
    await expect(recording.open()).rejects.toMatchObject({ code: 'input_empty' });
  });

  it('may be nothing at all', async () => {
    const [replay] = await resolveInput(`replay:${join(folder, 'nowhere')}`);
    await expect(replay.open()).rejects.toMatchObject({ code: 'input_missing' });
    await expect(resolveInput('replay:')).rejects.toMatchObject({ code: 'input_missing' });
  });
});
