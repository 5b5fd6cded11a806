// mien sessions and mien export: what is stored, and its files once more.
import type { Command } from 'commander';
import type { StoredSession } from '../../engine/ports.ts';
import { exportSession } from '../analysis.ts';
import { openStore } from '../compose.ts';
import { withExportOptions, type ExportOptions, type GlobalOptions } from './options.ts';
import { note, print, startProgress, table } from './terminal.ts';
import { personsTable } from './analyze.ts';

export function addSessionCommands(program: Command): void {
  program
    .command('sessions')
    .description('List the stored sessions, the newest first.')
    .option('--search <text>', 'only sessions whose code or source contains this text')
    .addHelpText('after', '\nExample:\n  mien sessions --search interview')
    .action(async ({ search }: { search?: string }) => {
      const global = program.opts<GlobalOptions>();
      const store = await openStore(global.data);
      const found = store.sessions().filter((session) => !search || matches(session, search));
      await store.close();
      if (global.json) print(JSON.stringify({ sessions: found.map(describe) }, null, 2));
      else if (found.length > 0) print(listing(found));
      else note(search ? `No session matches "${search}".` : 'There are no sessions yet. "mien analyze" makes them.');
    });

  const command = program
    .command('export')
    .description('Write the files of a stored session.')
    .argument('<session>', 'id of the session, the beginning of it, or its code');
  withExportOptions(command)
    .addHelpText('after', '\nExample:\n  mien export interview --out results --interval 30')
    .action(async (name: string, options: ExportOptions) => {
      await exportOne(name, options, program.opts<GlobalOptions>());
    });
}

async function exportOne(name: string, options: ExportOptions, global: GlobalOptions): Promise<void> {
  const store = await openStore(global.data);
  try {
    const session = store.session(name);
    const progress = startProgress(session.code, session.frames, 'rows');
    const settings = {
      folder: options.out,
      exporters: options.formats,
      intervalSeconds: options.interval,
      blankInvalid: !options.keepInvalid,
    };
    const { persons, files } = await exportSession(store, session.id, session.code, settings, (rows) =>
      progress.update(rows),
    );
    progress.stop();
    const paths = files.map(({ path }) => path);
    if (global.json) print(JSON.stringify({ session_id: session.id, persons, files: paths }, null, 2));
    else print([personsTable(persons), ...paths].join('\n'));
  } finally {
    await store.close();
  }
}

function matches({ code, id, source }: StoredSession, text: string): boolean {
  return [code, id, source.name].some((value) => value.toLowerCase().includes(text.toLowerCase()));
}

function describe(session: StoredSession): Record<string, unknown> {
  const { id, code, state, source, profile, frames, durationMs, createdUnixMs, problems, rescored } = session;
  return {
    session_id: id,
    code,
    state,
    source: source.name,
    kind: source.kind,
    duration_s: durationMs === null ? null : durationMs / 1000,
    frames,
    profile: profile.name,
    scored_again_from: rescored?.from ?? null,
    created: new Date(createdUnixMs).toISOString(),
    problems,
  };
}

function listing(sessions: readonly StoredSession[]): string {
  const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'long' });
  const rows = sessions.map(({ id, code, state, source, frames, createdUnixMs }) => [
    ...[id, code, source.name, frames],
    ...[state, date.format(new Date(createdUnixMs))],
  ]);
  return table(['session', 'code', 'source', 'frames', 'state', 'made'], rows);
}
