import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf, type ErrorReport } from '../../../src/main/contract/errors.ts';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import { evenWeights, modelsOf, type Profile } from '../../../src/main/core/profile.ts';
import { PUBLISHED_PARAMETERS } from '../../../src/main/core/refine.ts';
import { WorkerAnalyzer } from '../../../src/main/inference/analyzer.ts';
import { ModelRegistry } from '../../../src/main/inference/registry.ts';
import { TIMED } from '../../fixtures/fake-profile.ts';
import { MODELS } from '../../fixtures/models.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const EXAMPLE = readFileSync(new URL('profiles/mien.json', MODELS), 'utf8');
const copy = (): Json => JSON.parse(EXAMPLE) as Json;

/** The paths of all values in a document that hold no others, such as members.0.weights.fear. */
const leaves = (value: Json, path = ''): string[] =>
  value === null || typeof value !== 'object'
    ? [path]
    : Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));

/** The example with another value at a path; without it where the value is undefined. */
function changed(path: string, value: Json | undefined): Json {
  const document = copy();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((inner, key) => inner[key] as Record<string, Json>, document as Record<string, Json>);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return document;
}

/** Where a fault is, in words: members.0.weights.fear is in members, first, weights: "fear". */
function placeOf(path: string): string {
  const steps = path
    .split('.')
    .map((step) => ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'][Number(step)] ?? step);
  const last = steps.pop() ?? '';
  return [steps.join(', '), `"${last}"`].filter(Boolean).join(': ');
}

/** Places that profiles did not have from the beginning: they may be missing. */
const OPTIONAL = [
  ...[/^override$/, /^rules\./, /temperature$/, /^contempt$/, /^reject$/],
  ...[/^window\.(smoothing|persistenceMs|frames)$/],
];
/** Places that may be empty. */
const NULLABLE = ['reject', 'window.frames'];

let folder: string;
let registry: ModelRegistry;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mien-profile-'));
  registry = await ModelRegistry.open(MODELS);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A profile from a file with this text. */
function read(text: string): Promise<Profile> {
  const path = join(folder, 'own.json');
  writeFileSync(path, text);
  return registry.profile(path);
}

/** What a user is told of a profile with this content; null where it is accepted. */
async function complaint(content: Json): Promise<ErrorReport | null> {
  return read(JSON.stringify(content)).then(() => null, reportOf);
}

describe('the profiles that come with the program', () => {
  // Models of others are fetched by whoever wants them: see the tests of hsemotion.
  const names = readdirSync(new URL('profiles/', MODELS))
    .map((file) => file.replace(/\.json$/, ''))
    .filter((name) => name !== 'hsemotion');

  it('are called what their files are called, and every model they need is there', async () => {
    expect(names).toContain('mien');
    for (const name of names) {
      const profile = await registry.profile(name);
      expect(profile.name).toBe(name);
      for (const { model } of profile.members) expect(registry.entry(model).expression, model).not.toBeNull();
      for (const model of modelsOf(profile)) expect(registry.entry(model).sha256).toHaveLength(64);
    }
  });

  it('have the windows, the share and the limits of time that are promised', async () => {
    const { window, identity, ambiguity } = await registry.profile('mien');
    expect(window).toEqual(TIMED);
    expect(identity.maxDistance).toBe(0.45);
    expect(ambiguity).toEqual({ gap: 12, least: 20 });
  });
});

describe("a user's profile", () => {
  it('is read as it stands in the file', async () => {
    expect(await read(EXAMPLE)).toEqual(copy());
    const own = changed('members.1.weights.fear', 0.25);
    expect(await read(JSON.stringify(own))).toEqual(own);
  });

  it('without one of its values, or with a value of the wrong kind, is refused with the place of it', async () => {
    const paths = leaves(copy());
    expect(paths).toContain('members.2.weights.surprise');
    expect(paths).toContain('quality.maxPitchDownDeg');
    for (const path of paths) {
      const isOptional = OPTIONAL.some((place) => place.test(path));
      for (const value of [...(isOptional ? [] : [undefined]), ...(NULLABLE.includes(path) ? [] : [null]), [1]]) {
        const report = await complaint(changed(path, value));
        expect(report?.code, path).toBe('usage');
        expect(report?.message, path).toContain(`: ${placeOf(path)} `);
      }
    }
  });

  it('with a value that cannot be meant is refused with the place of it', async () => {
    const wrong: readonly (readonly [path: string, value: Json])[] = [
      ['members', []],
      ['members.0.weights.anger', -0.1],
      ['members.0.weights.anger', '1'],
      ['name', 'my profile'],
      ['tracking.detectEveryFrames', 0],
      ['tracking.searchEveryFrames', 2.5],
      ['tracking.minDetectionScore', 50],
      ['quality.maxOcclusion', 1.5],
      ['identity.minConfidence', 60],
      ['identity.maxDistance', 0],
      ['members.0.temperature', 0],
      ['temperature', 0.04],
      ['override', 1],
      ['contempt', null],
      ['reject', 101],
      ['rules.active', ['happiness_lift', 'happiness_lift']],
      ['rules.parameters.mouthOpen', 0.21],
      ['rules.parameters.headPoseLeft', -0.31],
      ['window.smoothingMs', 0],
      ['window.smoothing', 'median'],
      ['window.persistenceMs', -1],
      ['window.confirmationMs', -667],
      ['window.confirmationShare', 60],
      ['window.restartMs', 0],
    ];
    for (const [path, value] of wrong) {
      const report = await complaint(changed(path, value));
      expect(report?.code, path).toBe('usage');
      expect(report?.message).toContain(`: ${placeOf(path)} `);
    }
  });

  it('that was written before profiles had rules and temperatures scores as it did then', async () => {
    const older = copy() as { members: { temperature?: number }[]; window: object } & Record<string, Json>;
    for (const name of ['override', 'rules', 'temperature', 'contempt', 'reject']) Reflect.deleteProperty(older, name);
    for (const member of older.members) delete member.temperature;
    for (const name of ['smoothing', 'persistenceMs', 'frames']) Reflect.deleteProperty(older.window, name);
    expect(await read(JSON.stringify(older))).toEqual({
      ...older,
      members: older.members.map((member) => ({ ...member, temperature: 1 })),
      override: false,
      rules: { active: [], parameters: PUBLISHED_PARAMETERS },
      temperature: 1,
      contempt: true,
      reject: null,
      window: TIMED,
    });
  });

  it('has the published parameters where it names none', async () => {
    const rules = { active: ['happiness_lift'], parameters: { happinessCap: 90 } };
    expect((await read(JSON.stringify(changed('rules', rules)))).rules).toEqual({
      active: ['happiness_lift'],
      parameters: { ...PUBLISHED_PARAMETERS, happinessCap: 90 },
    });
  });

  it('with a rule that does not exist is refused, and those that do are named', async () => {
    const report = await complaint(changed('rules.active', ['happiness_lift', 'joy']));
    expect(report?.code).toBe('usage');
    expect(report?.message).toContain('rules, active: the second must be "smile_kept", "fear_to_surprise", ');
    expect(report?.message).toContain(' or "sadness_disgust_anger", not "joy"');
  });

  it('that counts frames needs some, and no exponential mean', async () => {
    const frames = { smoothing: 5, confirmation: 20 };
    expect(await complaint(changed('window.frames', frames))).toBeNull();
    const none = await complaint(changed('window.frames', { ...frames, smoothing: 0 }));
    expect(none?.message).toContain('window, frames: "smoothing" must be at least 1');
    const exponential = { ...TIMED, smoothing: 'exponential', frames };
    const report = await complaint(changed('window', exponential));
    expect(report?.message).toContain('window: "smoothing" cannot be exponential where frames are counted');
    expect(await complaint(changed('window', { ...exponential, frames: null }))).toBeNull();
  });

  it('with a name that means nothing is refused, and the name is said', async () => {
    for (const path of [
      'identity.maxDistanc',
      'window.smoothing',
      'members.0.weights.happy',
      'quality.roll',
      'rule',
      'rules.parameters.mouthopen',
    ]) {
      const report = await complaint(changed(path, 1));
      expect(report?.code, path).toBe('usage');
      expect(report?.message).toContain(`"${path.split('.').at(-1) ?? ''}"`);
    }
  });

  it('that is wrong as a whole is refused in a sentence that can be read', async () => {
    for (const content of [changed('rule', 1), [], 'mien', null]) {
      const report = await complaint(content);
      expect(report?.code).toBe('usage');
      expect(report?.message).toMatch(/own\.json" is not valid: [^\n]+\.$/);
    }
  });

  it.each(['', '{ "name": "mien"', 'name: mien'])('that is no JSON (%j) is refused', async (text) => {
    const report = await read(text).then(() => null, reportOf);
    expect(report).toMatchObject({ code: 'usage' });
    expect(report?.message).toMatch(/own\.json" is not JSON\.$/);
    expect(report?.message).not.toContain('\n');
  });

  it.each(['nobody', 'nobody.json', '', '..', '100%'])('that is not there (%j) is refused', async (name) => {
    const report = await registry.profile(name).then(() => null, reportOf);
    expect(report?.code).toBe('usage');
    expect(report?.message).toBe(`The profile "${name}" cannot be read.`);
    expect(report?.remedy).toContain('mien');
  });

  it('in which no member weighs anything is refused: there would be rows that are valid and empty', async () => {
    const document = copy() as { members: { weights: Json }[] };
    for (const member of document.members) member.weights = evenWeights(0);
    expect((await complaint(document as unknown as Json))?.code).toBe('usage');
  });

  /** What a user is told who starts an analysis with another model in some place of the profile. */
  async function complaintAtStart(path: string, model: string): Promise<ErrorReport | null> {
    const start = async (): Promise<void> => {
      const profile = await read(JSON.stringify(changed(path, model)));
      const options = { profile, identification: true, stills: false, participants: null, analysed: null };
      await (await WorkerAnalyzer.start(registry, options)).close();
    };
    return start().then(() => null, reportOf);
  }

  it('with a model that does not exist is refused, and those that do are named', async () => {
    const report = await complaintAtStart('members.1.model', 'enet');
    expect(report).toMatchObject({ code: 'model_missing', message: 'There is no model "enet".' });
    expect(report?.remedy).toContain('mien-labels-ferplus');
  });

  it('with a member that measures no expressions is refused, and not as a fault of the program', async () => {
    const report = await complaintAtStart('members.1.model', 'blazeface');
    expect(report?.code).toBe('usage');
    expect(report?.message).toContain('blazeface');
  });

  it('with a model in the place of another kind of model is refused before the first frame', async () => {
    const misplaced = { detector: 'emotion', mesh: 'blazeface', occlusion: 'facemesh', embedder: 'occlusion' };
    for (const [role, model] of Object.entries(misplaced)) {
      const report = await complaintAtStart(`vision.${role}`, model);
      expect(report?.code, role).toBe('usage');
      expect(report?.message, role).toContain(model);
    }
  });
});

describe('the models of a profile', () => {
  it('are those that look and those that judge', () => {
    const profile = JSON.parse(EXAMPLE) as Profile;
    const wanted = [
      'blazeface',
      'face-recognition',
      'facemesh',
      ...profile.members.map(({ model }) => model).sort(),
      'occlusion',
    ];
    expect(modelsOf(profile).sort()).toEqual(wanted);
  });
});

describe('even weights', () => {
  it('are one for each expression', () => {
    expect(Object.entries(evenWeights(0.5))).toEqual(EXPRESSIONS.map((name) => [name, 0.5]));
  });
});
