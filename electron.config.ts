// How the application is built: the window (src/renderer) by Vite. Electron's own parts come here too when there is a host for it.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import type { InlineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const renderer: InlineConfig = {
  configFile: false,
  root: at('src/renderer'),
  base: './',
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
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
