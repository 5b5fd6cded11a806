// Baselines in the files: columns where somebody has one, and none anywhere else.
import { describe, expect, it } from 'vitest';
import type { Baseline } from '../../../src/main/core/baseline.ts';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import { LossCollector } from '../../../src/main/core/losses.ts';
import type { Exporter } from '../../../src/main/engine/ports.ts';
import { baselineFacts, baselineParagraphs } from '../../../src/main/exporters/baselines.ts';
import { jsonLines } from '../../../src/main/exporters/json-lines.ts';
import { longCsv } from '../../../src/main/exporters/long-csv.ts';
import { methodsOf } from '../../../src/main/exporters/report-methods.ts';
import { wideCsv } from '../../../src/main/exporters/wide-csv.ts';
import { exportContext, parseCsv, parseTable, person, timelineRow } from '../../fixtures/records.ts';
import { scores } from '../../fixtures/timeline-rows.ts';

const NAMES = EXPRESSIONS.map((name) => `baseline_${name}`);
const BASELINE: Baseline = {
  ...{
    person: { ...person(1), label: 'mother' },
    firstSequence: 10,
    lastSequence: 34,
    fromMs: 400,
    toMs: 1400,
    rows: 24,
  },
  median: scores({ happiness: 0.0625, neutral: 0.8, contempt: NaN }),
};
const CONTEXT = exportContext({}, { baselines: [BASELINE] });
const ABOVE = scores({ happiness: 2.5, neutral: -1.25, contempt: NaN });
const ROWS = [timelineRow(1, { aboveBaseline: ABOVE }), timelineRow(2, { person: person(2) })];

function textOf(exporter: Exporter, context = CONTEXT): string {
  const sink = exporter.open(context);
  return sink.head + ROWS.map((row) => sink.add(row)).join('') + sink.end();
}

describe('how far rows lie above a baseline', () => {
  it('is in eight columns of the wide table, empty for people without one', () => {
    const [own, other] = parseTable(textOf(wideCsv));
    expect(NAMES.map((name) => own[name])).toEqual(['0', '', '0', '0', '2.5', '-1.25', '0', '0']);
    expect(NAMES.map((name) => other[name])).toEqual(Array<string>(8).fill(''));
    const plain = Object.keys(parseTable(textOf(wideCsv, exportContext()))[0]);
    expect(Object.keys(own)).toEqual([...plain, ...NAMES]);
  });

  it('is eight measures of the long table', () => {
    const rows = parseTable(textOf(longCsv));
    const measures = rows.slice(0, rows.length / 2).map(({ measure }) => measure);
    expect(measures.filter((measure) => measure.startsWith('baseline_'))).toEqual(NAMES);
    const happiness = rows.filter(({ measure }) => measure === 'baseline_happiness');
    expect(happiness.map(({ value }) => value)).toEqual(['2.5', '']);
    expect(happiness[0].confidence).not.toBe('');
    expect(happiness[1].confidence).toBe('');
    expect(textOf(longCsv, exportContext())).not.toContain('baseline_');
  });

  it('is a field of the JSON lines, null for people without one', () => {
    const lines = textOf(jsonLines).trim().split('\n');
    const [own, other] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(own.above_baseline).toEqual({
      ...{ anger: 0, contempt: null, disgust: 0, fear: 0, happiness: 2.5, neutral: -1.25, sadness: 0, surprise: 0 },
    });
    expect(other.above_baseline).toBeNull();
    expect(textOf(jsonLines, exportContext())).not.toContain('above_baseline');
    expect(Object.keys(jsonLines.columns(CONTEXT)).sort()).toEqual(Object.keys(own).sort());
  });

  it('is explained wherever it is', () => {
    for (const exporter of [wideCsv, longCsv]) {
      const [head] = parseCsv(exporter.open(CONTEXT).head);
      expect(Object.keys(exporter.columns(CONTEXT))).toEqual(head);
    }
    expect(wideCsv.columns(CONTEXT).baseline_fear).toContain('log-odds');
    expect(longCsv.columns(CONTEXT).measure).toContain('baseline_');
    expect(longCsv.columns(exportContext()).measure).not.toContain('baseline_');
  });
});

describe('a baseline', () => {
  it('is a fact of the sidecar', () => {
    expect(baselineFacts(CONTEXT)).toEqual({
      baselines: [
        {
          ...{ person: 'mother', stretch: '0.40 s to 1.40 s', first_frame: 10, last_frame: 34, valid_rows: 24 },
          median: {
            ...{
              anger: 0,
              contempt: null,
              disgust: 0,
              fear: 0,
              happiness: 0.0625,
              neutral: 0.8,
              sadness: 0,
              surprise: 0,
            },
          },
        },
      ],
    });
    expect(baselineFacts(exportContext())).toEqual({});
  });

  it('is a paragraph of the methods', () => {
    const pictures = { ...BASELINE, person: person(2), fromMs: null, toMs: null, rows: 11 };
    const [words, ...more] = baselineParagraphs({ baselines: [BASELINE, pictures] });
    expect(more).toEqual([]);
    expect(words).toContain(
      'The neutral baseline of mother, marked by hand, is the median of the refined scores of 24 valid rows (0.40 s to 1.40 s): anger 0.000, disgust ' +
        '0.000, fear 0.000, happiness 0.063, neutral 0.800, sadness 0.000, surprise 0.000. The neutral baseline of P2, marked by ' +
        'hand, is the median of the refined scores of 11 valid rows (picture 10 to picture 34): ',
    );
    expect(words).toContain('the natural log-odds of the refined score less those of the median');
    const plain = methodsOf(exportContext(), new LossCollector());
    const methods = methodsOf(CONTEXT, new LossCollector());
    expect(methods.filter((paragraph) => !plain.includes(paragraph))).toEqual(baselineParagraphs(CONTEXT));
    expect(plain.join(' ')).not.toContain('baseline');
  });
});
