// The texts of neutral baselines.

export const BASELINE_WORDS = {
  choose: 'Use span as neutral baseline …',
  selectFirst: 'Neutral baseline (select a span first)',
  title: (who: string): string => `Neutral baseline of ${who}`,
  will: (who: string, span: string): string =>
    `The face of ${who} counts as neutral in ${span}. The median of the valid rows there becomes the baseline of ${who}, in the place of an earlier one. Files then also tell how far each score lies above it, and so do the figures here unless the session is long. The scores themselves stay as they are.`,
  column: 'Above baseline (log-odds)',
  help: 'Above baseline: how much stronger the model sees an expression than in the neutral span of this person. 0 is the same; each 0.7 doubles the odds. It is no probability, and scores below 0.001 or above 0.999 count as these.',
} as const;
