// mien tune: searches for the weights and thresholds with which a profile does best on labelled faces.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { MienError } from '../../contract/errors.ts';
import { checkFolder } from '../../exporters/write.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import { makeFolder } from '../../platform/folders.ts';
import { writeWholeFile } from '../../platform/whole-file.ts';
import type { Study } from '../../science/study.ts';
import type { Trial } from '../../science/trial.ts';
import { openDataset } from '../../sources/dataset.ts';
import { openRegistry } from '../compose.ts';
import { openParts } from '../tuning/parts.ts';
import { tuneProfile, type TuneOptions } from '../tuning/run.ts';
import { stopOnInterrupt } from './interrupt.ts';
import { parseCount, type GlobalOptions } from './options.ts';
import { note, print, startProgress, type Progress } from './terminal.ts';
import { TrialTable } from './trial-table.ts';
import { tuningText } from './tuning-text.ts';

interface Options {
  readonly out: string;
  readonly profile: string;
  readonly trials: number;
  readonly jobs: number;
  readonly seed: number;
  readonly rules: TuneOptions['rules'];
  readonly split?: string;
  readonly testSplit?: string;
  readonly swap?: boolean;
  readonly crossed?: boolean;
  readonly also?: string;
  readonly crops?: boolean;
  readonly flip?: boolean;
  readonly votes?: boolean;
  readonly contempt?: 'on' | 'off';
  readonly ignoreUnknown?: boolean;
}

const ENDING = '.json';
/** Every thread has the members' scores of all pictures. */
const MOST_JOBS = 64;

export function addTuneCommand(program: Command): void {
  program
    .command('tune')
    .description('Search for the weights and thresholds with which a profile does best on labelled faces.')
    .argument('<dataset>', 'a folder with a folder for each expression, a CSV file, or a folder with labels.csv')
    .requiredOption(
      '--out <file>',
      'the tuned profile, NAME.json; the history of the study is NAME.study.sqlite beside it',
    )
    .option('--profile <name>', 'profile to begin with, by its name or as a .json file', 'mien')
    .option(
      '--trials <count>',
      'how many points are tried, those of an earlier run of the study included',
      parseCount,
      200,
    )
    .option(
      '--jobs <count>',
      'trials at once; with 1 the study is the same in every run',
      parseJobs,
      Math.min(MOST_JOBS, availableParallelism()),
    )
    .option('--seed <number>', 'another number gives another study', parseSeed, 42)
    .addOption(
      new Option('--rules <which>', 'rules of refinement (and the override) in the study')
        .choices(['all', 'none', 'profile'])
        .default('profile'),
    )
    .option('--split <name>', 'what the study sees; otherwise a split for validation, or half of the pictures')
    .option('--test-split <name>', 'what it never sees, for the figures at the end; otherwise half of the split')
    .option('--swap', 'where there are halves, the study sees the other one')
    .option('--crossed', 'fit to all pictures, and take the figures from two more studies, each of half of them')
    .option('--also <dataset>', 'tell how the tuned profile does on another data set')
    .option('--crops', 'the pictures are faces from edge to edge: none is looked for')
    .option('--flip', 'average each picture with its mirror image')
    .option('--votes', 'the votes of several people are the labels (FER+)')
    .addOption(
      new Option(
        '--contempt <on|off>',
        'whether contempt counts; otherwise as in the profile, and only where a picture is labelled so',
      ).choices(['on', 'off']),
    )
    .option('--ignore-unknown', 'leave out pictures whose label is no expression')
    .addHelpText(
      'after',
      '\nIt stops at Ctrl-C; the same command goes on with the study.' +
        '\n\nExample:\n  mien tune fer2013/ --crops --split PublicTest --trials 200 --jobs 4 --seed 42 --out my-profile.json',
    )
    .action(async (dataset: string, options: Options) => {
      await run(dataset, options, program.opts<GlobalOptions>());
    });
}

function parseJobs(text: string): number {
  const value = parseCount(text);
  if (value > MOST_JOBS) throw new InvalidArgumentError(`Give ${MOST_JOBS} at most.`);
  return value;
}

function parseSeed(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32)
    throw new InvalidArgumentError('Give a whole number from 0 to 4294967295.');
  return value;
}

async function run(path: string, options: Options, { data, json }: GlobalOptions): Promise<void> {
  const registry = await openRegistry(data);
  const out = await checkedOut(options.out, registry);
  const profile = await registry.profile(options.profile);
  const reading = { byVotes: options.votes ?? false, ignoresUnknown: options.ignoreUnknown ?? false };
  const parts = await openParts(path, {
    ...{ ...reading, split: options.split ?? null, testSplit: options.testSplit ?? null },
    isSwapped: options.swap ?? false,
  });
  if (options.crossed && parts.partedBy === 'splits')
    throw new MienError('usage', 'Splits cannot be crossed.', 'Name one of them with --split; its halves are.');
  const also = options.also === undefined ? null : await openDataset(options.also, { ...reading, split: null });
  const { duplicates } = parts.leftOut;
  if (duplicates > 0) note(`${duplicates} pictures are also in another split and are left out.`);
  const stop = new AbortController();
  const release = stopOnInterrupt(stop, 'Stopping; what was tried is kept.');
  const shown = new Shown();
  try {
    const tuned = await tuneProfile(parts, {
      ...{ registry, profile, also, name: out.name, historyFile: out.historyFile, signal: stop.signal },
      ...{ trials: options.trials, jobs: options.jobs, seed: options.seed, rules: options.rules },
      isCrossed: options.crossed ?? false,
      ...{ isCropped: options.crops ?? false, isFlipped: options.flip ?? false, isVoted: reading.byVotes },
      hasContempt: options.contempt === undefined ? null : options.contempt === 'on',
      onLooking: (name, pictures) => shown.looking(name, pictures),
      onStudy: (study) => shown.study(study, options.trials),
      onTrial: (trial, accuracy) => shown.trial(trial, accuracy),
    }).finally(() => shown.stop());
    await writeProfile(out.file, `${JSON.stringify(tuned.profile, null, 2)}\n`);
    for (const warning of tuned.report.warnings) note(`Warning: ${warning}`);
    const files = { profile: out.file, history: out.historyFile };
    print(json ? JSON.stringify({ ...tuned.report, files }, null, 2) : tuningText(tuned.report, files));
  } finally {
    release();
  }
}

/** What is under way: pictures, then trials. */
class Shown {
  #progress: Progress | null = null;
  #table: TrialTable | null = null;

  looking(dataset: string, pictures: number): (done: number) => void {
    this.stop();
    const progress = startProgress(dataset, pictures, 'pictures');
    this.#progress = progress;
    return (done) => progress.update(done);
  }

  study(study: Study, trials: number): void {
    this.stop();
    this.#table = new TrialTable(study, trials);
  }

  trial(trial: Trial, accuracy: number | null): void {
    this.#table?.add(trial, accuracy);
  }

  stop(): void {
    this.#progress?.stop();
    this.#progress = null;
    this.#table?.stop();
    this.#table = null;
  }
}

/** Where the profile and the history go. Nothing that something else has made is written over. Throws usage and output_unwritable. */
async function checkedOut(
  out: string,
  registry: ModelRegistry,
): Promise<{ readonly file: string; readonly name: string; readonly historyFile: string }> {
  const file = resolve(out);
  const name = basename(file, ENDING);
  if (!file.endsWith(ENDING) || !/^[\w-]+$/.test(name)) {
    const remedy = 'Use letters, digits, - and _, such as --out my-profile.json.';
    throw new MienError('usage', `"${out}" is no name for the file of a profile.`, remedy);
  }
  const shipped = (await registry.profiles()).filter(({ isShipped }) => isShipped);
  if (shipped.some((profile) => profile.name.toLowerCase() === name.toLowerCase()))
    throw new MienError(
      'usage',
      `A profile that comes with Mien is called "${name}".`,
      'Choose another name for --out.',
    );
  const historyFile = `${file.slice(0, -ENDING.length)}.study.sqlite`;
  if (existsSync(file) && !existsSync(historyFile)) {
    const message = `There is a file ${file} already, and no study beside it.`;
    throw new MienError('usage', message, 'Choose another name for --out, so that it is not lost.');
  }
  await checkFolder(dirname(file), 'Choose another place with --out.');
  makeFolder(dirname(file), 0o777);
  return { file, name, historyFile };
}

async function writeProfile(file: string, text: string): Promise<void> {
  try {
    await writeWholeFile(file, text);
  } catch (cause) {
    const remedy =
      'Check that you may write there and that the disk is not full. The same command goes on with the study.';
    throw new MienError('output_unwritable', `The profile ${file} could not be written.`, remedy, { cause });
  }
}
