import { describe, expect, it } from 'vitest';
import { filterWords } from '../../../src/main/exporters/filter-words.ts';
import { TIMED } from '../../fixtures/fake-profile.ts';

describe('what is said of the filter', () => {
  it('is its time and its delay', () => {
    expect(filterWords(TIMED)).toEqual({
      smoothing: 'mean of the valid rows of the last 167 ms; delay about 83.5 ms',
      confirmation:
        'dominant in more than 60 % of the valid rows of the last 667 ms; an onset is confirmed at least 400 ms late; empty while undecided',
      restart: 'both begin anew after more than 500 ms without a valid row',
    });
  });

  it('is a time constant of an exponential mean', () => {
    expect(filterWords({ ...TIMED, smoothing: 'exponential', smoothingMs: 100 }).smoothing).toBe(
      'exponential mean of the valid rows with a time constant of 100 ms; delay about 100 ms',
    );
  });

  it('is frames where these are counted, and neutral for what is undecided', () => {
    // More than 60 % of 20 are 13; the mean of five rows is two rows late.
    const words = filterWords({ ...TIMED, frames: { smoothing: 5, confirmation: 20 } });
    expect(words.smoothing).toBe(
      'mean of the last 5 frames with a valid row, counted and not timed, as published; delay about 2 frames',
    );
    expect(words.confirmation).toBe(
      'dominant in more than 60 % of the last 20 frames with a valid row, counted and not timed, as published; ' +
        'an onset is confirmed with its frame number 13 when the window is full; neutral while undecided',
    );
    expect(words.restart).toBe('neither begins anew after a gap');
  });
});
