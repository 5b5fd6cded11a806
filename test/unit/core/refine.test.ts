import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, normalized, type Expression } from '../../../src/main/core/expression.ts';
import type { FaceShape } from '../../../src/main/core/face-shape.ts';
import {
  PUBLISHED_PARAMETERS as DEFAULTS,
  RULES,
  RULE_PARAMETERS,
  keepsSmile,
  levelOf,
  overrideByMajority,
  parametersOf,
  refine,
  withTemperature,
  withoutContempt,
  type RuleName,
  type RuleParameters,
} from '../../../src/main/core/refine.ts';
import { seeded } from '../../fixtures/seeded.ts';

type Points = Partial<Record<Expression, number>>;

/** Points of 100; whatever is not named has none. */
const of = (points: Points): Float32Array => Float32Array.from(EXPRESSIONS, (name) => (points[name] ?? 0) / 100);

const LEVEL: FaceShape = { mouthRatio: 0.1, cornerOffset: 0, noseOffset: 0 };

function apply(rule: RuleName, points: Points, shape: Partial<FaceShape> | null = {}, more = {}) {
  const seen = shape && { ...LEVEL, ...shape };
  return refine(of(points), seen, new Set([rule]), { ...DEFAULTS, ...more });
}

/** The points that come out, worked out by hand before the sum is made 100 again. */
function expectPoints(actual: Float32Array, expected: Points): void {
  const sum = Object.values(expected).reduce((a, b) => a + b, 0);
  EXPRESSIONS.forEach((name, i) => expect(actual[i], name).toBeCloseTo((expected[name] ?? 0) / sum, 5));
}

const unchanged = { fired: [] };

describe('fear to surprise', () => {
  it('moves 0.8 of fear to surprise, at most 40, and takes 0.8 of that from fear', () => {
    // 0.8 × 45 = 36 to surprise; 0.8 × 36 = 28.8 from fear.
    const { probabilities, fired } = apply(
      'fear_to_surprise',
      { fear: 45, surprise: 30, neutral: 25 },
      { mouthRatio: 0.121 },
    );
    expect(fired).toEqual(['fear_to_surprise']);
    expectPoints(probabilities, { fear: 16.2, surprise: 66, neutral: 25 });
    // 0.8 × 60 = 48, of which 40 go; 32 are taken.
    const capped = apply('fear_to_surprise', { fear: 60, surprise: 30, neutral: 10 }, { mouthRatio: 0.2 });
    expectPoints(capped.probabilities, { fear: 28, surprise: 70, neutral: 10 });
  });

  it('needs more than 8 of surprise, a mouth more open than the limit, and fear on top', () => {
    expect(apply('fear_to_surprise', { fear: 92, surprise: 8 }, { mouthRatio: 0.2 })).toMatchObject(unchanged);
    expect(apply('fear_to_surprise', { fear: 60, surprise: 40 }, { mouthRatio: 0.12 })).toMatchObject(unchanged);
    expect(apply('fear_to_surprise', { fear: 40, surprise: 60 }, { mouthRatio: 0.2 })).toMatchObject(unchanged);
  });
});

describe('the bias of fear and surprise', () => {
  it('moves 10 from fear to surprise where they lie less than 35 apart', () => {
    const { probabilities } = apply('fear_surprise_bias', { fear: 50, surprise: 20, neutral: 30 });
    expectPoints(probabilities, { fear: 40, surprise: 30, neutral: 30 });
  });

  it('leaves those that lie 35 apart', () => {
    expect(apply('fear_surprise_bias', { fear: 50, surprise: 15, neutral: 35 })).toMatchObject(unchanged);
  });

  it('needs no shape of the face', () => {
    expect(apply('fear_surprise_bias', { fear: 50, surprise: 20, neutral: 30 }, null).fired).toHaveLength(1);
  });

  it('is 15 and not 10 where they lie close and the larger bias is active', () => {
    const both = new Set<RuleName>(['fear_surprise_close', 'fear_surprise_bias']);
    const near = refine(of({ fear: 40, surprise: 30, neutral: 30 }), LEVEL, both, DEFAULTS);
    expect(near.fired).toEqual(['fear_surprise_close']);
    expectPoints(near.probabilities, { fear: 25, surprise: 45, neutral: 30 });
    const farther = refine(of({ fear: 45, surprise: 30, neutral: 25 }), LEVEL, both, DEFAULTS); // exactly 15 apart
    expect(farther.fired).toEqual(['fear_surprise_bias']);
  });

  it('sees what the rule before it has left', () => {
    // 36 more for surprise and 28.8 less for fear leave surprise on top: the bias has nothing to do.
    const both = new Set<RuleName>(['fear_to_surprise', 'fear_surprise_bias']);
    const open = { ...LEVEL, mouthRatio: 0.2 };
    expect(refine(of({ fear: 45, surprise: 30, neutral: 25 }), open, both, DEFAULTS).fired).toEqual([
      'fear_to_surprise',
    ]);
  });
});

describe('surprise to fear', () => {
  it('gives fear 0.2 of surprise, at most 10, with a closed mouth', () => {
    // min(10, 0.2 × 51) = 10; 2 are taken.
    const { probabilities } = apply('surprise_to_fear', { surprise: 51, fear: 46, neutral: 3 }, { mouthRatio: 0.049 });
    expectPoints(probabilities, { surprise: 49, fear: 56, neutral: 3 });
    const { probabilities: less } = apply(
      'surprise_to_fear',
      { surprise: 50, fear: 46, neutral: 4 },
      { mouthRatio: 0 },
      { surpriseToFearBoost: 0.1 },
    );
    expectPoints(less, { surprise: 49.5, fear: 51, neutral: 4 }); // 5 are given, 0.5 is taken
  });

  it('needs more than 45 of fear and a mouth below the limit', () => {
    expect(apply('surprise_to_fear', { surprise: 55, fear: 45 }, { mouthRatio: 0 })).toMatchObject(unchanged);
    expect(apply('surprise_to_fear', { surprise: 51, fear: 49 }, { mouthRatio: 0.05 })).toMatchObject(unchanged);
  });
});

describe('the lift of an unsure happiness', () => {
  it('multiplies happiness by 1.3', () => {
    const { probabilities } = apply('happiness_lift', { happiness: 40, neutral: 27, sadness: 20, fear: 13 }, null);
    expectPoints(probabilities, { happiness: 52, neutral: 27, sadness: 20, fear: 13 });
  });

  it('stops at the cap', () => {
    const { probabilities } = apply('happiness_lift', { happiness: 49, neutral: 30, sadness: 21 }, null, {
      happinessLift: 2,
    });
    expectPoints(probabilities, { happiness: 85, neutral: 30, sadness: 21 });
  });

  it('needs happiness below 50 and a second below 0.7 of it', () => {
    expect(apply('happiness_lift', { happiness: 50, neutral: 25, sadness: 25 })).toMatchObject(unchanged);
    expect(apply('happiness_lift', { happiness: 40, neutral: 28, sadness: 20, fear: 12 })).toMatchObject(unchanged);
    expect(apply('happiness_lift', { neutral: 40, happiness: 20, sadness: 20, fear: 20 })).toMatchObject(unchanged);
  });
});

describe('disgust to anger', () => {
  it('gives anger 0.3 of disgust, at most 15, and takes 0.3 of that', () => {
    // 0.3 × 40 = 12; 3.6 are taken. 0.3 × 80 = 24, of which 15 go; 4.5 are taken.
    expectPoints(
      apply('disgust_to_anger', { disgust: 40, anger: 30, neutral: 30 }, { mouthRatio: 0.19 }).probabilities,
      {
        ...{ disgust: 36.4, anger: 42, neutral: 30 },
      },
    );
    expectPoints(apply('disgust_to_anger', { disgust: 80, anger: 20 }, { mouthRatio: 0.19 }).probabilities, {
      ...{ disgust: 75.5, anger: 35 },
    });
  });

  it('needs more than 15 of anger and a wide open mouth', () => {
    expect(apply('disgust_to_anger', { disgust: 85, anger: 15 }, { mouthRatio: 0.3 })).toMatchObject(unchanged);
    expect(apply('disgust_to_anger', { disgust: 80, anger: 20 }, { mouthRatio: 0.18 })).toMatchObject(unchanged);
  });
});

describe('sadness to anger', () => {
  it('gives anger 0.35 of sadness, at most 18, and takes 0.35 of that', () => {
    // 0.35 × 40 = 14; 4.9 are taken.
    const { probabilities } = apply('sadness_to_anger', { sadness: 40, anger: 30, neutral: 30 });
    expectPoints(probabilities, { sadness: 35.1, anger: 44, neutral: 30 });
    // 0.35 × 60 = 21, of which 18 go; 6.3 are taken.
    expectPoints(apply('sadness_to_anger', { sadness: 60, anger: 40 }).probabilities, { sadness: 53.7, anger: 58 });
  });

  it('leaves a mouth whose corners hang, scores that lie far apart and little anger', () => {
    expect(apply('sadness_to_anger', { sadness: 60, anger: 40 }, { cornerOffset: 0.051 })).toMatchObject(unchanged);
    expect(apply('sadness_to_anger', { sadness: 60, anger: 40 }, { cornerOffset: 0.05 }).fired).toHaveLength(1);
    expect(apply('sadness_to_anger', { sadness: 50, anger: 25, neutral: 25 })).toMatchObject(unchanged);
    expect(apply('sadness_to_anger', { sadness: 30, anger: 12, neutral: 29, fear: 29 })).toMatchObject(unchanged);
  });
});

describe('the rules of the description', () => {
  it('anger with a closed mouth gives disgust 15', () => {
    const { probabilities } = apply('anger_to_disgust', { anger: 60, disgust: 16, neutral: 24 }, { mouthRatio: 0.119 });
    expectPoints(probabilities, { anger: 60, disgust: 31, neutral: 24 });
    expect(apply('anger_to_disgust', { anger: 60, disgust: 15, neutral: 25 })).toMatchObject(unchanged);
    expect(apply('anger_to_disgust', { anger: 60, disgust: 40 }, { mouthRatio: 0.12 })).toMatchObject(unchanged);
  });

  it('anger near sadness with hanging corners gives sadness 8', () => {
    const { probabilities } = apply(
      'anger_to_sadness',
      { anger: 40, sadness: 31, neutral: 29 },
      { cornerOffset: 0.06 },
    );
    expectPoints(probabilities, { anger: 40, sadness: 39, neutral: 29 });
    expect(apply('anger_to_sadness', { anger: 40, sadness: 30, neutral: 30 }, { cornerOffset: 0.06 })).toMatchObject(
      unchanged,
    );
    expect(
      apply('anger_to_sadness', { anger: 34, sadness: 25, neutral: 20, fear: 21 }, { cornerOffset: 0.06 }),
    ).toMatchObject(unchanged);
    expect(apply('anger_to_sadness', { anger: 40, sadness: 31, neutral: 29 }, { cornerOffset: 0.05 })).toMatchObject(
      unchanged,
    );
  });

  it('an unsure sadness near anger gives anger 20', () => {
    const { probabilities } = apply('sadness_anger_intensity', { sadness: 50, anger: 31, neutral: 19 }, null);
    expectPoints(probabilities, { sadness: 50, anger: 51, neutral: 19 });
    expect(apply('sadness_anger_intensity', { sadness: 60, anger: 40 })).toMatchObject(unchanged);
    expect(apply('sadness_anger_intensity', { sadness: 50, anger: 30, neutral: 20 })).toMatchObject(unchanged);
    expect(apply('sadness_anger_intensity', { sadness: 30, anger: 12, neutral: 29, fear: 29 })).toMatchObject(
      unchanged,
    );
  });

  it('sadness with anger and disgust gives anger 12', () => {
    const { probabilities } = apply('sadness_disgust_anger', { sadness: 70, anger: 13, disgust: 17 }, null);
    expectPoints(probabilities, { sadness: 70, anger: 25, disgust: 17 });
    expect(apply('sadness_disgust_anger', { sadness: 70, anger: 20, disgust: 10 })).toMatchObject(unchanged);
    expect(apply('sadness_disgust_anger', { sadness: 70, anger: 12, disgust: 18 })).toMatchObject(unchanged);
  });
});

describe('all rules', () => {
  const all = new Set(RULES);

  it('skip what looks at the face where the head is turned to a limit or nothing is known of it', () => {
    for (const shape of [null, { ...LEVEL, noseOffset: 0.15 }, { ...LEVEL, noseOffset: -0.15 }]) {
      expect(
        refine(of({ disgust: 80, anger: 20 }), shape && { ...shape, mouthRatio: 0.3 }, all, DEFAULTS).fired,
      ).toEqual([]);
    }
    const frontal = { ...LEVEL, noseOffset: 0.149, mouthRatio: 0.3 };
    expect(refine(of({ disgust: 80, anger: 20 }), frontal, all, DEFAULTS).fired).toEqual(['disgust_to_anger']);
  });

  it('leave 1 in all and nothing below 0, whatever they see', () => {
    const random = seeded(5);
    for (let i = 0; i < 3000; i++) {
      const fused = normalized(Float32Array.from(EXPRESSIONS, () => random() ** 4));
      const parameters = Object.fromEntries(
        Object.entries(RULE_PARAMETERS).map(([name, { least, most }]) => [name, least + random() * (most - least)]),
      ) as unknown as RuleParameters;
      const shape = {
        mouthRatio: 0.4 * random(),
        cornerOffset: 0.4 * random() - 0.2,
        noseOffset: 0.4 * random() - 0.2,
      };
      const { probabilities } = refine(fused, shape, all, parameters);
      expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0);
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });

  it('clamps at 0 what a multiplier of 1 would take below it', () => {
    // All 40 points of fear's boost are taken from fear, then 10 more.
    const fused = of({ fear: 45, surprise: 40, neutral: 15 });
    const rules = new Set<RuleName>(['surprise_to_fear']);
    const { probabilities } = refine(of({ surprise: 50, fear: 50 }), { ...LEVEL, mouthRatio: 0 }, rules, DEFAULTS);
    expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0);
    const { probabilities: low } = refine(fused, { ...LEVEL, mouthRatio: 0.3 }, new Set(['fear_to_surprise']), {
      ...DEFAULTS,
      fearToSurpriseBoost: 1.5,
    });
    expectPoints(low, { fear: 0, surprise: 80, neutral: 15 }); // 40 × 1.5 = 60 would be taken from 45
  });

  it('leave an estimate of nothing alone, and contempt unmeasured where it is', () => {
    const nothing = new Float32Array(8).fill(NaN);
    expect(refine(nothing, LEVEL, all, DEFAULTS)).toEqual({ probabilities: nothing, fired: [] });
    const seven = of({ sadness: 70, anger: 13, disgust: 17 });
    seven[1] = NaN;
    const { probabilities, fired } = refine(seven, null, all, DEFAULTS);
    expect(fired).toEqual(['sadness_disgust_anger']);
    expect(probabilities[1]).toBeNaN();
    expect(probabilities[0]).toBeCloseTo(25 / 112, 5);
  });

  it('say which parameters can be tuned', () => {
    expect(parametersOf(new Set())).toEqual([]);
    expect(parametersOf(new Set(['happiness_lift']))).toEqual(['happinessLift', 'happinessCap']);
    expect(parametersOf(new Set(['anger_to_disgust']))).toEqual(['headPoseLeft', 'headPoseRight', 'mouthOpen']);
    expect(Object.keys(RULE_PARAMETERS)).toHaveLength(19);
  });

  it('say that rules that look at faces use nothing where no face can be measured', () => {
    const active = new Set(['happiness_lift', 'anger_to_disgust'] as const);
    expect(parametersOf(active, false)).toEqual(['happinessLift', 'happinessCap']);
  });
});

describe("the majority's override", () => {
  const angry = of({ anger: 50, sadness: 50 });

  it('gives the agreed expression 0.4 of the fused top, which loses half of that', () => {
    // Fused top neutral with 40: 16 to anger, 8 from neutral.
    const overridden = overrideByMajority(of({ neutral: 40, anger: 35, sadness: 25 }), [
      angry,
      angry,
      of({ neutral: 100 }),
    ]);
    expectPoints(overridden ?? angry, { neutral: 32, anger: 51, sadness: 25 });
  });

  it('gives 20 at most', () => {
    const overridden = overrideByMajority(of({ neutral: 60, anger: 40 }), [angry, angry]);
    expectPoints(overridden ?? angry, { neutral: 50, anger: 60 });
  });

  it('needs two members, of more than 30 points on average, and another top', () => {
    const fused = of({ neutral: 60, anger: 40 });
    expect(overrideByMajority(fused, [angry, of({ neutral: 100 }), null])).toBeNull();
    const unsure = of({ anger: 30, sadness: 25, fear: 25, neutral: 20 });
    expect(overrideByMajority(fused, [unsure, unsure])).toBeNull();
    expect(overrideByMajority(of({ anger: 60, neutral: 40 }), [angry, angry])).toBeNull();
  });

  it('keeps smiles where that is asked for', () => {
    const fused = of({ happiness: 60, anger: 40 });
    expect(overrideByMajority(fused, [angry, angry])).not.toBeNull();
    expect(overrideByMajority(fused, [angry, angry], true)).toBeNull();
  });
});

describe('a smile', () => {
  const keeps = (shape: Partial<FaceShape> | null, more = {}): boolean =>
    keepsSmile(shape && { ...LEVEL, ...shape }, new Set(['smile_kept']), { ...DEFAULTS, ...more });

  it('is kept where the corners of the mouth lie above the limit, and the head is not turned away', () => {
    expect(keeps({ cornerOffset: -0.031 })).toBe(true);
    expect(keeps({ cornerOffset: -0.03 })).toBe(false);
    expect(keeps({ cornerOffset: -0.03 }, { cornersUpturned: -0.02 })).toBe(true);
    expect(keeps({ cornerOffset: -0.1, noseOffset: 0.15 })).toBe(false);
    expect(keeps(null)).toBe(false);
  });

  it('is kept where the rule is active, which moves nothing itself', () => {
    const up = { ...LEVEL, cornerOffset: -0.1 };
    expect(keepsSmile(up, new Set(['happiness_lift']), DEFAULTS)).toBe(false);
    expect(apply('smile_kept', { happiness: 60, anger: 40 }, up)).toMatchObject(unchanged);
    expect(parametersOf(new Set(['smile_kept']))).toEqual(['headPoseLeft', 'headPoseRight', 'cornersUpturned']);
  });
});

describe('contempt that is switched off', () => {
  it('leaves its share to the others in proportion', () => {
    const left = withoutContempt(of({ contempt: 50, anger: 30, neutral: 20 }));
    expect(left[1]).toBeNaN();
    expect(left[0]).toBeCloseTo(0.6, 6);
    expect(left[5]).toBeCloseTo(0.4, 6);
  });

  it('leaves its share to all evenly where they hold nothing', () => {
    const left = withoutContempt(of({ contempt: 100 }));
    for (const i of [0, 2, 3, 4, 5, 6, 7]) expect(left[i]).toBeCloseTo(1 / 7, 6);
  });

  it('is nothing to do where nobody measured it (a published bug took points away then)', () => {
    const seven = of({ anger: 30, neutral: 70 });
    seven[1] = NaN;
    expect(withoutContempt(seven)).toBe(seven);
  });
});

describe('temperature and level', () => {
  it('makes an estimate less sure above 1, and leaves it at 1', () => {
    const sure = of({ anger: 80, neutral: 20 });
    expect(withTemperature(sure, 1)).toBe(sure);
    const less = withTemperature(sure, 2); // √0.8 : √0.2 = 2 : 1
    expect(less[0]).toBeCloseTo(2 / 3, 6);
    expect(less[5]).toBeCloseTo(1 / 3, 6);
  });

  it('is high from 60, medium from 40', () => {
    expect([60, 59.99, 40, 39.99].map((top) => levelOf(of({ fear: top, anger: 1 })))).toEqual([
      'high',
      'medium',
      'medium',
      'low',
    ]);
    expect(levelOf(new Float32Array(8).fill(NaN))).toBe('low');
  });
});
