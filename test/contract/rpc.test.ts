import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { CALLS, type CallName, type Input, type Output, type PersonTimeline } from '../../src/main/contract/api.ts';
import { MienError } from '../../src/main/contract/errors.ts';
import { Client, serve, type Handlers } from '../../src/main/contract/rpc.ts';
import type { Transport } from '../../src/main/contract/transport.ts';
import { webSocketTransport } from '../../src/main/hosts/localhost/web-socket.ts';
import { expectReadable, refusalOf } from '../fixtures/store-folder.ts';
import { WIRES, WIRE_NAMES, webSocketPair } from '../fixtures/wires.ts';

const PROGRAM: Output<'program.describe'> = {
  ...{
    version: '1.2.3',
    dataFolder: '/data',
    exportFolder: '/exports',
    homeFolder: '/home',
    formats: ['wide'],
    sampleCamera: null,
    restarts: 0,
  },
};
const describing = (): Promise<typeof PROGRAM> => Promise.resolve(PROGRAM);

const EXPORT: Input<'sessions.export'> = {
  ...{ id: 'aaaa', folder: '/out', formats: ['wide-csv'], intervalSeconds: 10, keepInvalid: false },
};
const timelineOf = (id: string): Input<'sessions.timeline'> => ({ id, fromSeconds: 0, toSeconds: 1, steps: 10 });

/** Parts of larger arrays, none of which begins where its array does. */
const TIMELINE: PersonTimeline = {
  id: 'P1',
  startSeconds: Float64Array.of(9, 0.1, -0, 1e300).subarray(1),
  scores: Float32Array.of(9, 9, 9, NaN, -0, Infinity, Math.fround(0.1)).subarray(3),
  validShare: new Float32Array(0),
  missing: Uint8Array.of(9, 255, 0, 128).subarray(1),
  confirmed: new Uint8Array(Uint8Array.of(9, 9, 9, 1, 2, 9).buffer, 3, 2),
};

/** Handlers of which the test expects only its own to be called. */
function handlersWith(own: Partial<Handlers>): Handlers {
  const unexpected = (): Promise<never> => Promise.reject(new Error('a call that the test does not expect'));
  const others = Object.fromEntries(Object.keys(CALLS).map((name) => [name, unexpected])) as unknown as Handlers;
  return { ...others, ...own };
}

/** A promise and what settles it. */
interface Signal<T = void> {
  readonly promise: Promise<T>;
  readonly set: (value: T) => void;
}

function newSignal<T = void>(): Signal<T> {
  let set: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (set = resolve));
  return { promise, set };
}

interface Ends {
  readonly client: Client;
  readonly near: Transport;
  readonly far: Transport;
  /** What the server was told that went wrong. */
  readonly faults: unknown[];
  readonly onClose: ReturnType<typeof vi.fn<() => void>>;
}

/** A handler that waits to be told to go on, and what it knows. */
function waitingExport(): {
  readonly handler: Handlers['sessions.export'];
  readonly begun: Signal<{ readonly aborted: boolean }>;
  readonly goOn: Signal;
  readonly done: Signal;
} {
  const [begun, goOn, done] = [newSignal<{ readonly aborted: boolean }>(), newSignal(), newSignal()];
  const handler: Handlers['sessions.export'] = async (_, { signal, tell }) => {
    begun.set(signal);
    await goOn.promise;
    tell(7);
    setTimeout(() => done.set()); // when the answer has been given
    return { files: ['late'] };
  };
  return { handler, begun, goOn, done };
}

describe.each(WIRE_NAMES)('calls over a wire %s', (wire) => {
  async function connect(own: Partial<Handlers>): Promise<Ends> {
    const [near, far] = await WIRES[wire]();
    const faults: unknown[] = [];
    serve(far, handlersWith(own), (error) => faults.push(error));
    const onClose = vi.fn<() => void>();
    return { client: new Client(near, onClose), near, far, faults, onClose };
  }

  /** A server without a client: what it says to the messages, as many as `replies`. */
  async function replyTo(messages: readonly unknown[], own: Partial<Handlers>, replies: number): Promise<unknown[]> {
    const [near, far] = await WIRES[wire]();
    serve(far, handlersWith(own), () => undefined);
    const heard: unknown[] = [];
    const all = newSignal();
    near.onMessage((message) => {
      if (heard.push(message) >= replies) all.set();
    });
    for (const message of messages) near.send(message);
    await all.promise;
    return heard;
  }

  /** A client without a server: the ids of its calls are 1, 2, 3…; `answer` says what is sent when one has arrived. */
  async function clientOf(answer: (request: Record<string, unknown>) => readonly unknown[]): Promise<Client> {
    const [near, far] = await WIRES[wire]();
    far.onMessage((message) => {
      for (const reply of answer(message as Record<string, unknown>)) far.send(reply);
    });
    return new Client(near);
  }

  it('are answered', async () => {
    const asked: unknown[] = [];
    const { client, faults } = await connect({
      'program.describe': describing,
      'sessions.list': (input) => {
        asked.push(input);
        return Promise.resolve([]);
      },
    });
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
    expect(await client.call('sessions.list', { search: 'ü “顔”' }).result).toEqual([]);
    expect([asked, faults]).toEqual([[{ search: 'ü “顔”' }], []]);
  });

  it('bring typed arrays back as they are, to the last bit', async () => {
    const { client } = await connect({ 'sessions.timeline': () => Promise.resolve([TIMELINE]) });
    const answer = await client.call('sessions.timeline', timelineOf('aaaa')).result;
    expect(answer).toStrictEqual([TIMELINE]);
    expect(Object.is(answer[0].startSeconds[1], -0) && Object.is(answer[0].scores[1], -0)).toBe(true);
  });

  it('get each its own answer when many are made at once, also when the last is answered first', async () => {
    const waiting = new Map<string, () => void>();
    const { client } = await connect({
      'sessions.timeline': async ({ id }) => {
        await new Promise<void>((resolve) => {
          waiting.set(id, resolve);
          if (waiting.size === 60) for (const answer of [...waiting.values()].reverse()) answer();
        });
        return [{ ...TIMELINE, id }];
      },
    });
    const ids = Array.from({ length: 60 }, (_, i) => `session ${i}`);
    const answers = ids.map((id) => client.call('sessions.timeline', timelineOf(id)).result);
    expect((await Promise.all(answers)).map(([{ id }]) => id)).toEqual(ids);
  });

  it('are told how far they are, in order and before the answer', async () => {
    const { client } = await connect({
      'sessions.export': async (input, { tell }) => {
        for (let rows = 0; rows < 50; rows += 10) {
          tell(rows);
          if (rows === 20) await turn();
        }
        return { files: [input.folder] };
      },
    });
    const heard: unknown[] = [];
    const { result } = client.call('sessions.export', EXPORT, (rows) => heard.push(rows));
    void result.then(({ files }) => heard.push(...files));
    await result;
    await turn();
    expect(heard).toEqual([0, 10, 20, 30, 40, '/out']);
    expect(await client.call('sessions.export', EXPORT).result).toEqual({ files: ['/out'] }); // nobody needs to listen
  });

  it('that are cancelled are refused at once, and stop', async () => {
    const { handler, begun, goOn, done } = waitingExport();
    const { client, faults } = await connect({ 'sessions.export': handler, 'program.describe': describing });
    const onProgress = vi.fn();
    const call = client.call('sessions.export', EXPORT, onProgress);
    const signal = await begun.promise;
    expect(signal.aborted).toBe(false);
    call.cancel();
    call.cancel(); // once is enough
    await refusalOf(call.result, 'interrupted');
    await vi.waitFor(() => expect(signal.aborted).toBe(true));
    goOn.set();
    await done.promise;
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
    expect(onProgress).not.toHaveBeenCalled();
    expect(faults).toEqual([]);
  });

  it('that are cancelled leave the others alone', async () => {
    const { handler, begun, goOn } = waitingExport();
    const { client } = await connect({ 'sessions.export': handler });
    const [one, other] = [client.call('sessions.export', EXPORT), client.call('sessions.export', EXPORT)];
    await begun.promise;
    one.cancel();
    goOn.set();
    await refusalOf(one.result, 'interrupted');
    expect(await other.result).toEqual({ files: ['late'] });
    other.cancel(); // too late to mean anything
    expect(await other.result).toEqual({ files: ['late'] });
  });

  it('that are cancelled do not hear an answer that was on its way', async () => {
    const client = await clientOf(({ kind, id }) => [
      { kind: 'progress', id: 1, value: 5 },
      { kind: 'result', id: 1, value: { files: [] } },
      ...(kind === 'call' && id === 2 ? [{ kind: 'result', id, value: PROGRAM }] : []),
    ]);
    const onProgress = vi.fn();
    const call = client.call('sessions.export', EXPORT, onProgress);
    call.cancel();
    await refusalOf(call.result, 'interrupted');
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
    expect(onProgress).not.toHaveBeenCalled();
  });

  it('that fail as expected say why and what to do', async () => {
    const fault = new MienError('session_unknown', 'There is no session "x".', 'Choose another one.');
    const { client, faults } = await connect({ 'sessions.describe': () => Promise.reject(fault) });
    const { code, message, remedy } = await refusalOf(
      client.call('sessions.describe', { id: 'x' }).result,
      'session_unknown',
    );
    expect({ code, message, remedy }).toEqual({ code: fault.code, message: fault.message, remedy: fault.remedy });
    expect(faults).toEqual([fault]);
  });

  it.each([
    ['later', () => Promise.reject(new Error('A fault.\nat some place'))],
    [
      'at once',
      () => {
        throw new Error('A fault.\nat some place');
      },
    ],
  ])('that fail unexpectedly %s are called a fault in the program, without its stack', async (_, handler) => {
    const { client, faults } = await connect({ 'sessions.describe': handler, 'program.describe': describing });
    const refusal = await refusalOf(client.call('sessions.describe', { id: 'x' }).result, 'internal');
    expect(refusal.message).toBe('A fault.');
    expect(faults).toEqual([new Error('A fault.\nat some place')]);
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
  });

  it.each<[CallName, unknown]>([
    ['sessions.list', { search: 5 }],
    ['sessions.list', { search: 'x'.repeat(201) }],
    ['sessions.list', {}],
    ['sessions.list', null],
    ['program.describe', { more: 1 }],
    ['sessions.timeline', { ...timelineOf('a'), steps: 0 }],
    ['sessions.timeline', { ...timelineOf('a'), fromSeconds: NaN }],
    ['sessions.export', { ...EXPORT, formats: [] }],
    ['sessions.export', { ...EXPORT, intervalSeconds: 0 }],
  ])('that ask %s for something impossible do not reach the program (%#)', async (name, input) => {
    const handler = vi.fn();
    const { client, faults } = await connect({ [name]: handler });
    const refusal = await refusalOf(client.call(name, input as never).result, 'usage');
    expect(refusal.message).toContain(name);
    expect(handler).not.toHaveBeenCalled();
    expect(faults).toHaveLength(1);
  });

  it('whose answer is impossible are called a fault in the program, whichever end sees it', async () => {
    const impossible = { ...PROGRAM, formats: 'none' };
    const { client } = await connect({ 'program.describe': () => Promise.resolve(impossible as never) });
    const refusal = await refusalOf(client.call('program.describe', {}).result, 'internal');
    expect(refusal.message).toContain('program.describe');
    const deceived = await clientOf(({ id }) => [{ kind: 'result', id, value: impossible }]);
    await refusalOf(deceived.call('program.describe', {}).result, 'internal');
  });

  it.each(['no.such', '', 'constructor', 'toString', '__proto__'])('of the name "%s" are refused', async (name) => {
    const [reply] = (await replyTo([{ kind: 'call', id: 1, name, input: {} }], {}, 1)) as [{ error: MienError }];
    expect(reply).toMatchObject({ kind: 'fault', id: 1 });
    expectReadable(reply.error, 'usage');
    expect(reply.error.message).toContain(`"${name}"`);
  });

  it('are answered after messages that are none', async () => {
    const call = { kind: 'call', id: 1, name: 'program.describe', input: {} };
    const garbage = [null, 'text', 17, [], {}, { kind: 'call' }, { kind: 'call', id: '1', name: 'sessions.list' }];
    const more = [
      { ...call, kind: 'shout' },
      { ...call, id: 0.5 },
      { ...call, name: 3 },
      { kind: 'cancel', id: 99 },
    ];
    const replies = await replyTo([...garbage, ...more, call], { 'program.describe': describing }, 1);
    expect(replies).toEqual([{ kind: 'result', id: 1, value: PROGRAM }]);
  });

  it('hear their answers after messages that are none', async () => {
    const client = await clientOf(({ id }) => [
      ...[null, 'text', 17, [], {}, { kind: 'result' }, { kind: 'fault', id }, { kind: 'fault', id, error: null }],
      ...[
        { kind: 'shout', id, value: PROGRAM },
        { kind: 'result', id: 99, value: {} },
        { kind: 'result', id },
      ],
      { kind: 'result', id, value: PROGRAM },
    ]);
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
  });

  it('with the number of one that is running do not take its place', async () => {
    const goOn = newSignal();
    const own: Partial<Handlers> = {
      'sessions.export': async ({ folder }) => {
        await goOn.promise;
        return { files: [folder] };
      },
      'program.describe': () => {
        goOn.set();
        return describing();
      },
    };
    const call = { kind: 'call', id: 1, name: 'sessions.export', input: EXPORT };
    const again = { ...call, input: { ...EXPORT, folder: '/other' } };
    const last = { kind: 'call', id: 2, name: 'program.describe', input: {} };
    const replies = await replyTo([call, again, last], own, 2);
    expect(replies).toHaveLength(2);
    expect(replies).toContainEqual({ kind: 'result', id: 1, value: { files: ['/out'] } });
  });

  it('that are more than can run at once are refused, and the others are answered', async () => {
    const goOn = newSignal();
    const describeLater = async (): Promise<typeof PROGRAM> => {
      await goOn.promise;
      return PROGRAM;
    };
    const { client, faults } = await connect({
      'program.describe': describeLater,
      'sessions.list': () => Promise.resolve([]),
    });
    const running = Array.from({ length: 63 }, () => client.call('program.describe', {}).result);
    expect(await client.call('sessions.list', { search: '' }).result).toEqual([]); // the 64th, and no more when it is done
    running.push(client.call('program.describe', {}).result);
    expect((await refusalOf(client.call('sessions.list', { search: '' }).result, 'usage')).message).toContain(
      'at once',
    );
    expect(faults).toHaveLength(1);
    goOn.set();
    expect(await Promise.all(running)).toEqual(running.map(() => PROGRAM));
    expect(await client.call('sessions.list', { search: '' }).result).toEqual([]);
  });

  it.each(['near', 'far'] as const)('that wait when the %s end closes are refused, and stop', async (end) => {
    const { handler, begun, goOn, done } = waitingExport();
    const { client, faults, onClose, ...ends } = await connect({ 'sessions.export': handler });
    const waiting = [client.call('sessions.export', EXPORT), client.call('sessions.export', EXPORT)];
    const refusals = waiting.map(({ result }) => refusalOf(result, 'interrupted'));
    const signal = await begun.promise;
    ends[end].close();
    await Promise.all(refusals);
    await vi.waitFor(() => expect([signal.aborted, onClose.mock.calls.length]).toEqual([true, 1]));
    goOn.set();
    await done.promise; // an answer goes nowhere
    expect(faults).toEqual([]);
    await refusalOf(client.call('program.describe', {}).result, 'interrupted');
    waiting[0].cancel();
    ends.near.close();
    ends.far.close();
    await turn();
    expect(onClose).toHaveBeenCalledOnce();
  });
});

describe('a web socket', () => {
  it('brings what is no message as null, and goes on', async () => {
    const [near, far] = await webSocketPair();
    const heard: unknown[] = [];
    const transport = webSocketTransport(far);
    const last = newSignal();
    transport.onMessage((message) => {
      heard.push(message);
      if (message === 'last') last.set();
    });
    near.send('a text');
    near.send(Buffer.alloc(0));
    near.send(Buffer.of(0xc1));
    near.send(Buffer.of(0x93, 1));
    webSocketTransport(near).send('last');
    await last.promise;
    expect(heard).toEqual([null, null, null, null, 'last']);
  });

  it('that breaks the rules is closed, and nothing else is', async () => {
    const [near, far] = await webSocketPair();
    const closed = newSignal();
    webSocketTransport(far).onClose(() => closed.set());
    const { _socket: raw } = near as unknown as { _socket: NodeJS.WritableStream };
    raw.write(Buffer.of(0xff, 0xff, 0xff, 0xff));
    await closed.promise;
    expect(far.readyState).toBe(far.CLOSED);
  });
});
