// Settings, help and the first start in the window, in a real browser.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { writeSettings } from '../fixtures/introduction.ts';
import { fillInSetup } from '../fixtures/setup-form.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

const PATIENCE = { timeout: 20_000 };

/** A small window, as one has it who makes everything twice as large. */
const TWICE = { width: 640, height: 400 };

describe.skipIf(!CHROMIUM)('settings and help in the window', { timeout: 120_000 }, () => {
  const bench = new WindowBench();
  let place: Workplace;

  beforeAll(() => bench.start());

  afterEach(async () => {
    await bench.closeAndCheck();
    place.remove();
  });

  afterAll(() => bench.stop());

  /** Opens a window on a new data folder with these settings. */
  async function open(settings: object, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    place = new Workplace();
    writeSettings(place.data, settings);
    return (await bench.open(place, scheme)).page;
  }

  const stored = (): unknown => JSON.parse(readFileSync(join(place.data, 'settings.json'), 'utf8'));

  async function openSettings(scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await open({ hasSeenIntroduction: true }, scheme);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    return page;
  }

  /** Types into a field and goes on. */
  async function type(page: Page, label: RegExp, text: string): Promise<void> {
    await page.getByLabel(label).fill(text);
    await page.getByLabel(label).press('Tab');
  }

  const saved = (page: Page) => page.getByText('✓ Saved.');
  const schemeOf = (page: Page): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  const isTooWide = (page: Page): Promise<boolean> =>
    page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

  describe('the introduction', () => {
    const dialog = (page: Page) => page.getByRole('dialog');
    const TITLES = ['What a score is, and what it is not', 'Consent first', 'How a recording goes'];
    const screen = (page: Page, i: number) => page.getByRole('heading', { name: TITLES[i] });

    it.each(['light', 'dark'] as const)(
      'comes at the first start, is turned by keys and comes no more, %s',
      async (scheme) => {
        const page = await open({}, scheme);
        for (const i of [0, 1, 2]) {
          await screen(page, i).waitFor();
          expect(await barriers(page)).toEqual([]);
          await bench.keepPicture(page, `introduction-${i + 1}-${scheme}`);
          await page.keyboard.press('ArrowRight');
        }
        await page.keyboard.press('ArrowLeft');
        await screen(page, 1).waitFor();
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('ArrowLeft');
        await screen(page, 0).waitFor();
        expect(stored()).toEqual({});
        for (const i of [1, 2]) {
          await page.keyboard.press('Enter'); // on "Next", which has the focus from the beginning
          await screen(page, i).waitFor();
        }
        await page.keyboard.press('Enter');
        await dialog(page).waitFor({ state: 'detached' });
        await expect.poll(stored, PATIENCE).toEqual({ hasSeenIntroduction: true });
        await page.reload();
        await page.getByText('No sessions yet').waitFor();
        expect(await dialog(page).count()).toBe(0);
      },
    );

    it.each(['Escape', 'Skip'])('is skipped by %s, and comes again when it is asked for', async (way) => {
      const page = await open({});
      await screen(page, 0).waitFor();
      if (way === 'Escape') await page.keyboard.press('Escape');
      else await page.getByRole('button', { name: 'Skip' }).click();
      await expect.poll(stored, PATIENCE).toEqual({ hasSeenIntroduction: true });
      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Show the introduction again' }).click();
      await screen(page, 0).waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Back' }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Begin' }).click();
      await dialog(page).waitFor({ state: 'detached' });
    });

    it('fits into a small window', async () => {
      const page = await open({});
      await page.setViewportSize(TWICE);
      for (const i of [0, 1, 2]) {
        await screen(page, i).waitFor();
        expect(await dialog(page).evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(false);
        expect(await dialog(page).evaluate((box) => box.scrollTop)).toBe(0);
        await bench.keepPicture(page, `introduction-${i + 1}-large`);
        await page.keyboard.press('ArrowRight');
      }
      await page.getByRole('button', { name: 'Begin' }).click();
      await dialog(page).waitFor({ state: 'detached' });
      expect(await isTooWide(page)).toBe(false);
    });
  });

  it.each(['light', 'dark'] as const)(
    'appearance changes at once and stays, whatever the system has: %s',
    async (scheme) => {
      const other = scheme === 'light' ? 'dark' : 'light';
      const page = await openSettings(scheme);
      expect(await schemeOf(page)).toBe('light dark');
      await page.getByLabel(other === 'dark' ? 'Dark' : 'Light').check();
      await saved(page).waitFor();
      expect(await schemeOf(page)).toBe(other);
      expect(await barriers(page)).toEqual([]);
      await bench.keepPicture(page, `settings-${other}`);
      await page.reload();
      await expect.poll(() => schemeOf(page), PATIENCE).toBe(other);
      await page.getByLabel('As the system has it').check();
      await expect.poll(() => schemeOf(page), PATIENCE).toBe('light dark');
      expect(stored()).toEqual({ hasSeenIntroduction: true, appearance: 'system' });
    },
  );

  it('fields keep what is possible and say what is not', async () => {
    const page = await openSettings();
    await page.getByText(place.data, { exact: true }).waitFor();
    await type(page, /^Keep sessions/, '1.5');
    await page
      .getByRole('alert')
      .getByText(/whole number of days/)
      .waitFor();
    expect(await page.getByLabel(/^Keep sessions/).getAttribute('aria-invalid')).toBe('true');
    expect(await barriers(page)).toEqual([]);
    await type(page, /^Folder of exports/, 'relative');
    await page
      .getByRole('alert')
      .getByText(/not a whole path/)
      .waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    await type(page, /^Folder of exports/, join(place.data, 'settings.json', 'in a file'));
    await page
      .getByRole('alert')
      .getByText(/Nothing can be written to/)
      .waitFor();
    expect(stored()).toEqual({ hasSeenIntroduction: true });
    await type(page, /^Folder of exports/, place.out);
    await saved(page).waitFor();
    await type(page, /^Keep sessions/, '365');
    await type(page, /^Marker labels/, ' Film on,Film off,, ');
    await type(page, /^Length of the intervals/, '2.5');
    await page.getByLabel(/Write the values/).check();
    const expected = { exportFolder: place.out, retentionDays: 365, markerLabels: ['Film on', 'Film off'] };
    await expect
      .poll(stored)
      .toEqual({ hasSeenIntroduction: true, ...expected, intervalSeconds: 2.5, keepInvalid: true });
    await page.reload();
    expect(await page.getByLabel(/^Marker labels/).inputValue()).toBe('Film on, Film off');
    await type(page, /^Folder of exports/, '');
    await saved(page).waitFor();
    expect(await page.getByLabel(/^Folder of exports/).getAttribute('placeholder')).not.toBe(place.out);
  });

  it('help lists the keys, the version and what others have made', async () => {
    const page = await openSettings();
    await page.getByRole('row', { name: /Home End goes to the beginning or the end/ }).waitFor();
    await page.getByText('Software and networks by others').click();
    await page.getByRole('row', { name: /^zod \d+\.\d+\.\d+/ }).waitFor();
    await page.getByRole('row', { name: /^svelte \d+\.\d+\.\d+/ }).waitFor();
    await page.getByRole('row', { name: /^facemesh – Apache-2.0/ }).waitFor();
    const row = page.getByRole('row', { name: /^node-av / });
    await row.locator('summary').click();
    await row.getByText(/Permission is hereby granted/).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.setViewportSize(TWICE);
    expect(await isTooWide(page)).toBe(false);
    await bench.keepPicture(page, 'settings-large');
  });

  it('a damaged file of settings is said, and can be dismissed', async () => {
    place = new Workplace();
    writeSettings(place.data, ['no settings']);
    const { page } = await bench.open(place);
    await page.getByRole('dialog').waitFor(); // that it was seen has been lost
    await page.keyboard.press('Escape');
    await page
      .getByRole('alert')
      .getByText(/settings.damaged.json/)
      .waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(existsSync(join(place.data, 'settings.damaged.json'))).toBe(true);
  });

  it('exports and the list of sessions go by them', async () => {
    place = new Workplace();
    await makeClip(place.at('film.mp4'), ONE_FACE_CLIP);
    expect((await place.run(['analyze', place.at('film.mp4'), '--out', place.out])).code).toBe(0);
    const own = { hasSeenIntroduction: true, retentionDays: 30, exportFolder: place.at('chosen') };
    writeSettings(place.data, { ...own, intervalSeconds: 2.5, keepInvalid: true });
    const { page } = await bench.open(place);
    const overdue = page.getByText('kept longer than planned');
    await page.getByRole('row', { name: /film/ }).waitFor();
    expect(await overdue.count()).toBe(0);
    const database = new Database(join(place.data, 'mien.sqlite'));
    database.prepare('UPDATE session SET created_unix_ms = created_unix_ms - ?').run(31 * 86_400_000);
    database.close();
    await page.reload();
    await overdue.waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'overdue');
    await page.getByRole('link', { name: 'film' }).click();
    await page.getByRole('button', { name: 'Export …' }).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByLabel('Folder').inputValue(), PATIENCE).toBe(place.at('chosen'));
    expect(await dialog.getByLabel(/^Length of the intervals/).inputValue()).toBe('2.5');
    expect(await dialog.getByLabel(/Write the values/).isChecked()).toBe(true);
  });

  it('a recording begins with the marker labels', async () => {
    const page = await open({ hasSeenIntroduction: true, markerLabels: ['Film on', 'Film off'] });
    await fillInSetup(page);
    await page.getByRole('button', { name: 'Go to the camera' }).click();
    await page.getByRole('button', { name: '2 Film off' }).waitFor({ timeout: 60_000 });
    expect(await page.getByLabel(/^Marker labels/).inputValue()).toBe('Film on, Film off');
  });
});
