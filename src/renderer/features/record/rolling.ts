// The last seconds of each participant, as a timeline like those of the review.
import { EXPRESSIONS, MISSING_REASONS, type PersonTimeline } from '../../../main/contract/api.ts';
import type { LiveFaceMessage } from '../../../main/contract/live.ts';

export const ROLLING_SECONDS = 30;
const NONE = 255;

interface Row {
  readonly seconds: number;
  readonly face: LiveFaceMessage | null;
}

export class Rolling {
  readonly #rows = new Map<string, Row[]>();

  constructor(participants: readonly string[]) {
    for (const code of participants) this.#rows.set(code, []);
  }

  add(seconds: number, faces: readonly LiveFaceMessage[]): void {
    for (const [code, rows] of this.#rows) {
      rows.push({ seconds, face: faces.find(({ participant }) => participant === code) ?? null });
      while (rows[0].seconds < seconds - ROLLING_SECONDS) rows.shift();
    }
  }

  /** `withScores`: whether scores may be seen now, those of a moment ago as well. */
  timelines(withScores: boolean): PersonTimeline[] {
    return [...this.#rows].map(([id, rows]) => timelineOf(id, rows, withScores));
  }
}

function timelineOf(id: string, rows: readonly Row[], withScores: boolean): PersonTimeline {
  const timeline: PersonTimeline = {
    id,
    startSeconds: Float64Array.from(rows, ({ seconds }) => seconds),
    scores: new Float32Array(EXPRESSIONS.length * rows.length).fill(NaN),
    validShare: new Float32Array(rows.length),
    missing: new Uint8Array(rows.length).fill(NONE),
    confirmed: new Uint8Array(rows.length).fill(NONE),
  };
  rows.forEach(({ face }, i) => {
    const measured = withScores && face && !face.isHeld ? face : null; // a line through held scores would look measured
    if (measured?.scores) timeline.scores.set(measured.scores, EXPRESSIONS.length * i);
    if (measured?.confirmed) timeline.confirmed[i] = EXPRESSIONS.indexOf(measured.confirmed);
    if (face?.missingReason === null) timeline.validShare[i] = 1;
    else timeline.missing[i] = MISSING_REASONS.indexOf(face?.missingReason ?? 'no_face');
  });
  return timeline;
}
