// What a researcher does with a stored session in the window, in a real browser.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace, type AnalyzeReport } from '../fixtures/cli.ts';
import { killEngine } from '../fixtures/served.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('the window', () => {
  const place = new Workplace();
  const empty = new Workplace();
  const bench = new WindowBench();
  let report: AnalyzeReport['inputs'][number];

  beforeAll(async () => {
    const clip = place.at('one face.mp4');
    await makeClip(clip, ONE_FACE_CLIP);
    const { inputs } = await place.json<AnalyzeReport>(['analyze', clip, '--out', place.out]);
    [report] = inputs;
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
    empty.remove();
  });

  async function review(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'one face' }).click();
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
  }

  it('says what to do when there is no session', async () => {
    const { page } = await bench.open(empty);
    await page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
    expect(await page.getByRole('main').getByRole('link', { name: 'Analyse files' }).getAttribute('href')).toBe(
      '#/analyse',
    );
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'no-sessions');
  });

  it('lists the sessions and finds them', async () => {
    const { page } = await bench.open(place);
    const row = page.getByRole('row', { name: /one face/ });
    await row.waitFor();
    expect(await row.textContent()).toContain(`${report.frames}`);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'sessions');
    await page.getByLabel('Search sessions').fill('nobody knows');
    await page.getByText('No session matches this.').waitFor();
    await page.getByLabel('Search sessions').fill('ONE');
    await row.waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'shows a session with figures that are those of the command line: %s',
    async (scheme) => {
      const { page } = await bench.open(place, scheme);
      await review(page);
      const [person] = report.persons;
      const card = page.getByRole('region', { name: 'Figures of P1' });
      expect(await card.textContent()).toContain(`${person.valid_frames} of ${report.frames} rows valid`);
      const happiness = card.getByRole('row', { name: /Happiness/ });
      // Weighted by time here and by frames there, which at one frame rate is the same.
      expect(await happiness.textContent()).toContain((person.mean.happiness ?? NaN).toFixed(2));
      expect(await page.getByText('not what the person feels').isVisible()).toBe(true);
      expect(await barriers(page)).toEqual([]);
      await bench.keepPicture(page, `review-${scheme}`);
    },
  );

  it('zooms and moves by keyboard, selects a span by mouse and goes back to the whole session', async () => {
    const { page } = await bench.open(place);
    await review(page);
    const ticks = (): Promise<Buffer> => page.locator('.lines').screenshot();
    const whole = await ticks();
    await page.getByRole('group', { name: /Expression scores/ }).focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('+');
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => (await ticks()).equals(whole)).toBe(false);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await ticks()).equals(whole)).toBe(true);

    const box = await page.locator('.u-over').boundingBox();
    if (!box) throw new Error('there is no plot');
    await page.mouse.move(box.x + box.width / 4, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 30, { steps: 5 });
    await page.mouse.up();
    await page.getByRole('heading', { name: /Selected span/ }).waitFor();
    const card = page.getByRole('region', { name: 'Figures of P1' });
    const rows = async (): Promise<number> => Number(/of ([\d,]+) rows/.exec((await card.textContent()) ?? '')?.[1]);
    // The heading is there at once, the figures when the program has answered.
    await expect.poll(async () => Math.abs((await rows()) - report.frames / 4)).toBeLessThanOrEqual(2);
    await page.getByRole('button', { name: 'Show the whole session' }).click();
    await page.getByRole('heading', { name: 'Whole session' }).waitFor();
  });

  it('exports to a folder what the command line exports', async () => {
    const { page } = await bench.open(place);
    await review(page);
    await page.getByRole('button', { name: 'Export …' }).click();
    const target = place.at('from the window');
    await page.getByLabel('Folder').fill(target);
    await page.getByLabel(/JSON lines/).uncheck();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'export');
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();
    const names = readdirSync(target).sort();
    expect(names).toEqual(
      ['intervals.csv', 'long.csv', 'meta.json', 'report.html', 'wide.csv'].map((ending) => `one face.${ending}`),
    );
    for (const name of names.filter((n) => !n.endsWith('.meta.json')))
      expect(readFileSync(join(target, name)).equals(readFileSync(join(place.out, name))), name).toBe(true);
  });

  it('says where nothing can be written, and nothing is lost', async () => {
    const { page } = await bench.open(place);
    await review(page);
    await page.getByRole('button', { name: 'Export …' }).click();
    await page.getByLabel('Folder').fill(join(place.out, 'one face.wide.csv'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('Nothing can be written to');
    expect(existsSync(join(place.out, 'one face.wide.csv'))).toBe(true);
  });

  it('stays where it is through a reload, opens in a second tab, and goes back', async () => {
    const { page } = await bench.open(place);
    await review(page);
    await page.reload();
    await page.getByRole('heading', { name: 'one face' }).waitFor();
    const second = await bench.newPage();
    await second.goto(page.url());
    await second.getByRole('heading', { name: 'one face' }).waitFor();
    await page.getByRole('link', { name: /All sessions/ }).click();
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'one face' }).waitFor();
  });

  it('says so when the program is gone', async () => {
    const { page, program } = await bench.open(place);
    await review(page);
    program.signal('SIGKILL');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('nothing that was stored is lost');
    bench.expectFault('ERR_CONNECTION_REFUSED'); // it goes on looking
  });

  it('goes on when a part of the program stopped, and says so once', async () => {
    const { page, program } = await bench.open(place);
    await review(page);
    const notice = page.getByRole('alert').filter({ hasText: 'stopped unexpectedly' });
    await killEngine(program);
    await notice.waitFor();
    expect(await notice.textContent()).toContain('marked as broken off');
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(1); // it is not said to be gone any more
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'started-again');
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    expect(await notice.count()).toBe(0);
    await page.getByRole('link', { name: /All sessions/ }).click();
    await page.getByRole('row', { name: /one face/ }).waitFor();

    const second = await bench.newPage(); // has lost nothing
    await second.goto(page.url());
    await second.getByRole('row', { name: /one face/ }).waitFor();
    expect(await second.getByRole('alert').count()).toBe(0);
    await killEngine(program);
    for (const each of [page, second]) await each.getByRole('alert').filter({ hasText: 'started again.' }).waitFor();
  });

  it('says that a session is not there', async () => {
    const { page } = await bench.open(place);
    await page.goto(`${new URL(page.url()).origin}/#/review/0123456789abcdef`);
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('There is no session');
  });
});
