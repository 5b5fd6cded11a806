import { describe, expect, it } from 'vitest';
import { CALLS } from '../../src/main/contract/api.ts';
import { DEFAULT_SETTINGS, settings } from '../../src/main/contract/settings.ts';

describe('settings', () => {
  it('are usual ones at first', () => {
    expect(settings.parse(DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS);
  });

  it.each([
    ['intervalSeconds', [1e-3, 86_400], [0, -1, NaN, 86_400.1, '10', null]],
    ['retentionDays', [1, 36_500, null], [0, 1.5, 36_501, '30']],
    ['exportFolder', ['/x', null], ['', 'x'.repeat(4097)]],
    [
      'markerLabels',
      [[], '1 2 3 4 5 6 7 8 9'.split(' '), ['x'.repeat(200)]],
      ['1 2 3 4 5 6 7 8 9 10'.split(' '), [''], ['  '], ['x'.repeat(201)], null],
    ],
    ['appearance', ['system', 'light', 'dark'], ['Dark', '', null]],
    ['keepInvalid', [true, false], [0, 'no', null]],
    ['hasSeenIntroduction', [true, false], [1, null]],
    ['unknown', [], [true]],
  ])('have a %s within its limits, alone and among the others', (name, possible, impossible) => {
    const accepts = (value: unknown): boolean[] => [
      settings.safeParse({ ...DEFAULT_SETTINGS, [name]: value }).success,
      CALLS['settings.set'].input.safeParse({ [name]: value }).success,
    ];
    for (const value of possible) expect(accepts(value), String(value)).toEqual([true, true]);
    for (const value of [...impossible, undefined]) expect(accepts(value), String(value)).toEqual([false, false]);
  });

  it('are changed by any number of them, none too', () => {
    expect(CALLS['settings.set'].input.parse({})).toEqual({});
    const changes = { appearance: 'light', markerLabels: [' Film '] };
    expect(CALLS['settings.set'].input.parse(changes)).toEqual({ appearance: 'light', markerLabels: ['Film'] });
  });
});
