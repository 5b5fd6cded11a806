import { expect, it } from 'vitest';
import { difference } from '../../../src/renderer/ui/format.ts';

it('a difference has its sign in any case, also when nothing is left of it', () => {
  expect([2.77, -2.77, 0.05, 0.04, -0.04, 0, 12].map(difference)).toEqual([
    ...['+2.8', '−2.8', '+0.1', '+0.0', '+0.0', '+0.0', '+12.0'],
  ]);
  expect(difference(null)).toBe('–');
});
