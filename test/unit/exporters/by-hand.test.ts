import { describe, expect, it } from 'vitest';
import type { AppliedEdit, Change } from '../../../src/main/core/edits.ts';
import { byHandWords, editsByHand } from '../../../src/main/exporters/by-hand.ts';
import { PICTURES, exportContext } from '../../fixtures/records.ts';

const edit = (number: number, change: Change, more: Partial<AppliedEdit> = {}): AppliedEdit => ({
  ...{ number, unixMs: 1_790_000_000_000, change, who: '', why: '', undone: false, ignored: null, before: null },
  ...more,
});
const before = { id: 'm', timeMs: 1500, label: 'old' };

const EDITS: AppliedEdit[] = [
  edit(1, { kind: 'rename', person: 3, label: 'mother' }, { who: 'RA1' }),
  edit(2, { kind: 'merge', person: 3, into: 1 }, { who: 'RA1', why: 'the same glasses' }),
  edit(3, { kind: 'merge', person: 2, into: 1 }, { undone: true }),
  edit(4, { kind: 'merge', person: 9, into: 1 }, { ignored: 'person_gone' }),
  edit(5, { kind: 'split', person: 1, fromSequence: 7, fromMs: 280, becomes: 4 }, { why: 'they crossed' }),
  edit(6, { kind: 'add_marker', timeMs: 61_000, label: 'end' }),
  edit(7, { kind: 'change_marker', marker: 'm', timeMs: 2000, label: 'new' }, { before }),
  edit(8, { kind: 'remove_marker', marker: 'm' }, { before }),
];

describe('corrections in files', () => {
  it('are those that count, in their order, with who and when and why', () => {
    const listed = editsByHand({ edits: EDITS });
    const when = '2026-09-21T14:13:20.000Z';
    expect(listed[1]).toEqual({ what: 'All rows of P3 count as P1’s', who: 'RA1', when, why: 'the same glasses' });
    expect(listed.map(({ what }) => what)).toEqual([
      'P3 is called “mother”',
      'All rows of P3 count as P1’s',
      'From 0.28 s on, P1 is somebody new, P4',
      'Marker “end” added at 61.00 s',
      'Marker “old” at 1.50 s became “new” at 2.00 s',
      'Marker “old” at 1.50 s removed',
    ]);
  });

  it('are sentences of a paragraph', () => {
    expect(byHandWords(exportContext())).toBe('Nothing was edited by hand.');
    expect(byHandWords(exportContext({}, { edits: EDITS.slice(2, 4) }))).toBe('Nothing was edited by hand.');
    expect(byHandWords(exportContext({}, { edits: EDITS.slice(0, 5) }))).toBe(
      'Edited by hand: P3 is called “mother” (by RA1); All rows of P3 count as P1’s (by RA1: the same glasses); ' +
        'From 0.28 s on, P1 is somebody new, P4 (they crossed).',
    );
  });

  it('name the stretch of a baseline', () => {
    const stretch = { kind: 'baseline', person: 1, firstSequence: 7, lastSequence: 31 } as const;
    const whats = [
      edit(1, { ...stretch, fromMs: 280, toMs: 1280 }),
      edit(2, { ...stretch, fromMs: null, toMs: null }),
      edit(3, { ...stretch, fromMs: 0, toMs: 40 }, { ignored: 'replaced' }),
    ];
    expect(editsByHand({ edits: whats }).map(({ what }) => what)).toEqual([
      'P1’s neutral baseline is 0.28 s to 1.28 s',
      'P1’s neutral baseline is picture 7 to picture 31',
    ]);
  });

  it('count pictures', () => {
    const edits = [edit(1, { kind: 'split', person: 1, fromSequence: 7, fromMs: null, becomes: 4 })];
    const span = { fromSeconds: 1.5, toSeconds: 9 };
    expect(byHandWords(exportContext({ source: PICTURES }, { edits, span }))).toBe(
      'Edited by hand: From picture 7 on, P1 is somebody new, P4. Only rows from picture 2 to picture 8 were written.',
    );
  });
});
