// How a value becomes text: nothing is lost, nothing is invented, and no spreadsheet runs it.
import { describe, expect, it } from 'vitest';
import { csvCell, csvLine, jsonNumber, numberText } from '../../../src/main/exporters/cells.ts';
import { parseCsv } from '../../fixtures/records.ts';
import { seeded } from '../../fixtures/seeded.ts';

describe('numbers', () => {
  it('in single precision read back as the same number, whatever their size', () => {
    const random = seeded(7);
    const bits = new DataView(new ArrayBuffer(4));
    for (let i = 0; i < 50_000; i++) {
      bits.setUint32(0, Math.floor(random() * 2 ** 32));
      const value = bits.getFloat32(0);
      if (!Number.isFinite(value)) continue;
      const back = Math.fround(Number(numberText(value)));
      if (back !== value) expect.fail(`${value} was written as ${numberText(value)}`);
    }
  });

  it('in single precision between 0 and 1 need at most 9 digits', () => {
    const random = seeded(8);
    for (let i = 0; i < 20_000; i++) {
      const value = Math.fround(random());
      const text = numberText(value);
      const digits = text
        .replace(/e.*$/, '')
        .replace(/^0\.0*/, '')
        .replace('.', '');
      if (digits.length > 9 || Math.fround(Number(text)) !== value) expect.fail(`${value} was written as ${text}`);
    }
  });

  it('in double precision read back as the same number', () => {
    const random = seeded(9);
    for (let i = 0; i < 20_000; i++) {
      const value = (random() - 0.5) * 10 ** Math.floor(40 * random() - 20);
      if (Math.fround(value) === value) continue; // single precision by chance
      if (Number(numberText(value)) !== value) expect.fail(`${value} was written as ${numberText(value)}`);
    }
  });

  it.each([1.00390625, 3600.03125, 20000.0625, 100000.0625])(
    'that are times lose nothing, even where single precision happens to hold them: %d s',
    (seconds) => {
      expect(csvCell({ exact: seconds })).toBe(String(seconds));
    },
  );

  it.each([
    [0, '0'],
    [1, '1'],
    [-3, '-3'],
    [0.5, '0.5'],
    [Math.fround(0.1), '0.1'],
    [Math.fround(2 / 3), '0.6666667'],
    [0.1, '0.1'],
    [1 / 3, '0.3333333333333333'],
    [16777216, '16777216'],
    [1e21, '1e+21'],
    [Math.fround(1e-30), '1e-30'],
  ])('%d is written as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
    expect(csvCell(value)).toBe(text);
  });

  it('are separated by a point whatever the country', () => {
    expect(csvLine([1.5, 1234.5])).toBe('1.5,1234.5\n');
  });
});

describe('missing values', () => {
  it('are empty cells', () => {
    expect(csvLine([null, NaN, '', 0, false])).toBe(',,,0,0\n');
  });

  it('are null in JSON, as are numbers that JSON does not have', () => {
    expect([NaN, Infinity, -Infinity, 0, Math.fround(0.3)].map(jsonNumber)).toEqual([null, null, null, 0, 0.3]);
  });
});

describe('truth', () => {
  it('is 1 or 0', () => {
    expect(csvLine([true, false])).toBe('1,0\n');
  });
});

describe('text', () => {
  it.each([
    ['plain', 'plain'],
    ['two words', 'two words'],
    ['a,b', '"a,b"'],
    ['say "so"', '"say ""so"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['Jürgen 😀', 'Jürgen 😀'],
  ])('%j is written as %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
    expect(parseCsv(`${cell}\n`)).toEqual([[text]]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")', '-2+3+cmd|"/C calc"!A0'])(
    'that a spreadsheet would run is disarmed: %j',
    (text) => {
      const [[cell]] = parseCsv(`${csvCell(text)}\n`);
      expect(cell).toBe(`'${text}`);
      expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    },
  );

  it('with a sign further inside is left alone', () => {
    for (const text of ['a=b', 'A-07', 'x@y.z', '1+1']) expect(csvCell(text)).toBe(text);
  });

  it('stays in its cell, whatever it holds', () => {
    const nasty = ['a,b', '"', '""', '\n', '\r', ',', "'", '=",', 'end"\n=1,2', '"=1'];
    const [cells, ...more] = parseCsv(csvLine(nasty));
    expect(more).toEqual([]);
    expect(cells).toHaveLength(nasty.length);
    cells.forEach((cell, i) => expect(cell.replace(/^'/, '')).toBe(nasty[i].replace(/^'/, '')));
  });
});
