import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asksForBrowser, couldNotRun, findElectron, type Surroundings } from '../../../build/find-electron.mjs';
import { temporaryFolder } from '../../fixtures/clips.ts';

let folder: ReturnType<typeof temporaryFolder>;
let said: string[];
let fetched: number;

beforeEach(() => {
  folder = temporaryFolder();
  [said, fetched] = [[], 0];
});
afterEach(() => folder.remove());

/** A file where a program might be. */
function place(...names: string[]): string {
  const path = folder.at(...names);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  return path;
}

const find = (given: Partial<Surroundings>): string | null =>
  findElectron({
    ...{ env: { DISPLAY: ':0' }, platform: 'linux', isRoot: false, folder: folder.at('package') },
    fetch: () => fetched++,
    say: (sentence) => said.push(sentence),
    ...given,
  });

describe('the program of Electron', () => {
  it('is the one that is named, whatever the surroundings are', () => {
    const [file, inFolder] = [place('chosen'), place('folder', 'electron')];
    place('package', 'dist', 'electron');
    expect(find({ env: { ELECTRON_EXEC_PATH: file }, isRoot: true })).toBe(file);
    expect(find({ env: { ELECTRON_OVERRIDE_DIST_PATH: folder.at('folder') } })).toBe(inFolder);
    const both = { ELECTRON_EXEC_PATH: file, ELECTRON_OVERRIDE_DIST_PATH: folder.at('folder') };
    expect(find({ env: both })).toBe(file);
    expect([said, fetched]).toEqual([[], 0]);
  });

  it('is none, with a sentence, where the named one is not there', () => {
    place('package', 'dist', 'electron');
    expect(find({ env: { DISPLAY: ':0', ELECTRON_EXEC_PATH: folder.at('nowhere') } })).toBeNull();
    expect(said).toEqual([expect.stringContaining(folder.at('nowhere'))]);
    expect(fetched).toBe(0);
  });

  it.each([
    ['linux', 'electron'],
    ['darwin', 'Electron.app/Contents/MacOS/Electron'],
    ['win32', 'electron.exe'],
  ])('is that of the package on %s', (platform, name) => {
    const path = place('package', 'dist', ...name.split('/'));
    expect(find({ platform })).toBe(path);
    expect(fetched).toBe(0);
  });

  it('is fetched where it is missing, and is none where it cannot be', () => {
    const fetch = (): void => void place('package', 'dist', 'electron');
    expect(find({})).toBeNull();
    expect(fetched).toBe(1);
    expect(find({ fetch })).toBe(folder.at('package', 'dist', 'electron'));
  });

  it.each([
    ['without a screen', { env: {} }],
    ['for root, whom the sandbox does not let', { isRoot: true }],
  ])('is none %s, and is not fetched', (_, given) => {
    expect(find(given)).toBeNull();
    expect(fetched).toBe(0);
    place('package', 'dist', 'electron');
    expect(find(given)).toBeNull();
  });

  it('is not fetched when the environment says so', () => {
    expect(find({ env: { WAYLAND_DISPLAY: 'wayland-0', ELECTRON_SKIP_BINARY_DOWNLOAD: '1' } })).toBeNull();
    expect(fetched).toBe(0);
  });
});

describe('words of the browser host', () => {
  it.each([[['--port', '80']], [['--port=80']], [['--demo', '--no-open']], [['--json']]])('ask for it: %s', (words) => {
    expect(asksForBrowser(words)).toBe(true);
  });

  it.each([[[]], [['--demo']], [['--data', 'port']]])('are not there: %s', (words) => {
    expect(asksForBrowser(words)).toBe(false);
  });
});

describe('an Electron that has ended', () => {
  const end = { code: 0, signal: null, afterMs: 100 };

  it('could not run when the system ended it at once', () => {
    expect(couldNotRun({ ...end, code: null, signal: 'SIGTRAP' })).toBe(true);
    expect(couldNotRun({ ...end, code: 127 })).toBe(true);
  });

  it('could, when it ended itself, was ended by its user, or ran for a while', () => {
    expect(couldNotRun(end)).toBe(false);
    expect(couldNotRun({ ...end, code: 1 })).toBe(false);
    expect(couldNotRun({ ...end, code: null, signal: 'SIGINT' })).toBe(false);
    expect(couldNotRun({ ...end, code: null, signal: 'SIGSEGV', afterMs: 60_000 })).toBe(false);
  });
});
