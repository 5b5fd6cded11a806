// What a researcher meets who records a second time for a project, and when a participant takes back a part of what was agreed to.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { assign, recordButton, untilFrames } from '../fixtures/live-screen.ts';
import { setUpRecording } from '../fixtures/setup-form.ts';
import { openStore } from '../fixtures/store-folder.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('a project in the window', { timeout: 180_000 }, () => {
  const place = new Workplace();
  const bench = new WindowBench();

  beforeAll(async () => {
    await bench.startWithCamera(place);
  }, 120_000);

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  it('asks before a recording that differs, and remembers what was agreed to', async () => {
    const { page } = await bench.open(place);
    page.on('dialog', (dialog) => void dialog.accept());
    await setUpRecording(page);
    await assign(page);
    await recordButton(page).click();
    await untilFrames(page, 5);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('link', { name: 'Review it' }).waitFor();

    await page.getByLabel('Show scores from the start').check();
    await assign(page);
    await recordButton(page).click();
    const dialog = page.getByRole('dialog', { name: 'This recording differs from the project “Pilot”' });
    await dialog.waitFor();
    expect(await dialog.getByRole('row').allTextContents()).toEqual([
      expect.stringMatching(/What\s*Before\s*Now/),
      expect.stringMatching(/scores at the start\s*hidden\s*→ shown/),
    ]);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'project-differs');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('[data-stage=looking]').count()).toBe(1);

    await assign(page);
    await recordButton(page).click();
    await dialog.getByLabel('Why it differs').fill('A demonstration');
    await dialog.getByLabel('Use these from now on').check();
    await dialog.getByRole('button', { name: 'Record anyway' }).click();
    await page.getByRole('table', { name: /Expression scores/ }).waitFor();
    await untilFrames(page, 5);

    // One consent is taken back; scores go on.
    await page.getByRole('button', { name: 'Withdraw consent of A07 …' }).click();
    const withdrawal = page.getByRole('dialog', { name: 'Withdraw consent of A07' });
    const radios = withdrawal.getByRole('radio');
    expect(await radios.evaluateAll((all) => all.map((radio) => (radio as HTMLInputElement).value))).toEqual([
      ...['everything', 'analysis', 'identification'], // what A07 has agreed to
    ]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await radios.nth(2).isChecked()).toBe(true);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'withdrawal');
    await page.keyboard.press('Enter');
    await page.getByText('A07: Recognition withdrawn').waitFor();
    await untilFrames(page, 40);
    await bench.keepPicture(page, 'withdrawn');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Finish' }).click();

    // The project is offered with what it holds fixed.
    await page.getByLabel(/^Project/).fill(' pilot');
    await page.getByText(/Its recordings are made with Mien .+ scores shown at the start/).waitFor();
    expect(await page.locator('#project-suggestions option').evaluateAll((all) => all.length)).toBe(1);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'project-offered');
    await bench.closeAndCheck();

    const store = await openStore(place.data);
    const [second, first] = store.sessions();
    expect(first.lock).toMatchObject({ differences: [], fixes: true });
    expect(second.lock).toMatchObject({
      ...{ differences: [{ what: 'scores at the start', before: 'hidden', now: 'shown' }], fixes: true },
      reason: 'A demonstration',
    });
    const { events } = store.read(second);
    expect(events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['scores_shown', 'identification_withdrawn']),
    );
    expect(second.withdrawals).toMatchObject([{ participant: 'A07', scope: 'identification', whileRecording: true }]);
  });
});
