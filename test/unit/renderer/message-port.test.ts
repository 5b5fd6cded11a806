import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askForPort, portTransport } from '../../../src/renderer/connection/message-port.ts';
import { newWireOf, openWire } from '../../../src/renderer/connection/wire.ts';

/** A window as far as ports need one. */
const page = Object.assign(new EventTarget(), { location: { origin: 'http://127.0.0.1:1' } });
const opened: MessagePort[] = [];
let asked: number[] = [];
const handover = { askForWire: (id: number) => void asked.push(id), pathOf: () => '' };

beforeEach(() => {
  asked = [];
  vi.stubGlobal('window', page);
});
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
  vi.unstubAllGlobals();
});

function channel(): MessageChannel {
  const made = new MessageChannel();
  opened.push(made.port1, made.port2);
  return made;
}

function say(data: unknown, ports: readonly MessagePort[], source: unknown = page): void {
  page.dispatchEvent(Object.assign(new Event('message'), { data, ports, source }));
}

describe('asking for a port', () => {
  it('gives the port that comes with the number that was asked for', async () => {
    const [first, second] = [askForPort(handover), askForPort(handover)];
    const [one, other] = [channel().port1, channel().port1];
    expect(new Set(asked).size).toBe(2);
    say({ kind: 'wire', id: asked[1] }, [other]);
    say({ kind: 'wire', id: asked[0] }, [one]);
    expect(await Promise.all([first, second])).toEqual([one, other]);
    expect((await first) === one).toBe(true);
  });

  it('listens to this window alone, and to nothing else that is said', async () => {
    const { port1 } = channel();
    const asking = askForPort(handover);
    const [id] = asked;
    const strange = channel().port1;
    say({ kind: 'wire', id }, [strange], null);
    say({ kind: 'other', id }, [strange]);
    say({ kind: 'wire', id: id + 1 }, [strange]);
    say('wire', [strange]);
    say(null, [strange]);
    say({ kind: 'wire', id }, []);
    say({ kind: 'wire', id }, [port1]);
    expect((await asking) === port1).toBe(true);
  });

  it('gives up where none comes', async () => {
    await expect(askForPort(handover, 1)).rejects.toThrow('does not answer');
  });
});

describe('a wire of the window', () => {
  it('is a port where the window is handed them, and the address of a socket elsewhere', async () => {
    expect(await newWireOf(page as unknown as Window)()).toBe('ws://127.0.0.1:1/wire');
    const wire = newWireOf({ location: page.location, mien: handover } as unknown as Window)();
    const { port1, port2 } = channel();
    say({ kind: 'wire', id: asked[0] }, [port1]);
    const transport = await openWire(await wire);
    const heard = new Promise((resolve) => transport.onMessage(resolve));
    port2.postMessage({ kind: 'result' });
    expect(await heard).toEqual({ kind: 'result' });
  });

  it('tells once that it is closed, by this end or by the other', async () => {
    for (const closesHere of [true, false]) {
      const { port1, port2 } = channel();
      const transport = portTransport(port1);
      let closed = 0;
      transport.onMessage(() => undefined);
      const isClosed = new Promise<void>((resolve) =>
        transport.onClose(() => {
          closed++;
          resolve();
        }),
      );
      if (closesHere) transport.close();
      else port2.close();
      await isClosed;
      transport.close();
      transport.send({ kind: 'call' }); // goes nowhere
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(closed).toBe(1);
    }
  });
});
