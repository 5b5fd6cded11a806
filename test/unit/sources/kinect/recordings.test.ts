import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { DepthFrame, DepthSource } from '../../../../src/main/sources/depth-source.ts';
import { openDepthSource } from '../../../../src/main/sources/kinect/open.ts';
import { checkRecording, nameOf } from '../../../../src/main/sources/kinect/recording-format.ts';
import { RecordingReplay } from '../../../../src/main/sources/kinect/recording-replay.ts';
import { RecordingWriter, type RecordingLimits } from '../../../../src/main/sources/kinect/recording-writer.ts';
import { clock, kinectFolder, matching, testFrame, writeRecording } from '../../../fixtures/kinect.ts';

const place = kinectFolder();
afterAll(() => place.remove());
let folder = '';
let made = 0;
beforeEach(() => {
  folder = join(place.path, `recording-${made++}`);
});

const NO_LIMITS: RecordingLimits = { mostMs: Infinity, mostBytes: Infinity };
const FRAME_BYTES = 614_417 + 921_615; // with heads: "P5 640 480 65535\n" has 17 bytes, "P6 640 480 255\n" 15
const nothing = new Uint16Array(640 * 480);
const create = (limits = NO_LIMITS): Promise<RecordingWriter> =>
  RecordingWriter.create(folder, limits, 1_000_000_000_000);

async function read(source: DepthSource): Promise<{ number: number; ms: number; dropped: number }[]> {
  const frames: { number: number; ms: number; dropped: number }[] = [];
  let startMs: number | null = null;
  for (let frame = await source.next(); frame; frame = await source.next()) {
    const { color, depth, dropped } = frame;
    if (depth.kind !== 'raw-11') throw new Error('a recording is raw');
    expect(depth.disparity[0]).toBe(color.rgb[0]);
    startMs ??= color.hostMs;
    frames.push({ number: color.rgb[0], ms: Math.round(color.hostMs - startMs), dropped: dropped.color });
  }
  return frames;
}

describe('a recording that is written', () => {
  it('has a file for each picture and names them in the order in which they were taken', async () => {
    const writer = await create();
    expect(await writer.write(testFrame(1, 0, nothing))).toBe('written');
    expect(await writer.write(testFrame(2, 33.25, nothing, -5))).toBe('written'); // depth first
    expect(writer.written).toEqual({ bytes: 2 * FRAME_BYTES, frames: 2 });
    await writer.close();
    const names = [
      'r-1000000000.000000-2000000.ppm',
      'd-1000000000.008000-2480000.pgm',
      'd-1000000000.028250-4480000.pgm',
      'r-1000000000.033250-4000000.ppm',
    ];
    expect(readFileSync(join(folder, 'INDEX.txt'), 'utf8')).toBe(`${names.join('\n')}\n`);
    expect(readdirSync(folder).sort()).toEqual(['INDEX.txt', ...names].sort());
    expect(statSync(join(folder, names[0])).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  });

  it('holds depth with the low byte first', async () => {
    const values = new Uint16Array(640 * 480).fill(0x2bc); // 700
    values[1] = 2047;
    const writer = await create();
    await writer.write(testFrame(3, 0, values));
    await writer.close();
    const depth = readFileSync(join(folder, 'd-1000000000.008000-6480000.pgm'));
    expect(depth.subarray(0, 17).toString('latin1')).toBe('P5 640 480 65535\n');
    expect([...depth.subarray(17, 23)]).toEqual([3, 0, 0xff, 0x07, 0xbc, 0x02]);
    expect(depth.length).toBe(614_417);
    const color = readFileSync(join(folder, 'r-1000000000.000000-6000000.ppm'));
    expect(color.subarray(0, 15).toString('latin1')).toBe('P6 640 480 255\n');
    expect([...color.subarray(15, 18)]).toEqual([3, 90, 90]);
  });

  it('ends in time: a picture at the limit is in it', async () => {
    const writer = await create({ mostMs: 108, mostBytes: Infinity });
    expect(await writer.write(testFrame(0, 5000, nothing))).toBe('written');
    expect(await writer.write(testFrame(1, 5100, nothing))).toBe('written'); // depth at 108 ms
    expect(await writer.write(testFrame(2, 5100.5, nothing))).toBe('out-of-time');
    expect(writer.written.frames).toBe(2);
    await writer.close();
  });

  it('ends before it is too large', async () => {
    const writer = await create({ mostMs: Infinity, mostBytes: 2 * FRAME_BYTES });
    expect(await writer.write(testFrame(0, 0, nothing))).toBe('written');
    expect(await writer.write(testFrame(1, 33, nothing))).toBe('written');
    expect(await writer.write(testFrame(2, 66, nothing))).toBe('out-of-space');
    await writer.close();
    expect(await checkRecording(folder)).toHaveLength(4);
  });

  it('is not written over anything, nor without raw depth', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await expect(create()).rejects.toMatchObject({ code: 'output_unwritable', message: matching(/is not empty/) });
    writeFileSync(join(place.path, 'file'), '');
    const below = join(place.path, 'file', 'folder');
    await expect(RecordingWriter.create(below, NO_LIMITS, 0)).rejects.toMatchObject({ code: 'output_unwritable' });
    folder += '-2';
    const writer = await create();
    const registered = { ...testFrame(0, 0, nothing), depth: { kind: 'registered' } } as unknown as DepthFrame;
    await expect(writer.write(registered)).rejects.toMatchObject({ code: 'usage' });
    rmSync(folder, { recursive: true });
    await expect(writer.write(testFrame(0, 0, nothing))).rejects.toMatchObject({ code: 'output_unwritable' });
    await writer.close();
  });
});

describe('a recording that is read', () => {
  it('gives the frames with the times between them', async () => {
    await writeRecording(folder, 4);
    const source = await RecordingReplay.open(folder, clock, 'as-read');
    expect(source.facts).toMatchObject({
      sensor: 'kinect-v1',
      depthKind: 'raw-11',
      driver: 'recording',
      isLive: false,
    });
    expect(source.startUnixS).toBe(1_700_000_000);
    expect(await read(source)).toEqual([
      { number: 0, ms: 0, dropped: 0 },
      { number: 1, ms: 33, dropped: 0 },
      { number: 2, ms: 67, dropped: 0 },
      { number: 3, ms: 100, dropped: 0 },
    ]);
    expect(await source.next()).toBeNull();
  });

  it('is late for nobody: a slow reader gets the newest, and what it missed is counted', async () => {
    await writeRecording(folder, 7);
    let nowMs = 500;
    const source = await RecordingReplay.open(folder, { ...clock, monotonicMs: () => nowMs }, 'as-recorded');
    expect(await source.next()).toMatchObject({ sequence: 0, color: { hostMs: 500 }, dropped: { color: 0, depth: 0 } });
    nowMs += 101; // frame 3 is due at 100 ms
    expect(await source.next()).toMatchObject({ sequence: 1, dropped: { color: 2, depth: 2 } });
    nowMs += 1000;
    expect(await source.next()).toMatchObject({ sequence: 2, dropped: { color: 4, depth: 4 } });
    expect(await source.next()).toBeNull();
  });

  it('can be closed while a frame is waited for', async () => {
    await writeRecording(folder, 2);
    const source = await RecordingReplay.open(folder, { ...clock, monotonicMs: () => 0 }, 'as-recorded');
    await source.next();
    const second = source.next(); // its time never comes
    await source.close();
    expect(await second).toBeNull();
    expect(await source.next()).toBeNull();
  });

  it('leaves out what has no partner, and counts it', async () => {
    await writeRecording(folder, 3);
    const index = readFileSync(join(folder, 'INDEX.txt'), 'utf8').split('\n');
    const without = index.filter((name) => !name.startsWith('d-1700000000.041')); // depth of the second frame
    writeFileSync(join(folder, 'INDEX.txt'), without.join('\n'));
    expect(await read(await RecordingReplay.open(folder, clock, 'as-read'))).toEqual([
      { number: 0, ms: 0, dropped: 0 },
      { number: 2, ms: 67, dropped: 1 },
    ]);
  });

  it('may hold positions of the motor, as those of fakenect-record', async () => {
    await writeRecording(folder, 1);
    appendFileSync(join(folder, 'INDEX.txt'), 'a-1700000000.05-2480000.dump\n');
    expect(await checkRecording(folder)).toHaveLength(2);
  });

  it('is all that came before half a name at its end', async () => {
    await writeRecording(folder, 2);
    appendFileSync(join(folder, 'INDEX.txt'), nameOf('color', 1_700_000_001, 1).slice(0, -1));
    expect(await checkRecording(folder)).toHaveLength(4);
  });

  it('may have come from a machine that ends lines in its own way', async () => {
    await writeRecording(folder, 2);
    const index = readFileSync(join(folder, 'INDEX.txt'), 'utf8');
    writeFileSync(join(folder, 'INDEX.txt'), index.replaceAll('\n', '\r\n').trimEnd());
    expect(await checkRecording(folder)).toHaveLength(4);
  });

  it.each([
    ['a name that leads elsewhere', '../d-1700000000.05-1.pgm', 'input_unsupported'],
    ['a name that is none', 'picture.pgm', 'input_unsupported'],
    ['a file that is missing', nameOf('depth', 1_700_000_001, 1), 'input_unreadable'],
  ])('is refused with %s', async (_, name, code) => {
    await writeRecording(folder, 1);
    appendFileSync(join(folder, 'INDEX.txt'), `${name}\n`);
    await expect(checkRecording(folder)).rejects.toMatchObject({ code });
  });

  it('is refused with a file of another head or size', async () => {
    await writeRecording(folder, 1);
    const name = readdirSync(folder).find((each) => each.startsWith('d-')) ?? '';
    const bytes = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), Buffer.concat([bytes, Buffer.of(0)]));
    await expect(checkRecording(folder)).rejects.toMatchObject({
      code: 'input_unreadable',
      message: matching(/is damaged/),
    });
    bytes.write('P5 640 480 65534\n', 'latin1');
    writeFileSync(join(folder, name), bytes);
    await expect(checkRecording(folder)).rejects.toMatchObject({
      code: 'input_unreadable',
      message: matching(/is damaged/),
    });
  });
});

describe('a source by its name', () => {
  const launch = (): never => {
    throw new Error('no sensor is needed');
  };
  const options = { clock, launch, pace: 'as-read', wantsRaw: false } as const;

  it('is a recording of a folder', async () => {
    await writeRecording(folder, 1);
    expect((await openDepthSource({ ...options, source: `replay:${folder}` })).facts.driver).toBe('recording');
  });

  it.each(['webcam', 'replay:', 'Kinect'])('is none: %s', async (source) => {
    await expect(openDepthSource({ ...options, source })).rejects.toMatchObject({ code: 'usage' });
  });
});
