import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveNested } from '../../../src/main/sources/nested.ts';
import { temporaryFolder } from '../../fixtures/store-folder.ts';

/** A folder with these files in it. */
function folderWith(...files: readonly string[]): string {
  const folder = join(temporaryFolder(), 'set');
  mkdirSync(folder);
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), 'something');
  }
  return folder;
}

const stemsIn = async (path: string): Promise<string[]> =>
  (await resolveNested(path)).inputs.map(({ stem, path: at }) => `${stem} of ${at.slice(path.length)}`);

describe('what was dropped', () => {
  it('is one input for the pictures of each folder, and one for each video, in the order of their names', async () => {
    const folder = folderWith('2.png', '10.png', 'b/1.jpg', 'b/film 10.mp4', 'b/film 2.mp4', 'a/c/x.webp', 'z.mov');
    expect(await stemsIn(folder)).toEqual([
      'set of ',
      'z of /z.mov',
      'c of /a/c',
      'b of /b',
      'film 2 of /b/film 2.mp4',
      'film 10 of /b/film 10.mp4',
    ]);
  });

  it('that is neither is named, and the rest goes on', async () => {
    const folder = folderWith('a.png', 'notes.txt', 'in/table.csv', 'in/.hidden', '.DS_Store');
    const { inputs, refused } = await resolveNested(folder);
    expect(inputs).toHaveLength(1);
    expect(refused).toEqual([
      'set/notes.txt is no video and no picture that Mien can read.',
      'set/in/table.csv is no video and no picture that Mien can read.',
    ]);
    expect(await resolveNested(join(folder, 'notes.txt'))).toEqual({
      inputs: [],
      refused: ['notes.txt is no video and no picture that Mien can read.'],
    });
  });

  it.each([
    ['is empty', (folder: string) => writeFileSync(join(folder, 'film.mp4'), ''), /^film.mp4 is empty\. /],
    ['is not there', () => undefined, /^There is no file or folder film.mp4\. /],
  ])('that %s is told with its name alone', async (_, make, sentence) => {
    const folder = folderWith();
    make(folder);
    const { inputs, refused } = await resolveNested(join(folder, 'film.mp4'));
    expect(inputs).toEqual([]);
    expect(refused).toEqual([expect.stringMatching(sentence)]);
  });

  it('that is a folder of nothing says so, and links in it lead to no other folder', async () => {
    const folder = folderWith();
    expect((await resolveNested(folder)).refused).toEqual(['set has no videos and no pictures.']);
    symlinkSync('..', join(folder, 'up'));
    const { inputs, refused } = await resolveNested(folder);
    expect([inputs, refused]).toEqual([[], ['set/up is no video and no picture that Mien can read.']]);
  });
});
