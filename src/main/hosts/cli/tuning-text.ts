// What the tuner has found, in words and tables.
import { lossWords, type Effect } from '../tuning/effect.ts';
import type { TuningReport } from '../tuning/run.ts';
import { table } from './terminal.ts';

const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
const plain = (value: number | null): string => (value === null ? '–' : value.toFixed(4));

/** So many of the parameters are shown; all of them are in what --json prints. */
const MOST_SHOWN = 12;

export function tuningText(
  report: TuningReport,
  files: { readonly profile: string; readonly history: string },
): string {
  const { trials, validation, test, also, temperatures } = report;
  const important = report.parameters
    .filter(({ importance }) => importance !== null)
    .sort((p, q) => (q.importance ?? 0) - (p.importance ?? 0))
    .slice(0, MOST_SHOWN);
  return [
    `${trials.complete + trials.pruned} trials of ${report.parameters.length} parameters, ${trials.pruned} of them pruned; the best is trial ${trials.best}.`,
    `The study saw ${validation.images} pictures of ${report.dataset}. ${testWords(report)}`,
    '',
    table(
      ['before → after', 'accuracy', 'balanced accuracy', 'log loss', 'calibration error'],
      [
        effectRow('pictures of the study', validation),
        effectRow('test', test),
        ...(also ? [effectRow(also.dataset, also)] : []),
      ],
    ),
    ...testText(test),
    '',
    ...(important.length > 0
      ? [
          table(
            ['parameter', 'before', 'after', 'importance'],
            important.map((p) => [p.name, plain(p.before), plain(p.after), percent(p.importance)]),
          ),
          '',
        ]
      : []),
    ...notTunedText(report),
    `Temperatures: ${Object.entries(temperatures.members)
      .map(([model, value]) => `${model} ${value}`)
      .join(', ')}; of the whole estimate ${temperatures.fused}.`,
    `Profile: ${files.profile}, for --profile. History: ${files.history}`,
  ].join('\n');
}

function testWords({ parted_by: partedBy, test_split: split, test }: TuningReport): string {
  const pictures = `${test.images} pictures`;
  if (partedBy === 'crossed halves')
    return `The test is of the same ${pictures}, each by one of two more studies, that of the half in which it is not.`;
  const part = partedBy === 'splits' ? `the split ${split ?? ''}` : 'the other half';
  return `The test is ${part}, ${pictures} that it never saw.`;
}

function effectRow(name: string, { before, after }: Effect): string[] {
  const both = (figure: keyof Effect['before'], write: (value: number | null) => string): string =>
    `${write(before[figure])} → ${write(after[figure])}`;
  return [
    ...[name, both('accuracy', percent), both('balanced_accuracy', percent)],
    ...[both('log_loss', plain), both('ece', plain)],
  ];
}

function testText({ log_loss_gain: gain, comparison }: Effect): string[] {
  if (!gain || !comparison) return [];
  const p =
    comparison.p_subjects === null ? '' : `; permutation over subjects p = ${comparison.p_subjects.toPrecision(2)}`;
  return [
    `On the test the log loss ${lossWords(gain)}. ` +
      `Only after right: ${comparison.only_first_right}, only before: ${comparison.only_second_right}; ` +
      `McNemar p = ${comparison.p.toPrecision(2)}${p}.`,
  ];
}

function notTunedText({ not_tuned }: TuningReport): string[] {
  const names = new Map<string, string[]>();
  for (const { name, why } of not_tuned) names.set(why, [...(names.get(why) ?? []), name]);
  return [...names].map(([why, all]) => `Not tuned, because ${why}: ${all.join(', ')}.`);
}
