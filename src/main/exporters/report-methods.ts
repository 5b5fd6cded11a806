// The paragraphs on methods of a report: what a paper has to say of how its numbers came about.
import type { LossCollector } from '../core/losses.ts';
import type { ExportContext, StoredSession } from '../engine/ports.ts';
import { liveParagraphs } from './live-facts.ts';
import { byHandWords } from './by-hand.ts';
import { scoredAgainWords } from './scored-again.ts';
import { withdrawalWords } from './withdrawals.ts';

const PERSON_WORDS = {
  on: 'People were told apart by face embeddings, which were kept in memory only.',
  off: 'People were told apart by place and motion only; no embedding was computed.',
} as const;

/** What was done, in paragraphs. */
export function methodsOf(context: ExportContext, losses: LossCollector): string[] {
  const { session, blankInvalid, intervalSeconds } = context;
  const { profile, programVersion, profileHash, models, identification, consent } = session;
  const { smoothingMs, confirmationMs, confirmationShare, restartMs } = profile.window;
  const { minInterocularPx, minInside, maxOcclusion, maxYawDeg, maxPitchUpDeg, maxPitchDownDeg } = profile.quality;
  const members = profile.members.map(({ model }) => model).join(', ');
  const hashes = models.map(({ id, sha256 }) => `${id} ${sha256.slice(0, 12)}`).join(', ');
  const share = Math.round(100 * confirmationShare);
  return [
    `Facial expressions were scored with Mien ${programVersion}, profile "${profile.name}" (hash ${profileHash.slice(0, 12)}), on ` +
      `${sourceWords(session, losses)}. In each frame, every face was located, its landmarks were followed, and the networks ` +
      `${members} each gave scores for the expressions, which were fused by fixed weights. Scores are what the face looks like ` +
      'to the networks; they are not calibrated, no rules were applied, and they are not corrected for differences of face, ' +
      'light and angle. Models by the beginning of their SHA-256: ' +
      `${hashes}.${scoredAgainWords(session)}`,
    `A row is valid when the eyes are at least ${minInterocularPx} pixels apart, at least ${Math.round(100 * minInside)} % of the ` +
      `face lies inside the frame, at most ${Math.round(100 * maxOcclusion)} % of it is hidden, the head is turned by at most ` +
      `${maxYawDeg}°, raised by at most ${maxPitchUpDeg}° and lowered by at most ${maxPitchDownDeg}°, light and sharpness are ` +
      'within the limits of the profile, and it is clear who it is; the score of an expression never decides. Means and shares ' +
      `are weighted by time over valid rows. ${blankInvalid ? 'Values of rows that are not valid were left out of the tables.' : 'The tables also hold values of rows that are not valid, marked as such.'} ` +
      PERSON_WORDS[identification ? 'on' : 'off'],
    `Smoothed scores are means of the valid rows of the last ${smoothingMs} ms (delay about ${smoothingMs / 2} ms). An expression ` +
      `is confirmed when it is dominant in more than ${share} % of the valid rows of the last ${confirmationMs} ms, so an onset is ` +
      `confirmed at least ${Math.round(confirmationShare * confirmationMs)} ms late; both begin anew after ${restartMs} ms without a ` +
      `valid row. Intervals are ${intervalSeconds} s long. ${byHandWords(context)}`,
    ...liveParagraphs(context, losses),
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
