// Videos that are really encoded, and read again by our own decoder.
import { mkdirSync, existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { VideoPicture } from '../../../src/main/engine/ports.ts';
import { makeSeekable } from '../../../src/main/video/seekable.ts';
import { WebmWriter } from '../../../src/main/video/webm-writer.ts';
import { startChild, temporaryFolder } from '../../fixtures/store-folder.ts';
import { decoded, wavesPicture } from '../../fixtures/video.ts';

const newPath = (): string => join(temporaryFolder(), 'a.webm');

/** Hands pictures on, one after the other, so slowly that none is left out. */
async function write(
  writer: WebmWriter,
  pictures: readonly { readonly picture: VideoPicture; readonly timeMs: number }[],
): Promise<void> {
  for (const { picture, timeMs } of pictures) {
    writer.frame(picture, timeMs, []);
    await sleep(15);
  }
}

const at = (times: readonly number[]): { picture: VideoPicture; timeMs: number }[] =>
  times.map((timeMs, i) => ({ picture: wavesPicture(i), timeMs }));

/** Of two pictures, luma and chroma. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
}

/** Ids of EBML elements, as bytes. */
const CUES = Buffer.from([0x1c, 0x53, 0xbb, 0x6b]);
const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);
/** Bytes in front of the first of them. */
const FIRST_CLUSTER = 442;
const JUNK = Buffer.alloc(100, 0xaa);

const has = (path: string, id: Buffer): boolean => readFileSync(path).includes(id);

describe('a video', () => {
  it('has the pictures at their times to the millisecond, through gaps, too', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    const times = [0, 33.4, 66.5, 100.49, 15_000, 15_040];
    await write(writer, at(times));
    const { bytes, ...facts } = await writer.close();
    expect(writer.fault).toBeNull();
    expect(facts).toEqual({ width: 160, height: 120, frames: 6, leftOut: 0, masked: 0 });
    expect(bytes).toBe(statSync(path).size);
    const pictures = await decoded(path);
    expect(pictures.map(({ timeMs }) => timeMs)).toEqual([0, 33, 67, 100, 15_000, 15_040]);
    for (const [i, picture] of pictures.entries())
      expect(meanDifference(picture.bytes, wavesPicture(i).bytes)).toBeLessThan(3);
    expect(has(path, CUES)).toBe(true);
  });

  it('is grey where it is masked and shows the rest as it was; the picture that it was given stays as it is', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    const picture = wavesPicture(0);
    const before = Uint8Array.from(picture.bytes);
    const mask = { x: 40, y: 30, width: 60, height: 50 };
    writer.frame(picture, 0, [mask]);
    writer.frame(picture, 40, []);
    expect(await writer.close()).toMatchObject({ frames: 2, masked: 1 });
    expect(picture.bytes).toEqual(before);
    const [covered, open] = await decoded(path);
    expect(meanDifference(open.bytes, before)).toBeLessThan(3);
    const { width, height } = picture;
    let [inside, outside] = [0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        // The codec blurs the border a little.
        const isInside = x >= 44 && x < 96 && y >= 34 && y < 76;
        const isNear = x >= 36 && x < 104 && y >= 26 && y < 84;
        const value = covered.bytes[y * width + x];
        if (isInside) inside = Math.max(inside, Math.abs(value - 128));
        else if (!isNear) outside = Math.max(outside, Math.abs(value - before[y * width + x]));
      }
    expect(inside).toBeLessThan(12);
    expect(outside).toBeLessThan(25);
    const chromaAt = (x: number, y: number): number =>
      covered.bytes[width * height + (y >> 1) * (width / 2) + (x >> 1)];
    expect(Math.abs(chromaAt(70, 55) - 128)).toBeLessThan(4);
    expect(Math.abs(chromaAt(10, 10) - 110)).toBeLessThan(4);
  });

  it.each(['nv12', 'rgba', 'gray'] as const)('is made of %s', async (format) => {
    const path = newPath();
    const bytes = new Uint8Array({ nv12: 16 * 16 * 1.5, rgba: 16 * 16 * 4, gray: 16 * 16 }[format]).fill(180);
    const writer = WebmWriter.create(path);
    const colorSpace = { matrix: 'bt601', range: format === 'nv12' ? 'limited' : 'full' } as const;
    writer.frame({ width: 16, height: 16, format, colorSpace, bytes }, 0, []);
    expect(await writer.close()).toMatchObject({ frames: 1 });
    expect(writer.fault).toBeNull();
    const [{ bytes: shown }] = await decoded(path);
    const expected = format === 'nv12' ? 180 : 16 + (180 * 219) / 255;
    expect(Math.abs(shown[100] - expected)).toBeLessThan(4);
  });

  it('keeps the size with which it began', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    await write(writer, [
      { picture: wavesPicture(0), timeMs: 0 },
      { picture: wavesPicture(0, 322, 241), timeMs: 40 },
      { picture: wavesPicture(0), timeMs: 80 },
    ]);
    expect(await writer.close()).toMatchObject({ frames: 3, width: 160, height: 120 });
    expect((await decoded(path)).map(({ width, height }) => [width, height])).toEqual(Array(3).fill([160, 120]));
  });

  it('is readable by its owner alone, and never takes the place of another file', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => WebmWriter.create(path)).toThrow(/EEXIST/);
    await writer.close();
  });

  it('leaves out what comes while too much waits, and counts it; also a time that is not later', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    for (let i = 0; i < 40; i++) writer.frame(wavesPicture(i), 40 * i, []); // nothing can be written meanwhile
    const { frames, leftOut } = await writer.close();
    expect([frames, leftOut]).toEqual([7, 33]); // one is being written
    const pictures = await decoded(path);
    expect(pictures).toHaveLength(7);
    for (const [i, picture] of pictures.entries())
      // each is the one that it was when it came
      expect(meanDifference(picture.bytes, wavesPicture(i).bytes)).toBeLessThan(3);

    const second = WebmWriter.create(newPath());
    await write(second, at([0, 0.4, 40, 39]));
    expect(await second.close()).toMatchObject({ frames: 2, leftOut: 2 });
  });

  it('without a picture is an empty file', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    expect(await writer.close()).toEqual({ width: 0, height: 0, frames: 0, leftOut: 0, masked: 0, bytes: 0 });
    writer.frame(wavesPicture(0), 0, []); // it is over
    expect(statSync(path).size).toBe(0);
  });

  it('that cannot be written ends with a fault, and takes nothing more', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    const picture = { ...wavesPicture(0), width: 20_000, height: 1, bytes: new Uint8Array(40_000) }; // VP8 ends at 16,383
    writer.frame(picture, 0, []);
    await sleep(100);
    writer.frame(wavesPicture(1), 40, []);
    expect(await writer.close()).toMatchObject({ frames: 0 });
    expect(writer.fault).toBeInstanceOf(Error);
  });

  it('stands alone at a picture every two seconds, whatever the rate', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    await write(writer, at(Array.from({ length: 26 }, (_, i) => 200 * i)));
    await writer.close();
    // A cue for each picture that stands alone: 0, 2 and 4 s.
    const cuePoint = 0xbb;
    const cues = readFileSync(path).subarray(readFileSync(path).lastIndexOf(CUES));
    expect(cues.filter((byte, i) => byte === cuePoint && cues[i + 2] === 0xb3)).toHaveLength(3);
  });
});

describe('a program that is killed', () => {
  it('has lost no more than a second of its video, which is made seekable', async () => {
    const path = newPath();
    const child = startChild('video-recorder.ts', [path]);
    await child.said(110);
    child.process.kill('SIGKILL');
    await child.ended;
    const lastMs = Number(child.lines.at(-1));
    expect(has(path, CUES)).toBe(false);
    const before = await decoded(path);
    expect(before[0].timeMs).toBe(0);
    expect(before[before.length - 1].timeMs).toBeGreaterThanOrEqual(lastMs - 1000);

    const recovered = await makeSeekable(path);
    expect(recovered).toEqual({ width: 160, height: 120, frames: before.length, bytes: statSync(path).size });
    expect(has(path, CUES)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toEqual(['a.webm']);
    expect((await decoded(path)).map(({ timeMs }) => timeMs)).toEqual(before.map(({ timeMs }) => timeMs));
  });
});

describe('a video that broke off', () => {
  it('in the middle of a cluster keeps the pictures in front of it', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    await write(writer, at(Array.from({ length: 50 }, (_, i) => 40 * i)));
    await writer.close();
    const whole = readFileSync(path);
    truncateSync(path, whole.lastIndexOf(CLUSTER) + 200);
    const recovered = await makeSeekable(path);
    expect(recovered?.frames).toBeGreaterThan(30);
    expect(await decoded(path)).toHaveLength(recovered?.frames ?? 0);
  });

  it.each([
    ['is empty', 0],
    ['has not even a whole header', 20],
    ['has nothing behind its header', FIRST_CLUSTER - 5],
    ['has no whole picture', FIRST_CLUSTER + 30],
  ])('and %s is nothing', async (_, bytes) => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    await write(writer, at([0]));
    await writer.close();
    truncateSync(path, bytes);
    expect(await makeSeekable(path)).toBeNull();
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it.each([
    ['its header is damaged', (whole: Buffer) => whole.fill(0xaa, 0, 40)],
    ['more begins behind its last picture', (whole: Buffer) => Buffer.concat([whole, CLUSTER, JUNK, CLUSTER, JUNK])],
  ])('is left alone where %s: there are pictures that cannot be reached', async (_, damage) => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    await write(writer, at(Array.from({ length: 30 }, (_, i) => 40 * i)));
    await writer.abandon();
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    await expect(makeSeekable(path)).rejects.toThrow('damaged');
    expect(readFileSync(path)).toEqual(damaged);
    expect(readdirSync(dirname(path))).toEqual(['a.webm']);
  });

  it('is left alone where it cannot be read', async () => {
    const path = newPath();
    await expect(makeSeekable(path)).rejects.toThrow('ENOENT');
    mkdirSync(path);
    await expect(makeSeekable(path)).rejects.toThrow('EISDIR');
  });

  it('and was being made seekable when the program was killed is made so anew', async () => {
    const path = newPath();
    const writer = WebmWriter.create(path);
    await write(writer, at([0, 40]));
    await writer.abandon();
    writeFileSync(`${path}.part`, 'half of it');
    expect(existsSync(path)).toBe(true);
    await makeSeekable(path);
    expect(existsSync(`${path}.part`)).toBe(false);
  });
});
