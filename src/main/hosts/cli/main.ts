// The command line: commands, and what becomes of an error.
import { Command, CommanderError } from 'commander';
import { reportOf } from '../../contract/errors.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { addAnalyzeCommand } from './analyze.ts';
import { addBenchCommand } from './bench.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { exitCodeOf } from './exit.ts';
import { addModelsCommand } from './models.ts';
import type { GlobalOptions } from './options.ts';
import { addParticipantCommands } from './participants.ts';
import { addServeCommand } from './serve.ts';
import { addSessionCommands } from './sessions.ts';
import { note } from './terminal.ts';

function createProgram(): Command {
  const program = new Command('mien')
    .description('Expression timelines of the people in videos and pictures, on this machine alone.')
    .version(PROGRAM_VERSION)
    .option('--data <folder>', 'where sessions are stored; otherwise MIEN_DATA or the usual place of the system')
    .option('--json', 'print one JSON object for programs')
    .option('--verbose', 'show where errors come from')
    .exitOverride()
    .showHelpAfterError('(see "mien --help")');
  addAnalyzeCommand(program);
  addSessionCommands(program);
  addParticipantCommands(program);
  addModelsCommand(program);
  addDoctorCommand(program);
  addBenchCommand(program);
  addDemoCommand(program, run);
  addServeCommand(program);
  return program;
}

/** Runs a command by its words; sets the exit code and never throws. */
async function run(words: readonly string[]): Promise<void> {
  const program = createProgram();
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { code, message, remedy } = reportOf(error);
    note(`mien: ${message} ${remedy}`);
    if (program.opts<GlobalOptions>().verbose && error instanceof Error) note(error.stack ?? '');
    process.exitCode = exitCodeOf(code);
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // the reader of our output has gone
  throw error;
});

await run(process.argv.slice(2));
