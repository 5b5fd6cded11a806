// Corrections by hand as a window makes them: what is told, shown and exported follows.
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import type { Input, Output } from '../../src/main/contract/api.ts';
import type { AskedChange } from '../../src/main/contract/edits.ts';
import { Client, serve } from '../../src/main/contract/rpc.ts';
import { inMemoryWire } from '../../src/main/contract/transport.ts';
import { Service } from '../../src/main/hosts/service/service.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { PICTURES, faceRecord, frameRecord, parseTable, person, segment, sessionStart } from '../fixtures/records.ts';
import { NOW_MS, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const COMPLETE = { state: 'complete', problems: [], analysedFps: 90 } as const;
const ALL_TIME = { fromSeconds: -1e9, toSeconds: 1e9 };
const MERGE: AskedChange = { kind: 'merge', person: 2, into: 1 };

interface Bench {
  readonly store: RecordingStore;
  readonly client: Client;
  /** Corrects session aaaa. */
  readonly edit: (change: AskedChange, id?: string) => Promise<number>;
  readonly describe: () => Promise<Output<'sessions.describe'>>;
}

/** A program with a session of ten seconds, one frame each: P1 in seconds 0 to 4, P2 (A07) in 5 to 9. */
async function start(): Promise<Bench> {
  const [data, exports] = [temporaryFolder(), temporaryFolder()];
  const store = await openStore(data);
  const noModels = (): Promise<never> => Promise.reject(new Error('nothing is analysed here'));
  const service = new Service(store, noModels, { data, exports, home: data, sampleCamera: null });
  const [near, far] = inMemoryWire(structuredClone);
  serve(far, service.handlers, () => undefined);
  const client = new Client(near);
  await record(store);
  return {
    ...{ store, client },
    edit: async (change, id = 'aaaa') =>
      (await client.call('sessions.edit', { id, change, who: 'RA1', why: '' }).result).number,
    describe: () => client.call('sessions.describe', { id: 'aaaa' }).result,
  };
}

async function record(store: RecordingStore, start = sessionStart('aaaa')): Promise<void> {
  const writer = await store.begin(start);
  const isTimed = start.source.kind !== 'pictures';
  writer.identity(
    [person(1), person(2, 'A07')],
    [segment(1, { lastSequence: 4 }), segment(2, { firstSequence: 5, lastSequence: 9 })],
  );
  for (let i = 0; i < 10; i++)
    writer.frame(frameRecord(i, { timeMs: isTimed ? 1000 * i : NaN }), [
      faceRecord(i, { sequence: i, segment: i < 5 ? 1 : 2 }),
    ]);
  writer.marker({ id: 'm1', timeMs: 1500, label: 'stimulus' });
  await writer.end(COMPLETE);
}

/** "P1 of A07: 5 of 10". */
const figuresIn = ({ persons }: { readonly persons: Output<'sessions.figures'> }): string[] =>
  persons.map(({ id, participant, label, facesFound, rows }) =>
    [id, participant, label, `${facesFound} of ${rows}`].filter(Boolean).join(' '),
  );

describe('people of a stored session', () => {
  it('are merged, in figures, timeline and list, until that is undone, and again when it is redone', async () => {
    const { client, edit, describe: detail } = await start();
    const recorded = await detail();
    expect(figuresIn(recorded)).toEqual(['P1 5 of 10', 'P2 A07 5 of 10']);
    expect(await edit(MERGE)).toBe(1);
    const merged = await detail();
    expect(figuresIn(merged)).toEqual(['P1 A07 10 of 10']);
    expect(merged.edits).toEqual([
      { number: 1, unixMs: NOW_MS, change: MERGE, who: 'RA1', why: '', undone: false, ignored: null, before: null },
    ]);
    const timeline = await client.call('sessions.timeline', { id: 'aaaa', ...ALL_TIME, steps: 100 }).result;
    expect(timeline.map(({ id }) => id)).toEqual(['P1']);
    expect((await client.call('sessions.list', { search: '' }).result)[0].persons).toBe(1);
    await client.call('sessions.undo', { id: 'aaaa', number: 1 }).result;
    const undone = await detail();
    expect({ ...undone, edits: [] }).toEqual(recorded);
    expect(undone.edits[0].undone).toBe(true);
    await client.call('sessions.redo', { id: 'interview', number: 1 }).result; // by its code
    expect(figuresIn(await detail())).toEqual(['P1 A07 10 of 10']);
  });

  it('are split at the first frame from a moment on, and renamed', async () => {
    const { edit, describe: detail } = await start();
    await edit({ kind: 'split', person: 1, fromSeconds: 2.5 });
    await edit({ kind: 'rename', person: 3, label: '  Mutter 2 ' });
    const found = await detail();
    expect(figuresIn(found)).toEqual(['P1 3 of 10', 'P2 A07 5 of 10', 'P3 Mutter 2 2 of 7']);
    expect(found.edits[0].change).toEqual({ kind: 'split', person: 1, fromSequence: 3, fromMs: 3000, becomes: 3 });
    expect(found.persons[2]).toMatchObject({ number: 3, label: 'Mutter 2' });
  });

  it('are not corrected in a way that does nothing', async () => {
    const { client, edit, describe: detail } = await start();
    const refused: AskedChange[] = [
      { kind: 'merge', person: 1, into: 1 },
      { kind: 'merge', person: 1, into: 3 },
      { kind: 'rename', person: 1, label: 'A07' },
      { kind: 'rename', person: 1, label: 'P2' },
      { kind: 'split', person: 1, fromSeconds: 0 },
      { kind: 'split', person: 1, fromSeconds: 4.5 },
      { kind: 'split', person: 2, fromSeconds: 99 },
      { kind: 'remove_marker', marker: 'm2' },
    ];
    for (const change of refused) await refusalOf(edit(change), 'usage');
    for (const label of ['', ' ', '=1+1', 'x'.repeat(41), 'a\nb'])
      await expect(edit({ kind: 'rename', person: 1, label })).rejects.toThrow();
    await refusalOf(client.call('sessions.undo', { id: 'aaaa', number: 1 }).result, 'usage');
    await refusalOf(edit(MERGE, 'none'), 'session_unknown');
    expect((await detail()).edits).toEqual([]);
  });

  it('whose correction depends on one that is undone are told so', async () => {
    const { client, edit, describe: detail } = await start();
    await edit({ kind: 'split', person: 1, fromSeconds: 2 });
    await edit({ kind: 'merge', person: 3, into: 2 });
    expect(figuresIn(await detail())).toEqual(['P1 2 of 10', 'P2 A07 8 of 10']);
    await client.call('sessions.undo', { id: 'aaaa', number: 1 }).result;
    const { edits, ...rest } = await detail();
    expect(figuresIn(rest)).toEqual(['P1 5 of 10', 'P2 A07 5 of 10']);
    expect(edits.map(({ undone, ignored }) => [undone, ignored])).toEqual([
      [true, null],
      [false, 'person_gone'],
    ]);
  });

  it('are not corrected while they are recorded', async () => {
    const { store, edit } = await start();
    const writer = await store.begin(sessionStart('bbbb'));
    await refusalOf(edit(MERGE, 'bbbb'), 'usage');
    await writer.end(COMPLETE);
  });

  it('are counted, in pictures, and have no markers there', async () => {
    const { store, client, edit } = await start();
    await record(store, sessionStart('bbbb', { source: PICTURES }));
    await edit({ kind: 'split', person: 2, fromSeconds: 6.5 }, 'bbbb');
    const { edits } = await client.call('sessions.describe', { id: 'bbbb' }).result;
    expect(edits[0].change).toEqual({ kind: 'split', person: 2, fromSequence: 7, fromMs: null, becomes: 3 });
    await refusalOf(edit({ kind: 'add_marker', seconds: 1, label: 'x' }, 'bbbb'), 'usage');
  });
});

describe('markers and the note of a stored session', () => {
  it('are added, moved, renamed, removed and undone, and the session is not read again for them', async () => {
    const { client, store, edit, describe: detail } = await start();
    await detail();
    const marks = async (): Promise<string[]> =>
      (await detail()).markers.map(({ id, timeMs, label }) => `${id} ${timeMs} ${label}`);
    expect(await marks()).toEqual(['m1 1500 stimulus']);
    const figures = vi.spyOn(store, 'personCount');
    const frames = vi.spyOn(store, 'session');
    await edit({ kind: 'add_marker', seconds: 0.25, label: ' start ' });
    await edit({ kind: 'change_marker', marker: 'm1', seconds: 2, label: 'stimulus A' });
    expect(await marks()).toEqual(['by-hand-1 250 start', 'm1 2000 stimulus A']);
    await edit({ kind: 'remove_marker', marker: 'by-hand-1' });
    expect(await marks()).toEqual(['m1 2000 stimulus A']);
    await client.call('sessions.undo', { id: 'aaaa', number: 2 }).result;
    await client.call('sessions.undo', { id: 'aaaa', number: 3 }).result;
    expect(await marks()).toEqual(['by-hand-1 250 start', 'm1 1500 stimulus']);
    expect(figures).toHaveBeenCalled();
    expect(frames.mock.calls.length).toBe(8); // one for each correction and for the video at each look, none for loading
    await expect(edit({ kind: 'add_marker', seconds: 0, label: ' ' })).rejects.toThrow();
  });

  it('is what was written last', async () => {
    const { client, describe: detail } = await start();
    expect((await detail()).note).toBe('');
    for (const text of ['“glasses”\n顔', '']) {
      await client.call('sessions.note', { id: 'aaaa', text }).result;
      expect((await detail()).note).toBe(text);
    }
    await refusalOf(client.call('sessions.note', { id: 'none', text: '' }).result, 'session_unknown');
  });
});

describe('an export of a corrected session', () => {
  const EXPORT: Input<'sessions.export'> = {
    ...{ id: 'aaaa', folder: 'study', formats: ['wide', 'report'], intervalSeconds: 2, keepInvalid: true },
  };

  it('has the rows of who it is now, told by hand, and says so', async () => {
    const { client, edit } = await start();
    const filesOf = async (input: Input<'sessions.export'>): Promise<string[]> =>
      (await client.call('sessions.export', input).result).files.map((path) => readFileSync(path, 'utf8'));
    const recorded = await filesOf(EXPORT);
    await edit(MERGE);
    await edit({ kind: 'rename', person: 1, label: 'mother' });
    const [wide, report, meta] = await filesOf(EXPORT);
    const rows = parseTable(wide);
    expect(rows.map((row) => [row.person, row.participant_id, row.identity_source].join(' '))).toEqual([
      ...Array<string>(5).fill('mother A07 embedding'),
      ...Array<string>(5).fill('mother A07 manual'),
    ]);
    expect(rows[9].identity_confidence).toBe('1');
    expect(report).toContain('Edited by hand: All rows of P2 count as P1’s (by RA1); P1 is called “mother” (by RA1).');
    const { edited_by_hand: listed } = JSON.parse(meta) as { edited_by_hand: unknown[] };
    expect(listed).toHaveLength(2);
    for (const number of [1, 2]) await client.call('sessions.undo', { id: 'aaaa', number }).result;
    expect(await filesOf(EXPORT)).toEqual(recorded);
  });

  it('of a part stands beside the whole', async () => {
    const { client } = await start();
    const whole = (await client.call('sessions.export', EXPORT).result).files;
    const span = { fromSeconds: 2, toSeconds: 4.5 };
    const { files } = await client.call('sessions.export', { ...EXPORT, span }).result;
    expect(files.map((path) => path.slice(path.indexOf('interview')))).toEqual([
      ...['interview.2.00-4.50.wide.csv', 'interview.2.00-4.50.report.html', 'interview.2.00-4.50.meta.json'],
    ]);
    const frames = (path: string): string[] =>
      parseTable(readFileSync(path, 'utf8'))
        .filter(({ person: who }) => who === 'P1')
        .map(({ frame }) => frame);
    expect([frames(files[0]), frames(whole[0]).length]).toEqual([['2', '3', '4'], 10]);
    const backwards = client.call('sessions.export', { ...EXPORT, span: { fromSeconds: 4, toSeconds: 4 } });
    await expect(backwards.result).rejects.toThrow();
  });
});
