// Builds the window into out/renderer.
import { build } from 'vite';
import { renderer } from '../electron.config.ts';

await build(renderer);
