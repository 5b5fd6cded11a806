// mien analyze on films and pictures of real faces: what is printed, and what stands in the files.
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../src/main/core/expression.ts';
import {
  Workplace,
  linesOf,
  messagesOf,
  readSidecar,
  readJsonLines,
  readTable,
  type AnalyzeReport,
  type CliResult,
  type InputReport,
  type TableRow,
} from '../fixtures/cli.ts';
import { DANA, ERIN, photographPath, portrait, writeShots } from '../fixtures/cli-films.ts';
import { PHOTOGRAPHS } from '../fixtures/photographs.ts';

const ENDINGS = ['.wide.csv', '.long.csv', '.jsonl', '.intervals.csv', '.report.html', '.meta.json'];
const COLUMNS =
  'session_id person participant_id identity_source identity_confidence frame t_s t_unix_s box_x box_y box_w box_h ' +
  'detector_score track_score yaw_deg pitch_deg roll_deg distance_mm depth_verdict quality estimated valid missing_reason ' +
  'anger contempt disgust fear happiness neutral sadness surprise dominant ambiguous agreement members_used rules_fired ' +
  'confirmed';
/** Every cell of a row that could be mistaken for a measurement of the face. */
const FACE_CELLS = [
  ...['box_x', 'box_y', 'box_w', 'box_h', 'detector_score', 'track_score', 'yaw_deg', 'pitch_deg', 'roll_deg'],
  ...['quality', 'identity_source', 'identity_confidence', 'dominant', 'ambiguous', 'agreement', 'members_used'],
  ...['confirmed', ...EXPRESSIONS.flatMap((name) => [name, `smooth_${name}`, `refined_${name}`])],
];
const INTERVAL_S = 2;

// 15 frames of a wall, 30 of one person, 8 of the wall, 30 of another, 25 of the first again, 7 of the wall.
const WALL_FRAMES = [...range(0, 15), ...range(45, 53), ...range(108, 115)];
const FIRST_FRAMES = [...range(15, 45), ...range(83, 108)];
const SECOND_FRAMES = range(53, 83);
const STEPS_MS = [33, 40, 47, 120];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const place = new Workplace();
const timesMs: number[] = [];
let result: CliResult;
let film: InputReport;
let stills: InputReport;
let group: InputReport;
let namesake: InputReport;
let rows: TableRow[];

beforeAll(async () => {
  for (let i = 0, time = 0; i < 115; time += STEPS_MS[i++ % STEPS_MS.length]) timesMs.push(time);
  const shots = [
    { of: null, frames: 15 },
    { of: DANA, frames: 30 },
    { of: null, frames: 8 },
    { of: ERIN, frames: 30 },
    { of: DANA, frames: 25 },
    { of: null, frames: 7 },
  ];
  await writeShots(place.at('talk.mkv'), shots, { ticks: timesMs, timeBase: [1, 1000] });
  mkdirSync(place.at('other'));
  await writeShots(place.at('other', 'talk.mp4'), [{ of: ERIN, frames: 12 }]);
  mkdirSync(place.at('stills'));
  writeFileSync(place.at('stills', '2.png'), await portrait(DANA, 400));
  writeFileSync(place.at('stills', '10.png'), await portrait(ERIN, 320));
  await sharp({ create: { width: 300, height: 200, channels: 3, background: '#667' } }).toFile(
    place.at('stills', '11.png'),
  );
  await sharp(await portrait(DANA, 480))
    .jpeg()
    .toFile(place.at('stills', '100.jpg'));
  copyFileSync(photographPath('sample1.jpg'), place.at('group.jpg'));
  const words = ['analyze', place.at('talk.mkv'), place.at('stills'), '-', '--out', place.out];
  const input = `${place.at('group.jpg')}\n\n${place.at('other', 'talk.mp4')}\n`;
  result = await place.run(['--json', ...words, '--interval', String(INTERVAL_S)], { input });
  [film, stills, group, namesake] = (JSON.parse(result.stdout) as AnalyzeReport).inputs;
  rows = readTable(join(place.out, 'talk.wide.csv'));
});

afterAll(() => place.remove());

const framesOf = (table: readonly TableRow[]): number[] => table.map((row) => Number(row.frame));
const rowsOf = (person: string): TableRow[] => rows.filter((row) => row.person === person);

describe('what analyze answers', () => {
  it('succeeds with one report for each input in the order in which they were named', () => {
    expect(result.code).toBe(0);
    const { inputs } = JSON.parse(result.stdout) as AnalyzeReport;
    const names = inputs.map(({ path, ok }) => [basename(path), ok]);
    expect(names).toEqual([
      ['talk.mkv', true],
      ['stills', true],
      ['group.jpg', true],
      ['talk.mp4', true],
    ]);
    expect(new Set(inputs.map(({ session_id }) => session_id)).size).toBe(4);
  });

  it('counts frames, frames with a face and seconds', () => {
    expect(film).toMatchObject({ state: 'complete', frames: 115, problems: [] });
    expect(film.frames_with_face).toBeGreaterThanOrEqual(0.97 * (115 - WALL_FRAMES.length));
    expect(film.frames_with_face).toBeLessThanOrEqual(115 - WALL_FRAMES.length);
    expect(film.duration_s).toBeCloseTo(timesMs[114] / 1000, 0);
    expect(film.analysed_fps).toBeGreaterThan(0);
    expect(stills).toMatchObject({ frames: 4, frames_with_face: 3, duration_s: null });
  });

  it('writes every file that it names, and no other', () => {
    const { inputs } = JSON.parse(result.stdout) as AnalyzeReport;
    const named = inputs.flatMap(({ files }) => files.map((file) => basename(file)));
    for (const { files } of inputs) expect(files.every((file) => existsSync(file))).toBe(true);
    expect(readdirSync(place.out).sort()).toEqual(named.sort());
    for (const code of ['talk', 'stills', 'group']) {
      for (const ending of ENDINGS) expect(named).toContain(code + ending);
    }
  });

  it('keeps two inputs of one name apart', () => {
    expect(namesake).toMatchObject({ frames: 12 });
    const [wide] = namesake.files.filter((file) => file.endsWith('.wide.csv'));
    expect(basename(wide)).not.toBe('talk.wide.csv');
    expect(readTable(wide)).toHaveLength(12);
  });
});

describe('the wide table of a film', () => {
  it('has the published columns in their order', () => {
    expect(Object.keys(rows[0]).slice(0, COLUMNS.split(' ').length).join(' ')).toBe(COLUMNS);
  });

  it('has every frame of the container with its own time, and no clock time', () => {
    expect([...new Set(framesOf(rows))].sort((a, b) => a - b)).toEqual(range(0, 115));
    for (const row of rows) {
      expect(Math.abs(1000 * Number(row.t_s) - timesMs[Number(row.frame)])).toBeLessThan(1);
      expect(row.t_unix_s).toBe('');
    }
  });

  it('tells the two people apart and knows the first again', () => {
    expect(film.persons.map(({ id }) => id)).toEqual(['P1', 'P2']);
    const seen = (person: string): number[] => framesOf(rowsOf(person).filter((row) => row.box_x !== ''));
    for (const [person, frames] of [['P1', FIRST_FRAMES] as const, ['P2', SECOND_FRAMES] as const]) {
      expect(seen(person).filter((frame) => !frames.includes(frame))).toEqual([]);
      expect(seen(person).length).toBeGreaterThanOrEqual(0.95 * frames.length);
    }
    expect(seen('P1').filter((frame) => frame >= 83).length).toBeGreaterThanOrEqual(20);
  });

  it('has one row of nobody until somebody is known, then one for each person to the end', () => {
    expect(framesOf(rows.filter((row) => row.person === ''))).toEqual(range(0, 15));
    expect(framesOf(rowsOf('P1'))).toEqual(range(15, 115));
    expect(framesOf(rowsOf('P2'))).toEqual(range(53, 115));
  });

  it('says no_face where nobody is, with empty cells and never a zero', () => {
    const empty = rows.filter((row) => WALL_FRAMES.includes(Number(row.frame)));
    expect(empty).toHaveLength(15 + 8 + 2 * 7);
    for (const row of empty) {
      expect(row).toMatchObject({ estimated: '0', valid: '0', missing_reason: 'no_face' });
      for (const name of FACE_CELLS) expect([row.frame, name, row[name]]).toEqual([row.frame, name, '']);
    }
  });

  it('has valid rows whose scores are probabilities and whose box lies on the picture', () => {
    const valid = rows.filter((row) => row.valid === '1');
    expect(valid.length).toBeGreaterThan(60);
    for (const row of valid) {
      expect(row).toMatchObject({ estimated: '1', missing_reason: '' });
      const scores = EXPRESSIONS.map((name) => Number(row[name]));
      expect(EXPRESSIONS.every((name) => row[name] !== '')).toBe(true);
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(0);
      expect(scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 4);
      expect(row.dominant).toBe(EXPRESSIONS[scores.indexOf(Math.max(...scores))]);
      const middle = [Number(row.box_x) + Number(row.box_w) / 2, Number(row.box_y) + Number(row.box_h) / 2];
      expect(Math.abs(middle[0] - 160)).toBeLessThan(40);
      expect(Math.abs(middle[1] - 90)).toBeLessThan(40);
    }
  });

  it('has a reason in every row that is not valid, and no scores there', () => {
    for (const row of rows.filter(({ valid }) => valid === '0')) {
      expect(row.missing_reason).toMatch(/^[a-z_]+$/);
      for (const name of EXPRESSIONS) expect(row[name]).toBe('');
    }
  });
});

describe('the other files of a film', () => {
  it('agree with the wide table: tidy rows', () => {
    const tidy = readTable(join(place.out, 'talk.long.csv'));
    const key = (row: TableRow): string => `${row.person}/${row.frame}`;
    const wide = new Map(rows.map((row) => [key(row), row]));
    expect(tidy).toHaveLength(rows.length * new Set(tidy.map(({ measure }) => measure)).size);
    for (const row of tidy) {
      const of = wide.get(key(row));
      expect([row.measure, row.value, row.valid]).toEqual([row.measure, of?.[row.measure], of?.valid]);
    }
  });

  it('agree with the wide table: JSON lines', () => {
    interface Line {
      readonly person: string | null;
      readonly frame: number;
      readonly t_s: number;
      readonly valid: boolean;
      readonly scores: Record<string, number> | null;
      readonly landmarks: number[] | null;
    }
    const lines = readJsonLines<Line>(join(place.out, 'talk.jsonl'));
    expect(lines).toHaveLength(rows.length);
    lines.forEach((line, i) => {
      const row = rows[i];
      expect([line.person ?? '', String(line.frame), String(line.t_s)]).toEqual([row.person, row.frame, row.t_s]);
      expect(line.valid).toBe(row.valid === '1');
      expect(line.scores?.happiness ?? null).toBe(row.happiness === '' ? null : Number(row.happiness));
      expect(line.landmarks?.length ?? 0).toBe(row.box_x === '' ? 0 : 136);
    });
  });

  it('agree with the wide table: intervals', () => {
    const intervals = readTable(join(place.out, 'talk.intervals.csv'));
    expect(intervals.length).toBeGreaterThan(3);
    for (const interval of intervals) {
      const inside = rowsOf(interval.person).filter(
        ({ t_s }) => Number(t_s) >= Number(interval.start_s) && Number(t_s) < Number(interval.end_s),
      );
      const valid = inside.filter((row) => row.valid === '1');
      expect(Number(interval.end_s) - Number(interval.start_s)).toBe(INTERVAL_S);
      expect([interval.n_frames, interval.n_valid]).toEqual([String(inside.length), String(valid.length)]);
      if (valid.length === 0) expect(interval.mean_happiness).toBe('');
    }
    expect(intervals.reduce((sum, { n_frames }) => sum + Number(n_frames), 0)).toBe(
      rows.filter((row) => row.person !== '').length,
    );
  });

  it('agree with what is printed', () => {
    for (const { id, frames, valid_frames, mean, dominant_share } of film.persons) {
      const valid = rowsOf(id).filter((row) => row.valid === '1');
      expect(frames).toBe(rowsOf(id).filter((row) => row.box_x !== '').length);
      expect(valid_frames).toBe(valid.length);
      const happiness = valid.reduce((sum, row) => sum + Number(row.happiness), 0) / valid.length;
      expect(mean.happiness).toBeCloseTo(happiness, 4);
      const share = valid.filter((row) => row.dominant === 'happiness').length / valid.length;
      expect(dominant_share.happiness).toBeCloseTo(share, 6);
    }
  });

  it('have a sidecar of the same session that names the container and how many frames it had', () => {
    const sidecar = readSidecar(join(place.out, 'talk.meta.json'));
    expect(sidecar).toMatchObject({ session_id: film.session_id, frames: 115, complete: true, problems: [] });
    expect(sidecar.source).toMatchObject({ kind: 'video', name: 'talk.mkv', width: 320, height: 180 });
    expect(sidecar.session_id).toBe(rows[0].session_id);
  });
});

describe('pictures', () => {
  it('give one row for each face that a person sees, at its place, without a time', () => {
    const found = readTable(join(place.out, 'group.wide.csv'));
    const [{ faces }] = PHOTOGRAPHS;
    expect(group.persons).toHaveLength(faces.length);
    expect(found).toHaveLength(faces.length);
    for (const { x, y } of faces) {
      const holding = found.filter(
        ({ box_x, box_y, box_w, box_h }) =>
          Math.abs(Number(box_x) + Number(box_w) / 2 - 1920 * x) < Number(box_w) / 2 &&
          Math.abs(Number(box_y) + Number(box_h) / 2 - 1280 * y) < Number(box_h) / 2,
      );
      expect(holding).toHaveLength(1);
    }
    expect(found.every(({ t_s, picture }) => t_s === '' && picture === 'group.jpg')).toBe(true);
  });

  it('of a folder are one session in the order of their numbers, in which people are known again', () => {
    const found = readTable(join(place.out, 'stills.wide.csv'));
    const seen = found.filter(({ box_x }) => box_x !== '').map(({ picture, person }) => [picture, person]);
    expect(seen).toEqual([
      ['2.png', 'P1'],
      ['10.png', 'P2'],
      ['100.jpg', 'P1'],
    ]);
    const wall = found.filter(({ picture }) => picture === '11.png');
    expect(wall.map(({ person, missing_reason }) => [person, missing_reason])).toEqual([
      ['P1', 'no_face'],
      ['P2', 'no_face'],
    ]);
    for (const row of wall) for (const name of FACE_CELLS) expect(row[name]).toBe('');
  });
});

describe('files of another film', () => {
  it('are not written over; those of the same film are', async () => {
    const out = place.at('shared-out');
    for (const [folder, level] of [
      ['monday', 0],
      ['tuesday', 90],
    ] as const) {
      mkdirSync(place.at(folder));
      const wall = { width: 64, height: 48, channels: 3 as const, background: { r: level, g: level, b: level } };
      await sharp({ create: wall }).png().toFile(place.at(folder, 'wall.png'));
    }
    for (const folder of ['monday', 'tuesday', 'monday']) {
      expect((await place.run(['analyze', place.at(folder, 'wall.png'), '--out', out])).code).toBe(0);
    }
    const names = readdirSync(out).filter((name) => name.endsWith('.meta.json'));
    expect(names.sort()).toEqual(['wall-2.meta.json', 'wall.meta.json']);
    expect(readTable(join(out, 'wall.long.csv'))[0].picture).toBe('wall.png');
  });
});

describe('options', () => {
  it('choose the name, the formats and the interval of the files; words for people name them', async () => {
    const out = place.at('chosen', 'deep');
    const words = ['--out', out, '--code', 'visit 1', '--formats', 'intervals,jsonl', '--interval', '0.2'];
    const printed = await place.run(['analyze', place.at('other', 'talk.mp4'), ...words]);
    const { stdout } = printed;
    expect([printed.code, messagesOf(printed)]).toEqual([0, []]);
    const names = ['visit 1.intervals.csv', 'visit 1.jsonl', 'visit 1.meta.json'];
    expect(readdirSync(out).sort()).toEqual(names);
    for (const name of names) expect(linesOf(stdout)).toContain(`  ${join(out, name)}`);
    expect(stdout).toContain('12 frames');
    expect(linesOf(stdout).filter((line) => /^P\d/.test(line))).toHaveLength(1);
    // 12 frames at 25 a second are 0.48 s: two intervals and a piece of a third
    expect(readTable(join(out, names[0])).map(({ start_s }) => Number(start_s).toFixed(1))).toEqual([
      '0.0',
      '0.2',
      '0.4',
    ]);
  });
});
