// What the program says when something is wrong: one line with a remedy, the right exit code, and everything else goes on.
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  STACK,
  Workplace,
  messagesOf,
  readTable,
  runCli,
  type AnalyzeReport,
  type CliResult,
  type InputReport,
  type SessionReport,
} from '../fixtures/cli.ts';
import { evenTicks, writeFilm, writeSound } from '../fixtures/clips.ts';
import { DANA, portrait, writeShots } from '../fixtures/cli-films.ts';

const place = new Workplace();

const sessionsOf = async (): Promise<SessionReport[]> =>
  (await place.json<{ sessions: SessionReport[] }>(['sessions'])).sessions;

/** Inputs that cannot be used at all. */
const UNUSABLE = [
  'words.mp4',
  'empty.mp4',
  'empty.jpg',
  'missing.mov',
  'nothing-inside',
  'notes.txt',
  'words.jpg',
  'no-index.mp4',
  'sound.wav',
];
/** Inputs of which something can be used. */
const USABLE = ['good.mp4', 'cut-short.mkv', 'one-pixel.png', 'mixed', 'huge.jpg', 'last.mp4'];

beforeAll(async () => {
  const words = 'These are the notes of the session on Tuesday.\n'.repeat(100);
  for (const name of ['words.mp4', 'words.jpg', 'notes.txt']) writeFileSync(place.at(name), words);
  for (const name of ['empty.mp4', 'empty.jpg']) writeFileSync(place.at(name), '');
  for (const name of ['nothing-inside', 'mixed']) mkdirSync(place.at(name));
  writeFileSync(place.at('nothing-inside', 'readme.txt'), words);
  await writeSound(place.at('sound.wav'), 0.5);
  await writeShots(place.at('good.mp4'), [{ of: DANA, frames: 10 }]);
  await writeShots(place.at('last.mp4'), [{ of: null, frames: 5 }]);
  const whole = readFileSync(place.at('good.mp4'));
  writeFileSync(place.at('no-index.mp4'), whole.subarray(0, 0.6 * whole.length));
  await writeFilm(place.at('whole.mkv'), { encoder: 'libx264', ticks: evenTicks(75) });
  const long = readFileSync(place.at('whole.mkv'));
  writeFileSync(place.at('cut-short.mkv'), long.subarray(0, 0.5 * long.length));
  const face = await portrait(DANA, 400);
  await sharp(face).resize(1, 1).png().toFile(place.at('one-pixel.png'));
  const large = await sharp(face).resize(3000, 2250).toBuffer();
  await sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: '#667' } })
    .composite([{ input: large, left: 3500, top: 4000 }])
    .jpeg()
    .toFile(place.at('huge.jpg'));
  writeFileSync(place.at('mixed', '1.png'), face);
  writeFileSync(place.at('mixed', '2.png'), words);
  writeFileSync(place.at('mixed', '3.png'), face);
  writeFileSync(place.at('mixed', 'broken.mp4'), words);
  symlinkSync('gone.png', place.at('mixed', '4.png'));
});

afterAll(() => place.remove());

describe('inputs that cannot be used between inputs that can', () => {
  let result: CliResult;
  let inputs: readonly InputReport[];
  let sessions: readonly SessionReport[];

  const reportOf = (name: string): InputReport => {
    const found = inputs.filter(({ path }) => basename(path) === name);
    expect(found).toHaveLength(1);
    return found[0];
  };

  beforeAll(async () => {
    const names = [USABLE[0], ...UNUSABLE, ...USABLE.slice(1)];
    result = await place.run(['analyze', ...names.map((name) => place.at(name)), '--out', place.out, '--json']);
    ({ inputs } = JSON.parse(result.stdout) as AnalyzeReport);
    sessions = await sessionsOf();
  });

  it('end with exit code 3 and without a word about the inside of the program', () => {
    expect(result.code).toBe(3);
    expect(result.stderr).not.toMatch(STACK);
    expect(result.stderr).not.toContain('fault in Mien');
  });

  it.each(UNUSABLE)('%s: one line that names it and says what to do', (name) => {
    const lines = messagesOf(result).filter((line) => line.includes(name));
    expect(lines).toHaveLength(1);
    const report = reportOf(name);
    expect(report).toMatchObject({ path: place.at(name), ok: false });
    expect(report.error?.code).toMatch(/^input_/);
    expect(report.error?.message).toContain(name);
    expect(report.error?.remedy).toMatch(/^[A-Z].+\.$/);
    expect(lines[0]).toBe(`mien: ${report.error?.message} ${report.error?.remedy}`);
  });

  it('says nothing else on standard error but the film in the folder', () => {
    const lines = messagesOf(result);
    expect(lines.filter((line) => line.includes('broken.mp4'))).toHaveLength(1);
    expect(lines).toHaveLength(UNUSABLE.length + 1);
  });

  it('analyses and exports the good ones', () => {
    for (const name of USABLE) expect([name, reportOf(name).ok]).toEqual([name, true]);
    expect(reportOf('good.mp4')).toMatchObject({ frames: 10, frames_with_face: 10, problems: [] });
    expect(reportOf('last.mp4')).toMatchObject({ frames: 5, frames_with_face: 0, persons: [] });
    for (const name of USABLE) for (const file of reportOf(name).files) expect(existsSync(file)).toBe(true);
  });

  it('a film that is cut short gives what can be read and says so', () => {
    const { frames, problems, files } = reportOf('cut-short.mkv');
    expect(frames).toBeGreaterThan(10);
    expect(frames).toBeLessThan(70);
    expect(problems.join(' ')).toContain('cut short');
    expect(readTable(files.find((file) => file.endsWith('.wide.csv')) ?? '')).toHaveLength(frames);
  });

  it('a picture of one pixel has no face', () => {
    const [row, ...others] = readTable(join(place.out, 'one-pixel.wide.csv'));
    expect(others).toEqual([]);
    expect(row).toMatchObject({ person: '', missing_reason: 'no_face', happiness: '' });
  });

  it('a picture of 100 megapixels is searched as well', () => {
    const [row, ...others] = readTable(join(place.out, 'huge.wide.csv'));
    expect(others).toEqual([]);
    expect(row.person).toBe('P1');
    expect(Math.abs(Number(row.box_x) + Number(row.box_w) / 2 - 5000)).toBeLessThan(500);
  });

  it('a folder leaves out what is no picture and says so', () => {
    const { frames, problems } = reportOf('mixed');
    expect(frames).toBe(2);
    expect(problems.filter((problem) => problem.includes('2.png'))).toHaveLength(1);
    const table = readTable(join(place.out, 'mixed.wide.csv'));
    expect(table.map(({ picture }) => picture)).toEqual(['1.png', '3.png']);
  });

  it('leave no session behind', () => {
    expect(sessions.map(({ source }) => source).sort()).toEqual([...USABLE].sort());
    expect(sessions.every(({ state }) => state === 'complete')).toBe(true);
  });
});

describe('wrong words', () => {
  it.concurrent.each([
    ['no command', []],
    ['an unknown command', ['analyse', 'film.mp4']],
    ['an unknown option', ['analyze', 'film.mp4', '--out', 'results', '--fast']],
    ['no folder for the files', ['analyze', 'film.mp4']],
    ['an unknown format', ['analyze', 'film.mp4', '--out', 'results', '--formats', 'csv,xlsx']],
    ['an interval of nothing', ['export', 'film', '--out', 'results', '--interval', '0']],
    ['too many words', ['export', 'film', 'another', '--out', 'results']],
  ])('%s: exit code 2 and a hint', async (_, words) => {
    const result = await place.run(words);
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(/--help|help \[command\]/);
    expect(result.stderr).not.toMatch(STACK);
  });

  it.concurrent.each([
    ['an unknown profile', ['--profile', 'nobody', 'film.mp4']],
    ['an empty list on standard input', ['-']],
  ])('%s: exit code 2, one line', async (_, words) => {
    const result = await place.run(['analyze', ...words, '--out', place.out], { input: '\n \n' });
    expect([result.code, result.stdout, messagesOf(result).length]).toEqual([2, '', 1]);
    expect(result.stderr).not.toMatch(STACK);
  });

  it('a profile with a model that there is not: exit code 4, one line that names it', async () => {
    const mien = readFileSync(new URL('../../models/profiles/mien.json', import.meta.url), 'utf8');
    writeFileSync(place.at('mine.json'), mien.replace('"blazeface"', '"seven-eyes"'));
    const words = ['analyze', place.at('good.mp4'), '--profile', place.at('mine.json'), '--out', place.out];
    const result = await place.run(words);
    expect([result.code, messagesOf(result).length]).toEqual([4, 1]);
    expect(result.stderr).toContain('seven-eyes');
    expect(result.stderr).not.toMatch(STACK);
  });

  it('says where an error comes from when it is asked', async () => {
    const result = await place.run(['analyze', place.at('words.mp4'), '--out', place.out, '--verbose']);
    expect(result.stderr).toMatch(STACK);
  });
});

describe('places that cannot be written', () => {
  it.each([
    ['is a file', 'notes.txt'],
    ['lies below a file', join('notes.txt', 'results')],
  ])('a folder for the files that %s: exit code 1, one line', async (_, folder) => {
    const before = await sessionsOf();
    const result = await place.run(['analyze', place.at('last.mp4'), '--out', place.at(folder)]);
    expect([result.code, messagesOf(result).length]).toEqual([1, 1]);
    expect(result.stderr).toContain('--out');
    expect(result.stderr).not.toMatch(STACK);
    expect(await sessionsOf()).toEqual(before); // said before anything is analysed
  });

  it.concurrent.each([
    ['is a file', 'notes.txt'],
    ['holds a file that is no database', 'strange'],
  ])('a data folder that %s: exit code 1, one line that names --data', async (_, folder) => {
    mkdirSync(place.at('strange'), { recursive: true });
    writeFileSync(place.at('strange', 'mien.sqlite'), 'no database at all '.repeat(500));
    const result = await runCli(['--data', place.at(folder), 'sessions']);
    expect([result.code, result.stdout, messagesOf(result).length]).toEqual([1, '', 1]);
    expect(result.stderr).toContain('--data');
    expect(result.stderr).not.toMatch(STACK);
  });

  it('never leaves half a file', () => {
    expect(readdirSync(place.out).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
