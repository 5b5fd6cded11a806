// The process of a sensor as a child process: runs by itself and is started by forked-sensor.ts alone. It holds the device, so that a
// driver that crashes or ends the process takes nothing else with it.
import { Socket } from 'node:net';
import { FRAMES_FD } from './forked-sensor.ts';
import type { SensorRequest } from './messages.ts';
import { SensorServer } from './sensor-server.ts';

/** How long a driver may take to let go of its device when nobody is left to end it by force. */
const LAST_MS = 5000;

// A terminal tells every process of Ctrl-C; the parent says what becomes of it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const frames = new Socket({ fd: FRAMES_FD, readable: false, writable: true });
frames.on('error', () => undefined); // the parent is gone, which "disconnect" tells

function send(parts: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    frames.cork();
    for (const part of parts.slice(0, -1)) frames.write(part);
    frames.write(parts[parts.length - 1], () => resolve()); // after an error, too: there is nobody to tell
    frames.uncork();
  });
}

const server = new SensorServer({
  reply: (reply) => {
    process.send?.(reply, undefined, undefined, () => undefined); // of a parent that is gone, "disconnect" tells
  },
  send,
  ended: () => {
    frames.end(); // behind what is on its way
    if (process.connected) process.disconnect();
  },
});

process.on('message', (request: SensorRequest) => server.hear(request));
process.once('disconnect', () => {
  server.stop();
  setTimeout(() => process.exit(1), LAST_MS).unref();
});
