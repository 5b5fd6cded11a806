import { describe, expect, it } from 'vitest';
import {
  fuse,
  isAmbiguous,
  readExpressions,
  type ExpressionOutput,
  type ExpressionWeights,
} from '../../../src/main/core/ensemble.ts';
import { EXPRESSIONS, type Expression, type Probabilities } from '../../../src/main/core/expression.ts';
import { evenWeights } from '../../../src/main/core/profile.ts';
import { scores } from '../../fixtures/timeline-rows.ts';
import { seeded } from '../../fixtures/seeded.ts';

type Scores = Partial<Record<Expression, number>>;

/** A member of eight classes, 0 where nothing else is said. */
const eight = (values: Scores): Probabilities => scores(values);

/** A member of seven classes: it does not know contempt. */
const seven = (values: Scores): Probabilities => scores({ ...values, contempt: NaN });

function weights(values: Scores): ExpressionWeights {
  return { ...evenWeights(1), ...values };
}

function sumOf(probabilities: Probabilities): number {
  return probabilities.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
}

/** Compares expression by expression to single precision; NaN must meet NaN. */
function expectScores(actual: Probabilities, expected: Scores, rest = 0): void {
  EXPRESSIONS.forEach((name, i) => {
    const value = expected[name] ?? rest;
    if (Number.isNaN(value)) expect(actual[i]).toBeNaN();
    else expect(actual[i]).toBeCloseTo(value, 6);
  });
}

describe('the output of a network', () => {
  const output = (more: Partial<ExpressionOutput>): ExpressionOutput => ({
    name: 'logits',
    labels: ['happy', 'angry'],
    kind: 'logits',
    temperature: 1,
    ...more,
  });

  it('of logits becomes shares in the place of each label, whatever its spelling', () => {
    const read = readExpressions(Float32Array.of(0, Math.log(3)), output({}));
    expectScores(read, { happiness: 0.25, anger: 0.75 }, NaN);
  });

  it('of logits is divided by the temperature', () => {
    const read = readExpressions(Float32Array.of(0, Math.log(9)), output({ temperature: 2 }));
    expectScores(read, { happiness: 0.25, anger: 0.75 }, NaN);
  });

  it('of probabilities is taken as it is', () => {
    const read = readExpressions(Float32Array.of(0.5, 0.25), output({ kind: 'probabilities', temperature: 2 }));
    expectScores(read, { happiness: 0.5, anger: 0.25 }, NaN);
  });

  it('of a seven-class network leaves contempt unmeasured and loses no mass', () => {
    const labels = ['neutral', 'happy', 'sad', 'angry', 'fearful', 'disgusted', 'surprised'];
    const values = Float32Array.of(0.4, 0.05, 0.1, 0.2, 0.02, 0.08, 0.15);
    const read = readExpressions(values, output({ labels, kind: 'probabilities' }));
    expectScores(read, {
      anger: 0.2,
      contempt: NaN,
      disgust: 0.08,
      fear: 0.02,
      happiness: 0.05,
      neutral: 0.4,
      sadness: 0.1,
      surprise: 0.15,
    });
    expect(sumOf(read)).toBeCloseTo(1, 6);
  });

  it('with an unknown label is refused', () => {
    const values = Float32Array.of(0, 0);
    expect(() => readExpressions(values, output({ labels: ['happy', 'unknown'] }))).toThrow('unknown');
  });

  it('with more or fewer values than labels is refused', () => {
    expect(() => readExpressions(Float32Array.of(0), output({}))).toThrow(RangeError);
    expect(() => readExpressions(Float32Array.of(0, 0, 0), output({}))).toThrow(RangeError);
  });
});

describe('the fusion', () => {
  it('of one member is this member', () => {
    const { fused, agreement } = fuse([eight({ fear: 0.25, anger: 0.75 })], [evenWeights(3)]);
    expectScores(fused, { fear: 0.25, anger: 0.75 });
    expect(agreement).toBe(1);
  });

  it('is the weighted mean, and the size of all weights together does not matter', () => {
    const members = [eight({ happiness: 1 }), eight({ happiness: 0.2, neutral: 0.8 })];
    for (const scale of [1, 0.01, 40]) {
      const { fused } = fuse(members, [evenWeights(scale), evenWeights(3 * scale)]);
      // (1 + 3 · 0.2) / 4 and 3 · 0.8 / 4
      expectScores(fused, { happiness: 0.4, neutral: 0.6 });
    }
  });

  it('uses the weights of each expression and then makes the sum 1', () => {
    const members = [eight({ happiness: 0.5, neutral: 0.5 }), eight({ happiness: 1 })];
    // Happiness (0.5 + 1) / 2 = 0.75, neutral (3 · 0.5 + 0) / 4 = 0.375: over 1.125, 2/3 and 1/3.
    const { fused } = fuse(members, [weights({ neutral: 3 }), weights({})]);
    expectScores(fused, { happiness: 2 / 3, neutral: 1 / 3 });
  });

  it('follows the published weights of the trio', () => {
    const members = [
      eight({ anger: 0.6, happiness: 0.4 }),
      eight({ anger: 0.3, happiness: 0.7 }),
      eight({ anger: 0.1, happiness: 0.9 }),
    ];
    const trio = [
      weights({ anger: 0.3, happiness: 0.5 }),
      weights({ anger: 0.2, happiness: 0.3 }),
      weights({ anger: 0.5, happiness: 0.2 }),
    ];
    // Anger 0.18 + 0.06 + 0.05 = 0.29, happiness 0.2 + 0.21 + 0.18 = 0.59; together 0.88.
    expectScores(fuse(members, trio).fused, { anger: 0.29 / 0.88, happiness: 0.59 / 0.88 });
  });

  it('lets a seven-class member share out only what the others leave', () => {
    const members = [eight({ contempt: 0.2, happiness: 0.5, neutral: 0.3 }), seven({ happiness: 0.25, neutral: 0.75 })];
    // The second's values count 0.8: happiness (0.5 + 0.2) / 2, neutral (0.3 + 0.6) / 2.
    const { fused } = fuse(members, [evenWeights(1), evenWeights(1)]);
    expectScores(fused, { contempt: 0.2, happiness: 0.35, neutral: 0.45 });
    // With three times the weight: (0.5 + 3 · 0.2) / 4 and (0.3 + 3 · 0.6) / 4.
    const heavy = fuse(members, [evenWeights(1), evenWeights(3)]);
    expectScores(heavy.fused, { contempt: 0.2, happiness: 0.275, neutral: 0.525 });
  });

  it('takes contempt from all members that measure it', () => {
    const members = [
      eight({ contempt: 0.2, happiness: 0.5, neutral: 0.3 }),
      eight({ contempt: 0.4, happiness: 0.6 }),
      seven({ happiness: 0.25, neutral: 0.75 }),
    ];
    // Contempt 0.3; the third counts 0.7 and weighs 2: happiness (0.5 + 0.6 + 2 · 0.175) / 4, neutral (0.3 + 2 · 0.525) / 4.
    const { fused } = fuse(members, [evenWeights(1), evenWeights(1), evenWeights(2)]);
    expectScores(fused, { contempt: 0.3, happiness: 0.3625, neutral: 0.3375 });
  });

  it('a seven-class member votes neither for nor against contempt', () => {
    const random = seeded(14);
    for (let trial = 0; trial < 50; trial++) {
      const [p, q] = [distribution(random, 8), distribution(random, 8)];
      const [wp, wq, w7] = [0.1 + random(), 0.1 + random(), 0.1 + 3 * random()].map(evenWeights);
      const without = fuse([p, q], [wp, wq]).fused;
      const together = fuse([p, q, distribution(random, 7)], [wp, wq, w7]).fused;
      expect(together[1]).toBeCloseTo(without[1], 6);
      expect(sumOf(together)).toBeCloseTo(1, 6);
    }
  });

  it('of certain contempt leaves nothing to a seven-class member', () => {
    const { fused } = fuse([eight({ contempt: 1 }), seven({ anger: 1 })], [evenWeights(1), evenWeights(1)]);
    expectScores(fused, { contempt: 1 });
  });

  it('leaves contempt unmeasured when nobody measures it', () => {
    const members = [seven({ anger: 1 }), seven({ anger: 0.5, fear: 0.5 })];
    const { fused } = fuse(members, [evenWeights(1), evenWeights(1)]);
    expectScores(fused, { anger: 0.75, fear: 0.25, contempt: NaN });
  });

  it('leaves contempt unmeasured when the one that measures it has failed', () => {
    const { fused } = fuse([null, seven({ anger: 0.5, fear: 0.5 })], [evenWeights(9), evenWeights(1)]);
    expectScores(fused, { anger: 0.5, fear: 0.5, contempt: NaN });
  });

  it('does without missing members, and the others keep their own weights', () => {
    const members = [eight({ happiness: 1 }), null, eight({ neutral: 1 })];
    const { fused, agreement, members: kept } = fuse(members, [evenWeights(1), evenWeights(100), evenWeights(3)]);
    expectScores(fused, { happiness: 0.25, neutral: 0.75 });
    expect(agreement).toBe(0.5);
    expect(kept).toBe(members);
  });

  it('of nothing is nothing', () => {
    const { fused, agreement, members } = fuse([null, null], [evenWeights(1), evenWeights(1)]);
    expect([...fused]).toEqual(Array(8).fill(NaN));
    expect(agreement).toBeNaN();
    expect(members).toEqual([null, null]);
  });

  it('does not listen to a member of weight 0', () => {
    const members = [eight({ happiness: 0.5, anger: 0.5 }), eight({ neutral: 1 })];
    expectScores(fuse(members, [evenWeights(1), evenWeights(0)]).fused, { happiness: 0.5, anger: 0.5 });
  });

  it('sums to 1 and has nothing negative, whoever knows what', () => {
    const random = seeded(15);
    for (let trial = 0; trial < 200; trial++) {
      const members = Array.from({ length: 1 + Math.floor(4 * random()) }, () =>
        random() < 0.2 ? null : distribution(random, random() < 0.5 ? 7 : 8),
      );
      const own = members.map(() => weights(Object.fromEntries(EXPRESSIONS.map((name) => [name, 0.05 + random()]))));
      const { fused } = fuse(members, own);
      if (members.every((member) => !member)) continue;
      expect(sumOf(fused)).toBeCloseTo(1, 5);
      expect(fused.every((value) => Number.isNaN(value) || value >= 0)).toBe(true);
      expect(Number.isNaN(fused[1])).toBe(members.every((member) => !member || Number.isNaN(member[1])));
      expect(fused.filter((value) => Number.isNaN(value)).length).toBeLessThan(2);
    }
  });

  it('does not change its members', () => {
    const members = [eight({ contempt: 0.2, happiness: 0.8 }), seven({ neutral: 1 })];
    const before = members.map((member) => [...member]);
    fuse(members, [evenWeights(1), evenWeights(1)]);
    expect(members.map((member) => [...member])).toEqual(before);
  });
});

/** Random probabilities that sum to 1; of seven classes without contempt. */
function distribution(random: () => number, classes: 7 | 8): Probabilities {
  const values = EXPRESSIONS.map((name) => (classes === 7 && name === 'contempt' ? NaN : random() ** 3));
  const sum = values.reduce((all, value) => (Number.isNaN(value) ? all : all + value), 0);
  return Float32Array.from(values, (value) => value / sum);
}

describe('the agreement', () => {
  const agreementOf = (...firsts: (Expression | null)[]): number =>
    fuse(
      firsts.map((first) => first && eight({ [first]: 1 })),
      firsts.map(() => evenWeights(1)),
    ).agreement;

  it('is the share of members with the commonest first choice', () => {
    expect(agreementOf('anger', 'anger', 'anger')).toBe(1);
    expect(agreementOf('anger', 'fear', 'anger')).toBeCloseTo(2 / 3, 12);
    expect(agreementOf('anger', 'fear', 'sadness')).toBeCloseTo(1 / 3, 12);
    expect(agreementOf('anger', 'fear', 'anger', 'fear')).toBe(0.5);
  });

  it('is among those that answered', () => {
    expect(agreementOf('anger', null, 'anger')).toBe(1);
    expect(agreementOf('anger', null, 'fear')).toBe(0.5);
  });

  it('does not count weights, and the first choice passes over what is not measured', () => {
    const members = [seven({ anger: 0.6, fear: 0.4 }), eight({ anger: 0.4, fear: 0.3, contempt: 0.3 })];
    expect(fuse(members, [evenWeights(1), evenWeights(50)]).agreement).toBe(1);
  });
});

describe('an estimate', () => {
  it('is ambiguous when the second comes within 12 points of the first and has more than 20', () => {
    expect(isAmbiguous(eight({ anger: 0.4, fear: 0.35, neutral: 0.25 }))).toBe(true);
    expect(isAmbiguous(eight({ anger: 0.45, fear: 0.3, neutral: 0.25 }))).toBe(false); // 15 points
    expect(isAmbiguous(eight({ anger: 0.2, fear: 0.19, neutral: 0.18, sadness: 0.17, surprise: 0.16 }))).toBe(false);
  });

  it('is not ambiguous at the very limits', () => {
    // Numbers that binary fractions hold exactly: 12.5 points apart, 25 points.
    const apart = eight({ anger: 0.5, fear: 0.375, neutral: 0.125 });
    expect(isAmbiguous(apart, 12.5, 20)).toBe(false);
    expect(isAmbiguous(apart, 12.6, 20)).toBe(true);
    const low = eight({ anger: 0.3125, fear: 0.25, neutral: 0.25, sadness: 0.1875 });
    expect(isAmbiguous(low, 12, 25)).toBe(false);
    expect(isAmbiguous(low, 12, 24.9)).toBe(true);
  });

  it('is compared with what is measured', () => {
    expect(isAmbiguous(seven({ anger: 0.5, fear: 0.5 }))).toBe(true);
    expect(isAmbiguous(scores({ anger: 1 }, NaN))).toBe(false);
    expect(isAmbiguous(scores({}, NaN))).toBe(false);
  });

  it('is not reordered by the question', () => {
    const probabilities = eight({ anger: 0.1, surprise: 0.9 });
    isAmbiguous(probabilities);
    expectScores(probabilities, { anger: 0.1, surprise: 0.9 });
  });
});
