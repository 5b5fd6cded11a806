// What the files say of a recording from a camera beside its rows: sidecar, report and markers.
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { SessionVideo } from '../../../src/main/contract/video.ts';
import type { Marker, SessionEvent } from '../../../src/main/core/record.ts';
import type { SessionReader, StoredSession } from '../../../src/main/engine/ports.ts';
import { EXPORTERS } from '../../../src/main/exporters/index.ts';
import { sourceOfFiles } from '../../../src/main/exporters/sidecar.ts';
import { writeExports } from '../../../src/main/exporters/write.ts';
import { temporaryFolder } from '../../fixtures/clips.ts';
import {
  CAMERA,
  SETUP,
  faceRecord,
  frameRecord,
  person,
  readerOf,
  segment,
  storedSession,
} from '../../fixtures/records.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());
let folders = 0;

const SESSION = storedSession({
  source: CAMERA,
  firstFrameUnixMs: 1_790_000_000_500,
  setup: SETUP,
  frames: 4,
  durationMs: 20_160,
});

const gapOf = (sequence: number, timeMs: number, gap: 'dropped' | 'paused' | 'source_gap') => ({
  frame: frameRecord(sequence, { timeMs, gap, searched: false }),
  faces: [],
});

const shotOf = (sequence: number, timeMs: number) => ({
  frame: frameRecord(sequence, { timeMs }),
  faces: [faceRecord(sequence, { sequence, segment: 1 })],
});

/** Four frames 40 ms apart with one dropped among them, a pause of 15 s and 5 s without the camera. */
const LIVE: SessionReader = {
  ...readerOf(SESSION, 0),
  segments: [segment(1, { lastSequence: 9 })],
  clock: [0, 10_000, 20_000].map((timeMs) => ({ timeMs, unixMs: 1_790_000_000_500 + timeMs * 1.0001 })),
  *frames() {
    yield* [shotOf(0, 0), gapOf(1, 40, 'dropped'), shotOf(2, 80), gapOf(3, 120, 'paused')];
    yield* [gapOf(4, 15_120, 'source_gap'), shotOf(5, 20_120), shotOf(6, 20_160)];
  },
};

interface Written {
  readonly names: readonly string[];
  readonly meta: Record<string, unknown> & { readonly recording?: Record<string, unknown> };
  readonly report: string;
  readonly read: (ending: string) => string;
}

async function written(changes: Partial<SessionReader> = {}, session: StoredSession = SESSION): Promise<Written> {
  const folder = temporary.at(`live-${folders++}`);
  const reader = { ...LIVE, session, ...changes };
  await writeExports({
    ...{ reader, exporters: EXPORTERS, folder, stem: 'live' },
    context: { session, notes: reader, intervalSeconds: 10, blankInvalid: true, edits: [], span: null, baselines: [] },
    run: { created: '', analysed_fps: null, state: 'complete', node: '', platform: '' },
    onRow: () => undefined,
    onProgress: () => undefined,
  });
  const read = (ending: string): string => readFileSync(`${folder}/live${ending}`, 'utf8');
  expect(await sourceOfFiles(folder, 'live')).toBe(session.source.sha256);
  const meta = JSON.parse(read('.meta.json')) as Written['meta'];
  return { names: readdirSync(folder).sort(), meta, report: read('.report.html'), read };
}

const event = (timeMs: number, kind: SessionEvent['kind'], detail: string | null = null): SessionEvent => ({
  ...{ timeMs, kind, detail },
});

const marker = (timeMs: number, label: string): Marker => ({ id: `m${timeMs}`, timeMs, label });

describe('the sidecar of a recording from a camera', () => {
  it('says which camera it was, what was lost, and how far the clocks drifted', async () => {
    const { meta } = await written();
    expect(meta.source).toMatchObject({ kind: 'camera', name: 'Lab camera', nominal_rate_hz: 30, duration_s: 20.16 });
    expect(meta).toMatchObject({ frames: 4 });
    const { clock_drift: drift, achieved_rate_hz: rate, ...rest } = meta.recording ?? {};
    expect(rest).toEqual({
      start_unix_s: 1_790_000_000.5,
      dropped_frames: 1,
      pauses: { count: 1, seconds: 15 },
      camera_gaps: { count: 1, seconds: 5 },
      scores_shown_s: 0,
      events: [],
    });
    expect(rate).toBeCloseTo(20, 6); // 4 frames in 0.2 s, of which a dropped one took 0.04
    expect(drift).toMatchObject({ over_s: 20, readings: 3 });
    expect((drift as { ppm: number }).ppm).toBeCloseTo(100, 1);
    expect((drift as { ms: number }).ms).toBeCloseTo(2, 3);
    expect(meta.rows).toMatchObject({ gaps: expect.stringContaining('one row each') as unknown });
  });

  it('has null for a drift that nobody measured', async () => {
    expect((await written({ clock: [] })).meta.recording).toMatchObject({ clock_drift: null });
  });

  it('says what it was for', async () => {
    expect((await written()).meta.setup).toEqual({
      project: 'Smiles in dyads',
      purpose: 'research',
      grounds: null,
      approval: {
        number: '2026-117',
        body: 'Ethics Committee of the University',
        legal_basis: 'GDPR 9(2)(a), consent',
      },
      keeps: 'features',
    });
  });

  it('tells markers, events and what was said by hand', async () => {
    const { meta } = await written({
      persons: [person(1, 'A07'), person(2)],
      segments: [segment(1, { lastSequence: 9, source: 'manual' }), segment(2, { person: null, source: 'manual' })],
      markers: [marker(80, 'joke')],
      events: [event(1000, 'assigned', 'A07'), event(2000, 'consent_withdrawn')],
    });
    expect(meta.markers).toEqual([{ marker: 'm80', t_s: 0.08, label: 'joke' }]);
    expect(meta.assigned_by_hand).toEqual([{ person: 'P1', participant_id: 'A07', first_frame: 0, last_frame: 9 }]);
    expect(meta.recording?.events).toEqual([
      { t_s: 1, kind: 'assigned', detail: 'A07' },
      { t_s: 2, kind: 'consent_withdrawn', detail: null },
    ]);
  });

  it.each([
    ['never', [], 0],
    ['from a moment to the end', [event(15_160, 'scores_shown')], 5],
    [
      'for two stretches',
      [event(1000, 'scores_shown'), event(3000, 'scores_hidden'), event(20_000, 'scores_shown')],
      2.16,
    ],
    ['until they were hidden', [event(4000, 'scores_hidden')], 4],
    ['before it began only', [event(-900, 'scores_shown'), event(-100, 'scores_hidden')], 0],
    ['from before it began', [event(-900, 'scores_shown'), event(500, 'scores_hidden')], 0.5],
    [
      'once, though it was said twice',
      [event(0, 'scores_shown'), event(1000, 'scores_shown'), event(3000, 'scores_hidden')],
      3,
    ],
  ])('says for how long scores were shown: %s', async (_, events, seconds) => {
    const { meta, report } = await written({ events });
    expect(meta.recording?.scores_shown_s).toBeCloseTo(seconds, 9);
    expect(report.includes('Scores were shown on a screen')).toBe(seconds > 0);
  });
});

describe('the report of a recording from a camera', () => {
  it('says in its methods how it was recorded', async () => {
    const { report } = await written();
    const expected = [
      'the camera Lab camera (640 × 360, nominally 30.00 frames a second, 20.00 achieved; 4 frames, 1 lost)',
      'The recording was paused once, for 0:15.0 in all.',
      'The camera was gone once, for 0:05.0 in all.',
      'The wall clock gained 100.0 millionths on the capture clock, 2.0 ms over 0:20.0 (a line of least squares through 3 readings)',
      'the project &quot;Smiles in dyads&quot;; purpose: research.',
      'approved by Ethics Committee of the University (number 2026-117); legal basis: GDPR 9(2)(a), consent.',
      'Nothing was edited by hand.',
      '4 of 4 rows valid (100.0 %), 0:00.2 of valid time; the face was found in 4.',
    ];
    for (const words of expected) expect(report).toContain(words);
    for (const reason of ['frame lost', 'paused', 'camera gone']) expect(report).toContain(`<li>${reason}: 1</li>`);
  });

  it('says what lost frames are of a device, of which they are no rows', async () => {
    const session = { ...SESSION, setup: null };
    const { report, meta } = await written(readerOf(session, 4), session);
    expect(report).toContain('Lost frames leave their numbers out; gaps of the camera are rows without values.');
    expect(meta.rows).toMatchObject({
      gaps: expect.stringContaining('a dropped frame leaves its number out') as unknown,
    });
    expect(JSON.stringify(meta.files)).toContain('time that captured frames stand for; dropped frames and gaps');
    expect(JSON.stringify(await written())).toContain('time that captured and dropped frames stand for');
  });

  it('says so where nothing was paused, and no clock was read', async () => {
    const { report } = await written({ ...readerOf(SESSION, 4), clock: [] });
    expect(report).toContain('The recording was not paused. Lost frames');
    expect(report).toContain('is not known');
    expect(report).not.toContain('The camera was gone');
    expect(report).toContain('25.00 achieved; 4 frames, none lost');
  });

  it('says which gaps of the camera were a sleep of the machine', async () => {
    const { report } = await written({ events: [event(160, 'slept')] });
    expect(report).toContain('The camera was gone once (once because the machine slept), for 0:05.0 in all.');
  });

  it('says on what grounds, and names no approval where there is none', async () => {
    const setup = { ...SETUP, purpose: 'workplace', grounds: 'safety', approval: null } as const;
    const { report } = await written({}, { ...SESSION, setup });
    expect(report).toContain('purpose: workplace, on grounds of safety.');
    expect(report).not.toContain('It was approved by');
  });

  it('says how it stands to its project, and when the camera changed', async () => {
    const settings = {
      programVersion: '1.2.3',
      profile: { name: 'mien', hash: 'ab'.repeat(32) },
      camera: { label: 'Lab camera', width: 640, height: 480, nominalRate: 30 },
      areScoresShown: false,
    };
    const first = { settings, differences: [], reason: '', fixes: true };
    const size = { what: 'picture size', before: '320 × 240', now: '640 × 480' } as const;
    const differs = { settings, differences: [size], reason: 'The other room', fixes: false };
    const written_ = (lock: StoredSession['lock']) => written({}, { ...SESSION, lock });
    expect((await written_(first)).report).toContain('It fixes program version, profile,');
    expect((await written_({ ...first, fixes: false })).report).toContain(
      'It was made with what the project holds fixed',
    );
    const { report, meta } = await written_(differs);
    const words = 'It differs from what the project holds fixed, which the researcher agreed to: picture size';
    expect(report).toContain(`${words} (320 × 240 → 640 × 480). Reason given: The other room.`);
    expect(report).not.toContain('hold for the project');
    expect(meta.project_lock).toMatchObject({
      differences: [size],
      reason: 'The other room',
      fixed_by_this_session: false,
    });
    const renewed = await written_({ ...differs, reason: '', fixes: true });
    expect(renewed.report).toContain('640 × 480). These settings hold for the project from this recording on.');
    const changed = await written({ events: [event(5000, 'camera_changed', 'a, 2 × 1 → a, 1 × 1')] });
    expect(changed.report).toContain('At 0:05.0 the camera changed: a, 2 × 1 → a, 1 × 1.');
    expect(changed.meta).not.toHaveProperty('project_lock');
  });

  it('says who took which consent back, and that it must not be shared', async () => {
    const consent = { kind: 'file', form: null, participants: [{ code: 'A07', scopes: ['analysis'] }] } as const;
    const session = { ...SESSION, consent: { ...consent, participants: [{ code: 'A07', scopes: [] }] } };
    const taken = (scope: 'analysis' | 'sharing', whileRecording: boolean) => ({
      ...{ participant: 'A07', scope, unixMs: 1_790_000_000_000, whileRecording },
    });
    const withdrawals = [taken('analysis', true), taken('sharing', false)];
    const { report, meta } = await written({}, { ...session, withdrawals });
    expect(report).toContain(
      'A07 took back consent to analysis (2026-09-21T14:13:20.000Z, while recording), sharing (2026-09-21T14:13:20.000Z). ' +
        'The numbers of this participant must not be passed on.',
    );
    const at = { participant: 'A07', withdrawn: '2026-09-21T14:13:20.000Z' };
    expect(meta.consent).toMatchObject({
      withdrawn: [
        { ...at, scope: 'analysis', while_recording: true },
        { ...at, scope: 'sharing', while_recording: false },
      ],
    });
    const without = await written({}, session);
    expect(without.meta.consent).not.toHaveProperty('withdrawn');
    expect(without.report).not.toContain('took back');
  });

  it('does not say that nothing was edited where somebody said who is who', async () => {
    const segments = [segment(1, { lastSequence: 5, source: 'manual' }), segment(2, { person: 1, source: 'manual' })];
    const { report } = await written({ persons: [person(1, 'A07')], segments });
    expect(report).toContain('Who is who was said by hand for 2 stretches of faces (A07); nothing else was edited.');
    expect(report).not.toContain('Nothing was edited');
  });
});

describe('markers', () => {
  const markers = [
    marker(-500, 'before'),
    marker(10_080, '<b>"joke"'),
    marker(20_160, 'x'.repeat(30)),
    marker(90_000, 'later'),
  ];

  it('are a file of their own and lines in the picture, at their time, as words', async () => {
    const { names, read, report, meta } = await written({ markers });
    expect(names).toContain('live.markers.csv');
    expect(meta.files).toHaveProperty(['live.markers.csv', 'columns', 't_unix_s']);
    expect(read('.markers.csv').trim().split('\n')).toHaveLength(5);
    // 20.2 s over 926 pixels behind 34.
    expect(report).toContain('<line x1="496.1" x2="496.1" y1="6" y2="152"');
    expect(report).toContain('>&lt;b&gt;&quot;joke&quot;</text>');
    expect(report).toContain(`text-anchor="end">${'x'.repeat(23)}…</text>`);
    expect(report).not.toMatch(/>before<|>later<|<b>/);
    expect(read('.jsonl')).not.toContain('joke');
  });

  it('that are not there change no file and make none', async () => {
    const film = storedSession({ frames: 5 });
    const [without, again] = [await written(readerOf(film, 5), film), await written(readerOf(film, 5), film)];
    expect(without.names).not.toContain('live.markers.csv');
    expect(Object.keys(without.meta)).toEqual(Object.keys(again.meta));
    for (const key of ['recording', 'setup', 'markers', 'assigned_by_hand'])
      expect(without.meta).not.toHaveProperty(key);
    expect(without.meta.rows).not.toHaveProperty('gaps');
    const marked = await written({ ...readerOf(film, 5), markers: [marker(80, 'joke')] }, film);
    expect(marked.names).toContain('live.markers.csv');
    for (const ending of ['.wide.csv', '.long.csv', '.jsonl', '.intervals.csv'])
      expect(marked.read(ending)).toBe(without.read(ending));
  });
});

describe('the video of a recording', () => {
  const KEPT: SessionVideo = {
    ...{ state: 'kept', codec: 'vp8', width: 640, height: 480, bytes: 1000 },
    ...{ frames: 120, leftOut: 3, masked: 40 },
  };
  const wanted = { ...SETUP, keeps: 'video' } as const;

  it.each([
    [SETUP, null, { kept: false, wanted: false }, 'No video was kept.'],
    [wanted, null, { kept: false, wanted: true }, 'No video was kept, although one was to be.'],
    [
      wanted,
      KEPT,
      {
        ...{ kept: true, codec: 'vp8', width: 640, height: 480, frames: 120 },
        ...{ frames_left_out: 3, frames_with_masked_faces: 40 },
      },
      'A video was kept (vp8, 640 × 480, 120 frames, 3 left out because the machine was too slow; no sound). In 40 frames faces were painted grey.',
    ],
    [
      wanted,
      { ...KEPT, leftOut: null, masked: null },
      { kept: true, frames_left_out: null, frames_with_masked_faces: null },
      'A video was kept (vp8, 640 × 480, 120 frames; no sound). Faces of everybody else',
    ],
    [wanted, { state: 'unfinished' }, { kept: true, unfinished: true }, 'A video was kept, which broke off.'],
    [
      wanted,
      { state: 'removed', reason: 'erased', removedUnixMs: 1 },
      { kept: false, removed_because: 'somebody who took part was erased' },
      'The video was removed: somebody who took part was erased.',
    ],
  ] as const)('is told: %#', async (setup, video, facts, words) => {
    const { meta, report } = await written({}, { ...SESSION, setup, video });
    expect(meta.video).toMatchObject(facts);
    expect(report).toContain(words);
  });

  it('is no matter of a file', async () => {
    const { meta, report } = await written({}, { ...SESSION, setup: null });
    expect(meta).not.toHaveProperty('video');
    expect(report).not.toContain('ideo was');
  });
});
