// The moments that somebody marked.
import { csvLine } from './cells.ts';
import { unixSeconds } from './columns.ts';
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
  skips: ({ notes }) => notes.markers.length === 0,
  columns: () => MEANINGS,
  open: ({ session, notes }) => ({
    head: csvLine(Object.keys(MEANINGS)),
    add: () => '',
    end: () =>
      notes.markers
        .map(({ id, timeMs, label }) => {
          const tSeconds = timeMs / 1000;
          return csvLine([session.id, id, { exact: tSeconds }, { exact: unixSeconds(tSeconds, session) }, label]);
        })
        .join(''),
  }),
};
