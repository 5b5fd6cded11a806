// mien participants and mien erase: who took part, what would go, and that it goes.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/main/hosts/compose.ts';
import { RecordingStore } from '../../src/main/store/recording-store.ts';
import { STACK, Workplace, linesOf } from '../fixtures/cli.ts';
import { sessionStart } from '../fixtures/records.ts';
import { CODE, LABEL, OTHER, filesWith, recordCamera, recordPictures } from '../fixtures/store-participants.ts';

interface Listing {
  readonly participants: readonly { readonly code: string; readonly sessions: readonly unknown[] }[];
  readonly without_code: readonly unknown[];
  readonly receipts: readonly unknown[];
}

const place = new Workplace();
const list = (): Promise<Listing> => place.json<Listing>(['participants']);
const codes = async (): Promise<string[]> => (await list()).participants.map(({ code }) => code);

beforeAll(async () => {
  const store = await RecordingStore.open(place.data, systemClock);
  await recordCamera(store, 'aaaa', 20);
  await recordPictures(store, 'bbbb');
  await store.close();
  const { files } = await place.json<{ files: string[] }>(['export', 'aaaa', '--out', place.out, '--formats', 'wide']);
  rmSync(files[0]);
});

afterAll(() => place.remove());

describe('the participants', () => {
  it('are listed with sessions and consent', async () => {
    const { participants, without_code, receipts } = await list();
    expect(receipts).toEqual([]);
    expect(participants.map(({ code }) => code)).toEqual([CODE, OTHER]);
    expect(participants[0].sessions).toEqual([
      {
        ...{ session_id: 'aaaa', code: `pilot ${CODE}`, persons: ['P1'], form_version: '2026-03' },
        scopes: ['analysis', 'identification', 'sharing'].map((scope) => ({
          ...{ scope, given_at: '2026-11-02', withdrawn: null, while_recording: false },
        })),
        withdrawn_while_recording: new Date(1_790_000_000_030).toISOString(),
      },
    ]);
    expect(without_code).toEqual([
      { session_id: 'bbbb', code: 'album', persons: ['P1', 'P2'] },
      { session_id: 'aaaa', code: `pilot ${CODE}`, persons: ['P3'] },
    ]);
    const { code, stdout } = await place.run(['participants']);
    expect([code, linesOf(stdout).length]).toEqual([0, 3]);
    expect(stdout).toMatch(/^code +session +person +form +agrees to$/m);
  });

  it('are told first where their last day has passed', async () => {
    const data = place.at('overdue');
    const store = await RecordingStore.open(data, systemClock);
    const participants = [{ code: 'A07', scopes: [], retain_until: '2020-01-31' }];
    const writer = await store.begin(sessionStart('aaaa', { consent: { kind: 'file', form: null, participants } }));
    await writer.end({ state: 'complete', problems: [], analysedFps: 1 });
    await store.close();
    const { stdout } = await place.run(['--data', data, 'participants']);
    expect(linesOf(stdout).slice(0, 2)).toEqual([
      'Kept for too long, to be erased:',
      expect.stringMatching(/^ {2}A07, interview: may be kept until 2020-01-31; passed \d+ days ago$/),
    ]);
    const listed = await place.json<{ overdue: unknown[] }>(['--data', data, 'participants']);
    const days = expect.any(Number) as unknown;
    const record = { participant: 'A07', session_id: 'aaaa', code: 'interview', retain_until: '2020-01-31', days };
    expect(listed.overdue).toEqual([record]);
  });

  it('are nobody in an empty folder', async () => {
    const { code, stdout, stderr } = await place.run(['participants', '--data', place.at('empty')]);
    expect([code, stdout, linesOf(stderr).length]).toEqual([0, '', 1]);
  });
});

describe('erasing', () => {
  it('only says what would go, unless it is told --yes', async () => {
    const { code, stdout, stderr } = await place.run(['erase', CODE]);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringContaining('--yes')]);
    for (const words of ['will be called pilot erased', LABEL, 'gone', 'there', 'backups'])
      expect(stdout).toContain(words);
    interface Printed {
      readonly plan: {
        readonly sessions: readonly unknown[];
        readonly exports: readonly { readonly is_there: boolean }[];
      };
    }
    const { plan } = await place.json<Printed>(['erase', CODE]);
    expect(plan.sessions).toMatchObject([
      { session_id: 'aaaa', rows: 40 },
      { session_id: 'bbbb', rows: 0 },
    ]);
    expect(plan.exports.map(({ is_there }) => is_there)).toEqual([true, false]);
    expect(await codes()).toEqual([CODE, OTHER]);
  });

  it.each([
    ['a code that nobody has', ['nobody', '--yes']],
    ['a person who is not there', ['P9', '--session', 'bbbb', '--yes']],
    ['a person who has a code', ['P1', '--session', 'aaaa', '--yes']],
    ['no number of a person', ['two', '--session', 'bbbb', '--yes']],
    ['a session that is not there', ['P1', '--session', 'none', '--yes']],
  ])('refuses %s with exit code 2 and one line', async (_, words) => {
    const { code, stdout, stderr } = await place.run(['erase', ...words]);
    expect([code, stdout, linesOf(stderr).length]).toEqual([2, '', 1]);
    expect(stderr).not.toMatch(STACK);
  });

  it('takes somebody without a code out of one session', async () => {
    const { code, stdout } = await place.run(['erase', 'P2', '--session', 'album', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Erased .*: 2 rows in 1 session\.$/m);
    expect((await list()).without_code).toContainEqual({ session_id: 'bbbb', code: 'album', persons: ['P1'] });
  });

  it('takes a participant out of everything, and gives the receipt and the files', async () => {
    expect(filesWith(place.data, LABEL)).not.toEqual([]);
    interface Printed {
      readonly receipt: object;
      readonly exports: readonly { readonly path: string }[];
      readonly limit: string;
    }
    const { receipt, exports, limit } = await place.json<Printed>(['erase', CODE, '--yes']);
    expect(receipt).toMatchObject({ sessions: 2, rows: 40, exports: 2, overwritten: true });
    expect(exports.map(({ path }) => path)).toContain(`${place.out}/pilot ${CODE}.wide.csv`);
    expect(limit).toContain('backups');
    expect(filesWith(place.data, LABEL)).toEqual([]);
    expect(await codes()).toEqual([OTHER]);
    expect((await list()).receipts).toHaveLength(2);
    expect((await list()).receipts[0]).toEqual(receipt);
  });
});
