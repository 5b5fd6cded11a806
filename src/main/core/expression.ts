// The eight expressions, their order, and the labels that networks and data sets use for them.

/** The order of every array, column and file. */
export const EXPRESSIONS = [
  'anger',
  'contempt',
  'disgust',
  'fear',
  'happiness',
  'neutral',
  'sadness',
  'surprise',
] as const;

export type Expression = (typeof EXPRESSIONS)[number];

const ALIASES: ReadonlyMap<string, Expression> = new Map([
  ['angry', 'anger'],
  ['disgusted', 'disgust'],
  ['scared', 'fear'],
  ['fearful', 'fear'],
  ['happy', 'happiness'],
  ['sad', 'sadness'],
  ['surprised', 'surprise'],
]);

/** The expression that a label means, or null for a label that means none. Case and spaces around it do not matter. */
export function expressionOf(label: string): Expression | null {
  const name = label.trim().toLowerCase();
  return EXPRESSIONS.find((expression) => expression === name) ?? ALIASES.get(name) ?? null;
}

/** Probabilities 0…1 in the order of {@link EXPRESSIONS}; NaN where nothing measures an expression. */
export type Probabilities = Float32Array;

export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const shares = new Float64Array(logits.length);
  let most = -Infinity;
  for (let i = 0; i < shares.length; i++) if (logits[i] > most) most = logits[i];
  let sum = 0;
  for (let i = 0; i < shares.length; i++) {
    shares[i] = Math.exp((logits[i] - most) / temperature);
    sum += shares[i];
  }
  for (let i = 0; i < shares.length; i++) shares[i] /= sum;
  return shares;
}

/** The index of the greatest probability, the first of equals; −1 when nothing is measured. */
export function dominantIndex(probabilities: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < probabilities.length; i++) {
    if (Number.isNaN(probabilities[i])) continue;
    if (best < 0 || probabilities[i] > probabilities[best]) best = i;
  }
  return best;
}

/** Divided by their sum; unchanged where the sum is 0. Expressions that nothing measures stay NaN. */
export function normalized(probabilities: Probabilities): Probabilities {
  let sum = 0;
  for (const value of probabilities) if (!Number.isNaN(value)) sum += value;
  return sum > 0 ? probabilities.map((value) => value / sum) : probabilities;
}
