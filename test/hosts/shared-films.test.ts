// Films of real people that are not part of the repository, each with what a person sees in it.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Workplace,
  readSidecar,
  readTable,
  type AnalyzeReport,
  type InputReport,
  type TableRow,
} from '../fixtures/cli.ts';
import { joinFilms } from '../fixtures/cli-join.ts';
import { hasSharedData, sharedPath } from '../fixtures/shared.ts';

const NAMES = ['WolfgangLanger_Pexels.mp4', 'single_face.mp4', 'no_face.mp4', 'bird.mkv'];
/** A person who stands and signs. Bystanders at the edge are cut off all the time; a face printed on a shirt is nobody. */
const SIGNING = ['again.mkv', 'book.mkv', 'brother.mkv'];

describe.skipIf(!hasSharedData)('films of real people', () => {
  const place = new Workplace();
  const reports = new Map<string, InputReport>();
  let parts: readonly number[];

  beforeAll(async () => {
    const joined = place.at('joined.mkv');
    parts = await joinFilms(
      joined,
      ['again.mkv', 'bird.mkv', 'brother.mkv'].map((name) => sharedPath(`video/${name}`)),
    );
    const paths = [...NAMES, ...SIGNING].map((name) => sharedPath(`video/${name}`));
    const words = ['analyze', ...paths, joined, '--out', place.out, '--formats', 'wide'];
    const { inputs } = await place.json<AnalyzeReport>(words);
    [...NAMES, ...SIGNING, 'joined.mkv'].forEach((name, i) => reports.set(name, inputs[i]));
  });

  afterAll(() => place.remove());

  const reportOf = (name: string): InputReport => {
    const report = reports.get(name);
    if (!report) throw new Error(`${name} was not analysed`);
    return report;
  };
  const rowsOf = (name: string): TableRow[] => readTable(join(place.out, name.replace(/\.\w+$/, '.wide.csv')));

  it('one woman with strong expressions, her hands before her face at times', () => {
    const { frames, frames_with_face, persons } = reportOf('WolfgangLanger_Pexels.mp4');
    expect(frames).toBe(472);
    expect(frames_with_face).toBeGreaterThanOrEqual(0.97 * frames);
    expect(persons.map(({ id }) => id)).toEqual(['P1']);
    const rows = rowsOf('WolfgangLanger_Pexels.mp4');
    expect(rows).toHaveLength(472);
    const occluded = rows.filter(({ missing_reason }) => missing_reason === 'occluded');
    expect(occluded.length).toBeGreaterThan(0.02 * frames);
    expect(occluded.length).toBeLessThan(0.6 * frames);
    expect(occluded.every((row) => row.valid === '0' && row.happiness === '' && row.box_x !== '')).toBe(true);
  });

  it('a face that goes from neutral to a smile', () => {
    const { frames, persons } = reportOf('single_face.mp4');
    expect(frames).toBe(72);
    expect(persons.map(({ id }) => id)).toEqual(['P1']);
    const happiness = (rows: TableRow[]): number => {
      const values = rows.filter((row) => row.happiness !== '').map((row) => Number(row.happiness));
      expect(values.length).toBeGreaterThan(10);
      return values.reduce((sum, value) => sum + value) / values.length;
    };
    const rows = rowsOf('single_face.mp4');
    expect(happiness(rows.slice(-20)) - happiness(rows.slice(0, 20))).toBeGreaterThanOrEqual(0.4);
  });

  it('nobody', () => {
    const { frames, frames_with_face, persons } = reportOf('no_face.mp4');
    expect([frames_with_face, persons]).toEqual([0, []]);
    const rows = rowsOf('no_face.mp4');
    expect(rows).toHaveLength(frames);
    for (const { person, missing_reason, happiness, box_x } of rows) {
      expect([person, missing_reason, happiness, box_x]).toEqual(['', 'no_face', '', '']);
    }
  });

  it('bird.mkv: one person in the middle, and one of whom the right edge leaves a half', () => {
    const { frames, frames_with_face, persons } = reportOf('bird.mkv');
    expect(frames_with_face).toBeGreaterThanOrEqual(0.97 * frames);
    expect(persons.map(({ id }) => id).sort()).toEqual(['P1', 'P2']);
    const byValid = [...persons].sort((p, q) => q.valid_frames - p.valid_frames);
    expect(byValid[0].valid_frames).toBeGreaterThan(0.3 * frames);
    expect(byValid[1].valid_frames).toBe(0);
    const half = rowsOf('bird.mkv').filter(({ person }) => person === byValid[1].id);
    expect(half.filter(({ missing_reason }) => missing_reason === 'cut_off').length).toBeGreaterThan(0.9 * frames);
  });

  it.each(SIGNING)('%s: one person', (name) => {
    const { frames, frames_with_face, persons } = reportOf(name);
    expect(persons.map(({ id }) => id)).toEqual(['P1']);
    expect(frames_with_face).toBeGreaterThanOrEqual(0.97 * frames);
    expect(persons[0].valid_frames).toBeGreaterThan(0.3 * frames);
  });

  it('three films joined to one: two people, of whom the first comes back under the same number', () => {
    const [again, bird] = parts;
    const total = parts.reduce((sum, count) => sum + count);
    expect(reportOf('joined.mkv')).toMatchObject({ frames: total, problems: [] });
    const seen = rowsOf('joined.mkv').filter(({ box_x }) => box_x !== '');
    const partOf = ({ frame }: TableRow): number => (Number(frame) < again ? 0 : Number(frame) < again + bird ? 1 : 2);
    const mains = parts.map((count, part) => {
      const counts = new Map<string, number>();
      for (const { person } of seen.filter((row) => partOf(row) === part))
        counts.set(person, (counts.get(person) ?? 0) + 1);
      const [[main, times]] = [...counts].sort(([, a], [, b]) => b - a);
      expect(times).toBeGreaterThan(0.8 * count);
      return main;
    });
    expect(mains).toEqual(['P1', 'P2', 'P1']);
    // The bystander of the second film is there too, but is never to be trusted.
    const often = reportOf('joined.mkv').persons.filter((person) => person.valid_frames > 0.1 * total);
    expect(often.map(({ id }) => id)).toEqual(['P1', 'P2']);
  });

  it('say in their sidecar what the container holds', () => {
    const { frames, source } = readSidecar(join(place.out, 'single_face.meta.json'));
    expect([frames, source.name]).toEqual([72, 'single_face.mp4']);
    expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
