// mien evaluate as its user starts it, on faces cut from photographs and on the photographs.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProfileEvaluation } from '../../src/main/hosts/evaluation/run.ts';
import { STACK, messagesOf, runCli } from '../fixtures/cli.ts';
import { DANA, ERIN, FAYE, portrait } from '../fixtures/cli-films.ts';
import { temporaryFolder } from '../fixtures/clips.ts';
import { PHOTOGRAPHS, cutFaces } from '../fixtures/photographs.ts';
import { PROFILE } from '../fixtures/records.ts';

const place = temporaryFolder();
afterAll(() => place.remove());

const crops = place.at('crops');
const people = place.at('people.csv');

beforeAll(async () => {
  for (const label of ['happy', 'neutral']) mkdirSync(join(crops, label), { recursive: true });
  const faces = (await Promise.all(PHOTOGRAPHS.slice(0, 3).map((photograph) => cutFaces(photograph, 64)))).flat();
  for (const [i, { data, width, height }] of faces.entries()) {
    const file = join(crops, i % 2 ? 'happy' : 'neutral', `${i}.png`);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
  }
  for (const [i, sitter] of [DANA, ERIN, FAYE].entries())
    writeFileSync(place.at(`${i}.png`), await portrait(sitter, 640));
  await sharp({ create: { width: 320, height: 240, channels: 3, background: '#446' } })
    .png()
    .toFile(place.at('wall.png'));
  const rows = ['0.png,happy,A', '1.png,happy,B', '2.png,neutral,C', 'wall.png,neutral,D'];
  writeFileSync(people, ['path,label,subject', ...rows, ''].join('\n'));
}, 60_000);

const read = (out: string): ProfileEvaluation =>
  JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as ProfileEvaluation;

describe('mien evaluate', () => {
  it('measures faces from edge to edge, and writes figures and a page for nobody else to read', async () => {
    const out = place.at('out-crops');
    const { code, stdout } = await runCli(['evaluate', crops, '--crops', '--flip', '--out', out]);
    expect(code).toBe(0);
    expect(stdout).toContain('member alone');
    const evaluation = read(out);
    expect(evaluation).toMatchObject({ images: 9, faces_not_found: 0, crops: true, flip: true, contempt: 'off' });
    expect(evaluation.labels).toEqual(expect.arrayContaining(['happiness', 'neutral']));
    const members = PROFILE.members.map(({ model }) => model);
    expect(evaluation.members.map(({ name }) => name)).toEqual([...members, 'all with the same weight']);
    const page = readFileSync(join(out, 'evaluation.html'), 'utf8');
    expect(page).toContain('Confusion matrix');
    expect(page).not.toContain('data:image');
    for (const name of ['evaluation.json', 'evaluation.items.jsonl', 'evaluation.html'])
      expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
  }, 120_000);

  it('looks for faces in whole pictures, counts those without one, and prints the same as it writes', async () => {
    const out = place.at('out-people');
    const { code, stdout } = await runCli(['--json', 'evaluate', people, '--include-images', '--out', out]);
    expect(code).toBe(0);
    const evaluation = JSON.parse(stdout) as ProfileEvaluation;
    expect(evaluation).toEqual(read(out));
    expect(evaluation).toMatchObject({ images: 4, faces_not_found: 1 });
    expect(evaluation.accuracy_with_errors).toBeCloseTo(((evaluation.accuracy ?? 0) * 3) / 4, 9);
    expect(evaluation.intervals_of).toContain('subjects');
    const page = readFileSync(join(out, 'evaluation.html'), 'utf8');
    expect(page.split('data:image/png').length - 1).toBe(evaluation.mistakes.length);
  }, 120_000);

  it('compares a profile of the data folder with an earlier evaluation of the same pictures', async () => {
    const [first, second, data] = [place.at('first'), place.at('second'), place.at('data')];
    expect((await runCli(['evaluate', crops, '--crops', '--out', first])).code).toBe(0);
    mkdirSync(join(data, 'profiles'), { recursive: true });
    const mien = JSON.parse(readFileSync('models/profiles/mien.json', 'utf8')) as object;
    writeFileSync(join(data, 'profiles', 'own.json'), JSON.stringify({ ...mien, name: 'own' }));
    const words = ['--crops', '--flip', '--profile', 'own', '--compare', first, '--out', second];
    const { code } = await runCli(['--data', data, 'evaluate', crops, ...words]);
    expect(code).toBe(0);
    expect(read(second).comparison).toMatchObject({ images: 9, p_subjects: null });
  }, 120_000);

  it('says what is wrong in one line', async () => {
    const out = place.at('out-wrong');
    const wrong = [
      { words: [place.at('none')], code: 3 },
      { words: [crops, '--split', 'test'], code: 2 },
      { words: [crops, '--contempt', 'maybe'], code: 2 },
      { words: [crops, '--profile', 'nothing'], code: 2 },
    ];
    for (const { words, code } of wrong) {
      const result = await runCli(['evaluate', ...words, '--out', out]);
      expect(result.code, words.join(' ')).toBe(code);
      expect(result.stderr).not.toMatch(STACK);
    }
    const other = await runCli(['evaluate', people, '--compare', place.at('first'), '--out', out]);
    expect(other.code).toBe(2);
    expect(messagesOf(other).join('\n')).toContain('other pictures');
  }, 120_000);
});
