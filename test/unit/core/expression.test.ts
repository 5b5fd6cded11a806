import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, dominantIndex, expressionOf, softmax } from '../../../src/main/core/expression.ts';

describe('the expressions', () => {
  it('are eight in the order of the alphabet', () => {
    expect(EXPRESSIONS).toEqual([
      'anger',
      'contempt',
      'disgust',
      'fear',
      'happiness',
      'neutral',
      'sadness',
      'surprise',
    ]);
  });
});

describe('a label', () => {
  it.each(EXPRESSIONS)('may be %s itself', (name) => {
    expect(expressionOf(name)).toBe(name);
  });

  it.each([
    ['angry', 'anger'],
    ['disgusted', 'disgust'],
    ['scared', 'fear'],
    ['fearful', 'fear'],
    ['happy', 'happiness'],
    ['sad', 'sadness'],
    ['surprised', 'surprise'],
  ])('%s means %s', (label, expression) => {
    expect(expressionOf(label)).toBe(expression);
  });

  it('may be written in any case and with spaces around it', () => {
    expect(expressionOf('Angry')).toBe('anger');
    expect(expressionOf('  SURPRISE\n')).toBe('surprise');
  });

  it('that means no expression is null', () => {
    for (const label of ['', 'ang', 'angry face', 'unknown', 'joyless', 'NF']) expect(expressionOf(label)).toBeNull();
  });

  it('that happens to be a word of the language means no expression', () => {
    for (const label of ['constructor', '__proto__', 'toString', 'valueOf']) expect(expressionOf(label)).toBeNull();
  });
});

describe('softmax', () => {
  it('turns logits into shares that sum to 1', () => {
    // e⁰ : e^ln2 : e^ln5 = 1 : 2 : 5
    const shares = softmax([0, Math.log(2), Math.log(5)]);
    [0.125, 0.25, 0.625].forEach((share, i) => expect(shares[i]).toBeCloseTo(share, 12));
  });

  it('divides by the temperature first', () => {
    // ln 9 / 2 = ln 3
    const shares = softmax([0, Math.log(9)], 2);
    expect(shares[1]).toBeCloseTo(0.75, 12);
  });

  it('does not depend on a number added to all logits, however large', () => {
    const shares = softmax([10_000, 10_000 + Math.log(3)]);
    expect(shares[0]).toBeCloseTo(0.25, 9);
    expect(softmax([-5000, -5000])).toEqual(Float64Array.of(0.5, 0.5));
  });

  it('of float32 logits does not change them', () => {
    const logits = Float32Array.of(1, 2, 3);
    softmax(logits);
    expect(logits).toEqual(Float32Array.of(1, 2, 3));
  });
});

describe('the dominant expression', () => {
  it('is the greatest', () => {
    expect(dominantIndex([0.1, 0.2, 0.6, 0.1])).toBe(2);
  });

  it('is the first of equals', () => {
    expect(dominantIndex([0.1, 0.4, 0.1, 0.4])).toBe(1);
    expect(dominantIndex([0, 0])).toBe(0);
  });

  it('passes over what is not measured', () => {
    expect(dominantIndex([NaN, 0.2, NaN, 0.3])).toBe(3);
    expect(dominantIndex([NaN, 0])).toBe(1);
  });

  it('is −1 where nothing is measured', () => {
    expect(dominantIndex([NaN, NaN])).toBe(-1);
    expect(dominantIndex([])).toBe(-1);
  });
});
