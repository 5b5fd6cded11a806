// A summary for every person and interval.
import { EXPRESSIONS } from '../core/expression.ts';
import { IntervalCollector, type IntervalSummary } from '../core/intervals.ts';
import { personLabel } from '../core/timeline.ts';
import { csvLine, type Cell } from './cells.ts';
import { areLossesRows } from './live-facts.ts';
import type { ColumnMeanings, ExportContext, Exporter } from '../engine/ports.ts';

const MEANINGS: ColumnMeanings = {
  session_id: 'the session in the database',
  person: 'number of the person in this session',
  participant_id: 'code of the participant, where the person is one',
  interval: 'number of the interval, from 0',
  start_s: 'beginning of the interval, inclusive, in seconds; empty for pictures',
  end_s: 'end of the interval, exclusive, in seconds; empty for pictures',
  n_frames: "the person's rows in the interval",
  n_valid: 'valid rows among them',
  seconds: 'time that the rows stand for; for pictures each counts 1',
  seconds_valid: 'time that the valid rows stand for',
  valid_share: 'seconds_valid / seconds',
  ...Object.fromEntries(EXPRESSIONS.map((name) => [`mean_${name}`, 'mean refined score over seconds_valid'])),
  ...Object.fromEntries(
    EXPRESSIONS.map((name) => [
      `dominant_share_${name}`,
      'time in which its refined score is the highest / seconds_valid',
    ]),
  ),
};

const LIVE_MEANINGS: ColumnMeanings = {
  ...MEANINGS,
  n_frames: 'captured frames of the person in the interval',
  n_valid: 'those of them that are valid',
  seconds: 'time that captured and dropped frames stand for; pauses and gaps of the camera are left out',
};

const DEVICE_MEANINGS: ColumnMeanings = {
  ...LIVE_MEANINGS,
  seconds: 'time that captured frames stand for; dropped frames and gaps of the camera are left out',
};

function cells(summary: IntervalSummary, { session }: ExportContext): Cell[] {
  const { person, index, frames, validFrames, seconds, validSeconds } = summary;
  const isTimed = session.source.kind !== 'pictures';
  return [
    ...[session.id, personLabel(person), person.participant, index],
    ...[{ exact: isTimed ? summary.startSeconds : NaN }, { exact: isTimed ? summary.endSeconds : NaN }],
    ...[frames, validFrames, seconds, validSeconds, validSeconds / seconds],
    ...summary.mean,
    ...summary.dominantShare,
  ];
}

export const intervalsCsv: Exporter = {
  format: 'intervals',
  ending: '.intervals.csv',
  columns({ session }) {
    if (session.source.kind !== 'camera') return MEANINGS;
    return areLossesRows(session) ? LIVE_MEANINGS : DEVICE_MEANINGS;
  },
  open(context) {
    const collector = new IntervalCollector(context.intervalSeconds);
    return {
      head: csvLine(Object.keys(MEANINGS)),
      add(row) {
        collector.add(row);
        return '';
      },
      end: () =>
        collector
          .summaries()
          .map((summary) => csvLine(cells(summary, context)))
          .join(''),
    };
  },
};
