import { describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import { evenWeights, type Profile } from '../../../src/main/core/profile.ts';
import { PUBLISHED_PARAMETERS } from '../../../src/main/core/refine.ts';
import type { QualityLimits } from '../../../src/main/core/quality.ts';
import { membersWithoutOutputs, rescored, rescoringOf, seenOtherwise } from '../../../src/main/core/rescore.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { GOOD_QUALITY, NOT_ESTIMATED, faceOf, scores } from '../../fixtures/timeline-rows.ts';

const FROM = fakeProfile({ first: 1, second: 1, third: 2 });
const [HAPPY, SAD, ANGRY] = [scores({ happiness: 1 }), scores({ sadness: 1 }), scores({ anger: 1 })];
const FACE = faceOf(3, 1, { members: [HAPPY, SAD, ANGRY] });

const withLimits = (quality: Partial<QualityLimits>): Profile => ({
  ...FROM,
  quality: { ...FROM.quality, ...quality },
});
const [FEAR, SURPRISE] = [EXPRESSIONS.indexOf('fear'), EXPRESSIONS.indexOf('surprise')];

/** Landmarks of a face that looks straight ahead: eyes 40 px apart, a mouth without corners that point anywhere. */
function landmarksOf({ mouthOpenPx, mouthWidthPx }: { mouthOpenPx: number; mouthWidthPx: number }): Float32Array {
  const landmarks = new Float32Array(136);
  const put = (i: number, x: number, y: number): void => landmarks.set([x, y], 2 * i);
  for (let i = 36; i < 42; i++) put(i, -20, 0);
  for (let i = 42; i < 48; i++) put(i, 20, 0);
  put(48, -mouthWidthPx / 2, 40);
  put(54, mouthWidthPx / 2, 40);
  for (const i of [51, 57]) put(i, 0, 40);
  put(62, 0, 40);
  put(66, 0, 40 + mouthOpenPx);
  return landmarks;
}

const named = (probabilities: Float32Array): Record<string, number> =>
  Object.fromEntries(EXPRESSIONS.flatMap((name, i) => (probabilities[i] === 0 ? [] : [[name, probabilities[i]]])));

describe('a face that is scored again', () => {
  it('has the weights of the new profile, and everything that was seen of it', () => {
    const face = rescored(FACE, rescoringOf(FROM, fakeProfile({ first: 3, second: 1, third: 0 })));
    expect(named(face.fused)).toEqual({ happiness: 0.75, sadness: 0.25 });
    expect(face).toEqual({ ...FACE, fused: face.fused, refined: face.fused, agreement: 1 / 3 });
  });

  it('knows its members by their models, whatever their order, and can do without some', () => {
    const face = rescored(FACE, rescoringOf(FROM, fakeProfile({ third: 1, first: 3 })));
    expect(face.members).toEqual([ANGRY, HAPPY]);
    expect(named(face.fused)).toEqual({ anger: 0.25, happiness: 0.75 });
    expect(face.agreement).toBe(0.5);
  });

  it('has failed where all members have that are left, and only there', () => {
    const half = { ...FACE, members: [null, SAD, null] };
    const first = rescored(half, rescoringOf(FROM, fakeProfile({ first: 1 })));
    expect(first).toMatchObject({ reason: 'member_failed', members: [null], agreement: NaN });
    expect(first.fused.every(Number.isNaN)).toBe(true);
    const both = rescored(half, rescoringOf(FROM, fakeProfile({ first: 1, second: 1 })));
    expect([both.reason, named(both.fused)]).toEqual([null, { sadness: 1 }]);
    const failed = { ...FACE, ...NOT_ESTIMATED, members: [null, null, null], reason: 'member_failed' as const };
    expect(rescored(failed, rescoringOf(FROM, withLimits({ minSharpness: 2 }))).reason).toBe('member_failed');
  });

  it('without consent never gets scores, whatever is stored', () => {
    const hidden = { ...FACE, reason: 'no_consent' as const };
    for (const profile of [FROM, fakeProfile({ second: 1 }), withLimits({ minSharpness: 2 })]) {
      const face = rescored(hidden, rescoringOf(FROM, profile));
      expect(face.reason).toBe('no_consent');
      expect(face.members).toEqual(profile.members.map(() => null));
      expect([...face.fused, face.agreement].every(Number.isNaN)).toBe(true);
    }
  });

  it('that depth rejects stays rejected, by any limits and members', () => {
    const depth = { verdict: 'flat', distanceMm: 1200, widthMm: 140 } as const;
    const picture = {
      ...FACE,
      ...NOT_ESTIMATED,
      refined: NOT_ESTIMATED.fused,
      members: [null, null, null],
      reason: 'depth_rejected' as const,
      depth,
    };
    expect(rescored(picture, rescoringOf(FROM, FROM))).toEqual(picture);
    for (const profile of [fakeProfile({ second: 1 }), withLimits({ minSharpness: 2 })]) {
      const face = rescored(picture, rescoringOf(FROM, profile));
      expect(face).toMatchObject({ reason: 'depth_rejected', depth, members: profile.members.map(() => null) });
    }
  });

  it('is refined by the new profile, with the shape that its landmarks have', () => {
    // 0.5 and 0.4: the points of both lie 10 apart. A mouth of 8 px between lips 1 px apart is open; the eyes are 40 px apart.
    const fearful = scores({ fear: 0.5, surprise: 0.4, neutral: 0.1 });
    const landmarks = landmarksOf({ mouthOpenPx: 1, mouthWidthPx: 8 });
    const seen = { ...FACE, landmarks, members: [fearful, fearful, fearful], fused: fearful, refined: fearful };
    const rules = { active: ['fear_to_surprise'], parameters: PUBLISHED_PARAMETERS } as const;
    const face = rescored(seen, rescoringOf(FROM, { ...FROM, rules }));
    // min(40, 0.8 × 50) = 40 to surprise, 32 from fear, of 108.
    expect(face.fired).toEqual(['fear_to_surprise']);
    expect(face.refined[FEAR]).toBeCloseTo(18 / 108, 6);
    expect(face.refined[SURPRISE]).toBeCloseTo(80 / 108, 6);
    expect(face.fused).toEqual(fearful);
    const closed = { ...seen, landmarks: landmarksOf({ mouthOpenPx: 0.9, mouthWidthPx: 8 }) };
    expect(rescored(closed, rescoringOf(FROM, { ...FROM, rules })).fired).toEqual([]);
    // And back again: nothing of it is left.
    const back = rescored(face, rescoringOf({ ...FROM, rules }, FROM));
    expect(back).toEqual({ ...seen, agreement: 1 });
    expect(back.refined).toBe(back.fused);
  });

  it('is rejected where the new profile asks for more, and is not any more where it does not', () => {
    const strict = { ...FROM, reject: 51 };
    const face = rescored(FACE, rescoringOf(FROM, strict)); // (1, 1, 2) / 4: half is anger
    expect([face.reason, face.members]).toEqual(['rejected', FACE.members]);
    expect(rescored(face, rescoringOf(strict, FROM)).reason).toBe(null);
    expect(rescored(face, rescoringOf(strict, strict))).toEqual(face);
    expect(rescored(FACE, rescoringOf(FROM, { ...FROM, reject: 50 })).reason).toBe(null);
    const blurred = { ...FACE, reason: 'blurred' as const };
    expect(rescored(blurred, rescoringOf(FROM, strict)).reason).toBe('blurred');
  });

  it.each<[Partial<QualityLimits>, string | null]>([
    [{ minSharpness: 1 }, null],
    [{ minSharpness: 1.001 }, 'blurred'],
    [{ minInterocularPx: 41 }, 'too_small'],
    [{ maxBrightness: 127 }, 'too_bright'],
    [{ maxYawDeg: 0 }, null],
  ])('is judged by the limits of the new profile (%j)', (limits, reason) => {
    expect(rescored(FACE, rescoringOf(FROM, withLimits(limits))).reason).toBe(reason);
  });

  it('becomes valid where the new limits allow it', () => {
    const blurred = { ...FACE, reason: 'blurred' as const, quality: { ...GOOD_QUALITY, sharpness: 0.5 } };
    expect(rescored(blurred, rescoringOf(FROM, withLimits({ minSharpness: 0.4 }))).reason).toBe(null);
  });

  it('keeps its reason where the limits are the same, even where float32 has carried it over one', () => {
    const edge = { ...FACE, reason: 'cut_off' as const, quality: { ...GOOD_QUALITY, inside: Math.fround(0.85) } };
    expect(rescored(edge, rescoringOf(FROM, FROM)).reason).toBe('cut_off');
  });

  it('that was exactly at a limit is still within it, as it is stored', () => {
    const inside = Math.fround(0.9); // below 0.9
    const edge = { ...FACE, quality: { ...GOOD_QUALITY, inside } };
    expect(inside).toBeLessThan(0.9);
    expect(rescored(edge, rescoringOf(FROM, withLimits({ minInside: 0.9 }))).reason).toBe(null);
    expect(rescored(edge, rescoringOf(FROM, withLimits({ minInside: 0.9001 }))).reason).toBe('cut_off');
  });
});

describe('what two profiles have in common', () => {
  it('is all that decides who and what is seen', () => {
    expect(seenOtherwise(FROM, { ...FROM, ...withLimits({ minSharpness: 2 }), members: [] })).toEqual([]);
    const window = { ...FROM.window, smoothingMs: 5 };
    const identity = { ...FROM.identity, minConfidence: 0.1 };
    expect(seenOtherwise(FROM, { ...FROM, window, identity, ambiguity: { gap: 1, least: 1 } })).toEqual([]);
  });

  it.each<[string, Partial<Profile>]>([
    ['vision.detector', { vision: { ...FROM.vision, detector: 'other' } }],
    ['vision.mesh', { vision: { ...FROM.vision, mesh: 'other' } }],
    ['vision.occlusion', { vision: { ...FROM.vision, occlusion: 'other' } }],
    ['vision.embedder', { vision: { ...FROM.vision, embedder: 'other' } }],
    ['lighting', { lighting: 'clahe' }],
    ['tracking.minDetectionScore', { tracking: { ...FROM.tracking, minDetectionScore: 0.4 } }],
    ['tracking.detectEveryFrames', { tracking: { ...FROM.tracking, detectEveryFrames: 14 } }],
    ['tracking.searchEveryFrames', { tracking: { ...FROM.tracking, searchEveryFrames: 4 } }],
    ['identity.maxDistance', { identity: { ...FROM.identity, maxDistance: 0.4 } }],
    ['identity.checkEveryFrames', { identity: { ...FROM.identity, checkEveryFrames: 59 } }],
  ])('is not %s', (place, changes) => {
    expect(seenOtherwise(FROM, { ...FROM, ...changes })).toEqual([place]);
  });

  it('is light that is left as it is, said or unsaid', () => {
    expect(seenOtherwise(FROM, { ...FROM, lighting: null })).toEqual([]);
  });

  it('knows every place of a profile: a new one is either seen by or scored by', () => {
    const scoring = ['members', 'override', 'rules', 'temperature', 'contempt', 'reject'];
    const scoredBy = ['name', 'description', ...scoring, 'quality', 'window', 'ambiguity'];
    expect(Object.keys(FROM).sort()).toEqual([...scoredBy, 'vision', 'tracking', 'identity'].sort());
    const places = (['vision', 'tracking', 'identity'] as const).flatMap((part) =>
      Object.keys(FROM[part]).map((name) => `${part}.${name}`),
    );
    const other = (value: string | number): string | number => (typeof value === 'string' ? `${value}2` : value / 2);
    const changed = (part: 'vision' | 'tracking' | 'identity'): Record<string, string | number> =>
      Object.fromEntries(Object.entries(FROM[part]).map(([name, value]) => [name, other(value as string | number)]));
    const all = { ...FROM, vision: changed('vision'), tracking: changed('tracking'), identity: changed('identity') };
    const seen = seenOtherwise(FROM, all as unknown as Profile);
    expect(places.filter((place) => !seen.includes(place))).toEqual(['identity.minConfidence']);
  });

  it('leaves out members of which nothing is stored', () => {
    expect(membersWithoutOutputs(FROM, fakeProfile({ second: 1, fourth: 1 }))).toEqual(['fourth']);
    expect(() => rescoringOf(FROM, fakeProfile({ fourth: 1 }))).toThrow(RangeError);
    const { scoring, places } = rescoringOf(FROM, fakeProfile({ second: 3 }));
    expect([scoring.members[0].weights, places]).toEqual([evenWeights(3), [1]]);
  });
});
