import { describe, expect, it } from 'vitest';
import { Redaction } from '../../../src/main/store/redaction.ts';

describe('a code in a text', () => {
  it.each([
    ['A07', 'erased'],
    ['A07 laughs', 'erased laughs'],
    ['“A07”, then (A07).', '“erased”, then (erased).'],
    ['a07_1.jpg', 'erased_1.jpg'],
    ['/data/A07-day1/A07.csv', '/data/erased-day1/erased.csv'],
    ['A07\nB08', 'erased\nB08'],
  ])('is found in %j', (text, without) => {
    const redaction = new Redaction('A07', ['B08']);
    expect([redaction.isIn(text), redaction.ofName(text)]).toEqual([true, without]);
  });

  it.each(['', 'A070', 'BA07', 'A0', 'éA07', 'A07é', 'A-07', '٣A07'])('is not found in %j', (text) => {
    const redaction = new Redaction('A07', []);
    expect([redaction.isIn(text), redaction.ofName(text), redaction.ofProse(text)]).toEqual([false, text, text]);
  });

  it('is not taken for that of somebody else', () => {
    const redaction = new Redaction('A07', ['A07', 'A07-b', 'a07', 'x.A07']);
    const text = 'A07-b, a07, x.A07, A07-bc and A07';
    expect(redaction.ofName(text)).toBe('A07-b, a07, x.A07, erased-bc and erased');
    expect(redaction.isIn('A07-b and a07')).toBe(false);
  });

  it('has no signs with a meaning of their own', () => {
    expect(new Redaction('A.7', []).isIn('AX7')).toBe(false);
    expect(new Redaction('A.7', []).ofName('A.7')).toBe('erased');
    expect(new Redaction('(a+b)[c]', []).ofName('of (a+b)[c].')).toBe('of erased.');
  });

  it('takes along what is said of the person', () => {
    const text = 'The light was poor.\nA07 was tired, and said so.\nB08 was not.';
    expect(new Redaction('A07', ['B08']).ofProse(text)).toBe('The light was poor.\nerased\nB08 was not.');
  });
});
