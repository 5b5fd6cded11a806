import { describe, expect, it } from 'vitest';
import type { DepthRejection } from '../../../src/main/core/record.ts';
import { jsonLines } from '../../../src/main/exporters/json-lines.ts';
import { rejectionFacts, rejectionSentence, rejectionsIn } from '../../../src/main/exporters/rejections.ts';
import { reportHtml } from '../../../src/main/exporters/report-html.ts';
import { wideCsv } from '../../../src/main/exporters/wide-csv.ts';
import { NOTES, exportContext, faceRecord, parseCsv, timelineRow } from '../../fixtures/records.ts';

const PHOTOGRAPH: DepthRejection = {
  ...{ firstSequence: 30, lastSequence: 330, firstMs: 1000, lastMs: 11_000, frames: 299 },
  ...{ verdicts: ['flat', 'in_plane'], distanceMm: 1312.4 },
};

describe('what depth rejected', () => {
  it('is said in a sentence', () => {
    expect(rejectionSentence(PHOTOGRAPH)).toBe(
      'From 1.0 to 11.0 s (299 frames): not a real face, flat, part of a flat surface, 1.31 m away.',
    );
    const still = { ...PHOTOGRAPH, firstMs: NaN, lastMs: NaN, lastSequence: 30, frames: 1, distanceMm: NaN };
    expect(rejectionSentence({ ...still, verdicts: ['size'] })).toBe(
      'From picture 30 to 30 (1 picture): not a real face, too large or too small.',
    );
  });

  it('is told to programs, with null for what is not known', () => {
    expect(rejectionFacts([])).toEqual({});
    const [timed, still] =
      rejectionFacts([PHOTOGRAPH, { ...PHOTOGRAPH, firstMs: NaN, lastMs: NaN, distanceMm: NaN }]).rejected_by_depth ??
      [];
    expect(timed).toEqual({
      ...{ first_frame: 30, last_frame: 330, from_s: 1, to_s: 11 },
      ...{ frames: 299, verdicts: ['flat', 'in_plane'], distance_mm: 1312 },
    });
    expect(still).toMatchObject({ from_s: null, to_s: null, distance_mm: null });
  });

  it.each([
    [0, 1, 0],
    [0, 1.1, 1],
    [11, 20, 1],
    [11.1, 20, 0],
  ])('is in a part of the session from %s to %s s if it overlaps', (fromSeconds, toSeconds, count) => {
    const notes = { ...NOTES, rejections: [PHOTOGRAPH] };
    expect(rejectionsIn(exportContext({}, { notes, span: { fromSeconds, toSeconds } }))).toHaveLength(count);
  });

  it('is in the report, under its own heading', () => {
    const html = (rejections: readonly DepthRejection[]): string =>
      reportHtml.open(exportContext({}, { notes: { ...NOTES, rejections } })).end();
    expect(html([PHOTOGRAPH])).toContain('Rejected by depth');
    expect(html([PHOTOGRAPH])).toContain('1.31 m away');
    expect(html([])).not.toContain('Rejected by depth');
  });
});

it('every face has its distance and verdict in tables and lines', () => {
  const depth = { verdict: 'accept', distanceMm: 1200.5, widthMm: 148 } as const;
  const row = timelineRow(3, { face: faceRecord(3, { depth }) });
  const sink = wideCsv.open(exportContext());
  const [head, cells] = parseCsv(sink.head + sink.add(row));
  expect(cells[head.indexOf('distance_mm')]).toBe('1200.5');
  expect(cells[head.indexOf('depth_verdict')]).toBe('accept');
  const line = JSON.parse(jsonLines.open(exportContext()).add(row)) as Record<string, unknown>;
  expect(line.depth).toEqual({ verdict: 'accept', distance_mm: 1200.5, face_width_mm: 148 });
});
