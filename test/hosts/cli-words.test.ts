// The words of the program: help, answers for people and for programs, the doctor and the list of models, the first film.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STACK, Workplace, linesOf, readTable, runCli, type AnalyzeReport, type InputReport } from '../fixtures/cli.ts';
import { DANA, photographPath, writeShots } from '../fixtures/cli-films.ts';
import { PROFILE } from '../fixtures/records.ts';

const COMMANDS = [
  'analyze',
  'sessions',
  'export',
  'participants',
  'erase',
  'models',
  'doctor',
  'bench',
  'tune',
  'demo',
];
/** What the default profile needs: its detector, mesh, occlusion network, embedder and members. */
const MODELS = ['blazeface', 'facemesh', 'occlusion', 'face-recognition', ...PROFILE.members.map(({ model }) => model)];
const MODEL_COMMANDS = ['models list', 'models verify', 'models fetch'];

const place = new Workplace();
beforeAll(() => writeShots(place.at('film.mp4'), [{ of: DANA, frames: 10 }]));
afterAll(() => place.remove());
describe('help', () => {
  it('names every command', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ +${command} .*\\w`, 'm'));
  });

  const texts = new Map<string, string>();

  beforeAll(async () => {
    const commands = [...COMMANDS, ...MODEL_COMMANDS];
    const results = await Promise.all(commands.map((command) => runCli([...command.split(' '), '--help'])));
    results.forEach(({ code, stdout, stderr }, i) => {
      expect([code, stderr]).toEqual([0, '']);
      texts.set(commands[i], stdout);
    });
  });

  it.each([...COMMANDS, ...MODEL_COMMANDS])('of "%s" has an example', (command) => {
    const text = texts.get(command) ?? '';
    expect(text).toContain(`Usage: mien ${command}`);
    expect(linesOf(text).filter((line) => line.startsWith(`  mien ${command}`))).not.toEqual([]);
  });

  it.each(['analyze', 'export'])('of "%s" shows defaults as a user would write them', (command) => {
    const text = texts.get(command);
    expect(text).not.toMatch(/[{}[\]]"|":/);
    expect(text).toMatch(/--interval <seconds>.*\(default: 10\)/);
  });

  it('gives the version of the package', async () => {
    const { default: parts } = await import('../../package.json', { with: { type: 'json' } });
    expect((await runCli(['--version'])).stdout).toBe(`${parts.version}\n`);
  });
});

describe('answers for programs', () => {
  let before: InputReport;

  beforeAll(async () => {
    const { code, stdout } = await place.run(['--json', 'analyze', place.at('film.mp4'), '--out', place.out]);
    expect(code).toBe(0);
    [before] = (JSON.parse(stdout) as AnalyzeReport).inputs;
  });

  it('have the documented fields', () => {
    expect(before).toMatchObject({ path: place.at('film.mp4'), ok: true, frames: 10, frames_with_face: 10 });
    for (const name of ['session_id', 'duration_s', 'analysed_fps', 'persons', 'files'])
      expect(before).toHaveProperty(name);
    const names = ['anger', 'contempt', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'];
    const [person] = before.persons;
    expect(Object.keys(person.mean)).toEqual(names);
    expect(Object.keys(person.dominant_share)).toEqual(names);
  });

  it.each([
    ['before the command', ['--json', '--data', place.data, 'sessions']],
    ['behind it', ['sessions', '--json', '--data', place.data]],
  ])('come with --json %s, from the data folder that is named there', async (_, words) => {
    const { code, stdout, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([0, '']);
    const { sessions } = JSON.parse(stdout) as { sessions: { session_id: string }[] };
    expect(sessions.map(({ session_id }) => session_id)).toEqual([before.session_id]);
  });

  it('stay whole when nothing could be analysed', async () => {
    const words = ['--json', 'analyze', place.at('gone.mp4'), '--out', place.out];
    const { code, stdout, stderr } = await place.run(words);
    expect([code, linesOf(stderr).length]).toEqual([3, 1]); // nothing is under way that could show progress
    const { inputs } = JSON.parse(stdout) as AnalyzeReport;
    expect(inputs).toMatchObject([{ path: place.at('gone.mp4'), ok: false, error: { code: 'input_missing' } }]);
  });
});

interface Check {
  readonly name: string;
  readonly state: string;
  readonly detail: string;
  readonly remedy: string | null;
}

describe('doctor', () => {
  const WANTED = ['Node', 'models', 'networks', 'sampling kernel', 'video decoders', 'pictures', 'database'];
  const OPTIONAL = ['camera', 'Kinect', 'Electron'];

  it('finds everything that is needed, and says how to get what is not', async () => {
    const { code, stdout } = await place.run(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: Check[] };
    expect(code).toBe(0);
    expect(checks.map(({ name }) => name)).toEqual([...WANTED, ...OPTIONAL]);
    for (const { name, state, detail, remedy } of checks) {
      if (WANTED.includes(name)) expect([name, state]).toEqual([name, 'ok']);
      expect(['ok', 'optional']).toContain(state);
      expect(detail).not.toBe('');
      expect([name, state === 'ok']).toEqual([name, remedy === null]);
    }
  });

  it('says it in lines, and ends with 4 when something needed does not work', async () => {
    writeFileSync(place.at('file'), 'not a folder');
    const { code, stdout, stderr } = await runCli(['doctor', '--data', place.at('file')]);
    expect([code, stderr]).toEqual([4, '']);
    for (const name of [...WANTED, ...OPTIONAL]) expect(stdout).toMatch(new RegExp(`^${name}  +\\S`, 'm'));
    expect(stdout).toMatch(/^database +MISSING /m);
    expect(stdout).toMatch(/^database: .*--data/m);
    expect(stdout.match(/MISSING/g)).toHaveLength(1);
    expect(stdout).not.toMatch(STACK);
  });
});

describe('the network', () => {
  it('is told nothing: onnxruntime keeps no identifier of this device and no queue of events', async () => {
    const home = place.at('home');
    mkdirSync(home);
    const env = { ORT_DISABLE_TELEMETRY: '0', HOME: home, USERPROFILE: home, LOCALAPPDATA: home, XDG_CACHE_HOME: home };
    for (const words of [['doctor'], ['analyze', photographPath('sample1.jpg'), '--out', place.at('quiet')]]) {
      expect((await place.run(words, { env })).code).toBe(0);
    }
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });
});

describe('models', () => {
  it('are listed with origin, licence and what they measured', async () => {
    const { code, stdout } = await runCli(['models', 'list', '--json']);
    expect(code).toBe(0);
    interface Model {
      readonly id: string;
      readonly origin: string;
      readonly licence: string;
      readonly measured: string;
    }
    const { models } = JSON.parse(stdout) as { models: Model[] };
    const byId = new Map(models.map((model) => [model.id, model]));
    for (const id of MODELS) {
      for (const word of ['origin', 'licence', 'measured'] as const) expect(byId.get(id)?.[word]).toMatch(/\w/);
    }
    expect(byId.get('mien-labels-ferplus')?.origin).toContain('ours');
    expect(byId.get('blazeface')?.origin).toMatch(/@vladmandic\/human \d/);
  });

  it('are listed and held against their hashes in lines', async () => {
    const [list, verify] = await Promise.all([runCli(['models', 'list']), runCli(['models', 'verify'])]);
    expect([list.code, verify.code]).toEqual([0, 0]);
    for (const id of MODELS) {
      expect(list.stdout).toMatch(new RegExp(`^${id} .*\\w`, 'm'));
      expect(verify.stdout).toMatch(new RegExp(`^${id} +right$`, 'm'));
    }
  });
});

describe('demo', () => {
  it('makes a film of 12 seconds, analyses it and says who is in it and where the files are', async () => {
    const out = place.at('first');
    const { code, stdout, stderr } = await runCli(['demo', '--out', out]);
    expect(code).toBe(0);
    expect(stderr).toContain(join(out, 'sample.mp4'));
    expect(stdout.match(/^P\d+ .*%/gm)?.length).toBeGreaterThan(3);
    for (const name of [
      'sample.mp4',
      'sample.wide.csv',
      'sample.jsonl',
      'sample.meta.json',
      join('data', 'mien.sqlite'),
    ]) {
      expect([name, existsSync(join(out, name))]).toEqual([name, true]);
    }
    expect(stdout).toContain(join(out, 'sample.wide.csv'));
    const rows = readTable(join(out, 'sample.wide.csv'));
    expect(new Set(rows.map(({ frame }) => frame)).size).toBe(12 * 25);
  });
});
