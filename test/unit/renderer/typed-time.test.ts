import { describe, expect, it } from 'vitest';
import { secondsIn } from '../../../src/renderer/ui/typed-time.ts';

describe('a time that was typed', () => {
  it.each([
    ['0', 0],
    ['75.5', 75.5],
    ['75,5', 75.5],
    [' 1:15.5 ', 75.5],
    ['0:01:15.5', 75.5],
    ['12:00:00', 43_200],
    ['1:00', 60],
    ['59:59.9', 3599.9],
  ])('%s is %f seconds', (text, seconds) => expect(secondsIn(text)).toBe(seconds));

  it.each(['', '1:60', '60:00', '1:2:3:4', '-1', '1e3', 'a', '1:', ':1', '1.', '1:75.5'])('%s is none', (text) =>
    expect(secondsIn(text)).toBeNull(),
  );
});
