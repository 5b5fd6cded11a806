// The application in a browser of this machine: pages over HTTP on 127.0.0.1, calls over a WebSocket.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MienError } from '../../contract/errors.ts';
import { serve, type Handlers } from '../../contract/rpc.ts';
import { Access } from './access.ts';
import type { Assets } from './assets.ts';
import { webSocketTransport } from './web-socket.ts';

/** A few windows with a few connections each; more would take file handles from the program. */
const MOST_CONNECTIONS = 64;

/** A message is at most so long: calls are short, and files come another way. */
const MAX_MESSAGE_BYTES = 2 ** 20;

/** How long a window has to answer that it has heard of the end. */
const GOODBYE_MS = 500;

export interface ServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly assets: Assets;
  readonly handlers: Handlers;
  /** Hears of faults that nobody else is told of. */
  readonly onFault: (error: unknown) => void;
}

const REFUSED = {
  elsewhere: [421, 'Mien answers to 127.0.0.1 only.'],
  stranger: [401, 'This page opens with the address that Mien printed when it was started.'],
  token: [403, 'This address has been used already, or is not the right one. Start Mien again to get a new one.'],
  method: [405, 'Mien has no such service.'],
  missing: [404, 'There is no such page.'],
} as const;

export class LocalhostServer {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  readonly #access: Access;
  readonly #options: ServerOptions;

  private constructor(server: Server, options: ServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#access = new Access((server.address() as AddressInfo).port);
    server.on('request', (request, response) => this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Throws usage when the port is taken. */
  static async start(options: ServerOptions): Promise<LocalhostServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const message = `Port ${options.port} cannot be used.`;
        reject(new MienError('usage', message, 'Choose another one with --port, or leave it out.', { cause }));
      });
      server.listen(options.port, '127.0.0.1', resolve);
    });
    server.on('error', options.onFault);
    server.maxConnections = MOST_CONNECTIONS;
    return new LocalhostServer(server, options);
  }

  /** The address that opens the application, once. */
  get url(): string {
    return this.#access.url;
  }

  /** An address for another browser, or for one that has forgotten us; the one before works no more. */
  renewedUrl(): string {
    this.#access.renew();
    return this.#access.url;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.close(1001);
    const deaf = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
    }, GOODBYE_MS);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    clearTimeout(deaf);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(headersFor(this.#access.origin))) response.setHeader(name, value);
    const { pathname, searchParams } = this.#addressOf(request);
    const isOpening = pathname === '/open';
    const why = this.#refusalOf(request, isOpening);
    if (why) {
      refuse(response, why);
    } else if (isOpening) {
      const cookie = this.#access.redeem(searchParams.get('token') ?? '');
      if (!cookie && !this.#access.isKnown(request)) {
        refuse(response, 'token');
        return;
      }
      if (cookie) response.setHeader('Set-Cookie', cookie);
      response.writeHead(303, { Location: '/' }).end();
    } else {
      const asset = this.#options.assets.get(pathname);
      if (!asset) {
        refuse(response, 'missing');
        return;
      }
      response.writeHead(200, { 'Content-Type': asset.type, 'Content-Length': asset.bytes.length });
      response.end(request.method === 'HEAD' ? undefined : asset.bytes);
    }
  }

  /** What a request asks for; what is no address, such as "//", asks for what is not there. */
  #addressOf({ url = '/' }: IncomingMessage): URL {
    return URL.parse(url, this.#access.origin) ?? new URL('/no-address', this.#access.origin);
  }

  /** Why a request is not answered, if it is not. */
  #refusalOf(request: IncomingMessage, isOpening: boolean): keyof typeof REFUSED | null {
    if (!this.#access.isForUs(request)) return 'elsewhere';
    if (request.method !== 'GET' && (request.method !== 'HEAD' || isOpening)) return 'method';
    return isOpening || this.#access.isKnown(request) ? null : 'stranger';
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy()); // nobody else listens: it would end the program
    const { pathname } = this.#addressOf(request);
    const isAllowed = this.#access.isForUs(request) && this.#access.isFromUs(request) && this.#access.isKnown(request);
    if (!isAllowed || pathname !== '/wire') {
      socket.once('finish', () => socket.destroy()); // whether or not the other side ends
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) =>
      serve(webSocketTransport(client), this.#options.handlers, this.#options.onFault),
    );
  }
}

function refuse(response: ServerResponse, why: keyof typeof REFUSED): void {
  const [status, sentence] = REFUSED[why];
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}

/** What a page may do: run our own scripts and styles, talk to us, and nothing else. */
function headersFor(origin: string): Record<string, string> {
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' blob: data:",
    'font-src': "'self'",
    'media-src': "'self' blob:",
    'worker-src': "'self'",
    'connect-src': `'self' ${origin.replace('http', 'ws')}`,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
    'Cache-Control': 'no-store',
  };
}
