// What a terminal, and what a file shows of a study.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TrialTable } from '../../src/main/hosts/cli/trial-table.ts';
import { Study } from '../../src/main/science/study.ts';

const wasTTY = process.stderr.isTTY;
let written: string;

beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text.toString();
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = wasTTY;
});

const space = [{ name: 'x', least: 0, most: 1, scale: 'linear' } as const];

/** A study that stops a trial when it reports more than 3, of which the values are told one after the other. */
function told(table: (study: Study) => TrialTable, values: readonly number[]): TrialTable {
  const study = new Study(space, { seed: 1, pruner: ({ reports }) => Math.max(...reports) > 3 });
  const shown = table(study);
  for (const value of values) {
    const { number } = study.ask();
    const reported = study.report(number, value);
    if (reported.state === 'pruned') shown.add(reported, null);
    else shown.add(study.tell(number, value), 1 - value / 10);
  }
  return shown;
}

describe('elsewhere than on a terminal', () => {
  it('every new best trial is a line', () => {
    process.stderr.isTTY = false;
    told((study) => new TrialTable(study, 9), [2, 4, 2.5, 1, 1]).stop();
    expect(written.trim().split('\n')).toEqual([
      'trial 0: log loss 2.0000, accuracy 80.0 %, the best of 1',
      'trial 3: log loss 1.0000, accuracy 90.0 %, the best of 4',
    ]);
  });
});

describe('on a terminal', () => {
  it('a table is drawn over itself, with what is done, what was pruned and the best', () => {
    process.stderr.isTTY = true;
    const table = told((study) => new TrialTable(study, 9), [2, 4, 1]);
    expect(written).toContain('1 of 9');
    const first = written;
    table.stop();
    const last = written.slice(first.length);
    expect(last.startsWith('\u001b[5F\u001b[J')).toBe(true); // five lines up, and everything below is gone
    expect(last).toMatch(/trials +3 of 9/);
    expect(last).toMatch(/pruned +1\n/);
    expect(last).toMatch(/where the study began +log loss 2\.0000, accuracy 80\.0 %/);
    expect(last).toMatch(/best so far +trial 2: log loss 1\.0000, accuracy 90\.0 %/);
  });
});

describe('a study that goes on', () => {
  it('says so, and that its best is that of before until there is a better one', () => {
    process.stderr.isTTY = false;
    told(
      (study) => {
        study.restore({ number: 0, point: [0.5], state: 'complete', reports: [], value: 1.5 });
        return new TrialTable(study, 9);
      },
      [2, 1],
    ).stop();
    expect(written.trim().split('\n')).toEqual([
      'Going on with a study of 1 trial.',
      'trial 2: log loss 1.0000, accuracy 90.0 %, the best of 3',
    ]);
  });
});
