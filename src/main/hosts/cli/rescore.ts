// mien rescore: a stored session scored again with another profile, without the pictures.
import type { Command } from 'commander';
import { openRegistry, openStore } from '../compose.ts';
import { rescoreSession } from '../rescore.ts';
import type { GlobalOptions } from './options.ts';
import { counted, print, startProgress } from './terminal.ts';

export function addRescoreCommand(program: Command): void {
  program
    .command('rescore')
    .description('Score a stored session again with another profile, from the stored outputs of its models.')
    .argument('<session>', 'id of the session, the beginning of it, or its code')
    .requiredOption(
      '--profile <name>',
      'a profile that comes with Mien or lies in profiles/ of the data folder, or a .json file',
    )
    .addHelpText('after', '\nExample:\n  mien rescore interview --profile strict')
    .action(async (session: string, { profile }: { profile: string }) => {
      await run(session, profile, program.opts<GlobalOptions>());
    });
}

async function run(name: string, profile: string, global: GlobalOptions): Promise<void> {
  const registry = await openRegistry(global.data);
  const store = await openStore(global.data);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const { code, frames } = store.session(name);
    const progress = startProgress(code, frames, 'frames');
    const watch = { signal: stop.signal, onProgress: (done: number) => progress.update(done) };
    const made = await rescoreSession(store, registry, { session: name, profile }, watch).finally(() =>
      progress.stop(),
    );
    if (global.json) {
      const from = made.rescored?.from ?? null;
      const facts = { session_id: made.id, code: made.code, scored_again_from: from, profile: made.profile.name };
      print(JSON.stringify({ ...facts, frames: made.frames }, null, 2));
    } else {
      print(
        `${code}: ${counted(made.frames, 'frame')} scored again with the profile "${made.profile.name}".\n` +
          `Session ${made.id}, ${made.code}. "mien export ${made.code} --out <folder>" writes its files.`,
      );
    }
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await store.close();
  }
}
