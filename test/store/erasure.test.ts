// Somebody who is erased is gone to the last byte, and nobody else has changed.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ErasureProgress, ErasureTarget } from '../../src/main/contract/participants.ts';
import type { SessionStart } from '../../src/main/engine/ports.ts';
import { EXPORTERS } from '../../src/main/exporters/index.ts';
import { exportSession } from '../../src/main/hosts/analysis.ts';
import { RecordingStore } from '../../src/main/store/recording-store.ts';
import { SETUP, sessionStart } from '../fixtures/records.ts';
import {
  CODE,
  CONSENT,
  LABEL,
  OTHER,
  OTHER_LABEL,
  faceBytes,
  filesWith,
  recordCamera,
  recordPictures,
} from '../fixtures/store-participants.ts';
import { keepVideo } from '../fixtures/video.ts';
import {
  NOW_MS,
  databaseIn,
  framesOf,
  inDatabase,
  openStore,
  refusalOf,
  temporaryFolder,
} from '../fixtures/store-folder.ts';

const FRAMES = 40;
const THE_PARTICIPANT: ErasureTarget = { kind: 'participant', code: CODE };

function watch(isCancelled: () => boolean = () => false): Parameters<RecordingStore['erase']>[2] & {
  readonly told: ErasureProgress[];
} {
  const told: ErasureProgress[] = [];
  return {
    told,
    signal: {
      get aborted() {
        return isCancelled();
      },
    },
    onProgress: (progress) => told.push(progress),
  };
}

const erase = (store: RecordingStore, target: ErasureTarget = THE_PARTICIPANT): ReturnType<RecordingStore['erase']> =>
  store.erase(target, '1.2.3', watch());

/** Two recordings of the participant, pictures that are named after the code, and a session that has nothing to do with it. */
async function recordAll(store: RecordingStore): Promise<void> {
  await recordCamera(store, 'aaaa', FRAMES);
  await recordCamera(store, 'bbbb', 3, { code: 'second' });
  await recordPictures(store, 'cccc');
  const own: SessionStart['consent'] = {
    kind: 'file',
    form: null,
    participants: [{ code: 'B1', scopes: ['analysis'] }],
  };
  await recordCamera(store, 'dddd', 2, { code: `of ${OTHER}`, consent: own, setup: SETUP });
}

/** Session dddd has people and labels of its own: only rows of the participant are taken out by hand here. */
function forgetIn(folder: string, id: string): void {
  inDatabase(databaseIn(folder), (db) => {
    const number = db.prepare('SELECT number FROM session WHERE id = ?').pluck().get(id);
    db.prepare("UPDATE person SET participant = 'B1' WHERE session = ? AND id = 1").run(number);
    db.prepare("UPDATE marker SET label = 'x' WHERE session = ? AND id = 'm1'").run(number);
    db.prepare('DELETE FROM event WHERE session = ?').run(number);
    db.prepare("UPDATE session SET problems = '[]' WHERE number = ?").run(number);
  });
}

async function prepared(): Promise<{ folder: string; exports: string; store: RecordingStore }> {
  const [folder, exports] = [temporaryFolder(), temporaryFolder()];
  const first = await openStore(folder);
  await recordAll(first);
  await first.close();
  forgetIn(folder, 'dddd');
  return { folder, exports, store: await openStore(folder) };
}

const SETTINGS = { exporters: EXPORTERS, intervalSeconds: 0.5, blankInvalid: false };

async function exported(store: RecordingStore, id: string, folder: string): Promise<Map<string, string>> {
  await exportSession(store, id, 'files', { ...SETTINGS, folder }, () => undefined);
  return new Map(
    readdirSync(folder).map((name) => [name.slice('files'.length), readFileSync(join(folder, name), 'utf8')]),
  );
}

/** The tables of an export without the rows that somebody has in it. */
function rowsWithout(files: ReadonlyMap<string, string>, code: string): unknown {
  return ['.wide.csv', '.long.csv', '.intervals.csv', '.jsonl'].map((ending) => {
    const lines = (files.get(ending) ?? '').split('\n');
    return lines.filter((line) => !line.includes(`,${code},`) && !line.includes(`"participant_id":"${code}"`));
  });
}

describe('a participant who is erased', () => {
  it('is gone from every byte of the data folder', async () => {
    const { folder, store } = await prepared();
    const faces = [0, 1, FRAMES - 1].flatMap((sequence) =>
      [1, 2].flatMap((owner) => faceBytes('aaaa', sequence, owner)),
    );
    const traces = [CODE, LABEL, '"2026-11-02"', ...faces];
    for (const trace of traces) expect(filesWith(folder, trace)).not.toEqual([]);
    await store.noteExport('aaaa', [{ path: `/results/${CODE}.wide.csv`, sha256: 'ab' }]);
    await store.withdraw(CODE, 'sharing', ['bbbb']);
    const film = await keepVideo(store, 'aaaa', 'a film with both in it');

    const { isOverwritten } = await erase(store);
    expect(isOverwritten).toBe(true);
    const others = [OTHER, OTHER_LABEL, ...[3, 4, 5].flatMap((owner) => faceBytes('aaaa', 1, owner))];
    for (const isOpen of [true, false]) {
      if (!isOpen) await store.close();
      for (const trace of [LABEL, film, ...faces]) expect(filesWith(folder, trace)).toEqual([]);
      // The code of the other one begins with it.
      for (const name of readdirSync(folder).filter((each) => each !== 'video')) {
        const text = readFileSync(join(folder, name), 'latin1');
        expect(text.split(CODE).length, name).toBe(text.split(OTHER).length);
      }
      for (const trace of others) expect(filesWith(folder, trace)).not.toEqual([]);
    }
    expect(readdirSync(folder)).toEqual(['mien.sqlite', 'video']);
    expect(readdirSync(join(folder, 'video'))).toEqual([]);
    expect(inDatabase(databaseIn(folder), (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  it('is gone from whatever text there is in whatever table', async () => {
    const folder = temporaryFolder();
    const first = await openStore(folder);
    await recordCamera(first, 'aaaa', 2);
    await first.close();
    // Words that the program itself chooses, and keys: they never hold a code.
    const own =
      /^session\.(id|state|source_sha256|profile_hash|consent_kind|program_version|rescored_from|rescored_root|measured_version)$|^session_profile\.|^consent\.|_kind$|\.(kind|action|scope|gap|reason|fired|sha256|id)$|^segment\.source$|^audit\.session$|^receipt\.|^video\.|^(participant\.code|person\.participant)$/;
    const filled = inDatabase(databaseIn(folder), (db) => {
      const columns = db
        .prepare(
          `SELECT t.name || '.' || c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
           WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.type = 'TEXT'`,
        )
        .pluck()
        .all() as string[];
      const free = columns.filter((name) => !own.test(name));
      for (const name of free) {
        const [table, column] = name.split('.');
        const { json } = db.prepare(`SELECT json_valid(max("${column}")) AS json FROM "${table}"`).get() as {
          json: 0 | 1;
        };
        if (json === 1) continue; // these hold the code already
        db.exec(`UPDATE "${table}" SET "${column}" = 'said of ${CODE}, truly'`);
      }
      return free;
    });
    expect(filled).toEqual(
      expect.arrayContaining(['session.code', 'frame.name', 'marker.label', 'event.detail', 'audit.detail']),
    );
    const store = await openStore(folder);
    await erase(store);
    await store.close();
    const text = readFileSync(databaseIn(folder), 'latin1');
    expect(text.split(CODE).length).toBe(text.split(OTHER).length);
    const count = (table: string): unknown =>
      inDatabase(databaseIn(folder), (db) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    expect(['session', 'frame', 'audit', 'marker', 'event'].map(count)).toEqual([1, 2, 2, 0, 0]);
  });

  it('leaves the rows of everybody else as they were, byte for byte', async () => {
    const { exports, store } = await prepared();
    const ids = ['aaaa', 'bbbb', 'cccc', 'dddd'];
    const before = new Map<string, Map<string, string>>();
    for (const id of ids) before.set(id, await exported(store, id, join(exports, 'before', id)));
    await erase(store);
    for (const id of ['aaaa', 'bbbb']) {
      const after = await exported(store, id, join(exports, 'after', id));
      const then = before.get(id) ?? new Map<string, string>();
      expect(rowsWithout(then, CODE)).not.toEqual([...then.values()]);
      expect(rowsWithout(after, 'nobody')).toEqual(rowsWithout(then, CODE));
    }
    const after = await exported(store, 'dddd', join(exports, 'after', 'dddd'));
    expect(after).toEqual(before.get('dddd'));
    const pictures = await exported(store, 'cccc', join(exports, 'after', 'cccc'));
    const renamed = [...(before.get('cccc') ?? [])].map(([name, text]) => [name, text.replaceAll(CODE, 'erased')]);
    expect([...pictures]).toEqual(renamed);
  });

  it('leaves sessions that say what they can', async () => {
    const { store } = await prepared();
    await erase(store);
    expect(store.sessions().map(({ id, code }) => [id, code])).toEqual([
      ['dddd', `of ${OTHER}`],
      ['cccc', 'album'],
      ['bbbb', 'second'],
      ['aaaa', 'pilot erased'],
    ]);
    const session = store.session('aaaa');
    expect(session.consent).toEqual({
      kind: 'file',
      form: { version: '2026-03' },
      participants: [{ code: OTHER, scopes: ['analysis', 'identification'], guardian: 'erased' }],
    });
    expect(session).toMatchObject({
      ...{ frames: FRAMES, setup: { ...SETUP, project: 'Smiles of erased' } },
      problems: ['The picture of participant erased is dark.'],
    });
    expect(store.session('cccc').source.name).toBe('erased album');
    const { persons, segments, markers, events } = store.read(session);
    expect(persons.map(({ id }) => id)).toEqual([2, 3]);
    expect(segments.map(({ id, person }) => [id, person])).toEqual([
      [3, 2],
      [4, 3],
      [5, null],
    ]);
    expect(markers.map(({ label }) => label)).toEqual([OTHER_LABEL, 'stimulus']);
    expect(events.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['assigned', OTHER],
      ['paused', null],
    ]);
    for (const { faces } of framesOf(store, 'aaaa')) expect(faces.map(({ segment }) => segment)).toEqual([3, 4, 5]);
  });

  it('is announced with everything that goes, and leaves a receipt that does not say who', async () => {
    const { folder, store } = await prepared();
    const files = [`/results/${CODE}.wide.csv`, '/results/x.jsonl'].map((path) => ({ path, sha256: path.slice(-4) }));
    await store.noteExport('aaaa', files);
    await store.noteExport('dddd', [{ path: '/results/other.csv', sha256: 'cd' }]);
    const plan = store.planErasure(THE_PARTICIPANT);
    const one = [{ id: 1, label: 'P1' }];
    expect(plan).toEqual({
      sessions: [
        { id: 'aaaa', code: `pilot ${CODE}`, newCode: 'pilot erased', persons: one, estimates: 2 * FRAMES },
        { id: 'bbbb', code: 'second', newCode: null, persons: one, estimates: 6 },
        { id: 'cccc', code: 'album', newCode: null, persons: [], estimates: 0 },
      ],
      markers: [
        { sessionCode: `pilot ${CODE}`, label: LABEL },
        { sessionCode: 'second', label: LABEL },
      ],
      // Of each recording the set-up, the problem and the other one's guardian; the name of the album and of two pictures in it;
      // the path of a file, there and in the audit. The participant's own details go.
      texts: 2 * 4 + 3 + 2,
      videos: 0,
      exports: files.map((file) => ({ ...file, writtenUnixMs: NOW_MS })),
    });
    const { files: listed, ...receipt } = await erase(store);
    expect(listed).toEqual(plan.exports);
    const said = { unixMs: NOW_MS, sessions: 3, estimates: 2 * (FRAMES + 3), exports: 2, programVersion: '1.2.3' };
    expect(receipt).toEqual({ ...said, isOverwritten: true });
    expect(store.receipts()).toEqual([receipt]);
    expect(inDatabase(databaseIn(folder), (db) => db.prepare('SELECT path FROM export').pluck().all())).toEqual([
      ...['/results/erased.wide.csv', '/results/x.jsonl', '/results/other.csv'],
    ]);
  });

  it('is unknown afterwards, as anybody is who was never there', async () => {
    const { store } = await prepared();
    await erase(store);
    for (const code of [CODE, CODE.toUpperCase(), CODE.slice(0, 4), 'nobody', 'erased', 'second']) {
      const target = { kind: 'participant', code } as const;
      await refusalOf(
        Promise.resolve().then(() => store.planErasure(target)),
        'participant_unknown',
      );
      await refusalOf(erase(store, target), 'participant_unknown');
    }
    expect(store.receipts()).toHaveLength(1);
  });

  it('takes along what corrections by hand have given to the participant, the corrections and the notes', async () => {
    const { folder, store } = await prepared();
    const words = { who: 'K', why: `looks like ${CODE}` };
    await store.edit('aaaa', { kind: 'rename', person: 2, label: `Friend of ${CODE}` }, words);
    await store.edit('aaaa', { kind: 'merge', person: 3, into: 1 }, words);
    await store.edit('aaaa', { kind: 'add_marker', timeMs: 5, label: `${CODE} again` }, words);
    await store.note('aaaa', `${CODE} came late.`);
    const [given] = faceBytes('aaaa', 7, 4); // the bystander's, whose rows are the participant's now
    expect(filesWith(folder, given).length).toBeGreaterThan(0);
    await erase(store);
    expect(filesWith(folder, given)).toEqual([]);
    await store.close();
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'latin1');
      expect(text.split(CODE).length, name).toBe(text.split(OTHER).length);
    }
    const merges = "SELECT count(*) FROM edit WHERE kind = 'merge'";
    expect(inDatabase(databaseIn(folder), (db) => db.prepare(merges).pluck().get())).toBe(0);
  });

  it('whose code is a plain number is sought in the sessions of that participant only, and never in a date', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    const consentOf = (code: string): SessionStart['consent'] => ({
      kind: 'file',
      form: { version: '2026-11' },
      participants: [{ code, scopes: ['analysis'], given_at: '2026-11-02T14:05:09+11:00' }],
    });
    for (const [id, code] of [
      ['aaaa', '11'],
      ['bbbb', 'B1'],
    ] as const) {
      const writer = await store.begin(sessionStart(id, { code: `day ${id}`, consent: consentOf(code) }));
      writer.marker({ id: 'm1', timeMs: 10, label: 'Block 11' });
      writer.identity([{ id: 1, participant: code }], []);
      await writer.end({ state: 'complete', problems: [], analysedFps: 30 });
    }
    await erase(store, { kind: 'participant', code: '11' });
    const other = store.read(store.session('bbbb'));
    expect(other.markers.map(({ label }) => label)).toEqual(['Block 11']);
    expect(store.session('bbbb').consent).toMatchObject(consentOf('B1'));
    expect(store.read(store.session('aaaa')).markers).toEqual([]);
    expect(store.participants().map(({ code }) => code)).toEqual(['B1']);
    await store.close();
  });

  it('gets a name for the session that no other one has', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    for (const [id, code] of [
      ['aaaa', CODE],
      ['bbbb', CODE.toUpperCase()],
      ['cccc', 'erased'],
    ]) {
      await recordCamera(store, id, 1, { code });
    }
    await erase(store);
    expect(store.sessions().map(({ code }) => code)).toEqual(['erased', 'erased-3', 'erased-2']);
  });

  it('of whom a program that was killed has not told how far the segments go, goes wholly', async () => {
    const folder = temporaryFolder();
    const first = await openStore(folder);
    await recordCamera(first, 'aaaa', 10);
    await first.close();
    inDatabase(databaseIn(folder), (db) => db.exec('UPDATE segment SET first_sequence = -5, last_sequence = -5'));
    const store = await openStore(folder);
    expect((await erase(store)).estimates).toBe(20);
  });
});

describe('somebody without a code', () => {
  it('is erased from the one session, with the markers that name the number', async () => {
    const { folder, store } = await prepared();
    inDatabase(databaseIn(folder), (db) => {
      const add = db.prepare('INSERT INTO marker SELECT number, ?, 0, ? FROM session WHERE id = ?');
      add.run('a', 'P1 smiles', 'cccc');
      add.run('b', 'P10 and xP1', 'cccc');
      add.run('a', 'P1 smiles', 'aaaa');
    });
    const target = { kind: 'person', sessionId: 'cccc', person: 1 } as const;
    expect(store.planErasure(target)).toMatchObject({
      sessions: [{ id: 'cccc', newCode: null, persons: [{ id: 1, label: 'P1' }], estimates: 2 }],
      markers: [{ sessionCode: 'album', label: 'P1 smiles' }],
      texts: 0,
      videos: 0,
    });
    expect(await erase(store, target)).toMatchObject({ sessions: 1, estimates: 2, isOverwritten: true });
    const { persons, markers } = store.read(store.session('cccc'));
    expect(persons.map(({ id }) => id)).toEqual([2]);
    expect(markers.map(({ label }) => label)).toEqual(['P10 and xP1']);
    for (const { faces } of framesOf(store, 'cccc')) expect(faces.map(({ segment }) => segment)).toEqual([2]);
    expect(store.read(store.session('aaaa')).persons).toHaveLength(3);
    expect(filesWith(folder, CODE)).not.toEqual([]);
    expect(store.uncoded().map(({ sessionId, persons: who }) => [sessionId, who.map(({ label }) => label)])).toEqual([
      ['dddd', ['P3']],
      ['cccc', ['P2']],
      ['bbbb', ['P3']],
      ['aaaa', ['P3']],
    ]);
  });

  it('is not one who has a code, nor one who is not there', async () => {
    const { store } = await prepared();
    for (const [sessionId, person] of [
      ['aaaa', 1],
      ['cccc', 3],
      ['none', 1],
    ] as const) {
      const target = { kind: 'person', sessionId, person } as const;
      await refusalOf(
        Promise.resolve().then(() => store.planErasure(target)),
        'participant_unknown',
      );
      await refusalOf(erase(store, target), 'participant_unknown');
    }
  });
});

describe('an erasure', () => {
  it('is refused while anything is recorded, by this or another program, and changes nothing', async () => {
    const { folder, store } = await prepared();
    const other = await openStore(folder);
    const writer = await other.begin(sessionStart('eeee', { code: 'now', consent: CONSENT }));
    for (const each of [store, other]) {
      const error = await refusalOf(erase(each), 'store_busy');
      expect(error.message).toContain('"now"');
    }
    expect(store.participants().map(({ code }) => code)).toContain(CODE);
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    expect((await erase(store)).sessions).toBe(4);
  });

  it('can be cancelled before it is done, and then nothing has changed', async () => {
    const { folder, store } = await prepared();
    const dump = (): unknown =>
      inDatabase(databaseIn(folder), (db) =>
        ['session', 'estimate', 'person', 'marker', 'receipt', 'audit'].map((table) =>
          db.prepare(`SELECT * FROM ${table}`).all(),
        ),
      );
    const before = dump();
    await refusalOf(
      store.erase(
        THE_PARTICIPANT,
        '1.2.3',
        watch(() => true),
      ),
      'interrupted',
    );
    expect(dump()).toEqual(before);
  });

  it('tells how far it is, and whether it can be cancelled still', async () => {
    const folder = temporaryFolder();
    const store = await openStore(folder);
    await recordCamera(store, 'aaaa', 4500);
    const { told, ...rest } = watch();
    await store.erase(THE_PARTICIPANT, '1.2.3', rest);
    expect(told[0]).toEqual({ stage: 'removing', share: 0 });
    expect(told.map(({ share }) => share)).toEqual(told.map(({ share }) => share).sort((p, q) => p - q));
    expect(framesOf(store, 'aaaa')).toHaveLength(4500);
  });

  it('owes the last step while somebody reads, and does it when the database is opened the next time', async () => {
    const { folder, store } = await prepared();
    const other = new Database(databaseIn(folder));
    onTestFinished(() => void other.close());
    const rows = other.prepare('SELECT * FROM estimate').iterate();
    rows.next(); // sees what was there, to the end
    expect(await erase(store)).toMatchObject({ estimates: 2 * (FRAMES + 3), isOverwritten: false });
    expect(store.receipts()).toMatchObject([{ isOverwritten: false }]);
    await store.close();
    expect(filesWith(folder, LABEL)).not.toEqual([]);
    rows.return?.();
    other.close();
    const again = await openStore(folder);
    expect(again.receipts()).toMatchObject([{ isOverwritten: true }]);
    expect(filesWith(folder, LABEL)).toEqual([]);
    for (const bytes of faceBytes('aaaa', 1, 1)) expect(filesWith(folder, bytes)).toEqual([]);
  });
});
