// How late a camera is, in a real browser: its camera sees what the screen has shown a moment ago.
import { afterEach, afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { skipIntroduction } from '../fixtures/introduction.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

const LATE_MS = 150;

/** Puts a camera into the page, which sees the screen so many milliseconds later; null for one that looks elsewhere. */
const lookAtScreen = (lateMs: number | null): void => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [320, 240];
  const context = canvas.getContext('2d');
  const shown: { readonly atMs: number; readonly isWhite: boolean }[] = [];
  setInterval(() => {
    const nowMs = performance.now();
    shown.push({ atMs: nowMs, isWhite: document.querySelector('.flash.white') !== null });
    const seen = shown.filter(({ atMs }) => lateMs !== null && atMs <= nowMs - lateMs).at(-1);
    if (!context) throw new Error('no canvas');
    context.fillStyle = seen?.isWhite ? '#ddd' : '#222';
    context.fillRect(0, 0, 320, 240);
  }, 25);
  navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream(40));
};

describe.skipIf(!CHROMIUM)('how late a camera is', () => {
  const bench = new WindowBench();
  let place: Workplace;

  beforeAll(() => bench.start());
  afterAll(() => bench.stop());
  beforeEach(() => void (place = new Workplace()));
  afterEach(async () => {
    await bench.closeAndCheck();
    place.remove();
  });

  it('is measured with flashes of the screen, and told to the command that asked for it', async () => {
    skipIntroduction(place.data);
    const program = place.start(['--json', 'doctor', 'latency', '--no-open']);
    await program.until(() => program.stderr.includes('ends the measurement'));
    const page = await bench.visit(/http\S+/.exec(program.stderr)?.[0] ?? '');
    await page.getByRole('heading', { name: 'Measure how late a camera is' }).waitFor();
    await page.evaluate(lookAtScreen, LATE_MS);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const { code, stdout } = await program.finished;
    const { flashes, found, median_ms: medianMs } = JSON.parse(stdout) as Record<string, number>;
    expect([code, flashes]).toEqual([0, 10]);
    expect(found).toBeGreaterThanOrEqual(3);
    expect(medianMs).toBeGreaterThan(LATE_MS / 2); // whatever else made it late
    await page.getByText('Latency (median)').waitFor();
    await page.getByText(`${Math.round(medianMs)} ms`, { exact: true }).waitFor();
    await bench.keepPicture(page, 'latency-result');
    bench.expectFault('ERR_CONNECTION_REFUSED'); // the command has ended, and the page looks for it
  });

  it('is asked for in the settings; a camera that looks elsewhere is told of', async () => {
    const { page } = await bench.open(place);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Measure how late a camera is' }).click();
    await page.evaluate(lookAtScreen, null);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'latency');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('The camera has not seen the flashes. Point it at the screen').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Measure again' }).waitFor();
  });
});
