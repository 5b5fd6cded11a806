// What a researcher does to record a session in the window, in a real browser with a film for its camera.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace, linesOf, type CliOptions } from '../fixtures/cli.ts';
import { assign, firstFace, numberOf, recordButton, untilFrames } from '../fixtures/live-screen.ts';
import { killEngine } from '../fixtures/served.ts';
import { fillInSetup, setUpRecording } from '../fixtures/setup-form.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

type Cells = Readonly<Record<string, string>>;

/** The rows of a CSV file without quoted cells. */
function rowsOf(path: string): Cells[] {
  const [head = '', ...lines] = linesOf(readFileSync(path, 'utf8'));
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
}

describe.skipIf(!CHROMIUM)('recording in the window', { timeout: 120_000 }, () => {
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

  async function open(options: CliOptions = {}): ReturnType<WindowBench['open']> {
    place = new Workplace();
    const opened = await bench.open(place, 'light', options);
    opened.page.on('dialog', (dialog) => void dialog.accept()); // "leave the page?" is answered with yes
    return opened;
  }

  /** Goes on to the review of what was recorded and exports it; the folder of its files. */
  async function reviewAndExport(page: Page): Promise<string> {
    await page.getByRole('link', { name: 'Review it' }).click();
    await page.getByRole('region', { name: /Timeline of A07/ }).waitFor();
    await page.getByRole('button', { name: 'Export …' }).click();
    await page.getByLabel('Folder').fill(place.at('exported'));
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
    await page.getByText('These files were written').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    return place.at('exported');
  }

  it('shows no expression before a face is assigned, then scores, and hides them while it records', async () => {
    const { page } = await open();
    await setUpRecording(page);
    const face = firstFace(page);
    await face.getByText('Bystander: a box only, no expression').waitFor({ timeout: 60_000 });
    expect(await page.getByRole('table').count()).toBe(0);
    expect(await recordButton(page).isDisabled()).toBe(true);
    expect(await barriers(page)).toEqual([]);
    await assign(page);
    await page.getByRole('table', { name: /Expression scores \(model\) of A07/ }).waitFor();
    const seen = page.getByLabel('What the network mien-labels-ferplus sees of A07');
    await seen.waitFor();
    expect(await seen.evaluate((canvas: HTMLCanvasElement) => [canvas.width, canvas.height])).toEqual([48, 48]);
    const greys = (canvas: HTMLCanvasElement): number =>
      new Set(canvas.getContext('2d')?.getImageData(0, 0, 48, 48).data).size;
    expect(await seen.evaluate(greys)).toBeGreaterThan(20);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'looking');
    const how = face.getByText('How this came about');
    expect(await page.getByRole('row', { name: /mien-labels/ }).count()).toBe(0); // closed
    await how.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /^mien-labels-ferplus [A-Z][a-z]+ [01]\.\d\d$/ }).waitFor();
    await face.getByText('No rule changed the fused scores.').waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'how-this-came-about');
    await recordButton(page).click();
    await page.getByText('Scores are hidden while recording').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    expect(await how.count()).toBe(0);
    expect(await seen.count()).toBe(0);
    await page.getByLabel('What the networks see').check();
    await seen.waitFor();
    await untilFrames(page, 10);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'recording');
    await page.getByLabel(/Show scores while recording/).check();
    await page.getByRole('table', { name: /Expression scores/ }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    const folder = await reviewAndExport(page);
    const { recording } = JSON.parse(readFileSync(`${folder}/first day.meta.json`, 'utf8')) as {
      recording: { events: { kind: string }[] };
    };
    expect(recording.events.map(({ kind }) => kind)).toContain('scores_shown');
  });

  it('makes a session with its markers and a pause, of which every frame is a row', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 20);
    await page.keyboard.press('1');
    await page.getByRole('region', { name: 'Markers' }).getByRole('listitem').filter({ hasText: 'Start' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    await page.waitForTimeout(700);
    await page.getByRole('button', { name: 'Go on' }).click();
    const atPause = await numberOf(page, 'Frames');
    await untilFrames(page, atPause + 20);
    await page.getByRole('button', { name: /2 End/ }).click();
    await page.getByRole('region', { name: 'Markers' }).getByRole('listitem').filter({ hasText: 'End' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    const folder = await reviewAndExport(page);
    await bench.keepPicture(page, 'recorded');

    const markers = rowsOf(`${folder}/first day.markers.csv`);
    expect(markers.map(({ label }) => label)).toEqual(['Start', 'End']);
    const rows = rowsOf(`${folder}/first day.wide.csv`).filter(({ participant_id }) => participant_id === 'A07');
    expect(rows.map(({ frame }) => Number(frame))).toEqual(rows.map((_, i) => i));
    const times = rows.map(({ t_s }) => Number(t_s));
    expect(times[0]).toBe(0);
    expect(times.every((time, i) => i === 0 || time > times[i - 1])).toBe(true);
    expect(rows.filter(({ missing_reason }) => missing_reason === 'paused')).toHaveLength(1);
    const analysed = rows.filter(({ missing_reason }) => missing_reason !== 'dropped');
    expect(analysed.filter(({ valid }) => valid === '1').length).toBeGreaterThan(0.8 * analysed.length);
    expect(Number(markers[0].t_s)).toBeLessThan(Number(markers[1].t_s));
    const [{ t_unix_s }] = rows;
    expect(Math.abs(Number(t_unix_s) - Date.now() / 1000)).toBeLessThan(120);
  });

  it('goes on when the window is loaded again: one session, with the gap as a row', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 15);
    await page.reload();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    const before = await numberOf(page, 'Frames');
    await untilFrames(page, before + 15);
    await page.getByRole('button', { name: 'Stop' }).click();
    const folder = await reviewAndExport(page);
    const rows = rowsOf(`${folder}/first day.wide.csv`);
    expect(rows.filter(({ missing_reason }) => missing_reason === 'source_gap').length).toBeGreaterThanOrEqual(1);
    await page.getByRole('link', { name: 'Sessions' }).first().click();
    await page.getByRole('row', { name: /first day/ }).waitFor();
    expect(await page.getByRole('row', { name: /first day/ }).count()).toBe(1);
  });

  it('is followed by a second tab, which does not take the camera, and may be ended there', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 10);
    const second = await bench.newPage();
    await second.goto(page.url());
    await expect
      .poll(() => second.getByRole('alert').allTextContents(), { timeout: 60_000 })
      .toEqual([expect.stringContaining('Another window has the camera already.')]);
    await untilFrames(second, 30);
    await second.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Review it' }).waitFor();
  });

  it('goes on without a window, and is found again in a new tab', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 10);
    const address = page.url();
    await page.close({ runBeforeUnload: false });
    const second = await bench.newPage();
    await second.goto(address);
    await second.getByRole('button', { name: 'Stop' }).waitFor();
    const before = await numberOf(second, 'Frames');
    await untilFrames(second, before + 10);
    await second.getByRole('button', { name: 'Stop' }).click();
    await second.getByRole('link', { name: 'Review it' }).waitFor();
  });

  it('keeps what was recorded when the engine is killed, and says so', async () => {
    const { page, program } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 45);
    await killEngine(program);
    await page.getByText(/stopped unexpectedly and was started again/).waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Sessions' }).first().click();
    const row = page.getByRole('row', { name: /first day/ });
    await row.waitFor();
    expect(await row.textContent()).toContain('broken off');
    await row.getByRole('link').click();
    await page.getByRole('region', { name: /Timeline of A07/ }).waitFor();
    bench.expectFault('WebSocket');
  });

  it('says that the camera is gone, and goes on when it is back', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 10);
    await page.evaluate(() => {
      const video = document.querySelector('video');
      for (const track of (video?.srcObject as MediaStream).getTracks()) {
        track.stop(); // as when it is pulled out: the track ends…
        track.dispatchEvent(new Event('ended')); // …which only a real camera says by itself
      }
    });
    await expect
      .poll(() => page.getByRole('alert').allTextContents())
      .toEqual([expect.stringContaining('The camera is gone.')]);
    const before = await numberOf(page, 'Frames');
    await untilFrames(page, before + 15);
    await page.getByRole('button', { name: 'Stop' }).click();
    const folder = await reviewAndExport(page);
    const reasons = rowsOf(`${folder}/first day.wide.csv`).map(({ missing_reason }) => missing_reason);
    expect(reasons.filter((reason) => reason === 'source_gap')).toHaveLength(1);
  });

  it('stops within a second for a participant who withdraws', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 20);
    await page.getByRole('button', { name: 'Withdraw consent of A07 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Withdraw consent of A07' });
    expect(await dialog.getByRole('radio').first().isChecked()).toBe(true); // everything
    await dialog.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await page.getByText('A07: Everything withdrawn').waitFor();
    const before = await numberOf(page, 'Frames');
    await untilFrames(page, before + 45);
    await page.getByRole('button', { name: 'Stop' }).click();
    const folder = await reviewAndExport(page);
    const rows = rowsOf(`${folder}/first day.wide.csv`).filter(({ participant_id }) => participant_id === 'A07');
    const last = rows.findLastIndex(({ estimated }) => estimated === '1');
    expect(last).toBeGreaterThan(10);
    expect(rows.length - last).toBeGreaterThan(15);
    expect(new Set(rows.slice(last + 1).map(({ missing_reason }) => missing_reason)).has('identity_uncertain')).toBe(
      false,
    );
    expect(rows.slice(last + 1).some(({ missing_reason }) => missing_reason === 'no_consent')).toBe(true);
  });

  it('covers what has ended for a participant who withdraws after it', async () => {
    const { page } = await open();
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 20);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Review it' }).waitFor();
    await page.getByRole('button', { name: 'Withdraw consent of A07 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Withdraw consent of A07' });
    await dialog.getByText('The recording that has ended is covered too.').waitFor();
    await bench.keepPicture(page, 'withdrawal-ended');
    await dialog.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await page.getByText('A07: Everything withdrawn').waitFor();
    const folder = await reviewAndExport(page);
    const rows = rowsOf(`${folder}/first day.wide.csv`).filter(({ participant_id }) => participant_id === 'A07');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ estimated }) => estimated === '1')).toEqual([]);
  });

  it('says that nothing more can be stored when the disk is full, and keeps what was', async () => {
    const { page } = await open({ limit: 'ulimit -f 2048' });
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await expect
      .poll(() => page.getByRole('alert').allTextContents(), { timeout: 100_000 })
      .toEqual([expect.stringContaining('The disk is full')]);
    await page.locator('[data-stage=failed]').waitFor();
    await bench.closeAndCheck();
    const { page: later } = await bench.open(place);
    const row = later.getByRole('row', { name: /first day/ });
    await row.waitFor();
    expect(await row.textContent()).toContain('broken off');
    await row.getByRole('link').click();
    await later.getByRole('region', { name: /Timeline of A07/ }).waitFor();
  });
});

describe.skipIf(!CHROMIUM)('a camera that may not be used', { timeout: 120_000 }, () => {
  const bench = new WindowBench();
  const place = new Workplace();

  beforeAll(() => bench.start(['--use-fake-device-for-media-stream', '--deny-permission-prompts']));
  afterEach(() => bench.closeAndCheck());
  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  it('is named, with where to allow it', async () => {
    const { page } = await bench.open(place);
    await fillInSetup(page);
    await page.getByRole('button', { name: 'Go to the camera' }).click();
    await expect
      .poll(() => page.getByRole('alert').allTextContents(), { timeout: 60_000 })
      .toEqual([
        'The camera may not be used. Allow it in the address bar of the browser, and in the privacy settings of the system.',
      ]);
    expect(await barriers(page)).toEqual([]);
  });
});
