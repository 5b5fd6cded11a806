// The engine in its own process, as a program that is started, killed and stopped.
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../src/main/contract/rpc.ts';
import { ForkedEngine } from '../../src/main/hosts/localhost/forked-engine.ts';
import { STACK, Workplace, linesOf, messagesOf, type SessionReport } from '../fixtures/cli.ts';
import { DANA, writeShots } from '../fixtures/cli-films.ts';
import { Served, isRunning } from '../fixtures/served.ts';
import { inDatabase, refusalOf } from '../fixtures/store-folder.ts';

const films = new Workplace();
const long = films.at('long.mkv');
const served: Served[] = [];
let place: Workplace;

beforeAll(async () => {
  await writeShots(long, [{ of: DANA, frames: 50 }], { width: 160, height: 90, repeat: 40 });
});
afterAll(() => films.remove());

beforeEach(() => {
  place = new Workplace();
});
afterEach(async () => {
  for (const { program } of served.splice(0)) {
    program.signal('SIGKILL');
    await program.finished; // the engine holds its standard error open, and ends by itself
  }
  place.remove();
});

async function serve(): Promise<Served> {
  const started = await Served.start(place);
  served.push(started);
  return started;
}

/** Waits until an analysis is so far that something of it is on the disk. */
async function analyse({ program }: Served, client: Client): Promise<void> {
  await client.call('analyses.add', { path: long, haveAgreed: true, identification: true }).result;
  await program.until(() => place.storedFrames() >= 30);
}

const restartsOf = async (client: Client): Promise<number> =>
  (await client.call('program.describe', {}).result).restarts;

/** What the database says, with no program that could put it right. */
const storedStates = (): unknown =>
  inDatabase(place.at('data', 'mien.sqlite'), (database) =>
    database.prepare('SELECT state FROM session').pluck().all(),
  );

const isClosed = (): boolean => !existsSync(place.at('data', 'mien.sqlite-wal'));

describe('an engine that is killed', () => {
  it('is followed by another, for the same browser; what was recorded is kept and marked as broken off', async () => {
    const running = await serve();
    const { client, closed } = await running.connect();
    expect(await restartsOf(client)).toBe(0);
    await analyse(running, client);
    const atLeast = place.storedFrames();
    const before = await running.engine();
    const lost = refusalOf(client.call('analyses.watch', {}).result, 'interrupted');
    await running.killEngine();
    expect(await closed).toBe(1006);
    await lost;

    const again = (await running.connect()).client; // at once: it waits for the next engine
    expect(await restartsOf(again)).toBe(1);
    expect(await running.engine()).not.toBe(before);
    const sessions = await again.call('sessions.list', { search: '' }).result;
    expect(sessions).toMatchObject([{ state: 'interrupted', code: 'long', persons: 1 }]);
    const [{ id, frames }] = sessions;
    expect(frames).toBeGreaterThanOrEqual(atLeast);
    const { persons } = await again.call('sessions.describe', { id }).result;
    expect(persons).toMatchObject([{ id: 'P1', rows: frames }]);
    expect(running.program.stderr).toBe('');
  });

  it('leaves its queue to the next: what was under way has failed, what waits goes on', async () => {
    const running = await serve();
    const { client } = await running.connect();
    await analyse(running, client);
    const short = place.at('short.mkv');
    await writeShots(short, [{ of: DANA, frames: 5 }], { width: 160, height: 90 });
    for (const path of [short, place.at('folder')]) {
      if (path !== short) mkdirSync(path);
      if (path !== short) copyFileSync(short, place.at('folder', 'gone.mkv'));
      await client.call('analyses.add', { path, haveAgreed: true, identification: true }).result;
    }
    rmSync(place.at('folder'), { recursive: true });
    await running.killEngine();

    const again = (await running.connect()).client;
    const jobs = await new Promise((resolve) => {
      again
        .call('analyses.watch', {}, (list) => {
          if (list.length === 3 && list[1].state === 'done') resolve(list);
        })
        .result.catch(() => undefined); // it ends with the window
    });
    expect(jobs).toMatchObject([
      { name: 'long', state: 'failed', error: { message: expect.stringContaining('stopped unexpectedly') as unknown } },
      { name: 'short', state: 'done', frames: 5, error: null },
      { path: place.at('folder', 'gone.mkv'), state: 'failed', error: { remedy: expect.any(String) as unknown } },
    ]);
  });

  it('closes the windows that wait to be handed to it; one that is lost in between keeps nothing from ending', async () => {
    const running = await serve();
    process.kill(await running.engine(), 'SIGSTOP'); // hears nothing
    let closed = 0;
    for (let i = 0; i < 3; i++) running.connect().catch(() => closed++);
    await new Promise((resolve) => setTimeout(resolve, 200)); // until they are on their way
    await running.killEngine();
    expect(await restartsOf((await running.connect()).client)).toBe(1);
    await vi.waitUntil(() => closed >= 2, { timeout: 20_000 });
    running.program.signal('SIGTERM');
    expect((await running.program.finished).code).toBe(0);
  });

  it('again and again ends the program with a clear error', async () => {
    const running = await serve();
    for (let i = 0; i < 5; i++) {
      await running.killEngine();
      expect(await restartsOf((await running.connect()).client)).toBe(i + 1);
    }
    await running.killEngine();
    const { code, stderr } = await running.program.finished;
    expect([code, linesOf(stderr)]).toEqual([
      1,
      [expect.stringMatching(/^mien: A part of Mien .* again and again\. W/)],
    ]);
  });
});

describe('an engine that is asked', () => {
  it('answers, and is ended by force even where it hears nothing', async () => {
    const engine = new ForkedEngine();
    const replied = new Promise((resolve) => engine.onReply(resolve));
    const exited = new Promise((resolve) => engine.onExit(resolve));
    engine.send({ kind: 'ask' });
    expect(await replied).toEqual({ kind: 'alive', isDebugged: false });
    engine.kill();
    expect(await exited).toBeNull();
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends the program in order: %s keeps what was analysed, and windows are told',
    async (signal) => {
      const running = await serve();
      const { client, closed } = await running.connect();
      await analyse(running, client);
      const engine = await running.engine();
      running.program.signal(signal);
      expect(await closed).toBe(1001);
      const { code, stderr } = await running.program.finished;
      expect([code, stderr, isRunning(engine)]).toEqual([0, '', false]);
      expect([isClosed(), storedStates()]).toEqual([true, ['interrupted']]);
      const { sessions } = await place.json<{ sessions: SessionReport[] }>(['sessions']);
      expect(sessions[0].frames).toBeGreaterThanOrEqual(30);
    },
  );

  it('to the engine alone changes nothing: a terminal tells both, and the program decides', async () => {
    const running = await serve();
    const { client } = await running.connect();
    const engine = await running.engine();
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.kill(engine, signal);
    expect(await restartsOf(client)).toBe(0);
    process.kill(engine, 'SIGINT');
    running.program.signal('SIGINT');
    expect((await running.program.finished).code).toBe(0);
  });
});

describe('a program that is killed', () => {
  it('leaves no engine behind: it keeps what was analysed and closes the store', async () => {
    const running = await serve();
    const { client, closed } = await running.connect();
    await analyse(running, client);
    const engine = await running.engine();
    running.program.signal('SIGKILL');
    expect(await closed).toBe(1001);
    const { code, stderr } = await running.program.finished;
    await vi.waitUntil(() => !isRunning(engine), { timeout: 20_000 });
    expect([code, stderr]).toEqual([null, '']);
    expect([isClosed(), storedStates()]).toEqual([true, ['interrupted']]);
  });
});

describe('a program that cannot be started', () => {
  it('because nothing can be stored says what every command says', async () => {
    writeFileSync(place.data, 'a file where the folder should be');
    const [one, other] = [await place.run(['serve', '--no-open']), await place.run(['sessions'])];
    expect(one).toEqual({ code: 1, stdout: '', stderr: other.stderr });
    expect(linesOf(one.stderr)).toEqual([expect.stringMatching(/^mien: Nothing can be stored in .*\. Choose .*\.$/)]);
  });

  it('because the database is of a newer version says so, and changes nothing', async () => {
    await place.run(['sessions']);
    const file = place.at('data', 'mien.sqlite');
    inDatabase(file, (database) => database.pragma('user_version = 99'));
    const { code, stdout, stderr } = await place.run(['serve', '--no-open']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^mien: The database was made by a newer version of Mien\. Install .*\.\n$/);
    expect(stderr).not.toMatch(STACK);
    const database = new Database(file, { readonly: true });
    expect(database.pragma('user_version', { simple: true })).toBe(99);
    database.close();
  });

  it('shows where that comes from when it is asked to', async () => {
    writeFileSync(place.data, '');
    expect((await place.run(['--verbose', 'serve', '--no-open'])).stderr).toMatch(/^\s+at .*database\.ts:\d+/m);
  });

  it('because its port is taken leaves no engine behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    mkdirSync(place.data);
    const result = await place.run(['serve', '--no-open', '--port', String(port)]); // ends with the last of both
    taken.close();
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(messagesOf(result)).toEqual([expect.stringContaining(`Port ${port} cannot be used.`)]);
    expect(isClosed()).toBe(true);
  });
});
