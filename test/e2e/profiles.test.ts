// Choosing a profile and scoring a session again in the window, in a real browser.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/main/contract/encoding.ts';
import { modelsOf } from '../../src/main/core/profile.ts';
import { openRegistry, systemClock } from '../../src/main/hosts/compose.ts';
import { RecordingStore } from '../../src/main/store/recording-store.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { PROFILE, faceRecord, frameRecord, person, segment, sessionStart } from '../fixtures/records.ts';
import { fillInSetup } from '../fixtures/setup-form.ts';
import { GOOD_QUALITY, scores } from '../fixtures/timeline-rows.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

const FRAMES = 400;
const ALONE = {
  ...PROFILE,
  name: 'emotion-alone',
  description: 'One network alone, for comparison.',
  temperature: 1,
  members: [{ ...PROFILE.members[1], temperature: 1 }],
};
const RESTLESS = { ...PROFILE, name: 'restless', tracking: { ...PROFILE.tracking, detectEveryFrames: 1 } };

/** P1: the first and third member say happy, the second sad. */
async function record(store: RecordingStore, data: string): Promise<void> {
  const registry = await openRegistry(data);
  const models = modelsOf(PROFILE).map((id) => registry.record(id));
  const writer = await store.begin(sessionStart('aaaa', { code: 'interview', models }));
  writer.identity([person(1)], [segment(1, { lastSequence: FRAMES - 1 })]);
  const [happy, sad] = [scores({ happiness: 0.9, neutral: 0.1 }), scores({ sadness: 0.8, neutral: 0.2 })];
  const face = { quality: GOOD_QUALITY, members: [happy, sad, happy], fused: happy, agreement: Math.fround(2 / 3) };
  for (let i = 0; i < FRAMES; i++) {
    writer.frame(frameRecord(i), [faceRecord(i, { ...face, sequence: i })]);
    await writer.settled();
  }
  writer.marker({ id: 'm1', timeMs: 4000, label: 'Stimulus A' });
  await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
}

describe.skipIf(!CHROMIUM)('profiles in the window', { timeout: 60_000 }, () => {
  const bench = new WindowBench();
  let place: Workplace;

  const ownProfile = (name: string, content: unknown): void => {
    mkdirSync(join(place.data, 'profiles'), { recursive: true });
    writeFileSync(join(place.data, 'profiles', `${name}.json`), JSON.stringify(content));
  };

  beforeAll(() => bench.start());

  afterEach(async () => {
    await bench.closeAndCheck();
    place.remove();
  });

  afterAll(() => bench.stop());

  /** Set-ups that the page sends from now on. */
  function sentBy(page: Page, name: string): unknown[] {
    const sent: unknown[] = [];
    page.on('websocket', (wire) =>
      wire.on('framesent', ({ payload }) => {
        const message = decodeMessage(Buffer.from(payload)) as { name?: string; input?: unknown };
        if (message.name === name) sent.push(message.input);
      }),
    );
    return sent;
  }

  const goTo = (page: Page, name: string): Promise<void> =>
    page.getByRole('navigation').getByRole('link', { name, exact: true }).click();

  it('is a plain sentence where there is one', async () => {
    place = new Workplace();
    const { page } = await bench.open(place);
    await goTo(page, 'Record');
    await page.getByText('Faces are scored with the profile “mien”. The default:').waitFor();
    expect(await page.getByLabel('Profile', { exact: true }).count()).toBe(1); // the card alone
    expect(await page.getByRole('combobox', { name: 'Profile' }).count()).toBe(0);
  });

  it('is chosen for a recording, begins with that of the settings, and one that is broken is said to be', async () => {
    place = new Workplace();
    ownProfile('emotion-alone', ALONE);
    ownProfile('half', { ...PROFILE, name: 'half', window: undefined });
    const { page } = await bench.open(place);
    const sent = sentBy(page, 'live.open');
    await page.reload();
    await goTo(page, 'Settings');
    await page.getByLabel('Profile of recordings and analyses').selectOption('emotion-alone');
    await page.getByText('Saved.').waitFor();
    await bench.keepPicture(page, 'profiles-settings');
    expect(await barriers(page)).toEqual([]);
    await fillInSetup(page);
    const choice = page.getByRole('combobox', { name: 'Profile' });
    await expect.poll(() => choice.inputValue()).toBe('emotion-alone');
    await page.getByText('One network alone, for comparison.').waitFor();
    await page.getByText('half: The profile "half" is not valid: "window" is missing.').waitFor();
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'profiles-setup');
    await choice.selectOption('mien');
    await page.getByText('The default: three small networks').waitFor();
    await choice.selectOption('emotion-alone');
    await page.getByRole('button', { name: 'Go to the camera' }).click();
    await expect.poll(() => sent).toMatchObject([{ profile: 'emotion-alone' }]);
  });

  it('is chosen for files that are dropped', async () => {
    place = new Workplace();
    ownProfile('emotion-alone', ALONE);
    const { page } = await bench.open(place);
    const sent = sentBy(page, 'incoming.analyse');
    await page.reload();
    await goTo(page, 'Analyse files');
    await page.getByRole('combobox', { name: 'Profile' }).selectOption('emotion-alone');
    const film = { name: 'a.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no film') };
    await page.locator('input[type=file]:not([webkitdirectory])').setInputFiles([film]);
    const dialog = page.getByRole('dialog', { name: 'Analyse these files?' });
    expect(await dialog.getByRole('combobox', { name: 'Profile' }).inputValue()).toBe('emotion-alone');
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'profiles-dropped');
    await dialog.getByLabel(/Everybody who is seen/).check();
    await dialog.getByRole('button', { name: 'Analyse' }).click();
    await expect.poll(() => sent).toMatchObject([{ profile: 'emotion-alone' }]);
  });

  it('is chosen for files', async () => {
    place = new Workplace();
    ownProfile('emotion-alone', ALONE);
    const { page } = await bench.open(place);
    const sent = sentBy(page, 'analyses.add');
    await page.reload();
    await goTo(page, 'Analyse files');
    await page.getByRole('combobox', { name: 'Profile' }).selectOption('emotion-alone');
    await page.getByRole('button', { name: 'Choose this whole folder' }).click();
    await page.getByLabel('Everybody who is seen').check();
    await bench.keepPicture(page, 'profiles-files');
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Analyse', exact: true }).click();
    await expect.poll(() => sent).toMatchObject([{ profile: 'emotion-alone' }]);
  });

  it.each(['light', 'dark'] as const)('scores a session again, and goes to the new one (%s)', async (scheme) => {
    place = new Workplace();
    ownProfile('emotion-alone', ALONE);
    ownProfile('restless', RESTLESS);
    const store = await RecordingStore.open(place.data, systemClock);
    await record(store, place.data);
    await store.close();
    const { page } = await bench.open(place, scheme);
    await page.getByRole('link', { name: 'interview' }).click();
    await page.getByRole('button', { name: 'Score again …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Score interview again' });
    const choice = dialog.getByRole('combobox', { name: 'Profile' });
    await expect.poll(() => choice.inputValue()).toBe('mien');
    await choice.selectOption('restless');
    await dialog.getByRole('button', { name: 'Score again' }).click();
    await dialog.getByRole('alert').getByText('looks at pictures otherwise').waitFor();
    await choice.selectOption('emotion-alone');
    await expect.poll(() => dialog.getByRole('alert').count()).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, `score-again-${scheme}`);
    await dialog.getByRole('button', { name: 'Score again' }).click();
    await page.getByRole('heading', { name: 'interview.emotion-alone', level: 1 }).waitFor();
    await page.getByText('profile emotion-alone').waitFor();
    const origin = page.getByRole('main').getByText('scored again from');
    await origin.getByRole('link', { name: 'interview' }).waitFor();
    await page.getByText('Stimulus A').first().waitFor();
    expect(
      await page
        .getByRole('row', { name: /sadness/i })
        .first()
        .textContent(),
    ).toMatch(/0\.80/);
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, `scored-again-${scheme}`);
    await goTo(page, 'Sessions');
    await page.getByRole('row', { name: /interview\.emotion-alone.*scored again from interview/ }).waitFor();
    await bench.keepPicture(page, `scored-again-list-${scheme}`);
    expect(await barriers(page)).toEqual([]);
    expect(await page.getByRole('row').count()).toBe(3); // with the head: what was refused left nothing
  });

  it('closes the question without doing anything', async () => {
    place = new Workplace();
    const store = await RecordingStore.open(place.data, systemClock);
    await record(store, place.data);
    await store.close();
    const { page } = await bench.open(place);
    await page.getByRole('link', { name: 'interview' }).click();
    await page.getByRole('button', { name: 'Score again …' }).click();
    await page.getByText('Profiles of your own are .json files').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: 'Score again …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await goTo(page, 'Sessions');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
  });
});
