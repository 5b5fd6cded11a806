// Neutral baselines in the files: columns of how far scores lie above them, and what they are: whose, of which stretch, of how many
// rows, and what the medians are.
import { stretchWords } from '../contract/edits.ts';
import type { Baseline } from '../core/baseline.ts';
import { EXPRESSIONS } from '../core/expression.ts';
import { personLabel } from '../core/timeline.ts';
import type { ExportContext } from '../engine/ports.ts';
import { jsonNumber } from './cells.ts';
import type { Column } from './columns.ts';

const seconds = (value: number): string => `${value.toFixed(2)} s`;

const MEANING =
  'natural log-odds of the refined score less those of the median of the neutral baseline of the person, each probability held within 0.001 ' +
  'and 0.999; no probability: 0 is as in the baseline; empty for people without one and where the row is not valid';

const COLUMNS: readonly Column[] = EXPRESSIONS.map((name, e) => ({
  name: `baseline_${name}`,
  meaning: MEANING,
  value: (row) => row.aboveBaseline?.[e] ?? NaN,
}));

/** How far scores lie above the baseline, as columns of tables; none where nobody has one. */
export const baselineScores = ({ baselines }: Pick<ExportContext, 'baselines'>): readonly Column[] =>
  baselines.length > 0 ? COLUMNS : [];

/** The part of the sidecar; nothing where nobody has a baseline. */
export function baselineFacts({ baselines }: Pick<ExportContext, 'baselines'>): Record<string, unknown> {
  if (baselines.length === 0) return {};
  const facts = baselines.map((baseline) => {
    const { person, firstSequence, lastSequence, rows, median } = baseline;
    return {
      person: personLabel(person),
      stretch: stretchWords(baseline, seconds),
      first_frame: firstSequence,
      last_frame: lastSequence,
      valid_rows: rows,
      median: Object.fromEntries(EXPRESSIONS.map((name, e) => [name, jsonNumber(median[e])])),
    };
  });
  return { baselines: facts };
}

/** A paragraph; none where nobody has a baseline. */
export function baselineParagraphs({ baselines }: Pick<ExportContext, 'baselines'>): string[] {
  if (baselines.length === 0) return [];
  return [
    `${baselines.map(sentenceOf).join(' ')} How far refined scores lie above that baseline is given beside them: the natural log-odds of ` +
      'the refined score less those of the median, each probability held within 0.001 and 0.999. The scores themselves are unchanged.',
  ];
}

function sentenceOf(baseline: Baseline): string {
  const { person, rows, median } = baseline;
  const medians = EXPRESSIONS.flatMap((name, e) =>
    Number.isNaN(median[e]) ? [] : [`${name} ${median[e].toFixed(3)}`],
  );
  return (
    `The neutral baseline of ${personLabel(person)}, marked by hand, is the median of the refined scores of ${rows} valid rows ` +
    `(${stretchWords(baseline, seconds)}): ${medians.join(', ')}.`
  );
}
