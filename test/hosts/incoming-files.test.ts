// Files that a page sends to the browser host: who may, where they go, and what is left when something goes wrong.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { incomingAddress } from '../../src/main/contract/incoming.ts';
import { IncomingFiles } from '../../src/main/hosts/localhost/incoming-files.ts';
import { LocalhostServer } from '../../src/main/hosts/localhost/server.ts';
import { temporaryFolder } from '../fixtures/store-folder.ts';

const ID = `${process.pid}-12345678-1234-1234-1234-123456789abc`;
const PLENTY = 2 ** 40;

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

class Room {
  readonly folder: string;
  readonly place: string;
  readonly #server: LocalhostServer;
  readonly #cookie: string;

  private constructor(server: LocalhostServer, cookie: string, folder: string) {
    this.#server = server;
    this.#cookie = cookie;
    this.folder = folder;
    this.place = join(folder, ID);
  }

  static async open(free = PLENTY): Promise<Room> {
    const folder = join(temporaryFolder(), 'incoming');
    mkdirSync(join(folder, ID), { recursive: true });
    const server = await LocalhostServer.start({
      ...{ port: 0, assets: new Map(), onFault: () => undefined, onWindow: () => Promise.reject(new Error('nobody')) },
      incoming: new IncomingFiles({ folder, freeBytes: () => Promise.resolve(free) }),
    });
    onTestFinished(() => server.close());
    const answer = await fetch(server.url, { redirect: 'manual' });
    return new Room(server, answer.headers.get('set-cookie')?.split(';')[0] ?? '', folder);
  }

  get origin(): string {
    return new URL(this.#server.url).origin;
  }

  /** A request as our own page makes it, but for `changes`; with null a header is left out. */
  ask(path: string, changes: Record<string, string | null> = {}, onAnswer: (answer: Answer) => void = () => undefined) {
    const { host, port } = new URL(this.origin);
    const all = { Host: host, Cookie: this.#cookie, Origin: this.origin, ...changes };
    const headers = Object.fromEntries(
      Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== null),
    );
    const options = { host: '127.0.0.1', port, path, method: 'PUT', headers, agent: false } as const;
    return request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => onAnswer({ status: response.statusCode, body }));
    });
  }

  put(path: string, text = 'film', changes: Record<string, string | null> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = this.ask(path, changes, resolve);
      asked.on('error', reject);
      asked.setHeader('Content-Length', Buffer.byteLength(text));
      asked.end(text);
    });
  }
}

const address = (...path: readonly string[]): string => incomingAddress(ID, 0, path);

describe('a file that is sent', () => {
  it('is written for its user alone, under its own name and in its own folders', async () => {
    const room = await Room.open();
    expect(await room.put(address('set 1', 'ü', 'first%2f.png'), 'abc')).toEqual({ status: 201, body: '' });
    const file = join(room.place, '0', 'set 1', 'ü', 'first%2f.png');
    expect(readFileSync(file, 'utf8')).toBe('abc');
    if (process.platform !== 'win32') {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(join(room.place, '0')).mode & 0o777).toBe(0o700);
    }
  });

  it.each<[string, Record<string, string | null>, number]>([
    ['without the cookie', { Cookie: null }, 401],
    ['with another cookie', { Cookie: 'mien-1=x' }, 401],
    ['by a page from elsewhere', { Origin: 'http://example.org' }, 421],
    ['by who does not say where it comes from', { Origin: null }, 421],
    ['to another name of this machine', { Host: 'localhost' }, 421],
  ])('%s is refused', async (_, changes, status) => {
    const room = await Room.open();
    expect((await room.put(address('film.mp4'), 'film', changes)).status).toBe(status);
    expect(readdirSync(room.place)).toEqual([]);
  });

  it.each([
    ['up', `/incoming/${ID}/0/${encodeURIComponent('..')}%2Ffilm.mp4`],
    ['to a hidden file', address('.film.mp4')],
    ['with a backslash', address('..\\film.mp4')],
    ['with a zero', address('a\0.mp4')],
    ['to no file', `/incoming/${ID}/0`],
    ['to no thing that was dropped', `/incoming/${ID}/x/film.mp4`],
    ['to a place that is not there', incomingAddress(ID.replace('9abc', '0000'), 0, ['film.mp4'])],
    ['to no place', '/incoming/elsewhere/0/film.mp4'],
    ['too deep', address(...Array.from({ length: 21 }, () => 'a'), 'film.mp4')],
    ['under too long a name', address(`${'a'.repeat(252)}.mp4`)],
  ])('%s is refused', async (_, path) => {
    const room = await Room.open();
    const { status, body } = await room.put(path);
    expect([status, (JSON.parse(body) as { code: string }).code]).toEqual([409, 'usage']);
    expect(readdirSync(room.place)).toEqual([]);
    expect(readdirSync(room.folder)).toEqual([ID]);
  });

  it('that is no video and no picture is refused by its name', async () => {
    const room = await Room.open();
    const { body } = await room.put(address('notes.txt'));
    expect(JSON.parse(body)).toMatchObject({
      code: 'input_unsupported',
      message: expect.stringMatching(/^notes.txt /) as string,
    });
  });

  it('is refused when it would fill the disk, and taken when there is just room', async () => {
    const room = await Room.open(512 * 2 ** 20 + 4);
    expect(await room.put(address('five.mp4'), '12345')).toMatchObject({
      status: 409,
      body: expect.stringContaining('no room') as string,
    });
    expect(readdirSync(room.place)).toEqual([]);
    expect((await room.put(address('four.mp4'), '1234')).status).toBe(201);
  });

  it('under the name of another one is refused, and the other one stays', async () => {
    const room = await Room.open();
    await room.put(address('film.mp4'), 'first');
    expect((await room.put(address('film.mp4'), 'second')).status).toBe(409);
    expect(readFileSync(join(room.place, '0', 'film.mp4'), 'utf8')).toBe('first');
  });

  it('that breaks off leaves nothing', async () => {
    const room = await Room.open();
    const asked: ClientRequest = room.ask(address('film.mp4'));
    asked.on('error', () => undefined); // it is broken off
    asked.setHeader('Content-Length', 1000);
    asked.write('a part');
    const file = join(room.place, '0', 'film.mp4');
    await vi.waitUntil(() => existsSync(file));
    asked.destroy();
    await vi.waitUntil(() => !existsSync(file));
  });
});

describe('a server without a place for files', () => {
  it('takes none', async () => {
    const server = await LocalhostServer.start({
      ...{ port: 0, assets: new Map(), onFault: () => undefined, onWindow: () => Promise.reject(new Error('nobody')) },
    });
    onTestFinished(() => server.close());
    expect((await fetch(new URL('/incoming/a/0/film.mp4', server.url), { method: 'PUT', body: 'a' })).status).toBe(405);
  });
});
