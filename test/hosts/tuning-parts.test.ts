// Which pictures a study sees.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParts, type Parts, type PartsOptions } from '../../src/main/hosts/tuning/parts.ts';
import { temporaryFolder } from '../fixtures/clips.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const OPTIONS: PartsOptions = {
  ...{ split: null, testSplit: null, isSwapped: false, byVotes: false, ignoresUnknown: false },
};
const COUNT = 24;
const lastBit = (content: string | Uint8Array): number => (createHash('sha1').update(content).digest().at(-1) ?? 0) % 2;
const grayOf = (i: number): number => 10 * (i % 20); // the last four are copies of the first

beforeAll(async () => {
  mkdirSync(place.at('gray'));
  for (let i = 0; i < COUNT; i++) {
    const side = grayOf(i);
    await sharp(new Uint8Array(16 * 16).fill(side), { raw: { width: 16, height: 16, channels: 1 } })
      .png()
      .toFile(place.at('gray', `${i}.png`));
  }
  const table = (name: string, columns: string, more: (i: number) => string): void => {
    const rows = Array.from({ length: COUNT }, (_, i) => `gray/${i}.png,happy${more(i)}`);
    writeFileSync(place.at(name), [`path,label${columns}`, ...rows, ''].join('\n'));
  };
  table('plain.csv', '', () => '');
  table('subjects.csv', ',subject', (i) => `,S${i % 5}`);
  table('some-subjects.csv', ',subject', (i) => (i % 2 ? ',S' : ','));
  table('splits.csv', ',split', (i) => `,${['train', 'val', 'test'][i % 3]}`);
  table('unclear.csv', ',split', (i) => `,${['a', 'b', 'c'][i % 3]}`);
});

/** Names of the pictures that the study sees, when every picture was read. */
async function seenIn({ pictures, isSeen }: Parts): Promise<string[]> {
  await Promise.all(pictures.map((picture) => picture.read()));
  return pictures.flatMap(({ name }, i) => (isSeen(i) ? [name] : []));
}

describe('halves', () => {
  it('go by the last bit of the sha1 of the pixels, so that copies are on one side; both halves are all', async () => {
    const parts = await openParts(place.at('plain.csv'), OPTIONS);
    expect(parts).toMatchObject({ partedBy: 'halves', validation: null, test: null });
    const seen = await seenIn(parts);
    const stills = await Promise.all(parts.pictures.map((picture) => picture.read()));
    expect(seen).toEqual(parts.pictures.flatMap(({ name }, i) => (lastBit(stills[i].bytes) === 0 ? [name] : [])));
    for (let i = 20; i < COUNT; i++) expect(seen.includes(`gray/${i}.png`)).toBe(seen.includes(`gray/${i - 20}.png`));
    const swapped = await seenIn(await openParts(place.at('plain.csv'), { ...OPTIONS, isSwapped: true }));
    expect([...seen, ...swapped].sort()).toEqual(parts.pictures.map(({ name }) => name).sort());
  });

  it('go by subjects where they are known', async () => {
    const seen = await seenIn(await openParts(place.at('subjects.csv'), OPTIONS));
    const expected = Array.from({ length: COUNT }, (_, i) => i).filter((i) => lastBit(`S${i % 5}`) === 0);
    expect(seen).toEqual(expected.map((i) => `gray/${i}.png`));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(COUNT);
  });

  it('go by the pixels where the cell of the subject is empty: these are not one person', async () => {
    const parts = await openParts(place.at('some-subjects.csv'), OPTIONS);
    expect(parts.pictures.map(({ subject }) => subject).slice(0, 2)).toEqual([null, 'S']);
    const seen = await seenIn(parts);
    const stills = await Promise.all(parts.pictures.map((picture) => picture.read()));
    const bits = stills.map(({ bytes }, i) => lastBit(i % 2 ? 'S' : bytes));
    expect(seen).toEqual(parts.pictures.flatMap(({ name }, i) => (bits[i] === 0 ? [name] : [])));
  });

  it('are those of one split where only that is named', async () => {
    const parts = await openParts(place.at('splits.csv'), { ...OPTIONS, split: 'val' });
    expect(parts).toMatchObject({ partedBy: 'halves', validation: 'val', test: null });
    expect(parts.pictures.length).toBeLessThanOrEqual(COUNT / 3);
  });

  it('cannot be told before the pictures were read', async () => {
    const { isSeen } = await openParts(place.at('plain.csv'), OPTIONS);
    expect(() => isSeen(0)).toThrow('was not read');
  });
});

describe('splits', () => {
  it('are found by their names; pictures of the training are in neither, and copies are left out', async () => {
    const parts = await openParts(place.at('splits.csv'), OPTIONS);
    expect(parts).toMatchObject({ partedBy: 'splits', validation: 'val', test: 'test' });
    // 1 and 21, 2 and 22 are copies: of val (1, 4, 7 …, 22) and test (2, 5, …, 23) those that another split has, too.
    const numbers = parts.pictures.map(({ name }) => Number(/(\d+)\.png/.exec(name)?.[1]));
    expect(numbers.every((i) => i % 3 !== 0)).toBe(true);
    expect(numbers).not.toContain(22);
    expect(parts.leftOut.duplicates).toBe(16 - numbers.length);
    expect((await seenIn(parts)).every((name) => Number(/(\d+)\.png/.exec(name)?.[1]) % 3 === 1)).toBe(true);
  });

  it('may be named', async () => {
    const named = { ...OPTIONS, split: 'a', testSplit: 'c' };
    expect(await openParts(place.at('unclear.csv'), named)).toMatchObject({ validation: 'a', test: 'c' });
  });

  it('must be named where it is not clear which to use', async () => {
    const opening = (options: Partial<PartsOptions>): Promise<Parts> =>
      openParts(place.at('unclear.csv'), { ...OPTIONS, ...options });
    await expect(opening({})).rejects.toThrow('the splits a, b, c');
    await expect(opening({ testSplit: 'b' })).rejects.toThrow('Only the split for the test');
    await expect(opening({ split: 'a', testSplit: 'a' })).rejects.toThrow('cannot be both');
    await expect(opening({ split: 'd' })).rejects.toThrow('no split "d"');
  });
});
