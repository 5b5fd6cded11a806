// The profile of the published trio, whose models nobody has who has not fetched them: here they are entries of a manifest alone.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/main/contract/manifest.ts';
import { EXPRESSIONS } from '../../src/main/core/expression.ts';
import type { Profile } from '../../src/main/core/profile.ts';
import { PUBLISHED_PARAMETERS, RULES } from '../../src/main/core/refine.ts';
import { score } from '../../src/main/core/scoring.ts';
import { ModelRegistry } from '../../src/main/inference/registry.ts';
import { MODELS } from '../fixtures/models.ts';
import { temporaryFolder } from '../fixtures/store-folder.ts';
import { scores } from '../fixtures/timeline-rows.ts';

const TRIO = ['hsemotion-enet-b2', 'hsemotion-vgaf', 'hsemotion-afew'];

async function trio(): Promise<Profile> {
  const folder = join(temporaryFolder(), 'models');
  mkdirSync(folder);
  cpSync(new URL('profiles', MODELS), join(folder, 'profiles'), { recursive: true });
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', MODELS), 'utf8')) as Manifest;
  const other = manifest.models['first-net'];
  for (const id of TRIO) manifest.models[id] ??= other;
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return (await ModelRegistry.open(pathToFileURL(`${folder}/`))).profile('hsemotion');
}

describe('the profile of the published trio', () => {
  it('has the published weights of its three models for each expression', async () => {
    const { members } = await trio();
    expect(members.map(({ model, temperature }) => [model, temperature])).toEqual(TRIO.map((model) => [model, 1]));
    // anger, contempt, disgust, fear, happiness, neutral, sadness, surprise
    const weightsOf = (i: number): number[] => EXPRESSIONS.map((name) => members[i].weights[name]);
    expect(weightsOf(0)).toEqual([0.3, 0.4, 0.3, 0.2, 0.5, 0.5, 0.3, 0.3]);
    expect(weightsOf(1)).toEqual([0.2, 0.3, 0.2, 0.3, 0.3, 0.3, 0.5, 0.5]);
    expect(weightsOf(2)).toEqual([0.5, 0.3, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2]);
  });

  it('has override, the five published rules and frames that are counted', async () => {
    const { override, rules, window, contempt, reject, temperature } = await trio();
    expect({ override, contempt, reject, temperature }).toEqual({
      override: true,
      contempt: true,
      reject: null,
      temperature: 1,
    });
    expect(rules.parameters).toEqual(PUBLISHED_PARAMETERS);
    // The first rule has two parts.
    const published = ['fear_to_surprise', 'fear_surprise_bias', 'surprise_to_fear', 'happiness_lift'];
    expect(rules.active).toEqual([...published, 'disgust_to_anger', 'sadness_to_anger']);
    expect(RULES).toEqual(expect.arrayContaining([...rules.active]));
    expect(window).toMatchObject({ frames: { smoothing: 5, confirmation: 20 }, confirmationShare: 0.6 });
    expect(window.persistenceMs).toBe(500); // 15 frames at 30 a second
  });

  it('fuses and overrides as published', async () => {
    const members = [
      scores({ neutral: 1 }),
      scores({ anger: 0.6, neutral: 0.4 }),
      scores({ anger: 0.6, neutral: 0.4 }),
    ];
    // anger: 0.2 × 0.6 + 0.5 × 0.6 = 0.42; neutral: 0.5 × 1 + 0.3 × 0.4 + 0.2 × 0.4 = 0.7; of 1.12 in all.
    const { fused, refined, fired, agreement } = score(members, null, await trio());
    expect(fused[0]).toBeCloseTo(0.42 / 1.12, 6);
    expect(fused[5]).toBeCloseTo(0.7 / 1.12, 6);
    expect(agreement).toBeCloseTo(2 / 3, 6);
    // 62.5 points of neutral: min(20, 25) = 20 to anger, 10 from neutral, of 110.
    expect(fired).toEqual(['majority_override']);
    expect(refined[0]).toBeCloseTo(57.5 / 110, 5);
    expect(refined[5]).toBeCloseTo(52.5 / 110, 5);
  });
});
