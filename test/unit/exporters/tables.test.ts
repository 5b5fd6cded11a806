// The files row by row: what stands in which column, and what is left out where a row is not to be trusted.
import { describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../../src/main/core/expression.ts';
import type { TimelineRow } from '../../../src/main/core/timeline.ts';
import type { ExportContext, Exporter } from '../../../src/main/engine/ports.ts';
import { intervalsCsv } from '../../../src/main/exporters/intervals-csv.ts';
import { jsonLines } from '../../../src/main/exporters/json-lines.ts';
import { longCsv } from '../../../src/main/exporters/long-csv.ts';
import { markersCsv } from '../../../src/main/exporters/markers-csv.ts';
import { wideCsv } from '../../../src/main/exporters/wide-csv.ts';
import {
  CAMERA,
  NOTES,
  PICTURES,
  PROFILE,
  SETUP,
  emptyRow,
  exportContext,
  faceRecord,
  frameRecord,
  invalidRow,
  parseCsv,
  parseTable,
  person,
  timelineRow,
} from '../../fixtures/records.ts';

/** The whole text of a file with these rows. */
function textOf(exporter: Exporter, rows: readonly TimelineRow[], context: ExportContext): string {
  const sink = exporter.open(context);
  return sink.head + rows.map((row) => sink.add(row)).join('') + sink.end();
}

const SCORES = [...EXPRESSIONS];

const single = (text: string): number => Math.fround(Number(text));

/** The values of eight columns. */
const eightOf = (cells: Record<string, string>, prefix = ''): (number | null)[] =>
  SCORES.map((name) => (cells[prefix + name] === '' ? null : single(cells[prefix + name])));

const asNulls = (values: Iterable<number>): (number | null)[] =>
  [...values].map((value) => (Number.isNaN(value) ? null : value));

/** What the members in these places of the profile are called. */
const namesOf = (places: readonly number[]): string => places.map((i) => PROFILE.members[i].model).join(' ');
const NOTHING = Array.from({ length: 8 }, () => null);

describe('the wide table', () => {
  const HEADER = [
    ...['session_id', 'person', 'participant_id', 'identity_source', 'identity_confidence'],
    ...['frame', 't_s', 't_unix_s', 'box_x', 'box_y', 'box_w', 'box_h', 'detector_score', 'track_score'],
    ...['yaw_deg', 'pitch_deg', 'roll_deg', 'distance_mm', 'depth_verdict', 'quality'],
    ...['estimated', 'valid', 'missing_reason'],
    ...['anger', 'contempt', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'],
    ...['dominant', 'ambiguous', 'agreement', 'members_used', 'rules_fired', 'confirmed'],
    ...['smooth_anger', 'smooth_contempt', 'smooth_disgust', 'smooth_fear'],
    ...['smooth_happiness', 'smooth_neutral', 'smooth_sadness', 'smooth_surprise'],
    ...['refined_anger', 'refined_contempt', 'refined_disgust', 'refined_fear'],
    ...['refined_happiness', 'refined_neutral', 'refined_sadness', 'refined_surprise'],
  ];

  const wideRows = (rows: readonly TimelineRow[], context = exportContext()): Record<string, string>[] =>
    parseTable(textOf(wideCsv, rows, context));

  it('has its columns in one fixed order', () => {
    expect(parseCsv(wideCsv.open(exportContext()).head)).toEqual([HEADER]);
  });

  it('names the picture in a session of pictures', () => {
    const context = exportContext({ source: PICTURES });
    expect(parseCsv(wideCsv.open(context).head)).toEqual([[...HEADER, 'picture']]);
    const frame = frameRecord(2, { name: 'anna 3.jpg', timeMs: NaN });
    const [row] = wideRows([timelineRow(1, { frame, tSeconds: NaN, durationSeconds: NaN })], context);
    expect(row).toMatchObject({ picture: 'anna 3.jpg', frame: '2', t_s: '', t_unix_s: '' });
  });

  it('shows every number of a valid row as it was measured', () => {
    const face = faceRecord(3);
    const row = timelineRow(3, { face, probabilities: face.fused, person: person(2, 'A07') });
    const [cells] = wideRows([row]);
    expect(cells).toMatchObject({
      session_id: '0123456789abcdef',
      person: 'P2',
      participant_id: 'A07',
      identity_source: 'embedding',
      identity_confidence: '0.9',
      frame: '3',
      t_s: '0.12',
      t_unix_s: '',
      distance_mm: '',
      depth_verdict: '',
      estimated: '1',
      valid: '1',
      missing_reason: '',
      ambiguous: '0',
      agreement: '0.6666667',
      members_used: namesOf([0, 1, 2]),
      rules_fired: '',
      confirmed: 'sadness',
      dominant: row.dominant,
    });
    const { box, quality } = face;
    const measured = [box.x, box.y, box.width, box.height, face.detectorScore, quality.trackScore];
    const pose = [quality.pose.yawDeg, quality.pose.pitchDeg, quality.pose.rollDeg];
    const names = ['box_x', 'box_y', 'box_w', 'box_h', 'detector_score', 'track_score', 'yaw_deg', 'pitch_deg'];
    expect([...names, 'roll_deg'].map((name) => single(cells[name]))).toEqual([...measured, ...pose]);
    expect(eightOf(cells)).toEqual([...face.fused]);
    expect(eightOf(cells, 'smooth_')).toEqual([...(row.windowed.smooth ?? [])]);
    expect(eightOf(cells, 'refined_')).toEqual([...face.fused]);
    expect(Number(cells.quality)).toBeGreaterThanOrEqual(0);
    expect(Number(cells.quality)).toBeLessThanOrEqual(1);
  });

  it('gives the scores as they were fused, and beside them what rules made of them and which', () => {
    const [fused, refined] = [faceRecord(4).fused, faceRecord(5).fused];
    const face = faceRecord(4, { refined, fired: ['majority_override', 'happiness_lift'] });
    const row = timelineRow(4, { face, probabilities: refined, raw: fused });
    const [cells] = wideRows([row]);
    expect([eightOf(cells), eightOf(cells, 'refined_')]).toEqual([[...fused], [...refined]]);
    expect(cells.rules_fired).toBe('majority_override happiness_lift');
    const [hidden] = wideRows([{ ...row, valid: false, missingReason: 'occluded' }]);
    expect(hidden.rules_fired).toBe('');
  });

  it('leaves out what nothing measures', () => {
    const probabilities = Float32Array.from(faceRecord(4).fused);
    probabilities[1] = NaN;
    const [cells] = wideRows([timelineRow(4, { probabilities })]);
    expect(cells.contempt).toBe('');
    expect(eightOf(cells)).toEqual(asNulls(probabilities));
  });

  it('leaves out the values of a row that is not valid, and only these', () => {
    const row = invalidRow(5);
    const [cells] = wideRows([row]);
    expect([...eightOf(cells), ...eightOf(cells, 'smooth_'), ...eightOf(cells, 'refined_')]).toEqual(
      [NOTHING, NOTHING, NOTHING].flat(),
    );
    expect(cells).toMatchObject({ dominant: '', ambiguous: '', agreement: '', confirmed: '' });
    expect(cells).toMatchObject({ estimated: '1', valid: '0', missing_reason: 'occluded', person: 'P1' });
    expect(single(cells.box_x)).toBe(row.face?.box.x);
    expect(single(cells.yaw_deg)).toBe(row.face?.quality.pose.yawDeg);
  });

  it('keeps the values of a row that is not valid where they are wanted', () => {
    const row = invalidRow(6);
    const [cells] = wideRows([row], exportContext({}, { blankInvalid: false }));
    expect(eightOf(cells)).toEqual([...(row.probabilities ?? [])]);
    expect(cells).toMatchObject({ valid: '0', missing_reason: 'occluded', dominant: row.dominant });
    expect(single(cells.agreement)).toBe(row.face?.agreement);
    expect(eightOf(cells, 'smooth_')).toEqual(NOTHING);
  });

  it('has no values where nothing was estimated, wanted or not', () => {
    const nobody = Float32Array.from({ length: 8 }, () => NaN);
    const face = faceRecord(7, { members: [null, null, null], fused: nobody, agreement: NaN, reason: 'no_consent' });
    const row = invalidRow(7, {
      face,
      estimated: false,
      missingReason: 'no_consent',
      probabilities: null,
      dominant: null,
    });
    for (const blankInvalid of [true, false]) {
      const [cells] = wideRows([row], exportContext({}, { blankInvalid }));
      expect(eightOf(cells)).toEqual(NOTHING);
      expect(cells).toMatchObject({ estimated: '0', valid: '0', missing_reason: 'no_consent', members_used: '' });
      expect(cells).toMatchObject({ dominant: '', ambiguous: '', agreement: '' });
      expect(single(cells.box_w)).toBe(face.box.width);
    }
  });

  it('has a row without a person where nobody is known', () => {
    const [cells] = wideRows([emptyRow(9)]);
    const filled = Object.entries(cells).filter(([, cell]) => cell !== '');
    expect(Object.fromEntries(filled)).toEqual({
      session_id: '0123456789abcdef',
      frame: '9',
      t_s: '0.36',
      estimated: '0',
      valid: '0',
      missing_reason: 'no_face',
    });
  });

  it('gives the members that did not fail', () => {
    const whole = faceRecord(8);
    const face = { ...whole, members: [whole.members[0], null, whole.members[2]] };
    const [cells] = wideRows([timelineRow(8, { face })]);
    expect(cells.members_used).toBe(namesOf([0, 2]));
  });

  it('gives the wall clock where the session has one', () => {
    const context = exportContext({ firstFrameUnixMs: 1_790_000_000_500 });
    const [cells] = wideRows([timelineRow(1, { tSeconds: 0.25 })], context);
    expect(cells.t_unix_s).toBe('1790000000.75');
  });

  it('cannot be made to run anything by a name', () => {
    const context = exportContext({ source: PICTURES });
    const frame = frameRecord(0, { name: '=cmd|x,"a"\n.jpg', timeMs: NaN });
    const row = timelineRow(1, { frame, person: person(1, '-A.1') });
    const [cells] = wideRows([row], context);
    expect(cells.picture).toBe('\'=cmd|x,"a"\n.jpg');
    expect(cells.participant_id).toBe("'-A.1");
  });
});

describe('the long table', () => {
  const MEASURES = [...SCORES, ...SCORES.map((name) => `smooth_${name}`), 'yaw_deg', 'pitch_deg', 'roll_deg'];
  const longRows = (rows: readonly TimelineRow[], context = exportContext()): Record<string, string>[] =>
    parseTable(textOf(longCsv, rows, context));

  it('has its columns in one fixed order', () => {
    expect(parseCsv(longCsv.open(exportContext()).head)).toEqual([
      [
        ...['session_id', 'person', 'participant_id', 't_s', 'frame', 'measure', 'value', 'confidence', 'valid'],
        ...['missing_reason', 'model_version'],
      ],
    ]);
  });

  it('has a row for every measure of a person in a frame', () => {
    const row = timelineRow(11, { person: person(3, 'B-2') });
    const rows = longRows([row]);
    expect(rows.map(({ measure }) => measure)).toEqual(MEASURES);
    for (const cells of rows) {
      expect(cells).toMatchObject({ session_id: '0123456789abcdef', person: 'P3', participant_id: 'B-2' });
      expect(cells).toMatchObject({ t_s: '0.44', frame: '11', valid: '1', missing_reason: '' });
      expect(cells.model_version).toBe('mien@abcdef012345');
    }
    const values = rows.map(({ value }) => single(value));
    const { yawDeg, pitchDeg, rollDeg } = faceRecord(11).quality.pose;
    expect(values).toEqual([
      ...(row.probabilities ?? []),
      ...(row.windowed.smooth ?? []),
      ...[yawDeg, pitchDeg, rollDeg],
    ]);
    const confidences = rows.map(({ confidence }) => single(confidence));
    const trust = faceRecord(11).quality.trackScore;
    expect(confidences).toEqual(MEASURES.map((_, i) => (i < 16 ? faceRecord(11).agreement : trust)));
  });

  it('has refined scores where the profile can refine them', () => {
    const profile = { ...PROFILE, override: true };
    const measures = longRows([timelineRow(1)], exportContext({ profile })).map(({ measure }) => measure);
    expect(measures.filter((measure) => measure.startsWith('refined_'))).toHaveLength(8);
    const ruled = { ...PROFILE, rules: { ...PROFILE.rules, active: ['happiness_lift' as const] } };
    expect(longRows([timelineRow(1)], exportContext({ profile: ruled }))).toHaveLength(MEASURES.length + 8);
  });

  it('has the same values as the wide table, row by row', () => {
    const rows = [timelineRow(1), invalidRow(2), emptyRow(3), timelineRow(4, { person: person(2) })];
    for (const blankInvalid of [true, false]) {
      const context = exportContext({}, { blankInvalid });
      const wide = parseTable(textOf(wideCsv, rows, context));
      const long = longRows(rows, context);
      expect(long).toHaveLength(MEASURES.length * rows.length);
      long.forEach((cells, i) => {
        const beside = wide[Math.floor(i / MEASURES.length)];
        expect(cells.value).toBe(beside[cells.measure]);
        for (const name of ['person', 't_s', 'frame', 'valid', 'missing_reason'])
          expect(cells[name]).toBe(beside[name]);
      });
    }
  });

  it('keeps the reason and leaves out the scores of a row that is not valid, but not its angles', () => {
    const rows = longRows([invalidRow(12)]);
    const scores = rows.filter(({ measure }) => !measure.endsWith('_deg'));
    expect(scores).toHaveLength(16);
    for (const { value, confidence, missing_reason: reason } of scores) {
      expect([value, confidence, reason]).toEqual(['', '', 'occluded']);
    }
    for (const { value, confidence } of rows.filter(({ measure }) => measure.endsWith('_deg'))) {
      expect(value).not.toBe('');
      expect(confidence).not.toBe('');
    }
  });

  it('gives a confidence with every score that it gives', () => {
    const rows = longRows([invalidRow(13)], exportContext({}, { blankInvalid: false }));
    const shown = rows.filter(({ value }) => value !== '');
    expect(shown).toHaveLength(8 + 3);
    for (const { measure, confidence } of shown) expect(confidence, measure).not.toBe('');
  });
});

describe('the table of intervals', () => {
  const intervalRows = (rows: readonly TimelineRow[], context = exportContext()): Record<string, string>[] =>
    parseTable(textOf(intervalsCsv, rows, context));

  /** A row at a time, with a whole share for two expressions. */
  function scored(tSeconds: number, durationSeconds: number, happiness: number, changes: Partial<TimelineRow> = {}) {
    const probabilities = new Float32Array(8);
    probabilities[4] = happiness;
    probabilities[6] = 1 - happiness;
    const dominant = happiness > 0.5 ? 'happiness' : 'sadness';
    return timelineRow(1, { tSeconds, durationSeconds, probabilities, dominant, ...changes });
  }

  it('has its columns in one fixed order', () => {
    expect(parseCsv(intervalsCsv.open(exportContext()).head)).toEqual([
      [
        ...['session_id', 'person', 'participant_id', 'interval', 'start_s', 'end_s', 'n_frames', 'n_valid'],
        ...['seconds', 'seconds_valid', 'valid_share'],
        ...SCORES.map((name) => `mean_${name}`),
        ...SCORES.map((name) => `dominant_share_${name}`),
      ],
    ]);
  });

  it('weighs every row with the time that it stands for', () => {
    const rows = [
      scored(0, 1, 0.75),
      scored(1, 3, 0.25),
      scored(4, 4, 1, { valid: false, missingReason: 'blurred' }),
      scored(10, 2, 0.5),
    ];
    const [first, second, ...more] = intervalRows(rows, exportContext({}, { intervalSeconds: 10 }));
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      ...{ person: 'P1', interval: '0', start_s: '0', end_s: '10', n_frames: '3', n_valid: '2' },
      ...{ seconds: '8', seconds_valid: '4', valid_share: '0.5' },
      ...{ mean_happiness: '0.375', mean_sadness: '0.625', mean_anger: '0' },
      ...{ dominant_share_happiness: '0.25', dominant_share_sadness: '0.75', dominant_share_fear: '0' },
    });
    expect(second).toMatchObject({ interval: '1', start_s: '10', end_s: '20', seconds: '2', mean_happiness: '0.5' });
  });

  it('begins an interval with the row at its first moment, also where seconds are no round numbers', () => {
    const rows = Array.from({ length: 31 }, (_, i) => scored(i * 0.1, 0.1, 1));
    const table = intervalRows(rows, exportContext({}, { intervalSeconds: 0.3 }));
    expect(table.map(({ n_frames: frames }) => Number(frames))).toEqual([...Array.from({ length: 10 }, () => 3), 1]);
  });

  it('leaves out the means of an interval without a valid row, and intervals without any row', () => {
    const rows = [scored(0, 1, 1, { valid: false, missingReason: 'occluded' }), scored(25, 1, 1)];
    const [first, second, ...more] = intervalRows(rows);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ n_frames: '1', n_valid: '0', seconds_valid: '0', valid_share: '0' });
    for (const name of SCORES) {
      expect(first[`mean_${name}`]).toBe('');
      expect(first[`dominant_share_${name}`]).toBe('');
    }
    expect(second).toMatchObject({ interval: '2', n_valid: '1', mean_happiness: '1' });
  });

  it('keeps people apart and leaves out rows without a person', () => {
    const rows = [scored(0, 1, 1), scored(0, 1, 0, { person: person(2, 'X1') }), emptyRow(1)];
    const table = intervalRows(rows);
    expect(table.map((row) => [row.person, row.participant_id, row.mean_happiness])).toEqual([
      ['P1', '', '1'],
      ['P2', 'X1', '0'],
    ]);
  });

  it('leaves out what nothing measures', () => {
    const probabilities = new Float32Array(8);
    probabilities.set([1, NaN]);
    const [row] = intervalRows([timelineRow(1, { probabilities, dominant: 'anger' })]);
    expect(row).toMatchObject({ mean_anger: '1', mean_contempt: '', mean_fear: '0' });
  });

  it('counts pictures, which have no time', () => {
    const context = exportContext({ source: PICTURES });
    const rows = [scored(NaN, NaN, 1), scored(NaN, NaN, 0), scored(NaN, NaN, 0, { valid: false })];
    const [row, ...more] = intervalRows(rows, context);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ interval: '0', start_s: '', end_s: '', n_frames: '3', n_valid: '2' });
    expect(row).toMatchObject({ seconds: '3', seconds_valid: '2', mean_happiness: '0.5' });
  });
});

describe('the table of markers', () => {
  const markers = [
    { id: 'a1', timeMs: -250, label: 'instruction' },
    { id: 'b2', timeMs: 1234.5, label: '=cmd(), "now"' },
  ];

  it('has the time of every marker on both clocks, and runs nothing', () => {
    const context = exportContext({ firstFrameUnixMs: 1_790_000_000_500 }, { notes: { ...NOTES, markers } });
    expect(markersCsv.skips?.(context)).toBe(false);
    const { id } = context.session;
    expect(parseCsv(textOf(markersCsv, [timelineRow(1), timelineRow(2)], context))).toEqual([
      ['session_id', 'marker', 't_s', 't_unix_s', 'label'],
      [id, 'a1', '-0.25', '1790000000.25', 'instruction'],
      [id, 'b2', '1.2345', '1790000001.7345', `'=cmd(), "now"`],
    ]);
  });

  it('has no Unix time in a file, and is not there without markers', () => {
    const [, first] = parseCsv(textOf(markersCsv, [], exportContext({}, { notes: { ...NOTES, markers } })));
    expect(first.slice(2, 4)).toEqual(['-0.25', '']);
    expect(markersCsv.skips?.(exportContext())).toBe(true);
  });
});

describe('a gap', () => {
  const frame = frameRecord(7, { timeMs: 280, gap: 'paused', searched: false });
  const gap = { ...emptyRow(7), frame, tSeconds: 0.28, missingReason: 'paused', person: person(1) } as const;
  const context = exportContext({ source: CAMERA, firstFrameUnixMs: 1_790_000_000_000 });

  it('is a row with a time and a reason and nothing else', () => {
    const [cells] = parseTable(textOf(wideCsv, [gap], context));
    const given = Object.entries(cells).filter(([, cell]) => cell !== '');
    expect(Object.fromEntries(given)).toEqual({
      ...{ session_id: context.session.id, person: 'P1', frame: '7', t_s: '0.28', t_unix_s: '1790000000.28' },
      ...{ estimated: '0', valid: '0', missing_reason: 'paused' },
    });
    const line = JSON.parse(textOf(jsonLines, [gap], context)) as Record<string, unknown>;
    expect(line).toMatchObject({
      frame: 7,
      t_s: 0.28,
      valid: false,
      missing_reason: 'paused',
      scores: null,
      box: null,
    });
    const measures = parseTable(textOf(longCsv, [gap], context));
    expect(measures.every(({ value, missing_reason: reason }) => value === '' && reason === 'paused')).toBe(true);
  });
});

describe('JSON lines', () => {
  interface Line extends Record<string, unknown> {
    readonly scores: Record<string, number | null> | null;
    readonly members: Record<string, Record<string, number | null>> | null;
    readonly landmarks: number[] | null;
    readonly box: number[] | null;
  }

  function lines(rows: readonly TimelineRow[], context = exportContext()): Line[] {
    const text = textOf(jsonLines, rows, context);
    expect(text.endsWith('\n')).toBe(true);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    return text
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  }

  const singles = (values: Record<string, number | null> | null | undefined): (number | null)[] =>
    SCORES.map((name) => {
      const value = values?.[name] ?? null;
      return value === null ? null : Math.fround(value);
    });

  it('has one object for every row, the same fields in each', () => {
    const rows = [
      timelineRow(1),
      invalidRow(2),
      emptyRow(3),
      timelineRow(4, { frame: frameRecord(4, { name: 'a\nb' }) }),
    ];
    const objects = lines(rows);
    expect(objects).toHaveLength(4);
    for (const object of objects) expect(Object.keys(object)).toEqual(Object.keys(objects[0]));
    expect(objects.map(({ frame }) => frame)).toEqual([1, 2, 3, 4]);
  });

  it('holds every number that was stored', () => {
    const face = faceRecord(21);
    const row = timelineRow(21, { face, probabilities: face.fused });
    const [object] = lines([row]);
    expect(object).toMatchObject({
      session_id: '0123456789abcdef',
      person: 'P1',
      participant_id: null,
      identity: { source: 'embedding', confidence: 0.9 },
      t_s: 0.84,
      estimated: true,
      valid: true,
      missing_reason: null,
      confirmed: 'sadness',
      picture: null,
    });
    expect(object.box?.map(Math.fround)).toEqual([face.box.x, face.box.y, face.box.width, face.box.height]);
    expect(object.landmarks?.map(Math.fround)).toEqual([...face.landmarks]);
    expect(singles(object.scores)).toEqual([...face.fused]);
    const names = Object.keys(object.members ?? {});
    expect(names).toEqual(PROFILE.members.map(({ model }) => model));
    names.forEach((name, i) => {
      expect(singles(object.members?.[name])).toEqual(asNulls(face.members[i] ?? new Float32Array(8).fill(NaN)));
    });
    const { pose, ...numbers } = face.quality;
    const quality = Object.entries(object.quality as Record<string, number>);
    expect(Object.fromEntries(quality.map(([key, value]) => [key, Math.fround(value)]))).toEqual(numbers);
    const angles = Object.entries(object.pose as Record<string, number>);
    expect(Object.fromEntries(angles.map(([key, value]) => [key, Math.fround(value)]))).toEqual(pose);
  });

  it('has null for a member that failed', () => {
    const whole = faceRecord(22);
    const [object] = lines([timelineRow(22, { face: { ...whole, members: [null, whole.members[1], null] } })]);
    const [first, second, third] = PROFILE.members.map(({ model }) => model);
    expect(object.members).toMatchObject({ [first]: null, [third]: null });
    expect(object.members?.[second]).not.toBeNull();
  });

  it('leaves out the values of a row that is not valid, unless they are wanted', () => {
    const row = invalidRow(23);
    const [blank] = lines([row]);
    expect(blank).toMatchObject({ scores: null, members: null, agreement: null, dominant: null, ambiguous: null });
    expect(blank.landmarks).toHaveLength(136);
    const [kept] = lines([row], exportContext({}, { blankInvalid: false }));
    expect(singles(kept.scores)).toEqual([...(row.probabilities ?? [])]);
    expect(kept).toMatchObject({ valid: false, missing_reason: 'occluded', dominant: row.dominant, smooth: null });
  });

  it('has null wherever there is nothing', () => {
    const [object] = lines([emptyRow(5)]);
    for (const name of ['person', 'identity', 'box', 'pose', 'quality', 'scores', 'members', 'landmarks', 'smooth']) {
      expect(object[name], name).toBeNull();
    }
    expect(object).toMatchObject({ frame: 5, missing_reason: 'no_face', valid: false, estimated: false });
  });

  it('has null for the time of a picture', () => {
    const [object] = lines([timelineRow(1, { tSeconds: NaN, frame: frameRecord(0, { timeMs: NaN, name: 'x.jpg' }) })]);
    expect(object).toMatchObject({ t_s: null, picture: 'x.jpg' });
  });
});

describe('the meanings of the columns', () => {
  it.each([wideCsv, longCsv, intervalsCsv, markersCsv].map((exporter) => [exporter.format, exporter] as const))(
    'explain every column of the %s table, in its order, and no other',
    (_, exporter) => {
      for (const context of [exportContext(), exportContext({ source: PICTURES }), exportContext({ source: CAMERA })]) {
        const [head] = parseCsv(exporter.open(context).head);
        const meanings = exporter.columns(context);
        expect(Object.keys(meanings)).toEqual(head);
        for (const [name, meaning] of Object.entries(meanings)) expect(meaning, name).toMatch(/\w{2,}/);
      }
    },
  );

  it('are other ones where a camera was recorded', () => {
    const [live, film] = [exportContext({ source: CAMERA, setup: SETUP }), exportContext()];
    for (const exporter of [wideCsv, longCsv, jsonLines]) {
      expect(exporter.columns(live).t_s).toContain('capture');
      expect(exporter.columns(film).t_s).toContain('in the file');
    }
    expect(wideCsv.columns(live).missing_reason).toContain('dropped, paused and source_gap');
    expect(intervalsCsv.columns(live).seconds).toContain('pauses and gaps of the camera are left out');
    expect(intervalsCsv.columns(film).seconds).not.toContain('pauses');
  });

  it('explain every field of the JSON lines', () => {
    const context = exportContext();
    const line = JSON.parse(jsonLines.open(context).add(timelineRow(1))) as Record<string, unknown>;
    expect(Object.keys(jsonLines.columns(context)).sort()).toEqual(Object.keys(line).sort());
  });
});
