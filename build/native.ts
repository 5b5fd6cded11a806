// Builds the part of Mien that speaks with a Kinect v1 (src/native) with node-gyp, against the headers that Mien's own Node brings:
// nothing is fetched. Where it cannot be built it says so in one line, and everything but the Kinect works.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../src/native/', import.meta.url));
const NODE_GYP = fileURLToPath(new URL('../node_modules/node-gyp/bin/node-gyp.js', import.meta.url));

/** Where the program looks for it (src/native/index.ts). */
const RESULT = join(FOLDER, 'kinect.node');

const TOOLS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'Install a C++ compiler, make and Python 3 (on Debian: apt-get install g++ make python3)',
  darwin: 'Install the command line tools ("xcode-select --install")',
  win32: 'Install Visual Studio\'s "Desktop development with C++" and Python 3',
};

/** The folder of headers of the Node that this runs on; null where it has come without any (on Windows). */
function headers(): string | null {
  const folder = dirname(dirname(process.execPath));
  return existsSync(join(folder, 'include/node/node_api.h')) ? folder : null;
}

/** Why node-gyp has failed, in a few words. */
function reasonOf(output: string): string {
  if (output.includes('gyp ERR! find Python')) return 'there is no Python 3';
  return (
    /\b(?:error: .*|not found: make|make: \S+ No such file or directory)/.exec(output)?.[0] ??
    'node-gyp failed; "--verbose" says more'
  );
}

const nodeFolder = headers();
const words = [NODE_GYP, 'rebuild', '--loglevel', 'error', ...(nodeFolder ? ['--nodedir', nodeFolder] : [])];
// binding.gyp asks "node" where its headers are.
const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
rmSync(RESULT, { force: true });
const { status, stderr, stdout } = spawnSync(process.execPath, words, { cwd: FOLDER, env, encoding: 'utf8' });
if (status === 0) copyFileSync(join(FOLDER, 'build/Release/kinect.node'), RESULT);
rmSync(join(FOLDER, 'build'), { recursive: true, force: true });
if (status !== 0) {
  if (process.argv.includes('--verbose')) console.error(stdout + stderr);
  const remedy = TOOLS[process.platform] ?? 'Install a C++ compiler and Python 3';
  console.error(`The part for a Kinect v1 was not built (${reasonOf(stderr)}). Only a Kinect needs it.`);
  console.error(`${remedy}, then run "npm run setup".`);
  process.exitCode = 1;
}
