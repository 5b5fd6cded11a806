// Profiles of the user's own, beside those that come with the program.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PROFILE, profileSummary } from '../../src/main/contract/profiles.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { MODELS } from '../fixtures/models.ts';
import { refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const MIEN = JSON.parse(readFileSync(new URL('profiles/mien.json', MODELS), 'utf8')) as Record<string, unknown>;

/** A registry, and a way to put files into the user's folder. */
async function registryWith(files: Readonly<Record<string, unknown>>): Promise<ModelRegistry> {
  const folder = join(temporaryFolder(), 'profiles');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return ModelRegistry.open(MODELS, folder);
}

const problemOf = async (registry: ModelRegistry, name: string): Promise<string | null | undefined> =>
  (await registry.profiles()).find((profile) => profile.name === name)?.problem;

describe('the list of profiles', () => {
  it('has those that come with the program first, then the user’s by name', async () => {
    const own = { ...MIEN, members: [(MIEN.members as unknown[])[1]], description: 'One alone.' };
    const registry = await registryWith({
      'zebra.json': { ...own, name: 'zebra' },
      'alone.json': { ...own, name: 'alone' },
      'readme.txt': 'no profile',
    });
    const list = await registry.profiles();
    expect(list.map(({ name, isShipped }) => [name, isShipped])).toEqual([
      ['hsemotion', true],
      ['mien', true],
      ['alone', false],
      ['zebra', false],
    ]);
    expect(list[2]).toEqual({
      ...{
        name: 'alone',
        description: 'One alone.',
        members: ['mien-labels-fer2013'],
        isShipped: false,
        problem: null,
      },
    });
    for (const profile of list) expect(profileSummary.safeParse(profile).error).toBeUndefined();
    expect((await registry.profile('alone')).name).toBe('alone');
  });

  it('is that of the program where there is no folder', async () => {
    const folder = join(temporaryFolder(), 'nowhere');
    for (const own of [folder, null]) {
      const registry = await ModelRegistry.open(MODELS, own);
      expect((await registry.profiles()).map(({ name }) => name)).toEqual(['hsemotion', DEFAULT_PROFILE]);
      await refusalOf(registry.profile('own'), 'usage');
    }
  });

  it('says in words what is wrong with a file, and goes on', async () => {
    const quality = { ...(MIEN.quality as object), maxYawDeg: undefined, minInside: 2 };
    const registry = await registryWith({
      'broken.json': '{',
      'half.json': { ...MIEN, name: 'half', quality },
      'text.json': { ...MIEN, name: 'text', ambiguity: { gap: '12', least: 20 } },
      'extra.json': { ...MIEN, name: 'extra', rule: [] },
      'few.json': { ...MIEN, name: 'few', members: [] },
      'strange.json': { ...MIEN, name: 'strange', vision: { ...(MIEN.vision as object), mesh: 'seven-eyes' } },
      'good.json': { ...MIEN, name: 'good' },
    });
    expect(await problemOf(registry, 'broken')).toBe('The profile "broken" is not JSON.');
    expect(await problemOf(registry, 'half')).toMatch(
      /quality: ("maxYawDeg" is missing|"minInside" must be at most 1)/,
    );
    expect(await problemOf(registry, 'text')).toBe(
      'The profile "text" is not valid: ambiguity: "gap" must be a number, not "12".',
    );
    expect(await problemOf(registry, 'extra')).toBe('The profile "extra" is not valid: "rule" means nothing here.');
    expect(await problemOf(registry, 'few')).toContain('"members" must not be empty');
    expect(await problemOf(registry, 'strange')).toBe('There is no model "seven-eyes".');
    expect(await problemOf(registry, 'good')).toBe(null);
    await refusalOf(registry.profile('half'), 'usage');
  });

  it('keeps the names of the program for itself, and one name for each file', async () => {
    const registry = await registryWith({
      'mien.json': { ...MIEN, description: 'a false one' },
      'mine.json': { ...MIEN, name: 'yours' },
    });
    expect((await registry.profile('mien')).description).toBe(MIEN.description);
    const own = (await registry.profiles()).filter(({ isShipped }) => !isShipped);
    expect(own.map(({ name, problem }) => [name, problem])).toEqual([
      ['mien', 'The profile "mien" is called as one that comes with Mien.'],
      ['mine', 'The profile in the file mine.json calls itself "yours".'],
    ]);
    const larger = await registryWith({ 'MIEN.json': { ...MIEN, name: 'MIEN' } });
    expect(await problemOf(larger, 'MIEN')).toBe('The profile "MIEN" is called as one that comes with Mien.');
    await refusalOf(registry.profile('mine'), 'usage');
  });

  it('is of the folder alone: no name leads out of it', async () => {
    const registry = await registryWith({ 'own.json': { ...MIEN, name: 'own' } });
    for (const name of ['../profiles/own', './own', 'own/', '..', 'own.json/..'])
      await refusalOf(registry.profile(name), 'usage');
  });

  it('is read anew every time', async () => {
    const folder = temporaryFolder();
    const registry = await ModelRegistry.open(MODELS, folder);
    const file = join(folder, 'own.json');
    writeFileSync(file, JSON.stringify({ ...MIEN, name: 'own' }));
    expect(await problemOf(registry, 'own')).toBe(null);
    rmSync(file);
    expect(await problemOf(registry, 'own')).toBe(undefined);
  });
});
