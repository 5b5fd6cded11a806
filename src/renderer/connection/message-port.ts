// A message port as a wire: what a window of Electron has in place of a socket.
import { isWireMessage, type Handover } from '../../main/contract/handover.ts';
import type { Transport } from '../../main/contract/transport.ts';

declare global {
  interface Window {
    readonly mien?: Handover;
  }
}

/** So long a port is waited for: the question may have gone down with a part of the program. */
const PATIENCE_MS = 10_000;

let lastId = 0;

/** Asks the program for a port; rejects when none comes. */
export function askForPort(handover: Handover, patienceMs = PATIENCE_MS): Promise<MessagePort> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const hear = ({ source, data, ports }: MessageEvent<unknown>): void => {
      if (source !== window || !isWireMessage(data) || data.id !== id || ports.length === 0) return;
      finish();
      resolve(ports[0]);
    };
    const finish = (): void => {
      clearTimeout(unanswered);
      window.removeEventListener('message', hear);
    };
    const unanswered = setTimeout(() => {
      finish();
      reject(new Error('the program behind the window does not answer'));
    }, patienceMs);
    window.addEventListener('message', hear);
    handover.askForWire(id);
  });
}

/** Messages are copied, never handed over: on their way to another process they would be lost. */
export function portTransport(port: MessagePort): Transport {
  let [isOpen, closed] = [true, (): void => undefined];
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    port.close();
    closed();
  };
  port.addEventListener('close', close); // that of the other end, which is told of no end of its own
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.onmessage = ({ data }: MessageEvent<unknown>) => listener(data);
    },
    onClose: (listener) => (closed = listener),
    close,
  };
}
