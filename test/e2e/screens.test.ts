// Every screen as it is looked at: at 1280 × 800, dark, and at 200 % zoom. Nothing may reach over the edge, and nobody be kept out.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { setUpRecording } from '../fixtures/setup-form.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

/** A window on a laptop, the same in the dark, and at 200 % zoom, which is half as many pixels of the page. */
const VIEWS = [
  { name: 'light', width: 1280, height: 800, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 800, colorScheme: 'dark' },
  { name: 'zoomed', width: 640, height: 400, colorScheme: 'light' },
] as const;

describe.skipIf(!CHROMIUM)('every screen', () => {
  const place = new Workplace();
  const bench = new WindowBench();

  beforeAll(async () => {
    await bench.startWithCamera(place);
  });

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  /** What reaches over the right edge of the page, by its markup. */
  const overflowing = (page: Page): Promise<string[]> =>
    page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const all = [...document.querySelectorAll('main *, header *')];
      return all
        .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
        .map(({ outerHTML }) => outerHTML.slice(0, 120));
    });

  /** Looks at a page in every view. */
  async function look(page: Page, name: string): Promise<void> {
    for (const view of VIEWS) {
      await page.setViewportSize(view);
      await page.emulateMedia({ colorScheme: view.colorScheme });
      await page.waitForTimeout(300); // what is drawn on canvas follows
      await page.screenshot({ path: bench.pictureAt(`${name}-${view.name}`) });
      expect(await overflowing(page), `${name}, ${view.name}`).toEqual([]);
      expect(await barriers(page), `${name}, ${view.name}`).toEqual([]);
    }
    await page.setViewportSize(VIEWS[0]);
    await page.emulateMedia({ colorScheme: 'light' });
  }

  it('fits, and is open to everybody', { timeout: 600_000 }, async () => {
    const { page } = await bench.open(place);
    page.on('dialog', (dialog) => void dialog.accept());
    const go = (name: string): Promise<void> =>
      page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await go('Record');
    await look(page, 'set-up');
    await setUpRecording(page);
    await page.getByRole('article').first().getByLabel('Who is this?').selectOption('A07', { timeout: 60_000 });
    await page.getByRole('article', { name: 'A07' }).waitFor();
    await page.getByRole('table').first().waitFor();
    await page
      .getByLabel(/What the network .* sees of A07/)
      .first()
      .waitFor();
    await look(page, 'live-looking');
    await page.getByRole('button', { name: 'Record', exact: false }).last().click();
    await page.getByText('Scores are hidden while recording').waitFor();
    for (const key of ['1', '2']) await page.keyboard.press(key);
    await look(page, 'live-recording');
    await page.getByLabel(/Show scores/).check();
    await look(page, 'live-shown');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Review it' }).click();
    const lane = page.getByRole('region', { name: /Timeline of A07/ });
    await lane.waitFor();
    const area = await lane.locator('.u-over').boundingBox();
    if (!area) throw new Error('the timeline is not drawn');
    await page.mouse.move(area.x + area.width * 0.3, area.y + 40);
    await page.mouse.down();
    await page.mouse.move(area.x + area.width * 0.6, area.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.getByText('Selected span').waitFor();
    await look(page, 'review');
    await page.getByRole('button', { name: 'Export …' }).click();
    await page.getByRole('dialog').waitFor();
    await look(page, 'export');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    for (const [name, file] of [
      ['Sessions', 'sessions'],
      ['Analyse files', 'analyse'],
      ['Participants', 'participants'],
      ['Settings', 'settings'],
    ] as const) {
      await go(name);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(500);
      await look(page, file);
    }
    await page.getByRole('button', { name: /introduction/i }).click();
    await page.getByRole('dialog').waitFor();
    await look(page, 'introduction');
    await bench.closeAndCheck();
  });
});
