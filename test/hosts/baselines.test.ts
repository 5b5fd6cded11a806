// Neutral baselines as a window asks for them: figures and files follow, in the order of what was corrected.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Output } from '../../src/main/contract/api.ts';
import type { AskedChange } from '../../src/main/contract/edits.ts';
import { Client, serve } from '../../src/main/contract/rpc.ts';
import { inMemoryWire } from '../../src/main/contract/transport.ts';
import { MOST_BASELINE_FRAMES } from '../../src/main/core/baseline.ts';
import type { SourceInfo } from '../../src/main/engine/ports.ts';
import { Service } from '../../src/main/hosts/service/service.ts';
import {
  PICTURES,
  SOURCE,
  faceRecord,
  frameRecord,
  parseTable,
  person,
  segment,
  sessionStart,
} from '../fixtures/records.ts';
import { openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';
import { GOOD_QUALITY, scores } from '../fixtures/timeline-rows.ts';

const LN4 = 1.386294;
const NEUTRAL: AskedChange = { kind: 'baseline', person: 1, fromSeconds: 0, toSeconds: 10 };

interface Bench {
  readonly client: Client;
  readonly edit: (change: AskedChange) => Promise<number>;
  readonly describe: () => Promise<Output<'sessions.describe'>>;
  /** Mean of P1's happiness above the baseline; null without one. */
  readonly above: (fromSeconds: number, toSeconds: number) => Promise<number | null | undefined>;
  readonly files: (span?: { fromSeconds: number; toSeconds: number }) => Promise<string[]>;
}

/**
 * A program with a session of so many frames, one a second: P1, happy by 0.2 in seconds 0 to 9, by 0.5 in 10 to 19 and by 0.8 from 20 on.
 */
async function start(source: SourceInfo = SOURCE, frames = 30): Promise<Bench> {
  const data = temporaryFolder();
  const store = await openStore(data);
  const noModels = (): Promise<never> => Promise.reject(new Error('nothing is analysed here'));
  const service = new Service(store, noModels, { data, exports: data, home: data, sampleCamera: null });
  const [near, far] = inMemoryWire(structuredClone);
  serve(far, service.handlers, () => undefined);
  const client = new Client(near);
  const writer = await store.begin(sessionStart('aaaa', { source }));
  writer.identity([person(1)], [segment(1, { lastSequence: frames - 1 })]);
  for (let i = 0; i < frames; i++) {
    const happiness = i < 10 ? 0.2 : i < 20 ? 0.5 : 0.8;
    const fused = scores({ happiness, neutral: 1 - happiness });
    const face = faceRecord(i, { sequence: i, segment: 1, quality: GOOD_QUALITY, fused, members: [fused, null, null] });
    writer.frame(frameRecord(i, { timeMs: source.kind === 'pictures' ? NaN : 1000 * i }), [face]);
    if (i % 100 === 0) await writer.settled();
  }
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
  return {
    client,
    edit: async (change) =>
      (await client.call('sessions.edit', { id: 'aaaa', change, who: 'RA1', why: '' }).result).number,
    describe: () => client.call('sessions.describe', { id: 'aaaa' }).result,
    above: async (fromSeconds, toSeconds) => {
      const [{ aboveBaseline }] = await client.call('sessions.figures', { id: 'aaaa', fromSeconds, toSeconds }).result;
      return aboveBaseline?.happiness;
    },
    files: async (span) => {
      const formats = ['wide', 'report'];
      const settings = {
        id: 'aaaa',
        folder: 'out',
        formats,
        intervalSeconds: 2,
        keepInvalid: true,
        span: span ?? null,
      };
      const { files } = await client.call('sessions.export', settings).result;
      return files.map((path) => readFileSync(path, 'utf8'));
    },
  };
}

describe('a baseline by hand', () => {
  it('is in figures and files until it is undone, and again when it is redone', async () => {
    const { client, edit, describe: detail, above, files } = await start();
    const [recorded, plain] = [await detail(), await files()];
    expect(await above(0, 30)).toBeUndefined();
    expect(await edit(NEUTRAL)).toBe(1);
    const { edits, persons } = await detail();
    expect(edits).toMatchObject([
      { change: { ...{ kind: 'baseline', person: 1, firstSequence: 0, lastSequence: 9 }, fromMs: 0, toMs: 10_000 } },
    ]);
    expect(edits[0].ignored).toBeNull();
    expect(persons[0].aboveBaseline?.happiness).toBeCloseTo(LN4, 5); // (0 + ln 4 + 2 ln 4) / 3
    expect(persons[0].aboveBaseline?.neutral).toBeCloseTo(-LN4, 5);
    expect(persons[0].mean).toEqual(recorded.persons[0].mean);
    expect(await above(0, 10)).toBe(0);
    expect(await above(20, 30)).toBeCloseTo(2 * LN4, 5);
    expect(await above(19, 21)).toBeCloseTo(1.5 * LN4, 5);
    expect(await above(50, 60)).toBeNull();

    const [wide, report, meta] = await files();
    const rows = parseTable(wide);
    expect(rows.map((row) => Number(row.baseline_happiness).toFixed(4))).toEqual([
      ...[
        ...Array<string>(10).fill('0.0000'),
        ...Array<string>(10).fill('1.3863'),
        ...Array<string>(10).fill('2.7726'),
      ],
    ]);
    expect(report).toContain('Edited by hand: P1’s neutral baseline is 0.00 s to 10.00 s (by RA1).');
    expect(report).toContain('is the median of the refined scores of 10 valid rows (0.00 s to 10.00 s): anger 0.000, ');
    const { baselines, edited_by_hand: listed } = JSON.parse(meta) as Record<string, unknown[]>;
    expect(listed).toHaveLength(1);
    expect(baselines).toMatchObject([{ person: 'P1', valid_rows: 10, median: { happiness: 0.2, neutral: 0.8 } }]);
    // Of a part in which the stretch does not lie the rows are those of the whole.
    const [part] = await files({ fromSeconds: 25, toSeconds: 27 });
    expect(parseTable(part)).toEqual(rows.slice(25, 27));

    await client.call('sessions.undo', { id: 'aaaa', number: 1 }).result;
    expect({ ...(await detail()), edits: [] }).toEqual(recorded);
    expect(await files()).toEqual(plain);
    await client.call('sessions.redo', { id: 'aaaa', number: 1 }).result;
    expect(await above(20, 30)).toBeCloseTo(2 * LN4, 5);
  });

  it('takes the place of the one before, until it is undone', async () => {
    const { client, edit, describe: detail, above } = await start();
    await edit(NEUTRAL);
    await edit({ ...NEUTRAL, fromSeconds: 20, toSeconds: 30 });
    expect(await above(20, 30)).toBe(0);
    expect((await detail()).edits.map(({ ignored }) => ignored)).toEqual(['replaced', null]);
    await client.call('sessions.undo', { id: 'aaaa', number: 2 }).result;
    expect(await above(20, 30)).toBeCloseTo(2 * LN4, 5);
    expect((await detail()).edits.map(({ ignored }) => ignored)).toEqual([null, null]);
  });

  it('is refused without ten valid rows, without a frame, and of nobody', async () => {
    const { edit, describe: detail } = await start();
    const refused: [AskedChange, RegExp][] = [
      [{ ...NEUTRAL, toSeconds: 9 }, /Fewer than 10 rows/], // the end does not count
      [{ ...NEUTRAL, fromSeconds: 0.5, toSeconds: 10 }, /Fewer than 10 rows/],
      [{ ...NEUTRAL, fromSeconds: 5.2, toSeconds: 5.8 }, /no frame/],
      [{ ...NEUTRAL, fromSeconds: 10, toSeconds: 0 }, /no frame/],
      [{ ...NEUTRAL, fromSeconds: 90, toSeconds: 99 }, /no frame/],
      [{ ...NEUTRAL, fromSeconds: -9, toSeconds: 0 }, /no frame/],
      [{ ...NEUTRAL, person: 2 }, /not there/],
    ];
    for (const [change, words] of refused) expect((await refusalOf(edit(change), 'usage')).message).toMatch(words);
    expect((await detail()).edits).toEqual([]);
    expect(await edit({ ...NEUTRAL, fromSeconds: -5, toSeconds: 9.001 })).toBe(1);
  });

  it('is refused of more frames than may be read again and again', async () => {
    const { edit } = await start(SOURCE, MOST_BASELINE_FRAMES + 1);
    const long = { ...NEUTRAL, toSeconds: MOST_BASELINE_FRAMES + 1 };
    expect((await refusalOf(edit(long), 'usage')).message).toContain(`${MOST_BASELINE_FRAMES} frames at most`);
    expect(await edit({ ...long, toSeconds: MOST_BASELINE_FRAMES })).toBe(1);
  });

  it('counts pictures', async () => {
    const { edit, describe: detail, above } = await start(PICTURES);
    await edit({ ...NEUTRAL, fromSeconds: 9.5, toSeconds: 20 });
    expect((await detail()).edits[0].change).toEqual({
      ...{ kind: 'baseline', person: 1, firstSequence: 10, lastSequence: 19, fromMs: null, toMs: null },
    });
    expect(await above(0, 10)).toBeCloseTo(-LN4, 5);
    expect(await above(20, 30)).toBeCloseTo(LN4, 5);
  });

  it('of rows that go to somebody else by a split does not count any more', async () => {
    const { client, edit, describe: detail, above } = await start();
    await edit(NEUTRAL);
    await edit({ kind: 'split', person: 1, fromSeconds: 5 });
    expect((await detail()).edits.map(({ ignored }) => ignored)).toEqual(['too_few_valid', null]);
    expect(await above(0, 30)).toBeUndefined();
    await edit({ kind: 'merge', person: 2, into: 1 });
    expect((await detail()).edits.map(({ ignored }) => ignored)).toEqual([null, null, null]);
    expect(await above(20, 30)).toBeCloseTo(2 * LN4, 5);
    await client.call('sessions.undo', { id: 'aaaa', number: 3 }).result;
    expect(await above(0, 30)).toBeUndefined();
  });
});
