// Builds what Electron runs beside the window: the main process with the engine into out/main, the preload into out/preload.
import { build } from 'vite';
import { main, preload } from '../electron.config.ts';

await build(main);
await build(preload);
