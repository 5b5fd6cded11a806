// The list of models, its files and its profiles: whatever is wrong with them is said in words that a user can act on.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelsOf } from '../../src/main/core/profile.ts';
import { openRegistry } from '../../src/main/hosts/compose.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { temporaryFolder } from '../fixtures/clips.ts';
import { MODELS } from '../fixtures/models.ts';
import { ModelsCopy, type WrittenEntry } from '../fixtures/inference-models.ts';

/** A sentence on one line. */
const SENTENCE = /^[A-Z][^\n]*\.$/;

interface Refusal {
  readonly code: RegExp;
  readonly message?: RegExp;
}

/** An error that a user can act on: two sentences without jargon of the program's own, and not "a fault in Mien". */
async function expectRefusal(attempt: Promise<unknown>, { code, message = SENTENCE }: Refusal): Promise<void> {
  const refusal = expect(attempt).rejects;
  await refusal.toMatchObject({
    name: 'MienError',
    code: expect.stringMatching(code) as string,
    remedy: expect.stringMatching(/^[^\n]+\.$/) as string,
  });
  await refusal.toThrow(SENTENCE);
  await refusal.toThrow(message);
}

const DAMAGED = { code: /^model_damaged$/, message: /emotion/ };
const MISSING = { code: /^model_missing$/, message: /emotion/ };

describe('the models of this repository', () => {
  it('are the files that the manifest means, and enough for the default profile', async () => {
    const registry = await openRegistry();
    const wanted = modelsOf(await registry.profile('mien'));
    expect(wanted).toHaveLength(10);
    expect(new Set(wanted).size).toBe(10);
    expect(wanted).toEqual(expect.arrayContaining(['blazeface', 'facemesh', 'occlusion', 'face-recognition']));
    for (const id of wanted) {
      const { sha256 } = registry.entry(id);
      expect(
        createHash('sha256')
          .update(await registry.bytes(id))
          .digest('hex'),
      ).toBe(sha256);
      expect(registry.record(id)).toMatchObject({ id, sha256 });
    }
  });

  it('are remembered by a session with what their outputs mean', async () => {
    const registry = await openRegistry();
    const emotion = registry.record('emotion');
    expect(emotion.expression?.labels).toEqual(['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral']);
    expect(registry.record('facemesh').expression).toBeNull();
  });

  it('do not hold one by another name', async () => {
    const registry = await openRegistry();
    await expectRefusal(
      Promise.resolve().then(() => registry.entry('enet_b9')),
      { code: /^model_missing$/, message: /enet_b9/ },
    );
    await expectRefusal(registry.bytes('enet_b9'), { code: /^model_missing$/, message: /enet_b9/ });
  });
});

describe('a folder of models', () => {
  let models: ModelsCopy;

  beforeEach(() => {
    models = new ModelsCopy(['emotion', 'occlusion']);
  });
  afterEach(() => models.remove());

  const open = (): Promise<ModelRegistry> => ModelRegistry.open(models.url);

  it('gives the bytes of its files', async () => {
    const bytes = await (await open()).bytes('emotion');
    expect(Buffer.compare(bytes, readFileSync(models.fileOf('emotion')))).toBe(0);
  });

  describe('without a file', () => {
    it('says which, and still gives the others', async () => {
      rmSync(models.fileOf('emotion'));
      const registry = await open();
      await expectRefusal(registry.bytes('emotion'), MISSING);
      expect(await registry.bytes('occlusion')).toHaveLength(readFileSync(models.fileOf('occlusion')).length);
    });

    it('gives it when it has come back', async () => {
      rmSync(models.fileOf('emotion'));
      const registry = await open();
      await expectRefusal(registry.bytes('emotion'), MISSING);
      models.restore('emotion');
      expect((await registry.bytes('emotion')).length).toBeGreaterThan(0);
    });
  });

  it.each<[string, (file: string) => void]>([
    ['one changed bit', flipOneBit],
    ['one byte too many', (file) => appendFileSync(file, '\0')],
    ['its second half missing', (file) => truncateSync(file, readFileSync(file).length >> 1)],
    ['nothing in it', (file) => writeFileSync(file, '')],
  ])('refuses a file with %s, and takes the right one again', async (_, damage) => {
    damage(models.fileOf('emotion'));
    const registry = await open();
    await expectRefusal(registry.bytes('emotion'), DAMAGED);
    models.restore('emotion');
    expect((await registry.bytes('emotion')).length).toBeGreaterThan(0);
  });

  it('without a manifest is none', async () => {
    rmSync(join(models.path, 'manifest.json'));
    await expectRefusal(open(), { code: /^model_missing$/, message: /manifest/ });
  });

  describe('with a wrong manifest', () => {
    const UNREADABLE = { code: /^(model_damaged|model_missing|usage)$/, message: /manifest/ };

    it.each([
      ['nothing', ''],
      ['half of one', '{ "version": 1, "models": {'],
      ['a list', '[]'],
      ['one of a later version', '{ "version": 2, "models": {} }'],
    ])('says so where it is %s', async (_, text) => {
      models.write('manifest.json', text);
      await expectRefusal(open(), UNREADABLE);
    });

    const input = { name: 'face', width: 64, height: 64, color: 'gray', mean: [127.5], std: [127.5] };
    const labels = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
    const expression = { name: 'logits', labels, kind: 'logits', temperature: 1 };

    it('takes the entry that the next cases change', async () => {
      models.describe('emotion', { input, expression });
      expect((await open()).entry('emotion')).toMatchObject({ input, expression });
    });

    it.each<[string, WrittenEntry, RegExp]>([
      ['colours in an unknown order', { input: { ...input, color: 'bgr' } }, /color/],
      ['a step of preprocessing that there is not', { input: { ...input, equalize: true } }, /equalize/],
      ['three means for grey', { input: { ...input, mean: [1, 2, 3] } }, /mean/],
      ['a division by zero', { input: { ...input, std: [0] } }, /std/],
      ['an unknown label', { expression: { ...expression, labels: [...labels.slice(1), 'bored'] } }, /expression/],
      ['outputs that are neither logits nor probabilities', { expression: { ...expression, kind: 'scores' } }, /kind/],
      ['a crop of an unknown kind', { crop: 'centre' }, /crop/],
      ['a hash that is none', { sha256: 'latest' }, /sha256/],
      ['no word about its origin', { origin: undefined }, /origin/],
    ])('names the model and the place for %s', async (_, changes, place) => {
      models.describe('emotion', changes);
      await expectRefusal(open(), UNREADABLE);
      await expect(open()).rejects.toThrow(/emotion/);
      await expect(open()).rejects.toThrow(place);
    });

    it.each<[string, WrittenEntry]>([
      ['fewer labels than values', { expression: { ...expression, labels: labels.slice(1) } }],
      ['two labels for one expression', { expression: { ...expression, labels: ['anger', ...labels.slice(0, 6)] } }],
      ['labels for an output that there is not', { expression: { ...expression, name: 'scores' } }],
      ['expressions but no way to cut a face', { crop: null }],
    ])('refuses %s', async (_, changes) => {
      models.describe('emotion', changes);
      await expectRefusal(open(), UNREADABLE);
    });
  });
});

describe('a model that is fetched', () => {
  const ID = 'hsemotion-afew';
  const own = temporaryFolder();
  afterAll(() => own.remove());
  const open = (): Promise<ModelRegistry> => ModelRegistry.open(MODELS, null, own.at('models'));

  it('is not there at first: what is said names the command', async () => {
    const registry = await open();
    await expectRefusal(registry.bytes(ID), {
      code: /^model_missing$/,
      message: /hsemotion-afew has not been fetched/,
    });
    await expect(registry.bytes(ID)).rejects.toMatchObject({
      remedy: expect.stringContaining('"mien models fetch hsemotion"') as string,
    });
  });

  it('nor where there is no folder for it', async () => {
    const registry = await ModelRegistry.open(MODELS);
    await expectRefusal(registry.bytes(ID), { code: /^model_missing$/ });
  });

  it('is looked for in the data folder, and refused where it is another file', async () => {
    const registry = await open();
    expect(registry.fileOf(ID)).toBe(own.at('models', 'enet_b0_8_best_afew.onnx'));
    expect(registry.fileOf('emotion')).toBe(fileURLToPath(new URL('cache/emotion.onnx', MODELS)));
    mkdirSync(own.at('models'));
    writeFileSync(registry.fileOf(ID), 'another file');
    await expectRefusal(registry.bytes(ID), { code: /^model_damaged$/, message: /hsemotion-afew/ });
  });

  it('is remembered by its sha256, or by the git blob where only that is known', async () => {
    const registry = await open();
    expect(registry.record(ID).sha256).toBe('git-blob:d87faf71e8756d68c701ffd88b4cde4be460f57d');
    expect(registry.record('hsemotion-vgaf').sha256).toMatch(/^00085f9a[0-9a-f]{56}$/);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no hash', { gitBlob: null }],
    ['an address without encryption', { url: 'http://example.com/x.onnx' }],
    ['an id that is none', { gitBlob: 'main' }],
  ])('is refused with %s', async (_, changes) => {
    const models = new ModelsCopy([]);
    models.describe(ID, { origin: { ...models.entry(ID).origin, ...changes } });
    await expect(ModelRegistry.open(models.url)).rejects.toThrow(/hsemotion-afew/);
    models.remove();
  });
});

describe('a profile', () => {
  let models: ModelsCopy;
  let registry: ModelRegistry;
  let mien: Record<string, unknown>;

  beforeEach(async () => {
    models = new ModelsCopy([]);
    registry = await ModelRegistry.open(models.url);
    mien = JSON.parse(readFileSync(join(models.path, 'profiles/mien.json'), 'utf8')) as Record<string, unknown>;
  });
  afterEach(() => models.remove());

  const own = (content: unknown): string => {
    models.write('own.json', typeof content === 'string' ? content : JSON.stringify(content));
    return join(models.path, 'own.json');
  };

  it('is found by its name or by the path of a file', async () => {
    expect(await registry.profile('mien')).toEqual(mien);
    expect(await registry.profile(own({ ...mien, name: 'own' }))).toEqual({ ...mien, name: 'own' });
  });

  it.each(['clahe', null])('may say of the light: %s', async (lighting) => {
    expect(await registry.profile(own({ ...mien, name: 'own', lighting }))).toEqual({ ...mien, name: 'own', lighting });
  });

  it.each(['unknown', 'no/such/file.json', ''])('named "%s" is not there', async (name) => {
    await expectRefusal(registry.profile(name), { code: /^usage$/, message: new RegExp(name) });
  });

  it('must be JSON', async () => {
    await expectRefusal(registry.profile(own('name: own')), { code: /^usage$/, message: /JSON/ });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no member', { members: [] }, /members/],
    ['a member without weights', { members: [{ model: 'emotion' }] }, /members, first: "weights" is missing/],
    [
      'a share above 1',
      { tracking: { minDetectionScore: 5, detectEveryFrames: 15, searchEveryFrames: 5 } },
      /minDetectionScore/,
    ],
    ['a word that there is not', { smoothing: 5 }, /smoothing/],
    ['light that is evened out in another way', { lighting: 'gamma' }, /lighting/],
    ['no window', { window: undefined }, /window/],
  ])('with %s is refused, and the place is named', async (_, changes, place) => {
    await expectRefusal(registry.profile(own({ ...mien, ...changes })), { code: /^usage$/, message: place });
  });

  it('must weigh every expression', async () => {
    const weights = { anger: 1, contempt: 1, disgust: 1, fear: 1, happiness: 1, neutral: 1, sadness: 1 };
    const members = [{ model: 'emotion', weights }];
    await expectRefusal(registry.profile(own({ ...mien, members })), { code: /^usage$/, message: /surprise/ });
    const [angry] = [{ model: 'emotion', weights: { ...weights, surprise: 1, angry: 1 } }];
    await expectRefusal(registry.profile(own({ ...mien, members: [angry] })), { code: /^usage$/, message: /angry/ });
  });
});

function flipOneBit(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
}
