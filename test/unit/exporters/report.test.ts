// The report: figures worked out by hand, gaps that stay gaps, and a file that needs nothing else.
import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, type Expression } from '../../../src/main/core/expression.ts';
import type { MissingReason } from '../../../src/main/core/record.ts';
import type { TimelineRow } from '../../../src/main/core/timeline.ts';
import type { StoredSession } from '../../../src/main/engine/ports.ts';
import { reportHtml } from '../../../src/main/exporters/report-html.ts';
import { PICTURES, SOURCE, emptyRow, exportContext, frameRecord, person, timelineRow } from '../../fixtures/records.ts';

function report(rows: readonly TimelineRow[], session: Partial<StoredSession> = {}): string {
  const sink = reportHtml.open(exportContext(session));
  return sink.head + rows.map((row) => sink.add(row)).join('') + sink.end();
}

/** A valid row at frame `sequence`, 0.04 s long, with these scores and 0 for the others. */
function valid(
  sequence: number,
  scores: Partial<Record<Expression, number>>,
  more: Partial<TimelineRow> = {},
): TimelineRow {
  const probabilities = Float32Array.from(EXPRESSIONS, (name) => scores[name] ?? 0);
  const confirmed = { smooth: null, confirmed: 'happiness' } as const;
  const time = { frame: frameRecord(sequence), tSeconds: 0.04 * sequence, durationSeconds: 0.04 };
  return timelineRow(sequence, { ...time, probabilities, windowed: confirmed, ...more });
}

function invalid(sequence: number, missingReason: MissingReason, more: Partial<TimelineRow> = {}): TimelineRow {
  const windowed = { smooth: null, confirmed: null };
  return valid(sequence, {}, { valid: false, probabilities: null, missingReason, windowed, ...more });
}

/** The text of the cells of a table's row. */
function cells(html: string, name: string): string[] {
  const row = new RegExp(`<th scope="row">${name}</th>(.*?)</tr>`).exec(html)?.[1] ?? '';
  return [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, text]) => text);
}

const pathOf = (html: string, expression: Expression): string =>
  [...html.matchAll(/<path d="([^"]*)"/g)][EXPRESSIONS.indexOf(expression)][1];

describe('the figures of a report', () => {
  const rows = [
    valid(0, { happiness: 0.8, neutral: 0.2 }),
    valid(1, { happiness: 0.4, neutral: 0.6 }, { durationSeconds: 0.12 }),
    invalid(2, 'occluded'),
    invalid(3, 'occluded'),
    invalid(4, 'cut_off', { face: null }),
  ];

  it('are means and shares over valid time, with what they are of', () => {
    const html = report(rows);
    // 0.04 s at 0.8 and 0.12 s at 0.4.
    expect(cells(html, 'Happiness')).toEqual(['0.500', '25.0 %']);
    expect(cells(html, 'Neutral')).toEqual(['0.500', '75.0 %']);
    expect(cells(html, 'Anger')).toEqual(['0.000', '0.0 %']);
    expect(html).toContain('2 of 5 rows valid (40.0 %), 0:00.2 of valid time; the face was found in 4.');
    expect(html).toContain('Mean score (model) over valid time');
  });

  it('name the rows that do not count, and warn where they are many', () => {
    const html = report(rows);
    expect(html).toContain('<li>face hidden: 2</li><li>cut off by the edge: 1</li>');
    expect(html).toContain('treat these figures with care');
    expect(report([...rows.slice(0, 2), valid(2, { fear: 1 })])).not.toContain('treat these figures with care');
  });

  it('are dashes where no row is valid, and words where nothing measures an expression', () => {
    expect(cells(report(rows.slice(2)), 'Happiness')).toEqual(['–', '–']);
    expect(cells(report([valid(0, { contempt: NaN, happiness: 1 })]), 'Contempt')).toEqual([
      'not measured by this profile',
    ]);
  });

  it('stand for each person, who are not to be compared without care', () => {
    const both = [valid(0, { fear: 1 }), valid(0, { anger: 1 }, { person: person(2, 'K-07') })];
    const html = report(both);
    expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, text]) => text)).toEqual([
      'P1',
      'K-07 (P2)',
      'Methods, to copy',
    ]);
    expect(html).toContain('not corrected for differences of face, light and angle between people');
    expect(report(both.slice(0, 1))).not.toContain('between people');
  });
});

describe('the picture of a report', () => {
  it('leaves a gap where rows are not valid', () => {
    const html = report([
      valid(0, { happiness: 1 }),
      valid(1, { happiness: 0.5 }),
      invalid(2, 'blurred'),
      valid(3, { happiness: 0 }),
      valid(4, { happiness: 0 }),
    ]);
    // 0.2 s over 926 pixels behind 34; the plot is 120 high below 6.
    expect(pathOf(html, 'happiness')).toBe('M34 6L219.2 66M589.6 126L774.8 126');
  });

  it('shows what is confirmed as far as it is', () => {
    const html = report([
      valid(0, { happiness: 1 }),
      valid(1, { happiness: 1 }),
      invalid(2, 'blurred'),
      invalid(3, 'blurred'),
    ]);
    expect(html).toMatch(/<rect x="34" width="463" y="134" height="14" fill="#e69f00"\/><text[^>]*>Happiness<\/text>/);
  });

  it('counts pictures instead of seconds', () => {
    const still = (i: number): TimelineRow =>
      valid(
        i,
        { fear: 1 },
        { tSeconds: NaN, durationSeconds: NaN, frame: frameRecord(i, { timeMs: NaN, name: `${i}.jpg` }) },
      );
    const html = report([still(0), still(1), still(2)], { source: PICTURES });
    expect(html).toContain('>picture 0<');
    expect(html).toContain('3 of 3 rows valid (100.0 %); the face');
    expect(html).toContain('share of valid pictures');
    expect(html).not.toContain('NaN');
  });
});

describe('a report', () => {
  it('needs no other file, runs nothing and asks for nothing', () => {
    const html = report([valid(0, { fear: 1 })]);
    expect(html).not.toMatch(/<script|https?:|src=|url\(|@import|<link/i);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('takes names as words and never as a part of itself', () => {
    const evil = '<img src=x onerror="alert(1)">&\'';
    const rows = [valid(0, { fear: 1 }, { person: person(1, evil) })];
    const html = report(rows, { code: evil, source: { ...SOURCE, name: evil }, problems: [evil] });
    expect(html).not.toContain('<img');
    expect(html.split('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;').length).toBeGreaterThan(5);
  });

  it('says that nobody was seen', () => {
    const html = report([emptyRow(0), emptyRow(1)]);
    expect(html).toContain('Nobody was seen.');
    expect(html).not.toMatch(/NaN|Infinity/);
    expect(report([])).not.toMatch(/NaN|Infinity/);
  });

  it('has the methods in words: program, profile, limits, filter, losses, consent', () => {
    const lost = valid(5, { fear: 1 }, { frame: frameRecord(5, { droppedBefore: 3 }) });
    const html = report([valid(0, { fear: 1 }), lost, { ...lost, person: person(2) }], { identification: false });
    const { profile, programVersion, profileHash } = exportContext().session;
    expect(html).toContain(
      `Mien ${programVersion}, profile &quot;${profile.name}&quot; (hash ${profileHash.slice(0, 12)})`,
    );
    expect(html).toContain('3 lost');
    expect(html).toContain(`at least ${profile.quality.minInterocularPx} pixels apart`);
    expect(html).toContain(`the last ${profile.window.confirmationMs} ms`);
    expect(html).toContain('no embedding was computed');
    expect(html).toContain('Nothing was edited by hand.');
    expect(html).toContain('not what the person feels');
    expect(html).toContain(
      `calibrated with a temperature: ${profile.members[0].model} ${profile.members[0].temperature}, `,
    );
    expect(html).toContain('No rules were applied.');
    expect(html).toContain('the score of an expression never decides');
  });

  it('says how scores were refined and rejected, and that frames were counted', () => {
    const { profile } = exportContext().session;
    const window = { ...profile.window, frames: { smoothing: 5, confirmation: 20 } };
    const html = report([valid(0, { fear: 1 })], { profile: { ...profile, override: true, reject: 30, window } });
    expect(html).toContain('the estimate was moved towards it');
    expect(html).toContain('less than 30 of 100 points was rejected');
    expect(html).not.toContain('never decides');
    expect(html).not.toContain('no rules were applied');
    expect(html).toContain('the last 5 frames with a valid row, counted and not timed, as published');
  });
});
