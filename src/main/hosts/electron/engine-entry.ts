// The engine of Electron in its utility process: runs by itself and is started by utility-engine.ts alone.
import type { MessagePortMain } from 'electron';
import { KeptEngine } from '../service/kept-engine.ts';
import { portTransport } from './port-transport.ts';
import type { UtilityReply, UtilityRequest } from './utility-engine.ts';

const main = process.parentPort;

// A terminal tells every process of Ctrl-C; the main process says what becomes of it.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

const say = (reply: UtilityReply): void => main.postMessage(reply);

const windows = new Set<MessagePortMain>();
let isClosed = false;
const engine = new KeptEngine({
  reply: (reply) => {
    say(reply);
    return Promise.resolve();
  },
  closeWindows: () => {
    isClosed = true;
    for (const port of windows) port.close();
    return Promise.resolve();
  },
  leave: () => say({ kind: 'left' }),
});

main.on('message', ({ data, ports }) => {
  const request = data as UtilityRequest;
  if (request.kind === 'window') takeWindow(ports[0]);
  else engine.hear(request);
});

function takeWindow(port: MessagePortMain): void {
  if (isClosed) {
    port.close();
    return;
  }
  windows.add(port);
  port.once('close', () => windows.delete(port));
  engine.serve(portTransport(port));
}
