// The window's end of a WebSocket as a wire.
import { decodeMessage, encodeMessage } from '../../main/contract/encoding.ts';
import type { Transport } from '../../main/contract/transport.ts';

/** So long an answer is waited for: a part of the program may have been started again, and have lost the question. */
const PATIENCE_MS = 10_000;

/** Connects; rejects when there is nobody, nobody who lets us in, or no answer. */
export function connectWebSocket(url: string, patienceMs = PATIENCE_MS): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const unanswered = setTimeout(() => socket.close(), patienceMs);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      clearTimeout(unanswered);
      resolve(transportOf(socket));
    };
    socket.onclose = () => {
      clearTimeout(unanswered);
      reject(new Error('the program behind the window does not answer'));
    };
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
