// What override and rules do to an estimate, in plain words: for the window and for files.
import type { FiredRule } from '../core/scoring.ts';

/** Each by the name that tables have for it. */
export const RULE_WORDS: Readonly<Record<FiredRule, string>> = {
  majority_override: 'towards the first choice that most models share',
  smile_kept: 'no override away from happiness: the corners of the mouth point up',
  fear_to_surprise: 'fear → surprise: the mouth is open',
  fear_surprise_close: 'fear → surprise: both are very close',
  fear_surprise_bias: 'fear → surprise: both are close',
  surprise_to_fear: 'surprise → fear: the mouth is closed',
  happiness_lift: 'more happiness: it is unsure, and nothing else comes near',
  disgust_to_anger: 'disgust → anger: the mouth is wide open',
  sadness_to_anger: 'sadness → anger: the corners of the mouth do not point down',
  anger_to_disgust: 'more disgust beside anger: the mouth is not open',
  anger_to_sadness: 'more sadness beside anger: the corners of the mouth point down',
  sadness_anger_intensity: 'more anger beside sadness: sadness is not strong, and anger is close',
  sadness_disgust_anger: 'more anger beside sadness: there is disgust, too',
};
