// The paragraphs on methods of a report: what a paper has to say of how its numbers came about.
import type { LossCollector } from '../core/losses.ts';
import type { ExportContext, StoredSession } from '../engine/ports.ts';
import { liveParagraphs } from './live-facts.ts';
import { baselineParagraphs } from './baselines.ts';
import { byHandWords } from './by-hand.ts';
import { filterWords } from './filter-words.ts';
import { scoredAgainWords } from './scored-again.ts';
import { scoringSentences } from './scoring-words.ts';
import { withdrawalWords } from './withdrawals.ts';

const PERSON_WORDS = {
  on: 'People were told apart by face embeddings, which were kept in memory only.',
  off: 'People were told apart by place and motion only; no embedding was computed.',
} as const;

/** The beginning of what a model is known by; see ModelRecord. */
function shortened(hash: string): string {
  const [, isGit, hex = ''] = /^(git-blob:)?(.*)$/.exec(hash) ?? [];
  return `${isGit ? 'git ' : ''}${hex.slice(0, 12)}`;
}

/** What was done, in paragraphs. */
export function methodsOf(context: ExportContext, losses: LossCollector): string[] {
  const { session, blankInvalid, intervalSeconds } = context;
  const { profile, programVersion, profileHash, models, identification, consent } = session;
  const filter = filterWords(profile.window);
  const { minInterocularPx, minInside, maxOcclusion, maxYawDeg, maxPitchUpDeg, maxPitchDownDeg } = profile.quality;
  const members = profile.members.map(({ model }) => model).join(', ');
  const hashes = models.map(({ id, sha256 }) => `${id} ${shortened(sha256)}`).join(', ');
  return [
    `Facial expressions were scored with Mien ${programVersion}, profile "${profile.name}" (hash ${profileHash.slice(0, 12)}), on ` +
      `${sourceWords(session, losses)}. In each frame, every face was located, its landmarks were followed, and the networks ` +
      `${members} each gave scores for the expressions. ${scoringSentences(profile).join(' ')} Scores are what the face looks like ` +
      'to the networks; they are not corrected for differences of face, light and angle. Models by the beginning of their ' +
      `SHA-256, or of git's id of the file where it says so: ${hashes}.${scoredAgainWords(session)}`,
    `A row is valid when the eyes are at least ${minInterocularPx} pixels apart, at least ${Math.round(100 * minInside)} % of the ` +
      `face lies inside the frame, at most ${Math.round(100 * maxOcclusion)} % of it is hidden, the head is turned by at most ` +
      `${maxYawDeg}°, raised by at most ${maxPitchUpDeg}° and lowered by at most ${maxPitchDownDeg}°, light and sharpness are ` +
      'within the limits of the profile, and it is clear who it is; ' +
      `${profile.reject === null ? 'the score of an expression never decides' : 'a rejected estimate is none'}. Means and shares ` +
      `are weighted by time over valid rows. ${blankInvalid ? 'Values of rows that are not valid were left out of the tables.' : 'The tables also hold values of rows that are not valid, marked as such.'} ` +
      PERSON_WORDS[identification ? 'on' : 'off'],
    `Smoothed scores: ${filter.smoothing}. Confirmed expression: ${filter.confirmation}; ${filter.restart}. ` +
      `Verdicts, smoothing, confirmation, means and shares use the refined scores. Intervals are ${intervalSeconds} s long. ${byHandWords(context)}`,
    ...liveParagraphs(context, losses),
    ...baselineParagraphs(context),
    consent.kind === 'external'
      ? 'Consent was obtained outside Mien.'
      : `Consent was recorded for ${consent.participants.length} participants${consent.form ? `, form ${consent.form.version}` : ''}.` +
        withdrawalWords(session),
  ];
}

/** "the video interview.mp4 (640 × 360, h264, 23.976 frames a second; 472 frames, none lost)" */
function sourceWords({ source, frames, durationMs }: StoredSession, { lost, framesPerSecond }: LossCollector): string {
  if (source.kind === 'pictures') return `${frames} pictures (${source.name})`;
  const { codec, nominal_rate_hz: rate } = source.details;
  const facts = [`${source.width} × ${source.height}`];
  if (codec) facts.push(String(codec));
  if (rate) facts.push(`nominally ${Number(rate).toFixed(2)} frames a second`);
  const isLive = source.kind === 'camera';
  const achieved = isLive ? framesPerSecond : durationMs ? (1000 * frames) / durationMs : NaN;
  if (!Number.isNaN(achieved)) facts.push(`${achieved.toFixed(2)} achieved`);
  const losses = lost === 0 ? 'none lost' : `${lost} lost`;
  return `${isLive ? 'the camera' : 'the video'} ${source.name} (${facts.join(', ')}; ${frames} frames, ${losses})`;
}
