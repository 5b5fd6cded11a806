// The command line: commands, and what becomes of an error.
import { Command, CommanderError } from 'commander';
import { reportOf, type ErrorReport } from '../../contract/errors.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { addAnalyzeCommand } from './analyze.ts';
import { addBenchCommand } from './bench.ts';
import { addDemoCommand } from './demo.ts';
import { addDepthCommand } from './depth.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEvaluateCommand } from './evaluate.ts';
import { exitCodeOf } from './exit.ts';
import { addModelsCommand } from './models.ts';
import type { GlobalOptions } from './options.ts';
import { addParticipantCommands } from './participants.ts';
import { addRecordCommand } from './record.ts';
import { addRescoreCommand } from './rescore.ts';
import { addServeCommand } from './serve.ts';
import { addSessionCommands } from './sessions.ts';
import { hasPrinted, note, print } from './terminal.ts';
import { addTuneCommand } from './tune.ts';

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
  addRecordCommand(program);
  addSessionCommands(program);
  addRescoreCommand(program);
  addParticipantCommands(program);
  addModelsCommand(program);
  addDoctorCommand(program);
  addEvaluateCommand(program);
  addTuneCommand(program);
  addBenchCommand(program);
  addDepthCommand(program);
  addDemoCommand(program, run);
  addServeCommand(program);
  return program;
}

/** Runs a command by its words; sets the exit code and never throws. */
async function run(words: readonly string[]): Promise<void> {
  const program = createProgram();
  const isJson = words.includes('--json');
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      if (isJson && error.exitCode !== 0) printFault(wrongWords(error)); // in words it was said already
      return;
    }
    const report = reportOf(error);
    note(`mien: ${report.message} ${report.remedy}`);
    if (program.opts<GlobalOptions>().verbose && error instanceof Error) note(error.stack ?? '');
    if (isJson) printFault(report);
    process.exitCode = exitCodeOf(report.code);
  }
}

/** What --json prints in place of an answer. Where there is one, as of "mien erase" without --yes, it is the one object. */
function printFault(error: ErrorReport): void {
  if (!hasPrinted()) print(JSON.stringify({ ok: false, error }, null, 2));
}

function wrongWords({ code, message }: CommanderError): ErrorReport {
  const [line] = message.replace(/^error: /, '').split('\n');
  const sentence = code === 'commander.help' ? 'No command was given' : line.charAt(0).toUpperCase() + line.slice(1);
  return { code: 'usage', message: `${sentence.replace(/\.$/, '')}.`, remedy: '"mien --help" lists what there is.' };
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of our output has gone, as of "| head". What was asked for is done all the same, and the exit code is that of the work.
    if (error.code !== 'EPIPE') throw error;
  });
}

await run(process.argv.slice(2));
