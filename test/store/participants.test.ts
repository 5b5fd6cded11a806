// Who took part in which session, and what they agree to still.
import { describe, expect, it } from 'vitest';
import type { RecordingStore } from '../../src/main/store/recording-store.ts';
import { SOURCE, person, sessionStart } from '../fixtures/records.ts';
import { CODE, CONSENT, OTHER, recordCamera, recordPictures } from '../fixtures/store-participants.ts';
import { NOW_MS, databaseIn, inDatabase, openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

async function prepared(): Promise<{ folder: string; store: RecordingStore }> {
  const folder = temporaryFolder();
  const store = await openStore(folder);
  await recordCamera(store, 'aaaa', 2, { code: 'first' });
  const film = await store.begin(sessionStart('bbbb', { code: 'film', source: SOURCE, consent: CONSENT }));
  film.identity([person(4, OTHER)], []);
  await film.end({ state: 'complete', problems: [], analysedFps: 1 });
  await recordPictures(store, 'cccc');
  return { folder, store };
}

const scopesOf = (store: RecordingStore, id: string, code: string): unknown => {
  const { consent } = store.session(id);
  return consent.kind === 'file' && consent.participants.find((each) => each.code === code)?.scopes;
};

describe('participants', () => {
  it('are listed by code, with their sessions, the newest first', async () => {
    const { store } = await prepared();
    const given = (scopes: readonly string[], givenAt: string | null): unknown =>
      scopes.map((scope) => ({ scope, givenAt, withdrawnUnixMs: null, whileRecording: false }));
    const film = { sessionId: 'bbbb', sessionCode: 'film', formVersion: '2026-03', withdrawnLiveUnixMs: null };
    const first = { sessionId: 'aaaa', sessionCode: 'first', formVersion: '2026-03' };
    const common = { createdUnixMs: NOW_MS, isRecording: false };
    const [all, some] = [
      ['analysis', 'identification', 'sharing'],
      ['analysis', 'identification'],
    ];
    expect(store.participants()).toEqual([
      {
        code: CODE,
        sessions: [
          { ...common, ...film, persons: [], scopes: given(all, '2026-11-02') },
          {
            ...{ ...common, ...first, withdrawnLiveUnixMs: 1_790_000_000_030 },
            ...{ persons: [{ id: 1, label: 'P1' }], scopes: given(all, '2026-11-02') },
          },
        ],
      },
      {
        code: OTHER,
        sessions: [
          { ...common, ...film, persons: [{ id: 4, label: 'P4' }], scopes: given(some, null) },
          {
            ...{ ...common, ...first, withdrawnLiveUnixMs: null },
            ...{ persons: [{ id: 2, label: 'P2' }], scopes: given(some, null) },
          },
        ],
      },
    ]);
    expect(store.receipts()).toEqual([]);
  });

  it('are told from people without a code', async () => {
    const { store } = await prepared();
    expect(store.uncoded().map(({ sessionId, persons }) => [sessionId, persons.map(({ id }) => id)])).toEqual([
      ['cccc', [1, 2]],
      ['aaaa', [3]],
    ]);
  });
});

describe('a consent that is taken back', () => {
  it('does not hold any more in the sessions that are meant, and the audit knows', async () => {
    const { folder, store } = await prepared();
    await store.withdraw(CODE, 'analysis', ['aaaa']);
    expect(scopesOf(store, 'aaaa', CODE)).toEqual(['identification', 'sharing']);
    expect(scopesOf(store, 'aaaa', OTHER)).toEqual(['analysis', 'identification']);
    expect(scopesOf(store, 'bbbb', CODE)).toEqual(['analysis', 'identification', 'sharing']);
    expect(store.read(store.session('aaaa')).analysed).toEqual([OTHER]);
    const [{ sessions }] = store.participants();
    expect(sessions[1].scopes[0]).toEqual({
      ...{ scope: 'analysis', givenAt: '2026-11-02' },
      ...{ withdrawnUnixMs: NOW_MS, whileRecording: false },
    });
    await store.withdraw(CODE, 'analysis', ['aaaa']); // twice is once
    await store.withdraw(CODE, 'video', ['aaaa', 'bbbb']); // was never given
    const audit = inDatabase(databaseIn(folder), (db) =>
      db.prepare("SELECT session, detail FROM audit WHERE action = 'withdraw consent'").all(),
    );
    expect(audit).toEqual([{ session: 'aaaa', detail: `${CODE} analysis` }]);
  });

  it('of all kinds leaves the participant with the time at which it was given', async () => {
    const { store } = await prepared();
    for (const scope of ['analysis', 'identification', 'sharing'] as const) await store.withdraw(CODE, scope, ['aaaa']);
    const { consent } = store.session('aaaa');
    expect(consent).toMatchObject({
      participants: [{ code: CODE, scopes: [], given_at: '2026-11-02' }, { code: OTHER }],
    });
  });

  it('while it is recorded holds from then on, and can be extended to what came before', async () => {
    const { folder, store } = await prepared();
    const writer = await store.begin(sessionStart('dddd', { code: 'now', consent: CONSENT }));
    writer.withdraw(CODE, ['analysis', 'sharing', 'video']); // of which video was never given
    writer.withdraw(CODE, ['sharing']); // twice is once
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    expect(scopesOf(store, 'dddd', CODE)).toEqual(['analysis', 'identification']); // an event says how long it held
    const withdrawn = (scope: string): object => ({ participant: CODE, scope, unixMs: NOW_MS, whileRecording: true });
    expect(store.session('dddd').withdrawals).toEqual([withdrawn('analysis'), withdrawn('sharing')]);
    expect(store.participants()[0].sessions[0].scopes).toMatchObject([
      { scope: 'analysis', withdrawnUnixMs: NOW_MS, whileRecording: true },
      { scope: 'identification', withdrawnUnixMs: null, whileRecording: false },
      { scope: 'sharing', withdrawnUnixMs: NOW_MS, whileRecording: true },
    ]);
    const audit = (): unknown =>
      inDatabase(databaseIn(folder), (db) =>
        db.prepare("SELECT detail FROM audit WHERE action = 'withdraw consent' AND session = 'dddd'").pluck().all(),
      );
    expect(audit()).toEqual([`${CODE} analysis`, `${CODE} sharing`]);
    for (const scope of ['analysis', 'sharing'] as const) await store.withdraw(CODE, scope, ['dddd']);
    expect(scopesOf(store, 'dddd', CODE)).toEqual(['identification']);
    expect(store.session('dddd').withdrawals.map(({ whileRecording }) => whileRecording)).toEqual([false, true]);
    expect(audit()).toEqual([`${CODE} analysis`, `${CODE} sharing`, `${CODE} analysis`]);
  });

  it('is refused while one of the sessions is recorded, and then holds in all', async () => {
    const { store } = await prepared();
    const writer = await store.begin(sessionStart('dddd', { code: 'now', consent: CONSENT }));
    await refusalOf(store.withdraw(CODE, 'sharing', ['aaaa', 'dddd']), 'store_busy');
    expect(scopesOf(store, 'aaaa', CODE)).toContain('sharing');
    expect(store.participants()[0].sessions.map(({ isRecording }) => isRecording)).toEqual([true, false, false]);
    await store.withdraw(CODE, 'sharing', ['aaaa']);
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    await store.withdraw(CODE, 'sharing', ['dddd']);
    expect(scopesOf(store, 'dddd', CODE)).toEqual(['analysis', 'identification']);
  });
});
