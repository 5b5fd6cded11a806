import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MienError } from '../../../src/main/contract/errors.ts';
import { Thread } from '../../../src/main/platform/thread.ts';
import type { Order, ThreadStart } from '../../fixtures/store-thread.ts';

const WORKER = new URL('../../fixtures/store-thread.ts', import.meta.url);
const STOP: Order = { kind: 'stop' };
const echo = (value: unknown, afterMs = 0): Order => ({ kind: 'echo', value, afterMs });

/** A thread and what it has begun and done. */
function start(ports: Pick<ThreadStart, 'in' | 'out'> = {}): { thread: Thread<Order>; counts: Int32Array } {
  const counts = new SharedArrayBuffer(8);
  const handedOver: MessagePort[] = [...(ports.in ? [ports.in] : []), ...(ports.out ?? [])];
  const thread = new Thread<Order>(WORKER, { counts, ...ports }, STOP, handedOver);
  onTestFinished(async () => {
    await outcome(ended(thread.stop()));
  });
  return { thread, counts: new Int32Array(counts) };
}

/** How a promise ended, which it must do: its value, or the words of its error. */
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : error));

/** A promise that would never end fails here. */
function ended<T>(promise: Promise<T>): Promise<T> {
  const tooLong = sleep(5000, undefined, { ref: false }).then(() => Promise.reject(new Error('does not end')));
  return Promise.race([promise, tooLong]);
}

describe('requests to a thread', () => {
  it('are answered each with its own answer, one after the other', async () => {
    const { thread } = start();
    const order: number[] = [];
    const answers = [30, 0, 10].map(async (ms, i) => {
      const value = await thread.call(echo({ i, bytes: Uint8Array.of(i) }, ms));
      order.push(i);
      return value;
    });
    expect(await Promise.all(answers)).toEqual([0, 1, 2].map((i) => ({ i, bytes: Uint8Array.of(i) })));
    expect(order).toEqual([0, 1, 2]);
  });

  it.each([1, 4, 5, 11])('are all answered when %i are made at once, whose answers come together', async (count) => {
    const { thread } = start();
    const values = Array.from({ length: count }, (_, i) => i);
    expect(await ended(Promise.all(values.map((value) => thread.call(echo(value)))))).toEqual(values);
  });

  it('that fail are told with those whose answers come with them', async () => {
    const { thread } = start();
    const calls = [thread.call(echo(1)), thread.call({ kind: 'fail', how: 'expected' }), thread.call(echo(3))];
    const outcomes = await ended(Promise.allSettled(calls));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('that fail say why, and the next ones are answered', async () => {
    const { thread } = start();
    const expected = thread.call({ kind: 'fail', how: 'expected' });
    const unexpected = thread.call({ kind: 'fail', how: 'unexpected' });
    const words = { code: 'model_damaged', message: 'The model is damaged.', remedy: 'Fetch it again.' };
    await expect(expected).rejects.toMatchObject(words);
    await expect(expected).rejects.toBeInstanceOf(MienError);
    await expect(unexpected).rejects.toMatchObject({ code: 'internal', message: 'a fault' });
    expect(await thread.call(echo('still there'))).toBe('still there');
  });

  it('that cannot be sent are refused, and the next ones are answered', async () => {
    const { thread } = start();
    await expect(thread.call(echo(() => 'a function'))).rejects.toThrow(/could not be cloned/);
    expect(await thread.call(echo('still there'))).toBe('still there');
  });
});

describe('a thread that dies', () => {
  it.each([
    ['crash', /crashed/],
    ['exit', /stopped unexpectedly/],
  ] as const)('by %s refuses what waits for it and what comes later', async (kind, words) => {
    const { thread } = start();
    expect(await thread.call(echo('alive'))).toBe('alive');
    const waiting = [thread.call({ kind }), thread.call(echo(1)), thread.call(echo(2))];
    const outcomes = await Promise.all(waiting.map(outcome));
    expect(outcomes[0]).toMatch(words);
    expect(outcomes.slice(1)).toEqual([outcomes[0], outcomes[0]]);
    await expect(thread.call(echo(3))).rejects.toThrow(words);
    await ended(thread.stop());
  });

  it('before it could begin refuses too', async () => {
    const thread = new Thread<Order>(new URL('./no-such-file.ts', WORKER), {}, STOP);
    expect(await outcome(thread.call(echo(1)))).toMatch(/no-such-file/);
    await ended(thread.stop());
  });

  it('while it is being stopped does not keep the program waiting', async () => {
    const { thread } = start();
    const crashing = outcome(thread.call({ kind: 'crash' }));
    const stopping = outcome(thread.stop());
    expect(await crashing).toMatch(/crashed/);
    expect(await ended(stopping.then(() => 'ended'))).toBe('ended');
  });
});

describe('a thread that is stopped in the middle of its work', () => {
  it('finishes what it was asked, and is gone then', async () => {
    const { thread, counts } = start();
    const answers = [0, 1, 2, 3].map((i) => thread.call(echo(i, 20)));
    await ended(thread.stop());
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3]);
    expect([...counts]).toEqual([5, 5]); // the request to stop is the fifth
  });

  it('refuses what comes later instead of leaving it unanswered', async () => {
    const { thread } = start();
    const first = thread.call(echo('asked before', 20));
    const stopping = thread.stop();
    const late = outcome(thread.call(echo('too late')));
    await stopping;
    expect(await first).toBe('asked before');
    expect(await late).toMatch(/^MienError: .*stopped/);
    expect(await outcome(thread.call(echo('much too late')))).toMatch(/^MienError: .*stopped/);
  });

  it('says so when it cannot end well', async () => {
    const hardStop: Order = { kind: 'stop', isHard: true };
    const thread = new Thread<Order>(WORKER, { counts: new SharedArrayBuffer(8) }, hardStop);
    expect(await thread.call(echo(1))).toBe(1);
    await expect(ended(thread.stop())).rejects.toMatchObject({ code: 'store_unusable' });
  });

  it('may be told so twice', async () => {
    const { thread } = start();
    await thread.call(echo(1));
    await ended(thread.stop());
    await ended(thread.stop());
  });
});

describe('a thread that hands requests on', () => {
  function startPair(): Record<'front' | 'back', ReturnType<typeof start>> {
    const { port1, port2 } = new MessageChannel();
    const back = start({ in: port2 });
    const front = start({ out: [port1] }); // the later one is stopped first, as long as it can still hand on
    front.thread.answeredBy([back.thread], ([value]) => value);
    return { front, back };
  }
  const handOn = (...orders: Order[]): Order => ({ kind: 'hand on', orders });

  it('gets the answers of the other, which are not mixed up with those to requests of its own', async () => {
    const { front, back } = startPair();
    const asked = [0, 1, 2, 3].flatMap((i) => [
      front.thread.call(handOn(echo(`handed on ${i}`))),
      front.thread.call(echo(`own ${i}`)),
      back.thread.call(echo(`direct ${i}`)),
    ]);
    const expected = [0, 1, 2, 3].flatMap((i) => [`handed on ${i}`, `own ${i}`, `direct ${i}`]);
    expect(await Promise.all(asked)).toEqual(expected);
    const failing = front.thread.call(handOn({ kind: 'fail', how: 'expected' }));
    await expect(failing).rejects.toMatchObject({ code: 'model_damaged' });
  });

  it('takes the next request while the other still works', async () => {
    const { front, back } = startPair();
    const slow = front.thread.call(handOn(echo('slow', 200)));
    expect(await front.thread.call(echo('quick'))).toBe('quick');
    expect(back.counts[1]).toBe(0);
    expect(await slow).toBe('slow');
  });

  it('refuses what it has handed on when the other dies', async () => {
    const { front } = startPair();
    const crashing = outcome(front.thread.call(handOn({ kind: 'crash' })));
    const waiting = outcome(front.thread.call(handOn(echo(1))));
    expect(await crashing).toMatch(/crashed/);
    expect(await waiting).toMatch(/crashed/);
    expect(await outcome(front.thread.call(handOn(echo(2))))).toMatch(/crashed/);
  });

  it.each(['crash', 'stop'] as const)('can be stopped after the other has come to its end by %s', async (kind) => {
    const { front, back } = startPair();
    expect(await front.thread.call(handOn(echo(1)))).toBe(1);
    if (kind === 'crash') expect(await outcome(front.thread.call(handOn({ kind })))).toMatch(/crashed/);
    await ended(back.thread.stop());
    await ended(front.thread.stop());
  });

  it('leaves nothing that it has handed on without an answer when it is stopped', async () => {
    const { front, back } = startPair();
    const asked = [1, 2, 3].map((i) => outcome(front.thread.call(handOn(echo(i, 20)))));
    await ended(front.thread.stop());
    const refused = expect.stringMatching(/^MienError: .*stopped/) as unknown;
    const answers = await ended(Promise.all(asked));
    const refusedOr = (value: number): unknown => (answers.includes(value) ? value : refused);
    expect(answers).toEqual([1, 2, 3].map(refusedOr));
    await ended(back.thread.stop());
    expect(back.counts[1]).toBe(back.counts[0]);
  });

  it('gets the answers of two others that are stopped together, though one is gone long before the other', async () => {
    const channels = [new MessageChannel(), new MessageChannel()];
    const backs = channels.map(({ port2 }) => start({ in: port2 }));
    const front = start({ out: channels.map(({ port1 }) => port1) });
    front.thread.answeredBy(
      backs.map(({ thread }) => thread),
      (values) => values,
    );
    const asked = outcome(front.thread.call(handOn(echo('quick'), echo('slow', 300))));
    await vi.waitUntil(() => backs.every(({ counts }) => counts[0] === 1));
    await ended(front.thread.stop());
    await ended(Promise.all(backs.map(({ thread }) => thread.stop())));
    expect(await ended(asked)).toEqual(['quick', 'slow']);
  });
});
