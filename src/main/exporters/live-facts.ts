// What is to be said of how a session was recorded, beside its frames: for the sidecar as numbers, for the report in words. Of a
// file that nobody has marked or changed there is nothing to say.
import { clockDrift } from '../core/clock-drift.ts';
import { personLabel } from '../core/timeline.ts';
import type { LossCollector } from '../core/losses.ts';
import type { Marker, SessionEvent } from '../core/record.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { ExportContext, SessionNotes, StoredSession } from '../engine/ports.ts';
import { lockFacts, lockWords } from './lock-facts.ts';
import { clock } from './text.ts';
import { videoFacts, videoWords } from './video-facts.ts';

/** The markers of what is exported, in order of time. */
export function markersIn({ notes, span }: Pick<ExportContext, 'notes' | 'span'>): readonly Marker[] {
  const { fromSeconds, toSeconds } = span ?? { fromSeconds: -Infinity, toSeconds: Infinity };
  return notes.markers.filter(({ timeMs }) => timeMs >= 1000 * fromSeconds && timeMs < 1000 * toSeconds);
}

/** Whether each lost frame is a row of its own: a window records it so, and a device's recording counts it with the next frame. */
export const areLossesRows = ({ source, setup }: StoredSession): boolean => source.kind === 'camera' && setup !== null;

/** The part of the sidecar. */
export function liveFacts(context: ExportContext, losses: LossCollector): Record<string, unknown> {
  const { session, notes } = context;
  const { setup } = session;
  const manual = manualOf(notes);
  const markers = markersIn(context).map(({ id, timeMs, label }) => ({ marker: id, t_s: timeMs / 1000, label }));
  return {
    ...(session.source.kind === 'camera' ? { recording: cameraFacts(session, notes, losses) } : {}),
    ...(setup ? { setup: setupFacts(setup), video: videoFacts(session) } : {}),
    ...(session.lock ? { project_lock: lockFacts(session.lock, session.rescored !== null) } : {}),
    ...(markers.length > 0 ? { markers } : {}),
    ...(manual.length > 0 ? { assigned_by_hand: manual.map(assignmentFacts) } : {}),
  };
}

function cameraFacts(session: StoredSession, { clock: readings, events }: SessionNotes, losses: LossCollector) {
  const drift = clockDrift(readings);
  return {
    start_unix_s: session.firstFrameUnixMs === null ? null : session.firstFrameUnixMs / 1000,
    achieved_rate_hz: losses.framesPerSecond, // NaN is null in JSON
    dropped_frames: losses.lost,
    pauses: losses.pauses,
    camera_gaps: losses.sourceGaps,
    clock_drift: drift && {
      meaning:
        'what the wall clock gains on the capture clock, which t_s is of: a line of least squares through readings',
      ppm: drift.ppm,
      ms: drift.ms,
      over_s: drift.spanSeconds,
      readings: drift.readings,
    },
    scores_shown_s: shownSeconds(events, session),
    events: events.map(({ timeMs, kind, detail }) => ({ t_s: timeMs / 1000, kind, detail })),
  };
}

function setupFacts({ project, purpose, grounds, approval, keeps }: NonNullable<StoredSession['setup']>) {
  const approved = approval && { number: approval.number, body: approval.body, legal_basis: approval.legalBasis };
  return { project, purpose, grounds, approval: approved, keeps };
}

interface Assignment {
  readonly person: Person;
  readonly segment: Segment;
}

/** Stretches of a face of which somebody said who it is. */
function manualOf({ persons, segments }: SessionNotes): Assignment[] {
  return segments.flatMap((segment) => {
    const person = persons.find(({ id }) => id === segment.person);
    return segment.source === 'manual' && person ? [{ person, segment }] : [];
  });
}

function assignmentFacts({ person, segment }: Assignment) {
  const { firstSequence, lastSequence } = segment;
  const frames = { first_frame: firstSequence, last_frame: lastSequence };
  return { person: personLabel(person), participant_id: person.participant, ...frames };
}

/** For how long scores were on a screen while the session was recorded, in seconds. */
function shownSeconds(events: readonly SessionEvent[], { durationMs }: StoredSession): number {
  const changes = events.filter(({ kind }) => kind === 'scores_shown' || kind === 'scores_hidden');
  // Where the first thing is that they are hidden, they were there from the start.
  let shownFromMs = changes.length > 0 && changes[0].kind === 'scores_hidden' ? 0 : null;
  let shownMs = 0;
  for (const { kind, timeMs } of changes) {
    if (kind === 'scores_shown') shownFromMs ??= Math.max(0, timeMs);
    else if (shownFromMs !== null) {
      shownMs += Math.max(0, timeMs - shownFromMs);
      shownFromMs = null;
    }
  }
  if (shownFromMs !== null) shownMs += Math.max(0, (durationMs ?? 0) - shownFromMs);
  return shownMs / 1000;
}

/** Of whom somebody has said who they are, without a full stop; null where nobody has. */
export function assignedWords(notes: SessionNotes): string | null {
  const manual = manualOf(notes);
  if (manual.length === 0) return null;
  const names = [...new Set(manual.map(({ person }) => person.participant ?? personLabel(person)))].join(', ');
  const stretches = manual.length === 1 ? '1 stretch of a face' : `${manual.length} stretches of faces`;
  return `Who is who was said by hand for ${stretches} (${names})`;
}

/** Paragraphs on how a session was recorded, and with whose approval. */
export function liveParagraphs({ session, notes }: ExportContext, losses: LossCollector): string[] {
  const { setup } = session;
  const recorded = session.source.kind === 'camera' ? [cameraWords(session, notes, losses)] : [];
  const lock = session.lock ? ` ${lockWords(session.lock, session.rescored !== null)}` : '';
  return [...recorded, ...(setup ? [setupWords(setup) + lock, videoWords(session)] : [])];
}

function cameraWords(session: StoredSession, { clock: readings, events }: SessionNotes, losses: LossCollector): string {
  const { pauses, sourceGaps } = losses;
  const drift = clockDrift(readings);
  const shown = shownSeconds(events, session);
  const sleeps = events.filter(({ kind }) => kind === 'slept').length;
  const asleep = sleeps > 0 ? ` (${times(sleeps)} because the machine slept)` : '';
  const direction = drift && drift.ppm < 0 ? 'lost' : 'gained';
  const sentences = [
    'Times are those at which frames were captured.',
    pauses.count > 0
      ? `The recording was paused ${times(pauses.count)}, for ${clock(pauses.seconds)} in all.`
      : 'The recording was not paused.',
    ...(sourceGaps.count > 0
      ? [`The camera was gone ${times(sourceGaps.count)}${asleep}, for ${clock(sourceGaps.seconds)} in all.`]
      : []),
    ...events
      .filter(({ kind }) => kind === 'camera_changed')
      .map(({ timeMs, detail }) => `At ${clock(timeMs / 1000)} the camera changed: ${detail ?? 'nobody knows how'}.`),
    areLossesRows(session)
      ? 'Lost frames, pauses and gaps of the camera are rows without values; pauses and gaps are no part of the time of intervals.'
      : 'Lost frames leave their numbers out; gaps of the camera are rows without values. Neither is part of the time of intervals.',
    drift
      ? `The wall clock ${direction} ${Math.abs(drift.ppm).toFixed(1)} millionths on the capture clock, ` +
        `${Math.abs(drift.ms).toFixed(1)} ms over ${clock(drift.spanSeconds)} (a line of least squares through ` +
        `${drift.readings} readings); no time was corrected by it.`
      : 'How far the capture clock drifted from the wall clock is not known.',
    ...(shown > 0 ? [`Scores were shown on a screen during the recording, for ${clock(shown)} in all.`] : []),
  ];
  return sentences.join(' ');
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const GROUNDS_WORDS = {
  medical: ', on medical grounds',
  safety: ', on grounds of safety',
  ethics: ', on the grounds of an ethics approval',
} as const;

function setupWords({ project, purpose, grounds, approval }: NonNullable<StoredSession['setup']>): string {
  const approved = approval
    ? ` It was approved by ${approval.body} (number ${approval.number}); legal basis: ${approval.legalBasis}.`
    : '';
  return `The recording belongs to the project "${project}"; purpose: ${purpose}${grounds ? GROUNDS_WORDS[grounds] : ''}.${approved}`;
}
