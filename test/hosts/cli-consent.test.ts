// Who agreed to what decides what is computed, what is stored and what stands in the files.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPRESSIONS } from '../../src/main/core/expression.ts';
import {
  STACK,
  Workplace,
  messagesOf,
  readSidecar,
  readJsonLines,
  readTable,
  type CliResult,
  type TableRow,
} from '../fixtures/cli.ts';
import { DANA, ERIN, FAYE, photographPath, portrait, writeShots } from '../fixtures/cli-films.ts';

const place = new Workplace();
const COUNT = 80;
/** Who is seen in which frames; nobody is seen together with another. */
const isDana = ({ frame }: TableRow): boolean => Number(frame) < 20;
const isErin = ({ frame }: TableRow): boolean => (Number(frame) >= 20 && Number(frame) < 40) || Number(frame) >= 60;
const isFaye = ({ frame }: TableRow): boolean => Number(frame) >= 40 && Number(frame) < 60;

const isSeen = ({ box_x }: TableRow): boolean => box_x !== '';
const hasScores = (row: TableRow): boolean =>
  EXPRESSIONS.some((name) => row[name] !== '' || row[`smooth_${name}`] !== '');

beforeAll(async () => {
  const shots = [DANA, ERIN, FAYE, ERIN].map((of) => ({ of, frames: 20 }));
  expect(await writeShots(place.at('film.mp4'), shots)).toBe(COUNT);
  mkdirSync(place.at('forms'));
  writeFileSync(place.at('forms', 'erin.png'), await portrait(ERIN, 500));
  writeFileSync(
    place.at('wall.png'),
    await sharp({ create: { width: 99, height: 99, channels: 3, background: '#777' } })
      .png()
      .toBuffer(),
  );
});

afterAll(() => place.remove());

/** Writes a consent file and returns its path. */
function consentFile(name: string, content: unknown): string {
  const path = place.at('forms', name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function analyze(out: string, ...words: readonly string[]): Promise<CliResult> {
  return place.run(['analyze', place.at('film.mp4'), '--out', out, '--formats', 'wide,jsonl', ...words]);
}

describe('participants, one of them with a picture, and a bystander', () => {
  const out = place.at('asked');
  let rows: TableRow[];
  let result: CliResult;

  beforeAll(async () => {
    const both = ['analysis', 'identification'];
    const consent = consentFile('asked.json', {
      form: { version: '2026-03' },
      participants: [
        { code: 'A07', scopes: [...both, 'sharing'], picture: 'erin.png', given_at: '2026-11-02' },
        { code: 'A08', scopes: both },
      ],
    });
    result = await analyze(out, '--consent', consent, '--keep-invalid');
    rows = readTable(join(out, 'film.wide.csv'));
  });

  it('know the one by the picture and take the other as the first who is unknown', () => {
    expect([result.code, messagesOf(result)]).toEqual([0, []]);
    const seen = (code: string): TableRow[] => rows.filter((row) => row.participant_id === code && isSeen(row));
    expect(seen('A07').length).toBeGreaterThanOrEqual(36);
    expect(seen('A07').every(isErin)).toBe(true);
    expect(seen('A08').length).toBeGreaterThanOrEqual(18);
    expect(seen('A08').every(isDana)).toBe(true);
    expect([...seen('A07'), ...seen('A08')].filter(hasScores).length).toBeGreaterThan(45);
  });

  it('have rows from the first frame to the last', () => {
    for (const code of ['A07', 'A08']) {
      const frames = rows.filter((row) => row.participant_id === code).map(({ frame }) => Number(frame));
      expect(frames).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    }
  });

  it('the bystander is a box with no_consent and nothing else, whatever is asked for', () => {
    const bystander = rows.filter((row) => row.person !== '' && row.participant_id === '');
    expect(bystander.filter(isSeen).length).toBeGreaterThanOrEqual(16);
    expect(bystander.filter(isSeen).every(isFaye)).toBe(true);
    for (const row of bystander) {
      expect([row.estimated, row.valid, row.members_used, row.dominant, row.confirmed]).toEqual(['0', '0', '', '', '']);
      expect(hasScores(row)).toBe(false);
      if (isSeen(row)) expect(row.missing_reason).toBe('no_consent');
    }
    interface Line {
      readonly participant_id: string | null;
      readonly members: unknown;
      readonly scores: unknown;
    }
    const lines = readJsonLines<Line>(join(out, 'film.jsonl')).filter((line) => line.participant_id === null);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every(({ members, scores }) => members === null && scores === null)).toBe(true);
  });

  it('the sidecar says who agreed to what, by code', () => {
    const { consent } = readSidecar(join(out, 'film.meta.json'));
    expect(consent).toMatchObject({ form: { version: '2026-03' } });
    const { participants } = consent as { participants: { code: string; scopes: string[] }[] };
    expect(participants.map(({ code, scopes }) => [code, [...scopes].sort()])).toEqual([
      ['A07', ['analysis', 'identification', 'sharing']],
      ['A08', ['analysis', 'identification']],
    ]);
  });
});

describe('people who did not agree to everything', () => {
  it('to identification: nobody is recognised, and both the user and the sidecar are told', async () => {
    const consent = consentFile('unrecognised.json', {
      participants: [
        { code: 'A07', scopes: ['analysis'] },
        { code: 'A08', scopes: ['analysis', 'identification'] },
      ],
    });
    const result = await analyze(place.at('unrecognised'), '--consent', consent);
    expect([result.code, messagesOf(result).length]).toEqual([0, 1]);
    expect(result.stderr).toContain('identification');
    const rows = readTable(place.at('unrecognised', 'film.wide.csv'));
    const sources = new Set(rows.filter(isSeen).map(({ identity_source }) => identity_source));
    expect(sources).toEqual(new Set(['track']));
    expect(rows.filter((row) => row.participant_id === 'A07' && hasScores(row)).every(isDana)).toBe(true);
    expect(rows.filter((row) => row.participant_id === 'A07' && hasScores(row)).length).toBeGreaterThan(10);
    expect(readSidecar(place.at('unrecognised', 'film.meta.json')).identification).toMatch(/^off/);
  });

  it('to analysis: no expression is computed of them', async () => {
    const participants = [
      { code: 'A07', scopes: ['identification'] },
      { code: 'A08', scopes: ['analysis', 'identification'] },
    ];
    const consent = consentFile('unanalysed.json', { participants });
    expect((await analyze(place.at('unanalysed'), '--consent', consent, '--keep-invalid')).code).toBe(0);
    const rows = readTable(place.at('unanalysed', 'film.wide.csv'));
    const first = rows.filter((row) => row.participant_id === 'A07');
    expect(first.filter(isSeen).length).toBeGreaterThanOrEqual(18);
    expect(first.filter(isSeen).every((row) => isDana(row) && row.missing_reason === 'no_consent')).toBe(true);
    expect(first.some(hasScores)).toBe(false);
    const second = rows.filter((row) => row.participant_id === 'A08' && hasScores(row));
    expect(second.length).toBeGreaterThan(25);
    expect(second.every(isErin)).toBe(true);
  });
});

describe('without a consent file', () => {
  it('every sidecar says that consent was obtained outside; without identification nobody is known again', async () => {
    const words = ['analyze', place.at('film.mp4'), place.at('wall.png'), '--out', place.out, '--no-identification'];
    const result = await place.run(words);
    expect([result.code, messagesOf(result)]).toEqual([0, []]);
    for (const name of ['film', 'wall']) {
      const { consent, identification } = readSidecar(join(place.out, `${name}.meta.json`));
      expect(consent).toMatch(/^external/);
      expect(identification).toMatch(/^off/);
    }
    const seen = readTable(join(place.out, 'film.wide.csv')).filter(isSeen);
    expect(new Set(seen.map(({ identity_source }) => identity_source))).toEqual(new Set(['track']));
    for (const person of new Set(seen.map((row) => row.person))) {
      const own = seen.filter((row) => row.person === person).map(({ frame }) => Math.floor(Number(frame) / 20));
      expect(new Set(own).size, `${person} is in one shot only`).toBe(1);
    }
  });

  it('people are told apart by recognition, and the sidecar says so', async () => {
    expect((await analyze(place.at('usual'))).code).toBe(0);
    const seen = readTable(place.at('usual', 'film.wide.csv')).filter(isSeen);
    expect(seen.some(({ identity_source }) => identity_source === 'embedding')).toBe(true);
    const erin = new Set(seen.filter(isErin).map(({ person }) => person));
    expect(erin.size).toBe(1);
    expect(readSidecar(place.at('usual', 'film.meta.json'))).toMatchObject({
      consent: expect.stringMatching(/^external/) as string,
      identification: expect.not.stringMatching(/^off/) as string,
    });
  });
});

describe('--keep-invalid', () => {
  it('writes the scores of a face that is too dark; without it they are left out', async () => {
    await sharp(await portrait(DANA, 400))
      .linear(0.12, 0)
      .png()
      .toFile(place.at('dim.png'));
    await place.run(['analyze', place.at('dim.png'), '--out', place.at('left out')]);
    await place.run(['export', 'dim', '--out', place.at('kept'), '--keep-invalid']);
    const [hidden] = readTable(place.at('left out', 'dim.wide.csv'));
    const [kept] = readTable(place.at('kept', 'dim.wide.csv'));
    for (const row of [hidden, kept]) {
      expect(row).toMatchObject({ estimated: '1', valid: '0', missing_reason: 'too_dark', smooth_happiness: '' });
    }
    expect(EXPRESSIONS.map((name) => hidden[name]).join('')).toBe('');
    expect(hidden.dominant).toBe('');
    const sum = EXPRESSIONS.reduce((total, name) => total + Number(kept[name]), 0);
    expect(sum).toBeCloseTo(1, 4);
    expect(EXPRESSIONS).toContain(kept.dominant);
  });
});

describe('a consent file that cannot be meant', () => {
  const one = (more: object): object => ({
    participants: [{ code: 'A07', scopes: ['analysis', 'identification'], ...more }],
  });

  it.concurrent.each([
    ['is not JSON', '{ "participants": [', 'broken.json', ''],
    ['has a scope that there is not', one({ scopes: ['analysis', 'everything'] }), 'scope.json', 'scopes'],
    ['has a name for a code', one({ code: 'Anna Smith' }), 'name.json', 'code'],
    [
      'names a participant twice',
      { participants: [...Array<number>(2)].map(() => ({ code: 'A07', scopes: [] })) },
      'twice.json',
      'twice',
    ],
    ['names a picture without a face', one({ picture: '../wall.png' }), 'faceless.json', 'A07'],
    ['names a picture of several people', one({ picture: photographPath('sample1.jpg') }), 'group.json', 'A07'],
    ['names a picture that is not there', one({ picture: 'gone.png' }), 'gone.json', 'gone.png'],
  ])('it %s: exit code 2, one line, nothing written', async (_, content, name, said) => {
    const out = place.at(`bad ${name}`);
    const result = await analyze(out, '--consent', consentFile(name, content));
    expect(result.stderr).toContain(said);
    expect([result.code, result.stdout, messagesOf(result).length]).toEqual([2, '', 1]);
    expect(result.stderr).not.toMatch(STACK);
    expect(result.stderr).not.toContain('fault in Mien');
    expect(existsSync(out)).toBe(false);
  });

  it('that is not there is named', async () => {
    const result = await analyze(place.at('none'), '--consent', place.at('forms', 'lost.json'));
    expect([result.code, messagesOf(result).length]).toEqual([2, 1]);
    expect(result.stderr).toContain('lost.json');
  });

  it('leaves no session behind', async () => {
    const { sessions } = await place.json<{ sessions: { state: string }[] }>(['sessions']);
    expect(sessions.every(({ state }) => state === 'complete')).toBe(true);
  });
});
