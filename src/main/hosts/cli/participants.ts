// mien participants and mien erase: who took part in what, and how somebody is taken out of everything.
import type { Command } from 'commander';
import { MienError } from '../../contract/errors.ts';
import type {
  ErasurePlan,
  ErasureReceipt,
  ErasureResult,
  ErasureTarget,
  FoundExport,
  ParticipantRecord,
  UncodedSession,
} from '../../contract/participants.ts';
import { localDay, passedWords, type OverdueRecord } from '../../contract/retention.ts';
import { ERASURE_KEEPS, ERASURE_LIMIT, ERASURE_VIDEOS, NOT_OVERWRITTEN } from '../../contract/words.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { openStore } from '../compose.ts';
import { erase, planErasure } from '../erasures.ts';
import type { GlobalOptions } from './options.ts';
import { counted, note, print, startProgress, table } from './terminal.ts';

interface EraseOptions {
  readonly session?: string;
  readonly yes: boolean;
}

export function addParticipantCommands(program: Command): void {
  program
    .command('participants')
    .description('List everybody who has a code, with sessions and consent.')
    .addHelpText('after', '\nExample:\n  mien participants')
    .action(async () => {
      const global = program.opts<GlobalOptions>();
      await withStore(global, (store) => {
        const [participants, overdue] = [store.participants(), store.overdue(localDay(Date.now()))];
        if (global.json) print(listJson(participants, store.uncoded(), store.receipts(), overdue));
        else if (participants.length > 0) print([...overdueLines(overdue), listing(participants)].join('\n'));
        else note('There are no participants yet: nobody has a code.');
        return Promise.resolve();
      });
    });

  program
    .command('erase')
    .description('Erase somebody from every session. This cannot be undone.')
    .argument('<who>', 'code of a participant; with --session a person without a code, such as P2')
    .option('--session <session>', 'the session that the person without a code is in')
    .option('--yes', 'really erase; without it you see what would be erased', false)
    .addHelpText('after', '\nExample:\n  mien erase A07\n  mien erase A07 --yes\n  mien erase P2 --session interview')
    .action(async (who: string, options: EraseOptions) => {
      const global = program.opts<GlobalOptions>();
      await withStore(global, async (store) => {
        const target = targetOf(store, who, options.session);
        const plan = planErasure(store, target);
        if (options.yes) {
          const result = await run(store, target, plan);
          print(global.json ? resultJson(result) : resultText(result));
          if (!result.receipt.isOverwritten) note(NOT_OVERWRITTEN);
          return;
        }
        print(global.json ? JSON.stringify({ plan: planOf(plan) }, null, 2) : planText(plan));
        throw new MienError('usage', 'Nothing has been erased yet.', 'Give --yes to erase it; this cannot be undone.');
      });
    });
}

async function withStore(global: GlobalOptions, work: (store: RecordingStore) => Promise<void>): Promise<void> {
  const store = await openStore(global.data);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/** Throws usage for what is no person, and session_unknown. */
function targetOf(store: RecordingStore, who: string, session: string | undefined): ErasureTarget {
  if (session === undefined) return { kind: 'participant', code: who };
  const person = Number(/^P(\d+)$/.exec(who)?.[1]);
  if (!Number.isSafeInteger(person))
    throw new MienError('usage', `"${who}" is no person of a session.`, 'Give a number as in the files, such as P2.');
  return { kind: 'person', sessionId: store.session(session).id, person };
}

/** Ctrl-C cancels it as long as that is possible. */
async function run(store: RecordingStore, target: ErasureTarget, plan: ErasurePlan): Promise<ErasureResult> {
  const total = plan.sessions.reduce((sum, { estimates }) => sum + estimates, 0);
  const progress = startProgress('Erasing', total, 'rows');
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const onProgress = ({ share }: { share: number }): void => progress.update(Math.round(share * total));
    return await erase(store, target, { signal: stop.signal, onProgress });
  } finally {
    progress.stop();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

const time = (unixMs: number): string => new Date(unixMs).toISOString();

function listing(participants: readonly ParticipantRecord[]): string {
  const rows = participants.flatMap(({ code, sessions }) =>
    sessions.map(({ sessionCode, persons, formVersion, scopes }) => {
      const agreed = scopes.filter(({ withdrawnUnixMs }) => withdrawnUnixMs === null).map(({ scope }) => scope);
      const seen = persons.map(({ label }) => label).join(' ');
      return [code, sessionCode, seen || '–', formVersion ?? '–', agreed.join(' ') || 'nothing'];
    }),
  );
  return table(['code', 'session', 'person', 'form', 'agrees to'], rows);
}

/** First what has to be done. */
const overdueLines = (records: readonly OverdueRecord[]): string[] =>
  records.length === 0
    ? []
    : [
        'Kept for too long, to be erased:',
        ...records.map(
          ({ participant, sessionCode, retainUntil, days }) =>
            `  ${participant}, ${sessionCode}: may be kept until ${retainUntil}; ${passedWords(days)}`,
        ),
        '',
      ];

function listJson(
  participants: readonly ParticipantRecord[],
  uncoded: readonly UncodedSession[],
  receipts: readonly ErasureReceipt[],
  overdue: readonly OverdueRecord[],
): string {
  const labels = (persons: UncodedSession['persons']): string[] => persons.map(({ label }) => label);
  const content = {
    participants: participants.map(({ code, sessions }) => ({
      code,
      sessions: sessions.map((session) => ({
        session_id: session.sessionId,
        code: session.sessionCode,
        persons: labels(session.persons),
        form_version: session.formVersion,
        scopes: session.scopes.map(({ scope, givenAt, withdrawnUnixMs, whileRecording }) => ({
          scope,
          given_at: givenAt,
          withdrawn: withdrawnUnixMs === null ? null : time(withdrawnUnixMs),
          while_recording: whileRecording,
        })),
        withdrawn_while_recording: session.withdrawnLiveUnixMs === null ? null : time(session.withdrawnLiveUnixMs),
      })),
    })),
    without_code: uncoded.map(({ sessionId, sessionCode, persons }) => ({
      session_id: sessionId,
      code: sessionCode,
      persons: labels(persons),
    })),
    receipts: receipts.map(receiptOf),
    overdue: overdue.map(({ participant, sessionId, sessionCode, retainUntil, days }) => ({
      ...{ participant, session_id: sessionId, code: sessionCode, retain_until: retainUntil, days },
    })),
  };
  return JSON.stringify(content, null, 2);
}

function receiptOf(receipt: ErasureReceipt): Record<string, unknown> {
  const { unixMs, sessions, estimates, exports, programVersion, isOverwritten } = receipt;
  return {
    ...{ erased: time(unixMs), sessions, rows: estimates, exports },
    ...{ program_version: programVersion, overwritten: isOverwritten },
  };
}

const exportOf = ({ path, sha256, writtenUnixMs, isThere }: FoundExport): Record<string, unknown> => ({
  ...{ path, sha256, written: time(writtenUnixMs), is_there: isThere },
});

const planOf = ({ sessions, markers, texts, videos, exports }: ErasurePlan): Record<string, unknown> => ({
  sessions: sessions.map(({ id, code, newCode, persons, estimates }) => ({
    ...{ session_id: id, code, new_code: newCode, persons: persons.map(({ label }) => label), rows: estimates },
  })),
  markers: markers.map(({ sessionCode, label }) => ({ session: sessionCode, label })),
  ...{ texts, videos, exports: exports.map(exportOf), keeps: ERASURE_KEEPS, limit: ERASURE_LIMIT },
});

const resultJson = ({ receipt, exports }: ErasureResult): string =>
  JSON.stringify({ receipt: receiptOf(receipt), exports: exports.map(exportOf), limit: ERASURE_LIMIT }, null, 2);

function planText({ sessions, markers, texts, videos, exports }: ErasurePlan): string {
  const rows = sessions.map(({ code, newCode, persons, estimates }) => {
    const seen = persons.map(({ label }) => label).join(' ');
    return [code, seen || '–', estimates, newCode === null ? '' : `will be called ${newCode}`];
  });
  return [
    'Would be erased:',
    table(['session', 'person', 'rows at most', ''], rows),
    ...(markers.length > 0 ? ['Markers that name the person:', ...markers.map(({ label }) => `  ${label}`)] : []),
    ...(texts > 0 ? [`The code is taken out of ${counted(texts, 'other text')}.`] : []),
    ...(videos > 0 ? [ERASURE_VIDEOS(counted(videos, 'video'))] : []),
    ...exportLines(exports),
    ERASURE_KEEPS,
    ERASURE_LIMIT,
  ].join('\n');
}

function resultText({ receipt, exports }: ErasureResult): string {
  const { unixMs, sessions, estimates, programVersion } = receipt;
  return [
    `Erased ${time(unixMs)} by Mien ${programVersion}: ${counted(estimates, 'row')} in ${counted(sessions, 'session')}.`,
    ...exportLines(exports),
    ERASURE_LIMIT,
  ].join('\n');
}

function exportLines(exports: readonly FoundExport[]): string[] {
  if (exports.length === 0) return ['No file was ever exported from these sessions.'];
  const rows = exports.map(({ path, sha256, isThere }) => [isThere ? 'there' : 'gone', path, sha256]);
  return ['Files that were exported from these sessions, to be deleted by hand:', table(['', 'file', 'sha256'], rows)];
}
