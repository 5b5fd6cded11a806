import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression, type Probabilities } from '../../../src/main/core/expression.ts';
import { PersonWindow, type Windowed, type WindowOptions } from '../../../src/main/core/window.ts';
import { TIMED } from '../../fixtures/fake-profile.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const OPTIONS = TIMED;

interface Row {
  readonly timeMs: number;
  /** Null for a row that is not valid. */
  readonly probabilities: Probabilities | null;
}

const HAPPY = scores({ happiness: 1 });
const SAD = scores({ sadness: 1 });

const all = (rows: readonly Row[], options = OPTIONS): Windowed[] => {
  const window = new PersonWindow(options);
  return rows.map(({ timeMs, probabilities }) => window.add(timeMs, probabilities));
};

/** Rows 40 ms apart: h is a happy face, s a sad one, a point is a row that is not valid. */
const rowsOf = (letters: string, startMs = 0): Row[] =>
  Array.from(letters, (letter, i) => ({
    timeMs: startMs + 40 * i,
    probabilities: { h: HAPPY, s: SAD }[letter] ?? null,
  }));

/** What is confirmed, in the letters of {@link rowsOf}; a point for nothing. */
const confirmedIn = (windowed: readonly Windowed[]): string =>
  windowed.map(({ confirmed }) => (confirmed === null ? '.' : confirmed.charAt(0))).join('');

/** Where there is a mean: the share of happiness in it; null elsewhere. */
const happinessIn = (windowed: readonly Windowed[]): (number | null)[] =>
  windowed.map(({ smooth }) => smooth && Number(smooth[4].toFixed(4)));

describe('smoothing', () => {
  it('begins when half the time is over, and then takes the rows of the last 167 ms', () => {
    // Half is 83.5 ms: the row at 120 ms is the first behind it. The window then holds 5 rows: 160 < 167 < 200.
    expect(happinessIn(all(rowsOf('hhhssss')))).toEqual([null, null, null, 0.75, 0.6, 0.4, 0.2]);
  });

  it('is the mean of every expression, whatever is dominant', () => {
    const first = scores({ anger: 0.5, neutral: 0.3, surprise: 0.2 });
    const second = scores({ anger: 0.1, neutral: 0.6, surprise: 0.3 });
    const { smooth } = all([
      { timeMs: 0, probabilities: first },
      { timeMs: 100, probabilities: second },
    ])[1];
    const expected = { anger: 0.3, neutral: 0.45, surprise: 0.25 } as Partial<Record<Expression, number>>;
    EXPRESSIONS.forEach((name, i) => expect(smooth?.[i]).toBeCloseTo(expected[name] ?? 0, 6));
  });

  it('counts milliseconds, not frames', () => {
    // The same 160 ms at four times the rate, and then a face that comes late: only what is younger than 167 ms counts.
    const fast = Array.from({ length: 17 }, (_, i) => ({ timeMs: 10 * i, probabilities: i < 8 ? HAPPY : SAD }));
    expect(happinessIn(all(fast)).at(-1)).toBeCloseTo(8 / 17, 4);
    const late = { timeMs: 330, probabilities: HAPPY }; // 330 − 167 = 163: everything else is too old
    expect(happinessIn(all([...fast, late])).at(-1)).toBe(1);
  });

  it('holds a row for less than its time, not for all of it', () => {
    const at = (timeMs: number): number | null =>
      happinessIn(all([...rowsOf('s'), { timeMs, probabilities: HAPPY }])).at(-1) ?? null;
    expect(at(166)).toBe(0.5);
    expect(at(167)).toBe(1);
  });

  it('leaves out rows that are not valid, and has no value in them', () => {
    expect(happinessIn(all(rowsOf('hhhh.s')))).toEqual([null, null, null, 1, null, 0.75]);
  });

  it('needs half the rows of the time to be valid', () => {
    // In the last row: 2 of 5, 3 of 5 and, with rows 50 ms apart, 2 of 4.
    expect(happinessIn(all(rowsOf('hhhhh...h'))).at(-1)).toBeNull();
    expect(happinessIn(all(rowsOf('hhhhh..h'))).at(-1)).toBe(1);
    const even = [HAPPY, HAPPY, HAPPY, null, null, SAD].map((probabilities, i) => ({ timeMs: 50 * i, probabilities }));
    expect(happinessIn(all(even)).at(-1)).toBe(0.5);
  });

  it('leaves what nothing measures empty and does not make it a zero', () => {
    const seven = scores({ happiness: 0.8, contempt: NaN }, 0.2 / 6);
    const { smooth } = all(rowsOf('hhhh').map(({ timeMs }) => ({ timeMs, probabilities: seven })))[3];
    expect(smooth?.[EXPRESSIONS.indexOf('contempt')]).toBeNaN();
    expect(smooth?.[EXPRESSIONS.indexOf('happiness')]).toBeCloseTo(0.8, 6);
  });

  it('does not change what it was given, and what it gave stays', () => {
    const rows = rowsOf('hhhhssss').map((row) => ({
      ...row,
      probabilities: Float32Array.from(row.probabilities ?? []),
    }));
    const copies = rows.map(({ probabilities }) => [...probabilities]);
    const windowed = all(rows);
    expect(rows.map(({ probabilities }) => [...probabilities])).toEqual(copies);
    expect(happinessIn(windowed)).toEqual([null, null, null, 1, 0.8, 0.6, 0.4, 0.2]);
  });
});

describe('confirmation', () => {
  it('begins when half the time is over', () => {
    // Half is 333.5 ms: rows at 0, 40, … 320 are too early, the one at 360 is not.
    expect(confirmedIn(all(rowsOf('h'.repeat(14))))).toBe('.........hhhhh');
  });

  it('of a change comes when more than 60 % of the rows show it, and the old one goes when fewer do', () => {
    // 667 ms hold 17 rows, 60 % are 10.2: the old one stays for 6 rows of the new one, which is confirmed with its 11th.
    const windowed = confirmedIn(all(rowsOf('h'.repeat(20) + 's'.repeat(15))));
    expect(windowed.slice(20)).toBe('hhhhhh....sssss');
  });

  it('is not given for exactly 60 %, however many rows that are', () => {
    const confirmed = (rows: number, happy: number): Expression | null => {
      const probabilitiesOf = (i: number): Probabilities => (i < happy ? HAPPY : SAD);
      const film = Array.from({ length: rows }, (_, i) => ({ timeMs: i, probabilities: probabilitiesOf(i) }));
      return all(film, { ...OPTIONS, confirmationMs: rows })[rows - 1].confirmed;
    };
    for (let rows = 5; rows <= 100; rows += 5) {
      expect(confirmed(rows, (3 * rows) / 5), `${rows} rows`).toBeNull();
      expect(confirmed(rows, (3 * rows) / 5 + 1), `${rows} rows`).toBe('happiness');
    }
  });

  it('goes by what is dominant in each row, not by the mean', () => {
    // Two rows in three are just happier than sad, the third is wholly sad: the mean is sad.
    const slightly = scores({ happiness: 0.51, sadness: 0.49 });
    const rows = Array.from({ length: 18 }, (_, i) => ({
      timeMs: 40 * i,
      probabilities: i % 3 === 2 ? SAD : slightly,
    }));
    const { smooth, confirmed } = all(rows)[17];
    expect(confirmed).toBe('happiness');
    expect(smooth?.[6]).toBeGreaterThan(smooth?.[4] ?? 1);
  });

  it('counts the share over the valid rows, and needs half of all rows to be valid', () => {
    // The last 17 rows: 9 happy and 8 that are not valid, then 8 happy and 9 that are not.
    expect(confirmedIn(all(rowsOf('hhhhhhhhhh' + '.'.repeat(8) + 'hh'))).at(-1)).toBe('h');
    expect(confirmedIn(all(rowsOf('hhhhhhhhhh' + '.'.repeat(9) + 'h'))).at(-1)).toBe('.');
  });

  it('is nothing in a row that is not valid, and goes on behind it', () => {
    expect(confirmedIn(all(rowsOf('h'.repeat(12) + '..' + 'hh'))).slice(10)).toBe('hh..hh');
  });

  it('is never neutral for want of something better', () => {
    const undecided = confirmedIn(all(rowsOf('hs'.repeat(15))));
    expect(undecided).toBe('.'.repeat(30));
  });
});

describe('after more than 500 ms without a valid row', () => {
  const before = rowsOf('h'.repeat(20)); // the last one at 760 ms

  it('both begin anew, and nothing from before counts', () => {
    const windowed = all([...before, ...rowsOf('s'.repeat(12), 760 + 501)]).slice(20);
    expect(happinessIn(windowed)).toEqual([null, null, null, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(confirmedIn(windowed)).toBe('.........sss');
  });

  it('they do so too when there were rows in between that are not valid', () => {
    // 12 rows later is 520 ms after the last valid one.
    const windowed = all([...before, ...rowsOf('.'.repeat(12) + 'ssss', 800)]).slice(32);
    expect(happinessIn(windowed)).toEqual([null, null, null, 0]);
    expect(confirmedIn(windowed)).toBe('....');
  });

  it('rows that were not valid in the gap do not count against those behind it', () => {
    const rows = [...before, ...rowsOf('.'.repeat(30) + 'h'.repeat(10), 800)];
    expect(confirmedIn(all(rows)).at(-1)).toBe('h');
  });

  it('but not after just 500 ms', () => {
    // The row at 1,260 sees those from 600 on: 5 happy and itself.
    const windowed = all([...before, { timeMs: 1260, probabilities: SAD }]);
    expect(windowed.at(-1)?.confirmed).toBe('happiness');
    expect(happinessIn(windowed).at(-1)).toBe(0);
  });
});

describe('a picture, which has no time,', () => {
  it('has neither, and leaves no trace', () => {
    const window = new PersonWindow(OPTIONS);
    const nothing = { smooth: null, confirmed: null };
    for (let i = 0; i < 30; i++) expect(window.add(NaN, HAPPY)).toEqual(nothing);
    expect(window.add(0, SAD)).toEqual(nothing);
    expect(happinessIn([window.add(100, SAD)])).toEqual([0]);
  });
});

/** Smoothing and confirmation of row `k` by their definition, from all rows before it, without remembering anything. */
function byDefinition(rows: readonly Row[], k: number, options: WindowOptions): Windowed {
  const now = rows[k].timeMs;
  if (!rows[k].probabilities) return { smooth: null, confirmed: null };
  let start = k;
  for (let i = k - 1; i >= 0; i--) {
    if (!rows[i].probabilities) continue;
    if (rows[start].timeMs - rows[i].timeMs > options.restartMs) break;
    start = i;
  }
  const validWithin = (lengthMs: number): Probabilities[] | null => {
    const within = rows.slice(start, k + 1).filter(({ timeMs }) => now - timeMs < lengthMs);
    const valid = within.map(({ probabilities }) => probabilities).filter((row) => row !== null);
    const isHalfOver = now - rows[start].timeMs >= lengthMs / 2;
    return isHalfOver && valid.length / within.length >= 0.5 ? valid : null;
  };
  const toSmooth = validWithin(options.smoothingMs);
  const sums = EXPRESSIONS.map((_, e) => toSmooth?.reduce((sum, row) => sum + row[e], 0) ?? 0);
  const toConfirm = validWithin(options.confirmationMs);
  const confirmed = EXPRESSIONS.find((_, e) => {
    const dominant = toConfirm?.filter((row) => Math.max(...row) === row[e]) ?? [];
    return 1000 * dominant.length > Math.round(1000 * options.confirmationShare) * (toConfirm?.length ?? 0);
  });
  return {
    smooth: toSmooth && Float32Array.from(sums, (sum) => sum / toSmooth.length),
    confirmed: confirmed ?? null,
  };
}

describe('any row of any person', () => {
  const probabilitiesFor = (random: () => number, mood: number): Probabilities => {
    const raw = EXPRESSIONS.map((_, e) => random() + (e === mood ? 1.2 : 0));
    const sum = raw.reduce((p, q) => p + q, 0);
    return Float32Array.from(raw, (value) => value / sum);
  };

  it.each([
    ['the default windows', OPTIONS],
    [
      'windows of one length',
      { ...TIMED, smoothingMs: 400, confirmationMs: 400, confirmationShare: 0.5, restartMs: 300 },
    ],
    [
      'a longer smoothing',
      { ...TIMED, smoothingMs: 1000, confirmationMs: 200, confirmationShare: 0.7, restartMs: 150 },
    ],
  ])('has what the definition says, at irregular times, with gaps, with %s', (_, options) => {
    let [means, confirmations, restarts] = [0, 0, 0];
    for (let seed = 1; seed <= 12; seed++) {
      const random = seeded(seed);
      const rows: Row[] = [];
      let [timeMs, mood, validShare] = [Math.floor(1000 * random()), 0, 1];
      for (let i = 0; i < 250; i++) {
        if (random() < 0.04) mood = Math.floor(8 * random());
        if (random() < 0.05) validShare = [1, 0.8, 0.5, 0][Math.floor(4 * random())];
        rows.push({ timeMs, probabilities: random() < validShare ? probabilitiesFor(random, mood) : null });
        const step = random();
        timeMs += step < 0.02 ? Math.floor(900 * random()) : step < 0.1 ? 0 : Math.floor(70 * random());
      }
      const windowed = all(rows, options);
      rows.forEach((_row, k) => {
        const expected = byDefinition(rows, k, options);
        expect(windowed[k].confirmed).toBe(expected.confirmed);
        expect(windowed[k].smooth === null).toBe(expected.smooth === null);
        EXPRESSIONS.forEach((_name, e) => {
          if (expected.smooth) expect(windowed[k].smooth?.[e]).toBeCloseTo(expected.smooth[e], 6);
        });
        if (expected.smooth) means++;
        else if (means > 0 && rows[k].probabilities) restarts++;
        if (expected.confirmed) confirmations++;
      });
    }
    // The films have enough of everything for the comparison to mean something.
    expect(means).toBeGreaterThan(500);
    expect(confirmations).toBeGreaterThan(100);
    expect(restarts).toBeGreaterThan(50);
  });
});

describe('exponential smoothing', () => {
  /** With a time constant of 40 / ln 2 ms a row 40 ms old weighs half as much as one of now. */
  const HALVING: WindowOptions = { ...TIMED, smoothing: 'exponential', smoothingMs: 40 / Math.LN2 };
  const happiness = (rows: readonly Row[]): (number | null)[] => happinessIn(all(rows, HALVING));

  it('halves the weight of what was with every row', () => {
    // 1, then half of 0 and half of what was; the first row is younger than half the time.
    expect(happiness(rowsOf('hsssh'))).toEqual([null, 0.5, 0.25, 0.125, 0.5625]);
  });

  it('goes by time, not by rows', () => {
    const rows = [0, 10, 80].map((timeMs, i) => ({ timeMs, probabilities: i === 0 ? HAPPY : SAD }));
    // After 80 ms a quarter of the happy row is left, however many sad ones came between.
    expect(happiness(rows).at(-1)).toBe(0.25);
  });

  it('stays within what was measured where times fall, as those of damaged files may', () => {
    const rows = [0, 40, 80, 120, 20, 60, 100].map((timeMs, i) => ({ timeMs, probabilities: i < 4 ? HAPPY : SAD }));
    for (const value of happiness(rows)) if (value !== null) expect(Math.abs(value - 0.5)).toBeLessThanOrEqual(0.5);
  });

  it('leaves out rows that are not valid, and begins anew after a gap', () => {
    expect(happiness(rowsOf('hs.s'))).toEqual([null, 0.5, null, 0.125]);
    const later = rowsOf('ss', 40 + 501);
    expect(happiness([...rowsOf('hh'), ...later]).at(-1)).toBe(0);
  });

  it('goes on with what is measured again', () => {
    const unmeasured = HAPPY.with(4, NaN);
    const rows = [HAPPY, unmeasured, SAD, SAD].map((probabilities, i) => ({ timeMs: 40 * i, probabilities }));
    const smooth = all(rows, HALVING).map((windowed) => windowed.smooth?.[4]);
    expect(smooth).toEqual([undefined, NaN, 0, 0]);
  });
});

describe('windows that count frames, as published', () => {
  const COUNTED: WindowOptions = { ...TIMED, frames: { smoothing: 5, confirmation: 20 } };

  it('smooth over the last five rows of a person, or as many as there are', () => {
    expect(happinessIn(all(rowsOf('hhsssss'), COUNTED))).toEqual([1, 1, 0.6667, 0.5, 0.4, 0.2, 0]);
  });

  it('confirm what dominates more than 60 % of the last twenty, and are neutral otherwise', () => {
    const at = (letters: string): string | null => all(rowsOf(letters), COUNTED).at(-1)?.confirmed ?? null;
    expect(at('s'.repeat(7) + 'h'.repeat(13))).toBe('happiness');
    expect(at('s'.repeat(8) + 'h'.repeat(12))).toBe('neutral'); // 60 % are not more than 60 %
    expect(at('s'.repeat(40) + 'h'.repeat(13))).toBe('happiness');
    expect(at('h')).toBe('happiness');
    expect(at('sh')).toBe('neutral');
  });

  it('do not count rows that are not valid, which have no values, and bridge any gap', () => {
    expect(happinessIn(all(rowsOf('h.s'), COUNTED))).toEqual([1, null, 0.5]);
    expect(all(rowsOf('h.'), COUNTED)[1].confirmed).toBeNull();
    expect(happinessIn(all([...rowsOf('h'), ...rowsOf('s', 60_000)], COUNTED))).toEqual([1, 0.5]);
  });

  it('have nothing to say of pictures', () => {
    expect(all([{ timeMs: NaN, probabilities: HAPPY }], COUNTED)).toEqual([{ smooth: null, confirmed: null }]);
  });
});
