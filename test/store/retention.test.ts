// Recordings that may not be kept any longer, by what was agreed with each participant.
import { expect, it } from 'vitest';
import { daysPast, localDay, passedWords } from '../../src/main/contract/retention.ts';
import { sessionStart } from '../fixtures/records.ts';
import { openStore, temporaryFolder } from '../fixtures/store-folder.ts';

it('a last day has passed on the day after it', () => {
  expect(daysPast('2026-11-22', '2026-11-22')).toBe(0);
  expect(daysPast('2026-11-22', '2026-11-23')).toBe(1);
  expect(daysPast('2026-11-22', '2026-11-21')).toBe(-1);
  expect(daysPast('2024-02-28', '2024-03-01')).toBe(2);
  expect([1, 2].map(passedWords)).toEqual(['passed yesterday', 'passed 2 days ago']);
});

it('today is the day where the machine stands', () => {
  expect(localDay(new Date(2026, 0, 5, 0, 0, 1).getTime())).toBe('2026-01-05');
  expect(localDay(new Date(2026, 11, 31, 23, 59, 59).getTime())).toBe('2026-12-31');
});

it('recordings are overdue by participant, those for longest first', async () => {
  const store = await openStore(temporaryFolder());
  const begin = async (id: string, days: Readonly<Record<string, string | undefined>>): Promise<void> => {
    const participants = Object.entries(days).map(([code, retain_until]) => ({
      ...{ code, scopes: [] },
      ...(retain_until ? { retain_until } : {}),
    }));
    const writer = await store.begin(
      sessionStart(id, { code: `of ${id}`, consent: { kind: 'file', form: null, participants } }),
    );
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
  };
  await begin('aaaa', { A07: '2026-11-21', B08: '2026-11-22', C09: undefined });
  await begin('bbbb', { A07: '2025-11-22' });
  await store.begin(sessionStart('cccc')); // consent from outside
  expect(store.overdue('2026-11-22')).toEqual([
    { participant: 'A07', sessionId: 'bbbb', sessionCode: 'of bbbb', retainUntil: '2025-11-22', days: 365 },
    { participant: 'A07', sessionId: 'aaaa', sessionCode: 'of aaaa', retainUntil: '2026-11-21', days: 1 },
  ]);
  expect(store.overdue('2025-11-22')).toEqual([]);
  expect(store.overdue('2026-11-23').map(({ participant }) => participant)).toEqual(['A07', 'A07', 'B08']);
});
