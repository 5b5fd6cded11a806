import { describe, expect, it } from 'vitest';
import { chosenIn } from '../../../src/renderer/state/dropped.ts';

/** A file as a browser gives it: with the folders that were chosen with it, if any. */
const file = (path: string): File => {
  const name = path.split('/').at(-1) ?? '';
  return Object.assign(new File(['something'], name), { webkitRelativePath: path.includes('/') ? path : '' });
};

const itemsOf = (...paths: readonly string[]): string[] =>
  chosenIn(paths.map(file), undefined).items.map(
    ({ name, files }) => `${name}: ${files.map(({ path }) => path.join('/')).join(' ')}`,
  );

describe('what was chosen', () => {
  it('is one thing for each file, and one for each folder with what is in it, in order', () => {
    expect(itemsOf('b.mp4', 'a.png')).toEqual(['b.mp4: b.mp4', 'a.png: a.png']);
    expect(itemsOf('set/1.png', 'set/in/2.png', 'other/x.mp4')).toEqual([
      'set: set/1.png set/in/2.png',
      'other: other/x.mp4',
    ]);
  });

  it('and is no film and no picture is named; hidden files are not spoken of', () => {
    const { items, refused } = chosenIn(
      ['a.MP4', 'notes.txt', 'set/x.csv', 'set/.hidden.png', '.git/a.png'].map(file),
      undefined,
    );
    expect(items.map(({ name }) => name)).toEqual(['a.MP4']);
    expect(refused).toEqual([
      'notes.txt is no video and no picture that Mien can read.',
      'set/x.csv is no video and no picture that Mien can read.',
    ]);
  });

  it('is told by its place where that is known, whatever it is; what lies nowhere is left out', () => {
    const handover = {
      askForWire: () => undefined,
      pathOf: (one: unknown) => ((one as File).name === 'no' ? '' : '/at/it'),
    };
    const { items, refused } = chosenIn(['a.mp4', 'no'].map(file), handover);
    expect(items).toEqual([{ name: 'a.mp4', path: '/at/it', files: [] }]);
    expect(refused).toEqual([]);
  });
});
