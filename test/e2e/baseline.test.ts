// A neutral baseline that a researcher marks in the window, in a real browser.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { SOURCE, faceRecord, frameRecord, parseTable, person, segment, sessionStart } from '../fixtures/records.ts';
import { fillStore } from '../fixtures/store-folder.ts';
import { GOOD_QUALITY, scores } from '../fixtures/timeline-rows.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

const RATE = 10;
const FRAMES = 300;

/** P1 and P2 are happy by 0.2 in the first ten seconds, by 0.8 from then on. */
async function record(store: RecordingStore, code: string): Promise<void> {
  const id = store.nextId(code, code);
  const source = { ...SOURCE, durationMs: (1000 * FRAMES) / RATE };
  const writer = await store.begin(sessionStart(id, { code, source }));
  writer.identity(
    [person(1), person(2)],
    [segment(1, { lastSequence: FRAMES - 1 }), segment(2, { lastSequence: FRAMES - 1 })],
  );
  for (let i = 0; i < FRAMES; i++) {
    const happiness = i < FRAMES / 3 ? 0.2 : 0.8;
    const fused = scores({ happiness, sadness: 1 - happiness }); // what the models of the fixture measure
    const face = (own: number): ReturnType<typeof faceRecord> =>
      faceRecord(i, { sequence: i, segment: own, quality: GOOD_QUALITY, fused, members: [fused, null, null] });
    writer.frame(frameRecord(i, { timeMs: (1000 * i) / RATE }), [face(1), face(2)]);
    if (i % 64 === 0) await writer.settled();
  }
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
}

describe.skipIf(!CHROMIUM)('a neutral baseline', () => {
  const place = new Workplace();
  const bench = new WindowBench();

  beforeAll(async () => {
    await fillStore(place.data, async (store) => {
      for (const code of ['light', 'dark']) await record(store, code);
    });
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  async function open(scheme: 'light' | 'dark'): Promise<Page> {
    const { page } = await bench.open(place, scheme);
    await page.getByRole('link', { name: scheme, exact: true }).click();
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
    return page;
  }

  const changes = (page: Page): Locator => page.getByRole('region', { name: 'Changes by hand' });
  const figures = (page: Page, who: string): Locator => page.getByRole('region', { name: `Figures of ${who}` });
  const menu = (page: Page): Locator => page.getByLabel('Correct P1', { exact: true });

  async function select(page: Page, from: string, to: string): Promise<void> {
    await page.getByLabel('From', { exact: true }).fill(from);
    await page.getByLabel('To', { exact: true }).fill(to);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Selected span/ }).waitFor();
  }

  async function ask(page: Page, why = ''): Promise<Locator> {
    await menu(page).click();
    await page.getByRole('button', { name: 'Use span as neutral baseline …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Neutral baseline of P1' });
    await dialog.getByLabel(/Your initials/).fill('RA1');
    await dialog.getByLabel(/^Why/).fill(why);
    return dialog;
  }

  async function exported(page: Page, folder: string): Promise<Record<string, string>[]> {
    await page.getByRole('button', { name: 'Export …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export this session' });
    await dialog.getByLabel('Folder').fill(place.at(folder));
    await dialog.getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    return parseTable(readFileSync(place.at(folder, 'light.wide.csv'), 'utf8'));
  }

  it('is made of a selected span, listed, exported, and gone when it is undone', async () => {
    const page = await open('light');
    await menu(page).click();
    const first = page.getByRole('button', { name: 'Neutral baseline (select a span first)' });
    expect(await first.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await select(page, '0:00:02', '0:00:08');
    const dialog = await ask(page, 'told to relax');
    expect(await dialog.textContent()).toContain('The face of P1 counts as neutral in 0:02.00 – 0:08.00.');
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'baseline-dialog');
    await dialog.getByRole('button', { name: 'Use as baseline' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await changes(page).textContent()).toMatch(
      /P1’s neutral baseline is 0:02\.00 to 0:08\.00\s*RA1.*“told to relax”/,
    );

    await select(page, '0:00:12', '0:00:20');
    const happiness = figures(page, 'P1').getByRole('row', { name: /^Happiness/ });
    await expect.poll(() => happiness.textContent()).toMatch(/0\.80\s*\+2\.8\s*100 %/); // 2 ln 4
    expect(
      await figures(page, 'P1')
        .getByRole('row', { name: /^Sadness/ })
        .textContent(),
    ).toContain('−2.8');
    expect(await figures(page, 'P1').textContent()).toContain('each 0.7 doubles the odds');
    expect(await figures(page, 'P2').textContent()).not.toContain('log-odds');
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'baseline-light');
    await page.getByRole('button', { name: 'Show the whole session' }).click();

    const rows = await exported(page, 'with');
    const of = (who: string): (string | undefined)[] =>
      rows.filter((row) => row.person === who).map((row) => row.baseline_happiness);
    expect(of('P1')).toHaveLength(FRAMES);
    expect([Number(of('P1')[0]), Number(of('P1')[200]).toFixed(3)]).toEqual([0, '2.773']);
    expect(of('P2').every((cell) => cell === '')).toBe(true);

    await changes(page)
      .getByRole('button', { name: /^Undo: P1’s neutral baseline/ })
      .click();
    await expect.poll(() => figures(page, 'P1').textContent()).not.toContain('log-odds');
    expect(Object.keys((await exported(page, 'without'))[0]).filter((name) => name.startsWith('baseline'))).toEqual([]);
  });

  it('of too few rows is refused in plain words', async () => {
    const page = await open('dark');
    await select(page, '0:00:02', '0:00:02.5');
    const dialog = await ask(page);
    await dialog.getByRole('button', { name: 'Use as baseline' }).click();
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('Fewer than 10 rows of the person');
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await select(page, '0:00:02', '0:00:03');
    await (await ask(page)).getByRole('button', { name: 'Use as baseline' }).click();
    await figures(page, 'P1').getByRole('columnheader', { name: 'Above baseline (log-odds)' }).waitFor();
    await bench.keepPicture(page, 'baseline-dark');
  });
});
