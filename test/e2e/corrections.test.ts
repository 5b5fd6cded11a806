// What a researcher corrects by hand in the window, in a real browser.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
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
import { fillStore } from '../fixtures/store-folder.ts';
import { GOOD_QUALITY, scores } from '../fixtures/timeline-rows.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

const SECONDS = 40;
const RATE = 10;
const FRAMES = SECONDS * RATE;

/** P1 is there all the time; P2 (A07) in the first half, P3 in the second: they are one person. */
async function record(store: RecordingStore, code: string, source = SOURCE): Promise<void> {
  const id = store.nextId(code, code);
  const isTimed = source.kind !== 'pictures';
  const writer = await store.begin(sessionStart(id, { code, source: { ...source, durationMs: 1000 * SECONDS } }));
  const half = FRAMES / 2;
  writer.identity(
    [person(1), person(2, 'A07'), person(3)],
    [
      segment(1, { lastSequence: FRAMES - 1 }),
      segment(2, { lastSequence: half - 1 }),
      segment(3, { firstSequence: half, lastSequence: FRAMES - 1 }),
    ],
  );
  for (let i = 0; i < FRAMES; i++) {
    const face = (own: number): ReturnType<typeof faceRecord> => {
      const happiness = 0.5 + 0.4 * Math.sin(i / 20 + own);
      const fused = scores({ happiness, neutral: 0.9 - happiness, sadness: 0.1 });
      return faceRecord(i, { sequence: i, segment: own, quality: GOOD_QUALITY, fused, members: [fused, null, null] });
    };
    writer.frame(frameRecord(i, isTimed ? { timeMs: (1000 * i) / RATE } : { timeMs: NaN, name: `${i}.jpg` }), [
      face(1),
      face(i < half ? 2 : 3),
    ]);
    if (i % 64 === 0) await writer.settled();
  }
  if (isTimed) writer.marker({ id: 'm1', timeMs: 8000, label: 'Stimulus A' });
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
}

describe.skipIf(!CHROMIUM)('corrections in the window', () => {
  const place = new Workplace();
  const bench = new WindowBench();

  beforeAll(async () => {
    await fillStore(place.data, async (store) => {
      for (const code of ['people', 'split', 'markers', 'notes', 'part']) await record(store, code);
      await record(store, 'album', PICTURES);
    });
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  async function open(code: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const { page } = await bench.open(place, scheme);
    await page.getByRole('link', { name: code, exact: true }).click();
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
    return page;
  }

  const cards = (page: Page): Promise<string[]> =>
    page
      .getByRole('region', { name: /^Figures of/ })
      .getByRole('heading', { level: 3 })
      .allTextContents();

  const changes = (page: Page): Locator => page.getByRole('region', { name: 'Changes by hand' });

  /** Chooses in a person's menu with the keyboard alone. */
  async function choose(page: Page, who: string, what: RegExp): Promise<Locator> {
    await page.getByLabel(`Correct ${who}`, { exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: what }).focus();
    await page.keyboard.press('Enter');
    return page.getByRole('dialog');
  }

  async function select(page: Page, from: number, to: number): Promise<void> {
    await page.evaluate(() => scrollTo(0, 0));
    const box = await page.locator('.u-over').first().boundingBox();
    if (!box) throw new Error('there is no plot');
    await page.mouse.move(box.x + from * box.width, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + to * box.width, box.y + 30, { steps: 5 });
    await page.mouse.up();
    await page.getByRole('heading', { name: /Selected span/ }).waitFor();
  }

  it('merge and rename people, say beforehand what will happen, and are undone', async () => {
    const page = await open('people');
    expect(await cards(page)).toEqual(['P1', 'A07 (P2)', 'P3']);
    expect(await changes(page).textContent()).toContain('Nothing was changed by hand.');
    const dialog = await choose(page, 'P3', /^Merge into/);
    await dialog.getByLabel('Is really').selectOption('A07 (P2)');
    expect(await dialog.textContent()).toContain('All rows of P3 will count as those of A07 (P2)');
    expect(await dialog.textContent()).toContain('you can undo this at any time');
    await dialog.getByLabel(/Your initials/).fill('RA1');
    await dialog.getByLabel(/^Why/).fill('the same glasses');
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'correction-merge');
    await page.keyboard.press('Enter');
    await expect.poll(() => cards(page)).toEqual(['P1', 'A07 (P2)']);
    expect(await page.getByRole('region', { name: 'Figures of A07 (P2)' }).textContent()).toContain('400 of 400 rows');
    await page.getByRole('region', { name: 'Timeline of A07 (P2)' }).waitFor();
    expect(await page.getByRole('region', { name: /^Timeline of/ }).count()).toBe(2);
    expect(await changes(page).textContent()).toMatch(/All rows of P3 count as P2’s.*RA1.*“the same glasses”/);

    const second = await choose(page, 'P1', /^Rename/);
    await second.getByLabel('What this person is called').fill('A07');
    await page.keyboard.press('Enter');
    await expect.poll(() => second.getByRole('alert').textContent()).toContain('Somebody else is called so already');
    await second.getByLabel('What this person is called').fill('Interviewer');
    await second.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByRole('region', { name: 'Timeline of Interviewer (P1)' }).waitFor();
    expect(await second.count()).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'corrections-light');

    const other = await bench.newPage(); // sees it too
    await other.goto(page.url());
    await other.getByRole('region', { name: 'Figures of Interviewer (P1)' }).waitFor();

    await changes(page).getByRole('button', { name: 'Undo: All rows of P3 count as P2’s' }).click();
    await expect.poll(() => cards(page)).toEqual(['Interviewer (P1)', 'A07 (P2)', 'P3']);
    expect(await changes(page).textContent()).toContain('undone');
    await changes(page)
      .getByRole('button', { name: /^Do it again: All rows/ })
      .click();
    await expect.poll(() => cards(page)).toEqual(['Interviewer (P1)', 'A07 (P2)']);
    await other.reload();
    await expect.poll(() => cards(other)).toEqual(['Interviewer (P1)', 'A07 (P2)']);
  });

  it('split a person where the selected span begins, and leave everything else in view', async () => {
    const page = await open('split', 'dark');
    const early = await choose(page, 'P3', /^Split/); // without a span: in the middle of the view
    expect(await early.getByLabel(/from this time on/).inputValue()).toBe('20');
    await early.getByRole('button', { name: 'Split', exact: true }).click();
    await expect.poll(() => early.getByRole('alert').textContent()).toContain('not seen both before and after');
    await page.keyboard.press('Escape');
    await page.getByLabel('Correct P1', { exact: true }).click();
    await bench.keepPicture(page, 'correction-menu');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: /^Split/ }).count()).toBe(0);
    await select(page, 0.25, 0.5);
    const dialog = await choose(page, 'P1', /^Split/);
    expect(await dialog.textContent()).toMatch(/From 0:(09|10)\.\d\d on, the rows of P1 will be those of somebody new/);
    await bench.keepPicture(page, 'correction-split');
    await dialog.getByRole('button', { name: 'Split', exact: true }).click();
    await expect.poll(() => cards(page)).toEqual(['P1', 'A07 (P2)', 'P3', 'P4']);
    await page.getByRole('heading', { name: /Selected span/ }).waitFor();
    const widths = (): Promise<number[]> =>
      page.locator('.u-select').evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().width)));
    await expect.poll(async () => new Set(await widths()).size).toBe(1); // in the new lane, too
    expect((await widths()).every((width) => width > 100)).toBe(true);
    const rows = (who: string): Promise<string | null> =>
      page.getByRole('region', { name: `Figures of ${who}` }).textContent();
    expect(await rows('P1')).toMatch(/0 of \d+ rows valid/);
    expect(await rows('P4')).toMatch(/(\d+) of \1 rows valid/);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'corrections-dark');
    await changes(page)
      .getByRole('button', { name: /^Undo: From/ })
      .click();
    await expect.poll(() => cards(page)).toEqual(['P1', 'A07 (P2)', 'P3']);
  });

  it('add, move, rename and remove markers, by key and by button', async () => {
    const page = await open('markers');
    const list = page.getByRole('region', { name: 'Markers' });
    const labels = (): Promise<string[]> => list.getByRole('listitem').locator('.what').allTextContents();
    const times = (): Promise<string[]> => list.getByRole('button', { name: /^Show/ }).allTextContents();
    expect([await labels(), await times()]).toEqual([['Stimulus A'], ['0:08.00']]);
    const before = await page.locator('.lines').first().screenshot();

    await page.getByRole('group', { name: /Expression scores/ }).focus();
    await page.keyboard.press('m'); // in the middle of the view
    const dialog = page.getByRole('dialog', { name: 'Add a marker' });
    expect(await dialog.getByLabel(/Time in seconds/).inputValue()).toBe('20');
    await page.keyboard.type('Stimulus B');
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'marker');
    await page.keyboard.press('Enter');
    await expect.poll(labels).toEqual(['Stimulus A', 'Stimulus B']);
    expect((await page.locator('.lines').first().screenshot()).equals(before)).toBe(false);

    const box = await page.locator('.u-over').first().boundingBox();
    if (!box) throw new Error('there is no plot');
    await page.mouse.move(box.x + box.width * 0.75, box.y + 40);
    await page.getByRole('group', { name: /Expression scores/ }).focus();
    await page.keyboard.press('M'); // where the pointer is
    expect(Number(await dialog.getByLabel(/Time in seconds/).inputValue())).toBeCloseTo(30, 0);
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);

    await list.getByRole('button', { name: 'Change marker Stimulus A' }).click();
    const change = page.getByRole('dialog', { name: 'Change a marker' });
    await change.getByLabel(/Time in seconds/).fill('25.5');
    await change.getByLabel('Label').fill('Question');
    await change.getByRole('button', { name: 'Save' }).click();
    await expect.poll(labels).toEqual(['Stimulus B', 'Question']);
    expect(await times()).toEqual(['0:20.00', '0:25.50']);
    await bench.keepPicture(page, 'markers');
    await list.getByRole('button', { name: 'Remove marker Stimulus B' }).click();
    await expect.poll(labels).toEqual(['Question']);
    await changes(page)
      .getByRole('button', { name: /^Undo: Marker “Stimulus B”.*removed$/ })
      .click();
    await changes(page)
      .getByRole('button', { name: /^Undo: Marker “Stimulus A”/ })
      .click();
    await expect.poll(times).toEqual(['0:08.00', '0:20.00']);
    await list.getByRole('button', { name: 'Show Stimulus A at 0:08.00' }).click();
  });

  it('keep a note, which stays what it is until it is saved', async () => {
    const page = await open('notes');
    const note = page.getByRole('textbox', { name: 'Notes' });
    await note.fill('The light changed at 0:12.');
    await page.getByText('Not saved yet.').waitFor();
    await choose(page, 'P1', /^Rename/);
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Correct …');
    expect(await note.inputValue()).toBe('The light changed at 0:12.');
    await page.getByRole('region', { name: 'Notes' }).getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    await page.reload();
    await expect.poll(() => note.inputValue()).toBe('The light changed at 0:12.');
  });

  it('of pictures are counted, and have no markers', async () => {
    const page = await open('album');
    expect(await page.getByRole('region', { name: 'Markers' }).count()).toBe(0);
    await page.getByRole('group', { name: /Expression scores/ }).focus();
    await page.keyboard.press('m');
    await select(page, 0.5, 0.75);
    const dialog = await choose(page, 'P1', /^Split/);
    const [, from] = /From picture (\d+) on/.exec((await dialog.textContent()) ?? '') ?? [];
    await dialog.getByRole('button', { name: 'Split', exact: true }).click();
    await changes(page).getByText(`From picture ${from} on, P1 is somebody new, P4`).waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it('and a span is exported to files of its own', async () => {
    const page = await open('part');
    await select(page, 0.25, 0.5);
    await page.getByRole('button', { name: 'Export …' }).click();
    const target = place.at('a part');
    await page.getByLabel('Folder').fill(target);
    await page.getByLabel(/Only the selected span/).check();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();
    const names = readdirSync(target);
    const wide = names.find((name) => /^part\.\d+\.\d\d-\d+\.\d\d\.wide\.csv$/.test(name)) ?? '';
    expect(names.map((name) => name.replace(/^part\.[\d.]+-[\d.]+\./, '')).sort()).toEqual(
      // No markers: the only one lies outside of the span.
      ['intervals.csv', 'jsonl', 'long.csv', 'meta.json', 'report.html', 'wide.csv'],
    );
    const rows = parseTable(readFileSync(join(target, wide), 'utf8')).filter(({ person: who }) => who === 'P1');
    expect(Math.abs(rows.length - FRAMES / 4)).toBeLessThanOrEqual(2);
  });
});
