import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Input, PersonFigures } from '../../src/main/contract/api.ts';
import { DEFAULT_SETTINGS } from '../../src/main/contract/settings.ts';
import { Client, serve } from '../../src/main/contract/rpc.ts';
import { inMemoryWire } from '../../src/main/contract/transport.ts';
import { EXPRESSIONS, type Expression } from '../../src/main/core/expression.ts';
import { MISSING_REASONS, type FaceRecord, type FrameRecord } from '../../src/main/core/record.ts';
import type { SessionStart, SessionWriter } from '../../src/main/engine/ports.ts';
import { EXPORTERS } from '../../src/main/exporters/index.ts';
import { PROGRAM_VERSION } from '../../src/main/hosts/compose.ts';
import type { AnalysisQueue } from '../../src/main/hosts/service/analyses.ts';
import { Service } from '../../src/main/hosts/service/service.ts';
import { profileHash } from '../../src/main/store/content-hash.ts';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { videoPath } from '../../src/main/store/video-files.ts';
import { unfinishedPath } from '../../src/main/video/seekable.ts';
import {
  CAMERA,
  PICTURES,
  PROFILE,
  faceRecord,
  frameRecord,
  parseTable,
  person,
  segment,
  sessionStart,
} from '../fixtures/records.ts';
import { CODE, OTHER, recordCamera } from '../fixtures/store-participants.ts';
import { NOW_MS, databaseIn, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';
import { scores } from '../fixtures/timeline-rows.ts';
import { keepVideo } from '../fixtures/video.ts';

const COMPLETE = { state: 'complete', problems: [], analysedFps: 90 } as const;
const ALL_TIME = { fromSeconds: -1e9, toSeconds: 1e9 };
const [HAPPINESS, CONTEMPT] = [EXPRESSIONS.indexOf('happiness'), EXPRESSIONS.indexOf('contempt')];

interface Program {
  readonly store: RecordingStore;
  readonly client: Client;
  readonly data: string;
  readonly exports: string;
  /** What went wrong, as the program heard it. */
  readonly faults: unknown[];
}

/** A window's view of a program: what it is told has passed the contract. */
async function startProgram(): Promise<Program> {
  const [data, exports] = [temporaryFolder(), temporaryFolder()];
  const store = await openStore(data);
  const noModels = (): Promise<never> => Promise.reject(new Error('nothing is analysed here'));
  const service = new Service(store, noModels, { data, exports, home: data, sampleCamera: null });
  const [near, far] = inMemoryWire(structuredClone);
  const faults: unknown[] = [];
  serve(far, service.handlers, (error) => faults.push(error));
  return { store, client: new Client(near), data, exports, faults };
}

/** A second of a film, or a picture: one row a second. */
const secondOf = (sequence: number, changes: Partial<FrameRecord> = {}): FrameRecord =>
  frameRecord(sequence, { timeMs: 1000 * sequence, ...changes });

/** A face whose happiness is known; contempt is measured by nobody. */
function faceOf(sequence: number, owner: number, happiness: number, changes: Partial<FaceRecord> = {}): FaceRecord {
  const fused = scores({ happiness, sadness: 1 - happiness, contempt: NaN });
  return faceRecord(sequence, { sequence, segment: owner, fused, ...changes });
}

/** Seconds 0 to `count` with the first person, who is happy by turns. */
function recordFrames(writer: SessionWriter, first: number, count: number): void {
  for (let i = first; i < first + count; i++) writer.frame(secondOf(i), [faceOf(i, 1, i % 2 === 0 ? 0.75 : 0.25)]);
}

async function recordLong(store: RecordingStore, count: number, start: SessionStart): Promise<void> {
  const writer = await store.begin(start);
  writer.identity([person(1)], [segment(1, { lastSequence: count - 1 })]);
  recordFrames(writer, 0, count);
  await writer.end(COMPLETE);
}

/**
 * Six seconds. P1 is seen in all but the last, in second 2 behind a hand; P2, a participant, from second 3 on, and never well.
 */
async function recordTwoPeople(store: RecordingStore, start: SessionStart): Promise<void> {
  const writer = await store.begin(start);
  writer.identity(
    [person(1), person(2, 'A07')],
    [segment(1, { lastSequence: 4 }), segment(2, { firstSequence: 3, lastSequence: 5 })],
  );
  [0.75, 0.75, 0.75, 0.25, 0.25].forEach((happiness, i) => {
    const one = faceOf(i, 1, happiness, i === 2 ? { reason: 'occluded' } : {});
    writer.frame(secondOf(i), i < 3 ? [one] : [one, faceOf(i, 2, 0.5, { reason: 'too_small' })]);
  });
  writer.frame(secondOf(5), [faceOf(5, 2, 0.5, { reason: 'blurred' })]);
  await writer.end({ ...COMPLETE, problems: ['The file ends in the middle of a frame.'] });
}

const byExpression = (values: Partial<Record<Expression, number | null>>, rest: number | null): unknown =>
  Object.fromEntries(EXPRESSIONS.map((name) => [name, name in values ? values[name] : rest]));

const FIGURES: PersonFigures[] = [
  {
    ...{ id: 'P1', number: 1, label: null, participant: null, rows: 6, facesFound: 5, valid: 4, secondsValid: 4 },
    mean: byExpression({ happiness: 0.5, sadness: 0.5, contempt: null }, 0) as PersonFigures['mean'],
    aboveBaseline: null,
    dominantShare: byExpression({ happiness: 0.5, sadness: 0.5 }, 0) as PersonFigures['dominantShare'],
    missing: { occluded: 1, no_face: 1 },
  },
  {
    ...{ id: 'P2', number: 2, label: null, participant: 'A07', rows: 6, facesFound: 3, valid: 0, secondsValid: 0 },
    mean: byExpression({}, null) as PersonFigures['mean'],
    aboveBaseline: null,
    dominantShare: byExpression({}, null) as PersonFigures['dominantShare'],
    missing: { no_face: 3, too_small: 2, blurred: 1 },
  },
];

describe('the program', () => {
  it('says what it is and what it can write', async () => {
    const { client, data, exports } = await startProgram();
    const formats = EXPORTERS.map(({ format }) => format);
    const expected = { version: PROGRAM_VERSION, dataFolder: data, exportFolder: exports, formats, restarts: 0 };
    expect(await client.call('program.describe', {}).result).toMatchObject(expected);
  });
});

describe('the settings', () => {
  it('are kept in the data folder', async () => {
    const { client, data } = await startProgram();
    expect(await client.call('settings.get', {}).result).toEqual({ values: DEFAULT_SETTINGS, problem: null });
    const values = { ...DEFAULT_SETTINGS, appearance: 'dark', markerLabels: ['Film'] } as const;
    const changed = client.call('settings.set', { appearance: 'dark', markerLabels: ['Film'] });
    expect(await changed.result).toEqual({ values, problem: null });
    expect(await client.call('settings.get', {}).result).toEqual({ values, problem: null });
    expect(existsSync(join(data, 'settings.json'))).toBe(true);
  });

  it('that are damaged are said to be, and everything goes on', async () => {
    const { client, data, exports } = await startProgram();
    writeFileSync(join(data, 'settings.json'), 'this is not JSON');
    expect((await client.call('program.describe', {}).result).exportFolder).toBe(exports);
    const { values, problem } = await client.call('settings.get', {}).result;
    expect(values).toEqual(DEFAULT_SETTINGS);
    expect(problem?.message).toContain('settings.damaged.json');
  });

  it('say where exports go, until they say that no more', async () => {
    const { client, store, exports } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    const folder = join(temporaryFolder(), 'not', 'yet', 'there');
    const written = async (): Promise<string[]> => {
      const call = { id: 'aaaa', folder: 'study', formats: ['wide'], intervalSeconds: 2, keepInvalid: false };
      return (await client.call('sessions.export', call).result).files;
    };
    await client.call('settings.set', { exportFolder: folder }).result;
    expect((await client.call('program.describe', {}).result).exportFolder).toBe(folder);
    expect(await written()).toContain(join(folder, 'study', 'interview.wide.csv'));
    await client.call('settings.set', { exportFolder: null }).result;
    expect((await client.call('program.describe', {}).result).exportFolder).toBe(exports);
    expect(await written()).toContain(join(exports, 'study', 'interview.wide.csv'));
  });

  it('have no export folder that cannot be one, and are then not changed at all', async () => {
    const { client, data } = await startProgram();
    for (const exportFolder of [join(databaseIn(data), 'in a file'), 'Mien', './Mien']) {
      const changing = client.call('settings.set', { exportFolder, keepInvalid: true });
      await refusalOf(changing.result, 'output_unwritable');
    }
    expect((await client.call('settings.get', {}).result).values).toEqual(DEFAULT_SETTINGS);
  });
});

describe('the list of sessions', () => {
  it('has what was recorded, the newest first', async () => {
    const { client, store } = await startProgram();
    expect(await client.call('sessions.list', { search: '' }).result).toEqual([]);
    await recordTwoPeople(store, sessionStart('aaaa'));
    const album = await store.begin(sessionStart('bbbb', { code: 'album', source: PICTURES }));
    const common = { profile: PROFILE.name, createdUnixMs: NOW_MS, scoredAgainFrom: null };
    const one = { ...common, id: 'aaaa', code: 'interview', state: 'complete', source: 'interview.mp4', kind: 'video' };
    const two = { ...common, id: 'bbbb', code: 'album', state: 'recording', source: 'album', kind: 'pictures' };
    expect(await client.call('sessions.list', { search: '' }).result).toEqual([
      { ...two, frames: 0, durationSeconds: null, persons: 0 },
      { ...one, frames: 6, durationSeconds: 4, persons: 2 },
    ]);
    await album.end(COMPLETE);
    expect((await client.call('sessions.list', { search: '' }).result)[0].state).toBe('complete');
  });

  it('is searched by code, id and name of the source, whatever the case', async () => {
    const { client, store } = await startProgram();
    await store.begin(sessionStart('12ab', { code: 'Pilot-1' }));
    await store.begin(sessionStart('34cd', { code: 'main', source: { ...PICTURES, name: 'Ölbilder' } }));
    const found = async (search: string): Promise<string[]> =>
      (await client.call('sessions.list', { search }).result).map(({ id }) => id);
    expect(await Promise.all(['', '  ', 'pilot', ' PILOT ', '2A', 'ölb', 'mp4', 'i', '%', '.*'].map(found))).toEqual([
      ...[['34cd', '12ab'], ['34cd', '12ab'], ['12ab'], ['12ab'], ['12ab'], ['34cd'], ['12ab'], ['34cd', '12ab']],
      ...[[], []],
    ]);
  });
});

describe('a file that was dropped', () => {
  it('is analysed with the profile that was chosen, else with that of the settings', async () => {
    const data = temporaryFolder();
    const told: string[] = [];
    const queue: AnalysisQueue = { left: [], tell: (files) => told.push(...files.map(({ profile }) => profile)) };
    const noModels = (): Promise<never> => Promise.reject(new Error('nothing is analysed here'));
    const folders = { data, exports: data, home: data, sampleCamera: null };
    const service = new Service(await openStore(data), noModels, folders, 0, queue);
    onTestFinished(() => service.stop());
    const [near, far] = inMemoryWire(structuredClone);
    serve(far, service.handlers, () => undefined);
    const client = new Client(near);
    writeFileSync(join(data, 'a.mp4'), 'something');
    const paths = [join(data, 'a.mp4')];
    const input: Input<'incoming.analysePaths'> = { paths, haveAgreed: true, identification: false };
    await client.call('incoming.analysePaths', { ...input, profile: 'strict' }).result;
    await expect.poll(() => new Set(told)).toEqual(new Set(['strict']));
    await client.call('incoming.analysePaths', input).result;
    await expect.poll(() => new Set(told)).toEqual(new Set(['strict', DEFAULT_SETTINGS.profile]));
  });
});

describe('a session', () => {
  it('is described with its people', async () => {
    const { client, store } = await startProgram();
    const start = sessionStart('aaaa', { identification: false });
    await recordTwoPeople(store, start);
    const detail = await client.call('sessions.describe', { id: 'aaaa' }).result;
    expect(detail).toEqual({
      summary: (await client.call('sessions.list', { search: '' }).result)[0],
      ...{ startSeconds: 0, endSeconds: 6, persons: FIGURES },
      models: start.models.map(({ id, sha256 }) => ({ id, sha256 })),
      profileHash: profileHash(PROFILE),
      ...{ programVersion: '1.2.3', consent: 'external', identification: false },
      // The one model of the profile knows happiness and sadness.
      unmeasured: ['anger', 'contempt', 'disgust', 'fear', 'neutral', 'surprise'],
      problems: ['The file ends in the middle of a frame.'],
      ...{ markers: [], edits: [], note: '', video: null, wantsVideo: false },
    });
  });

  it('of pictures has no times', async () => {
    const { client, store } = await startProgram();
    const writer = await store.begin(sessionStart('aaaa', { source: PICTURES }));
    writer.identity([person(1)], [segment(1)]);
    for (let i = 0; i < 3; i++)
      writer.frame(secondOf(i, { timeMs: NaN, name: `${i}.jpg` }), i === 1 ? [] : [faceOf(i, 1, 0.75)]);
    await writer.end(COMPLETE);
    const { startSeconds, endSeconds, persons, summary } = await client.call('sessions.describe', { id: 'aaaa' })
      .result;
    expect([startSeconds, endSeconds, summary.durationSeconds, summary.kind]).toEqual([0, 3, null, 'pictures']);
    expect(persons).toMatchObject([{ rows: 3, facesFound: 2, valid: 2, secondsValid: null, missing: { no_face: 1 } }]);
    expect(persons[0].mean.happiness).toBe(0.75);
    const [{ startSeconds: numbers }] = await client.call('sessions.timeline', { id: 'aaaa', ...ALL_TIME, steps: 9 })
      .result;
    expect([...numbers]).toEqual([0, 1, 2]);
  });

  it('without a frame, and one without people, have nobody', async () => {
    const { client, store } = await startProgram();
    await (await store.begin(sessionStart('aaaa'))).end(COMPLETE);
    const writer = await store.begin(sessionStart('bbbb'));
    for (let i = 0; i < 3; i++) writer.frame(secondOf(i), []);
    await writer.end(COMPLETE);
    for (const [id, endSeconds] of [['aaaa', 0] as const, ['bbbb', 3] as const]) {
      const detail = await client.call('sessions.describe', { id }).result;
      expect(detail).toMatchObject({ startSeconds: 0, endSeconds, persons: [], problems: [] });
      expect(await client.call('sessions.timeline', { id, ...ALL_TIME, steps: 9 }).result).toEqual([]);
      expect(await client.call('sessions.figures', { id, ...ALL_TIME }).result).toEqual([]);
    }
  });

  it('has a timeline of each person', async () => {
    const { client, store } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    const [one, two] = await client.call('sessions.timeline', { id: 'aaaa', ...ALL_TIME, steps: 100 }).result;
    const happiness = Array.from({ length: 6 }, (_, i) => one.scores[8 * i + HAPPINESS]);
    expect([one.id, two.id]).toEqual(['P1', 'P2']);
    expect([...one.startSeconds]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(happiness).toEqual([0.75, 0.75, NaN, 0.25, 0.25, NaN]);
    expect(one.scores[CONTEMPT]).toBeNaN();
    expect([...one.validShare]).toEqual([1, 1, 0, 1, 1, 0]);
    expect(Array.from(two.missing, (reason) => MISSING_REASONS[reason])).toEqual([
      ...['no_face', 'no_face', 'no_face', 'too_small', 'too_small', 'blurred'],
    ]);
    const view = { fromSeconds: 3, toSeconds: 4, steps: 100 };
    const [near] = await client.call('sessions.timeline', { id: 'aaaa', ...view }).result;
    expect([...near.startSeconds]).toEqual([2, 3, 4]);
  });

  it('has, when it is long, a timeline of no more steps than were asked for', async () => {
    const { client, store } = await startProgram();
    await recordLong(store, 6000, sessionStart('aaaa'));
    const timeline = await client.call('sessions.timeline', { id: 'aaaa', ...ALL_TIME, steps: 100 }).result;
    expect([...timeline[0].startSeconds]).toEqual(Array.from({ length: 94 }, (_, i) => 64 * i));
    expect(timeline[0].scores[HAPPINESS]).toBe(0.5);
    const { persons, endSeconds } = await client.call('sessions.describe', { id: 'aaaa' }).result;
    expect([persons[0].rows, persons[0].secondsValid, endSeconds]).toEqual([6000, 6000, 6000]);
  });

  it('has figures of any stretch', async () => {
    const { client, store } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    expect(await client.call('sessions.figures', { id: 'aaaa', ...ALL_TIME }).result).toEqual(FIGURES);
    const part = await client.call('sessions.figures', { id: 'aaaa', fromSeconds: 1, toSeconds: 4 }).result;
    expect(part).toMatchObject([
      { rows: 3, facesFound: 3, valid: 2, secondsValid: 2, mean: { happiness: 0.5 }, missing: { occluded: 1 } },
      { rows: 3, facesFound: 1, valid: 0, secondsValid: 0, mean: { happiness: null }, missing: { no_face: 2 } },
    ]);
  });

  it('that there is not is said to be unknown, until it is there', async () => {
    const { client, store } = await startProgram();
    const figures = (): Promise<PersonFigures[]> => client.call('sessions.figures', { id: 'aaaa', ...ALL_TIME }).result;
    await refusalOf(client.call('sessions.describe', { id: 'aaaa' }).result, 'session_unknown');
    await refusalOf(client.call('sessions.timeline', { id: '', ...ALL_TIME, steps: 9 }).result, 'session_unknown');
    await refusalOf(figures(), 'session_unknown');
    await recordTwoPeople(store, sessionStart('aaaa'));
    expect(await figures()).toEqual(FIGURES);
  });

  it('that is being recorded is looked at anew every time', async () => {
    const { client, store } = await startProgram();
    const writer = await store.begin(sessionStart('aaaa'));
    writer.identity([person(1)], [segment(1, { lastSequence: 199 })]);
    const rows = async (): Promise<number | undefined> =>
      (await client.call('sessions.figures', { id: 'aaaa', ...ALL_TIME }).result).at(0)?.rows;
    recordFrames(writer, 0, 100);
    await vi.waitFor(async () => expect(await rows()).toBe(100), 10_000);
    recordFrames(writer, 100, 100);
    await writer.end(COMPLETE);
    expect(await rows()).toBe(200);
    expect((await client.call('sessions.describe', { id: 'aaaa' }).result).summary.state).toBe('complete');
  });

  it('is read once as long as it is one of the two that were looked at last', async () => {
    const { client, store } = await startProgram();
    for (const id of ['aaaa', 'bbbb', 'cccc']) await recordTwoPeople(store, sessionStart(id));
    const read = vi.spyOn(store, 'read');
    const readFor = async (...ids: string[]): Promise<string[]> => {
      read.mockClear();
      await Promise.all(ids.map((id) => client.call('sessions.figures', { id, ...ALL_TIME }).result));
      return read.mock.calls.map(([{ id }]) => id);
    };
    expect(await readFor('aaaa', 'aaaa', 'bbbb', 'aaaa')).toEqual(['aaaa', 'bbbb']);
    await refusalOf(client.call('sessions.figures', { id: 'none', ...ALL_TIME }).result, 'session_unknown');
    expect(await readFor('aaaa')).toEqual([]);
    expect(await readFor('cccc', 'aaaa')).toEqual(['cccc']);
    expect(await readFor('bbbb')).toEqual(['bbbb']);
  });
});

describe('a video that broke off', () => {
  it('and cannot be made ready does not lock the session, and is tried again', async () => {
    const { client, store, data } = await startProgram();
    await recordCamera(store, 'aaaa', 3);
    await store.noteVideo({ kind: 'begin', id: 'aaaa', codec: 'vp8' });
    const path = videoPath(data, 'aaaa');
    mkdirSync(unfinishedPath(path), { recursive: true }); // in the way of the one that is made of it
    writeFileSync(path, 'no video');
    const videoOf = async (): Promise<unknown> =>
      (await client.call('sessions.describe', { id: 'aaaa' }).result).video?.state;
    expect(await videoOf()).toBe('unfinished');
    rmSync(unfinishedPath(path), { recursive: true });
    expect(await videoOf()).toBe('removed'); // there is nothing in it
  });
});

describe('a recording from a camera', () => {
  it('lasts as long as its records, and its figures count captured frames', async () => {
    const { client, store } = await startProgram();
    const writer = await store.begin(sessionStart('aaaa', { source: CAMERA, firstFrameUnixMs: NOW_MS }));
    writer.identity([person(1)], [segment(1, { firstSequence: -30, lastSequence: 9 })]);
    recordFrames(writer, 0, 4);
    writer.frame(secondOf(4, { gap: 'dropped', searched: false }), []);
    writer.frame(secondOf(5, { gap: 'paused', searched: false }), []);
    [60, 61].forEach((i) => writer.frame(secondOf(i), [faceOf(i, 1, 0.75)]));
    await writer.end(COMPLETE);
    const [summary] = await client.call('sessions.list', { search: '' }).result;
    expect(summary).toMatchObject({ kind: 'camera', frames: 6, durationSeconds: 62, persons: 1 });
    const detail = await client.call('sessions.describe', { id: 'aaaa' }).result;
    expect(detail).toMatchObject({ startSeconds: 0, endSeconds: 62 });
    const [figures] = detail.persons;
    expect(figures).toMatchObject({ rows: 6, facesFound: 6, valid: 6, secondsValid: 6 });
    expect(figures.missing).toEqual({ dropped: 1, paused: 1 });
  });
});

describe('an export', () => {
  const ALL = EXPORTERS.map(({ format }) => format);
  const exportOf = (changes: Partial<Input<'sessions.export'>> = {}): Input<'sessions.export'> => ({
    ...{ id: 'aaaa', folder: 'study', formats: ALL, intervalSeconds: 2, keepInvalid: false },
    ...changes,
  });

  it('writes every format that was chosen, and tells how far it is', async () => {
    const { client, store, exports } = await startProgram();
    await recordLong(store, 1200, sessionStart('aaaa'));
    const told: number[] = [];
    const { files } = await client.call('sessions.export', exportOf(), (rows) => told.push(rows)).result;
    expect(told).toEqual([500, 1000, 1200]);
    const written = EXPORTERS.filter(({ format }) => format !== 'markers'); // of which there are none
    const endings = [...written.map(({ ending }) => ending), '.meta.json'];
    expect(files).toEqual(endings.map((ending) => join(exports, 'study', `interview${ending}`)));
    expect(
      readdirSync(join(exports, 'study'))
        .map((name) => join(exports, 'study', name))
        .sort(),
    ).toEqual([...files].sort());
    expect(parseTable(readFileSync(files[0], 'utf8'))).toHaveLength(1200);
  });

  it('goes where it is told to, in the formats and with the values that it is told to', async () => {
    const { client, store, exports } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    const folder = join(temporaryFolder(), 'new', 'folder');
    const [{ format }] = EXPORTERS;
    const happinessOf = async (keepInvalid: boolean): Promise<string[]> => {
      const settings = exportOf({ folder, formats: [format, format], keepInvalid });
      const { files } = await client.call('sessions.export', settings).result;
      expect(files.map((file) => file.slice(folder.length))).toEqual(['/interview.wide.csv', '/interview.meta.json']);
      const rows = parseTable(readFileSync(files[0], 'utf8'));
      const [first] = rows;
      const column = Object.keys(first).find((name) => name.endsWith('happiness')) ?? '';
      return rows.map((row) => row[column]);
    };
    const [blank, kept] = [await happinessOf(false), await happinessOf(true)];
    expect([blank.filter(Boolean).length, kept.filter(Boolean).length]).toEqual([4, 8]);
    expect(readdirSync(exports)).toEqual([]);
  });

  it('is remembered, also of a session that was named by its code', async () => {
    const { client, store, data } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    const { files } = await client.call('sessions.export', exportOf({ id: 'interview' })).result;
    await store.close();
    const paths = inDatabase(databaseIn(data), (db) => db.prepare('SELECT path FROM export').pluck().all());
    expect([...paths].sort()).toEqual([...files].sort());
  });

  it('that is cancelled stops, and leaves no file', async () => {
    const { client, store, exports, faults } = await startProgram();
    await recordLong(store, 3000, sessionStart('aaaa'));
    const told: number[] = [];
    const call = client.call('sessions.export', exportOf(), (rows) => {
      told.push(rows);
      call.cancel();
    });
    await refusalOf(call.result, 'interrupted');
    await vi.waitFor(() => expect(faults).toHaveLength(1), 10_000);
    expect(faults).toEqual([expect.objectContaining({ code: 'interrupted' })]);
    expect(told).toEqual([500]);
    expect(readdirSync(join(exports, 'study'))).toEqual([]);
    expect((await client.call('sessions.export', exportOf()).result).files).toHaveLength(ALL.length); // no markers, but the sidecar
  });

  it('of an unknown session or in an unknown format is refused, and leaves no folder', async () => {
    const { client, store, exports } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    await refusalOf(client.call('sessions.export', exportOf({ id: 'bbbb' })).result, 'session_unknown');
    const formats = [ALL[0], 'spss'];
    const refusal = await refusalOf(client.call('sessions.export', exportOf({ formats })).result, 'usage');
    expect(refusal.message).toContain('"spss"');
    expect(existsSync(join(exports, 'study'))).toBe(false);
  });

  it('to where nothing can be written is refused', async () => {
    const { client, store, data } = await startProgram();
    await recordTwoPeople(store, sessionStart('aaaa'));
    const folder = join(databaseIn(data), 'in a file');
    await refusalOf(client.call('sessions.export', exportOf({ folder })).result, 'output_unwritable');
  });
});

describe('participants', () => {
  const erasureOf = (code: string): Input<'participants.erase'> => ({ kind: 'participant', code });

  it('are listed and searched by code and by session', async () => {
    const { client, store } = await startProgram();
    await recordCamera(store, 'aaaa', 2, { code: 'Pilot' });
    const found = async (search: string): Promise<string[]> =>
      (await client.call('participants.list', { search }).result).participants.map(({ code }) => code);
    expect(await Promise.all(['', ' pilot', 'SEVEN-B', 'none'].map(found))).toEqual([
      [CODE, OTHER],
      [CODE, OTHER],
      [OTHER],
      [],
    ]);
    const { uncoded, receipts } = await client.call('participants.list', { search: '' }).result;
    expect([uncoded.map(({ persons }) => persons), receipts]).toEqual([[[{ id: 3, label: 'P3' }]], []]);
  });

  it('take back a consent, and what is looked at has no scores of them any more', async () => {
    const { client, store } = await startProgram();
    await recordCamera(store, 'aaaa', 6);
    const estimatedOf = async (): Promise<unknown> =>
      (await client.call('sessions.figures', { id: 'aaaa', ...ALL_TIME }).result).map(({ participant, missing }) => [
        participant,
        missing.no_consent ?? 0,
      ]);
    expect(await estimatedOf()).toEqual([
      [CODE, 5], // from where it was taken back while it was recorded
      [OTHER, 0],
      [null, 0],
    ]);
    await client.call('participants.withdraw', { participant: CODE, scope: 'analysis', sessionIds: ['aaaa'] }).result;
    expect(await estimatedOf()).toEqual([
      [CODE, 6],
      [OTHER, 0],
      [null, 0],
    ]);
  });

  it('take back a consent, which is seen also where a video cannot be removed', async () => {
    const { client, store, data } = await startProgram();
    await recordCamera(store, 'aaaa', 6);
    await keepVideo(store, 'aaaa', 'moving pictures');
    const path = videoPath(data, 'aaaa');
    rmSync(path);
    mkdirSync(path); // no file, so nothing can be overwritten
    const figures = async (): Promise<unknown> =>
      (await client.call('sessions.figures', { id: 'aaaa', ...ALL_TIME }).result)[0].missing.no_consent ?? 0;
    expect(await figures()).toBe(5); // from where it was taken back while it was recorded
    await refusalOf(store.removeVideo('aaaa', 'withdrawn'), 'store_unusable');
    const change: Input<'participants.withdraw'> = { participant: CODE, scope: 'analysis', sessionIds: ['aaaa'] };
    await refusalOf(client.call('participants.withdraw', change).result, 'store_unusable');
    expect(await figures()).toBe(6);
  });

  it('are erased, from what is looked at too, and their files are listed', async () => {
    const { client, store, exports } = await startProgram();
    await recordCamera(store, 'aaaa', 6, { code: 'pilot' });
    const people = async (): Promise<unknown> =>
      (await client.call('sessions.describe', { id: 'aaaa' }).result).persons.map(({ participant }) => participant);
    expect(await people()).toEqual([CODE, OTHER, null]);
    const input = { id: 'aaaa', folder: 'study', formats: ['wide'], intervalSeconds: 2, keepInvalid: false };
    const { files } = await client.call('sessions.export', input).result;
    await store.noteExport('aaaa', [{ path: join(exports, 'moved.csv'), sha256: 'ab' }]);
    const plan = await client.call('participants.planErasure', erasureOf(CODE)).result;
    expect(plan.exports.map(({ path, isThere }) => [path, isThere]).sort()).toEqual(
      [...files.map((path) => [path, true]), [join(exports, 'moved.csv'), false]].sort(),
    );
    const told: string[] = [];
    const result = await client.call('participants.erase', erasureOf(CODE), ({ stage }) => told.push(stage)).result;
    expect(result).toMatchObject({ receipt: { sessions: 1, estimates: 12, exports: 3, isOverwritten: true } });
    expect(result.receipt.programVersion).toBe(PROGRAM_VERSION);
    expect(result.exports).toEqual(plan.exports);
    expect(told[0]).toBe('removing');
    expect(await people()).toEqual([OTHER, null]);
    const { participants, receipts } = await client.call('participants.list', { search: '' }).result;
    expect([participants.map(({ code }) => code), receipts]).toEqual([[OTHER], [result.receipt]]);
  });

  it('are not erased while an export is being written, whose files would not be listed', async () => {
    const { client, store } = await startProgram();
    await recordCamera(store, 'aaaa', 600, { code: `of ${CODE}` });
    const input = { id: 'aaaa', folder: 'study', formats: ['wide'], intervalSeconds: 2, keepInvalid: false };
    let begun: (rows: number) => void = () => undefined;
    const isBegun = new Promise<number>((resolve) => (begun = resolve));
    const first = client.call('sessions.export', input, (rows) => begun(rows));
    await isBegun;
    const erased = client.call('participants.erase', erasureOf(CODE));
    const { files } = await first.result;
    expect((await erased.result).exports.map(({ path }) => path).sort()).toEqual([...files].sort());
    const second = await client.call('sessions.export', input).result;
    expect(second.files[0]).toMatch(/of erased\.wide\.csv$/);
    expect(readFileSync(second.files[0], 'utf8')).not.toContain(`,${CODE},`);
  });

  it('are there still when an erasure is refused', async () => {
    const { client, store } = await startProgram();
    await recordCamera(store, 'aaaa', 2);
    const writer = await store.begin(sessionStart('bbbb', { code: 'now' }));
    await refusalOf(client.call('participants.erase', erasureOf(CODE)).result, 'store_busy');
    await refusalOf(client.call('participants.erase', erasureOf('nobody')).result, 'store_busy');
    await writer.end(COMPLETE);
    await refusalOf(client.call('participants.erase', erasureOf('nobody')).result, 'participant_unknown');
    await refusalOf(client.call('participants.planErasure', erasureOf('nobody')).result, 'participant_unknown');
    expect((await client.call('participants.list', { search: '' }).result).participants).toHaveLength(2);
  });

  it('are there still when an erasure is cancelled in time', async () => {
    const { client, store } = await startProgram();
    await recordCamera(store, 'aaaa', 50);
    const call = client.call('participants.erase', erasureOf(CODE));
    call.cancel();
    await refusalOf(call.result, 'interrupted');
    expect((await client.call('participants.list', { search: '' }).result).participants).toHaveLength(2);
  });
});
