// What a researcher does with a stored session in the window, in a real browser.
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM, launchBrowser } from '../fixtures/browser.ts';
import { Workplace, type AnalyzeReport, type RunningCli } from '../fixtures/cli.ts';

const PICTURES = fileURLToPath(new URL('../../coverage/pictures/', import.meta.url));

describe.skipIf(!CHROMIUM)('the window', () => {
  const place = new Workplace();
  const empty = new Workplace();
  let browser: Browser;
  let context: BrowserContext;
  /** Addresses that a page asked for, faults in it, and sentences on its console. */
  let asked: string[] = [];
  let faults: string[] = [];
  const running: RunningCli[] = [];
  let report: AnalyzeReport['inputs'][number];

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    const clip = place.at('one face.mp4');
    await makeClip(clip, ONE_FACE_CLIP);
    const { inputs } = await place.json<AnalyzeReport>(['analyze', clip, '--out', place.out]);
    [report] = inputs;
    browser = await launchBrowser();
  });

  afterEach(async () => {
    await context.close();
    for (const program of running.splice(0)) {
      program.signal('SIGTERM');
      await program.finished;
    }
    expect(faults).toEqual([]);
    expect(asked.filter((address) => !/^(blob:)?http:\/\/127\.0\.0\.1:\d+\//.test(address))).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    place.remove();
    empty.remove();
  });

  /** The program with its window open. */
  async function open(
    where: Workplace,
    scheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; program: RunningCli }> {
    const program = where.start(['--json', 'serve', '--no-open']);
    running.push(program);
    await program.until(() => program.stdout.includes('\n'));
    const { url } = JSON.parse(program.stdout) as { url: string };
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: scheme });
    [asked, faults] = [[], []];
    const page = await newPage();
    await page.goto(url);
    return { page, program };
  }

  async function newPage(): Promise<Page> {
    const page = await context.newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    return page;
  }

  async function review(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'one face' }).click();
    await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
  }

  const picture = (page: Page, name: string): Promise<unknown> =>
    page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });

  /** What axe finds, as sentences. */
  async function barriers(page: Page): Promise<string[]> {
    // The policy of the page lets no foreign script in; the tests' own comes by the debugger.
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  it('says what to do when there is no session', async () => {
    const { page } = await open(empty);
    await page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
    expect(await page.textContent('pre')).toContain('npm run mien -- analyze');
    expect(await barriers(page)).toEqual([]);
    await picture(page, 'no-sessions');
  });

  it('lists the sessions and finds them', async () => {
    const { page } = await open(place);
    const row = page.getByRole('row', { name: /one face/ });
    await row.waitFor();
    expect(await row.textContent()).toContain(`${report.frames}`);
    expect(await barriers(page)).toEqual([]);
    await picture(page, 'sessions');
    await page.getByLabel('Search sessions').fill('nobody knows');
    await page.getByText('No session matches this.').waitFor();
    await page.getByLabel('Search sessions').fill('ONE');
    await row.waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'shows a session with figures that are those of the command line: %s',
    async (scheme) => {
      const { page } = await open(place, scheme);
      await review(page);
      const [person] = report.persons;
      const card = page.getByRole('region', { name: 'Figures of P1' });
      expect(await card.textContent()).toContain(`${person.valid_frames} of ${report.frames} rows valid`);
      const happiness = card.getByRole('row', { name: /Happiness/ });
      // Weighted by time here and by frames there, which at one frame rate is the same.
      expect(await happiness.textContent()).toContain((person.mean.happiness ?? NaN).toFixed(2));
      expect(await page.getByText('not what the person feels').isVisible()).toBe(true);
      expect(await barriers(page)).toEqual([]);
      await picture(page, `review-${scheme}`);
    },
  );

  it('zooms and moves by keyboard, selects a span by mouse and goes back to the whole session', async () => {
    const { page } = await open(place);
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
    const rows = Number(/of ([\d,]+) rows/.exec((await page.locator('.card').textContent()) ?? '')?.[1]);
    expect(Math.abs(rows - report.frames / 4)).toBeLessThanOrEqual(2);
    await page.getByRole('button', { name: 'Show the whole session' }).click();
    await page.getByRole('heading', { name: 'Whole session' }).waitFor();
  });

  it('exports to a folder what the command line exports', async () => {
    const { page } = await open(place);
    await review(page);
    await page.getByRole('button', { name: 'Export …' }).click();
    const target = place.at('from the window');
    await page.getByLabel('Folder').fill(target);
    await page.getByLabel(/JSON lines/).uncheck();
    expect(await barriers(page)).toEqual([]);
    await picture(page, 'export');
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();
    const names = readdirSync(target).sort();
    expect(names).toEqual(['intervals.csv', 'long.csv', 'meta.json', 'wide.csv'].map((ending) => `one face.${ending}`));
    for (const name of names.filter((n) => n.endsWith('.csv')))
      expect(readFileSync(join(target, name)).equals(readFileSync(join(place.out, name))), name).toBe(true);
  });

  it('says where nothing can be written, and nothing is lost', async () => {
    const { page } = await open(place);
    await review(page);
    await page.getByRole('button', { name: 'Export …' }).click();
    await page.getByLabel('Folder').fill(join(place.out, 'one face.wide.csv'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('Nothing can be written to');
    expect(existsSync(join(place.out, 'one face.wide.csv'))).toBe(true);
  });

  it('stays where it is through a reload, opens in a second tab, and goes back', async () => {
    const { page } = await open(place);
    await review(page);
    await page.reload();
    await page.getByRole('heading', { name: 'one face' }).waitFor();
    const second = await newPage();
    await second.goto(page.url());
    await second.getByRole('heading', { name: 'one face' }).waitFor();
    await page.getByRole('link', { name: /All sessions/ }).click();
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'one face' }).waitFor();
  });

  it('says so when the program is gone', async () => {
    const { page, program } = await open(place);
    await review(page);
    program.signal('SIGKILL');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('nothing that was stored is lost');
    faults = faults.filter((fault) => !fault.includes('ERR_CONNECTION_REFUSED')); // it goes on looking
  });

  it('says that a session is not there', async () => {
    const { page } = await open(place);
    await page.goto(`${new URL(page.url()).origin}/#/review/0123456789abcdef`);
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('There is no session');
  });
});
