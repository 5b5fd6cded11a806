// Fetching models from a real server: it breaks off, lies, refuses and changes, and nothing is ever used but the file that is meant.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fetchModel,
  fetchedModels,
  parseOrigin,
  type FetchedModel,
  type Fetching,
} from '../../src/main/inference/fetching.ts';
import { gitBlobOf, isFileOf } from '../../src/main/inference/identity.ts';
import { temporaryFolder } from '../fixtures/clips.ts';
import { FileServer } from '../fixtures/file-server.ts';
import { readManifest } from '../fixtures/inference-models.ts';
import { seeded } from '../fixtures/seeded.ts';

/** 300,000 bytes without a pattern: more than goes through a connection in one piece. */
function noise(seed: number, length = 300_000): Uint8Array {
  const random = seeded(seed);
  return Uint8Array.from({ length }, () => 256 * random());
}

const RIGHT = noise(1);
const WRONG = noise(2);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const shipped = readManifest().models['hsemotion-enet-b2'] as FetchedModel;
const MODEL: FetchedModel = {
  ...shipped,
  sha256: sha256(RIGHT),
  origin: { ...shipped.origin, bytes: RIGHT.length, gitBlob: gitBlobOf(RIGHT) },
};
const PATIENCE = { stallMs: 400, pauseMs: 10 };

let place: ReturnType<typeof temporaryFolder>;
let server: FileServer;
let file: string;

beforeEach(async () => {
  place = temporaryFolder();
  server = await FileServer.start(RIGHT);
  file = place.at('data', 'models', 'enet_b2_8.onnx');
});
afterEach(async () => {
  await server.close();
  place.remove();
});

const fetchIt = (changes: Partial<Fetching> = {}): Promise<boolean> =>
  fetchModel(
    {
      ...{ id: 'hsemotion-enet-b2', model: MODEL, file, from: parseOrigin(server.url) },
      ...{ signal: new AbortController().signal, onProgress: () => undefined, ...changes },
    },
    PATIENCE,
  );

const filesThere = (): string[] => readdirSync(place.at('data', 'models')).sort();
const isRightThere = (): boolean => Buffer.compare(readFileSync(file), RIGHT) === 0;

/** The first attempt of a user whose connection breaks for good after `bytes`. */
async function arriveInPart(bytes: number): Promise<void> {
  server.manners.breaksAfter = [bytes, 0, 0, 0];
  await expect(fetchIt()).rejects.toMatchObject({ code: 'model_missing' });
  server.manners.breaksAfter = [];
  server.requests.length = 0;
  expect(statSync(`${file}.part`).size).toBe(bytes);
}

/** What was asked for, request by request: from which byte on. */
const rangesAsked = (): (string | undefined)[] => server.requests.map(({ range }) => range);

describe('a model', () => {
  it('comes in one piece, tells how far it is, and is for its user alone', async () => {
    const told: [number, number | null][] = [];
    expect(await fetchIt({ onProgress: (...step) => told.push(step) })).toBe(true);
    expect(isRightThere()).toBe(true);
    expect(filesThere()).toEqual(['enet_b2_8.onnx']);
    expect(statSync(file).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect(told[0]).toEqual([0, RIGHT.length]);
    expect(told.at(-1)).toEqual([RIGHT.length, RIGHT.length]);
    expect(server.requests).toEqual([
      { path: '/models/enet_b2_8.onnx', range: undefined, ifRange: undefined, encoding: 'identity' },
    ]);
  });

  it('that is there is not asked for again; a damaged one is', async () => {
    await fetchIt();
    expect(await fetchIt()).toBe(false);
    expect(server.requests).toHaveLength(1);
    writeFileSync(file, WRONG);
    expect(await fetchIt()).toBe(true);
    expect(isRightThere()).toBe(true);
  });

  it('of unknown length comes from a server that does not tell it either', async () => {
    server.manners.tellsLength = false;
    const told: (number | null)[] = [];
    const model = { ...MODEL, sha256: null, origin: { ...MODEL.origin, bytes: null } };
    expect(await fetchIt({ model, onProgress: (_, total) => told.push(total) })).toBe(true);
    expect(new Set(told)).toEqual(new Set([null]));
    expect(isRightThere()).toBe(true);
  });
});

describe('a connection that breaks', () => {
  it('is made again, and what has arrived is not sent twice', async () => {
    server.manners.breaksAfter = [100_000, 50_000];
    const told: number[] = [];
    expect(await fetchIt({ onProgress: (done) => told.push(done) })).toBe(true);
    expect(isRightThere()).toBe(true);
    expect(rangesAsked()).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
    expect(server.requests[1].ifRange).toBe('"one"');
    expect(told.every((done, i) => i === 0 || done >= told[i - 1])).toBe(true);
  });

  it('and falls silent is given up and made again', async () => {
    server.manners.fallsSilentAfter = [1000];
    expect(await fetchIt()).toBe(true);
    expect(rangesAsked()).toEqual([undefined, 'bytes=1000-']);
    expect(isRightThere()).toBe(true);
  });

  it('three times in a row without a byte is an error, and the next call goes on', async () => {
    await arriveInPart(120_000);
    expect(filesThere()).toEqual(['enet_b2_8.onnx.part', 'enet_b2_8.onnx.part.tag']);
    expect(await fetchIt()).toBe(true);
    expect(rangesAsked()).toEqual(['bytes=120000-']);
    expect(isRightThere()).toBe(true);
    expect(filesThere()).toEqual(['enet_b2_8.onnx']);
  });

  it.each([503, 429])('or a server that is busy (%i) is asked again', async (status) => {
    server.manners.refusals = [{ status }];
    expect(await fetchIt()).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  it('starts over where the file has another version by now', async () => {
    server.manners.content = WRONG;
    server.manners.etag = '"two"';
    await arriveInPart(100_000);
    server.manners.content = RIGHT;
    server.manners.etag = '"one"';
    expect(await fetchIt()).toBe(true);
    expect(server.requests.map(({ ifRange }) => ifRange)).toEqual(['"two"']);
    expect(isRightThere()).toBe(true);
  });

  it.each<[string, () => void, number]>([
    ['knows no ranges', () => (server.manners.knowsRanges = false), 1],
    ['sends another part than it was asked for', () => (server.manners.rangeShift = 7), 2],
  ])('starts over where the server %s', async (_, change, requests) => {
    await arriveInPart(100_000);
    change();
    expect(await fetchIt()).toBe(true);
    expect(server.requests).toHaveLength(requests);
    expect(isRightThere()).toBe(true);
  });

  it.each([null, 'W/"one"'])('starts over where the tag %s does not promise the same bytes', async (etag) => {
    server.manners.etag = etag;
    server.manners.breaksAfter = [100_000];
    expect(await fetchIt()).toBe(true);
    expect(rangesAsked()).toEqual([undefined, undefined]);
    expect(isRightThere()).toBe(true);
  });

  it('starts over where it had come from another address', async () => {
    await arriveInPart(100_000);
    expect(await fetchIt({ from: parseOrigin(`${server.url}other`) })).toBe(true);
    expect(rangesAsked()).toEqual([undefined]);
  });

  it('starts over, once and unasked, where what was there before was of another file', async () => {
    await arriveInPart(100_000);
    writeFileSync(`${file}.part`, WRONG.subarray(0, 100_000));
    expect(await fetchIt()).toBe(true);
    expect(rangesAsked()).toEqual(['bytes=100000-', undefined]);
    expect(isRightThere()).toBe(true);
  });

  it('starts over where more is there than the file is long', async () => {
    await arriveInPart(100_000);
    writeFileSync(`${file}.part`, noise(3, RIGHT.length + 1));
    expect(await fetchIt()).toBe(true);
    expect(isRightThere()).toBe(true);
    const model = { ...MODEL, origin: { ...MODEL.origin, bytes: null } };
    writeFileSync(file, '');
    writeFileSync(`${file}.part`, noise(3, RIGHT.length + 1));
    writeFileSync(`${file}.part.tag`, `${server.url}enet_b2_8.onnx\n"one"`);
    expect(await fetchIt({ model })).toBe(true); // after "range not satisfiable"
    expect(isRightThere()).toBe(true);
  });
});

describe('a stop', () => {
  it('keeps what has arrived', async () => {
    const stop = new AbortController();
    server.manners.fallsSilentAfter = [100_000];
    const onProgress = (done: number): void => {
      if (done === 100_000) stop.abort();
    };
    await expect(fetchIt({ signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'interrupted' });
    expect(statSync(`${file}.part`).size).toBe(100_000);
    server.requests.length = 0;
    expect(await fetchIt()).toBe(true);
    expect(rangesAsked()).toEqual(['bytes=100000-']);
  });

  it('before it began asks nobody', async () => {
    await expect(fetchIt({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'interrupted' });
    expect(server.requests).toEqual([]);
  });
});

describe('two at once', () => {
  it('do not write into one file: the second is refused, and the first goes on', async () => {
    server.manners.fallsSilentAfter = [1000]; // for a while
    const seconds: Promise<unknown>[] = [];
    const onProgress = (): void => void seconds.push(fetchIt().catch((error: unknown) => error));
    expect(await fetchIt({ onProgress })).toBe(true);
    expect(await seconds[0]).toMatchObject({ code: 'store_busy' });
    await Promise.all(seconds);
    expect(isRightThere()).toBe(true);
    expect(filesThere()).toEqual(['enet_b2_8.onnx']);
  });

  it.each(['', '999999999', 'half'])('are one where the other has ended without a word ("%s")', async (owner) => {
    mkdirSync(place.at('data', 'models'), { recursive: true });
    writeFileSync(`${file}.lock`, owner);
    expect(await fetchIt()).toBe(true);
    expect(filesThere()).toEqual(['enet_b2_8.onnx']);
  });

  it('are one where the other was there before the machine was started', async () => {
    mkdirSync(place.at('data', 'models'), { recursive: true });
    writeFileSync(`${file}.lock`, `${process.pid}`);
    await expect(fetchIt()).rejects.toMatchObject({ code: 'store_busy' });
    utimesSync(`${file}.lock`, 1, 1);
    expect(await fetchIt()).toBe(true);
  });
});

describe('what is not the model', () => {
  it('is removed, and what was there stays', async () => {
    mkdirSync(place.at('data', 'models'), { recursive: true });
    writeFileSync(file, 'damaged');
    server.manners.content = WRONG;
    await expect(fetchIt()).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(/hash/) as string,
    });
    expect(server.requests).toHaveLength(1);
    expect(filesThere()).toEqual(['enet_b2_8.onnx']);
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });

  it('is told apart by the git blob alone', async () => {
    const model = { ...MODEL, sha256: null };
    server.manners.content = WRONG;
    await expect(fetchIt({ model })).rejects.toMatchObject({ code: 'model_damaged' });
    server.manners.content = RIGHT;
    expect(await fetchIt({ model })).toBe(true);
  });

  it.each([true, false])('is not read to its end where it is too long (told: %s)', async (tellsLength) => {
    server.manners.content = noise(4, 3_000_000);
    server.manners.tellsLength = tellsLength;
    await expect(fetchIt()).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(/more/) as string,
    });
    expect(filesThere()).not.toContain('enet_b2_8.onnx');
  });

  it.each([
    [404, /is not there/],
    [403, /refused \(status 403\)/],
  ])('such as a page of status %i is refused at once', async (status, words) => {
    server.manners.refusals = [{ status }];
    const refusal = { code: 'model_missing', message: expect.stringMatching(words) as string };
    await expect(fetchIt()).rejects.toMatchObject(refusal);
    expect(server.requests).toHaveLength(1);
  });

  it.each(['http://127.0.0.1:9/x', 'ftp://127.0.0.1/x', '/elsewhere'])(
    'is not looked for at %s, where nothing is encrypted',
    async (location) => {
      server.manners.refusals = [{ status: 302, location }];
      const refusal = { code: 'model_missing', message: expect.stringMatching(/encryption/) as string };
      await expect(fetchIt()).rejects.toMatchObject(refusal);
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('a server that is not there', () => {
  it('is told in words', async () => {
    await server.close();
    const refusal = { code: 'model_missing', message: expect.stringMatching(/^127\.0\.0\.1:\d+ cannot/) as string };
    await expect(fetchIt()).rejects.toMatchObject(refusal);
  });
});

describe('a folder', () => {
  it('gives the file, which is checked as one from the network', async () => {
    const folder = place.at('stick');
    mkdirSync(folder);
    const from = parseOrigin(folder);
    await expect(fetchIt({ from })).rejects.toMatchObject({ code: 'input_missing' });
    writeFileSync(place.at('stick', 'enet_b2_8.onnx'), WRONG);
    await expect(fetchIt({ from })).rejects.toMatchObject({ code: 'model_damaged' });
    expect(filesThere()).toEqual([]);
    writeFileSync(place.at('stick', 'enet_b2_8.onnx'), RIGHT);
    expect(await fetchIt({ from })).toBe(true);
    expect(isRightThere()).toBe(true);
    expect(server.requests).toEqual([]);
  });
});

describe('a folder for data in which nothing can be written', () => {
  it('is told in words', async () => {
    writeFileSync(place.at('data'), 'no folder');
    await expect(fetchIt()).rejects.toMatchObject({ code: 'output_unwritable' });
    expect(server.requests).toEqual([]);
  });
});

describe('--from', () => {
  it('takes https, an address of this machine, and folders', () => {
    expect(parseOrigin(undefined)).toEqual({ kind: 'manifest' });
    expect(parseOrigin('https://mirror.example/hse')).toEqual({
      kind: 'mirror',
      base: new URL('https://mirror.example/hse/'),
    });
    for (const own of ['http://localhost:8000', 'http://127.0.0.1:80/x/', 'http://[::1]:9'])
      expect(parseOrigin(own).kind).toBe('mirror');
    for (const path of ['/media/stick', 'C:\\models', 'models', '../models'])
      expect(parseOrigin(path)).toEqual({ kind: 'folder', path });
  });

  it.each(['http://mirror.example/', 'ftp://mirror.example/', 'http://localhost.example/', 'https://'])(
    'refuses %s',
    (text) => {
      expect(() => parseOrigin(text)).toThrow(/Nothing is fetched from/);
    },
  );
});

describe('names', () => {
  const manifest = readManifest();

  it('mean one model or a set', () => {
    const set = ['hsemotion-enet-b2', 'hsemotion-vgaf', 'hsemotion-afew'];
    expect([...fetchedModels(manifest, 'hsemotion').keys()]).toEqual(set);
    expect([...fetchedModels(manifest, 'hsemotion-afew').keys()]).toEqual(['hsemotion-afew']);
  });

  it('of models that are not fetched mean none', () => {
    expect(() => fetchedModels(manifest, 'emotion')).toThrow(/"emotion"/);
  });

  it('of addresses end as the files are called', () => {
    for (const { file: name, origin } of fetchedModels(manifest, 'hsemotion').values())
      expect(origin.url.endsWith(`/onnx/${name}`)).toBe(true);
  });
});

describe('the id of a git blob', () => {
  it('is what git says', () => {
    // git hash-object of a file with "test content\n", and of an empty one
    expect(gitBlobOf(new TextEncoder().encode('test content\n'))).toBe('d670460b4b4aece5915caf5c68d12f560a9fe3e4');
    expect(gitBlobOf(new Uint8Array(0))).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  });

  it('and the sha256 must both be right where both are known', () => {
    const [bytes, other] = [noise(5, 10), noise(6, 10)];
    const [right, wrong] = [bytes, other].map((b) => ({ sha256: sha256(b), gitBlob: gitBlobOf(b) }));
    expect(isFileOf(bytes, right)).toBe(true);
    expect(isFileOf(bytes, { ...right, gitBlob: wrong.gitBlob })).toBe(false);
    expect(isFileOf(bytes, { ...right, sha256: wrong.sha256 })).toBe(false);
    expect(() => isFileOf(bytes, { sha256: null, gitBlob: null })).toThrow(RangeError);
  });
});
