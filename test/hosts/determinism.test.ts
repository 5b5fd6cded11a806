// The same input gives the same bytes: in another folder, another database, another country, and while the machine is busy.
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace, linesOf, readSidecar, readTable, type Sidecar } from '../fixtures/cli.ts';
import { DANA, ERIN, FAYE, photographPath, writeShots } from '../fixtures/cli-films.ts';

const FILES = ['film', 'group'].flatMap((code) =>
  ['.wide.csv', '.long.csv', '.jsonl', '.intervals.csv', '.report.html', '.meta.json'].map((ending) => code + ending),
);

const first = new Workplace();
const second = new Workplace();

beforeAll(async () => {
  const shots = [
    { of: DANA, frames: 25 },
    { of: null, frames: 4 },
    { of: ERIN, frames: 20 },
    { of: FAYE, frames: 15 },
    { of: DANA, frames: 20 },
  ];
  await writeShots(first.at('film.mp4'), shots);
  mkdirSync(second.at('elsewhere'));
  copyFileSync(first.at('film.mp4'), second.at('elsewhere', 'film.mp4'));
  mkdirSync(first.at('group'));
  mkdirSync(second.at('elsewhere', 'group'));
  // copied in different orders, which a folder may remember
  const names = ['sample1.jpg', 'sample6.jpg'];
  for (const name of names) copyFileSync(photographPath(name), first.at('group', name));
  for (const name of names.toReversed()) copyFileSync(photographPath(name), second.at('elsewhere', 'group', name));
  // Both at once, so that each disturbs the timing of the other.
  const abroad = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', TZ: 'Asia/Tokyo' };
  const results = await Promise.all([
    first.run(['analyze', first.at('film.mp4'), first.at('group'), '--out', first.out]),
    second.run(['analyze', second.at('elsewhere', 'film.mp4'), second.at('elsewhere', 'group'), '--out', second.out], {
      env: abroad,
    }),
  ]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
});

afterAll(() => {
  first.remove();
  second.remove();
});

describe('two runs of the same film and pictures', () => {
  it('write the same files', () => {
    expect(readdirSync(first.out).sort()).toEqual([...FILES].sort());
    expect(readdirSync(second.out).sort()).toEqual([...FILES].sort());
  });

  it.each(FILES.filter((name) => !name.endsWith('.meta.json')))('%s: byte for byte', (name) => {
    const [one, other] = [first, second].map(({ out }) => readFileSync(join(out, name), 'utf8'));
    const [lines, otherLines] = [linesOf(one), linesOf(other)];
    const at = lines.findIndex((line, i) => line !== otherLines[i]);
    expect(at < 0 ? null : [lines[at], otherLines[at]]).toBeNull(); // shows the first line that differs
    expect(one === other).toBe(true);
  });

  it.each(['film.meta.json', 'group.meta.json'])('%s: the same but for the part "run"', (name) => {
    const [one, other] = [first, second].map(({ out }) => readSidecar(join(out, name)));
    expect(Object.keys(one)).toContain('run');
    const text = (sidecar: Sidecar): string => JSON.stringify({ ...sidecar, run: null });
    expect(text(one)).toBe(text(other));
  });

  it('were worth comparing', () => {
    const rows = readTable(join(first.out, 'film.wide.csv'));
    expect(new Set(rows.map(({ person }) => person)).size).toBeGreaterThanOrEqual(3);
    expect(rows.filter(({ valid }) => valid === '1').length).toBeGreaterThan(40);
    expect(rows.filter(({ valid }) => valid === '0').length).toBeGreaterThan(4);
    expect(
      readTable(join(first.out, 'group.wide.csv')).filter(({ box_x }) => box_x !== '').length,
    ).toBeGreaterThanOrEqual(7);
  });
});
