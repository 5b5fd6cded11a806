import { describe, expect, it } from 'vitest';
import { RULE_WORDS } from '../../../src/main/contract/rule-words.ts';
import { PUBLISHED_PARAMETERS, RULES } from '../../../src/main/core/refine.ts';
import { scoringSentences } from '../../../src/main/exporters/scoring-words.ts';
import { fakeProfile } from '../../fixtures/fake-profile.ts';

const FUSED = 'The scores of the models were fused by fixed weights for each expression.';
const PLAIN = fakeProfile();
const rulesOf = (...active: (typeof RULES)[number][]) => ({ active, parameters: PUBLISHED_PARAMETERS });

describe('how estimates were made, in words', () => {
  it('says of a profile without any of it what was not done', () => {
    expect(scoringSentences(PLAIN)).toEqual([FUSED, 'Scores are not calibrated, and no rules were applied.']);
    expect(scoringSentences({ ...PLAIN, lighting: 'clahe' })[0]).toContain('CLAHE');
  });

  it('names override, rules with the parameters that they use, temperatures, contempt and rejection', () => {
    const [first, second] = PLAIN.members;
    const sentences = scoringSentences({
      ...PLAIN,
      members: [first, { ...second, temperature: 1.5 }],
      override: true,
      rules: rulesOf('happiness_lift', 'fear_to_surprise'),
      temperature: 0.8,
      contempt: false,
      reject: 30,
    });
    expect(sentences).toEqual([
      FUSED,
      'Before that they were calibrated with a temperature: second 1.5.',
      expect.stringMatching(/^Where at least two models shared another first choice .* moved towards it\.$/),
      'Rules that may change an estimate, each seeing what the one before has left: fear_to_surprise (fear → surprise: the mouth ' +
        'is open), happiness_lift (more happiness: it is unsure, and nothing else comes near); their parameters: ' +
        'headPoseLeft -0.15, headPoseRight 0.15, mouthOpen 0.12, fearToSurpriseBoost 0.8, happinessLift 1.3, happinessCap 85.',
      'The estimate was then calibrated with the temperature 0.8.',
      'Contempt was not estimated; its share went to the other expressions.',
      'An estimate whose first choice had less than 30 of 100 points was rejected: such rows have no values.',
    ]);
  });

  it('keeps apart what was done from what was not', () => {
    expect(scoringSentences({ ...PLAIN, temperature: 2 }).at(-1)).toBe('No rules were applied.');
    expect(scoringSentences({ ...PLAIN, override: true }).at(-1)).toBe('Scores are not calibrated.');
  });

  it('has no parameters for a rule without any', () => {
    const [, rule] = scoringSentences({ ...PLAIN, rules: rulesOf('sadness_disgust_anger') });
    expect(rule).toMatch(/there is disgust, too\)\.$/);
  });
});

it('there are words for everything that can fire', () => {
  expect(Object.keys(RULE_WORDS).sort()).toEqual(['majority_override', ...RULES].sort());
});
