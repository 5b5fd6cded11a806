// mien record from end to end: with a recording that is played as the device, with a driver that loses its device, and with the fake one
// that libfreenect brings. The recording's last frame is due ten minutes behind the others, so that only we end it.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  STACK,
  Workplace,
  readTable,
  type InputReport,
  type RunningCli,
  type SessionReport,
  type TableRow,
} from '../fixtures/cli.ts';
import { writeScene } from '../fixtures/depth-scene.ts';
import { FAKENECT, hasAddon } from '../fixtures/fakenect.ts';
import { makeStub } from '../fixtures/kinect.ts';

const FRAMES = 24;
const place = new Workplace();
const folder = place.at('scene');
const replay = ['record', '--source', `replay:${folder}`];
const consent = place.at('consent.json');
const withoutVideo = place.at('without-video.json');

/** What the command prints for programs. */
type RecordReport = InputReport & {
  readonly rejected_by_depth?: readonly { readonly verdicts: readonly string[] }[];
  readonly raw?: { readonly folder: string; readonly frames: number; readonly complete: boolean };
};

beforeAll(async () => {
  const times = Array.from({ length: FRAMES }, (_, i) => (1000 * i) / 30);
  await writeScene(folder, [...times, 600_000]);
  const agreed = ['analysis', 'identification'];
  writeFileSync(consent, JSON.stringify({ participants: [{ code: 'A07', scopes: [...agreed, 'video'] }] }));
  writeFileSync(withoutVideo, JSON.stringify({ participants: [{ code: 'A07', scopes: agreed }] }));
}, 240_000);
afterAll(() => place.remove());

const report = (stdout: string): RecordReport => JSON.parse(stdout) as RecordReport;
const sessions = async (): Promise<readonly SessionReport[]> =>
  (await place.json<{ sessions: SessionReport[] }>(['sessions'])).sessions;

/** Ctrl-C as soon as a frame more is stored than before. */
async function interrupt(running: RunningCli, before: number): Promise<void> {
  await running.until(() => place.storedFrames() > before);
  running.signal('SIGINT');
}

/** The sidecar, as far as it says how the session was recorded. */
interface LiveSidecar {
  readonly source: { readonly kind: string; readonly depth: string };
  readonly recording: {
    readonly start_unix_s: number;
    readonly camera_gaps: { readonly count: number };
    readonly events: readonly { readonly kind: string }[];
  };
}

const sidecar = (name: string): LiveSidecar =>
  JSON.parse(readFileSync(join(place.out, `${name}.meta.json`), 'utf8')) as LiveSidecar;

const framesOf = (rows: readonly TableRow[]): number[] => [...new Set(rows.map(({ frame }) => Number(frame)))];

describe('a recording for a given time', () => {
  it('ends by itself, with the same files as of a film, times of the clock and what depth rejected', async () => {
    const before = Date.now() / 1000;
    const words = ['--json', ...replay, '--for', '3s', '--out', place.out, '--name', 'sitting'];
    const { code, stdout, stderr } = await place.run(words);
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(0);
    const { state, frames, persons, files, rejected_by_depth, session_id } = report(stdout);
    expect(state).toBe('complete');
    expect(frames).toBeGreaterThanOrEqual(1);
    expect(frames).toBeLessThanOrEqual(FRAMES);
    expect(persons.map(({ id, frames: seen }) => [id, seen])).toEqual([['P1', frames]]);
    expect(rejected_by_depth?.[0].verdicts).toEqual(['flat']);
    expect(files.map((file) => file.replace(join(place.out, 'sitting'), ''))).toEqual([
      ...['.wide.csv', '.long.csv', '.jsonl', '.intervals.csv', '.report.html', '.meta.json'],
    ]);
    const { source, recording } = sidecar('sitting');
    expect(source).toMatchObject({ kind: 'camera', name: 'scene', sensor: 'kinect-v1', driver: 'recording' });
    expect(recording.start_unix_s).toBeGreaterThan(before);
    const rows = readTable(join(place.out, 'sitting.wide.csv'));
    for (const { t_s, t_unix_s } of rows) expect(Number(t_unix_s) - Number(t_s)).toBeCloseTo(recording.start_unix_s, 3);
    expect(framesOf(rows)).toHaveLength(frames);
    expect(framesOf(rows)[0]).toBe(0);
    expect(await sessions()).toMatchObject([{ session_id, code: 'sitting', state: 'complete', frames }]);
  }, 240_000);

  it('is interrupted by Ctrl-C, with 130; what there is is kept and written', async () => {
    const words = ['--json', ...replay, '--for', '1h', '--out', place.out, '--name', 'sitting'];
    const before = place.storedFrames();
    const running = place.start(words);
    await interrupt(running, before);
    const { code, stdout, stderr } = await running.finished;
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(130);
    const { state, frames, files } = report(stdout);
    expect(state).toBe('interrupted');
    expect(frames).toBeGreaterThanOrEqual(1);
    expect(files[0]).toBe(join(place.out, 'sitting-2.wide.csv')); // the other session's files stay
  }, 240_000);
});

describe('a recording for as long as it takes', () => {
  it('is ended by Ctrl-C: that is its end; without --out the session alone is stored', async () => {
    const before = place.storedFrames();
    const running = place.start(replay);
    await interrupt(running, before);
    const { code, stdout, stderr } = await running.finished;
    expect(stderr).toContain('Stopping: what was recorded is kept.');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^replay:.*: \d+ frames? \(0:\d\d\)(, \d+ lost)?, \d+ with a face/);
    expect(stdout).not.toContain('Stopped early');
    expect(stdout).toContain('not a real face, flat');
    const [id] = /[0-9a-f]{16}/.exec(stdout) ?? [];
    expect(stdout).toContain(`"npm run mien -- export ${id ?? ''} --out <folder>" writes its files.`);
    expect(await sessions()).toContainEqual(
      expect.objectContaining({ session_id: id, code: 'scene', state: 'complete' }),
    );
  }, 240_000);

  it('keeps what was stored when it is killed', async () => {
    const before = place.storedFrames();
    const running = place.start([...replay, '--name', 'killed']);
    await running.until(() => place.storedFrames() > before);
    running.signal('SIGKILL');
    expect((await running.finished).code).toBeNull();
    const found = (await sessions()).filter(({ code }) => code === 'killed');
    expect(found).toMatchObject([{ state: 'interrupted' }]);
    expect(found[0].frames).toBeGreaterThanOrEqual(1);
  }, 240_000);
});

describe('--raw', () => {
  it('keeps the pictures for their owner alone; they can be analysed, and whoever is erased hears of them', async () => {
    const raw = place.at('raw');
    const words = ['--json', ...replay, '--for', '3s', '--raw', raw, '--consent', consent];
    const { code, stdout, stderr } = await place.run(words);
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(0);
    const { raw: kept, frames, persons } = report(stdout);
    expect(kept).toMatchObject({ folder: raw, complete: true });
    expect(kept?.frames).toBeGreaterThanOrEqual(frames);
    expect(persons).toMatchObject([{ participant: 'A07' }]); // known by itself, as in a film
    const names = readdirSync(raw);
    expect(names).toHaveLength(1 + 2 * (kept?.frames ?? 0));
    if (process.platform !== 'win32') {
      expect(statSync(raw).mode & 0o777).toBe(0o700);
      expect(new Set(names.map((name) => statSync(join(raw, name)).mode & 0o777))).toEqual(new Set([0o600]));
    }
    const again = await place.run(['analyze', `replay:${raw}`, '--out', place.out]);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`${kept?.frames ?? 0} frame`);
    const erasure = await place.run(['erase', 'A07']);
    expect(erasure.stdout + erasure.stderr).toContain(resolve(raw));
    const second = await place.run(words);
    expect(second.stderr).toContain('is not empty');
    expect(second.code).toBe(1);
  }, 480_000);

  it.each([
    ['nobody has said anything', [], 'nobody has said that everybody agreed to video'],
    ['somebody did not agree', ['--consent', withoutVideo], 'A07 did not agree to video'],
  ])(
    'is refused without consent to video: %s',
    async (_, more, message) => {
      const { code, stdout } = await place.run(['--json', ...replay, '--raw', place.at('refused'), ...more]);
      expect(code).toBe(1);
      const refusal: unknown = { code: 'no_consent', message: expect.stringContaining(message) as string };
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: refusal });
      expect(existsSync(place.at('refused'))).toBe(false);
    },
    120_000,
  );
});

describe('what cannot be recorded', () => {
  it('is said clearly: a folder that is not there, one without a recording, no such source, no such time', async () => {
    mkdirSync(place.at('empty'));
    const refused = async (words: readonly string[], exit: number, words_: RegExp): Promise<void> => {
      const { code, stderr } = await place.run(['record', ...words]);
      expect(stderr).toMatch(words_);
      expect(stderr).not.toMatch(STACK);
      expect(code).toBe(exit);
    };
    await refused(['--source', `replay:${place.at('nowhere')}`], 3, /There is no folder .*nowhere/);
    await refused(['--source', `replay:${place.at('empty')}`], 3, /has no pairs of colour and depth pictures/);
    await refused(['--source', 'webcam'], 2, /Choose "kinect" or "replay:FOLDER"/);
    await refused(['--source', 'kinect', '--for', 'ever'], 2, /Give a time such as 90s/);
    await refused([], 2, /--source/);
  }, 240_000);
});

/** The environment in which a library is found in place of the system's libfreenect. */
const librariesIn = (libraries: string): Record<string, string> => ({
  LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH ?? ''].filter((part) => part !== '').join(delimiter),
});

/** Only Linux looks where it is told for a library. */
const hasDriver = hasAddon && process.platform === 'linux';
if (!hasDriver)
  console.warn('Without the part for a Kinect (npm run setup) and Linux, recording from a driver is not tested.');
if (!FAKENECT) console.warn('Without fakenect (apt-get install libfreenect-bin), recording from it is not tested.');

describe.skipIf(!hasDriver)('a Kinect', () => {
  let env: Record<string, string> = {};
  beforeAll(() => {
    const libraries = place.at('libraries');
    mkdirSync(libraries);
    copyFileSync(makeStub(libraries), join(libraries, 'libfreenect.so.0.5'));
    env = librariesIn(libraries);
  });

  it('that is not plugged in is an error with a remedy, and nothing is stored', async () => {
    const before = await sessions();
    const { code, stderr } = await place.run(['record', '--source', 'kinect'], { env: { ...env, STUB_DEVICES: '0' } });
    expect(code).toBe(4);
    expect(stderr).toContain('No Kinect v1 is plugged in. Plug the Kinect into a USB port');
    expect(await sessions()).toEqual(before);
  }, 120_000);

  it('that goes again and again is told of, looked for again, and leaves gaps in the timeline', async () => {
    const words = ['record', '--source', 'kinect', '--out', place.out, '--name', 'gone'];
    const failing = { STUB_THEN: 'unplug', STUB_FRAMES: '30', STUB_PERIOD_MS: '33' };
    const running = place.start(words, { env: { ...env, ...failing } });
    await running.until(() => running.stderr.split('The Kinect was unplugged').length > 3);
    running.signal('SIGINT');
    const { code, stderr } = await running.finished;
    expect(stderr).toContain('The Kinect was unplugged or does not answer. It is looked for again in 0.5 s.');
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(0);
    const rows = readTable(join(place.out, 'gone.wide.csv'));
    const gaps = rows.filter((row) => row.missing_reason === 'source_gap');
    expect(gaps.length).toBeGreaterThanOrEqual(1);
    const times = rows.map(({ t_s }) => Number(t_s));
    expect(times).toEqual(times.toSorted((p, q) => p - q));
    const { recording } = sidecar('gone');
    expect(recording.camera_gaps.count).toBe(gaps.length);
    expect(recording.events.map(({ kind }) => kind)).toEqual(gaps.flatMap(() => ['camera_lost', 'camera_back']));
  }, 240_000);
});

describe.skipIf(!hasDriver || !FAKENECT)('the fake Kinect of libfreenect', () => {
  it('is recorded to the end of what it plays', async () => {
    const played = place.at('played');
    cpSync(folder, played, { recursive: true });
    const index = readFileSync(join(folder, 'INDEX.txt'), 'utf8').split('\n');
    writeFileSync(join(played, 'INDEX.txt'), `${index.slice(0, 2 * FRAMES).join('\n')}\n`); // all but the last frame
    const env = { ...librariesIn(dirname(FAKENECT ?? '')), FAKENECT_PATH: played };
    const { code, stdout, stderr } = await place.run(['--json', 'record', '--source', 'kinect'], { env });
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(0);
    const { state, frames, persons, rejected_by_depth } = report(stdout);
    expect(state).toBe('complete');
    expect(frames).toBeGreaterThanOrEqual(1);
    expect(persons).toHaveLength(1);
    expect(rejected_by_depth?.[0].verdicts).toEqual(['flat']);
  }, 240_000);
});
