// The windows of the browser host, in the process of the engine: each is a socket that the server has let in and handed over.
import { once } from 'node:events';
import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Transport } from '../../contract/transport.ts';
import { webSocketTransport } from './web-socket.ts';

/** A few windows with a few connections each; more would take file handles from the program. */
const MOST_WINDOWS = 64;

/** A message is at most so long: the largest is a frame of a camera. */
const MAX_MESSAGE_BYTES = 16 * 2 ** 20;

/** How long a window has to answer that it has heard of the end. */
const GOODBYE_MS = 500;

/** A request to become a web socket, without its socket. */
export interface Upgrade {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** What the socket has said behind the request. */
  readonly head: Uint8Array;
}

export class Windows {
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  readonly #onWindow: (window: Transport) => void;
  #isClosed = false;

  /** `onWindow` gets each window when it is open, before anything that it says. */
  constructor(onWindow: (window: Transport) => void) {
    this.#onWindow = onWindow;
  }

  /** Answers a request that was allowed. */
  accept({ method, headers, head }: Upgrade, socket: Socket): void {
    if (this.#isClosed || this.#sockets.clients.size >= MOST_WINDOWS) {
      socket.destroy();
      return;
    }
    const request = Object.assign(new IncomingMessage(socket), { method, headers });
    this.#sockets.handleUpgrade(request, socket, Buffer.from(head), (client) =>
      this.#onWindow(webSocketTransport(client)),
    );
  }

  /** Closes all windows, also those that do not answer, and takes no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#sockets.clients];
    const closed = open.map((socket) => once(socket, 'close'));
    for (const socket of open) socket.close(1001);
    const deaf = setTimeout(() => {
      for (const socket of open) socket.terminate();
    }, GOODBYE_MS);
    await Promise.all(closed);
    clearTimeout(deaf);
  }
}
