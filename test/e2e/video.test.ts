// A recording with video in a real browser: it is chosen, recorded, played beside the timeline, and removed.
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { assign, recordButton, untilFrames } from '../fixtures/live-screen.ts';
import { killEngine } from '../fixtures/served.ts';
import { fillInSetup, setUpRecording } from '../fixtures/setup-form.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('video', { timeout: 120_000 }, () => {
  const films = new Workplace();
  const bench = new WindowBench();
  let place: Workplace;

  beforeAll(async () => {
    await bench.startWithCamera(films);
  }, 120_000);

  afterEach(async () => {
    await bench.closeAndCheck();
    place.remove();
  });

  afterAll(async () => {
    await bench.stop();
    films.remove();
  });

  async function open(): ReturnType<WindowBench['open']> {
    place = new Workplace();
    const opened = await bench.open(place);
    opened.page.on('dialog', (dialog) => void dialog.accept()); // "leave the page?" is answered with yes
    return opened;
  }

  const videos = (): string[] => {
    const folder = place.at('data', 'video');
    return existsSync(folder) ? readdirSync(folder).map((name) => place.at('data', 'video', name)) : [];
  };

  /** Sets a recording up and records so many frames with video. */
  async function record(page: Page, frames: number): Promise<void> {
    await setUpRecording(page, { video: true });
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, frames);
  }

  const secondsOf = (page: Page): Promise<number> =>
    page.locator('.video video').evaluate((video) => (video as HTMLVideoElement).currentTime);

  /** Where the line over the first lane is, in pixels from its left edge. */
  const cursorOf = (page: Page): Promise<number> =>
    page
      .locator('.now')
      .first()
      .evaluate((line) => line.getBoundingClientRect().left - (line.parentElement?.getBoundingClientRect().left ?? 0));

  it('is kept only where everybody agrees, which the page says', async () => {
    const { page } = await open();
    await fillInSetup(page);
    expect(await page.getByRole('radio', { name: 'Numbers only' }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'Numbers and a video' }).check();
    await page.getByRole('button', { name: 'Go to the camera' }).click();
    const box = page.getByLabel('Video:');
    await expect.poll(() => box.getAttribute('aria-invalid')).toBe('true');
    await page
      .getByText(/Participant 1 has not agreed to video/)
      .first()
      .waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'setup-video');
    await box.check();
    await page.getByText('Faces of everybody else are grey in it').waitFor();
    await page.getByRole('button', { name: 'Go to the camera' }).click();
    await page.locator('.picture video').waitFor({ timeout: 60_000 });
  });

  it('is played beside the timeline, which shows where it is, and goes when somebody in it is erased', async () => {
    const { page } = await open();
    await record(page, 90);
    await page.getByText('A video is kept.').waitFor();
    await page.keyboard.press('1');
    await bench.keepPicture(page, 'recording-video');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Review it' }).click();
    await page.getByRole('region', { name: /Timeline of A07/ }).waitFor();
    const [file, ...others] = videos();
    expect(others).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => secondsOf(page)).toBeGreaterThan(0.5);
    const early = await cursorOf(page);
    await expect.poll(() => cursorOf(page)).toBeGreaterThan(early);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Play' }).count()).toBe(1);
    expect(await barriers(page)).toEqual([]);
    await page.evaluate(() => scrollTo(0, 0));
    await bench.keepPicture(page, 'review-video');

    const lines = page.locator('.lines .u-over').first();
    const { width = 0 } = (await lines.boundingBox()) ?? {};
    await lines.click({ position: { x: width / 2, y: 20 } });
    const shownSeconds = await page
      .getByRole('slider', { name: 'Position in the video' })
      .getAttribute('max')
      .then(Number);
    await expect.poll(() => secondsOf(page)).toBeGreaterThan(0.3 * shownSeconds);
    expect(await secondsOf(page)).toBeLessThan(0.7 * shownSeconds);
    expect(Math.abs((await cursorOf(page)) - width / 2)).toBeLessThan(4);

    await page.getByRole('group', { name: /Expression scores/ }).press(' ');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('group', { name: /Expression scores/ }).press(' ');
    const before = await secondsOf(page);
    await page.getByRole('button', { name: /^Show Start at/ }).click();
    await expect.poll(() => secondsOf(page)).not.toBe(before);

    await page.getByRole('link', { name: 'Participants' }).click();
    await page.getByRole('region', { name: 'A07' }).getByRole('button', { name: 'Erase …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('A07');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await dialog.getByText('Erased.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    expect(videos()).toEqual([]);
    await page.getByRole('link', { name: 'Sessions' }).first().click();
    await page
      .getByRole('row', { name: /first day/ })
      .getByRole('link')
      .click();
    await page.getByText(/The video was removed .*, because somebody who took part was erased\./).waitFor();
  });

  it('is removed as a whole when somebody withdraws, while the recording goes on', async () => {
    const { page } = await open();
    await record(page, 20);
    expect(videos()).toHaveLength(1);
    await page.getByRole('button', { name: 'Withdraw consent of A07 …' }).click();
    await page.getByText('The video of this recording is removed as a whole').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw', exact: true }).click();
    await page.getByText('The video was removed, because somebody has withdrawn consent.').waitFor();
    await expect.poll(videos).toEqual([]);
    await untilFrames(page, 40);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Review it' }).click();
    await page.getByText(/The video was removed .*, because consent to it was withdrawn\./).waitFor();
    expect(await page.locator('.video').count()).toBe(0);
    expect(videos()).toEqual([]);
  });

  it('of a recording that broke off is played, and can be gone through', async () => {
    const { page, program } = await open();
    await record(page, 120);
    await killEngine(program);
    await page.getByText(/stopped unexpectedly and was started again/).waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Sessions' }).first().click();
    await page
      .getByRole('row', { name: /first day/ })
      .getByRole('link')
      .click();
    await page.getByText('The recording broke off').waitFor();
    await page.getByRole('slider', { name: 'Position in the video' }).fill('1');
    await expect.poll(() => secondsOf(page)).toBeCloseTo(1, 1);
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => secondsOf(page)).toBeGreaterThan(1.3);
    bench.expectFault('WebSocket');
  });
});
