// mien evaluate: how good a profile is on pictures whose expression somebody has named.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Option, type Command } from 'commander';
import sharp from 'sharp';
import { z } from 'zod';
import { parseDocument } from '../../contract/document.ts';
import { MienError } from '../../contract/errors.ts';
import { EXPRESSIONS } from '../../core/expression.ts';
import type { Dataset } from '../../engine/dataset.ts';
import { checkFolder } from '../../exporters/write.ts';
import type { EvaluatedItem } from '../../science/evaluation.ts';
import { openDataset } from '../../sources/dataset.ts';
import { openRegistry } from '../compose.ts';
import { evaluationHtml, type Pictures } from '../evaluation/report.ts';
import {
  compared,
  evaluateProfile,
  readItem,
  writtenItem,
  type EvaluationOptions,
  type ProfileEvaluation,
} from '../evaluation/run.ts';
import { EXIT_INTERRUPTED } from './exit.ts';
import { stopOnInterrupt } from './interrupt.ts';
import type { GlobalOptions } from './options.ts';
import { note, print, startProgress, table } from './terminal.ts';

interface EvaluateOptions {
  readonly profile: string;
  readonly crops?: boolean;
  readonly split?: string;
  readonly contempt?: 'on' | 'off';
  readonly flip?: boolean;
  readonly votes?: boolean;
  readonly ignoreUnknown?: boolean;
  readonly includeImages?: boolean;
  readonly compare?: string;
  readonly out: string;
}

const ITEMS = 'evaluation.items.jsonl';

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('Measure how good a profile is on a data set of labelled faces.')
    .argument('<dataset>', 'a folder with a folder for each expression, a CSV file, or a folder with labels.csv')
    .requiredOption('--out <folder>', 'where the figures and the report go; it is made if it is missing')
    .option(
      '--profile <name>',
      'profile in models/profiles or in profiles/ of the data folder, or a .json file',
      'mien',
    )
    .option('--crops', 'the pictures are faces from edge to edge: none is looked for')
    .option('--split <name>', 'only this split of the data set')
    .addOption(
      new Option(
        '--contempt <on|off>',
        'whether contempt counts; otherwise as in the profile, and only where a picture is labelled so',
      ).choices(['on', 'off']),
    )
    .option('--flip', 'average each picture with its mirror image')
    .option('--votes', 'the majority of the votes is the label (FER+)')
    .option('--ignore-unknown', 'leave out pictures whose label is no expression')
    .option('--include-images', 'put the pictures of mistakes into the report')
    .option('--compare <what>', 'another profile, or the folder of an earlier evaluation of the same pictures')
    .addHelpText('after', '\nExample:\n  mien evaluate fer2013/ --crops --split PublicTest --flip --out figures')
    .action(async (dataset: string, options: EvaluateOptions) => {
      process.exitCode = await run(dataset, options, program.opts<GlobalOptions>());
    });
}

async function run(path: string, options: EvaluateOptions, { data, json }: GlobalOptions): Promise<number> {
  await checkFolder(options.out, 'Choose another folder with --out.');
  const registry = await openRegistry(data);
  const profile = await registry.profile(options.profile);
  const earlier = options.compare === undefined ? null : await earlierItems(options.compare);
  const dataset = await openDataset(path, {
    split: options.split ?? null,
    byVotes: options.votes ?? false,
    ignoresUnknown: options.ignoreUnknown ?? false,
  });
  if (dataset.leftOut.duplicates > 0)
    note(`${dataset.leftOut.duplicates} pictures are also in another split and are left out.`);
  const stop = new AbortController();
  const release = stopOnInterrupt(stop, 'Stopping.');
  try {
    const settings = {
      ...{ registry, profile, signal: stop.signal, split: options.split ?? null },
      isCropped: options.crops ?? false,
      isFlipped: options.flip ?? false,
      hasContempt: options.contempt === undefined ? null : options.contempt === 'on',
    };
    const own = await withProgress(dataset, settings, profile.name);
    let { evaluation } = own;
    if (options.compare !== undefined) {
      const items = earlier ?? (await other(dataset, settings, options.compare));
      const both = compared(own, items, options.compare);
      if (!both) {
        const message = `The evaluation in ${options.compare} is of other pictures.`;
        throw new MienError('usage', message, 'Compare evaluations of one data set and split.');
      }
      evaluation = both;
    }
    await write(options, evaluation, own.items, await picturesOf(dataset, evaluation, options));
    print(json ? JSON.stringify(evaluation, null, 2) : textOf(evaluation, options.out));
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return EXIT_INTERRUPTED;
    throw error;
  } finally {
    release();
  }
}

async function other(
  dataset: Dataset,
  settings: Omit<EvaluationOptions, 'onProgress'>,
  name: string,
): Promise<EvaluatedItem[]> {
  const profile = await settings.registry.profile(name);
  return (await withProgress(dataset, { ...settings, profile }, name)).items;
}

async function withProgress(
  dataset: Dataset,
  settings: Omit<EvaluationOptions, 'onProgress'>,
  label: string,
): ReturnType<typeof evaluateProfile> {
  const progress = startProgress(label, dataset.pictures.length, 'pictures');
  try {
    return await evaluateProfile(dataset, { ...settings, onProgress: (done) => progress.update(done) });
  } finally {
    progress.stop();
  }
}

const itemSchema = z.strictObject({
  name: z.string(),
  label: z.enum(EXPRESSIONS),
  subject: z.string().nullable(),
  scores: z.array(z.number().nullable()).length(EXPRESSIONS.length).nullable(),
});

/** Items of an earlier evaluation; null where the words name a profile. */
async function earlierItems(folder: string): Promise<EvaluatedItem[] | null> {
  const text = await readFile(join(folder, ITEMS), 'utf8').catch(() => null);
  if (text === null) return null;
  const kind = { name: `The evaluation in ${folder}`, code: 'usage', remedy: 'Make it again.' } as const;
  return text
    .trim()
    .split('\n')
    .map((line) => readItem(parseDocument(line, itemSchema, kind)));
}

async function picturesOf(
  dataset: Dataset,
  { mistakes }: ProfileEvaluation,
  options: EvaluateOptions,
): Promise<Pictures> {
  const pictures = new Map<string, string>();
  if (!options.includeImages) return pictures;
  const byName = new Map(dataset.pictures.map((picture) => [picture.name, picture]));
  for (const { name } of mistakes) {
    const still = await byName.get(name)?.read();
    if (!still) continue;
    const { width, height, format, bytes } = still;
    const small = await sharp(bytes, { raw: { width, height, channels: format === 'gray' ? 1 : 4 } })
      .resize({ width: 128, withoutEnlargement: true })
      .png()
      .toBuffer();
    pictures.set(name, `data:image/png;base64,${small.toString('base64')}`);
  }
  return pictures;
}

async function write(
  { out }: EvaluateOptions,
  evaluation: ProfileEvaluation,
  items: readonly EvaluatedItem[],
  pictures: Pictures,
): Promise<void> {
  await mkdir(out, { recursive: true });
  const files = {
    'evaluation.json': `${JSON.stringify(evaluation, null, 2)}\n`,
    [ITEMS]: items.map((item) => `${JSON.stringify(writtenItem(item))}\n`).join(''),
    'evaluation.html': evaluationHtml(evaluation, pictures),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(out, name), text, { mode: 0o600 });
}

function textOf(e: ProfileEvaluation, out: string): string {
  const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
  const plain = (value: number | null): string => (value === null ? '–' : value.toFixed(3));
  const { accuracy } = e.intervals;
  const range = accuracy ? ` (${percent(accuracy.low)} to ${percent(accuracy.high)}; ${e.intervals_of})` : '';
  const labels = e.labels.map((name) => {
    const { precision, recall, f1, support } = e.per_label[name];
    return [name, percent(precision), percent(recall), plain(f1), support];
  });
  const members = e.members.map((m) => [m.name, percent(m.accuracy), plain(m.log_loss), plain(m.ece)]);
  return [
    `${e.images} pictures of ${e.dataset}, ${e.faces_not_found} without a face; contempt ${e.contempt}.`,
    `accuracy ${percent(e.accuracy)}${range}`,
    `balanced accuracy ${percent(e.balanced_accuracy)}, macro F1 ${plain(e.macro_f1)}, log loss ${plain(e.log_loss)}, calibration error ${plain(e.ece)} (${e.ece_bins} bins)`,
    `accuracy with pictures without a face counted as wrong: ${percent(e.accuracy_with_errors)}; ${plain(e.ms_per_face)} ms a face`,
    '',
    table(['expression', 'precision', 'recall', 'F1', 'pictures'], labels),
    '',
    table(['member alone', 'accuracy', 'log loss', 'calibration'], members),
    ...(e.comparison
      ? [
          '',
          `Compared with ${basename(e.comparison.with)}: ${percent(e.comparison.accuracy[0])} against ${percent(e.comparison.accuracy[1])} on ${e.comparison.images} pictures, McNemar p = ${e.comparison.p.toPrecision(2)}.`,
        ]
      : []),
    '',
    `Files: ${['evaluation.json', ITEMS, 'evaluation.html'].map((name) => join(out, name)).join(', ')}`,
  ].join('\n');
}
