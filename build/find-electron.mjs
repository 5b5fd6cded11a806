// Finds Electron's own program for "npm start". Plain JavaScript, like bootstrap.mjs, which uses it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };

/** Words of "npm start" that only the browser host knows. */
const FOR_THE_BROWSER = ['--port', '--no-open', '--json', '--help', '-h'];

export const asksForBrowser = (words) => words.some((word) => FOR_THE_BROWSER.includes(word.split('=')[0]));

/**
 * The path of the program; null where the window is to be opened in a browser instead. What `env` names is taken. Otherwise it is
 * that of the package in `folder`, brought by `fetch` where it is missing and nothing speaks against it: there is a screen, and
 * the user is not root, for whom the sandbox does not work. `say` tells the user what was named in vain.
 */
export function findElectron({ env, platform, isRoot, folder, fetch, say }) {
  const program = PROGRAMS[platform] ?? 'electron';
  const { ELECTRON_EXEC_PATH: file, ELECTRON_OVERRIDE_DIST_PATH: dist } = env;
  const chosen = file || (dist && join(dist, program));
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    say(`There is no Electron at ${chosen}: the window opens in a browser.`);
    return null;
  }
  const hasScreen = platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  if (!hasScreen || (platform === 'linux' && isRoot)) return null;
  const own = join(folder, 'dist', program);
  if (!existsSync(own) && !env.ELECTRON_SKIP_BINARY_DOWNLOAD) fetch();
  return existsSync(own) ? own : null;
}

/** So long after its start, the end of Electron is no failure to start. */
const STARTING_MS = 15_000;

/** Whether Electron has ended because it cannot run here: a library or a right of the system is missing. */
export function couldNotRun({ code, signal, afterMs }) {
  if (afterMs > STARTING_MS) return false;
  return signal ? !['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal) : code === 126 || code === 127;
}
