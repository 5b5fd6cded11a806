// mien models fetch, as a user runs it: from a server of this machine, which stands for a mirror.
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STACK, Workplace, messagesOf } from '../fixtures/cli.ts';
import { FileServer } from '../fixtures/file-server.ts';

const LENGTH = 30_779_724; // of the first of the three

let place: Workplace;
let server: FileServer;

beforeEach(async () => {
  place = new Workplace();
  server = await FileServer.start(new Uint8Array(LENGTH));
});
afterEach(async () => {
  await server.close();
  place.remove();
});

const fetchFrom = (from: string): string[] => ['models', 'fetch', 'hsemotion', '--from', from];
const filesThere = (): string[] =>
  existsSync(place.at('data', 'models')) ? readdirSync(place.at('data', 'models')) : [];

interface Model {
  readonly id: string;
  readonly ok: boolean;
  readonly state: string;
  readonly problem: string | null;
}

async function fetchedOnes(): Promise<{ readonly code: number | null; readonly models: Model[] }> {
  const { code, stdout } = await place.run(['--json', 'models', 'verify']);
  const { models } = JSON.parse(stdout) as { models: Model[] };
  return { code, models: models.filter(({ id }) => id.startsWith('hsemotion-')) };
}

describe('mien models fetch', () => {
  it('takes nothing that is another file, and says so in one line', async () => {
    const result = await place.run(fetchFrom(server.url));
    expect([result.code, result.stdout]).toEqual([4, '']);
    expect(messagesOf(result).at(-1)).toMatch(
      /^mien: What came as the model hsemotion-enet-b2 is not the file that is meant/,
    );
    expect(result.stderr).not.toMatch(STACK);
    expect(filesThere()).toEqual([]);
    expect(server.requests.map(({ path }) => path)).toEqual(['/models/enet_b2_8.onnx']);
  });

  it('keeps what has arrived when it is stopped, and asks for the rest next time', async () => {
    server.manners.fallsSilentAfter = [1_000_000];
    const part = place.at('data', 'models', 'enet_b2_8.onnx.part');
    const first = place.start(fetchFrom(server.url));
    await first.until(() => existsSync(part) && statSync(part).size === 1_000_000);
    first.signal('SIGINT');
    expect((await first.finished).code).toBe(130);
    expect(first.stderr).toMatch(/Stopping: what has arrived is kept/);
    await place.run(fetchFrom(server.url));
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=1000000-', undefined]);
  });

  it.skipIf(process.platform === 'win32')('says when there is no room', async () => {
    const result = await place.run(fetchFrom(server.url), { limit: 'ulimit -f 64' });
    expect(result.code).toBe(1);
    expect(messagesOf(result).at(-1)).toMatch(/^mien: There is no room for the model on the disk\. Make room/);
  });

  it.each([
    ['a model that is not fetched', ['models', 'fetch', 'emotion'], 2, /"emotion".*hsemotion-vgaf/],
    ['an address without encryption', fetchFrom('http://mirror.example/'), 2, /https, or a folder/],
    ['a folder without it', fetchFrom('/no/such/folder'), 3, /enet_b2_8\.onnx/],
  ])('refuses %s', async (_, words, code, message) => {
    const result = await place.run(words);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(message);
  });

  it('leaves a list that tells what is there, what not, and what is damaged', async () => {
    const before = await fetchedOnes();
    expect(before.code).toBe(0);
    expect(before.models.map(({ ok, state }) => [ok, state])).toEqual(new Array(3).fill([true, 'not there']));
    for (const { problem } of before.models) expect(problem).toContain('"mien models fetch hsemotion"');
    await place.run(fetchFrom(server.url)); // makes the folder
    writeFileSync(place.at('data', 'models', 'enet_b2_8.onnx'), 'half of it');
    const after = await fetchedOnes();
    expect(after.code).toBe(4);
    expect(after.models.map(({ ok, state }) => [ok, state])).toEqual([
      [false, 'damaged'],
      [true, 'not there'],
      [true, 'not there'],
    ]);
  });
});
