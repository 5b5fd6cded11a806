import { describe, expect, it } from 'vitest';
import { cameraWords, differencesOf, projectKey, type ProjectSettings } from '../../src/main/contract/project.ts';

const SETTINGS: ProjectSettings = {
  programVersion: '0.1.0',
  profile: { name: 'mien', hash: '0123456789abcdef' },
  camera: { label: 'Lab camera', width: 640, height: 480, nominalRate: 30 },
  areScoresShown: false,
};

const withCamera = (camera: Partial<ProjectSettings['camera']>): ProjectSettings => ({
  ...SETTINGS,
  camera: { ...SETTINGS.camera, ...camera },
});

describe('what differs from a project', () => {
  it.each<[ProjectSettings, string]>([
    [{ ...SETTINGS, programVersion: '0.2.0' }, 'program: Mien 0.1.0 → Mien 0.2.0'],
    [{ ...SETTINGS, profile: { name: 'mien', hash: 'f'.repeat(16) } }, 'profile: mien (01234567) → mien (ffffffff)'],
    [
      { ...SETTINGS, profile: { name: 'own', hash: SETTINGS.profile.hash } },
      'profile: mien (01234567) → own (01234567)',
    ],
    [withCamera({ label: '' }), 'camera: Lab camera → a camera without a name'],
    [withCamera({ height: 360 }), 'picture size: 640 × 480 → 640 × 360'],
    [withCamera({ nominalRate: 29.97 }), 'frame rate: 30 frames a second → 29.97 frames a second'],
    [withCamera({ nominalRate: null }), 'frame rate: 30 frames a second → not known'],
    [{ ...SETTINGS, areScoresShown: true }, 'scores at the start: hidden → shown'],
  ])('is told in words (%#)', (now, words) => {
    expect(differencesOf(SETTINGS, now).map(({ what, before, now: own }) => `${what}: ${before} → ${own}`)).toEqual([
      words,
    ]);
  });

  it('is nothing where all is the same, but for the last digits of a rate', () => {
    expect(differencesOf(SETTINGS, SETTINGS)).toEqual([]);
    expect(differencesOf(SETTINGS, withCamera({ nominalRate: 30.000030517578125 }))).toEqual([]);
  });

  it('is listed as a whole', () => {
    const other = { ...withCamera({ label: 'Other', width: 1, height: 1 }), areScoresShown: true };
    expect(differencesOf(SETTINGS, other).map(({ what }) => what)).toEqual([
      'camera',
      'picture size',
      'scores at the start',
    ]);
  });
});

it('a camera is told in words', () => {
  expect(cameraWords(SETTINGS.camera)).toBe('Lab camera, 640 × 480, 30 frames a second');
  expect(cameraWords({ label: '', width: 2, height: 1, nominalRate: null })).toBe('a camera without a name, 2 × 1');
});

it('names of projects are the same whatever their letters and the spaces around them', () => {
  expect(projectKey(' Dyads ')).toBe(projectKey('dYADS'));
  expect(projectKey('E\u0301tude')).toBe(projectKey('étude'));
  expect(projectKey('Dyads 1')).not.toBe(projectKey('Dyads1'));
});
