// Makes the levels of a session: one thread computes them, the writer's thread stores them.
import type { StoredSession } from '../engine/ports.ts';
import { MienError } from '../contract/errors.ts';
import { Thread } from '../platform/thread.ts';
import type { LevelRequest, MadeLevels, MakeRequest } from './level-protocol.ts';

/** Who waits for levels, and may hold them up. */
export interface LevelWatch {
  readonly signal: { readonly aborted: boolean };
  /** `share`: 0…1 of the frames that have been read. */
  readonly onProgress: (share: number) => void;
  /** Awaited again and again: something more important may come first. */
  readonly turn: () => Promise<void>;
}

/**
 * Makes and stores levels, then removes what they replace. `write` asks the writer. Throws interrupted when the signal was set or
 * the session changed meanwhile, session_unknown, store_busy and store_unusable; then no levels are there.
 */
export async function makeLevels(
  file: string,
  write: (request: LevelRequest) => Promise<unknown>,
  session: StoredSession,
  { signal, onProgress, turn }: LevelWatch,
): Promise<void> {
  const maker = new Thread<MakeRequest>(new URL('./levels-worker.ts', import.meta.url), { file }, { kind: 'close' });
  try {
    const fingerprint = (await maker.call({ kind: 'begin', session })) as string;
    const set = (await write({ kind: 'begin', id: session.id, pid: process.pid })) as number;
    try {
      for (;;) {
        await turn();
        if (signal.aborted) throw new MienError('interrupted', 'The timeline was not made.', 'Open the session again.');
        const { chunks, share, ends } = (await maker.call({ kind: 'next' })) as MadeLevels;
        if (chunks.length > 0) await write({ kind: 'add', set, chunks });
        onProgress(share);
        if (!ends) continue;
        await write({ kind: 'complete', set, fingerprint, ...ends });
        break;
      }
    } catch (error) {
      await write({ kind: 'abandon', set }).catch(() => undefined); // then it is done when the database is opened the next time
      throw error;
    }
  } finally {
    await maker.stop();
  }
  while ((await write({ kind: 'trim' })) && !signal.aborted) await turn();
}
