import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression } from '../../../src/main/core/expression.ts';
import { compare, evaluate, mainFigures, type EvaluatedItem } from '../../../src/main/science/evaluation.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const item = (
  name: string,
  label: Expression,
  choice: Expression | null,
  subject: string | null = null,
): EvaluatedItem => ({
  ...{ name, subject, label: EXPRESSIONS.indexOf(label) },
  probabilities: choice && scores({ [choice]: 1 }),
});

describe('an evaluation', () => {
  const items = [
    item('a', 'anger', 'anger'),
    item('b', 'anger', 'neutral'),
    item('c', 'fear', 'fear'),
    item('d', 'fear', null),
  ];

  it('leaves out pictures without a face, and says how it would be if they were wrong', () => {
    const figures = evaluate(items);
    expect(figures).toMatchObject({ images: 4, faces_not_found: 1, accuracy_with_errors: 0.5 });
    expect(figures.accuracy).toBeCloseTo(2 / 3, 12);
    expect(figures.balanced_accuracy).toBeCloseTo((0.5 + 1) / 2, 12);
  });

  it('has rows and columns of what occurs or was chosen', () => {
    const { labels, confusion, per_label } = evaluate(items);
    expect(labels).toEqual(['anger', 'fear', 'neutral']);
    expect(confusion).toEqual([
      [1, 0, 1],
      [0, 1, 0],
      [0, 0, 0],
    ]);
    expect(per_label.neutral).toEqual({ precision: 0, recall: null, f1: 0, support: 0 });
  });

  it('draws subjects where all are known, and says what it drew', () => {
    expect(evaluate(items).intervals_of).toContain('pictures');
    const known = items.map((one, i) => ({ ...one, subject: `S${i % 2}` }));
    expect(evaluate(known).intervals_of).toContain('subjects');
    expect(evaluate([...known, item('e', 'fear', 'fear')]).intervals_of).toContain('pictures');
  });

  it('has intervals around its figures, the same in every run', () => {
    const many = Array.from({ length: 200 }, (_, i) => item(String(i), 'anger', i % 4 ? 'anger' : 'fear'));
    const { accuracy, intervals } = evaluate(many);
    expect(accuracy).toBe(0.75);
    expect(intervals.accuracy?.low).toBeGreaterThan(0.66);
    expect(intervals.accuracy?.low).toBeLessThan(0.75);
    expect(intervals.accuracy?.high).toBeGreaterThan(0.75);
    expect(evaluate(many).intervals).toEqual(intervals);
  });

  it('of nothing has no figures', () => {
    expect(mainFigures([])).toEqual({
      ...{ accuracy: null, balanced_accuracy: null, macro_f1: null, log_loss: null, ece: null },
    });
    expect(evaluate([item('a', 'fear', null)])).toMatchObject({ accuracy: null, faces_not_found: 1, confusion: [] });
  });
});

describe('a comparison', () => {
  const first = Array.from({ length: 12 }, (_, i) => item(String(i), 'anger', i < 10 ? 'anger' : 'fear', `S${i}`));
  const second = Array.from({ length: 12 }, (_, i) => item(String(i), 'anger', i < 1 ? 'anger' : 'fear', `S${i}`));

  it('counts what only one has right, of pictures that both have an estimate for', () => {
    const compared = compare([...first, item('x', 'fear', 'fear')], [...second, item('x', 'fear', null)]);
    expect(compared).toMatchObject({ images: 12, only_first_right: 9, only_second_right: 0 });
    expect(compared?.p).toBeCloseTo(2 / 512, 9);
    expect(compared?.accuracy[0]).toBeCloseTo(10 / 12, 12);
  });

  it('asks by subjects where they are known', () => {
    expect(compare(first, second)?.p_subjects).toBeLessThan(0.02);
    expect(
      compare(
        first.map((one) => ({ ...one, subject: null })),
        second,
      )?.p_subjects,
    ).toBeNull();
  });

  it('adjusts what it says of each expression', () => {
    const [more, less] = [first, second].map((items) => [
      ...items,
      item('f', 'fear', 'fear'),
      item('g', 'sadness', 'fear'),
    ]);
    const compared = compare(more, less);
    expect(Object.keys(compared?.per_label ?? {})).toEqual(['anger', 'fear', 'sadness']);
    expect(compared?.per_label.anger.p_holm).toBeCloseTo((3 * 2) / 512, 9);
  });

  it('of other pictures, or of others with the same names, is none', () => {
    expect(compare(first, [item('y', 'anger', 'anger')])).toBeNull();
    expect(
      compare(
        first,
        first.map((one) => ({ ...one, label: 3 })),
      ),
    ).toBeNull();
  });
});
