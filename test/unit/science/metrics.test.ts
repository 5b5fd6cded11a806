import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression } from '../../../src/main/core/expression.ts';
import {
  CALIBRATION_BINS,
  confusionOf,
  figuresOf,
  labelFigures,
  outcomeOf,
  reliability,
  type Figures,
  type Outcome,
} from '../../../src/main/science/metrics.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

type Scores = Partial<Record<Expression, number>>;
const at = (name: Expression): number => EXPRESSIONS.indexOf(name);

function outcome(label: Expression, values: Scores): Outcome {
  const known = outcomeOf({ label: at(label), probabilities: scores(values) });
  if (!known) throw new Error('there is an estimate');
  return known;
}

// Two of anger (one right), one of fear (taken for anger), one of sadness (right).
const FOUR = [
  outcome('anger', { anger: 0.8, fear: 0.2 }),
  outcome('anger', { anger: 0.4, sadness: 0.6 }),
  outcome('fear', { anger: 0.9, fear: 0.1 }),
  outcome('sadness', { sadness: 1 }),
];

describe('the outcome of an estimate', () => {
  it('is the first choice, how sure it is, and the loss', () => {
    expect(FOUR[1]).toMatchObject({ label: at('anger'), choice: at('sadness'), isRight: false });
    expect(FOUR[1].sureness).toBeCloseTo(0.6, 6);
    expect(FOUR[1].loss).toBeCloseTo(-Math.log(0.4), 6);
  });

  it('is bounded where the label has no probability or is not measured', () => {
    expect(outcome('fear', { anger: 1 }).loss).toBeCloseTo(16.118, 3); // −ln 1e-7
    expect(outcome('contempt', { anger: 1, contempt: NaN }).loss).toBeCloseTo(16.118, 3);
  });

  it('is nothing without a face or a measured expression', () => {
    expect(outcomeOf({ label: 0, probabilities: null })).toBeNull();
    expect(outcomeOf({ label: 0, probabilities: new Float32Array(8).fill(NaN) })).toBeNull();
  });
});

describe('the loss under votes', () => {
  const votes = scores({ anger: 0.6, sadness: 0.3, contempt: 0.1 });
  const lossOf = (values: Scores, shares = votes): number | undefined =>
    outcomeOf({ label: at('anger'), probabilities: scores(values), votes: shares })?.loss;

  it('is the one that is expected where one of those who were asked is right', () => {
    const loss = -(0.6 * Math.log(0.5) + 0.3 * Math.log(0.25) + 0.1 * Math.log(0.25));
    expect(lossOf({ anger: 0.5, sadness: 0.25, contempt: 0.25 })).toBeCloseTo(loss, 6);
  });

  it('leaves out votes for what is not measured', () => {
    const loss = -(0.6 * Math.log(0.5) + 0.3 * Math.log(0.25)) / 0.9;
    expect(lossOf({ anger: 0.5, sadness: 0.25, fear: 0.25, contempt: NaN })).toBeCloseTo(loss, 6);
  });

  it('is that of the label where no vote is for what is measured; the label alone says what is right', () => {
    const none = scores({ contempt: 1 });
    expect(lossOf({ anger: 0.5, fear: 0.5, contempt: NaN }, none)).toBeCloseTo(Math.LN2, 6);
    expect(outcomeOf({ label: at('fear'), probabilities: scores({ fear: 1 }), votes })?.isRight).toBe(true);
  });
});

describe('figures', () => {
  it('are those worked out by hand', () => {
    const figures = figuresOf(FOUR);
    expect(figures.items).toBe(4);
    expect(figures.accuracy).toBe(0.5);
    expect(figures.balancedAccuracy).toBeCloseTo((0.5 + 0 + 1) / 3, 12);
    expect(figures.macroF1).toBeCloseTo((0.5 + 0 + 2 / 3) / 3, 12); // anger 2·1/(2+2), sadness 2·1/(1+2)
    expect(figures.logLoss).toBeCloseTo((-Math.log(0.8) - Math.log(0.4) - Math.log(0.1)) / 4, 6);
    // Each is alone in its bin: |1 − 0.8|, |0 − 0.6|, |0 − 0.9|, |1 − 1|.
    expect(figures.calibrationError).toBeCloseTo((0.2 + 0.6 + 0.9 + 0) / 4, 6);
  });

  it('of a resample count items as often as they were drawn', () => {
    const weights = [3, 0, 1, 0];
    const repeated = [FOUR[0], FOUR[0], FOUR[0], FOUR[2]];
    const [drawn, written] = [figuresOf(FOUR, weights), figuresOf(repeated)];
    for (const [name, value] of Object.entries(written) as [keyof Figures, number][])
      expect(drawn[name]).toBeCloseTo(value, 12);
  });

  it('of nothing are not numbers', () => {
    expect(figuresOf([])).toEqual({
      ...{ items: 0, accuracy: NaN, balancedAccuracy: NaN, macroF1: NaN, logLoss: NaN, calibrationError: NaN },
    });
  });

  it('of each label are precision, recall and F1', () => {
    const labels = labelFigures(confusionOf(FOUR));
    expect(labels[at('anger')]).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5, support: 2 });
    expect(labels[at('sadness')]).toEqual({ precision: 0.5, recall: 1, f1: 2 / 3, support: 1 });
    expect(labels[at('fear')]).toEqual({ precision: NaN, recall: 0, f1: 0, support: 1 });
    expect(labels[at('disgust')]).toEqual({ precision: NaN, recall: NaN, f1: NaN, support: 0 });
  });
});

describe('the reliability curve', () => {
  it('puts a sureness on a border into the lower bin, and 1 into the last', () => {
    const bins = reliability([outcome('anger', { anger: 3 / 15 + 1e-9 }), outcome('anger', { anger: 1 })]);
    expect(bins).toHaveLength(CALIBRATION_BINS);
    expect(bins.flatMap(({ items }, i) => (items > 0 ? [i] : []))).toEqual([3, 14]);
  });

  it('has means and shares of each bin', () => {
    const bins = reliability([outcome('anger', { anger: 0.95 }), outcome('fear', { anger: 0.97 })]);
    expect(bins[14].meanSureness).toBeCloseTo(0.96, 6);
    expect(bins[14].accuracy).toBe(0.5);
    expect(bins[0].accuracy).toBeNaN();
  });
});
