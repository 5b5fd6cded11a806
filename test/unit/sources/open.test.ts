// From what the user names to what is analysed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { MienError } from '../../../src/main/contract/errors.ts';
import { resolveInput, type Input } from '../../../src/main/sources/open.ts';
import { evenTicks, readAll, temporaryFolder, writeFilm, type ReadFilm } from '../../fixtures/clips.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

let folders = 0;
/** A new folder with files; a name that ends in / is a folder in it. */
async function folderWith(...names: string[]): Promise<string> {
  const path = temporary.at(`folder-${folders++}`);
  mkdirSync(path);
  for (const name of names) {
    if (name.endsWith('/')) mkdirSync(`${path}/${name}`);
    else if (/\.(mp4|mkv|mov|MP4)$/.test(name)) {
      await writeFilm(`${path}/${name}`, { encoder: 'libx264', ticks: evenTicks(2) });
    } else if (/\.(jpe?g|png|JPG)$/.test(name)) {
      const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#456' } });
      writeFileSync(`${path}/${name}`, await picture.png().toBuffer());
    } else writeFileSync(`${path}/${name}`, 'something else');
  }
  return path;
}

const readInput = async (input: Input): Promise<ReadFilm> => readAll(await input.open());

const namesIn = async (input: Input): Promise<(string | null)[]> =>
  (await readInput(input)).frames.map(({ name }) => name);

async function refusal(path: string): Promise<MienError> {
  const error: unknown = await resolveInput(path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MienError) return error;
  throw new Error(`${path} was not refused as it should: ${String(error)}`);
}

describe('a file', () => {
  it('is one input, called by its name without ending', async () => {
    const folder = await folderWith('my film.part.1.mp4', 'face.jpg');
    const [film, ...none] = await resolveInput(`${folder}/my film.part.1.mp4`);
    expect(none).toEqual([]);
    expect(film).toMatchObject({ path: `${folder}/my film.part.1.mp4`, stem: 'my film.part.1' });
    expect((await readInput(film)).info.kind).toBe('video');
    const [picture] = await resolveInput(`${folder}/face.jpg`);
    expect(picture.stem).toBe('face');
    expect((await readInput(picture)).info).toMatchObject({ kind: 'pictures', name: 'face.jpg' });
  });

  it('may have an ending in capitals, or one that is not known, or none', async () => {
    const folder = await folderWith('A.MP4', 'B.JPG', 'C.mp4');
    for (const [name, kind] of [
      ['A.MP4', 'video'],
      ['B.JPG', 'pictures'],
    ] as const) {
      const [input] = await resolveInput(`${folder}/${name}`);
      expect((await readInput(input)).info.kind).toBe(kind);
    }
    symlinkSync(`${folder}/C.mp4`, `${folder}/recording.bin`);
    symlinkSync(`${folder}/C.mp4`, `${folder}/recording`);
    for (const name of ['recording.bin', 'recording']) {
      const [input] = await resolveInput(`${folder}/${name}`);
      expect(input.stem).toBe('recording');
      expect((await readInput(input)).frames).toHaveLength(2);
    }
  });

  it('that is missing is said to be missing', async () => {
    for (const path of [temporary.at('none.mp4'), temporary.at('none', 'film.mp4')]) {
      const { code, message, remedy } = await refusal(path);
      expect(code).toBe('input_missing');
      expect(message).toContain(path);
      expect(remedy).toBe('Check the name and the folder.');
    }
  });

  it('below another file is said to be missing', async () => {
    const folder = await folderWith('file.txt');
    expect((await refusal(`${folder}/file.txt/film.mp4`)).code).toBe('input_missing');
  });

  it('that is empty is said to be empty', async () => {
    for (const name of ['empty.mp4', 'empty.jpg']) {
      writeFileSync(temporary.at(name), '');
      const { code, message } = await refusal(temporary.at(name));
      expect(code).toBe('input_empty');
      expect(message).toBe(`${name} is empty.`);
    }
  });

  it.skipIf(process.platform === 'win32')('that is a pipe is refused, not waited for', async () => {
    execFileSync('mkfifo', [temporary.at('pipe.mp4')]);
    expect((await refusal(temporary.at('pipe.mp4'))).code).toBe('input_unsupported');
  });

  it('with a name that no system allows is an error to read, not a fault', async () => {
    for (const name of ['x'.repeat(5000), 'a\0b.mp4']) {
      const { code, remedy } = await refusal(temporary.at(name));
      expect(['input_missing', 'input_unreadable']).toContain(code);
      expect(remedy).not.toBe('');
    }
  });
});

describe('a folder', () => {
  it('of pictures is one input, in the natural order of their names', async () => {
    const folder = await folderWith('p10.jpg', 'p2.jpg', 'p1.jpg', 'P3.png', 'p02b.jpg');
    const [input, ...none] = await resolveInput(folder);
    expect(none).toEqual([]);
    expect(input.stem).toBe(basename(folder));
    expect(await namesIn(input)).toEqual(['p1.jpg', 'p2.jpg', 'p02b.jpg', 'P3.png', 'p10.jpg']);
  });

  it('of films is one input for each, in the natural order of their names', async () => {
    const folder = await folderWith('take 10.mp4', 'take 9.mkv', 'take 1.mov');
    const inputs = await resolveInput(folder);
    expect(inputs.map(({ stem }) => stem)).toEqual(['take 1', 'take 9', 'take 10']);
    for (const input of inputs) expect((await readInput(input)).info.kind).toBe('video');
  });

  it('of both is the pictures as one input and each film as another', async () => {
    const folder = await folderWith('b.mp4', 'a.jpg', 'c.jpg', 'notes.txt');
    const inputs = await resolveInput(folder);
    expect(inputs.map(({ path }) => path)).toEqual([folder, join(folder, 'b.mp4')]);
    expect(await namesIn(inputs[0])).toEqual(['a.jpg', 'c.jpg']);
  });

  it('may be named with a slash at its end', async () => {
    const folder = await folderWith('a.jpg');
    const [input] = await resolveInput(`${folder}/`);
    expect(input.stem).toBe(basename(folder));
  });

  it('does not show hidden files, not even those that a Mac leaves', async () => {
    const folder = await folderWith('a.jpg');
    writeFileSync(`${folder}/._a.jpg`, 'resource fork');
    writeFileSync(`${folder}/.hidden.mp4`, 'hidden');
    const inputs = await resolveInput(folder);
    expect(inputs).toHaveLength(1);
    expect(await namesIn(inputs[0])).toEqual(['a.jpg']);
  });

  it('without anything to analyse is said to have no pictures or films', async () => {
    for (const folder of [await folderWith(), await folderWith('notes.txt', 'inner/'), await folderWith('.a.jpg')]) {
      const { code, message, remedy } = await refusal(folder);
      expect(code).toBe('input_empty');
      expect(message).toContain(folder);
      expect(remedy).toContain('jpeg');
    }
  });

  it('is not searched for folders, even if one is called like a picture or a film', async () => {
    const folder = await folderWith('a.jpg', 'album.jpg/', 'takes.mp4/');
    const inputs = await resolveInput(folder);
    expect(inputs).toHaveLength(1);
    expect(await namesIn(inputs[0])).toEqual(['a.jpg']);
  });

  it('with a link that leads nowhere gives what else is there', async () => {
    const folder = await folderWith('a.jpg', 'b.jpg');
    symlinkSync(`${folder}/gone.jpg`, `${folder}/aa.jpg`);
    const [input] = await resolveInput(folder);
    expect(await namesIn(input)).toEqual(['a.jpg', 'b.jpg']);
  });

  it('with an empty picture gives the others and says which one could not be read', async () => {
    const folder = await folderWith('a.jpg', 'c.jpg');
    writeFileSync(`${folder}/b.jpg`, '');
    const [input] = await resolveInput(folder);
    const { frames, problems } = await readInput(input);
    expect(frames.map(({ name }) => name)).toEqual(['a.jpg', 'c.jpg']);
    expect(problems).toEqual([expect.stringContaining('b.jpg')]);
  });
});
