import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../src/main/contract/settings.ts';
import { SettingsFile } from '../../src/main/hosts/service/settings-file.ts';
import { refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

interface Place {
  readonly folder: string;
  readonly path: string;
  readonly file: SettingsFile;
}

/** A data folder with this as its file of settings; with none for null. */
function placeWith(text: string | null): Place {
  const folder = temporaryFolder();
  const path = join(folder, 'settings.json');
  if (text !== null) writeFileSync(path, text);
  return { folder, path, file: new SettingsFile(folder) };
}

const OWN: Settings = {
  exportFolder: '/exports',
  intervalSeconds: 0.5,
  keepInvalid: true,
  markerLabels: ['Film on', 'Film off'],
  retentionDays: 365,
  profile: 'strict',
  appearance: 'dark',
  hasSeenIntroduction: true,
};
const storedIn = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('settings in a file', () => {
  it('are the usual ones where there is no file, and reading makes none', async () => {
    const { folder, file } = placeWith(null);
    expect(await file.read()).toEqual({ values: DEFAULT_SETTINGS, problem: null });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are what they were changed to, for the next program too', async () => {
    const { folder, file } = placeWith(null);
    expect(await file.change(OWN)).toEqual({ values: OWN, problem: null });
    expect(await new SettingsFile(folder).read()).toEqual({ values: OWN, problem: null });
    expect(readdirSync(folder)).toEqual(['settings.json']);
  });

  it('are changed one at a time, and all of what is changed at once is there', async () => {
    const { path, file } = placeWith(null);
    const [first, second] = await Promise.all([file.change({ keepInvalid: true }), file.change({ retentionDays: 30 })]);
    expect(first.values).toEqual({ ...DEFAULT_SETTINGS, keepInvalid: true });
    expect(second.values).toEqual({ ...DEFAULT_SETTINGS, keepInvalid: true, retentionDays: 30 });
    expect(storedIn(path)).toEqual({ keepInvalid: true, retentionDays: 30 });
    expect((await file.change({ retentionDays: null })).values.retentionDays).toBeNull();
  });

  it('can be read by their owner alone, whatever the rights of the file were', async () => {
    const { path, file } = placeWith('{}');
    chmodSync(path, 0o666);
    await file.change({ keepInvalid: true });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('of a newer version keep what this one does not know', async () => {
    const { path, file } = placeWith('{ "appearance": "dark", "language": "de" }');
    expect(await file.read()).toEqual({ values: { ...DEFAULT_SETTINGS, appearance: 'dark' }, problem: null });
    await file.change({ appearance: 'light' });
    expect(storedIn(path)).toEqual({ appearance: 'light', language: 'de' });
  });

  it('changed by hand meanwhile are seen', async () => {
    const { path, file } = placeWith(null);
    await file.change({ keepInvalid: true });
    writeFileSync(path, '{ "intervalSeconds": 5 }');
    expect((await file.read()).values).toEqual({ ...DEFAULT_SETTINGS, intervalSeconds: 5 });
  });

  it.each([
    ['nothing', '', /not JSON/],
    ['half of it', '{ "appearance": "da', /not JSON/],
    ['a list', '[]', /not valid/],
    ['an impossible value', '{ "intervalSeconds": 0 }', /not valid: "intervalSeconds" must /],
    ['a value of another kind', '{ "keepInvalid": "yes" }', /not valid: "keepInvalid" must /],
    [
      'a label too many',
      JSON.stringify({ markerLabels: '1 2 3 4 5 6 7 8 9 10'.split(' ') }),
      /not valid: "markerLabels" must /,
    ],
  ])('that are damaged (%s) are put aside, which is said, and the usual ones are in use', async (_, text, why) => {
    const { folder, path, file } = placeWith(text);
    const { values, problem } = await file.read();
    expect(values).toEqual(DEFAULT_SETTINGS);
    expect(problem?.message).toMatch(why);
    expect(problem?.message).toContain(join(folder, 'settings.damaged.json'));
    expect(readFileSync(join(folder, 'settings.damaged.json'), 'utf8')).toBe(text);
    expect(existsSync(path)).toBe(false);
    // It is told as long as the program runs: a second window asks later.
    expect((await file.change({ keepInvalid: true })).problem).toEqual(problem);
    expect(storedIn(path)).toEqual({ keepInvalid: true });
  });

  it('that are damaged again leave what was put aside before', async () => {
    const { folder, path, file } = placeWith('one');
    await file.read();
    writeFileSync(path, 'two');
    await file.read();
    expect(readdirSync(folder).sort()).toEqual(['settings.damaged-2.json', 'settings.damaged.json']);
    expect(readFileSync(join(folder, 'settings.damaged-2.json'), 'utf8')).toBe('two');
  });

  it('that cannot be read or written are said to be so, and leave nothing half done', async () => {
    const { folder, path, file } = placeWith(null);
    mkdirSync(join(path, 'in the way'), { recursive: true });
    const { values, problem } = await file.read();
    expect(values).toEqual(DEFAULT_SETTINGS);
    expect(problem?.message).toContain('cannot be read');
    // What cannot be read must not be written over: it may hold what somebody has set.
    await refusalOf(file.change({ keepInvalid: true }), 'input_unreadable');
    expect(readdirSync(folder)).toEqual(['settings.json']);
    await refusalOf(new SettingsFile(join(folder, 'missing')).change({ keepInvalid: true }), 'output_unwritable');
  });
});
