// The moments that somebody marked.
import { csvLine } from './cells.ts';
import { unixSeconds } from './columns.ts';
import { markersIn } from './live-facts.ts';
import type { ColumnMeanings, Exporter } from '../engine/ports.ts';

const MEANINGS: ColumnMeanings = {
  session_id: 'the session in the database',
  marker: 'what tells this marker from all others',
  t_s: 'seconds on the clock of the session, as in the other tables',
  t_unix_s: 't_s plus the Unix time of the session start; empty for files',
  label: 'what was marked',
};

export const markersCsv: Exporter = {
  format: 'markers',
  ending: '.markers.csv',
  skips: (context) => markersIn(context).length === 0,
  columns: () => MEANINGS,
  open: (context) => ({
    head: csvLine(Object.keys(MEANINGS)),
    add: () => '',
    end: () =>
      markersIn(context)
        .map(({ id, timeMs, label }) => {
          const tSeconds = timeMs / 1000;
          return csvLine([
            ...[context.session.id, id, { exact: tSeconds }],
            ...[{ exact: unixSeconds(tSeconds, context.session) }, label],
          ]);
        })
        .join(''),
  }),
};
