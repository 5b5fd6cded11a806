import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import { openDataset, type DatasetOptions } from '../../../src/main/sources/dataset.ts';
import { temporaryFolder } from '../../fixtures/clips.ts';

const ALL: DatasetOptions = { split: null, byVotes: false, ignoresUnknown: false };
const place = temporaryFolder();
afterAll(() => place.remove());

let folder = '';
let made = 0;
beforeEach(() => {
  folder = join(place.path, `set-${made++}`);
  mkdirSync(folder);
});

/** A gray picture of one shade. */
async function picture(path: string, shade: number): Promise<void> {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const background = { r: shade, g: shade, b: shade };
  await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toFile(join(folder, path));
}

const write = (name: string, ...lines: readonly string[]): string => {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
};

async function namesOf(path: string, options: Partial<DatasetOptions> = {}): Promise<string[]> {
  const { pictures } = await openDataset(path, { ...ALL, ...options });
  return pictures.map(({ name, label }) => `${name} ${EXPRESSIONS[label]}`);
}

describe('a folder for each expression', () => {
  it('is read with all spellings of labels, in order, without what is no picture', async () => {
    await picture('happy/b.png', 1);
    await picture('happy/a.png', 2);
    await picture('fearful/c.png', 3);
    write('happy/notes.txt', 'no picture');
    expect(await namesOf(folder)).toEqual(['fearful/c.png fear', 'happy/a.png happiness', 'happy/b.png happiness']);
  });

  it('gives the pixels', async () => {
    await picture('sad/a.png', 77);
    const { pictures } = await openDataset(folder, ALL);
    const { width, height, format, bytes } = await pictures[0].read();
    expect([width, height, format, ...bytes.subarray(0, 4)]).toEqual([8, 8, 'rgba', 77, 77, 77, 255]);
  });

  it('names labels that are no expression, and leaves them out when asked to', async () => {
    await picture('happy/a.png', 1);
    await picture('bored/a.png', 2);
    await picture('bored/b.png', 3);
    await expect(openDataset(folder, ALL)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/"bored" \(2\)/) as unknown,
    });
    const dataset = await openDataset(folder, { ...ALL, ignoresUnknown: true });
    expect(dataset.pictures).toHaveLength(1);
    expect(dataset.leftOut.unknownLabels).toEqual({ bored: 2 });
  });

  it('has splits where folders of expressions lie in folders, and leaves out what is in another one too', async () => {
    await picture('test/angry/a.png', 1);
    await picture('test/angry/b.png', 2);
    await picture('train/angry/other name.png', 2);
    const dataset = await openDataset(folder, { ...ALL, split: 'test' });
    expect(dataset.splits).toEqual(['test', 'train']);
    expect(dataset.pictures.map(({ name }) => name)).toEqual(['test/angry/a.png']);
    expect(dataset.leftOut.duplicates).toBe(1);
    expect(await namesOf(folder)).toHaveLength(3); // nobody asked for a split
  });

  it('refuses a split that there is not', async () => {
    await picture('angry/a.png', 1);
    await expect(openDataset(folder, { ...ALL, split: 'test' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/no splits/) as unknown,
    });
  });
});

describe('a table of paths and labels', () => {
  it('has subjects and splits, and paths from its own folder on', async () => {
    await picture('in/a.png', 1);
    const table = write('faces.csv', 'Path,Label,Subject,Split', 'in/a.png,"Surprised",S1,test');
    const { pictures } = await openDataset(table, { ...ALL, split: 'test' });
    expect(pictures).toMatchObject([{ name: 'in/a.png', label: 7, subject: 'S1', split: 'test', votes: null }]);
    expect((await pictures[0].read()).width).toBe(8);
  });

  it('says which picture is missing when it is read', async () => {
    const table = write('faces.csv', 'path,label', 'gone.png,sad');
    const { pictures } = await openDataset(table, ALL);
    await expect(pictures[0].read()).rejects.toMatchObject({
      code: 'input_unreadable',
      message: expect.stringMatching(/gone\.png/) as unknown,
    });
  });

  it('says what is wrong with a table that is none, is damaged or has no row', async () => {
    await expect(openDataset(write('a.csv', 'x,y', '1,2'), ALL)).rejects.toMatchObject({ code: 'input_unsupported' });
    await expect(openDataset(write('b.csv', 'path,label', 'a,b,c'), ALL)).rejects.toMatchObject({
      code: 'input_unreadable',
    });
    await expect(openDataset(write('c.csv', 'path,label'), ALL)).rejects.toMatchObject({ code: 'input_unsupported' });
    await expect(openDataset(join(folder, 'none.csv'), ALL)).rejects.toMatchObject({ code: 'input_missing' });
  });
});

describe("FER2013's table", () => {
  const pixels = (shade: number): string => Array.from({ length: 4 }, () => shade).join(' ');

  it('has its numbers, pixels and splits', async () => {
    const table = write('fer2013.csv', 'emotion,pixels,Usage', `3,1 2 3 4,Training`, `6,${pixels(9)},PublicTest`);
    expect(await namesOf(table)).toEqual(['0 happiness', '1 neutral']);
    const { pictures } = await openDataset(table, { ...ALL, split: 'Training' });
    expect(await pictures[0].read()).toEqual({ width: 2, height: 2, format: 'gray', bytes: Uint8Array.of(1, 2, 3, 4) });
  });

  it('is searched for pictures that are in two splits', async () => {
    const table = write(
      'fer2013.csv',
      ...['emotion,pixels,Usage', `3,${pixels(1)},Training`, `0,${pixels(1)},PublicTest`, `0,${pixels(2)},PublicTest`],
    );
    const dataset = await openDataset(table, { ...ALL, split: 'PublicTest' });
    expect(dataset.pictures).toHaveLength(1);
    expect(dataset.leftOut.duplicates).toBe(1);
  });

  it('says where pixels are damaged', async () => {
    for (const damaged of ['1 2 3', '1 2 3 256', '1 2 3 x']) {
      const { pictures } = await openDataset(
        write('fer2013.csv', 'emotion,pixels,Usage', `3,${damaged},Training`),
        ALL,
      );
      await expect(pictures[0].read()).rejects.toMatchObject({ code: 'input_unreadable' });
    }
  });
});

describe('sheets of tiles', () => {
  const HEAD =
    'index,sheet,row,col,split,fer_label,lossless,duplicate_of_training,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,not_face,sha1';

  /** Two tiles side by side, of shades 10 and 20. */
  async function sheets(...rows: readonly string[]): Promise<void> {
    const bytes = Buffer.alloc(96 * 48, 10);
    for (let y = 0; y < 48; y++) bytes.fill(20, 96 * y + 48, 96 * y + 96);
    await sharp(bytes, { raw: { width: 96, height: 48, channels: 1 } })
      .png()
      .toFile(join(folder, 's.png'));
    write('labels.csv', HEAD, ...rows);
  }

  it('are cut at row and column', async () => {
    await sheets('7,s.png,0,1,Training,happy,1,0,,,,,,,,,,,x');
    const { pictures } = await openDataset(folder, ALL);
    expect(pictures).toMatchObject([{ name: '7', label: 4, votes: null }]);
    const { width, height, format, bytes } = await pictures[0].read();
    expect([width, height, format, bytes[0], bytes[48 * 48 - 1]]).toEqual([48, 48, 'gray', 20, 20]);
  });

  it('leave out what is marked as a duplicate', async () => {
    await sheets('0,s.png,0,0,PublicTest,sad,1,1,,,,,,,,,,,x', '1,s.png,0,1,PublicTest,sad,1,0,,,,,,,,,,,y');
    const dataset = await openDataset(folder, { ...ALL, split: 'PublicTest' });
    expect([dataset.pictures.length, dataset.leftOut.duplicates]).toEqual([1, 1]);
  });

  it('can be labelled by the majority of the votes', async () => {
    await sheets(
      '0,s.png,0,0,Training,sad,1,0,1,0,0,0,0,0,0,9,0,0,a', // contempt
      '1,s.png,0,0,Training,sad,1,0,5,5,0,0,0,0,0,0,0,0,b', // even
      '2,s.png,0,0,Training,sad,1,0,0,0,0,0,0,0,0,0,0,10,c', // not a face
      '3,s.png,0,0,Training,sad,1,0,,,,,,,,,,,d',
    );
    const dataset = await openDataset(folder, { ...ALL, byVotes: true, ignoresUnknown: true });
    expect(dataset.pictures).toMatchObject([{ name: '0', label: 1 }]);
    expect(dataset.pictures[0].votes?.[1]).toBeCloseTo(0.9, 6);
    expect(dataset.leftOut.unknownLabels).toEqual({ 'no majority': 1, not_face: 1, 'no votes': 1 });
  });

  it('say when a tile or a sheet is missing', async () => {
    await sheets('0,s.png,1,0,Training,sad,1,0,,,,,,,,,,,a', '1,t.png,0,0,Training,sad,1,0,,,,,,,,,,,b');
    const { pictures } = await openDataset(folder, ALL);
    for (const one of pictures) await expect(one.read()).rejects.toMatchObject({ code: 'input_unreadable' });
  });
});
