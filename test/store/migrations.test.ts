import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../src/main/store/database.ts';
import { PROFILE, SOURCE, sessionStart } from '../fixtures/records.ts';
import { exactFace } from '../fixtures/store-contents.ts';
import { databaseIn, framesOf, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const MIGRATIONS = new URL('../../src/main/store/migrations/', import.meta.url);
const FILES = readdirSync(MIGRATIONS).sort();
const FIRST = readFileSync(new URL('0001-sessions.sql', MIGRATIONS), 'utf8');

/** A profile without temperatures, and as it was written before profiles could have rules and temperatures. */
const PLAIN = { ...PROFILE, temperature: 1, members: PROFILE.members.map((member) => ({ ...member, temperature: 1 })) };
const OLD_PROFILE = ((): object => {
  const { override, rules, temperature, contempt, reject, members, ...rest } = PLAIN;
  expect([override, rules.active, temperature, contempt, reject]).toEqual([false, [], 1, true, null]);
  return { ...rest, members: members.map(({ model, weights }) => ({ model, weights })) };
})();

const versionOf = (database: Database.Database): unknown => database.pragma('user_version', { simple: true });
const schemaOf = (database: Database.Database): unknown[] =>
  database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();

/** A database as the first version of the program left it, with one frame in which the second of two members failed. */
function databaseOfFirstVersion(file: string): void {
  const { box, quality, landmarks, fused, members, agreement, detectorScore } = exactFace(1);
  const { yawDeg, pitchDeg, rollDeg } = quality.pose;
  const values = [box.x, box.y, box.width, box.height, detectorScore, quality.trackScore, quality.brightness];
  values.push(quality.contrast, quality.clipped, quality.sharpness, quality.interocularPx, quality.inside);
  values.push(quality.occlusion, yawDeg, pitchDeg, rollDeg, agreement, ...landmarks, ...fused);
  values.push(...(members[1] ?? []), ...Array<number>(8).fill(NaN));
  const numbers = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => numbers.writeFloatLE(value, 4 * i));
  inDatabase(file, (database) => {
    database.exec(FIRST);
    database.pragma('user_version = 1');
    database
      .prepare(
        `INSERT INTO session (number, id, code, state, source, source_sha256, profile_hash, consent_kind, identification,
         program_version, created_unix_ms, ended_unix_ms, problems, analysed_fps)
       VALUES (1, 'aaaa', 'old', 'complete', ?, ?, 'bbbb', 'external', 0, '0.1.0', 1000, 2000, '["cut short"]', 31.5)`,
      )
      .run(JSON.stringify(SOURCE), SOURCE.sha256);
    database.prepare("INSERT INTO session_profile VALUES (1, ?, '[]')").run(JSON.stringify(OLD_PROFILE));
    database.exec(`INSERT INTO session (number, id, code, state, source, source_sha256, profile_hash, consent_kind,
        consent_form, identification, program_version, created_unix_ms)
      VALUES (2, 'bbbb', 'asked', 'complete', '{}', 'h', 'h', 'file', '{"version":"7"}', 1, '0.1.0', 3000);
      INSERT INTO session_profile SELECT 2, profile, models FROM session_profile;
      INSERT INTO participant VALUES (2, 'A07');
      INSERT INTO consent VALUES (2, 'A07', 'analysis', '2026-03-02')`);
    database.exec("INSERT INTO person VALUES (1, 1, 'A07')");
    database.exec("INSERT INTO segment VALUES (1, 3, 5, 0, 9, 1, 'track', 0.5)");
    database.exec('INSERT INTO frame VALUES (1, 9, 333.25, 2, 1, NULL)');
    database.prepare("INSERT INTO estimate VALUES (1, 9, 3, 'occluded', ?)").run(numbers);
  });
}

describe('the tables of the database', () => {
  it('are numbered without a gap, and the database knows the number of the last', async () => {
    expect(FILES.map((name) => Number(/^(\d{4})-[a-z-]+\.sql$/.exec(name)?.[1]))).toEqual(FILES.map((_, i) => i + 1));
    const folder = temporaryFolder();
    await (await openStore(folder)).close();
    expect(inDatabase(databaseIn(folder), versionOf)).toBe(FILES.length);
  });

  it('are made in an empty file, and stay as they are when it is opened again', async () => {
    const folder = temporaryFolder();
    writeFileSync(databaseIn(folder), '');
    await (await openStore(folder)).close();
    const schema = inDatabase(databaseIn(folder), schemaOf);
    const names = inDatabase(databaseIn(folder), (database) =>
      database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
    );
    const wanted = ['session', 'session_profile', 'participant', 'consent', 'person', 'segment', 'frame', 'estimate'];
    expect(names).toEqual(
      expect.arrayContaining([...wanted, 'marker', 'event', 'clock', 'edit', 'note', 'export', 'audit']),
    );
    await (await openStore(folder)).close();
    expect(inDatabase(databaseIn(folder), schemaOf)).toEqual(schema);
  });

  it('keep what the first version of the program stored', async () => {
    const folder = temporaryFolder();
    databaseOfFirstVersion(databaseIn(folder));
    const store = await openStore(folder);
    expect(store.session('old')).toMatchObject({
      id: 'aaaa',
      state: 'complete',
      source: SOURCE,
      profile: PLAIN,
      consent: { kind: 'external' },
      identification: false,
      problems: ['cut short'],
      analysedFps: 31.5,
      endedUnixMs: 2000,
      frames: 1,
      durationMs: SOURCE.durationMs,
      setup: null,
    });
    expect(store.session('asked').consent).toEqual({
      kind: 'file',
      form: { version: '7' },
      participants: [{ code: 'A07', scopes: ['analysis'], given_at: '2026-03-02' }],
    });
    const { persons, segments, ...rest } = store.read(store.session('old'));
    expect(rest).toMatchObject({ markers: [], events: [], clock: [], edits: [], note: '' });
    expect(persons).toEqual([{ id: 1, participant: 'A07' }]);
    expect(segments).toEqual([
      { id: 3, track: 5, firstSequence: 0, lastSequence: 9, person: 1, source: 'track', confidence: 0.5 },
    ]);
    const face = exactFace(1);
    expect(framesOf(store, 'aaaa')).toEqual([
      {
        frame: { sequence: 9, timeMs: 333.25, droppedBefore: 2, searched: true, name: null, gap: null },
        faces: [{ ...face, sequence: 9, segment: 3, reason: 'occluded', members: [face.members[1], null] }],
      },
    ]);
  });

  it('keep the corrections that were made before a baseline was one', async () => {
    const folder = temporaryFolder();
    databaseOfFirstVersion(databaseIn(folder));
    const rows = [
      [1, 1, 5, 'rename', '{"person":1,"label":"left"}', 'K', 'why', 1],
      [1, 3, 6, 'add_marker', '{"timeMs":1,"label":"a"}', '', '', 0],
    ];
    const before = FILES.findIndex((name) => name.endsWith('-baselines.sql'));
    inDatabase(databaseIn(folder), (database) => {
      for (const name of FILES.slice(1, before)) database.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
      database.pragma(`user_version = ${before}`);
      for (const row of rows) database.prepare('INSERT INTO edit VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(row);
    });
    await (await openStore(folder)).close();
    inDatabase(databaseIn(folder), (database) => {
      expect(database.prepare('SELECT * FROM edit ORDER BY number').raw().all()).toEqual(rows);
      expect(database.pragma('foreign_key_check')).toEqual([]);
    });
  });

  it('are not made in the database of another program, of which no byte is changed', async () => {
    const folder = temporaryFolder();
    inDatabase(databaseIn(folder), (database) => database.exec('CREATE TABLE bookmark (title TEXT)'));
    const before = readFileSync(databaseIn(folder));
    const error = await refusalOf(openStore(folder), 'store_unusable');
    expect(error.message).toContain('another program');
    expect(readFileSync(databaseIn(folder)).equals(before)).toBe(true);
  });

  it('are left alone when a newer version of the program has made them', async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
    const newest = FILES.length + 1;
    inDatabase(databaseIn(elsewhere), (database) => {
      database.pragma('journal_mode = WAL');
      database.exec('PRAGMA application_id = 0x4d69656e; CREATE TABLE session (a_new_column TEXT)');
      database.pragma(`user_version = ${newest}`);
    });
    copyFileSync(databaseIn(elsewhere), databaseIn(folder));
    const error = await refusalOf(openStore(folder), 'store_unusable');
    expect(error.message).toContain('newer version');
    expect(readFileSync(databaseIn(folder)).equals(readFileSync(databaseIn(elsewhere)))).toBe(true);
    expect(existsSync(`${databaseIn(folder)}-wal`)).toBe(false);
  });

  it('are made wholly or not at all', async () => {
    const folder = temporaryFolder();
    // Somebody else's database: our fifth table is in the way.
    inDatabase(databaseIn(folder), (database) => database.exec('CREATE TABLE person (name TEXT)'));
    const before = inDatabase(databaseIn(folder), schemaOf);
    await refusalOf(openStore(folder), 'store_unusable');
    expect(inDatabase(databaseIn(folder), schemaOf)).toEqual(before);
    expect(inDatabase(databaseIn(folder), versionOf)).toBe(0);
  });

  it('are not made a second time by a program that waited while another one made them', async () => {
    const folder = temporaryFolder();
    const other = new Database(databaseIn(folder));
    try {
      other.pragma('journal_mode = WAL');
      other.exec('BEGIN IMMEDIATE');
      const opening = openStore(folder);
      opening.catch(() => undefined);
      // Long enough for the second program to find no tables, and less than it is willing to wait for the first.
      await sleep(1500);
      for (const name of FILES) other.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
      other.pragma(`user_version = ${FILES.length}`);
      other.exec('COMMIT');
      const store = await opening;
      await store.begin(sessionStart('aaaa'));
      expect(store.sessions()).toHaveLength(1);
    } finally {
      other.close();
    }
  });
});

describe('the rules of the tables', () => {
  const database = (): Database.Database => {
    const made = new Database(':memory:');
    made.pragma('foreign_keys = ON');
    migrate(made);
    return made;
  };
  const session = (number: number, state: string): string =>
    `INSERT INTO session (number, id, code, state, source, source_sha256, profile_hash, consent_kind, identification,
       program_version, created_unix_ms) VALUES (${number}, 'id${number}', 'c', '${state}', '{}', 'h', 'h', 'file', 1, 'v', 0)`;

  it('know no state but three, and no session twice', () => {
    const db = database();
    db.exec(session(1, 'recording'));
    expect(() => db.exec(session(1, 'complete'))).toThrow(/UNIQUE/);
    expect(() => db.exec(session(2, 'half'))).toThrow(/CHECK/);
  });

  it('know no gap but three', () => {
    const db = database();
    db.exec(session(1, 'recording'));
    const frame = (sequence: number, gap: string): string =>
      `INSERT INTO frame VALUES (1, ${sequence}, 0, 0, 0, NULL, '${gap}')`;
    ['dropped', 'paused', 'source_gap'].forEach((gap, i) => db.exec(frame(i, gap)));
    expect(() => db.exec(frame(3, 'occluded'))).toThrow(/CHECK/);
  });

  it('know no edit but seven, each with a number of its own', () => {
    const db = database();
    db.exec(session(1, 'complete'));
    const edit = (number: number, kind: string, undone = 0): string =>
      `INSERT INTO edit VALUES (1, ${number}, 0, '${kind}', '{}', '', '', ${undone})`;
    const kinds = ['rename', 'merge', 'split', 'baseline', 'add_marker', 'change_marker', 'remove_marker'];
    kinds.forEach((kind, i) => db.exec(edit(i + 1, kind)));
    expect(() => db.exec(edit(8, 'delete'))).toThrow(/CHECK/);
    expect(() => db.exec(edit(8, 'merge', 2))).toThrow(/CHECK/);
    expect(() => db.exec(edit(7, 'merge'))).toThrow(/UNIQUE/);
  });

  it('know no estimate without its frame', () => {
    const db = database();
    db.exec(session(1, 'recording'));
    expect(() => db.exec("INSERT INTO estimate VALUES (1, 0, 1, NULL, x'00', NULL, NULL, NULL, NULL, NULL)")).toThrow(
      /FOREIGN KEY/,
    );
  });

  it('take everything that is known of people along with a session that is erased', () => {
    const db = database();
    for (const number of [1, 2]) {
      db.exec(session(number, 'complete'));
      db.exec(`INSERT INTO session_profile VALUES (${number}, '${JSON.stringify(PROFILE).replaceAll("'", "''")}', '[]');
        INSERT INTO participant VALUES (${number}, 'A07', NULL);
        INSERT INTO consent VALUES (${number}, 'A07', 'analysis', NULL, NULL, 0);
        INSERT INTO person VALUES (${number}, 1, 'A07');
        INSERT INTO segment VALUES (${number}, 1, 1, 0, 0, 1, 'track', 1);
        INSERT INTO frame VALUES (${number}, 0, 0, 0, 1, NULL, NULL);
        INSERT INTO estimate VALUES (${number}, 0, 1, NULL, x'00', NULL, NULL, 'accept', 1200, 150);
        INSERT INTO marker VALUES (${number}, 'm', 0, 'stimulus');
        INSERT INTO event VALUES (${number}, 0, 'paused', NULL);
        INSERT INTO clock VALUES (${number}, 0, 1000);
        INSERT INTO edit VALUES (${number}, 1, 0, 'merge', '{}', '', '', 0);
        INSERT INTO note VALUES (${number}, 0, 'about A07');
        INSERT INTO export VALUES (${number}, 'a.csv', 'h', 0);
        INSERT INTO level_set VALUES (${number}, ${number}, NULL, x'00', 0, 1);
        INSERT INTO level_chunk VALUES (${number}, 1, 0, 0, 0, 1, NULL, x'00')`);
    }
    db.exec('DELETE FROM session WHERE number = 1');
    for (const table of [
      'session_profile',
      'participant',
      'consent',
      'person',
      'segment',
      'frame',
      'estimate',
      'marker',
      'event',
      'clock',
      'edit',
      'note',
      'export',
      'level_set',
    ]) {
      expect([table, db.prepare(`SELECT session FROM ${table}`).pluck().all()]).toEqual([table, [2]]);
    }
    expect(db.prepare('SELECT level_set FROM level_chunk').pluck().all()).toEqual([2]);
  });
});
