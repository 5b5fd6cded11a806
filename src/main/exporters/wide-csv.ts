// One row for every person and frame, everything side by side.
import { baselineScores } from './baselines.ts';
import { csvLine } from './cells.ts';
import {
  BOX,
  IDENTITY,
  PICTURE,
  POSE,
  REFINED_SCORES,
  SCORES,
  SMOOTH_SCORES,
  STATE,
  VERDICT,
  WHEN,
  WHO,
  meanings,
  type Column,
} from './columns.ts';
import type { ExportContext, Exporter } from '../engine/ports.ts';

function columnsOf(context: ExportContext): readonly Column[] {
  const columns = [...WHO, ...IDENTITY, ...WHEN, ...BOX, ...POSE, ...STATE, ...SCORES, ...VERDICT];
  const all = [...columns, ...SMOOTH_SCORES, ...REFINED_SCORES, ...baselineScores(context)];
  return context.session.source.kind === 'pictures' ? [...all, PICTURE] : all;
}

export const wideCsv: Exporter = {
  format: 'wide',
  ending: '.wide.csv',
  columns: (context) => meanings(columnsOf(context), context),
  open(context) {
    const columns = columnsOf(context);
    return {
      head: csvLine(columns.map(({ name }) => name)),
      add: (row) => csvLine(columns.map(({ value }) => value(row, context))),
      end: () => '',
    };
  },
};
