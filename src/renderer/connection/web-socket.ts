// The window's end of a WebSocket as a wire.
import { decodeMessage, encodeMessage } from '../../main/contract/encoding.ts';
import type { Transport } from '../../main/contract/transport.ts';

/** Connects; rejects when there is nobody or nobody who lets us in. */
export function connectWebSocket(url: string): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => resolve(transportOf(socket));
    socket.onclose = () => reject(new Error('the program behind the window does not answer'));
  });
}

function transportOf(socket: WebSocket): Transport {
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(encodeMessage(message));
    },
    onMessage: (listener) => {
      socket.onmessage = ({ data }) => listener(decodeMessage(new Uint8Array(data as ArrayBuffer)));
    },
    onClose: (listener) => {
      socket.onclose = () => listener();
    },
    close: () => socket.close(),
  };
}
