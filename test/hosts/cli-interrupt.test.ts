// A long analysis that is stopped in the middle: politely, and by killing the program.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  STACK,
  Workplace,
  linesOf,
  readSidecar,
  readTable,
  type AnalyzeReport,
  type SessionReport,
  type TableRow,
} from '../fixtures/cli.ts';
import { DANA, writeShots } from '../fixtures/cli-films.ts';

/** Rows of a person in frames 0, 1, 2, … without a gap, nearly all of them with scores, at 25 frames a second. */
function expectWholeTable(rows: readonly TableRow[], frames: number): void {
  expect(rows.map((row) => row.frame)).toEqual(Array.from({ length: frames }, (_, i) => String(i)));
  expect(new Set(rows.map((row) => row.person))).toEqual(new Set(['P1']));
  for (const row of rows) expect(Number(row.t_s)).toBeCloseTo(Number(row.frame) / 25, 3);
  expect(rows.filter((row) => row.happiness !== '').length).toBeGreaterThan(0.9 * frames);
}

const place = new Workplace();
const FRAMES_MADE = 50;
const REPEATS = 40;
let count: number;

beforeAll(async () => {
  const small = { width: 160, height: 90, repeat: REPEATS };
  count = await writeShots(place.at('long.mkv'), [{ of: DANA, frames: FRAMES_MADE }], small);
});

afterAll(() => place.remove());

const sessions = async (): Promise<readonly SessionReport[]> =>
  (await place.json<{ sessions: SessionReport[] }>(['sessions'])).sessions;

describe('Ctrl-C', () => {
  it('ends with 130 and keeps, closes and exports what was analysed; the inputs behind it are not begun', async () => {
    const words = [
      '--json',
      'analyze',
      place.at('long.mkv'),
      place.at('long.mkv'),
      '--out',
      place.out,
      '--code',
      'stopped',
    ];
    const running = place.start(words);
    await running.until(() => place.storedFrames() >= 30);
    const [during] = await sessions();
    expect(during.state).toBe('recording'); // looking at it from outside does no harm
    running.signal('SIGINT');
    const { code, stdout, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(STACK);

    const { inputs } = JSON.parse(stdout) as AnalyzeReport;
    expect(inputs).toHaveLength(1);
    const [{ session_id, state, frames, persons, files }] = inputs;
    expect(state).toBe('interrupted');
    expect(frames).toBeGreaterThanOrEqual(30);
    expect(frames).toBeLessThan(count);
    expect(persons.map((person) => [person.id, person.frames])).toEqual([['P1', frames]]);
    expect(files).toHaveLength(6); // five formats and the sidecar
    expectWholeTable(readTable(join(place.out, 'stopped.wide.csv')), frames);
    expect(readSidecar(join(place.out, 'stopped.meta.json'))).toMatchObject({ frames, complete: false });
    expect(await sessions()).toMatchObject([{ session_id, state: 'interrupted', frames }]);
  });
});

describe('Ctrl-C twice', () => {
  it('ends at once and without a word of a crash, and the session is kept', async () => {
    const running = place.start(['analyze', place.at('long.mkv'), '--out', place.at('twice'), '--code', 'twice']);
    const before = place.storedFrames();
    await running.until(() => place.storedFrames() >= before + 30);
    running.signal('SIGINT');
    await sleep(20); // two at the same time would be one
    running.signal('SIGINT');
    const { stderr } = await running.finished;
    expect(stderr).not.toMatch(STACK);
    expect(stderr).not.toMatch(/terminate|Napi/);
    expect((await sessions()).filter(({ code }) => code === 'twice')).toHaveLength(1);
  });
});

describe('kill -9', () => {
  it('loses at most the last second; the rest is listed as interrupted and can be exported', async () => {
    const running = place.start(['analyze', place.at('long.mkv'), '--out', place.out, '--code', 'killed']);
    const reports = (): string[] => linesOf(running.stderr);
    await running.until(() => reports().length > 0);
    const reported = Number(/(\d+) frames/.exec(reports()[0])?.[1]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    running.signal('SIGKILL');
    const { code, stderr } = await running.finished;
    expect(code).toBeNull();

    // plain lines, because this is no terminal: how much, how fast, how much longer
    for (const line of linesOf(stderr)) {
      expect(line).toMatch(/^long\.mkv: \d+ %, \d+ frames, \d+\/s, \d+:\d\d left$/);
    }
    expect(readdirSync(place.out).filter((name) => name.startsWith('killed'))).toEqual([]);
    const found = (await sessions()).filter((session) => session.code === 'killed');
    expect(found).toMatchObject([{ state: 'interrupted' }]);
    const [{ frames }] = found;
    expect(reported).toBeGreaterThan(50);
    expect(frames).toBeGreaterThanOrEqual(reported); // what was done a second before the end is there
    expect(frames).toBeLessThan(count);

    const exported = await place.run(['export', 'killed', '--out', place.out]);
    expect(exported.code).toBe(0);
    expectWholeTable(readTable(join(place.out, 'killed.wide.csv')), frames);
    expect(readSidecar(join(place.out, 'killed.meta.json'))).toMatchObject({ frames, complete: false });
  });

  it('leaves a database in which the next analysis works', async () => {
    await writeShots(place.at('short.mp4'), [{ of: DANA, frames: 10 }]);
    const { code } = await place.run(['analyze', place.at('short.mp4'), '--out', place.out]);
    expect(code).toBe(0);
    expect(existsSync(join(place.out, 'short.wide.csv'))).toBe(true);
    expect((await sessions()).map(({ state }) => state)).toEqual([
      'complete',
      'interrupted',
      'interrupted',
      'interrupted',
    ]);
  });
});
