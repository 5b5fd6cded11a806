// What keeps the engine: with processes that are only played, on a clock that is set by hand.
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MienError, reportOf } from '../../src/main/contract/errors.ts';
import type { EngineReply, EngineRequest, EngineSettings } from '../../src/main/hosts/service/engine.ts';
import { HUNG_MS, TICK_MS } from '../../src/main/hosts/service/heartbeat.ts';
import { EngineKeeper, type EngineProcess } from '../../src/main/hosts/service/keeper.ts';
import { refusalOf } from '../fixtures/store-folder.ts';

const FOLDERS = { data: '/data', exports: '/exports', home: '/home', sampleCamera: null };
const BUSY = new MienError('store_busy', 'The database is in use.', 'Wait.');
const MINUTE_MS = 60_000;

class PlayedProcess implements EngineProcess {
  readonly heard: EngineRequest[] = [];
  wasKilled = false;
  reply: (reply: EngineReply) => void = () => undefined;
  exit: (code: number | null) => void = () => undefined;

  send(request: EngineRequest): void {
    this.heard.push(request);
  }

  onReply(listener: (reply: EngineReply) => void): void {
    this.reply = listener;
  }

  onExit(listener: (code: number | null) => void): void {
    this.exit = listener;
  }

  kill(): void {
    this.wasKilled = true;
    this.exit(null);
  }

  fail(error: MienError): void {
    this.reply({ kind: 'failed', error: reportOf(error) });
    this.exit(0);
  }
}

interface Played {
  readonly keeper: Promise<EngineKeeper<PlayedProcess>>;
  /** Those that were started, in order. */
  readonly processes: readonly PlayedProcess[];
  readonly clock: { nowMs: number };
  /** Lets a system that starts nothing any more. */
  readonly refuse: (why: Error) => void;
}

function play(): Played {
  const processes: PlayedProcess[] = [];
  const clock = { nowMs: 1000 };
  let refusal: Error | null = null;
  const keeper = EngineKeeper.start({
    launch: () => {
      if (refusal) throw refusal;
      processes.push(new PlayedProcess());
      return processes[processes.length - 1];
    },
    settings: { folders: FOLDERS, isVerbose: false },
    clock: { monotonicMs: () => clock.nowMs, unixMs: () => 0 },
  });
  return { keeper, processes, clock, refuse: (why) => (refusal = why) };
}

/** A keeper whose first engine is ready. */
async function started(): Promise<Omit<Played, 'keeper'> & { readonly keeper: EngineKeeper<PlayedProcess> }> {
  const { keeper, ...rest } = play();
  rest.processes[0].reply({ kind: 'ready' });
  return { ...rest, keeper: await keeper };
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const waiting = Symbol('waiting');
  const settled = promise.catch(() => null);
  return (await Promise.race([settled, turn(waiting)])) !== waiting;
};

const startOf = (restarts: number, queue: EngineSettings['queue'] = []): EngineRequest => ({
  kind: 'start',
  settings: { folders: FOLDERS, isVerbose: false, restarts, queue },
});

describe('an engine', () => {
  it('is there when it says so', async () => {
    const { keeper, processes } = play();
    expect(processes.map(({ heard }) => heard)).toEqual([[startOf(0)]]);
    expect(await isSettled(keeper)).toBe(false);
    processes[0].reply({ kind: 'ready' });
    expect(await (await keeper).ready()).toBe(processes[0]);
    expect(await isSettled((await keeper).ended)).toBe(false);
  });

  it('that cannot be started says why, and is not started again', async () => {
    const { keeper, processes } = play();
    processes[0].fail(BUSY);
    const { message, remedy } = await refusalOf(keeper, 'store_busy');
    expect([message, remedy, processes.length]).toEqual([BUSY.message, BUSY.remedy, 1]);
  });

  it.each([null, 1, 0])('that ends with %s before it was ever ready is not started again', async (code) => {
    const { keeper, processes } = play();
    processes[0].exit(code);
    await refusalOf(keeper, 'internal');
    expect(processes).toHaveLength(1);
  });

  it('that the system does not start is an error', async () => {
    const refused = new Error('spawn EAGAIN');
    const start = EngineKeeper.start({
      launch: (): PlayedProcess => {
        throw refused;
      },
      settings: { folders: FOLDERS, isVerbose: false },
      clock: { monotonicMs: () => 0, unixMs: () => 0 },
    });
    await expect(start).rejects.toBe(refused);
  });
});

describe('an engine that ends unexpectedly', () => {
  it.each([null, 1, 0])('with %s is started again, and whoever wants it waits for the next', async (code) => {
    const { keeper, processes } = await started();
    processes[0].exit(code);
    expect(processes[1].heard).toEqual([startOf(1)]);
    const next = keeper.ready();
    expect(await isSettled(next)).toBe(false);
    processes[1].reply({ kind: 'ready' });
    expect(await next).toBe(processes[1]);
    expect(await keeper.ready()).toBe(processes[1]);
  });

  it('again before it is ready is waited for all the same', async () => {
    const { keeper, processes } = await started();
    processes[0].exit(null);
    const next = keeper.ready();
    processes[1].exit(null);
    processes[2].fail(BUSY);
    processes[3].reply({ kind: 'ready' });
    expect(await next).toBe(processes[3]);
    expect(processes[3].heard).toEqual([startOf(3)]);
  });

  it('is given up at the sixth time in a minute', async () => {
    const { keeper, processes, clock } = await started();
    for (let i = 0; i < 5; i++) {
      processes[i].exit(null);
      processes[i + 1].reply({ kind: 'ready' });
      await keeper.ready();
    }
    clock.nowMs += MINUTE_MS - 1;
    expect(await isSettled(keeper.ended)).toBe(false);
    processes[5].exit(null);
    const { message } = await refusalOf(keeper.ended, 'internal');
    expect(message).toContain('again and again');
    expect((await refusalOf(keeper.ready(), 'internal')).message).toBe(message);
    expect((await refusalOf(keeper.stop(), 'internal')).message).toBe(message);
    expect(processes).toHaveLength(6);
  });

  it('is not given up where a minute is between the first and the sixth time', async () => {
    const { keeper, processes, clock } = await started();
    for (let i = 0; i < 5; i++) processes[i].exit(null);
    clock.nowMs += MINUTE_MS;
    processes[5].reply({ kind: 'ready' });
    processes[5].exit(null);
    processes[6].reply({ kind: 'ready' });
    expect(await keeper.ready()).toBe(processes[6]);
    expect(processes[6].heard).toEqual([startOf(6)]);
  });

  it('and is given up with the reason that it says itself', async () => {
    const { keeper, processes } = await started();
    processes[0].exit(null);
    const next = keeper.ready();
    for (let i = 1; i <= 5; i++) processes[i].fail(BUSY);
    expect((await refusalOf(keeper.ended, 'store_busy')).remedy).toBe(BUSY.remedy);
    await refusalOf(next, 'store_busy');
  });

  it('is given up when the system starts nothing any more', async () => {
    const { keeper, processes, refuse } = await started();
    refuse(new Error('spawn EAGAIN'));
    processes[0].exit(null);
    await expect(keeper.ended).rejects.toThrow('EAGAIN');
    await expect(keeper.ready()).rejects.toThrow('EAGAIN');
  });
});

describe('an engine that has files in its queue', () => {
  it('leaves them to the next one, as it has told of them last', async () => {
    const { processes } = await started();
    const choice = { identification: true, profile: 'mien', isCopy: false };
    const file = (path: string, isUnderWay: boolean) => ({ path, ...choice, isUnderWay });
    const queue = [file('/a.mp4', true), file('/b.mp4', false)];
    processes[0].reply({ kind: 'queue', queue: [...queue, file('/c.mp4', false)] });
    processes[0].reply({ kind: 'queue', queue });
    processes[0].exit(null);
    expect(processes[1].heard).toEqual([startOf(1, queue)]);
    processes[1].exit(null); // before it could say anything
    expect(processes[2].heard).toEqual([startOf(2, queue)]);
  });
});

describe('an engine that hangs', () => {
  const ASK = { kind: 'ask' } as const;
  const pass = (clock: { nowMs: number }, ms: number): void => {
    for (let left = ms; left > 0; left -= TICK_MS) {
      clock.nowMs += TICK_MS;
      vi.advanceTimersByTime(TICK_MS);
    }
  };
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('is asked, ended by force and started again', async () => {
    const { keeper, processes, clock } = await started();
    pass(clock, HUNG_MS - TICK_MS);
    expect([processes[0].heard, processes[0].wasKilled]).toEqual([[startOf(0), ASK], false]);
    pass(clock, TICK_MS);
    expect([processes[0].wasKilled, processes.length]).toEqual([true, 2]);
    processes[1].reply({ kind: 'ready' });
    expect(await keeper.ready()).toBe(processes[1]);
    pass(clock, HUNG_MS - TICK_MS);
    expect([processes[1].wasKilled, processes.length]).toEqual([false, 2]);
  });

  it('does not, as long as it answers', async () => {
    const { processes, clock } = await started();
    for (let i = 0; i < 10; i++) {
      pass(clock, HUNG_MS - TICK_MS);
      processes[0].reply({ kind: 'alive', isDebugged: false });
    }
    expect(processes).toHaveLength(1);
  });

  it('is given all the time while somebody debugs it', async () => {
    const { processes, clock } = await started();
    pass(clock, HUNG_MS - TICK_MS);
    processes[0].reply({ kind: 'alive', isDebugged: true });
    pass(clock, 10 * HUNG_MS);
    expect(processes).toHaveLength(1);
  });

  it('is not one that slept with the machine', async () => {
    const { processes, clock } = await started();
    pass(clock, HUNG_MS / 2);
    clock.nowMs += 8 * 3_600_000;
    vi.advanceTimersByTime(TICK_MS);
    expect(processes).toHaveLength(1);
    pass(clock, TICK_MS);
    expect(processes).toHaveLength(2); // unless it does not answer afterwards
  });

  it('while it is being stopped is ended, too, and that is told', async () => {
    const { keeper, clock } = await started();
    const stopped = refusalOf(keeper.stop(), 'internal');
    pass(clock, HUNG_MS);
    expect((await stopped).message).toContain('did not answer');
  });
});

describe('an engine that is stopped', () => {
  it('is told so once, and waited for', async () => {
    const { keeper, processes } = await started();
    const stopped = [keeper.stop(), keeper.stop()];
    expect(processes[0].heard).toEqual([startOf(0), { kind: 'stop' }]);
    expect(await isSettled(keeper.ended)).toBe(false);
    processes[0].exit(0);
    await Promise.all([...stopped, keeper.ended]);
    expect(processes).toHaveLength(1);
  });

  it('while it is being started again is waited for; those who want it are refused', async () => {
    const { keeper, processes } = await started();
    processes[0].exit(null);
    const next = keeper.ready();
    const stopped = keeper.stop();
    await refusalOf(next, 'interrupted');
    expect(processes[1].heard).toEqual([startOf(1), { kind: 'stop' }]);
    processes[1].reply({ kind: 'ready' });
    processes[1].exit(0);
    await stopped;
    await refusalOf(keeper.ready(), 'interrupted');
  });

  it('and crashes is not started again', async () => {
    const { keeper, processes } = await started();
    const stopped = keeper.stop();
    processes[0].exit(null);
    await refusalOf(stopped, 'internal');
    expect(processes).toHaveLength(1);
  });

  it('and cannot keep what it has says so', async () => {
    const { keeper, processes } = await started();
    const stopped = keeper.stop();
    processes[0].fail(BUSY);
    await refusalOf(stopped, 'store_busy');
  });
});
