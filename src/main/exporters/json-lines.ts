// One JSON object a line for every person and frame, with everything that was stored: for programs, and for doing it again.
import { EXPRESSIONS, type Probabilities } from '../core/expression.ts';
import type { HeadPose } from '../core/pose.ts';
import type { Quality } from '../core/quality.ts';
import { personLabel, type TimelineRow } from '../core/timeline.ts';
import { jsonNumber } from './cells.ts';
import { meanings, PICTURE, STATE, VERDICT, WHEN, WHO } from './columns.ts';
import type { ExportContext, Exporter } from '../engine/ports.ts';

function scores(probabilities: Probabilities | null): Record<string, number | null> | null {
  if (!probabilities) return null;
  return Object.fromEntries(EXPRESSIONS.map((name, i) => [name, jsonNumber(probabilities[i])]));
}

/** The numbers among the fields of an object. */
function numbersOf(fields: HeadPose | Quality): Record<string, number | null> {
  const numbers = Object.entries(fields).filter((field): field is [string, number] => typeof field[1] === 'number');
  return Object.fromEntries(numbers.map(([key, value]) => [key, jsonNumber(value)]));
}

function record(row: TimelineRow, { session, blankInvalid, baselines }: ExportContext): Record<string, unknown> {
  const { person, frame, face, identity } = row;
  const shown = row.valid || !blankInvalid;
  return {
    session_id: session.id,
    person: person && personLabel(person),
    participant_id: person?.participant ?? null,
    identity,
    frame: frame.sequence,
    picture: frame.name,
    t_s: Number.isNaN(row.tSeconds) ? null : row.tSeconds,
    box: face && [face.box.x, face.box.y, face.box.width, face.box.height].map(jsonNumber),
    detector_score: face && jsonNumber(face.detectorScore),
    pose: face && numbersOf(face.quality.pose),
    quality: face && numbersOf(face.quality),
    depth: face?.depth
      ? {
          verdict: face.depth.verdict,
          distance_mm: jsonNumber(face.depth.distanceMm),
          face_width_mm: jsonNumber(face.depth.widthMm),
        }
      : null,
    estimated: row.estimated,
    valid: row.valid,
    missing_reason: row.missingReason,
    scores: shown ? scores(row.raw) : null,
    refined: shown ? scores(row.probabilities) : null,
    rules_fired: face && row.estimated && shown ? face.fired : null,
    members:
      face && row.estimated && shown
        ? Object.fromEntries(session.profile.members.map(({ model }, i) => [model, scores(face.members[i])]))
        : null,
    agreement: face && row.estimated && shown ? jsonNumber(face.agreement) : null,
    dominant: shown ? row.dominant : null,
    ambiguous: shown && row.estimated ? row.ambiguous : null,
    smooth: scores(row.windowed.smooth),
    confirmed: row.windowed.confirmed,
    landmarks: face && Array.from(face.landmarks, jsonNumber),
    ...(baselines.length > 0 ? { above_baseline: scores(row.aboveBaseline) } : {}),
  };
}

const SAME_AS_IN_TABLES = new Set([
  ...['estimated', 'valid', 'missing_reason', 'dominant', 'ambiguous', 'agreement', 'confirmed'],
  ...['session_id', 'person', 'participant_id', 'frame', 't_s', 'picture'],
]);

const SHARED = [...WHO, ...WHEN, PICTURE, ...STATE, ...VERDICT].filter(({ name }) => SAME_AS_IN_TABLES.has(name));

const ABOVE_BASELINE =
  'log-odds of the refined scores above the neutral baseline of the person, as the columns baseline_ of the tables; null where there is none';

export const jsonLines: Exporter = {
  format: 'jsonl',
  ending: '.jsonl',
  columns: (context) => ({
    ...meanings(SHARED, context),
    identity: 'how the person was told, with a confidence of 0 to 1',
    detector_score: '0 to 1, of the detection that last confirmed the face',
    box: 'x, y, width, height of the face in pixels of the frame, from its top left corner',
    pose: 'degrees; yaw above 0 to the right of the picture, pitch above 0 up, roll above 0 clockwise',
    quality: 'the numbers that validity depends on: see the limits of the profile',
    depth:
      'what depth says of the face, how far it is along the optical axis and how wide, in mm; null without a depth sensor',
    scores: 'expression scores (model) of the frame, unsmoothed; null where missing',
    refined: 'the scores after override and rules of the profile; the same where none fired',
    rules_fired: 'what changed the scores, in its order: majority_override, then rules',
    members: 'the scores of each model alone',
    smooth: 'the refined scores, smoothed as "filter" of the sidecar says',
    landmarks: 'x and y of the 68 points of iBUG in pixels of the frame',
    ...(context.baselines.length > 0 ? { above_baseline: ABOVE_BASELINE } : {}),
  }),
  open(context) {
    return { head: '', add: (row) => `${JSON.stringify(record(row, context))}\n`, end: () => '' };
  },
};
