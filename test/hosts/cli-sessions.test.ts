// mien sessions and mien export: what is stored can be found again, and gives the same files as on the day it was made.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  STACK,
  Workplace,
  linesOf,
  readTable,
  runCli,
  type AnalyzeReport,
  type InputReport,
  type SessionReport,
} from '../fixtures/cli.ts';
import { DANA, ERIN, writeShots } from '../fixtures/cli-films.ts';

const place = new Workplace();
let monday: InputReport;
let tuesday: InputReport;

beforeAll(async () => {
  // the wall in the middle and the cut at its end make rows without a face and rows that are not valid
  const shots = [
    { of: DANA, frames: 20 },
    { of: null, frames: 5 },
    { of: ERIN, frames: 20 },
  ];
  await writeShots(place.at('monday.mp4'), shots);
  await writeShots(place.at('tuesday.mp4'), [{ of: ERIN, frames: 8 }]);
  const words = ['analyze', place.at('monday.mp4'), place.at('tuesday.mp4'), '--out', place.out];
  [monday, tuesday] = (await place.json<AnalyzeReport>(words)).inputs;
  rmSync(place.at('monday.mp4')); // everything comes from the database from now on
});

afterAll(() => place.remove());

const list = async (...words: string[]): Promise<SessionReport[]> =>
  (await place.json<{ sessions: SessionReport[] }>(['sessions', ...words])).sessions;

describe('sessions', () => {
  it('lists what is stored, the newest first', async () => {
    expect(await list()).toMatchObject([
      { session_id: tuesday.session_id, code: 'tuesday', source: 'tuesday.mp4', state: 'complete', frames: 8 },
      { session_id: monday.session_id, code: 'monday', source: 'monday.mp4', state: 'complete', frames: 45 },
    ]);
  });

  it('lists it for people too', async () => {
    const { code, stdout, stderr } = await place.run(['sessions']);
    expect([code, stderr]).toEqual([0, '']);
    const [head, ...rows] = linesOf(stdout);
    expect(head).toMatch(/^session\s+code\s+source\s+frames\s+state/);
    expect(rows.map((row) => row.split(/\s+/).slice(0, 5))).toEqual([
      [tuesday.session_id, 'tuesday', 'tuesday.mp4', '8', 'complete'],
      [monday.session_id, 'monday', 'monday.mp4', '45', 'complete'],
    ]);
  });

  it('finds by a part of the name, large and small letters alike, and says so when there is nothing', async () => {
    expect((await list('--search', 'TUES')).map(({ code }) => code)).toEqual(['tuesday']);
    expect(await list('--search', 'wednesday')).toEqual([]);
    const { code, stdout, stderr } = await place.run(['sessions', '--search', 'wednesday']);
    expect([code, stdout, linesOf(stderr).length]).toEqual([0, '', 1]);
  });
});

describe('export', () => {
  it.each([
    ['its code', (): string => 'monday'],
    ['its id', (): string => monday.session_id],
    ['the beginning of its id', (): string => monday.session_id.slice(0, 10)],
  ])('by %s gives the bytes that the analysis gave', async (way, name) => {
    const out = place.at(`again by ${way}`);
    const { code, stderr } = await place.run(['export', name(), '--out', out]);
    expect([code, stderr]).toEqual([0, '']);
    expect(readdirSync(out).sort()).toEqual(monday.files.map((file) => basename(file)).sort());
    for (const file of monday.files) {
      const [then, now] = [readFileSync(file, 'utf8'), readFileSync(join(out, basename(file)), 'utf8')];
      expect(then.length).toBeGreaterThan(100);
      expect(now === then, `${basename(file)} is the same`).toBe(true);
    }
  });

  it('prints people and files as one object with --json', async () => {
    const out = place.at('printed');
    const words = ['export', 'monday', '--out', out, '--formats', 'wide'];
    const printed = await place.json<Pick<InputReport, 'session_id' | 'persons' | 'files'>>(words);
    expect(printed.session_id).toBe(monday.session_id);
    expect(printed.persons).toEqual(monday.persons);
    expect(printed.files).toEqual([join(out, 'monday.wide.csv'), join(out, 'monday.meta.json')]);
    expect(readdirSync(out).sort()).toEqual(['monday.meta.json', 'monday.wide.csv']);
  });

  it('counts intervals anew', async () => {
    const out = place.at('intervals');
    await place.run(['export', 'monday', '--out', out, '--formats', 'intervals', '--interval', '0.5']);
    const starts = readTable(join(out, 'monday.intervals.csv'))
      .filter(({ person }) => person === 'P1')
      .map(({ start_s, n_frames }) => [Number(start_s), Number(n_frames)]);
    // 45 frames, 0.04 s each: 0 to 0.48 s, 0.52 to 0.96 s and so on
    expect(starts).toEqual([
      [0, 13],
      [0.5, 12],
      [1, 13],
      [1.5, 7],
    ]);
  });

  it('by a code that was used twice gives the newer session', async () => {
    const first = place.at('first');
    const second = place.at('second');
    await place.run(['analyze', place.at('tuesday.mp4'), '--out', first, '--code', 'twice', '--formats', 'wide']);
    const [newest] = (
      await place.json<AnalyzeReport>(['analyze', place.at('tuesday.mp4'), '--out', first, '--code', 'twice'])
    ).inputs;
    await place.run(['export', 'twice', '--out', second, '--formats', 'wide']);
    expect(readTable(join(second, 'twice.wide.csv'))[0].session_id).toBe(newest.session_id);
  });

  it.each([
    ['that is not there', 'wednesday'],
    ['without a name', ''],
  ])('of a session %s: exit code 2, one line, no file', async (_, name) => {
    const out = place.at('none');
    const { code, stdout, stderr } = await place.run(['export', name, '--out', out]);
    expect(existsSync(out)).toBe(false);
    expect([code, stdout, linesOf(stderr).length]).toEqual([2, '', 1]);
    expect(stderr).toContain('sessions'); // the command that lists what there is
    expect(stderr).not.toMatch(STACK);
  });
});

describe('the database', () => {
  it('of an empty data folder has no sessions', async () => {
    const { code, stdout, stderr } = await place.run(['sessions', '--data', place.at('new', 'folder')]);
    expect([code, stdout, linesOf(stderr).length]).toEqual([0, '', 1]);
    expect(stderr).toContain('mien analyze');
  });

  it('lies where MIEN_DATA says, unless --data says otherwise', async () => {
    const [named, other] = [place.at('named'), place.at('other')];
    const env = { MIEN_DATA: named, XDG_DATA_HOME: other, HOME: other, APPDATA: other };
    const { code, stdout } = await place.run(['sessions'], { env });
    expect([code, existsSync(named)]).toEqual([0, false]);
    expect(stdout).toContain('monday');
    expect((await runCli(['sessions'], { env })).stdout).toBe('');
    expect([existsSync(join(named, 'mien.sqlite')), existsSync(other)]).toEqual([true, false]);
  });
});
