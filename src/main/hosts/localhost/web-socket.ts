// The program's end of a WebSocket as a wire.
import type { WebSocket } from 'ws';
import { decodeMessage, encodeMessage } from '../../contract/encoding.ts';
import type { Transport } from '../../contract/transport.ts';

export function webSocketTransport(socket: WebSocket): Transport {
  socket.binaryType = 'nodebuffer';
  return {
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(encodeMessage(message));
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
