// What the window of Electron, and whatever is shown in it, may not do.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { ElectronProgram } from '../fixtures/electron/program.ts';

const PAGE = 'mien://app/';
const ELSEWHERE = ['https://elsewhere.test/', 'mien://elsewhere/', 'mien://app.elsewhere.test/', 'file:///etc/passwd'];

describe.skipIf(!CHROMIUM)('the window of Electron', () => {
  const place = new Workplace();
  let program: ElectronProgram;
  let page: Page;

  beforeAll(async () => {
    const words = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
    program = await ElectronProgram.start(place.data, { forChromium: words });
    page = await program.page();
    await page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
  });
  afterAll(async () => {
    await program.stop();
    expect(program.stderr).toBe('');
    place.remove();
  });

  it('is sandboxed, with a session that lives in memory and looks for nothing in the network', async () => {
    const { windows } = await program.ask('state');
    expect(windows[0].preferences).toMatchObject({
      ...{ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true },
      ...{ webviewTag: false, spellcheck: false },
    });
    expect(windows[0].session).toEqual({ partition: 'window', isSpellChecked: false, proxyMode: 'direct' });
    expect(windows[0].rtcPolicy).toBe('disable_non_proxied_udp');
  });

  it('finds nothing of Electron and of Node but a way to ask for wires', async () => {
    const found = await page.evaluate(() => {
      const here = globalThis as unknown as Record<string, unknown>;
      const foreign = ['require', 'process', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in here);
      return [foreign, Object.keys(here.mien as object)];
    });
    expect(found).toEqual([[], ['askForWire', 'pathOf']]);
  });

  it('gets the headers of the browser host with its pages, and no page that is not there', async () => {
    const answers = await page.evaluate(async () => {
      const ask = async (path: string): Promise<unknown> => {
        const { status, headers } = await fetch(path);
        return [status, headers.get('content-security-policy'), headers.get('x-content-type-options')];
      };
      return [await ask('/'), await ask('/icon.svg'), await ask('/package.json'), await ask('/%2e%2e/package.json')];
    });
    const policy = expect.stringMatching(/^default-src 'none'; script-src 'self'; .*connect-src 'self';/) as unknown;
    expect(answers).toEqual([200, 200, 404, 404].map((status) => [status, policy, 'nosniff']));
  });

  it('gets the video of a session in parts, and no other file', async () => {
    mkdirSync(`${place.data}/video`, { recursive: true });
    writeFileSync(`${place.data}/video/aaaa.webm`, '0123456789');
    const answers = await page.evaluate(async () => {
      const ask = async (path: string): Promise<unknown> => {
        const answer = await fetch(path, { headers: { Range: 'bytes=3-5' } });
        return [answer.status, answer.headers.get('content-range'), (await answer.text()).slice(0, 3)];
      };
      return [await ask('/video/aaaa'), await ask('/video/bbbb'), await ask('/video/%2e%2e/mien.sqlite')];
    });
    const missing = [404, null, 'The'];
    expect(answers).toEqual([[206, 'bytes 3-5/10', '345'], [404, null, ''], missing]);
  });

  it('goes nowhere else, opens nothing and embeds nothing', async () => {
    await page.evaluate(() => location.assign('https://elsewhere.test/'));
    await vi.waitUntil(async () => (await program.ask('state')).refusedNavigations.length > 0);
    await page.evaluate(() => void window.open('https://elsewhere.test/'));
    await vi.waitUntil(async () => (await program.ask('state')).refusedWindows.length > 0);
    await page.evaluate(() => {
      const frame = document.createElement('iframe');
      frame.src = 'https://elsewhere.test/';
      document.body.append(frame);
    });
    for (const event of ['will-frame-navigate', 'will-redirect'])
      for (const url of ELSEWHERE) expect(await program.ask('goes', event, url), `${event} ${url}`).toBe(false);
    expect(await program.ask('goes', 'will-frame-navigate', PAGE)).toBe(true);
    expect(await program.ask('goes', 'will-attach-webview', PAGE)).toBe(false);
    await page.getByRole('heading', { name: 'No sessions yet' }).waitFor();
    const { left, windows } = await program.ask('state');
    expect([left, windows.map(({ url }) => url)]).toEqual([[], [PAGE]]);
  });

  it('asks for nothing outside: what the policy of the page lets by, its session stops', async () => {
    for (const url of [...ELSEWHERE, 'wss://elsewhere.test/', 'http://127.0.0.1/', 'blob:https://elsewhere.test/1'])
      expect(await program.ask('lets', url), url).toBe(false);
    for (const url of [PAGE, `${PAGE}icon.svg`, `blob:${PAGE}1`, 'data:text/plain,1'])
      expect(await program.ask('lets', url), url).toBe(true);
    expect(
      await page.evaluate(() =>
        fetch('https://elsewhere.test/').then(
          () => 'came',
          () => 'stopped',
        ),
      ),
    ).toBe('stopped');
    expect((await program.ask('state')).left).toEqual([]);
  });

  it('gets the camera, without sound, and nobody else gets it', async () => {
    for (const kind of ['request', 'check'] as const) {
      expect(await program.ask('allows', kind, 'media', PAGE, ['video']), kind).toBe(true);
      for (const url of ELSEWHERE) expect(await program.ask('allows', kind, 'media', url, ['video']), url).toBe(false);
      expect(await program.ask('allows', kind, 'media', PAGE, ['audio']), kind).toBe(false);
      expect(await program.ask('allows', kind, 'media', PAGE, []), kind).toBe(false);
      for (const permission of [
        'geolocation',
        'notifications',
        'clipboard-read',
        'display-capture',
        'usb',
        'fullscreen',
      ])
        expect(await program.ask('allows', kind, permission, PAGE, ['video']), permission).toBe(false);
    }
    expect(await program.ask('allows', 'request', 'media', PAGE, ['video', 'audio'])).toBe(false);
    const got = await page.evaluate(async () => {
      const ask = (wanted: MediaStreamConstraints): Promise<string> =>
        navigator.mediaDevices.getUserMedia(wanted).then(
          () => 'got it',
          (error: unknown) => (error as Error).name,
        );
      return [await ask({ video: true }), await ask({ audio: true }), await ask({ video: true, audio: true })];
    });
    expect(got).toEqual(['got it', 'NotAllowedError', 'NotAllowedError']);
  });

  it('gets a wire, and nobody else does: another page, a frame in ours, another window, and words that are no number', async () => {
    const own = { url: PAGE, isMainFrame: true, isOwnWindow: true };
    expect(await program.ask('answers', 'wire', own, [1])).toBe(1);
    for (const sender of [
      ...ELSEWHERE.map((url) => ({ ...own, url })),
      { ...own, isMainFrame: false },
      { ...own, isOwnWindow: false },
      { ...own, url: '' },
    ])
      expect(await program.ask('answers', 'wire', sender, [1]), JSON.stringify(sender)).toBe(0);
    for (const words of [[], ['1'], [1.5], [{}]]) expect(await program.ask('answers', 'wire', own, words)).toBe(0);
  });

  it('loses a message whose bytes are handed over: wires copy them', async () => {
    const [lost, kept] = await page.evaluate(async () => {
      const { port1, port2 } = new MessageChannel();
      const next = (): Promise<unknown> =>
        new Promise((resolve) => (port2.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data)));
      const bytes = new Uint8Array(4);
      const first = next();
      port1.postMessage({ bytes }, [bytes.buffer]);
      const answer = await first;
      const second = next();
      port1.postMessage({ bytes: new Uint8Array(4) });
      return [answer, await second];
    });
    expect(lost).toBeNull();
    expect(kept).not.toBeNull();
  });
});
