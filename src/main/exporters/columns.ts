// The columns that several tables share, each with its value and its meaning.
import { EXPRESSIONS } from '../core/expression.ts';
import { overallQuality } from '../core/quality.ts';
import { personLabel, type TimelineRow } from '../core/timeline.ts';
import type { ColumnMeanings, ExportContext, StoredSession } from '../engine/ports.ts';
import type { Cell } from './cells.ts';

/** A column: its meaning, and its value in a row. */
export interface Column {
  readonly name: string;
  readonly meaning: string;
  /** Its meaning in a recording from a camera, where that is another one. */
  readonly liveMeaning?: string;
  readonly value: (row: TimelineRow, context: ExportContext) => Cell;
}

export function meanings(columns: readonly Column[], { session }: ExportContext): ColumnMeanings {
  const isLive = session.source.kind === 'camera';
  return Object.fromEntries(
    columns.map(({ name, meaning, liveMeaning }) => [name, isLive && liveMeaning ? liveMeaning : meaning]),
  );
}

const column = (name: string, meaning: string, value: Column['value'], liveMeaning?: string): Column => ({
  name,
  meaning,
  value,
  ...(liveMeaning ? { liveMeaning } : {}),
});

/** Unix time in seconds of a time of the session; NaN for files. */
export function unixSeconds(tSeconds: number, { firstFrameUnixMs }: StoredSession): number {
  return firstFrameUnixMs === null ? NaN : tSeconds + firstFrameUnixMs / 1000;
}

export const WHO: readonly Column[] = [
  column('session_id', 'the session in the database', (_, { session }) => session.id),
  column('person', 'number of the person in this session; empty where nobody is known', (row) =>
    row.person ? personLabel(row.person) : null,
  ),
  column(
    'participant_id',
    'code of the participant, where the person is one',
    (row) => row.person?.participant ?? null,
  ),
];

const IDENTITY_CONFIDENCE =
  '0 to 1; for an embedding the belief that the face is this person and neither another one nor a stranger, from odds of ' +
  'exp((0.5 - distance) / 0.05) for each; for a track 1 alone, less after a doubt, 0.5 where it might be somebody else';

export const IDENTITY: readonly Column[] = [
  column(
    'identity_source',
    'how the person was told: manual, track (followed or found again at its place), embedding',
    (row) => (row.identity ? row.identity.source : null),
  ),
  column('identity_confidence', IDENTITY_CONFIDENCE, (row) => (row.identity ? row.identity.confidence : NaN)),
];

/** What t_s is in a recording from a camera. */
export const LIVE_T_S =
  'seconds from the first frame to the capture of this one; of a pause or a gap of the camera, to its beginning';

export const WHEN: readonly Column[] = [
  column(
    'frame',
    'number of the frame, from 0; frames that were dropped leave their number out',
    (row) => row.frame.sequence,
    'number of the frame, from 0; a dropped frame has one, too, and so have a pause and a gap of the camera',
  ),
  column(
    't_s',
    'seconds: presentation time of the frame in the file; empty for pictures',
    (row) => ({ exact: row.tSeconds }),
    LIVE_T_S,
  ),
  column(
    't_unix_s',
    't_s plus the Unix time of the session start; empty for files',
    (row, { session }) => ({ exact: unixSeconds(row.tSeconds, session) }),
    't_s plus the Unix time of the session start, which is never corrected afterwards',
  ),
];

export const BOX: readonly Column[] = [
  column('box_x', 'left side of the face in pixels of the frame, from its left side', (row) => row.face?.box.x ?? NaN),
  column('box_y', 'top of the face in pixels, from the top of the frame', (row) => row.face?.box.y ?? NaN),
  column('box_w', 'width of the face in pixels', (row) => row.face?.box.width ?? NaN),
  column('box_h', 'height of the face in pixels', (row) => row.face?.box.height ?? NaN),
  column(
    'detector_score',
    '0 to 1, of the detection that last confirmed the face',
    (row) => row.face?.detectorScore ?? NaN,
  ),
  column('track_score', '0 to 1, that the landmarks lie on a face', (row) => row.face?.quality.trackScore ?? NaN),
];

export const POSE: readonly Column[] = [
  column(
    'yaw_deg',
    "degrees; above 0 the head turns to the picture's right",
    (row) => row.face?.quality.pose.yawDeg ?? NaN,
  ),
  column('pitch_deg', 'degrees; above 0 the head is raised', (row) => row.face?.quality.pose.pitchDeg ?? NaN),
  column('roll_deg', 'degrees; above 0 the head is tilted clockwise as seen in the picture', (row) =>
    row.face ? row.face.quality.pose.rollDeg : NaN,
  ),
];

/** Whether a row's values are shown. */
function isShown(row: TimelineRow, { blankInvalid }: ExportContext): boolean {
  return row.valid || (row.estimated && !blankInvalid);
}

const percent = 'probability 0 to 1 given by the model, not corrected for differences between people, light and angle';

export const SCORES: readonly Column[] = EXPRESSIONS.map((name, i) =>
  column(name, `expression score (model) of this frame, unsmoothed: ${percent}`, (row, context) =>
    isShown(row, context) && row.raw ? row.raw[i] : NaN,
  ),
);

/** What override and rules made of the fusion: the same where none fired. */
export const REFINED_SCORES: readonly Column[] = EXPRESSIONS.map((name, i) =>
  column(
    `refined_${name}`,
    'the score after override and rules of the profile; the same where none fired',
    (row, context) => (isShown(row, context) && row.probabilities ? row.probabilities[i] : NaN),
  ),
);

export const SMOOTH_SCORES: readonly Column[] = EXPRESSIONS.map((name, i) =>
  column(`smooth_${name}`, 'the refined score, smoothed over valid rows as "filter" says', (row) =>
    row.windowed.smooth ? row.windowed.smooth[i] : NaN,
  ),
);

export const STATE: readonly Column[] = [
  column(
    'distance_mm',
    'distance of the face along the optical axis; empty without a depth sensor',
    (row) => row.face?.depth?.distanceMm ?? NaN,
  ),
  column(
    'depth_verdict',
    'what depth says of the face: accept, flat, size or in_plane (no face), unknown; empty without a depth sensor',
    (row) => row.face?.depth?.verdict ?? null,
  ),
  column('quality', '0 to 1, the weakest of size, sharpness, light, pose and visibility; decides nothing', (row) =>
    row.face ? overallQuality(row.face.quality) : NaN,
  ),
  column(
    'estimated',
    '1 where the networks ran on this person in this frame, and the profile does not reject the estimate as too unsure',
    (row) => row.estimated,
  ),
  column('valid', '1 where the estimate is within all limits of the profile', (row) => row.valid),
  column(
    'missing_reason',
    'why the row is not valid, of a closed list',
    (row) => row.missingReason,
    'why the row is not valid, of a closed list; dropped, paused and source_gap: nothing was captured',
  ),
];

export const VERDICT: readonly Column[] = [
  column('dominant', 'the expression with the highest refined score', (row, context) =>
    isShown(row, context) ? row.dominant : null,
  ),
  column('ambiguous', '1 where first and second of the refined scores lie close together', (row, context) =>
    isShown(row, context) ? row.ambiguous : null,
  ),
  column('agreement', 'share of the models whose first choice is the commonest one', (row, context) =>
    isShown(row, context) && row.face ? row.face.agreement : NaN,
  ),
  column('members_used', 'models that the estimate is made of', (row, { session }) =>
    row.estimated && row.face
      ? session.profile.members.flatMap(({ model }, i) => (row.face?.members[i] ? [model] : [])).join(' ')
      : null,
  ),
  column(
    'rules_fired',
    'what changed this estimate, in its order, with spaces between: majority_override, then rules; empty where nothing did',
    (row, context) => (isShown(row, context) && row.face?.fired.length ? row.face.fired.join(' ') : null),
  ),
  column(
    'confirmed',
    'the confirmed expression; "filter" says how, and what stands here while it is undecided',
    (row) => row.windowed.confirmed,
  ),
];

export const PICTURE: Column = column('picture', 'file name of the picture', (row) => row.frame.name);
