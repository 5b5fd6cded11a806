// The browser that the program opens by itself: what it is handed, and that it gets in by it.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, launchBrowser } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { skipIntroduction } from '../fixtures/introduction.ts';

describe.skipIf(process.platform !== 'linux')('a browser that is opened', () => {
  let place: Workplace;

  beforeEach(() => {
    place = new Workplace();
    for (const folder of ['bin', 'home']) mkdirSync(place.at(folder));
    // Stands for the system's opener: it says what it was asked for.
    writeFileSync(place.at('bin', 'xdg-open'), `#!/bin/sh\necho "$@" > "${place.at('asked')}"\n`);
    chmodSync(place.at('bin', 'xdg-open'), 0o700);
    skipIntroduction(place.data);
  });
  afterEach(() => place.remove());

  const start = (): ReturnType<Workplace['start']> =>
    place.start(['serve'], {
      env: { PATH: `${place.at('bin')}:${process.env.PATH ?? ''}`, DISPLAY: ':99', HOME: place.at('home') },
    });
  const isAsked = (): boolean =>
    existsSync(place.at('asked')) && readFileSync(place.at('asked'), 'utf8').endsWith('\n');

  it('is handed no secret on a command line, but a file that its owner alone can read, until the program ends', async () => {
    const program = start();
    await program.until(isAsked);
    const file = readFileSync(place.at('asked'), 'utf8').trim();
    expect(file.startsWith(place.at('home', 'Mien', 'open-'))).toBe(true); // not hidden: a snap can read it
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/url=http:\/\/127\.0\.0\.1:\d+\/open\?token=[\w-]{43}"/);
    program.signal('SIGTERM');
    expect((await program.finished).code).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('is handed it in the data folder where there is no place for exports', async () => {
    writeFileSync(place.at('home', 'Mien'), 'no folder');
    const program = start();
    await program.until(isAsked);
    expect(readFileSync(place.at('asked'), 'utf8').startsWith(place.data)).toBe(true);
    program.signal('SIGTERM');
    expect((await program.finished).code).toBe(0);
  });

  it.skipIf(!CHROMIUM)('gets in by it, and the file is gone then', async () => {
    const program = start();
    await program.until(isAsked);
    const file = readFileSync(place.at('asked'), 'utf8').trim();
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`file://${file}`);
      await page.getByRole('link', { name: 'Analyse files' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/');
      expect(existsSync(file)).toBe(false);
    } finally {
      await browser.close();
      program.signal('SIGTERM');
      await program.finished;
    }
  });
});
