// What a researcher does to make sessions of files in the window, in a real browser.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace, type CliOptions } from '../fixtures/cli.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('files in the window', () => {
  const bench = new WindowBench();
  const place = new Workplace();
  const home = place.at('home');
  const clip = join(home, 'films', 'one face.mp4');
  const atHome: CliOptions = { env: { HOME: home, USERPROFILE: home } };

  beforeAll(async () => {
    mkdirSync(join(home, 'films'), { recursive: true });
    mkdirSync(join(home, 'nothing'));
    await makeClip(clip, ONE_FACE_CLIP);
    writeFileSync(join(home, 'films', 'broken.mp4'), 'this is no film');
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  async function openFilms(where = place): Promise<Page> {
    const { page } = await bench.open(where, 'light', atHome);
    await page.getByRole('link', { name: 'Analyse files' }).first().click();
    await page.getByRole('button', { name: /films/ }).click();
    await page.getByRole('button', { name: /one face.mp4/ }).waitFor();
    return page;
  }

  async function add(page: Page, file: RegExp): Promise<void> {
    await page.getByRole('button', { name: file }).click();
    await page.getByLabel(/Everybody who is seen/).check();
    await page.getByLabel(/Recognise people/).check();
    await page.getByRole('button', { name: 'Analyse', exact: true }).click();
  }

  const jobOf = (page: Page, name: string): Locator => page.getByRole('article', { name });

  it('become a session whose files are those of the command line, byte for byte', async () => {
    const page = await openFilms();
    expect(await barriers(page)).toEqual([]);
    await add(page, /one face.mp4/);
    await jobOf(page, 'one face')
      .getByText(/being analysed|done/)
      .waitFor();
    await bench.keepPicture(page, 'analyse');
    expect(await barriers(page)).toEqual([]);
    await jobOf(page, 'one face').getByRole('link', { name: 'Open the session' }).click({ timeout: 60_000 });
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
    await page.getByRole('button', { name: 'Export …' }).click();
    await page.getByLabel('Folder').fill(place.at('by window'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();

    const other = new Workplace();
    expect((await other.run(['analyze', clip, '--out', other.out])).code).toBe(0);
    for (const ending of ['wide.csv', 'long.csv', 'intervals.csv', 'jsonl', 'report.html']) {
      const name = `one face.${ending}`;
      expect(readFileSync(place.at('by window', name)).equals(readFileSync(join(other.out, name))), name).toBe(true);
    }
    other.remove();
  });

  it('are not analysed before somebody has said that everybody agreed', async () => {
    const page = await openFilms();
    const start = page.getByRole('button', { name: 'Analyse', exact: true });
    expect(await start.isDisabled()).toBe(true);
    await page.getByRole('button', { name: /one face.mp4/ }).click();
    expect(await start.isDisabled()).toBe(true);
    await page.getByLabel(/Everybody who is seen/).check();
    expect(await start.isEnabled()).toBe(true);
  });

  it('that are no films say so, and the next ones go on', async () => {
    const where = new Workplace();
    const page = await openFilms(where);
    await add(page, /broken.mp4/);
    await add(page, /one face.mp4/);
    await expect.poll(() => jobOf(page, 'broken').textContent()).toContain('failed');
    expect(await jobOf(page, 'broken').textContent()).toMatch(/broken.mp4 .*\. .*\./);
    await jobOf(page, 'one face').getByText(/^done/).waitFor({ timeout: 60_000 });
    await bench.closeAndCheck();
    where.remove();
  });

  it('are paused, survive a reload of the window, and are cancelled; what came before is a session', async () => {
    const where = new Workplace();
    const page = await openFilms(where);
    await add(page, /one face.mp4/);
    const job = jobOf(page, 'one face');
    await job.getByRole('button', { name: 'Pause' }).click({ timeout: 60_000 });
    await job.getByText(/^paused/).waitFor();
    await page.reload();
    await job.getByText(/^paused/).waitFor();
    await job.getByRole('button', { name: 'Go on' }).click();
    await job.getByText(/^being analysed/).waitFor();
    await job.getByRole('button', { name: 'Pause' }).click();
    await job.getByRole('button', { name: 'Cancel' }).click();
    await job.getByText(/^cancelled/).waitFor({ timeout: 60_000 });
    await job.getByRole('link', { name: 'Open the session' }).click();
    await page.getByText('broken off').waitFor();
    await bench.closeAndCheck();
    where.remove();
  });

  it('are chosen by going through folders, and a folder that is not there is named', async () => {
    const page = await openFilms();
    await page.getByRole('button', { name: 'One folder up' }).click();
    await page.getByRole('button', { name: /nothing/ }).click();
    await page.getByText('Nothing to analyse in this folder.').waitFor();
    await page.getByLabel('Folder').fill(join(home, 'gone'));
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('There is no folder');
  });
});
