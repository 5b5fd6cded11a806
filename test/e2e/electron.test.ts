// What a researcher does in Electron, with its built code on a stand-in (test/fixtures/electron/electron.ts says what that proves).
import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CAMERA_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { cameraWords, makeCameraFilm } from '../fixtures/camera.ts';
import { Workplace, type SessionReport } from '../fixtures/cli.ts';
import { ElectronProgram, type ElectronOptions } from '../fixtures/electron/program.ts';
import { setUpRecording } from '../fixtures/setup-form.ts';
import { killEngine } from '../fixtures/served.ts';

const MINUTE_MS = 60_000;

describe.skipIf(!CHROMIUM)('the application in Electron', () => {
  const films = new Workplace();
  const running: ElectronProgram[] = [];
  let place: Workplace;
  let camera: readonly string[] = [];

  beforeAll(async () => {
    const clip = films.at('camera.mp4');
    const scenes = CAMERA_CLIP.scenes.map((scene) => ({ ...scene, seconds: 1 }));
    await makeClip(clip, { ...CAMERA_CLIP, scenes, width: 320, height: 240 }); // the stand-in carries frames as text
    await makeCameraFilm(films.at('camera.y4m'), clip, 30);
    camera = cameraWords(films.at('camera.y4m'));
  });

  afterEach(async () => {
    for (const program of running.splice(0)) {
      await program.stop();
      expect(program.stderr).toBe('');
    }
    place.remove();
  });

  afterAll(() => films.remove());

  async function start(options: ElectronOptions = {}): Promise<ElectronProgram> {
    const program = await ElectronProgram.start(place.data, options);
    running.push(program);
    return program;
  }

  async function open(options: ElectronOptions = {}): Promise<{ program: ElectronProgram; page: Page }> {
    place = new Workplace();
    const program = await start(options);
    return { program, page: await program.page() };
  }

  /** Begins to record the face in view. */
  async function record(page: Page, program: ElectronProgram): Promise<void> {
    await setUpRecording(page);
    await page.getByRole('article').first().getByLabel('Who is this?').selectOption('A07', { timeout: MINUTE_MS });
    await page.getByRole('article', { name: 'A07' }).waitFor();
    await page.getByRole('button', { name: '● Record' }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await vi.waitUntil(async () => (await program.ask('state')).powerSave.length > 0, { timeout: MINUTE_MS });
  }

  const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name }).waitFor();

  it('opens one window and says what to do when there is no session', async () => {
    const { program, page } = await open();
    await heading(page, 'No sessions yet');
    const { windows, isSandboxed, menu } = await program.ask('state');
    expect(windows).toMatchObject([{ isShown: true, url: 'mien://app/' }]);
    expect(isSandboxed).toBe(true);
    expect(menu).toHaveLength(4);
    program.signal('SIGTERM');
    expect(await program.finished).toBe(0);
  });

  it(
    'records from a camera, with the machine kept awake, and reviews what was recorded',
    { timeout: 3 * MINUTE_MS },
    async () => {
      const { program, page } = await open({ forChromium: camera });
      await record(page, program);
      const { windows, powerSave } = await program.ask('state');
      expect(powerSave).toEqual(['prevent-display-sleep']);
      expect(windows).toMatchObject([{ isThrottled: false }]);
      await vi.waitUntil(() => place.storedFrames() > 30, { timeout: MINUTE_MS, interval: 200 });
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Go on' }).waitFor();
      expect((await program.ask('state')).powerSave).toHaveLength(1);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('link', { name: 'Review it' }).click();
      await page.getByRole('region', { name: 'Timeline of A07' }).waitFor();
      await vi.waitUntil(async () => (await program.ask('state')).powerSave.length === 0, { timeout: MINUTE_MS });
      const after = await program.ask('state');
      expect(after.windows).toMatchObject([{ isThrottled: true }]);
      expect([after.left, after.cancelled]).toEqual([[], []]);
      await page.getByRole('link', { name: /All sessions/ }).click();
      await page.getByRole('row', { name: /first day/ }).waitFor();
    },
  );

  it(
    'asks before a window with a recording is closed, and keeps what was recorded',
    { timeout: 3 * MINUTE_MS },
    async () => {
      const { program, page } = await open({ forChromium: camera });
      await record(page, program);
      expect(await program.ask('close')).toBe(false);
      expect((await program.ask('state')).dialogs).toMatchObject([
        { kind: 'question', text: /A recording is under way/ },
      ]);
      await vi.waitUntil(() => place.storedFrames() > 10, { timeout: MINUTE_MS, interval: 200 });
      await program.ask('answerWith', 1);
      void program.ask('close').catch(() => undefined); // it ends with the window
      expect(await program.finished).toBe(0);
      const { sessions } = await place.json<{ sessions: SessionReport[] }>(['sessions']);
      expect(sessions).toMatchObject([{ code: 'first day', state: 'interrupted' }]);
    },
  );

  it('uses the film in place of a camera when it is asked to', { timeout: 3 * MINUTE_MS }, async () => {
    const { page } = await open({ words: ['--demo'] });
    await setUpRecording(page);
    await page.getByRole('article').first().waitFor({ timeout: MINUTE_MS });
  });

  it('says once that a part of it was started again, and works as before', async () => {
    const { program, page } = await open();
    await heading(page, 'No sessions yet');
    await killEngine(program);
    const notice = page.getByRole('alert').filter({ hasText: 'stopped unexpectedly' });
    await notice.waitFor();
    await heading(page, 'No sessions yet');
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await page.reload();
    await heading(page, 'No sessions yet');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('ends with a sentence when a part of it stops again and again', async () => {
    const { program, page } = await open();
    await heading(page, 'No sessions yet');
    for (let i = 0; i < 6; i++) await killEngine(program);
    expect(await program.finished).toBe(1);
    expect(program.stderr).toMatch(/^A part of Mien stopped unexpectedly again and again\.\nWhat was recorded .*\n$/);
    program.stderr = '';
  });

  it('opens its page again when that has crashed', async () => {
    const { program, page } = await open();
    await heading(page, 'No sessions yet');
    const crashed = new Promise((resolve) => page.once('crash', resolve));
    page.goto('chrome://crash').catch(() => undefined); // it never comes to an end
    await crashed;
    await vi.waitUntil(async () => (await program.ask('state')).dialogs.length > 0);
    await heading(await program.page(), 'No sessions yet');
  });

  it('is there once: a second start shows the window of the first and ends', async () => {
    const { program, page } = await open();
    await heading(page, 'No sessions yet');
    await program.ask('minimize');
    const second = await start();
    expect(await second.finished).toBe(0);
    await vi.waitUntil(async () => (await program.ask('state')).windows[0].focused === 1);
    expect((await program.ask('state')).windows).toMatchObject([{ isMinimized: false }]);
  });

  it('says why it cannot start, as every command does', async () => {
    place = new Workplace();
    await place.run(['sessions']);
    writeFileSync(place.at('data', 'mien.sqlite'), 'no database');
    const program = await start();
    expect(await program.finished).toBe(1);
    expect(program.stderr).toMatch(/^The (file|database) .*\n.*\n$/);
    program.stderr = '';
  });
});
