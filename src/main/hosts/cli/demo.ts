// mien demo: the main job on a sample film, for a first look.
import { join } from 'node:path';
import type { Command } from 'commander';
import { DEMO_CLIP, makeClip } from '../demo/clip.ts';
import { note } from './terminal.ts';

/** Adds the command; `run` starts another command with the given words. */
export function addDemoCommand(program: Command, run: (words: readonly string[]) => Promise<void>): void {
  program
    .command('demo')
    .description('Make a short film from sample photographs and analyse it.')
    .option('--out <folder>', 'where film, database and files go', 'demo-output')
    .addHelpText('after', '\nExample:\n  mien demo')
    .action(async ({ out }: { out: string }) => {
      const clip = join(out, 'sample.mp4');
      note(`Making the sample film ${clip} …`);
      await makeClip(clip, DEMO_CLIP);
      await run(['--data', join(out, 'data'), 'analyze', clip, '--out', out]);
    });
}
