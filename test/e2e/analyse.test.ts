// What a researcher does to make sessions of files in the window, in a real browser.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace, type CliOptions, type SessionReport } from '../fixtures/cli.ts';
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

  describe('that the browser alone knows the place of', () => {
    /** Whatever copies there are in the data folder. */
    const copiesIn = (where: Workplace): string[] => {
      const folder = where.at('data', 'incoming');
      return existsSync(folder) ? readdirSync(folder) : [];
    };

    async function agree(page: Page): Promise<void> {
      const dialog = page.getByRole('dialog', { name: 'Analyse these files?' });
      const start = dialog.getByRole('button', { name: 'Analyse' });
      expect(await start.isDisabled()).toBe(true);
      await dialog.getByLabel(/Everybody who is seen/).check();
      await dialog.getByLabel(/Recognise people/).check();
      await start.click();
    }

    it('are chosen, sent, analysed in order under their own names, and then no copy is left', async () => {
      const where = new Workplace();
      const page = await openFilms(where);
      const notes = join(home, 'notes.txt');
      writeFileSync(notes, 'no film');
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: 'Choose files …' }).click(),
      ]);
      await chooser.setFiles([notes, join(home, 'films', 'broken.mp4'), clip]);
      const dialog = page.getByRole('dialog');
      await dialog.getByText('notes.txt is no video and no picture that Mien can read.').waitFor();
      expect(await barriers(page)).toEqual([]);
      await bench.keepPicture(page, 'analyse-asked');
      expect(copiesIn(where)).toEqual([]); // nothing is sent before somebody has agreed
      await agree(page);
      await page.getByText('2 sessions to come').waitFor();
      await jobOf(page, 'broken')
        .getByText(/^failed/)
        .waitFor({ timeout: 60_000 });
      await jobOf(page, 'one face').getByText(/^done/).waitFor({ timeout: 60_000 });
      await expect.poll(() => copiesIn(where)).toEqual([]);
      await jobOf(page, 'one face').getByRole('link', { name: 'Open the session' }).click();
      await page.getByText(/^one face.mp4, /).waitFor();
      const { sessions } = await where.json<{ sessions: SessionReport[] }>(['sessions']);
      expect(sessions).toMatchObject([{ code: 'one face', source: 'one face.mp4' }]);
      await bench.closeAndCheck();
      where.remove();
    });

    /** Holds files over the page, and lets them go. */
    async function hold(page: Page, names: readonly string[], event: 'dragenter' | 'drop'): Promise<void> {
      await page.evaluate(
        ([words, kind]) => {
          const transfer = new DataTransfer();
          for (const name of words) transfer.items.add(new File(['no film'], name));
          const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
          for (const type of kind === 'drop' ? ['dragover', 'drop'] : [kind])
            document.querySelector('h1')?.dispatchEvent(new DragEvent(type, options));
        },
        [names, event] as const,
      );
    }

    it('are dropped on the page, which says that it takes them; without consent nothing happens', async () => {
      const where = new Workplace();
      const page = await openFilms(where);
      await hold(page, ['a.mp4'], 'dragenter');
      await page.getByText('Drop videos, pictures or folders here').waitFor();
      await bench.keepPicture(page, 'analyse-drop');
      await hold(page, ['a.mp4', 'b.txt'], 'drop');
      const dialog = page.getByRole('dialog', { name: 'Analyse these files?' });
      await dialog.getByText('b.txt is no video').waitFor();
      expect(await page.getByText('Drop videos, pictures or folders here').count()).toBe(0);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(copiesIn(where)).toEqual([]);
      expect(await page.getByRole('article').count()).toBe(0);
      // The dialog is out of sight before the page knows that it is closed, and until then takes nothing else.
      await expect.poll(() => page.getByRole('button', { name: 'Choose files …' }).isEnabled()).toBe(true);
      await hold(page, ['b.txt'], 'drop');
      await dialog.getByText('There is no video and no picture').waitFor();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      // Elsewhere the browser must not open what is dropped in place of the program.
      await page.getByRole('link', { name: 'Sessions' }).click();
      await page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
      await hold(page, ['a.mp4'], 'drop');
      expect(await dialog.count()).toBe(0);
      await bench.closeAndCheck();
      where.remove();
    });

    it('are not sent any further when that is cancelled, and nothing of them is left', async () => {
      const where = new Workplace();
      const page = await openFilms(where);
      let [hang, isHeld] = [(): void => undefined, false];
      await page.route('**/incoming/**', async (route) => {
        isHeld = true;
        await new Promise<void>((resolve) => (hang = resolve));
        await route.abort().catch(() => undefined); // the page has given it up
      });
      await page.locator('input[type=file]:not([webkitdirectory])').setInputFiles([clip]);
      await agree(page);
      await expect.poll(() => isHeld).toBe(true);
      expect(copiesIn(where)).toHaveLength(1);
      await page.getByText('Copying one face.mp4').waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('alert').filter({ hasText: 'This was cancelled.' }).waitFor();
      await expect.poll(() => copiesIn(where)).toEqual([]);
      expect(await page.getByRole('article').count()).toBe(0);
      hang();
      await bench.closeAndCheck();
      where.remove();
    });

    it('are gone with the window that was sending them', async () => {
      const where = new Workplace();
      const page = await openFilms(where);
      page.on('dialog', (asked) => void asked.accept()); // "leave the page?" is answered with yes
      await page.route('**/incoming/**', () => undefined); // for ever on its way
      await page.locator('input[type=file]:not([webkitdirectory])').setInputFiles([clip]);
      await agree(page);
      await expect.poll(() => copiesIn(where).length).toBe(1);
      await page.reload();
      await expect.poll(() => copiesIn(where)).toEqual([]);
      await bench.closeAndCheck();
      where.remove();
    });

    it('keep their folders: the pictures of each are a set', async () => {
      const where = new Workplace();
      const set = join(home, 'sets');
      for (const name of ['sad', 'glad']) {
        mkdirSync(join(set, name), { recursive: true });
        for (const picture of ['1.png', '2.png'])
          await sharp({ create: { width: 64, height: 64, channels: 3, background: name === 'sad' ? '#123' : '#fed' } })
            .png()
            .toFile(join(set, name, picture));
      }
      const page = await openFilms(where);
      await page.locator('input[webkitdirectory]').setInputFiles(set);
      await page.getByRole('dialog').getByText('sets, 4 files').waitFor();
      await agree(page);
      await jobOf(page, 'glad').getByText('done, 2 frames').waitFor({ timeout: 60_000 });
      await jobOf(page, 'sad').getByText('done, 2 frames').waitFor({ timeout: 60_000 });
      await expect.poll(() => copiesIn(where)).toEqual([]);
      await bench.closeAndCheck();
      where.remove();
    });
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
    await job.getByText(/^being analysed, [1-9]/).waitFor({ timeout: 60_000 }); // without a frame there is no session
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
