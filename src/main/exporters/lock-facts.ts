// What is to be said of a session beside its project: whether it was made as the project's other recordings were.
import type { SessionLock } from '../contract/project.ts';

/** The part of the sidecar. A session that was scored again fixes nothing: `isRescored`. */
export const lockFacts = (
  { settings, differences, reason, fixes }: SessionLock,
  isRescored: boolean,
): Record<string, unknown> => ({
  meaning:
    'what the project holds fixed: program, profile, mode of the camera, and whether scores are shown at the start',
  settings: {
    program_version: settings.programVersion,
    profile: settings.profile,
    camera: {
      name: settings.camera.label,
      width: settings.camera.width,
      height: settings.camera.height,
      nominal_rate_hz: settings.camera.nominalRate,
    },
    scores_shown_at_start: settings.areScoresShown,
  },
  differences: differences.map(({ what, before, now }) => ({ what, before, now })),
  reason: reason || null,
  fixed_by_this_session: fixes && !isRescored,
});

/** Sentences for the methods. Of a session that was scored again they are those of its recording. */
export function lockWords({ differences, reason, fixes }: SessionLock, isRescored: boolean): string {
  const it = isRescored ? 'The recording that it was scored from' : 'It';
  const fixed = 'program version, profile, mode of the camera and whether scores are shown at the start';
  if (differences.length === 0)
    return fixes
      ? `${it} fixes ${fixed} for the project.`
      : `${it} was made with what the project holds fixed: ${fixed}.`;
  const changes = differences.map(({ what, before, now }) => `${what} (${before} → ${now})`).join(', ');
  return [
    `${it} differs from what the project holds fixed, which the researcher agreed to: ${changes}.`,
    ...(reason ? [`Reason given: ${/[.!?]$/.test(reason) ? reason : `${reason}.`}`] : []),
    ...(fixes ? [`These settings hold for the project from ${isRescored ? 'that' : 'this'} recording on.`] : []),
  ].join(' ');
}
