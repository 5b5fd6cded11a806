import { RULE_WORDS } from '../../main/contract/rule-words.ts';
import type { ExplanationMessage } from '../../main/contract/explanation.ts';
import { percent } from './format.ts';

/** Of how a score came about. */
export const EXPLANATION_WORDS = {
  title: 'How this came about',
  votes: 'First choice of each model, in this frame',
  model: 'Model',
  choice: 'First choice',
  score: 'Score',
  failed: 'gave no answer',
  agreement: (share: number): string => `Models that agree with the commonest first choice: ${percent(share)}.`,
  level: (level: ExplanationMessage['level']): string =>
    ({
      high: 'The first choice is clear: 60 of 100 points or more.',
      medium: 'The first choice is not very clear: 40 to 60 of 100 points.',
      low: 'The first choice is unclear: less than 40 of 100 points.',
    })[level],
  rules: 'What changed the fused scores',
  noRules: 'No rule changed the fused scores.',
  rule: (name: ExplanationMessage['fired'][number]): string => RULE_WORDS[name],
  changed: 'Scores of this frame before and after',
  expression: 'Expression',
  raw: 'Fused',
  refined: 'Refined',
  nothing: 'There is no score now.',
} as const;
