// "npm test": style, layer rules, types, then every test. All steps run; one that fails makes the whole fail.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FAKENECT } from '../test/fixtures/fakenect.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const bin = (path: string): string => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

interface Step {
  readonly name: string;
  readonly words: readonly string[];
}

const SOURCES = ['src', 'build', 'test', 'electron.config.ts'];
const TSC = bin('typescript/bin/tsc');
/** Each layer is compiled with what it may know of its surroundings and nothing else. */
const LAYERS = [
  ...['core', 'contract', 'engine', 'science', 'platform'].map((l) => `src/main/${l}`),
  ...['sources', 'inference', 'store', 'exporters', 'video', 'hosts'].map((l) => `src/main/${l}`),
  ...['src/kernel', 'src/native', 'build', 'test'],
];

const steps: Step[] = [
  { name: 'format', words: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', ...SOURCES] },
  { name: 'lint', words: [bin('eslint/bin/eslint.js'), '--config', 'build/lint/eslint.config.mjs', ...SOURCES] },
  {
    name: 'layers',
    words: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      'build/lint/layers.cjs',
      'src/main',
      'src/native',
      'src/renderer',
    ],
  },
  ...LAYERS.map((layer): Step => ({ name: `types of ${layer}`, words: [TSC, '--project', layer] })),
  {
    name: 'types of src/renderer',
    words: [bin('svelte-check/bin/svelte-check'), '--tsconfig', 'src/renderer/tsconfig.json', '--fail-on-warnings'],
  },
];
if (!process.argv.includes('--no-tests')) {
  installForTests();
  const words = [bin('vitest/vitest.mjs'), 'run', '--config', 'test/vitest.config.ts', '--coverage'];
  steps.push({ name: 'tests', words: [...words, ...process.argv.slice(2)] });
}

/**
 * The window is tested in Chromium, and the Kinect's driver against the fake one that Debian has. Where they are missing and may be
 * installed, they are; otherwise their tests say that they are skipped.
 */
function installForTests(): void {
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  const missing = [
    ...(existsSync('/usr/bin/chromium') ? [] : ['chromium']),
    ...(FAKENECT === null ? ['libfreenect0.5'] : []),
  ];
  if (missing.length === 0 || !mayInstall) return;
  console.log(`Installing ${missing.join(' and ')}, for tests …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // One that this system has not got must not keep it from the others.
  for (const words of [['update'], ...missing.map((name) => ['install', '-y', '--no-install-recommends', name])]) {
    spawnSync('apt-get', ['-qq', ...words], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
}

const failed: string[] = [];
for (const { name, words } of steps) {
  const startMs = performance.now();
  const { status } = spawnSync(process.execPath, words, { cwd: ROOT, stdio: 'inherit' });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${name} (${seconds} s)`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join(', ')}`);
  process.exitCode = 1;
} else {
  console.log('\nEverything passed.');
}
