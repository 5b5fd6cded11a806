// mien tune as its user starts it, on faces cut from photographs.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileSchema } from '../../src/main/contract/manifest.ts';
import type { ProfileEvaluation } from '../../src/main/hosts/evaluation/run.ts';
import type { TuningReport } from '../../src/main/hosts/tuning/run.ts';
import { StudyHistory } from '../../src/main/store/study-history.ts';
import { STACK, Workplace, messagesOf } from '../fixtures/cli.ts';
import { DANA, ERIN, FAYE, portrait } from '../fixtures/cli-films.ts';
import { PHOTOGRAPHS, cutFaces } from '../fixtures/photographs.ts';
import { PROFILE } from '../fixtures/records.ts';
import { storedTrials } from '../fixtures/tuning-history.ts';

type Report = TuningReport & { readonly files: { readonly profile: string; readonly history: string } };

const place = new Workplace();
afterAll(() => place.remove());

const crops = place.at('crops');
const sheets = place.at('sheets');
const TILE = 48;

beforeAll(async () => {
  for (const label of ['happy', 'neutral']) mkdirSync(join(crops, label), { recursive: true });
  mkdirSync(sheets);
  const faces = (await Promise.all(PHOTOGRAPHS.map((photograph) => cutFaces(photograph, TILE)))).flat();
  const tiles: OverlayOptions[] = [];
  const rows: string[] = [];
  for (const [i, { data, width, height }] of faces.entries()) {
    const picture = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    writeFileSync(join(crops, i % 3 ? 'happy' : 'neutral', `${i}.png`), picture);
    tiles.push({ input: picture, left: TILE * i, top: 0 });
    const votes = i % 3 ? '2,7,0,0,0,0,0,1,0,0' : '8,1,0,1,0,0,0,0,0,0';
    rows.push(
      `${i},sheet.png,0,${i},${['PublicTest', 'PrivateTest'][i % 2]},${i % 3 ? 'happy' : 'neutral'},0,${votes}`,
    );
  }
  await sharp({ create: { width: TILE * faces.length, height: TILE, channels: 3, background: '#000' } })
    .composite(tiles)
    .png()
    .toFile(join(sheets, 'sheet.png'));
  const votes = 'neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,not_face';
  writeFileSync(
    join(sheets, 'labels.csv'),
    [`index,sheet,row,col,split,fer_label,duplicate_of_training,${votes}`, ...rows, ''].join('\n'),
  );
}, 60_000);

const words = (out: string, ...more: string[]): string[] => ['tune', crops, '--crops', '--out', out, ...more];

describe('mien tune', () => {
  it('writes a profile that is ready to use, and says what it was and is worth on pictures that it never saw', async () => {
    const out = place.at('own.json');
    const report = await place.json<Report>(words(out, '--trials', '24', '--jobs', '2', '--also', sheets));
    expect(report).toMatchObject({ profile: 'own', from: 'mien', dataset: 'crops', parted_by: 'halves', seed: 42 });
    expect(report).toMatchObject({ contempt: 'off', crops: true, votes: false, rules: [], override: false });
    expect(report.trials.complete + report.trials.pruned).toBe(24);
    expect(report.trials.earlier).toBe(0);
    expect(report.validation.images + report.test.images).toBe(22);
    expect(report.parameters).toHaveLength(PROFILE.members.length * 7); // no rules, and contempt does not count
    expect(report.parameters.reduce((sum, { importance }) => sum + (importance ?? NaN), 0)).toBeCloseTo(1, 9);
    expect(report.not_tuned.map(({ name }) => name)).toContain('mouthOpen');
    // The study has tried the profile itself, and its temperatures only ever gain.
    expect(report.validation.after.log_loss).toBeLessThanOrEqual(report.validation.before.log_loss ?? NaN);
    expect(report.also).toMatchObject({ dataset: 'sheets', images: 22 });
    expect(report.warnings.length).toBeGreaterThan(0); // of a dozen pictures

    const profile = profileSchema.parse(JSON.parse(readFileSync(out, 'utf8')));
    expect(profile.name).toBe('own');
    expect(profile.description).toContain(`tuned on ${report.validation.images} pictures of crops`);
    expect(profile.description).toContain(', contempt left out).');
    expect(profile.contempt).toBe(true); // nobody has said that it should not count
    expect(profile.members.map(({ temperature }) => temperature)).toEqual(Object.values(report.temperatures.members));
    expect(profile.temperature).toBe(report.temperatures.fused);
    const anger = profile.members.map(({ weights }) => weights.anger);
    expect(anger.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(report.files).toEqual({ profile: out, history: place.at('own.study.sqlite') });
    for (const file of Object.values(report.files)) expect(statSync(file).mode & 0o777).toBe(0o600);

    const evaluation = await place.json<ProfileEvaluation>([
      ...['evaluate', crops, '--crops', '--profile', out, '--out', place.at('figures')],
    ]);
    const { validation, test } = report;
    const right = [validation, test].map(({ images, after }) => Math.round(images * (after.accuracy ?? NaN)));
    expect(evaluation.profile).toBe('own');
    expect(Math.round(22 * (evaluation.accuracy ?? NaN))).toBe(right[0] + right[1]);
  }, 120_000);

  it('finds splits by their names, takes votes as labels, and tunes rules where it is told to', async () => {
    const out = place.at('votes.json');
    const more = ['--votes', '--rules', 'all', '--trials', '12', '--jobs', '1'];
    const { code, stdout } = await place.run(['tune', sheets, '--crops', '--out', out, ...more]);
    expect(code).toBe(0);
    expect(stdout).toContain('the split PrivateTest');
    expect(stdout).toMatch(/^test +\d+\.\d % → \d+\.\d % .*\d\.\d{4} → \d\.\d{4}$/m);
    expect(stdout).toContain('no rule that can fire uses it: headPoseLeft'); // pictures that are cut have no landmarks
    const profile = profileSchema.parse(JSON.parse(readFileSync(out, 'utf8')));
    expect(profile.override).toBe(true);
    expect(profile.rules.active).toContain('happiness_lift');
    expect(profile.rules.parameters.mouthOpen).toBe(0.12);
  }, 120_000);

  it('looks for faces in whole pictures, and tunes rules that look at them', async () => {
    const [out, people] = [place.at('whole-pictures.json'), place.at('people.csv')];
    for (const [i, sitter] of [DANA, ERIN, FAYE].entries())
      writeFileSync(place.at(`${i}.png`), await portrait(sitter, 640));
    await sharp({ create: { width: 320, height: 240, channels: 3, background: '#446' } })
      .png()
      .toFile(place.at('wall.png'));
    const rows = ['0.png,happy,A,val', '1.png,neutral,B,val', '2.png,neutral,C,test', 'wall.png,happy,D,test'];
    writeFileSync(people, ['path,label,subject,split', ...rows, ''].join('\n'));
    const report = await place.json<Report>([
      'tune',
      people,
      '--rules',
      'all',
      '--trials',
      '3',
      '--contempt',
      'off',
      '--out',
      out,
    ]);
    expect(profileSchema.parse(JSON.parse(readFileSync(out, 'utf8'))).contempt).toBe(false);
    expect(report).toMatchObject({ parted_by: 'splits', validation_split: 'val', test_split: 'test', override: true });
    expect(report.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['mouthOpen', 'headPoseLeft']));
    expect(report.validation).toMatchObject({ images: 2, faces_not_found: 0 });
    expect(report.test).toMatchObject({ images: 2, faces_not_found: 1, comparison: { images: 1 } });
    expect(report.parameters[0].importance).toBeNull(); // of three trials
  }, 120_000);

  it('fits to all pictures, with figures of halves that two more studies never saw', async () => {
    const out = place.at('crossed.json');
    const report = await place.json<Report>(words(out, '--jobs', '1', '--trials', '12', '--crossed'));
    expect(report).toMatchObject({ parted_by: 'crossed halves', trials: { earlier: 0 } });
    expect(report.test.images).toBe(report.validation.images);
    const halves = [1, 2].map((half) => `${report.files.history}.half-${half}`);
    const [first, second] = halves.map(storedTrials);
    expect([first.length, second.length]).toEqual([12, 12]);
    expect(first).not.toEqual(second);

    // The figures are those of the halves, and not of what the profile was fitted to.
    const apart = await Promise.all(
      [[], ['--swap']].map((more, i) =>
        place.json<Report>(words(place.at(`half-${i}.json`), '--jobs', '1', '--trials', '12', ...more)),
      ),
    );
    const sum = apart.reduce((total, { test }) => total + test.images * (test.after.log_loss ?? NaN), 0);
    expect(report.test.after.log_loss).toBeCloseTo(sum / report.test.images, 6);
    expect(report.test.after.log_loss).not.toBeCloseTo(report.validation.after.log_loss ?? NaN, 6);

    writeFileSync(place.at('two.csv'), 'path,label,split\n0.png,happy,val\n1.png,happy,test\n');
    const refused = await place.run(['tune', place.at('two.csv'), '--crossed', '--out', place.at('two.json')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Splits cannot be crossed.');
  }, 240_000);

  it('says which part has no face', async () => {
    await sharp({ create: { width: 320, height: 240, channels: 3, background: '#446' } })
      .png()
      .toFile(place.at('empty.png'));
    writeFileSync(place.at('empty.csv'), 'path,label,split\nempty.png,happy,val\n0.png,happy,test\n');
    const { code, stderr } = await place.run(['tune', place.at('empty.csv'), '--out', place.at('empty.json')]);
    expect(code).toBe(3);
    expect(stderr).toContain('For the study no face was found in any picture.');
    expect(existsSync(place.at('empty.study.sqlite'))).toBe(false);
  }, 120_000);

  it('goes on with a study as if it had never stopped, but not with other settings', async () => {
    const [whole, parts] = [place.at('whole.json'), place.at('parts.json')];
    const once = await place.json<Report>(words(whole, '--jobs', '1', '--trials', '16'));
    await place.json<Report>(words(parts, '--jobs', '1', '--trials', '11'));
    const rest = await place.json<Report>(words(parts, '--jobs', '1', '--trials', '16'));
    expect(rest.trials).toEqual({ ...once.trials, earlier: 11 });
    expect(rest.parameters).toEqual(once.parameters);
    expect(storedTrials(rest.files.history)).toEqual(storedTrials(once.files.history));
    const [first, second] = [whole, parts].map((file) => profileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
    expect({ ...second, name: first.name }).toEqual(first);

    const refused = await place.run(words(parts, '--jobs', '1', '--seed', '7'));
    expect(refused.code).toBe(2);
    expect(messagesOf(refused).join(' ')).toMatch(/begun with other settings: seed\. .*--out/);
    const other = await place.run(words(parts, '--jobs', '1', '--swap'));
    expect(other.code).toBe(2);
    expect(messagesOf(other).join(' ')).toContain('pictures, scores of the members');
    expect(storedTrials(parts.replace('.json', '.study.sqlite'))).toHaveLength(16);
  }, 240_000);

  it('stops at Ctrl-C, keeps what was tried, writes no profile, and goes on with the same command', async () => {
    const out = place.at('stopped.json');
    const running = place.start(['--json', ...words(out, '--trials', '100000', '--jobs', '2')]);
    await running.until(() => running.stderr.includes('the best of'));
    running.signal('SIGINT');
    const { code, stderr, stdout } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(STACK);
    expect(stderr).toContain('The same command goes on with it.');
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'interrupted' } });
    expect(existsSync(out)).toBe(false);
    const kept = storedTrials(out.replace('.json', '.study.sqlite')).length;
    expect(kept).toBeGreaterThan(0);

    const more = await place.json<Report>(words(out, '--trials', String(kept + 5), '--jobs', '2'));
    expect(more.trials).toMatchObject({ earlier: kept });
    expect(more.trials.complete + more.trials.pruned).toBe(kept + 5);
  }, 120_000);

  it('says what is wrong before it looks at a picture', async () => {
    writeFileSync(place.at('taken.json'), '{}');
    const shipped = profileSchema.parse(JSON.parse(readFileSync('models/profiles/mien.json', 'utf8')));
    const single = { ...shipped, name: 'single', members: shipped.members.slice(0, 1) };
    writeFileSync(place.at('single.json'), JSON.stringify(single));
    const wrong = [
      { more: ['--out', place.at('own.txt')], message: 'no name for the file of a profile' },
      { more: ['--out', place.at('my profile.json')], message: 'no name for the file of a profile' },
      { more: ['--out', place.at('MIEN.json')], message: 'comes with Mien is called' },
      { more: ['--out', place.at('taken.json')], message: 'no study beside it' },
      { more: ['--out', place.at('x.json'), '--split', 'test'], message: 'no split "test"' },
      { more: ['--out', place.at('x.json'), '--jobs', '65'], message: 'Give 64 at most' },
      { more: ['--out', place.at('x.json'), '--seed', '-1'], message: 'whole number from 0' },
      { more: ['--out', place.at('x.json'), '--profile', 'nothing'], message: 'cannot be read' },
      {
        more: ['--out', place.at('x.json'), '--profile', place.at('single.json')],
        message: 'Nothing of the profile "single" can be tuned.',
      },
    ];
    for (const { more, message } of wrong) {
      const result = await place.run(['tune', crops, '--crops', ...more]);
      expect(result.code, message).toBe(2);
      expect(result.stderr).toContain(message);
      expect(result.stderr).not.toMatch(STACK);
    }
    expect(readFileSync(place.at('taken.json'), 'utf8')).toBe('{}');
    expect(existsSync(place.at('x.study.sqlite'))).toBe(false);
  }, 120_000);

  it('waits for nobody: a study that goes on elsewhere is said to', async () => {
    const held = StudyHistory.open(place.at('held.study.sqlite'), {});
    try {
      const { code, stderr } = await place.run(words(place.at('held.json'), '--trials', '2'));
      expect(code).toBe(1);
      expect(stderr).toContain('is going on elsewhere');
    } finally {
      held.close();
    }
  }, 120_000);
});
