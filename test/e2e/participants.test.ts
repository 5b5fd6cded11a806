// What a researcher does when somebody withdraws, or wants to be forgotten, in a real browser.
import { rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/main/hosts/compose.ts';
import { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import {
  CODE,
  CONSENT,
  LABEL,
  OTHER,
  filesWith,
  recordCamera,
  recordPictures,
} from '../fixtures/store-participants.ts';
import { sessionStart } from '../fixtures/records.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('participants in the window', () => {
  const bench = new WindowBench();
  const place = new Workplace();
  const empty = new Workplace();

  beforeAll(async () => {
    const store = await RecordingStore.open(place.data, systemClock);
    await recordCamera(store, 'aaaa', 120);
    await recordCamera(store, 'bbbb', 60, { code: 'second' });
    await recordPictures(store, 'cccc');
    await store.close();
    const words = ['export', 'aaaa', '--out', place.out, '--formats', 'wide'];
    const { files } = await place.json<{ files: string[] }>(words);
    rmSync(files[0]);
    await bench.start();
  });

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
    empty.remove();
  });

  async function openPage(where = place, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const { page } = await bench.open(where, scheme);
    await page.getByRole('link', { name: 'Participants' }).click();
    await page.getByRole('heading', { name: 'Participants', level: 1 }).waitFor();
    return page;
  }

  it('are nobody in the beginning, and the page says where they come from', async () => {
    const page = await openPage(empty);
    await page.getByRole('heading', { name: 'No participants yet' }).waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('are listed with what they agreed to, and found: %s', async (scheme) => {
    const page = await openPage(place, scheme);
    const card = page.getByRole('region', { name: CODE, exact: true });
    await card.waitFor();
    expect(await card.getByRole('row').count()).toBe(3);
    expect(await card.getByRole('row', { name: /second/ }).textContent()).toMatch(
      /P1.*2026-03.*Analysis.*since 2026-11-02/s,
    );
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, `participants-${scheme}`);
    await page.getByLabel('Search codes and sessions').fill('seven-b');
    await card.waitFor({ state: 'detached' });
    await page.getByRole('region', { name: OTHER }).waitFor();
    await page.getByLabel('Search codes and sessions').fill('nobody');
    await page.getByText('Nobody matches this.').waitFor();
  });

  it('whose last day has passed come first, and the list of sessions says that there are some', async () => {
    const late = new Workplace();
    onTestFinished(() => late.remove());
    const store = await RecordingStore.open(late.data, systemClock);
    const days = { A07: '2020-01-31', B08: '2999-12-31', C09: '2020-02-29' };
    const participants = Object.entries(days).map(([code, retain_until]) => ({ code, scopes: [], retain_until }));
    const consent = { kind: 'file', form: null, participants } as const;
    const writer = await store.begin(sessionStart('aaaa', { code: 'old', consent }));
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    await store.close();
    const { page } = await bench.open(late);
    await page.getByText('1 recording is kept for too long:').waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'overdue-sessions');
    await page.getByRole('link', { name: 'see Participants' }).click();
    const overdue = page.getByRole('region', { name: 'Kept for too long' });
    await overdue.waitFor();
    expect(await overdue.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(
        /A07, old:\s+may be kept until 2020-01-31; passed \d+ days ago\s+Erase A07 from all sessions …/,
      ),
      expect.stringContaining('C09'),
    ]);
    await page.getByRole('region', { name: 'B08' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'overdue');
    await overdue.getByRole('button', { name: 'Erase A07 from all sessions …' }).click();
    const dialog = page.getByRole('dialog', { name: /Erase A07/ });
    await dialog.getByLabel(/^Type A07/).fill('A07');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await dialog.getByText('Erased.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => overdue.getByRole('listitem').count()).toBe(1);
  });

  it('withdraw: their scores are not shown any more in the sessions that are chosen', async () => {
    const page = await openPage();
    const card = page.getByRole('region', { name: OTHER });
    await card.getByRole('button', { name: 'Withdraw consent …' }).click();
    const dialog = page.getByRole('dialog', { name: `Withdraw consent of ${OTHER}` });
    await dialog.getByRole('radio', { name: /Analysis/ }).check();
    await dialog.getByRole('checkbox', { name: /pilot/ }).uncheck();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'withdraw');
    await dialog.getByRole('button', { name: 'Withdraw consent' }).click();
    await card.getByText(/withdrawn 20/).waitFor();
    expect(await card.getByText(/withdrawn 20/).count()).toBe(1);
    await card.getByRole('link', { name: 'second' }).click();
    const figures = page.getByRole('region', { name: new RegExp(`Figures of .*${OTHER}`) });
    expect(await figures.textContent()).toContain('no consent: 60');
  });

  it('are not erased by a slip: the code has to be typed, and Escape changes nothing', async () => {
    const page = await openPage();
    await page.getByRole('region', { name: CODE, exact: true }).getByRole('button', { name: 'Erase …' }).click();
    const dialog = page.getByRole('dialog', { name: `Erase ${CODE}` });
    const erase = dialog.getByRole('button', { name: 'Erase', exact: true });
    await erase.waitFor();
    expect(await erase.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(CODE.toLowerCase());
    expect(await erase.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('region', { name: CODE, exact: true }).waitFor();
  });

  it('are not erased while something is recorded', async () => {
    const page = await openPage();
    const store = await RecordingStore.open(place.data, systemClock);
    const writer = await store.begin(sessionStart('dddd', { code: 'running', consent: CONSENT }));
    await page.getByRole('region', { name: CODE, exact: true }).getByRole('button', { name: 'Erase …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill(CODE);
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await expect.poll(() => dialog.getByRole('alert').textContent()).toContain('"running" is being recorded');
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    await store.close();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('region', { name: CODE, exact: true }).waitFor();
  });

  it('are erased from everything, with a receipt and the files to delete by hand', async () => {
    const page = await openPage();
    expect(filesWith(place.data, LABEL)).not.toEqual([]);
    await page.getByRole('region', { name: CODE, exact: true }).getByRole('button', { name: 'Erase …' }).click();
    const dialog = page.getByRole('dialog', { name: `Erase ${CODE}` });
    await dialog.getByText(LABEL).first().waitFor();
    expect(await dialog.textContent()).toMatch(/pilot erased/);
    await dialog.getByRole('textbox').fill(CODE);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'erase');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await dialog.getByText('Erased.').waitFor();
    const text = (await dialog.textContent()) ?? '';
    for (const words of ['360 rows', '4 sessions', 'still there', 'gone', 'backups']) expect(text).toContain(words);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'erased');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('region', { name: 'Receipts of those who were erased' }).waitFor();
    expect(await page.getByRole('region', { name: CODE, exact: true }).count()).toBe(0);
    await page.getByRole('region', { name: OTHER }).getByRole('link', { name: 'pilot erased' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'receipts');
    expect(filesWith(place.data, LABEL)).toEqual([]);
  });

  it('without a code are erased from their session', async () => {
    const page = await openPage();
    await page.getByRole('button', { name: 'Erase P2 of album' }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase P2 of album' });
    await dialog.getByRole('textbox').fill('P2');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await dialog.getByText('Erased.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Erase P2 of album' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Erase P1 of album' }).waitFor();
  });
});
