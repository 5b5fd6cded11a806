import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression } from '../../../src/main/core/expression.ts';
import type { FaceShape } from '../../../src/main/core/face-shape.ts';
import type { Profile } from '../../../src/main/core/profile.ts';
import { PUBLISHED_PARAMETERS, type RuleName } from '../../../src/main/core/refine.ts';
import { score } from '../../../src/main/core/scoring.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';

type Points = Partial<Record<Expression, number>>;

const CONTEMPT = EXPRESSIONS.indexOf('contempt');
const LEVEL: FaceShape = { mouthRatio: 0.1, cornerOffset: 0, noseOffset: 0 };

/** Points of 100; whatever is not named has none. */
const of = (points: Points): Float32Array => Float32Array.from(EXPRESSIONS, (name) => (points[name] ?? 0) / 100);

function expectPoints(actual: Float32Array, expected: Points, digits = 4): void {
  EXPRESSIONS.forEach((name, i) => expect(100 * actual[i], name).toBeCloseTo(expected[name] ?? 0, digits));
}

/** Two members that count alike, and nothing else switched on. */
const PLAIN = fakeProfile({ first: 1, second: 1 });
const profile = (changes: Partial<Profile>): Profile => ({ ...PLAIN, ...changes });
const rules = (...active: RuleName[]): Profile['rules'] => ({ active, parameters: PUBLISHED_PARAMETERS });
const heated = (...temperatures: number[]): Profile['members'] =>
  PLAIN.members.map((member, i) => ({ ...member, temperature: temperatures[i] }));

describe('the estimate of a face', () => {
  it('is the weighted mean where nothing else is switched on, in one array', () => {
    const scored = score([of({ anger: 80, neutral: 20 }), of({ neutral: 100 })], LEVEL, PLAIN);
    expectPoints(scored.fused, { anger: 40, neutral: 60 });
    expect(scored.refined).toBe(scored.fused);
    expect(scored).toMatchObject({ fired: [], agreement: 0.5, isRejected: false });
  });

  it('fuses each member at its own temperature', () => {
    // 0.9² = 0.81 and 0.1² = 0.01 of 0.82; √0.8 = 2 × √0.2, which is two thirds and one.
    const members = [of({ fear: 90, neutral: 10 }), of({ fear: 20, neutral: 80 })];
    const { fused } = score(members, LEVEL, profile({ members: heated(0.5, 2) }));
    expectPoints(fused, { fear: 50 * (81 / 82 + 1 / 3), neutral: 50 * (1 / 82 + 2 / 3) });
  });

  it('is calibrated when all else is done, and rules see it before', () => {
    // Happiness 40 × 1.3 = 52 of 112 and four others of 15; squared 2704 and 225 each, of 3604. Calibrated before, it would have
    // been 1600 of 2500: too sure to be lifted.
    const members = [of({ happiness: 40, anger: 15, fear: 15, neutral: 15, sadness: 15 }), null];
    const { fused, refined, fired } = score(
      members,
      null,
      profile({ temperature: 0.5, rules: rules('happiness_lift') }),
    );
    expectPoints(fused, { happiness: 64, anger: 9, fear: 9, neutral: 9, sadness: 9 });
    expect(fired).toEqual(['happiness_lift']);
    const other = 22500 / 3604;
    expectPoints(refined, { happiness: 270400 / 3604, anger: other, fear: other, neutral: other, sadness: other });
  });

  it('loses contempt last, so that rules and temperature have seen it', () => {
    // Squared: 36, 9 and 1; without contempt 9 and 1 of 10.
    const members = [of({ contempt: 60, anger: 30, neutral: 10 }), of({ contempt: 60, anger: 30, neutral: 10 })];
    const { fused } = score(members, LEVEL, profile({ temperature: 0.5, contempt: false }));
    expect(fused[CONTEMPT]).toBeNaN();
    expectPoints(fused.with(CONTEMPT, 0), { anger: 90, neutral: 10 });
    // With contempt on top happiness is not lifted, whether contempt is shown or not.
    const smile = [of({ contempt: 45, happiness: 40, neutral: 15 }), null];
    expect(score(smile, null, profile({ contempt: false, rules: rules('happiness_lift') })).fired).toEqual([]);
  });

  it('is overridden by the majority before the rules', () => {
    // Two of three members say fear, with 42.5 points on average; the one that counts twice says neutral.
    const three = fakeProfile({ first: 1, second: 1, third: 2 });
    const members = [
      of({ fear: 40, surprise: 35, neutral: 25 }),
      of({ fear: 45, surprise: 35, neutral: 20 }),
      of({ neutral: 90, surprise: 10 }),
    ];
    // Fused: neutral 56.25, fear 21.25, surprise 22.5. Moved: min(20, 0.4 × 56.25 = 22.5) = 20 to fear, 10 from neutral, of 110.
    const { fused, refined, fired } = score(members, LEVEL, { ...three, override: true });
    expectPoints(fused, { neutral: 56.25, fear: 21.25, surprise: 22.5 });
    expect(fired).toEqual(['majority_override']);
    expectPoints(refined, { neutral: 4625 / 110, fear: 4125 / 110, surprise: 2250 / 110 });
    expect(score(members, LEVEL, three).refined).not.toEqual(refined);
  });

  it('lets rules see what the override has left', () => {
    const three = fakeProfile({ first: 1, second: 1, third: 2 });
    const fear = of({ fear: 50, surprise: 30, neutral: 20 });
    const members = [fear, fear, of({ neutral: 60, surprise: 40 })];
    // Fused: fear 25, surprise 35, neutral 40. Moved 16: fear 41, surprise 35, neutral 32, of 108. 6 / 1.08 apart: the bias moves 10.
    const scored = score(members, LEVEL, { ...three, override: true, rules: rules('fear_surprise_bias') });
    expect(scored.fired).toEqual(['majority_override', 'fear_surprise_bias']);
    expectPoints(scored.refined, { fear: 4100 / 108 - 10, surprise: 3500 / 108 + 10, neutral: 3200 / 108 });
  });

  it('of a smile is not overridden where the profile keeps smiles', () => {
    const three = { ...fakeProfile({ first: 1, second: 1, third: 3 }), override: true };
    const members = [of({ anger: 60, happiness: 40 }), of({ anger: 60, happiness: 40 }), of({ happiness: 100 })];
    const smile = { ...LEVEL, cornerOffset: -0.05 };
    expect(score(members, smile, three).fired).toEqual(['majority_override']);
    const kept = score(members, smile, { ...three, rules: rules('smile_kept') });
    expect(kept.fired).toEqual([]);
    expect(kept.refined).toBe(kept.fused);
    expect(score(members, LEVEL, { ...three, rules: rules('smile_kept') }).fired).toEqual(['majority_override']);
  });

  it('leaves out the rules that look at a face that cannot be measured', () => {
    const members = [of({ fear: 60, surprise: 20, neutral: 20 }), null];
    const active = profile({ rules: rules('fear_to_surprise') });
    expect(score(members, { ...LEVEL, mouthRatio: 0.13 }, active).fired).toEqual(['fear_to_surprise']);
    expect(score(members, null, active).fired).toEqual([]);
  });

  it('is rejected where the first choice has fewer points than it must have', () => {
    const members = [of({ anger: 30, neutral: 28, fear: 22, sadness: 20 }), null];
    expect(score(members, LEVEL, profile({ reject: 30 })).isRejected).toBe(false);
    expect(score(members, LEVEL, profile({ reject: 30.01 })).isRejected).toBe(true);
    expect(score(members, LEVEL, profile({ reject: null })).isRejected).toBe(false);
  });

  it('is judged for rejection as it is refined', () => {
    // 35 × 1.3 = 45.5 of 110.5 is 41.2.
    const members = [of({ happiness: 35, anger: 20, fear: 15, neutral: 15, sadness: 15 }), null];
    expect(score(members, LEVEL, profile({ reject: 40 })).isRejected).toBe(true);
    expect(score(members, LEVEL, profile({ reject: 40, rules: rules('happiness_lift') })).isRejected).toBe(false);
  });

  it('of nobody is nothing, which is not a rejection', () => {
    const everything = profile({ override: true, rules: rules('happiness_lift'), contempt: false, reject: 30 });
    const scored = score([null, null], LEVEL, everything);
    expect([...scored.fused, scored.agreement].every(Number.isNaN)).toBe(true);
    expect(scored.refined).toBe(scored.fused);
    expect(scored).toMatchObject({ fired: [], isRejected: false });
  });
});
