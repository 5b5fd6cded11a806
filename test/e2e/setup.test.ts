// What a researcher says before a recording, in a real browser.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/main/contract/encoding.ts';
import { MOST_PARTICIPANTS, liveSetup, type LiveSetup } from '../../src/main/contract/live.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { WindowBench, barriers } from '../fixtures/window.ts';

describe.skipIf(!CHROMIUM)('setting up a recording', () => {
  const bench = new WindowBench();
  const place = new Workplace();

  beforeAll(() => bench.start());

  afterEach(() => bench.closeAndCheck());

  afterAll(async () => {
    await bench.stop();
    place.remove();
  });

  type Opened = Awaited<ReturnType<WindowBench['open']>> & { readonly sent: LiveSetup[] };

  /** The page, and every set-up that it sends from now on. */
  async function openSetup(scheme: 'light' | 'dark' = 'light'): Promise<Opened> {
    const opened = await bench.open(place, scheme);
    const sent: LiveSetup[] = [];
    opened.page.on('websocket', (wire) =>
      wire.on('framesent', ({ payload }) => {
        const message = decodeMessage(Buffer.from(payload)) as { name?: string; input?: unknown };
        if (message.name === 'live.open') sent.push(liveSetup.parse(message.input));
      }),
    );
    await opened.page.reload();
    await opened.page.getByRole('navigation').getByRole('link', { name: 'Record' }).click();
    await opened.page.getByRole('heading', { name: 'Record', level: 1 }).waitFor();
    return { ...opened, sent };
  }

  const go = (page: Page): Locator => page.getByRole('button', { name: 'Go to the camera' });
  const card = (page: Page, position: number): Locator => page.getByRole('group', { name: `Participant ${position}` });
  const add = (page: Page): Locator => page.getByRole('button', { name: 'Add a participant' });
  const consequences = (page: Page): Promise<string[]> =>
    page.getByRole('region', { name: 'What will be computed' }).getByRole('listitem').allTextContents();

  /** What a field says is wrong with it; empty while nothing is. */
  const problemOf = (field: Locator): Promise<string> =>
    field.evaluate((element) => {
      if (element.getAttribute('aria-invalid') !== 'true') return '';
      const ids = element.getAttribute('aria-describedby')?.split(' ') ?? [];
      const texts = ids.map((id) => document.getElementById(id)?.textContent ?? 'a description that is not there');
      return texts.at(-1) ?? 'wrong without a word';
    });

  /** Everything that may not stay empty. */
  async function fillIn(page: Page): Promise<void> {
    await page.getByLabel('Project').fill('Smiles');
    await page.getByLabel('Session').fill('smiles-01');
    await page.getByLabel('Purpose').selectOption('research');
    await page.getByLabel('Version of the form').fill('2026-03');
    await card(page, 1).getByLabel('Code').fill('A07');
    await card(page, 1).getByLabel('Analysis').check();
  }

  it('says what is missing when it is sent, goes to the first such field, and sends nothing', async () => {
    const { page, sent } = await openSetup();
    const [project, session] = [page.getByLabel('Project'), page.getByLabel('Session')];
    expect(await barriers(page)).toEqual([]);
    expect(await problemOf(project)).toBe('');
    await project.focus();
    await page.keyboard.press('Tab');
    await expect.poll(() => problemOf(project)).toBe('The project needs a name.');
    expect(await problemOf(session)).toBe('');
    await project.fill('Smiles');
    await expect.poll(() => problemOf(project)).toBe('');

    await session.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => problemOf(session)).toBe('The session needs a name.');
    await expect.poll(() => session.evaluate((field) => field === document.activeElement)).toBe(true);
    const missing = page.getByText('Before the camera can be opened:').locator('..').getByRole('listitem');
    expect(await missing.allTextContents()).toEqual([
      'The session needs a name.',
      'Choose what the recording is for.',
      'The consent form needs its version.',
      'Participant 1 needs a code.',
      'At least one participant must have agreed to analysis.',
    ]);
    expect(await problemOf(page.getByLabel('Purpose'))).toBe('Choose what the recording is for.');
    expect(await problemOf(card(page, 1).getByLabel('Analysis'))).toContain('At least one');
    expect(await barriers(page)).toEqual([]);
    await bench.keepPicture(page, 'setup-missing');

    await fillIn(page);
    await expect.poll(() => missing.count()).toBe(0);
    expect(sent).toEqual([]);
  });

  it('is pressed once even where a sentence appears above the button', async () => {
    const { page } = await openSetup();
    await page.setViewportSize({ width: 1280, height: 1600 }); // nothing is scrolled back to where it was
    await page.getByLabel('Version of the form').focus();
    await go(page).click();
    await page.getByText('Before the camera can be opened:').waitFor();
  });

  it('opens the recording with what was said, and leaves nothing in the browser', async () => {
    const form = place.at('consent.pdf');
    writeFileSync(form, 'what was agreed to');
    const { page, sent } = await openSetup();
    await fillIn(page);
    await page.getByLabel('The form as a file').setInputFiles(form);
    const sha256 = createHash('sha256').update('what was agreed to').digest('hex');
    await page.getByText(sha256).waitFor();
    await page.getByLabel('Consent obtained by').fill('T.S.');
    await page.getByLabel('Keep until').fill('2999-12-31');
    await page.getByLabel('Ethics number').fill('EK 7');
    await card(page, 1).getByLabel('Recognition').check();
    await add(page).click();
    await page.keyboard.type('A08'); // the focus is in the code of the one who was added
    await card(page, 2).getByLabel('Sharing').check();
    await card(page, 2).getByLabel('Under age').check();
    await card(page, 2).getByLabel('Guardian').fill('M.K.');
    await card(page, 2).getByLabel('wants to take part').check();
    expect(await card(page, 2).getByLabel('Video').isChecked()).toBe(false); // nobody has agreed before somebody says so
    await bench.keepPicture(page, 'setup');

    const beforeMs = Math.floor(Date.now() / 1000) * 1000;
    await go(page).click();
    await go(page).waitFor({ state: 'detached', timeout: 60_000 });
    expect(sent.length).toBe(1);
    const [{ participants, ...rest }] = sent;
    expect(rest).toEqual({
      name: 'smiles-01',
      profile: 'mien',
      setup: { project: 'Smiles', purpose: 'research', grounds: null, approval: null, keeps: 'features' },
      form: { version: '2026-03', sha256 },
    });
    const { given_at = '' } = participants[0];
    expect(given_at).toMatch(/[+-]\d\d:\d\d$/);
    expect(Date.parse(given_at)).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(given_at)).toBeLessThanOrEqual(Date.now());
    const forAll = { given_at, obtained_by: 'T.S.', retain_until: '2999-12-31', ethics_number: 'EK 7' };
    expect(participants).toEqual([
      { code: 'A07', scopes: ['analysis', 'identification'], ...forAll },
      { code: 'A08', scopes: ['sharing'], ...forAll, guardian: 'M.K.', assent: true },
    ]);
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  });

  it('explains why work and education need grounds, and does not go on without them', async () => {
    const { page, sent } = await openSetup();
    await fillIn(page);
    await page.getByLabel('Purpose').selectOption('workplace');
    await page.getByText(/article 5\(1\)\(f\)/).waitFor();
    await go(page).click();
    const grounds = page.getByRole('radiogroup', { name: 'Grounds' });
    await expect.poll(() => problemOf(grounds)).toContain('Choose the grounds');
    await expect
      .poll(() =>
        grounds
          .getByRole('radio')
          .first()
          .evaluate((field) => field === document.activeElement),
      )
      .toBe(true);
    expect(await barriers(page)).toEqual([]);

    await grounds.getByLabel('ethics committee').check();
    await page.getByLabel('Number of the approval').fill('EK 12');
    await page.getByLabel('Ethics committee that gave it').fill('Faculty of Psychology');
    expect(await page.getByLabel('Ethics number').count()).toBe(0);
    await go(page).click();
    const basis = page.getByLabel('Legal basis');
    await expect.poll(() => basis.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await problemOf(basis)).toContain('legal basis');
    expect(sent).toEqual([]);
    await page.getByLabel('Purpose').selectOption('other');
    await expect.poll(() => basis.count()).toBe(0);
  });

  it('names codes that are there twice, and moves the focus to whoever stays', async () => {
    const { page } = await openSetup();
    await fillIn(page);
    expect(await card(page, 1).getByRole('button', { name: 'Remove' }).count()).toBe(0);
    await add(page).click();
    await page.keyboard.type(' A07');
    await page.keyboard.press('Tab');
    await expect.poll(() => problemOf(card(page, 2).getByLabel('Code'))).toContain('A07 is there twice');
    await card(page, 1).getByRole('button', { name: 'Remove Participant 1' }).click();
    await expect.poll(() => card(page, 2).count()).toBe(0);
    const code = card(page, 1).getByLabel('Code');
    expect(await code.inputValue()).toBe(' A07');
    await expect.poll(() => code.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await problemOf(code)).toBe('');

    for (let people = 1; people < MOST_PARTICIPANTS; people++) await add(page).click();
    await page.getByText('No more participants fit').waitFor();
    expect(await add(page).count()).toBe(0);
    await card(page, MOST_PARTICIPANTS).getByRole('button', { name: 'Remove' }).click();
    await add(page).waitFor();
  });

  it('says what will be computed of whom', async () => {
    const { page } = await openSetup();
    await fillIn(page);
    await card(page, 1).getByLabel('Recognition').check();
    const others = 'Everybody else in the picture: a box, no expression.';
    await expect.poll(() => consequences(page)).toEqual(['A07: expression and recognition.', others]);
    await add(page).click();
    await page.keyboard.type('A08');
    await expect
      .poll(() => consequences(page))
      .toEqual([
        'A07: expression.',
        'A08: a box only.',
        'Nobody is recognised when coming back, because not everybody has agreed to it: A08.',
        others,
      ]);
  });

  it('is readable at 200 %, in the dark, with the field that is in focus in view', async () => {
    const { page } = await openSetup('dark');
    await page.setViewportSize({ width: 640, height: 400 });
    await page.getByLabel('Purpose').selectOption('education');
    await go(page).click();
    const project = page.getByLabel('Project');
    await expect.poll(() => project.evaluate((field) => field === document.activeElement)).toBe(true);
    const bar = await page.getByRole('banner').boundingBox();
    const field = await project.boundingBox();
    expect(field?.y).toBeGreaterThan((bar?.y ?? 0) + (bar?.height ?? 0));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(640);
    expect(await barriers(page)).toEqual([]);
  });

  it('keeps what was filled in when the program is gone', async () => {
    const { page, program } = await openSetup();
    await fillIn(page);
    program.signal('SIGKILL');
    await page.getByText('The program behind this window is gone.').waitFor();
    await go(page).click();
    await page.getByText('The program behind the window is gone.').waitFor();
    expect(await card(page, 1).getByLabel('Code').inputValue()).toBe('A07');
    bench.expectFault('ERR_CONNECTION_REFUSED'); // it goes on looking
  });
});
