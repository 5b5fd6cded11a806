// Photographs in every format that people have: the pixels must come out upright, in 8 bits and in the right colours.
import { copyFileSync, writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { Pictures, type PictureFile } from '../../../src/main/sources/pictures.ts';
import { ownMemory, readAll, temporaryFolder, type ReadFilm, type ReadFrame } from '../../fixtures/clips.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [240, 240, 240];
const RED: Rgb = [200, 40, 30];
const GREEN: Rgb = [30, 170, 60];
const BLUE: Rgb = [40, 60, 200];

const WIDTH = 60;
const HEIGHT = 40;

/** A picture in four quarters: white, red, green, blue. */
function quarters(channels: 3 | 4 = 3, alpha = 255): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * channels, alpha);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [top, left] = [y < HEIGHT / 2, x < WIDTH / 2];
      const colour = top ? (left ? WHITE : RED) : left ? GREEN : BLUE;
      pixels.set(colour, (y * WIDTH + x) * channels);
    }
  }
  return pixels;
}

const picture = (): ReturnType<typeof sharp> =>
  sharp(quarters(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

const file = (name: string): PictureFile => ({ path: folder.at(name), name });

async function read(...names: string[]): Promise<ReadFilm> {
  return readAll(await Pictures.open('pictures', names.map(file)));
}

/** The only frame of one picture. */
async function readOne(name: string): Promise<ReadFrame> {
  const { frames, problems } = await read(name);
  expect(problems).toEqual([]);
  expect(frames).toHaveLength(1);
  return frames[0];
}

/** Red, green and blue in the middle of a quarter. */
function colourAt({ bytes, width, height }: ReadFrame, right: 0 | 1, lower: 0 | 1): number[] {
  const [x, y] = [Math.floor(width * (0.25 + 0.5 * right)), Math.floor(height * (0.25 + 0.5 * lower))];
  const at = 4 * (y * width + x);
  return [...bytes.subarray(at, at + 3)];
}

function expectColours(frame: ReadFrame, wanted: readonly [Rgb, Rgb, Rgb, Rgb], tolerance: number): void {
  const measured = [colourAt(frame, 0, 0), colourAt(frame, 1, 0), colourAt(frame, 0, 1), colourAt(frame, 1, 1)];
  measured.forEach((colour, i) => {
    const worst = Math.max(...colour.map((value, channel) => Math.abs(value - wanted[i][channel])));
    expect(worst, `${colour.join(' ')} instead of ${wanted[i].join(' ')}`).toBeLessThanOrEqual(tolerance);
  });
}

const UPRIGHT = [WHITE, RED, GREEN, BLUE] as const;

describe('formats', () => {
  it.each<[name: string, make: (path: string) => Promise<unknown>, tolerance: number]>([
    ['a.jpg', (path) => picture().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(path), 4],
    ['progressive.jpeg', (path) => picture().jpeg({ quality: 95, progressive: true }).toFile(path), 8],
    ['a.png', (path) => picture().png().toFile(path), 0],
    ['palette.png', (path) => picture().png({ palette: true }).toFile(path), 2],
    ['a.webp', (path) => picture().webp({ lossless: true }).toFile(path), 0],
    ['a.tiff', (path) => picture().tiff({ compression: 'lzw' }).toFile(path), 0],
    ['a.tif', (path) => picture().tiff({ compression: 'none' }).toFile(path), 0],
    ['a.gif', (path) => picture().gif().toFile(path), 8],
    ['a.avif', (path) => picture().avif({ quality: 90, chromaSubsampling: '4:4:4' }).toFile(path), 8],
    ['deep.png', (path) => picture().toColourspace('rgb16').png().toFile(path), 1],
    ['deep.tiff', (path) => picture().toColourspace('rgb16').tiff({ compression: 'none' }).toFile(path), 1],
  ])('%s keeps its size and colours', async (name, make, tolerance) => {
    await make(folder.at(name));
    const frame = await readOne(name);
    expect(frame).toMatchObject({ width: WIDTH, height: HEIGHT, format: 'rgba', sequence: 0, name });
    expect(frame.timeMs).toBeNaN();
    expect(frame.bytes).toHaveLength(4 * WIDTH * HEIGHT);
    expectColours(frame, UPRIGHT, tolerance);
  });

  it('16-bit files are really written with 16 bits by these tests', async () => {
    await picture().toColourspace('rgb16').tiff({ compression: 'none' }).toFile(folder.at('check.tiff'));
    expect((await sharp(folder.at('check.tiff')).metadata()).depth).toBe('ushort');
  });

  it.each([
    ['grey.jpg', 8],
    ['grey.png', 8],
    ['grey16.png', 16],
  ] as const)('%s has three equal channels', async (name, bits) => {
    const grey = picture().toColourspace(bits === 16 ? 'grey16' : 'b-w');
    await (name.endsWith('.jpg') ? grey.jpeg({ quality: 95 }) : grey.png()).toFile(folder.at(name));
    expect((await sharp(folder.at(name)).metadata()).channels).toBe(1);
    const frame = await readOne(name);
    const [white, red, green, blue] = (['00', '10', '01', '11'] as const).map((at) =>
      colourAt(frame, at.startsWith('1') ? 1 : 0, at[1] === '1' ? 1 : 0),
    );
    for (const colour of [white, red, green, blue]) expect(new Set(colour).size).toBe(1);
    expect(Math.abs(white[0] - 240)).toBeLessThanOrEqual(3);
    expect(white[0]).toBeGreaterThan(green[0]);
    expect(green[0]).toBeGreaterThan(blue[0]);
  });

  it('a picture for printing (CMYK) comes out in red, green and blue', async () => {
    await picture().toColourspace('cmyk').jpeg({ quality: 100 }).toFile(folder.at('cmyk.jpg'));
    expect((await sharp(folder.at('cmyk.jpg')).metadata()).space).toBe('cmyk');
    const frame = await readOne('cmyk.jpg');
    expect(frame.bytes).toHaveLength(4 * WIDTH * HEIGHT);
    // Ink has fewer colours than light, so each must only stay what it is called.
    const [white, red, green, blue] = [
      colourAt(frame, 0, 0),
      colourAt(frame, 1, 0),
      colourAt(frame, 0, 1),
      colourAt(frame, 1, 1),
    ];
    expect(Math.min(...white)).toBeGreaterThan(220);
    expect(red[0]).toBeGreaterThan(100 + Math.max(red[1], red[2]));
    expect(green[1]).toBeGreaterThan(40 + Math.max(green[0], green[2]));
    expect(blue[2]).toBeGreaterThan(40 + Math.max(blue[0], blue[1]));
  });

  it('transparent pixels are shown on black, half transparent ones half', async () => {
    const raw = { width: WIDTH, height: HEIGHT, channels: 4 } as const;
    await sharp(quarters(4, 128), { raw }).png().toFile(folder.at('half.png'));
    await sharp(quarters(4, 0), { raw }).png().toFile(folder.at('clear.png'));
    const half = UPRIGHT.map(([r, g, b]): Rgb => [r / 2, g / 2, b / 2]);
    expectColours(await readOne('half.png'), [half[0], half[1], half[2], half[3]], 2);
    const black: Rgb = [0, 0, 0];
    const clear = await readOne('clear.png');
    expectColours(clear, [black, black, black, black], 0);
    expect(clear.bytes).toHaveLength(4 * WIDTH * HEIGHT);
  });

  it('a grey picture with transparency has the right size', async () => {
    const raw = { width: WIDTH, height: HEIGHT, channels: 4 } as const;
    await sharp(quarters(4, 255), { raw }).toColourspace('b-w').png().toFile(folder.at('grey-alpha.png'));
    expect((await sharp(folder.at('grey-alpha.png')).metadata()).channels).toBe(2);
    const frame = await readOne('grey-alpha.png');
    expect(frame.bytes).toHaveLength(4 * WIDTH * HEIGHT);
    expect(Math.abs(colourAt(frame, 0, 0)[0] - 240)).toBeLessThanOrEqual(2);
  });

  it('a picture of one pixel is a picture', async () => {
    await sharp({ create: { width: 1, height: 1, channels: 3, background: { r: 9, g: 99, b: 199 } } })
      .png()
      .toFile(folder.at('one.png'));
    const frame = await readOne('one.png');
    expect(frame).toMatchObject({ width: 1, height: 1 });
    expect([...frame.bytes.subarray(0, 3)]).toEqual([9, 99, 199]);
  });

  it('only the first picture of an animation counts, and it is said', async () => {
    const second = await picture().negate().png().toBuffer();
    await sharp([await picture().png().toBuffer(), second], { join: { animated: true } })
      .webp({ lossless: true })
      .toFile(folder.at('moving.webp'));
    expect((await sharp(folder.at('moving.webp')).metadata()).pages).toBe(2);
    const { frames, problems } = await read('moving.webp');
    expect(problems).toEqual(['moving.webp holds 2 pictures; the first one is read.']);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ width: WIDTH, height: HEIGHT });
    expectColours(frames[0], UPRIGHT, 0);
  });
});

describe('EXIF orientation', () => {
  // What the reader must show at the top left, top right, bottom left and bottom right (EXIF 2.32, tag 0x0112).
  it.each<[orientation: number, shown: readonly [Rgb, Rgb, Rgb, Rgb], turned: boolean]>([
    [1, [WHITE, RED, GREEN, BLUE], false],
    [2, [RED, WHITE, BLUE, GREEN], false],
    [3, [BLUE, GREEN, RED, WHITE], false],
    [4, [GREEN, BLUE, WHITE, RED], false],
    [5, [WHITE, GREEN, RED, BLUE], true],
    [6, [GREEN, WHITE, BLUE, RED], true],
    [7, [BLUE, RED, GREEN, WHITE], true],
    [8, [RED, BLUE, WHITE, GREEN], true],
  ])('%i comes out upright', async (orientation, shown, turned) => {
    const name = `orientation-${orientation}.jpg`;
    await picture()
      .withMetadata({ orientation })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toFile(folder.at(name));
    expect((await sharp(folder.at(name)).metadata()).orientation).toBe(orientation);
    const frame = await readOne(name);
    expect(frame).toMatchObject(turned ? { width: HEIGHT, height: WIDTH } : { width: WIDTH, height: HEIGHT });
    expectColours(frame, shown, 4);
  });
});

describe('what is wrong with a picture', () => {
  it('does not matter when it is only its ending', async () => {
    await picture().png().toFile(folder.at('really.png'));
    copyFileSync(folder.at('really.png'), folder.at('called.jpg'));
    expectColours(await readOne('called.jpg'), UPRIGHT, 0);
  });

  it.each([
    ['a text', 'text.jpg', Buffer.from('This is no picture.\n'.repeat(50))],
    ['random bytes', 'random.png', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) & 255))],
    ['nothing', 'nothing.jpg', Buffer.alloc(0)],
  ])('is said in one line when it is %s', async (_, name, content) => {
    writeFileSync(folder.at(name), content);
    await expect(read(name)).rejects.toMatchObject({ name: 'MienError', code: 'input_unreadable' });
    await expect(read(name)).rejects.toThrow(new RegExp(`^${name}[^\n]+\\.$`));
    await expect(read(name)).rejects.toMatchObject({ remedy: expect.stringMatching(/^[^\n]+\.$/) as string });
  });

  it('is said when half of a jpeg file is missing', async () => {
    const whole = await sharp({
      create: {
        width: 400,
        height: 400,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .jpeg({ quality: 90 })
      .toBuffer();
    writeFileSync(folder.at('half.jpg'), whole.subarray(0, whole.length / 2));
    await expect(read('half.jpg')).rejects.toMatchObject({ code: 'input_unreadable' });
  });

  it('does not keep the others from being read', async () => {
    await picture().png().toFile(folder.at('good-1.png'));
    writeFileSync(folder.at('bad-2.png'), 'no picture');
    await picture().jpeg().toFile(folder.at('good-3.jpg'));
    const { frames, problems, info } = await read('good-1.png', 'bad-2.png', 'good-3.jpg');
    expect(frames.map(({ name, sequence }) => [name, sequence])).toEqual([
      ['good-1.png', 0],
      ['good-3.jpg', 1],
    ]);
    expect(problems).toEqual([expect.stringContaining('bad-2.png')]);
    expect(info).toMatchObject({ kind: 'pictures', name: 'pictures', expectedFrames: 3, durationMs: null });
  });

  it('is told of the first one when none can be read', async () => {
    writeFileSync(folder.at('bad-1.png'), 'no picture');
    writeFileSync(folder.at('bad-2.png'), 'no picture either');
    await expect(read('bad-1.png', 'bad-2.png')).rejects.toThrow(/^bad-1\.png/);
  });
});

describe('many pixels', () => {
  it('are read: 10000 × 10000', async () => {
    await sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: { r: 30, g: 60, b: 90 } } })
      .png({ compressionLevel: 1 })
      .toFile(folder.at('large.png'));
    const source = await Pictures.open('large', [file('large.png')]);
    const frame = await source.next(ownMemory);
    await source.close();
    expect(frame).toMatchObject({ width: 10_000, height: 10_000, format: 'rgba' });
    const last = 4 * (10_000 * 10_000 - 1);
    expect([...(frame?.slot.bytes.subarray(last, last + 3) ?? [])]).toEqual([30, 60, 90]);
  });

  it('are refused above 225 million before they take memory', async () => {
    writeFileSync(folder.at('huge.png'), pngHeader(20_000, 20_000));
    await expect(read('huge.png')).rejects.toMatchObject({ code: 'input_unsupported' });
    await expect(read('huge.png')).rejects.toThrow(/^huge\.png has too many pixels\.$/);
  });
});

describe('hash', () => {
  it('of a single picture is that of its file, of several that of all in their order', async () => {
    await picture().png().toFile(folder.at('h1.png'));
    await picture().negate().png().toFile(folder.at('h2.png'));
    const hashOf = async (...names: string[]): Promise<string> => (await read(...names)).info.sha256;
    const [one, two] = [await hashOf('h1.png'), await hashOf('h2.png')];
    const both = await hashOf('h1.png', 'h2.png');
    expect(new Set([one, two, both, await hashOf('h2.png', 'h1.png')]).size).toBe(4);
    expect(await hashOf('h1.png', 'h2.png')).toBe(both);
    copyFileSync(folder.at('h1.png'), folder.at('renamed.png'));
    expect(await hashOf('renamed.png')).toBe(one);
  });
});

/** A png file that promises so many pixels and has next to none. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk('IDAT', deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
