import { describe, expect, it } from 'vitest';
import { isOverdue } from '../../../src/renderer/features/sessions/retention.ts';
import { daysIn, folderIn, intervalIn } from '../../../src/renderer/features/settings/typed.ts';

const DAY_MS = 86_400_000;

describe('what is typed into settings', () => {
  it.each([
    ['', null],
    ['  ', null],
    ['30', 30],
    [' 1 ', 1],
    ['36500', 36_500],
    ['36501', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['a year', undefined],
  ])('"%s" as days', (text, days) => expect(daysIn(text)).toBe(days));

  it.each([
    ['10', 10],
    ['0.5', 0.5],
    ['0,5', 0.5],
    ['86400', 86_400],
    ['86401', undefined],
    ['0', undefined],
    ['', undefined],
    ['ten', undefined],
    ['Infinity', undefined],
  ])('"%s" as seconds', (text, seconds) => expect(intervalIn(text)).toBe(seconds));

  it('is a folder, or nothing', () => {
    expect([' /out ', '', '  '].map(folderIn)).toEqual(['/out', null, null]);
  });
});

describe('a session', () => {
  it('is kept longer than planned when it is older than that, to the millisecond', () => {
    const nowMs = 1_800_000_000_000;
    const of = (ageMs: number, days: number | null): boolean => isOverdue(nowMs - ageMs, days, nowMs);
    expect([of(30 * DAY_MS, 30), of(30 * DAY_MS + 1, 30), of(0, 1), of(-DAY_MS, 1)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(of(1e6 * DAY_MS, null)).toBe(false);
  });
});
