// What an evaluation judges: the refined estimate of each picture.
import { describe, expect, it } from 'vitest';
import type { Expression } from '../../../src/main/core/expression.ts';
import { PUBLISHED_PARAMETERS } from '../../../src/main/core/refine.ts';
import type { LabelledPicture } from '../../../src/main/engine/dataset.ts';
import type { View } from '../../../src/main/hosts/evaluation/estimates.ts';
import { judge } from '../../../src/main/hosts/evaluation/judge.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const PICTURE: LabelledPicture = {
  name: 'a',
  label: 3,
  subject: null,
  votes: null,
  split: null,
  read: () => Promise.reject(new Error('nobody looks at it')),
};
const PROFILE = {
  ...fakeProfile({ only: 1 }),
  rules: { active: ['fear_to_surprise'], parameters: PUBLISHED_PARAMETERS } as const,
};
const OPEN = { mouthRatio: 0.13, cornerOffset: 0, noseOffset: 0 };

const view = (values: Partial<Record<Expression, number>>, shape: View['shape'] = null): View => ({
  members: [scores(values)],
  shape,
});
const estimateOf = (...views: View[]): readonly number[] | undefined => {
  const [{ probabilities }] = judge([PICTURE], [views], PROFILE);
  return probabilities ? [...probabilities] : undefined;
};

describe('an evaluated picture', () => {
  it('has the refined estimate, with the shape of the face where it is known', () => {
    const seen = { fear: 0.5, surprise: 0.5 };
    expect(estimateOf(view(seen))).toEqual([...scores(seen)]);
    // 40 to surprise, 32 from fear, of 108.
    expect(estimateOf(view(seen, OPEN))?.[3]).toBeCloseTo(18 / 108, 6);
  });

  it('has the mean of both views, each refined by itself', () => {
    const seen = { fear: 0.5, surprise: 0.5 };
    expect(estimateOf(view(seen), view(seen, OPEN))?.[3]).toBeCloseTo((0.5 + 18 / 108) / 2, 6);
  });

  it('is judged however unsure it is', () => {
    const [{ probabilities }] = judge([PICTURE], [[view({ fear: 0.5, anger: 0.5 })]], { ...PROFILE, reject: 60 });
    expect(probabilities).toEqual(scores({ fear: 0.5, anger: 0.5 }));
  });

  it('without a face has none', () => {
    expect(judge([PICTURE], [null], PROFILE)).toEqual([{ name: 'a', label: 3, subject: null, probabilities: null }]);
  });
});
