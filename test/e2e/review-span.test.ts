// Spans without a mouse, and folders that are chosen by going through them, in a real browser.
import { existsSync, mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('a session under review', () => {
  const bench = new WindowBench();
  const place = new Workplace();

  beforeAll(async () => {
    await makeClip(place.at('one face.mp4'), ONE_FACE_CLIP);
    await place.run(['analyze', place.at('one face.mp4'), '--out', place.out]);
    mkdirSync(place.at('exports', 'day 2'), { recursive: true });
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  async function review(): Promise<Page> {
    const { page } = await bench.open(place);
    await page.getByRole('link', { name: 'one face' }).click();
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
    return page;
  }

  it('has spans that are selected by keys and in numbers, and says which', async () => {
    const page = await review();
    await page.getByRole('group', { name: /Expression scores/ }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    const heading = page.getByRole('heading', { name: /Selected span/ });
    const told = page.getByRole('status').filter({ hasText: 'Selected: ' });
    await told.waitFor({ state: 'attached' });
    const first = await heading.textContent();
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => heading.textContent()).not.toBe(first);
    await page.keyboard.press('Shift+Home');
    await page.getByRole('heading', { name: /Selected span: 0:00.00 – / }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Whole session' }).waitFor();
    await page.getByRole('status').filter({ hasText: 'No span is selected.' }).waitFor({ state: 'attached' });

    await page.getByLabel('From', { exact: true }).fill('1.5');
    await page.getByLabel('To', { exact: true }).fill('0:00:02.5');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Selected span: 0:01.50 – 0:02.50' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('To', { exact: true }).fill('1.5');
    await page.getByRole('button', { name: 'Select' }).click();
    await page.getByRole('alert').filter({ hasText: 'Times look like' }).waitFor();
    await page.getByRole('heading', { name: 'Selected span: 0:01.50 – 0:02.50' }).waitFor();
  });

  it('is exported to a folder that is gone to, and the next time to the same one', async () => {
    const page = await review();
    await page.getByRole('button', { name: 'Export …' }).click();
    const folder = page.getByRole('dialog', { name: 'Export this session' }).getByLabel('Folder');
    await folder.fill(place.at('exports', 'not there', 'yet'));
    await page.getByRole('button', { name: 'Choose folder …' }).click();
    const chooser = page.getByRole('dialog', { name: 'Choose a folder' });
    await expect.poll(() => chooser.getByLabel('Folder', { exact: true }).inputValue()).toBe(place.at('exports'));
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'folder');
    await chooser.getByRole('button', { name: 'day 2' }).click();
    await chooser.getByText('No folders in this one.').waitFor();
    await page.keyboard.press('Escape');
    await chooser.waitFor({ state: 'detached' });
    expect(await folder.inputValue()).toBe(place.at('exports', 'not there', 'yet')); // it was not chosen
    await page.getByRole('button', { name: 'Choose folder …' }).click();
    await chooser.getByRole('button', { name: 'day 2' }).click();
    await chooser.getByText('No folders in this one.').waitFor();
    await chooser.getByRole('button', { name: 'Choose this folder' }).click();
    expect(await folder.inputValue()).toBe(place.at('exports', 'day 2'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();
    expect(existsSync(place.at('exports', 'day 2', 'one face.wide.csv'))).toBe(true);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Export …' }).click();
    await expect.poll(() => folder.inputValue()).toBe(place.at('exports', 'day 2'));
  });

  it('is exported to the folder of the settings, which is chosen in the same way', async () => {
    const page = await review();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Choose folder …' }).click();
    const chooser = page.getByRole('dialog', { name: 'Choose a folder' });
    await chooser.getByLabel('Folder', { exact: true }).fill(place.at('exports'));
    await chooser.getByRole('button', { name: 'Go', exact: true }).click();
    await chooser.getByRole('button', { name: 'day 2' }).waitFor();
    await chooser.getByRole('button', { name: 'Choose this folder' }).click();
    await page.getByRole('status').filter({ hasText: 'saved' }).or(page.getByText('✓')).first().waitFor();
    await expect.poll(() => page.locator('#exportFolder').inputValue()).toBe(place.at('exports'));
  });
});
