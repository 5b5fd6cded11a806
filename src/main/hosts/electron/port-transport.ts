// A port of Electron as a wire. Messages are copied: what is named in a list of things to hand over is lost between its processes,
// and the message with it (electron/electron#34905).
import type { MessagePortMain } from 'electron';
import type { Transport } from '../../contract/transport.ts';

export function portTransport(port: MessagePortMain): Transport {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(data));
      port.start();
    },
    onClose: (listener) => port.once('close', listener),
    close: () => port.close(),
  };
}
