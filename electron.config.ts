// How the application is built: the window (src/renderer), and for Electron its main process with the engine and the preload.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InlineConfig, Plugin } from 'vite';
import { noticesPlugin } from './build/notices.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The Node of Electron, and its Chromium. */
const TARGETS = { main: 'node24', page: 'chrome140' };

export const renderer: InlineConfig = {
  configFile: false,
  root: at('src/renderer'),
  base: './',
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), noticesPlugin(at('.'))],
  build: {
    outDir: at('out/renderer'),
    emptyOutDir: true,
    target: 'chrome120',
    // Scripts and styles are files of their own: the policy of the page allows no others.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  logLevel: 'warn',
};

/**
 * Every file of the program becomes one of the same name below out/main, so that what files say of one another's place stays true:
 * workers, the engine's entry, migrations, the kernel and the models.
 */
export const main: InlineConfig = {
  configFile: false,
  root: at('.'),
  plugins: [filesNamedInCode(), placedBeside()],
  build: {
    ssr: true,
    outDir: at('out/main'),
    emptyOutDir: true,
    target: TARGETS.main,
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: [at('src/main/hosts/electron/main.ts'), at('src/main/hosts/electron/engine-entry.ts')],
      external: ['electron'],
      treeshake: false,
      output: { preserveModules: true, preserveModulesRoot: at('src/main'), entryFileNames: '[name].js' },
    },
  },
  logLevel: 'warn',
};

/** One script without modules: a sandboxed preload can load nothing. */
export const preload: InlineConfig = {
  configFile: false,
  root: at('.'),
  build: {
    ssr: true,
    outDir: at('out/preload'),
    emptyOutDir: true,
    target: TARGETS.page,
    minify: false,
    rolldownOptions: {
      input: at('src/main/hosts/electron/preload.ts'),
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: 'preload.cjs' },
    },
  },
  logLevel: 'warn',
};

/** Scripts that code starts by their place (`new URL('./worker.ts', import.meta.url)`) are built too, and called by their new name. */
function filesNamedInCode(): Plugin {
  const named = /new URL\(\s*'(\.{1,2}\/[^']+)\.ts',\s*import\.meta\.url,?\s*\)/g;
  return {
    name: 'mien:files-named-in-code',
    enforce: 'pre', // while code looks as it was written
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      const renamed = code.replace(named, (_, path: string) => {
        this.emitFile({ type: 'chunk', id: resolve(dirname(id), `${path}.ts`) });
        return `new URL('${path}.js', import.meta.url)`;
      });
      return { code: renamed, map: null };
    },
  };
}

/** What the program reads beside its code. */
function placedBeside(): Plugin {
  return {
    name: 'mien:placed-beside',
    closeBundle() {
      cpSync(at('src/main/store/migrations'), at('out/main/store/migrations'), { recursive: true });
      cpSync(at('src/kernel/sample.wasm'), at('out/kernel/sample.wasm'));
      // Only where there was a compiler; index.ts of src/native explains it where there was none.
      const kinect = at('src/native/kinect.node');
      rmSync(at('out/native'), { recursive: true, force: true });
      if (existsSync(kinect)) cpSync(kinect, at('out/native/kinect.node'));
    },
  };
}
