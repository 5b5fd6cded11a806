// Films of every kind that people have, written by the test itself: what is read must be what was written.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as av from 'node-av/constants';
import { afterAll, describe, expect, it } from 'vitest';
import { MienError, type ErrorCode } from '../../../src/main/contract/errors.ts';
import { ClipWriter, DEMO_CLIP } from '../../../src/main/hosts/demo/clip.ts';
import { resolveInput } from '../../../src/main/sources/open.ts';
import { VideoFile } from '../../../src/main/sources/video-file.ts';
import {
  BRIGHT,
  COUNTS,
  DARK,
  RED,
  displayMatrix,
  drawnNumber,
  evenTicks,
  quarterMean,
  quarterYuv,
  readAll,
  readFilm,
  rgbOf,
  temporaryFolder,
  writeFilm,
  writeSound,
  type FilmSpec,
  type ReadFrame,
  type Yuv,
} from '../../fixtures/clips.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const QUIET_265 = { 'x265-params': 'log-level=none' };

/** Lossy compression may change a colour by so much, out of 255. */
const NEAR = 3;

function expectNear(measured: readonly number[], wanted: readonly number[], tolerance = NEAR): void {
  const worst = Math.max(...measured.map((value, i) => Math.abs(value - wanted[i])));
  expect(worst, `${measured.join(' ')} instead of ${wanted.join(' ')}`).toBeLessThanOrEqual(tolerance);
}

/** The frames are those that were drawn, in their order and each in its place. */
function expectDrawnInOrder(frames: readonly ReadFrame[]): void {
  expect(frames.map((frame) => Math.round(drawnNumber(frame)))).toEqual(frames.map((_, i) => i % COUNTS));
  expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, i) => i));
}

let films = 0;
async function film(ending: string, spec: FilmSpec): Promise<string> {
  const path = folder.at(`film-${films++}${ending}`);
  await writeFilm(path, spec);
  return path;
}

/** The error of a file that cannot be opened as a film, asked for in the way of every host. */
async function refusal(path: string): Promise<MienError> {
  const error: unknown = await resolveInput(path)
    .then(([input]) => input.open())
    .then(async (source) => {
      await source.close();
      return null;
    })
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof MienError)) throw new Error(`${path} was not refused as it should: ${String(error)}`);
  return error;
}

describe('formats', () => {
  const ticks = evenTicks(30);
  const vp8 = { deadline: 'realtime', 'cpu-used': '4' };
  it.each<[name: string, ending: string, spec: Omit<FilmSpec, 'ticks'>]>([
    ['H.264 in mp4', '.mp4', { encoder: 'libx264' }],
    ['H.264 in mov', '.mov', { encoder: 'libx264' }],
    ['H.264 in mkv', '.mkv', { encoder: 'libx264' }],
    ['HEVC in mp4', '.mp4', { encoder: 'libx265', encoderOptions: QUIET_265 }],
    ['HEVC in mkv', '.mkv', { encoder: 'libx265', encoderOptions: QUIET_265 }],
    ['VP8 in webm', '.webm', { encoder: 'libvpx', encoderOptions: vp8 }],
    ['VP9 in webm', '.webm', { encoder: 'libvpx-vp9', encoderOptions: { deadline: 'good', 'cpu-used': '4' } }],
    ['AV1 in mkv', '.mkv', { encoder: 'libsvtav1', encoderOptions: { preset: '10' } }],
    ['MPEG-4 in avi', '.avi', { encoder: 'mpeg4' }],
    [
      'Motion JPEG in avi',
      '.avi',
      { encoder: 'mjpeg', pixelFormat: av.AV_PIX_FMT_YUVJ420P, colorRange: av.AVCOL_RANGE_JPEG },
    ],
  ])('reads every frame of %s at its time, in its colours', async (_, ending, spec) => {
    const { info, frames, problems } = await readFilm(await film(ending, { ...spec, ticks }));
    expect(problems).toEqual([]);
    expect(frames).toHaveLength(30);
    expectDrawnInOrder(frames);
    frames.forEach(({ timeMs }, i) => expect(timeMs).toBeCloseTo(40 * i, 6));
    expect(info).toMatchObject({ kind: 'video', width: 160, height: 96, expectedFrames: 30 });
    expect(info.durationMs).toBeCloseTo(1200, 0);
    for (const frame of frames) {
      expect(frame).toMatchObject({ width: 160, height: 96, format: 'i420', name: null });
      expectNear(quarterYuv(frame, 0, 0), BRIGHT);
      expectNear(quarterYuv(frame, 1, 0), RED);
      expectNear(quarterYuv(frame, 0, 1), DARK);
    }
  });

  it('says what the film is made of', async () => {
    const path = await film('.mp4', { encoder: 'libx265', encoderOptions: QUIET_265, ticks });
    const { info } = await readFilm(path);
    expect(info.details).toMatchObject({
      codec: 'hevc',
      pixel_format: 'yuv420p',
      nominal_rate_hz: 25,
      turned_clockwise_deg: 0,
      pixel_aspect_ratio: 1,
    });
    expect(info.name).toBe(path.slice(folder.path.length + 1));
  });

  it('keeps an odd width and height', async () => {
    const spec: FilmSpec = { encoder: 'ffv1', width: 61, height: 47, ticks: evenTicks(4) };
    const { frames, info } = await readFilm(await film('.mkv', spec));
    expect(info).toMatchObject({ width: 61, height: 47 });
    expectDrawnInOrder(frames);
    expectNear(quarterYuv(frames[2], 1, 0), RED);
  });

  it('reads a grey film as grey', async () => {
    const spec: FilmSpec = { encoder: 'ffv1', pixelFormat: av.AV_PIX_FMT_GRAY8, ticks: evenTicks(4) };
    const { frames } = await readFilm(await film('.mkv', spec));
    expect(frames[0].format).toBe('gray');
    expectNear([quarterMean(frames[0], 0, 0), quarterMean(frames[0], 0, 1)], [BRIGHT[0], DARK[0]], 0);
  });

  it.each([
    ['BT.601', av.AVCOL_SPC_SMPTE170M, 'bt601'],
    ['BT.709', av.AVCOL_SPC_BT709, 'bt709'],
    ['BT.2020', av.AVCOL_SPC_BT2020_NCL, 'bt2020'],
  ] as const)('tells that colours are in %s', async (_, colorSpace, matrix) => {
    const { frames } = await readFilm(await film('.mp4', { encoder: 'libx264', colorSpace, ticks: evenTicks(2) }));
    expect(frames[0].colorSpace).toEqual({ matrix, range: 'limited' });
  });

  it.each([
    ['720 rows and more for BT.709', 720, 'bt709'],
    ['fewer rows for BT.601', 480, 'bt601'],
  ] as const)('takes %s where the film does not say', async (_, height, matrix) => {
    const spec: FilmSpec = { encoder: 'libx264', colorSpace: av.AVCOL_SPC_UNSPECIFIED, width: 64, height, ticks: [0] };
    const { frames } = await readFilm(await film('.mp4', spec));
    expect(frames[0].colorSpace.matrix).toBe(matrix);
  });
});

describe('the sample film of the program', () => {
  it('has as many frames as were added to it', async () => {
    const path = folder.at('sample.mp4');
    const { width, height } = DEMO_CLIP;
    const writer = await ClipWriter.open(path, DEMO_CLIP);
    for (let i = 0; i < 20; i++) await writer.add(Buffer.alloc(3 * width * height, 10 * i));
    await writer.close();
    const { frames, problems } = await readFilm(path);
    expect(problems).toEqual([]);
    expect(frames).toHaveLength(20);
    expect(frames.map(({ timeMs }) => Math.round(timeMs))).toEqual(evenTicks(20, 40));
  });

  it('keeps the times that were given with the frames', async () => {
    const path = folder.at('sample-varying.mkv');
    const { width, height } = DEMO_CLIP;
    const writer = await ClipWriter.open(path, DEMO_CLIP);
    const ticks = [0, 1, 2, 7, 8, 30, 31];
    for (const tick of ticks) await writer.add(Buffer.alloc(3 * width * height, 90), BigInt(tick));
    await writer.close();
    const { frames } = await readFilm(path);
    expect(frames.map(({ timeMs }) => timeMs)).toEqual(ticks.map((tick) => 40 * tick));
  });
});

describe('times', () => {
  it('are exact in an mp4 file of varying rate', async () => {
    const ticks = [0, 3003, 6100, 12345, 50000, 90001, 90502, 200000, 203003];
    const spec: FilmSpec = { encoder: 'libx264', timeBase: [1, 90000], ticks, encoderOptions: { bf: '0' } };
    const { frames, info, problems } = await readFilm(await film('.mp4', spec));
    expectDrawnInOrder(frames);
    frames.forEach(({ timeMs }, i) => expect(timeMs).toBeCloseTo(ticks[i] / 90, 9));
    expect(info.details.time_base).toBe('1/90000');
    expect(problems).toEqual([]);
  });

  it('are exact to the millisecond in an mkv file of varying rate', async () => {
    const ticks = [0, 33, 67, 100, 167, 1000, 1001, 1034, 2500, 2533];
    const spec: FilmSpec = { encoder: 'libx264', timeBase: [1, 1000], ticks };
    const { frames, problems } = await readFilm(await film('.mkv', spec));
    expectDrawnInOrder(frames);
    expect(frames.map(({ timeMs }) => timeMs)).toEqual(ticks);
    expect(problems).toEqual([]);
  });

  it('come in the order in which they are shown, though the file stores frames in another one', async () => {
    const spec: FilmSpec = { encoder: 'libx264', ticks: evenTicks(30), encoderOptions: { bf: '3', 'b-pyramid': '1' } };
    const { frames } = await readFilm(await film('.mp4', spec));
    expectDrawnInOrder(frames);
    frames.forEach(({ timeMs }, i) => expect(timeMs).toBeCloseTo(40 * i, 6));
  });

  it('of a film at 29.97 frames a second do not drift', async () => {
    const spec: FilmSpec = { encoder: 'libx264', timeBase: [1001, 30000], ticks: evenTicks(60) };
    const { frames } = await readFilm(await film('.mov', spec));
    frames.forEach(({ timeMs }, i) => expect(timeMs).toBeCloseTo((i * 1001) / 30, 6));
  });

  it('begin where the file lets them begin', async () => {
    const spec: FilmSpec = { encoder: 'libx264', timeBase: [1, 1000], ticks: [5000, 5040, 5080] };
    const { frames } = await readFilm(await film('.mkv', spec));
    expect(frames.map(({ timeMs }) => timeMs)).toEqual([5000, 5040, 5080]);
  });

  it('of a film with one frame a second are no sign of damage', async () => {
    const spec: FilmSpec = { encoder: 'libx264', timeBase: [1, 1], ticks: evenTicks(8) };
    const { frames, problems } = await readFilm(await film('.mp4', spec));
    expect(frames.map(({ timeMs }) => timeMs)).toEqual(evenTicks(8, 1000));
    expect(problems).toEqual([]);
  });
});

describe('how the picture is to be shown', () => {
  // Which stored quarter a player shows at the top left, top right and bottom left, by the definition of the matrix:
  // x′ = a·x + c·y, y′ = b·x + d·y.
  const counted: Yuv = [50, 128, 128];
  it.each<[name: string, matrix: [number, number, number, number], shown: readonly [Yuv, Yuv, Yuv], turned: boolean]>([
    ['as it is stored', [1, 0, 0, 1], [BRIGHT, RED, DARK], false],
    ['a quarter turn clockwise', [0, 1, -1, 0], [DARK, BRIGHT, counted], true],
    ['upside down', [-1, 0, 0, -1], [counted, DARK, RED], false],
    ['a quarter turn counterclockwise', [0, -1, 1, 0], [RED, counted, BRIGHT], true],
    ['mirrored', [-1, 0, 0, 1], [RED, BRIGHT, counted], false],
    ['mirrored upside down', [1, 0, 0, -1], [DARK, counted, BRIGHT], false],
    ['mirrored at its diagonal', [0, 1, 1, 0], [BRIGHT, DARK, RED], true],
  ])('comes out upright: %s', async (_, matrix, [topLeft, topRight, bottomLeft], turned) => {
    const spec: FilmSpec = { encoder: 'libx264', ticks: [0], displayMatrix: displayMatrix(...matrix) };
    for (const ending of ['.mp4', '.mov']) {
      const { frames, info } = await readFilm(await film(ending, spec));
      const size = turned ? { width: 96, height: 160 } : { width: 160, height: 96 };
      expect(info).toMatchObject(size);
      expect(frames[0]).toMatchObject(size);
      expectNear(quarterYuv(frames[0], 0, 0), topLeft);
      expectNear(quarterYuv(frames[0], 1, 0), topRight);
      expectNear(quarterYuv(frames[0], 0, 1), bottomLeft);
    }
  });

  it('is upright in an mkv file too', async () => {
    const spec: FilmSpec = { encoder: 'libx264', ticks: [0], displayMatrix: displayMatrix(0, 1, -1, 0) };
    const { frames, info } = await readFilm(await film('.mkv', spec));
    expect(info.details.turned_clockwise_deg).toBe(90);
    expectNear(quarterYuv(frames[0], 1, 0), BRIGHT);
  });

  it.each([
    ['wide', [4, 3], { width: 214, height: 96 }],
    ['tall', [3, 4], { width: 160, height: 128 }],
  ] as const)('has square pixels where the file has %s ones', async (_, pixelAspect, size) => {
    const spec: FilmSpec = { encoder: 'libx264', ticks: evenTicks(3), pixelAspect };
    const { frames } = await readFilm(await film('.mp4', spec));
    for (const frame of frames) expect(frame).toMatchObject(size);
    expectDrawnInOrder(frames);
    expectNear(quarterYuv(frames[0], 0, 0), BRIGHT);
    expectNear(quarterYuv(frames[0], 1, 0), RED);
  });

  it('tells the size that the frames have, not the one that is stored', async () => {
    const spec: FilmSpec = { encoder: 'libx264', ticks: [0], pixelAspect: [4, 3] };
    const { frames, info } = await readFilm(await film('.mp4', spec));
    expect(info).toMatchObject({ width: frames[0].width, height: frames[0].height });
  });

  it('makes pixels square before it turns the picture', async () => {
    const matrix = displayMatrix(0, 1, -1, 0);
    const spec: FilmSpec = { encoder: 'libx264', ticks: [0], pixelAspect: [4, 3], displayMatrix: matrix };
    const { frames } = await readFilm(await film('.mp4', spec));
    expect(frames[0]).toMatchObject({ width: 96, height: 214 });
    expectNear(quarterYuv(frames[0], 1, 0), BRIGHT);
  });
});

describe('pixel formats', () => {
  const x264 = { encoder: 'libx264', ticks: evenTicks(3) };
  const x265 = { encoder: 'libx265', encoderOptions: QUIET_265, ticks: evenTicks(3) };
  const full = av.AVCOL_RANGE_JPEG;
  it.each<[name: string, spec: FilmSpec]>([
    ['4:2:2', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV422P }],
    ['4:4:4', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV444P }],
    ['10 bits', { ...x265, pixelFormat: av.AV_PIX_FMT_YUV420P10LE }],
    ['10 bits of H.264', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV420P10LE }],
    ['10 bits 4:2:2', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV422P10LE }],
    ['10 bits 4:4:4', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV444P10LE }],
    ['the full range', { ...x264, colorRange: full }],
    ['the full range 4:2:2', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV422P, colorRange: full }],
    ['the full range 4:4:4', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV444P, colorRange: full }],
    ['the full range in 10 bits', { ...x265, pixelFormat: av.AV_PIX_FMT_YUV420P10LE, colorRange: full }],
    ['the full range in 10 bits 4:2:2', { ...x264, pixelFormat: av.AV_PIX_FMT_YUV422P10LE, colorRange: full }],
  ])('a film in %s keeps its colours', async (_, spec) => {
    const { frames } = await readFilm(await film('.mkv', spec));
    const stored = { matrix: 'bt601', range: spec.colorRange === full ? 'full' : 'limited' } as const;
    expect(frames).toHaveLength(3);
    expect(frames[0].format).toBe('i420');
    for (const [right, lower, wanted] of [
      [0, 0, BRIGHT],
      [1, 0, RED],
      [0, 1, DARK],
    ] as const) {
      expectNear(rgbOf(quarterYuv(frames[0], right, lower), frames[0].colorSpace), rgbOf(wanted, stored), 4);
    }
  });

  it.each([
    ['', av.AVCOL_RANGE_UNSPECIFIED],
    [' that says it has the full range', full],
  ] as const)('a film of red, green and blue%s keeps its colours', async (_, colorRange) => {
    const [orange, sky] = [
      [220, 120, 40],
      [60, 130, 210],
    ] as const;
    const spec: FilmSpec = {
      encoder: 'libx264rgb',
      pixelFormat: av.AV_PIX_FMT_RGB24,
      colorSpace: av.AVCOL_SPC_RGB,
      colorRange,
      ticks: [0],
      draw: (x) => (x < 0.5 ? orange : sky),
    };
    const { frames } = await readFilm(await film('.mkv', spec));
    expectNear(rgbOf(quarterYuv(frames[0], 0, 0), frames[0].colorSpace), orange, 5);
    expectNear(rgbOf(quarterYuv(frames[0], 1, 1), frames[0].colorSpace), sky, 5);
  });
});

describe('a damaged film', () => {
  const ticks = evenTicks(75);

  async function cutShort(ending: string, spec: FilmSpec): Promise<string> {
    const path = await film(ending, spec);
    const bytes = readFileSync(path);
    const cut = folder.at(`cut-${films++}${ending}`);
    writeFileSync(cut, bytes.subarray(0, Math.floor(0.6 * bytes.length)));
    return cut;
  }

  it.each<[name: string, ending: string, spec: FilmSpec]>([
    ['mkv', '.mkv', { encoder: 'libx264', ticks }],
    ['webm', '.webm', { encoder: 'libvpx-vp9', ticks, encoderOptions: { 'cpu-used': '4' } }],
    ['mp4 with its table in front', '.mp4', { encoder: 'libx264', ticks, muxerOptions: { movflags: '+faststart' } }],
    ['avi', '.avi', { encoder: 'mpeg4', ticks }],
  ])('gives what is left of a cut %s file and says so', async (_, ending, spec) => {
    const { frames, problems } = await readFilm(await cutShort(ending, spec));
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThan(70);
    expectDrawnInOrder(frames.slice(0, -1)); // the last one may be half a picture
    frames.forEach(({ timeMs }, i) => expect(timeMs).toBeCloseTo(40 * i, 6));
    expect(problems.some((problem) => problem.startsWith('The file is cut short'))).toBe(true);
    for (const problem of problems) expect(problem).toMatch(/^[^\n]+\.$/);
  });

  it('cannot be read when the table of an mp4 file is cut off, and says what to do', async () => {
    const error = await refusal(await cutShort('.mp4', { encoder: 'libx264', ticks }));
    expect(error.code).toBe('input_unreadable');
    expect(error.remedy).toContain('copy it again');
  });

  it('passes over a damaged place and says so', async () => {
    const path = await film('.mp4', { encoder: 'libx264', ticks, muxerOptions: { movflags: '+faststart' } });
    const bytes = readFileSync(path);
    for (let i = 0; i < 300; i++) bytes[Math.floor(0.6 * bytes.length) + i] = (7919 * i) & 255;
    writeFileSync(path, bytes);
    const { frames, problems } = await readFilm(path);
    expect(frames.length).toBeGreaterThan(20);
    expect(frames.at(-1)?.timeMs).toBeCloseTo(40 * 74, 6);
    expect(problems.join(' ')).toMatch(/damaged/i);
  });

  it('is not what a film with a longer sound is taken for', async () => {
    for (const ending of ['.mkv', '.mov']) {
      const path = await film(ending, { encoder: 'libx264', ticks: evenTicks(25), soundSeconds: 4 });
      const { frames, problems } = await readFilm(path);
      expect(frames).toHaveLength(25);
      expect(problems, ending).toEqual([]);
    }
  });
});

describe('what is no film', () => {
  async function expectRefused(path: string, code: ErrorCode): Promise<MienError> {
    const error = await refusal(path);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^[^\n]+\.$/);
    expect(error.remedy).toMatch(/^[^\n]+\.$/);
    return error;
  }

  function file(name: string, content: string | Buffer): string {
    const path = folder.at(name);
    writeFileSync(path, content);
    return path;
  }

  it('an empty file', async () => {
    const error = await expectRefused(file('empty.mp4', ''), 'input_empty');
    expect(error.message).toContain('empty.mp4');
  });

  it('a text called .mp4', async () => {
    const error = await expectRefused(file('text.mp4', 'This is no film.\n'.repeat(500)), 'input_unreadable');
    expect(error.message).toContain('text.mp4');
  });

  it('random bytes', async () => {
    let state = 1;
    const bytes = Buffer.from(Array.from({ length: 50_000 }, () => (state = (48271 * state) % 2147483647) & 255));
    await expectRefused(file('random.mkv', bytes), 'input_unreadable');
  });

  it('a picture called .mp4', async () => {
    const path = folder.at('picture.png');
    await writeFilm(path, {
      encoder: 'png',
      pixelFormat: av.AV_PIX_FMT_RGB24,
      ticks: [0],
      muxerOptions: { update: '1' },
    });
    copyFileSync(path, folder.at('picture.mp4'));
    await expectRefused(folder.at('picture.mp4'), 'input_unreadable');
  });

  it.each(['.mka', '.mov', '.avi'])('sound alone (%s)', async (ending) => {
    const path = folder.at(`sound${ending}`);
    await writeSound(path, 1);
    const error = await expectRefused(path, 'input_unsupported');
    expect(error.message).toContain('no video');
  });

  it('sound with a cover picture', async () => {
    const path = folder.at('album.mp4');
    const cover = { encoder: 'mjpeg', pixelFormat: av.AV_PIX_FMT_YUVJ420P, colorRange: av.AVCOL_RANGE_JPEG } as const;
    await writeFilm(path, { ...cover, ticks: [0], soundSeconds: 2, isCover: true });
    const error = await expectRefused(path, 'input_unsupported');
    expect(error.message).toContain('no video');
  });

  it('a folder, asked for as a film', async () => {
    const path = folder.at('folder.mp4');
    mkdirSync(path);
    await expect(VideoFile.open(path)).rejects.toMatchObject({ code: 'input_unreadable' });
  });

  it('a playlist, and nothing that it names is opened', async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await writeFilm(folder.at('part.ts'), { encoder: 'libx264', ticks: evenTicks(30) });
    const head = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n';
    const targets = [`http://127.0.0.1:${port}/part.ts`, 'part.ts', `file://${folder.at('part.ts')}`];
    try {
      for (const [i, target] of targets.entries()) {
        const list = `${head}#EXTINF:1.2,\n${target}\n#EXT-X-ENDLIST\n`;
        await expectRefused(file(`playlist-${i}.mp4`, list), 'input_unreadable');
      }
      await expectRefused(file('remote.mp4', `ffconcat version 1.0\nfile '${targets[0]}'\n`), 'input_unreadable');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(requests).toBe(0);
  });

  it('a script that joins other films', async () => {
    await writeFilm(folder.at('joined.mp4'), { encoder: 'libx264', ticks: evenTicks(5) });
    await expectRefused(file('script.mp4', "ffconcat version 1.0\nfile 'joined.mp4'\n"), 'input_unreadable');
  });

  it('an address instead of a name', async () => {
    await expect(VideoFile.open('http://127.0.0.1:9/film.mp4')).rejects.toMatchObject({ code: 'input_unreadable' });
  });
});

describe('names', () => {
  it.each(['with space & ümläut.mp4', '100 %d %s.mp4', 'what?#1.mp4', 'concat:a|b.mp4', '-i.mp4', 'two\nlines.mp4'])(
    'do not matter: %j',
    async (name) => {
      const path = folder.at(name);
      await writeFilm(folder.at('plain.mp4'), { encoder: 'libx264', ticks: evenTicks(3) });
      copyFileSync(folder.at('plain.mp4'), path);
      const { frames, info } = await readFilm(path);
      expect(frames).toHaveLength(3);
      expect(info.name).toBe(name);
    },
  );
});

describe('the same file', () => {
  it('has the same hash and the same bytes in every frame each time', async () => {
    const path = await film('.mp4', { encoder: 'libx264', ticks: evenTicks(10) });
    const [first, second] = [await readFilm(path), await readFilm(path)];
    expect(second.info).toEqual(first.info);
    expect(second.frames).toEqual(first.frames);
    expect(first.info.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('can be closed before it was read to its end', async () => {
    const path = await film('.mp4', { encoder: 'libx264', ticks: evenTicks(10) });
    const source = await VideoFile.open(path);
    await source.close();
    const { frames } = await readAll(await VideoFile.open(path));
    expect(frames).toHaveLength(10);
    expect(existsSync(path)).toBe(true);
  });
});
