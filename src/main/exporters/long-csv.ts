// Tidy: one row for every person, frame and measure.
import { personLabel, type TimelineRow } from '../core/timeline.ts';
import { baselineScores } from './baselines.ts';
import { csvLine } from './cells.ts';
import { LIVE_T_S, PICTURE, POSE, REFINED_SCORES, SCORES, SMOOTH_SCORES, type Column } from './columns.ts';
import type { ColumnMeanings, ExportContext, Exporter } from '../engine/ports.ts';

const MEANINGS: ColumnMeanings = {
  session_id: 'the session in the database',
  person: 'number of the person in this session; empty where nobody is known',
  participant_id: 'code of the participant, where the person is one',
  t_s: 'seconds: presentation time of the frame in the file; empty for pictures',
  frame: 'number of the frame, from 0',
  measure:
    'an expression, smooth_ and an expression, or yaw_deg, pitch_deg, roll_deg; where the profile has rules or override, refined_ and an expression, too',
  value: 'the value of the measure as in the wide table; empty where there is none',
  confidence: 'of an expression: share of the models that agree; of an angle: the track score; 0 to 1',
  valid: '1 where the row is within all limits of the profile',
  missing_reason: 'why the row is not valid, of a closed list',
  model_version: 'name of the profile and the beginning of its hash',
};

const MEASURE_WITH_BASELINES = `${MEANINGS.measure}; also baseline_ and an expression, in log-odds`;

/** Pictures have names where films have times. */
function meaningsOf({ session, baselines }: ExportContext): ColumnMeanings {
  const { kind } = session.source;
  const columns = baselines.length > 0 ? { ...MEANINGS, measure: MEASURE_WITH_BASELINES } : MEANINGS;
  if (kind === 'camera') return { ...columns, t_s: LIVE_T_S };
  return kind === 'pictures' ? { ...columns, [PICTURE.name]: PICTURE.meaning } : columns;
}

interface Measure {
  readonly column: Column;
  readonly confidence: (row: TimelineRow) => number;
}

const ofScores = (columns: readonly Column[]): Measure[] =>
  columns.map((column) => ({
    column,
    confidence: (row: TimelineRow) => (row.estimated && row.face ? row.face.agreement : NaN),
  }));

/** Refined scores are measures of their own only where they can be others. */
function measuresOf(context: ExportContext): Measure[] {
  const { override, rules } = context.session.profile;
  const refined = override || rules.active.length > 0 ? REFINED_SCORES : [];
  return [
    ...ofScores([...SCORES, ...refined, ...SMOOTH_SCORES, ...baselineScores(context)]),
    ...POSE.map((column) => ({ column, confidence: (row: TimelineRow) => row.face?.quality.trackScore ?? NaN })),
  ];
}

/** Profile and version in one word. */
export function modelVersion({ session }: ExportContext): string {
  return `${session.profile.name}@${session.profileHash.slice(0, 12)}`;
}

export const longCsv: Exporter = {
  format: 'long',
  ending: '.long.csv',
  columns: meaningsOf,
  open(context) {
    const isPictures = context.session.source.kind === 'pictures';
    const version = modelVersion(context);
    const { id } = context.session;
    const measures = measuresOf(context);
    return {
      head: csvLine(Object.keys(meaningsOf(context))),
      add(row) {
        const who = [id, row.person && personLabel(row.person), row.person?.participant ?? null] as const;
        const when = [{ exact: row.tSeconds }, row.frame.sequence] as const;
        return measures
          .map(({ column, confidence }) => {
            const value = column.value(row, context);
            const isGiven = value !== null && !Number.isNaN(value);
            const rest = [isGiven ? confidence(row) : NaN, row.valid, row.missingReason, version] as const;
            const picture = isPictures ? [row.frame.name] : [];
            return csvLine([...who, ...when, column.name, value, ...rest, ...picture]);
          })
          .join('');
      },
      end: () => '',
    };
  },
};
