// What keeps a recording from being good, as it shows in the picture: a plain sentence for each thing to change. The limits are
// milder than those of the profile: whoever is just within them now will be beyond them later.
import type { LiveFaceMessage, LiveStatus } from '../../../main/contract/live.ts';
import { LIVE_WORDS } from '../../ui/words.ts';

const DARK = 60;
const BRIGHT = 205;
const SMALL_PX = 28;
const SHARP = 0.65;
const TURNED_DEG = 25;
/** Share of the camera's rate that should be analysed. */
const RATE = 0.93;

/** Sentences about what to change; empty when all is good. `dropped`: frames lost in the last seconds. */
export function checksOf(faces: readonly LiveFaceMessage[], status: LiveStatus, dropped: number): string[] {
  const { check } = LIVE_WORDS;
  const known = faces.filter(({ participant }) => participant !== null);
  const seen = known.length > 0 ? known : faces;
  const is = (test: (face: LiveFaceMessage) => boolean): boolean => seen.some(test);
  const nominal = status.camera?.nominalRate ?? 0;
  const found: readonly (readonly [boolean, string])[] = [
    [faces.length === 0, check.noFace],
    [faces.length > 0 && known.length === 0, check.unassigned],
    [is(({ brightness }) => brightness < DARK), check.dark],
    [is(({ brightness }) => brightness > BRIGHT), check.bright],
    [is(({ interocularPx }) => interocularPx < SMALL_PX), check.far],
    [is(({ sharpness }) => sharpness < SHARP), check.blurred],
    [is(({ yawDeg, pitchDeg }) => Math.max(Math.abs(yawDeg), Math.abs(pitchDeg)) > TURNED_DEG), check.turned],
    [nominal > 0 && status.framesPerSecond > 0 && status.framesPerSecond < RATE * nominal, check.slow],
    [dropped > 0, check.dropped],
  ];
  return found.flatMap(([isSo, sentence]) => (isSo ? [sentence] : []));
}
