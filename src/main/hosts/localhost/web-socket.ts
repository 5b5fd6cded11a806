// The program's end of a WebSocket as a wire.
import type { WebSocket } from 'ws';
import { decodeMessage, encodeMessage } from '../../contract/encoding.ts';
import type { Transport } from '../../contract/transport.ts';

/** A window that reads nothing is cut off before it fills the memory. */
const MOST_UNREAD_BYTES = 64 * 2 ** 20;

export function webSocketTransport(socket: WebSocket): Transport {
  socket.binaryType = 'nodebuffer';
  return {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MOST_UNREAD_BYTES) socket.terminate();
      else socket.send(encodeMessage(message));
    },
    onMessage: (listener) => {
      socket.on('message', (data: Buffer, isBinary) => {
        let message: unknown;
        try {
          message = isBinary ? decodeMessage(data) : null;
        } catch {
          message = null; // no message of ours: whoever listens says so
        }
        listener(message);
      });
    },
    onClose: (listener) => {
      socket.once('close', listener);
      socket.on('error', () => socket.terminate());
    },
    close: () => socket.close(),
  };
}
