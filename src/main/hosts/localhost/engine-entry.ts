// The engine of the browser host in a child process: runs by itself and is started by forked-engine.ts alone.
import { Socket } from 'node:net';
import type { EngineReply } from '../service/engine.ts';
import { KeptEngine } from '../service/kept-engine.ts';
import type { ForkedRequest } from './forked-engine.ts';
import { Windows } from './windows.ts';

/** How long an engine without a parent may take to end: nobody is left to end it by force. */
const LAST_MS = 30_000;

// A terminal tells every process of Ctrl-C; the parent says what becomes of it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const reply = (message: EngineReply): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

const windows = new Windows((window) => engine.serve(window));
const engine = new KeptEngine({
  reply,
  closeWindows: () => windows.close(),
  leave: () => {
    if (process.connected) process.disconnect();
  },
});

/** Windows that the parent has not let go yet. */
const arriving = new Map<number, () => void>();

process.on('message', (request: ForkedRequest, socket: unknown) => {
  if (request.kind === 'window') {
    if (socket instanceof Socket) arriving.set(request.id, () => windows.accept(request.upgrade, socket));
  } else if (request.kind === 'let-go') {
    arriving.get(request.id)?.();
    arriving.delete(request.id);
  } else {
    engine.hear(request);
  }
});
process.once('disconnect', () => {
  engine.stop();
  setTimeout(() => process.exit(1), LAST_MS).unref();
});
