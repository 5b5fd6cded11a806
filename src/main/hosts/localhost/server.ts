// The application in a browser of this machine: pages over HTTP on 127.0.0.1. Calls go over a WebSocket, of which this knows only
// who may have one: the socket is handed on.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { MienError, reportOf } from '../../contract/errors.ts';
import { incomingParts } from '../../contract/incoming.ts';
import { Access } from './access.ts';
import type { Assets } from '../service/assets.ts';
import { pageHeaders } from '../service/page-headers.ts';
import { answerVideo, isVideoPath } from '../service/video-requests.ts';
import type { IncomingFiles } from './incoming-files.ts';
import type { Upgrade } from './windows.ts';

/** A few windows with a few connections each; more would take file handles from the program. Those handed on count no more. */
const MOST_CONNECTIONS = 64;

export interface ServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly assets: Assets;
  /** Where files go that the window sends; without it none are taken. */
  readonly incoming?: IncomingFiles;
  /** The data folder, with the videos of sessions; without it none are shown. */
  readonly data?: string;
  /** Gets the socket of a window that may come in; one that is refused is closed. */
  readonly onWindow: (upgrade: Upgrade, socket: Socket) => Promise<void>;
  /** The page to which the address leads, if it is not the first one: "#/settings". */
  readonly landing?: string;
  /** Hears that a browser has used the address. */
  readonly onOpened?: () => void;
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
  readonly #access: Access;
  readonly #options: ServerOptions;

  private constructor(server: Server, options: ServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#access = new Access((server.address() as AddressInfo).port);
    server.on('request', (request, response) => this.#answer(request, response));
    server.on('upgrade', (request, _, head) => void this.#upgrade(request, head));
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
    server.requestTimeout = 0; // a long film takes its time; one that stands still is given up where it is written
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

  /** Takes no request any more. Resolves when every connection is closed; those handed on are closed by whoever has them. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const wires = this.#access.origin.replace('http', 'ws');
    for (const [name, value] of Object.entries(pageHeaders([wires]))) response.setHeader(name, value);
    const { pathname, searchParams } = this.#addressOf(request);
    const parts = request.method === 'PUT' && this.#options.incoming ? incomingParts(pathname) : null;
    if (parts) {
      void this.#take(parts, request, response);
      return;
    }
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
      if (cookie) this.#options.onOpened?.();
      lead(request, response, `/${this.#options.landing ?? ''}`);
    } else if (this.#options.data !== undefined && isVideoPath(pathname)) {
      void this.#sendVideo(request, response, this.#options.data, pathname);
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

  /** Takes a file from our own page, and from nobody else. */
  async #take(parts: readonly string[], request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isOurs = this.#access.isForUs(request) && this.#access.isFromUs(request);
    if (!isOurs || !this.#access.isKnown(request)) {
      response.setHeader('Connection', 'close'); // what else it says is not read
      refuse(response, isOurs ? 'stranger' : 'elsewhere');
      return;
    }
    try {
      await this.#options.incoming?.take(parts, request);
      response.writeHead(201).end();
    } catch (error) {
      this.#options.onFault(error);
      response.setHeader('Connection', 'close');
      response.writeHead(409, { 'Content-Type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(reportOf(error)));
    }
  }

  async #sendVideo(
    { method = '', headers }: IncomingMessage,
    response: ServerResponse,
    data: string,
    path: string,
  ): Promise<void> {
    try {
      const video = await answerVideo(data, { method, path, range: headers.range ?? null });
      const { status, headers: said, body } = video;
      if (status === 404) {
        refuse(response, 'missing');
        return;
      }
      response.writeHead(status, said);
      if (!body) response.end();
      else await pipeline(body.file.createReadStream({ start: body.range.first, end: body.range.last }), response);
    } catch (error) {
      response.destroy(); // a player that has enough goes away, too
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
        this.#options.onFault(error);
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

  async #upgrade(request: IncomingMessage, head: Buffer): Promise<void> {
    const { socket, method = '', headers } = request;
    socket.on('error', () => socket.destroy()); // nobody else listens: it would end the program
    const { pathname } = this.#addressOf(request);
    const isAllowed = this.#access.isForUs(request) && this.#access.isFromUs(request) && this.#access.isKnown(request);
    if (!isAllowed || pathname !== '/wire') {
      socket.once('finish', () => socket.destroy()); // whether or not the other side ends
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    try {
      await this.#options.onWindow({ method, headers, head }, socket);
    } catch (error) {
      socket.destroy();
      this.#options.onFault(error);
    }
  }
}

/**
 * Leads to the window. A browser that came by a link, as from the file that opens it (opener.ts), would keep a strict cookie to
 * itself behind a redirection: it gets a page that goes there.
 */
function lead({ headers }: IncomingMessage, response: ServerResponse, page: string): void {
  if (headers['sec-fetch-site'] === 'cross-site')
    response.writeHead(200, { Refresh: `0; url=${page}`, 'Content-Type': 'text/plain; charset=utf-8' }).end('Mien …\n');
  else response.writeHead(303, { Location: page }).end();
}

function refuse(response: ServerResponse, why: keyof typeof REFUSED): void {
  const [status, sentence] = REFUSED[why];
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}
