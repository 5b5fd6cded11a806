import { describe, expect, it } from 'vitest';
import { explanationOf } from '../../../src/main/core/explanation.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';
import { NOT_ESTIMATED, faceOf, scores } from '../../fixtures/timeline-rows.ts';

const PROFILE = fakeProfile({ first: 1, second: 1, third: 1 });
const [FEAR, SURPRISE] = [scores({ fear: 0.75, surprise: 0.25 }), scores({ fear: 0.125, surprise: 0.875 })];

describe('how an estimate came about', () => {
  it('is each model’s first choice with its score, their agreement, what fired, and both estimates', () => {
    const [fused, refined] = [scores({ fear: 0.5, surprise: 0.5 }), scores({ fear: 0.4, surprise: 0.6 })];
    const found = explanationOf(
      faceOf(0, 1, { members: [FEAR, null, SURPRISE], fused, refined, fired: ['fear_surprise_bias'], agreement: 0.5 }),
      PROFILE,
    );
    expect(found).toEqual({
      votes: [
        { model: 'first', choice: 'fear', score: 0.75 },
        { model: 'second', choice: null, score: null },
        { model: 'third', choice: 'surprise', score: 0.875 },
      ],
      agreement: 0.5,
      fired: ['fear_surprise_bias'],
      raw: fused,
      refined,
      level: 'high',
    });
  });

  it('is nothing where nothing was estimated', () => {
    expect(explanationOf(faceOf(0, 1, { ...NOT_ESTIMATED, members: [null, null, null] }), PROFILE)).toBeNull();
  });
});
