// Temperatures that make scores as sure as they are right: those with the least log loss (Guo et al., On calibration of modern neural
// networks, ICML 2017).
import { evenWeights } from '../../core/profile.ts';
import { PUBLISHED_PARAMETERS } from '../../core/refine.ts';
import type { Scoring } from '../../core/scoring.ts';
import { goldenSection } from '../../science/golden-section.ts';
import { meanLoss, type TuningItem } from './objective.ts';

/** Temperatures are searched from a tenth to ten, on a log scale, to a thousandth. */
const FARTHEST = Math.log(10);
const TOLERANCE = 1e-3;
const DIGITS = 1e4;

/** The temperature of each member on its own, in the order of the members. */
export function memberTemperatures(items: readonly TuningItem[], { members, contempt }: Scoring): number[] {
  return members.map((_, own) =>
    coolest((temperature) => {
      const alone = members.map((__, i) => ({ weights: evenWeights(i === own ? 1 : 0), temperature }));
      const rules = { active: [], parameters: PUBLISHED_PARAMETERS };
      return meanLoss(items, { members: alone, override: false, rules, temperature: 1, contempt, reject: null });
    }),
  );
}

/** The temperature of the whole estimate. */
export const finalTemperature = (items: readonly TuningItem[], scoring: Scoring): number =>
  coolest((temperature) => meanLoss(items, { ...scoring, temperature }));

/** Where the loss is least, in four digits; 1 where nothing is better than that. */
function coolest(lossAt: (temperature: number) => number): number {
  const log = goldenSection((x) => lossAt(Math.exp(x)), -FARTHEST, FARTHEST, TOLERANCE);
  const found = Math.round(DIGITS * Math.exp(log)) / DIGITS;
  return lossAt(found) < lossAt(1) ? found : 1;
}
