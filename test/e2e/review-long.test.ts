// A session that is too long to be read whenever it is opened, in a real browser.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { SOURCE, faceRecord, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { fillStore } from '../fixtures/store-folder.ts';
import { GOOD_QUALITY, scores } from '../fixtures/timeline-rows.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

/** Twenty minutes of three people: 54,000 rows, of which the timelines take a second or more. */
const FRAMES = 18_000;
const RATE = 15;

async function record(store: RecordingStore): Promise<void> {
  const source = { ...SOURCE, durationMs: (1000 * FRAMES) / RATE };
  const writer = await store.begin(sessionStart('0123456789abcdef', { code: 'a long one', source }));
  const everybody = [1, 2, 3];
  writer.identity(
    everybody.map((id) => person(id)),
    everybody.map((id) => segment(id, { lastSequence: FRAMES - 1 })),
  );
  const faces = Array.from({ length: 600 }, (_, i) => {
    const happiness = 0.5 + 0.4 * Math.sin(i / 95.5);
    const fused = scores({ happiness, neutral: 0.9 - happiness, sadness: 0.1 });
    return faceRecord(i, { quality: GOOD_QUALITY, fused, members: [fused, null, null] });
  });
  for (let i = 0; i < FRAMES; i++) {
    const own = everybody.map((id) => ({ ...faces[(i + 200 * id) % 600], sequence: i, segment: id }));
    writer.frame(frameRecord(i, { timeMs: (1000 * i) / RATE }), own);
    if (i % 16 === 0) await writer.settled();
  }
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
}

describe.skipIf(!CHROMIUM)('a long session in the window', () => {
  const place = new Workplace();
  const bench = new WindowBench();

  beforeAll(async () => {
    await fillStore(place.data, record);
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  it('says how far its timelines are, which can be left, and is there at once the next time, after a correction too', async () => {
    const { page } = await bench.open(place);
    const preparing = page.getByRole('region', { name: 'Preparing the timeline' });
    const lanes = page.getByRole('region', { name: /^Timeline of/ });
    await page.getByRole('link', { name: 'a long one' }).click();
    await preparing.waitFor();
    expect(await preparing.textContent()).toMatch(/Preparing the timeline, \d+ %/);
    expect(await preparing.getByRole('progressbar').getAttribute('value')).toMatch(/^[01](\.\d+)?$/);
    await bench.keepPicture(page, 'preparing');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('link', { name: /All sessions/ }).click();
    await page.getByRole('link', { name: 'a long one' }).click();
    await lanes.nth(2).waitFor();
    expect(await preparing.count()).toBe(0);
    const card = page.getByRole('region', { name: 'Figures of P1' });
    expect(await card.textContent()).toContain('18,000 of 18,000 rows valid');

    await page.getByLabel('Correct P3', { exact: true }).click();
    await page.getByRole('button', { name: /^Merge into/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Merge/ })
      .click();
    await preparing.waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await lanes.nth(2).waitFor({ state: 'detached', timeout: 60_000 });
    expect(await preparing.count()).toBe(0);

    const second = await bench.newPage();
    await second.goto(page.url());
    await second
      .getByRole('region', { name: /^Timeline of/ })
      .nth(1)
      .waitFor();
    await bench.keepPicture(second, 'review-long');
  });
});
