import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { Output } from '../../src/main/contract/api.ts';
import { Client, serve, type Handlers } from '../../src/main/contract/rpc.ts';
import { readAssets, type Assets } from '../../src/main/hosts/service/assets.ts';
import { LocalhostServer } from '../../src/main/hosts/localhost/server.ts';
import { webSocketTransport } from '../../src/main/hosts/localhost/web-socket.ts';
import { Windows } from '../../src/main/hosts/localhost/windows.ts';
import { refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const MAX_MESSAGE_BYTES = 2 ** 24;
const PAGE = '<!doctype html><title>Mien</title>';
const SCRIPT = 'console.log("ü");';
const ASSETS: Assets = new Map([
  ['/', { type: 'text/html; charset=utf-8', bytes: Buffer.from(PAGE) }],
  ['/assets/main.js', { type: 'text/javascript; charset=utf-8', bytes: Buffer.from(SCRIPT) }],
]);
const PROGRAM: Output<'program.describe'> = {
  ...{
    version: '1.2.3',
    dataFolder: '/data',
    exportFolder: '/exports',
    homeFolder: '/home',
    formats: [],
    restarts: 0,
    sampleCamera: null,
  },
};
const HANDLERS = { 'program.describe': () => Promise.resolve(PROGRAM) } as unknown as Handlers;

const ALONE = {
  assets: ASSETS,
  data: '/nowhere',
  onFault: () => undefined,
  onWindow: () => Promise.reject(new Error('nobody')),
};

interface Running {
  readonly server: LocalhostServer;
  readonly windows: Windows;
  readonly port: number;
  readonly origin: string;
  /** The path that opens the program, once. */
  readonly opening: string;
}

async function start(handlers = HANDLERS): Promise<Running> {
  const windows = new Windows((window) => serve(window, handlers, () => undefined));
  const onWindow = (...window: Parameters<Windows['accept']>): Promise<void> => {
    windows.accept(...window);
    return Promise.resolve();
  };
  const server = await LocalhostServer.start({ ...ALONE, port: 0, onWindow });
  onTestFinished(async () => {
    await windows.close();
    await server.close();
  });
  const { port, origin, pathname, search } = new URL(server.url);
  return { server, windows, port: Number(port), origin, opening: pathname + search };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks for exactly this path, which a browser might put into another form. */
function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

const cookieOf = ({ headers }: Answer): string => headers['set-cookie']?.[0]?.split(';')[0] ?? '';

/** A program that a browser has opened: its cookie is known. */
async function opened(handlers = HANDLERS): Promise<Running & { readonly cookie: string }> {
  const running = await start(handlers);
  return { ...running, cookie: cookieOf(await ask(running.port, running.opening)) };
}

/** A connection on which nothing is said by itself; it must not outlive the test. */
async function rawSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** What a connection is told in answer to a text, up to the end of what is said at once. */
async function told(port: number, text: string): Promise<string> {
  const socket = await rawSocket(port);
  socket.write(text);
  const [first] = (await once(socket, 'data')) as [Buffer];
  return first.toString().split('\r\n')[0];
}

/** An open web socket, or the status with which it was refused. */
function openSocket(port: number, options: ClientOptions, path = '/wire'): Promise<WebSocket | number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
    onTestFinished(() => socket.terminate());
    socket.once('open', () => resolve(socket));
    socket.on('unexpected-response', (sent, response) => {
      sent.destroy();
      resolve(response.statusCode);
    });
    socket.on('error', reject);
  });
}

async function openedSocket({ port, origin, cookie }: Running & { readonly cookie: string }): Promise<WebSocket> {
  const socket = await openSocket(port, { headers: { Cookie: cookie, Origin: origin } });
  if (!(socket instanceof WebSocket)) throw new Error(`refused: ${String(socket)}`);
  return socket;
}

/** A promise that would never end fails here. */
function ended<T>(promise: Promise<T>): Promise<T> {
  const tooLong = sleep(10_000, undefined, { ref: false }).then(() => Promise.reject(new Error('does not end')));
  return Promise.race([promise, tooLong]);
}

describe('the address that opens the program', () => {
  it('gives a cookie that no script can read and no other page sends, and leads to the page', async () => {
    const { port, opening } = await start();
    expect(opening).toMatch(/^\/open\?token=[\w-]{43}$/);
    const { status, headers } = await ask(port, opening);
    expect([status, headers.location]).toEqual([303, '/']);
    expect(headers['set-cookie']).toHaveLength(1);
    const [pair, ...attributes] = headers['set-cookie']?.[0]?.split('; ') ?? [];
    expect(pair).toMatch(new RegExp(`^mien-${port}=[\\w-]{43}$`));
    expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict']);
    expect(pair).not.toContain(opening.split('=')[1]);
    expect(await ask(port, '/', { Cookie: pair })).toMatchObject({ status: 200, body: PAGE });
  });

  it('leads by a page of its own to the window where a link was followed, behind which no redirection gets the cookie', async () => {
    const { port, opening } = await start();
    const { status, headers, body } = await ask(port, opening, { 'Sec-Fetch-Site': 'cross-site' });
    expect([status, headers.refresh, headers.location, body]).toEqual([200, '0; url=/', undefined, 'Mien …\n']);
    expect(headers['set-cookie']).toHaveLength(1);
  });

  it('says when it was used, by whoever had the token', async () => {
    let opened = 0;
    const server = await LocalhostServer.start({ ...ALONE, port: 0, onOpened: () => opened++ });
    onTestFinished(() => server.close());
    const { port, pathname, search } = new URL(server.url);
    await ask(Number(port), `${pathname}${search}A`);
    expect(opened).toBe(0);
    for (let i = 0; i < 2; i++) await ask(Number(port), pathname + search);
    expect(opened).toBe(1);
  });

  it('is replaced by a new one on request; the old one works no more then', async () => {
    const { port, opening, server } = await start();
    const renewed = new URL(server.renewedUrl());
    expect((await ask(port, opening)).status).toBe(403);
    expect((await ask(port, renewed.pathname + renewed.search)).status).toBe(303);
    expect((await ask(port, renewed.pathname + renewed.search)).status).toBe(403);
    const third = new URL(server.renewedUrl());
    expect((await ask(port, third.pathname + third.search)).status).toBe(303);
  });

  it('works once; later only for the browser that is known already, which gets no second cookie', async () => {
    const { port, opening, server } = await start();
    const cookie = cookieOf(await ask(port, opening));
    const again = await ask(port, opening);
    expect([again.status, again.headers['set-cookie']]).toEqual([403, undefined]);
    expect(again.body).toMatch(/^[A-Z].*\.\n$/);
    const known = await ask(port, opening, { Cookie: cookie });
    expect([known.status, known.headers.location, known.headers['set-cookie']]).toEqual([303, '/', undefined]);
    expect((await ask(port, new URL(server.url).pathname + new URL(server.url).search)).status).toBe(403);
  });

  it('does not work with another token, and still works with the right one afterwards', async () => {
    const { port, opening } = await start();
    const wrong = ['/open', '/open?token=', `/open?token=${'A'.repeat(43)}`, opening.slice(0, -1), `${opening}A`];
    for (const path of [...wrong, opening.toUpperCase(), `/open?token=&${opening.split('?')[1]}`]) {
      const { status, headers } = await ask(port, path);
      expect([path, status === 403 || status === 401, headers['set-cookie']]).toEqual([path, true, undefined]);
    }
    expect((await ask(port, opening)).status).toBe(303);
  });

  it('is not used up by those who may not use it', async () => {
    const { port, opening } = await start();
    expect((await ask(port, opening, { Host: `localhost:${port}` })).status).toBe(421);
    expect((await ask(port, opening, {}, 'POST')).status).toBe(405);
    expect((await ask(port, opening)).status).toBe(303);
  });
});

describe('a page', () => {
  it('is given out with its type, without a copy being kept', async () => {
    const { port, cookie } = await opened();
    const headers = { Cookie: cookie };
    const script = await ask(port, '/assets/main.js', headers);
    expect(script).toMatchObject({ status: 200, body: SCRIPT });
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': String(Buffer.byteLength(SCRIPT)),
      'cache-control': 'no-store',
    });
    expect(await ask(port, '/?from=somewhere', headers)).toMatchObject({ status: 200, body: PAGE });
    expect(await ask(port, '/', headers, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('is shown to nobody without the right cookie', async () => {
    const { port, cookie } = await opened();
    const [name, value] = cookie.split('=');
    const wrong = [
      `${name}=`,
      `${name}=${'A'.repeat(43)}`,
      `${cookie}A`,
      `other=${value}`,
      value,
      `x${cookie}`,
      '=',
      ';',
    ];
    for (const path of ['/', '/assets/main.js', '/wire', '/nothing'])
      for (const headers of [{}, ...wrong.map((Cookie) => ({ Cookie }))]) {
        const answer = await ask(port, path, headers);
        expect([path, headers, answer.status]).toEqual([path, headers, 401]);
        expect(answer.body).not.toContain('<');
      }
    expect((await ask(port, '/', { Cookie: `a=b; ${cookie}; ${name}=old` })).status).toBe(200);
  });

  it('is shown under no other name of this machine', async () => {
    const { port, cookie } = await opened();
    const names = ['localhost', 'evil.example', '[::1]', '0.0.0.0', '127.0.0.1.evil.example', '127.1'];
    for (const Host of [...names.map((name) => `${name}:${port}`), '127.0.0.1', `127.0.0.1:${port + 1}`])
      for (const path of ['/', '/open', '/nothing'])
        expect([Host, (await ask(port, path, { Host, Cookie: cookie })).status]).toEqual([Host, 421]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('is not changed with %s', async (method) => {
    const { port, cookie } = await opened();
    expect((await ask(port, '/', { Cookie: cookie }, method)).status).toBe(405);
  });

  it.each([
    ...['/nothing', '/index.html', '/wire', '/assets', '/assets/', '/assets/main.js/', '/ASSETS/main.js'],
    ...['/../package.json', '/assets/../../package.json', '/..%2fpackage.json', '/%2e%2e/%2e%2e/etc/passwd'],
    ...['/..\\package.json', '//etc/passwd', '/assets/%00', '/%', '/%ff', '/__proto__', 'http://evil.example/etc'],
  ])('that there is not is not found: %s', async (path) => {
    const { port, cookie } = await opened();
    expect((await ask(port, path, { Cookie: cookie })).status).toBe(404);
  });

  it.each(['//', 'http://[', '//[', 'http://', '//:99999', '/\\', '*', '//a:b:c/', 'http://127.0.0.1:bad/'])(
    'that is no address (%s) is asked for in vain, and the program goes on',
    async (path) => {
      const { port, cookie } = await opened();
      expect([400, 404]).toContain((await ask(port, path, { Cookie: cookie })).status); // some never get past Node.js
      const upgrade = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
      expect(await told(port, upgrade)).toMatch(/^HTTP\/1\.1 (400|403) /);
      expect((await ask(port, '/', { Cookie: cookie })).status).toBe(200);
    },
  );

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['another version', 'GET / HTTP/9.9\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: 127.0.0.1\r\n\r\n'],
    ['endless headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('is not given out to %s, and the program goes on', async (_, text) => {
    const { port, cookie } = await opened();
    expect(await told(port, text)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await ask(port, '/', { Cookie: cookie })).status).toBe(200);
  });
});

describe('every answer', () => {
  it('forbids whatever the page does not need', async () => {
    const { port, opening, origin } = await start();
    const first = await ask(port, opening);
    const headers = { Cookie: cookieOf(first) };
    const answers = [
      first,
      await ask(port, opening),
      await ask(port, '/', headers),
      await ask(port, '/assets/main.js', headers),
      await ask(port, '/', headers, 'HEAD'),
      await ask(port, '/nothing', headers),
      await ask(port, '//', headers),
      await ask(port, '/'),
      await ask(port, '/', headers, 'POST'),
      await ask(port, '/', { ...headers, Host: 'evil.example' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([303, 403, 200, 200, 200, 404, 404, 401, 405, 421]);
    for (const answer of answers) {
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(answer.headers['permissions-policy']).toContain('microphone=()');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['x-powered-by']).toBeUndefined();
      const policy = new Map(
        String(answer.headers['content-security-policy'])
          .split('; ')
          .map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]),
      );
      expect(Object.fromEntries(policy)).toMatchObject({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'connect-src': `'self' ${origin.replace('http:', 'ws:')}`,
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
      });
      expect([...policy.values()].join(' ')).not.toMatch(/unsafe|\*/);
    }
  });
});

describe('a web socket', () => {
  it('of our own page is accepted, and its calls are answered', async () => {
    const client = new Client(webSocketTransport(await openedSocket(await opened())));
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
  });

  it('of anybody else is refused, and the program goes on', async () => {
    const running = await opened();
    const { port, origin, cookie } = running;
    const right = { Cookie: cookie, Origin: origin };
    const wrong: Record<string, string>[] = [
      { Origin: origin },
      { ...right, Cookie: `mien-${port}=${'A'.repeat(43)}` },
      { Cookie: cookie },
      { ...right, Origin: 'null' },
      { ...right, Origin: 'http://evil.example' },
      { ...right, Origin: `http://localhost:${port}` },
      { ...right, Origin: `https://127.0.0.1:${port}` },
      { ...right, Origin: `http://127.0.0.1:${port + 1}` },
      { ...right, Host: `localhost:${port}` },
      { ...right, Host: `evil.example:${port}` },
    ];
    for (const headers of wrong) expect([headers, await openSocket(port, { headers })]).toEqual([headers, 403]);
    for (const path of ['/', '/open', '/wire/', '/WIRE', '/assets/main.js', '//'])
      expect([path, await openSocket(port, { headers: right }, path)]).toEqual([path, 403]);
    const socket = await openedSocket(running);
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it('that is refused and cut off in the same moment does not end the program', async () => {
    const { port, cookie } = await opened();
    const upgrade = 'GET /wire HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    for (let i = 0; i < 50; i++) {
      const socket = await rawSocket(port);
      socket.write(upgrade + 'x'.repeat(50_000), () => socket.resetAndDestroy());
    }
    expect((await ask(port, '/', { Cookie: cookie })).status).toBe(200);
  });

  it('is closed by a message that is too long, and the others are not', async () => {
    const running = await opened();
    const [one, other] = [await openedSocket(running), await openedSocket(running)];
    one.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
    expect((await once(one, 'close'))[0]).toBe(1009);
    const client = new Client(webSocketTransport(other));
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
  });

  it('takes a message that is as long as one may be', async () => {
    const socket = await openedSocket(await opened());
    socket.send(Buffer.alloc(MAX_MESSAGE_BYTES)); // no call, but one that is read to its end
    const client = new Client(webSocketTransport(socket));
    expect(await client.call('program.describe', {}).result).toEqual(PROGRAM);
  });

  it.each([
    ['no key', { 'Sec-WebSocket-Key': '' }],
    ['another version', { 'Sec-WebSocket-Version': '7' }],
    ['another protocol', { Upgrade: 'h2c' }],
  ])('that is asked for with %s is refused, and the program goes on', async (_, wrong) => {
    const running = await opened();
    const { port, origin, cookie } = running;
    const right = {
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version': '13',
      Upgrade: 'websocket',
    };
    const headers = {
      Host: `127.0.0.1:${port}`,
      Connection: 'Upgrade',
      Cookie: cookie,
      Origin: origin,
      ...right,
      ...wrong,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    expect(await told(port, `GET /wire HTTP/1.1\r\n${lines.join('')}\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await openedSocket(running)).readyState).toBe(WebSocket.OPEN);
  });

  it('is one of so many', async () => {
    const running = await opened();
    const sockets = await Promise.all(Array.from({ length: 64 }, () => openedSocket(running)));
    await expect(openedSocket(running)).rejects.toThrow(/hang up|ECONNRESET/);
    sockets[0].terminate();
    await vi.waitFor(async () => expect((await openedSocket(running)).readyState).toBe(WebSocket.OPEN), 10_000);
  });

  it('that nobody takes is closed, and the program goes on', async () => {
    const faults: unknown[] = [];
    const server = await LocalhostServer.start({ ...ALONE, port: 0, onFault: (fault) => faults.push(fault) });
    onTestFinished(() => server.close());
    const { port, origin, pathname, search } = new URL(server.url);
    const Cookie = cookieOf(await ask(Number(port), pathname + search));
    await expect(openSocket(Number(port), { headers: { Cookie, Origin: origin } })).rejects.toThrow(/hang up/);
    expect(faults).toEqual([new Error('nobody')]);
    expect((await ask(Number(port), '/', { Cookie })).status).toBe(200);
  });
});

describe('two programs side by side', () => {
  it('do not take each other’s cookies, nor each other’s tokens', async () => {
    const [one, two] = [await opened(), await opened()];
    expect(one.cookie).not.toBe(two.cookie);
    const both = `${one.cookie}; ${two.cookie}`;
    for (const [own, other] of [
      [one, two],
      [two, one],
    ]) {
      expect((await ask(own.port, '/', { Cookie: other.cookie })).status).toBe(401);
      expect((await ask(own.port, '/', { Cookie: both })).status).toBe(200);
      expect((await ask(own.port, other.opening)).status).toBe(403);
      const otherValue = other.cookie.split('=')[1];
      expect((await ask(own.port, '/', { Cookie: `mien-${own.port}=${otherValue}` })).status).toBe(401);
      const headers = { Cookie: both, Origin: other.origin };
      expect(await openSocket(own.port, { headers })).toBe(403);
    }
  });
});

describe('a server', () => {
  it('says that its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    expect((await refusalOf(LocalhostServer.start({ ...ALONE, port }), 'usage')).message).toContain(String(port));
  });

  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { port } = await start();
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const others = own.filter(({ address, scopeid }) => address !== '127.0.0.1' && !scopeid);
    const loopback = process.platform === 'linux' ? ['127.0.0.2'] : [];
    for (const host of ['::1', ...loopback, ...others.map(({ address }) => address)]) {
      const socket = connect({ host, port });
      const outcome = new Promise((resolve) => {
        socket.once('connect', () => resolve('connected'));
        socket.once('error', () => resolve('refused'));
      });
      expect([host, await outcome]).toEqual([host, 'refused']);
      socket.destroy();
    }
  });

  it('ends whatever is open when it is closed, also where nobody answers', async () => {
    const signals: { readonly aborted: boolean }[] = [];
    const waiting: Handlers['sessions.list'] = (_, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const running = await opened({ ...HANDLERS, 'sessions.list': waiting });
    const { server, windows, port } = running;
    const client = new Client(webSocketTransport(await openedSocket(running)));
    const call = refusalOf(client.call('sessions.list', { search: '' }).result, 'interrupted');
    const goodbye = once(await openedSocket(running), 'close');
    (await openedSocket(running)).pause(); // hears nothing any more
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const kept = request({ host: '127.0.0.1', port, agent }, (response) => response.resume()).end();
    await once(kept, 'close');
    await rawSocket(port); // says nothing
    (await rawSocket(port)).write('GET / HTTP/1.1\r\nHost: a');
    const refused = await rawSocket(port); // is told so, and stays
    refused.write('GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(refused, 'data');
    await vi.waitFor(() => expect(signals).toHaveLength(1), 10_000);
    await ended(Promise.all([windows.close(), server.close()]));
    await call;
    expect((await goodbye)[0]).toBe(1001);
    expect(signals).toEqual([{ aborted: true }]);
    await expect(ask(port, '/')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('may be closed without having been asked anything, and its port is free then', async () => {
    const { server, port } = await start();
    await ended(server.close());
    const next = await LocalhostServer.start({ ...ALONE, port });
    await ended(next.close());
  });
});

describe('the video of a session', () => {
  it('goes in parts to the browser that is known, and to nobody else', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'video'));
    writeFileSync(join(data, 'video', 'aaaa.webm'), '0123456789');
    const server = await LocalhostServer.start({ ...ALONE, data, port: 0 });
    onTestFinished(() => server.close());
    const { port: text, pathname, search } = new URL(server.url);
    const port = Number(text);
    const Cookie = cookieOf(await ask(port, pathname + search));
    const Range = 'bytes=3-5';
    expect((await ask(port, '/video/aaaa', { Range })).status).toBe(401);
    expect((await ask(port, '/video/aaaa', { Range, Cookie: `${Cookie}x` })).status).toBe(401);
    const part = await ask(port, '/video/aaaa', { Range, Cookie });
    expect([part.status, part.body]).toEqual([206, '345']);
    expect(part.headers).toMatchObject({
      'content-type': 'video/webm',
      'content-range': 'bytes 3-5/10',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const head = await ask(port, '/video/aaaa', { Cookie }, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '10', '']);
    expect((await ask(port, '/video/aaaa', { Cookie, Range: 'bytes=10-' })).status).toBe(416);
    expect((await ask(port, '/video/aaaa', { Cookie }, 'POST')).status).toBe(405);
    for (const path of ['/video/bbbb', '/video/..%2fvideo%2faaaa', '/video/../video/aaaa.webm'])
      expect((await ask(port, path, { Cookie })).status).toBe(404);
  });
});

describe('the files of the window', () => {
  it('are read with their types, and nothing else is', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'assets', 'fonts'), { recursive: true });
    const files = ['index.html', 'assets/a.js', 'assets/b.css', 'assets/fonts/c.woff2', 'd.svg', 'e.png', 'f.json'];
    for (const name of [...files, 'a.js.map', '.env', 'secret']) writeFileSync(join(folder, name), name);
    const assets = await readAssets(folder);
    const expected = ['/', '/assets/a.js', '/assets/b.css', '/assets/fonts/c.woff2', '/d.svg', '/e.png', '/f.json'];
    expect([...assets.keys()].sort()).toEqual(expected);
    expect(assets.get('/')).toEqual({ type: 'text/html; charset=utf-8', bytes: Buffer.from('index.html') });
    expect(assets.get('/assets/fonts/c.woff2')?.type).toBe('font/woff2');
  });

  it('that have not been built are said to be missing', async () => {
    const refusal = await refusalOf(readAssets(join(temporaryFolder(), 'not-there')), 'model_missing');
    expect(refusal.remedy).toContain('setup');
  });
});
