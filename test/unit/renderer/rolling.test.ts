import { describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../../src/main/contract/api.ts';
import type { LiveFaceMessage } from '../../../src/main/contract/live.ts';
import { ROLLING_SECONDS, Rolling } from '../../../src/renderer/features/record/rolling.ts';

const NONE = 255;

function faceOf(participant: string | null, changes: Partial<LiveFaceMessage> = {}): LiveFaceMessage {
  return {
    track: 1,
    box: { x: 0, y: 0, width: 10, height: 10 },
    landmarks: new Float32Array(136),
    participant,
    ...{ quality: 1, interocularPx: 40, brightness: 120, sharpness: 1, yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
    missingReason: null,
    scores: Float32Array.from(EXPRESSIONS, (_, i) => (i === 4 ? 1 : 0)),
    confirmed: 'happiness',
    isHeld: false,
    ...changes,
  };
}

describe('the last seconds', () => {
  it('hold a lane for everybody who takes part, seen or not, and none for a bystander', () => {
    const rolling = new Rolling(['A07', 'A08']);
    rolling.add(100, [faceOf('A08'), faceOf(null)]);
    const [first, second] = rolling.timelines(true);
    expect([first.id, second.id]).toEqual(['A07', 'A08']);
    expect([...first.validShare]).toEqual([0]);
    expect([...second.validShare]).toEqual([1]);
    expect(second.confirmed[0]).toBe(EXPRESSIONS.indexOf('happiness'));
    expect(second.scores[4]).toBe(1);
  });

  it('forget what is older', () => {
    const rolling = new Rolling(['A07']);
    for (const at of [0, 1, ROLLING_SECONDS + 1.5]) rolling.add(at, []);
    expect([...rolling.timelines(true)[0].startSeconds]).toEqual([ROLLING_SECONDS + 1.5]);
  });

  it('show nothing of scores that came before they were hidden', () => {
    const rolling = new Rolling(['A07']);
    rolling.add(1, [faceOf('A07')]);
    const [hidden] = rolling.timelines(false);
    expect([...hidden.confirmed]).toEqual([NONE]);
    expect(hidden.scores.every(Number.isNaN)).toBe(true);
    expect([...hidden.validShare]).toEqual([1]);
  });

  it('do not draw scores of a moment ago as if they were measured', () => {
    const rolling = new Rolling(['A07']);
    rolling.add(100, [faceOf('A07', { isHeld: true, missingReason: 'occluded' })]);
    const [{ scores, confirmed, validShare }] = rolling.timelines(true);
    expect([...scores].every(Number.isNaN)).toBe(true);
    expect([confirmed[0], validShare[0]]).toEqual([NONE, 0]);
  });
});
