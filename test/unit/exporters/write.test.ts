// The files on the disk: whole or not at all, for their owner alone, and with a sidecar that explains them.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MienError } from '../../../src/main/contract/errors.ts';
import { timeline } from '../../../src/main/core/timeline.ts';
import type { ExportSpan, SessionReader, StoredSession } from '../../../src/main/engine/ports.ts';
import { EXPORTERS } from '../../../src/main/exporters/index.ts';
import { writeExports, type ExportTask } from '../../../src/main/exporters/write.ts';
import { temporaryFolder } from '../../fixtures/clips.ts';
import { startChild } from '../../fixtures/store-folder.ts';
import { PICTURES, exportContext, parseCsv, parseTable, readerOf, storedSession } from '../../fixtures/records.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

const RUN = {
  created: '2026-09-21T12:53:20.000Z',
  analysed_fps: 37.5,
  state: 'complete',
  node: 'v24',
  platform: 'test',
};

const FRAMES = 30;

function task(folder: string, changes: Partial<ExportTask> & { readonly session?: StoredSession } = {}): ExportTask {
  const { session = storedSession({ frames: FRAMES }), ...rest } = changes;
  return {
    reader: readerOf(session, FRAMES),
    exporters: EXPORTERS,
    context: exportContext(session, { intervalSeconds: 1 }),
    folder,
    stem: 'interview',
    run: RUN,
    onRow: () => undefined,
    onProgress: () => undefined,
    ...rest,
  };
}

let folders = 0;
const newFolder = (): string => temporary.at(`out-${folders++}`);

const ENDINGS = ['.wide.csv', '.long.csv', '.jsonl', '.intervals.csv', '.report.html', '.meta.json'];

/** The error of an export that cannot be written; in its folder nothing half done may be left. */
async function refusal(failing: ExportTask): Promise<MienError> {
  const error: unknown = await writeExports(failing).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MienError)) throw new Error(`not refused as it should: ${String(error)}`);
  return error;
}

/** Names of unfinished files. */
const leftovers = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => !ENDINGS.some((ending) => name.endsWith(ending))) : [];

/** Does something without the rights of root, which may write everywhere. */
async function withoutRights<T>(action: () => Promise<T>): Promise<T> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    return await action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('the files', () => {
  it('are written in a folder that is made for them, deep down if need be', async () => {
    const folder = temporary.at('a', 'b c', 'd');
    const written = await writeExports(task(folder));
    expect(written.map(({ path }) => basename(path))).toEqual(ENDINGS.map((ending) => `interview${ending}`));
    expect(readdirSync(folder).sort()).toEqual(ENDINGS.map((ending) => `interview${ending}`).sort());
  });

  it.skipIf(process.platform === 'win32')('can be read by their owner alone', async () => {
    const folder = newFolder();
    const before = process.umask(0);
    try {
      for (const { path } of await writeExports(task(folder))) expect(statSync(path).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(before);
    }
  });

  it.skipIf(process.platform === 'win32')('take the place of earlier ones, with their rights too', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const path = `${folder}/interview.wide.csv`;
    writeFileSync(path, 'old', { mode: 0o644 });
    await writeExports(task(folder));
    expect(readFileSync(path, 'utf8')).toMatch(/^session_id,/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('have the hash that is returned with them', async () => {
    for (const { path, sha256 } of await writeExports(task(newFolder()))) {
      expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256);
    }
  });

  it('hold every row that is shown to the summary, in every format', async () => {
    const folder = newFolder();
    const seen: number[] = [];
    await writeExports(task(folder, { onRow: (row) => seen.push(row.frame.sequence) }));
    expect(seen).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    const read = (ending: string): string => readFileSync(`${folder}/interview${ending}`, 'utf8');
    expect(parseTable(read('.wide.csv')).map(({ frame }) => Number(frame))).toEqual(seen);
    expect(parseTable(read('.long.csv'))).toHaveLength(19 * FRAMES);
    expect(read('.jsonl').trim().split('\n')).toHaveLength(FRAMES);
    expect(parseTable(read('.intervals.csv')).map(({ n_frames: n }) => n)).toEqual(['25', '5']);
  });

  it('are the same bytes when they are written again, sidecar and all', async () => {
    const [first, second] = [await writeExports(task(newFolder())), await writeExports(task(newFolder()))];
    expect(second.map(({ sha256 }) => sha256)).toEqual(first.map(({ sha256 }) => sha256));
  });

  it('hold of a part the rows that begin in it, as they are in the whole', async () => {
    const session = storedSession({ frames: FRAMES });
    const write = async (span: ExportSpan | null): Promise<(ending: string) => string> => {
      const folder = newFolder();
      let rows = 0;
      const context = exportContext(session, { intervalSeconds: 1, span });
      await writeExports(task(folder, { session, context, onRow: () => rows++ }));
      expect(rows).toBe(parseTable(readFileSync(`${folder}/interview.wide.csv`, 'utf8')).length);
      return (ending) => readFileSync(`${folder}/interview${ending}`, 'utf8');
    };
    const [whole, part, none] = [
      await write(null),
      await write({ fromSeconds: 0.2, toSeconds: 0.4 }),
      await write({ fromSeconds: 99, toSeconds: 100 }),
    ];
    const [head, ...lines] = whole('.wide.csv').split('\n');
    expect(part('.wide.csv').split('\n')).toEqual([head, ...lines.slice(5, 10), '']);
    expect(parseTable(part('.intervals.csv')).map(({ n_frames: frames }) => frames)).toEqual(['5']);
    expect(JSON.parse(part('.meta.json'))).toMatchObject({ part: { from: 0.2, to: 0.4 }, frames: FRAMES });
    expect(JSON.parse(whole('.meta.json'))).not.toHaveProperty('part');
    expect(part('.report.html')).toContain('Only rows from 0.20 s to 0.40 s were written.');
    expect(none('.wide.csv')).toBe(`${head}\n`);
    expect(none('.report.html')).toContain('Nobody was seen.');
  });

  it('are only those that are wanted, and the sidecar tells of no other', async () => {
    const folder = newFolder();
    const [wide] = EXPORTERS;
    await writeExports(task(folder, { exporters: [wide] }));
    expect(readdirSync(folder).sort()).toEqual(['interview.meta.json', 'interview.wide.csv']);
    const { files } = JSON.parse(readFileSync(`${folder}/interview.meta.json`, 'utf8')) as { files: object };
    expect(Object.keys(files)).toEqual(['interview.wide.csv']);
  });

  it('larger than the writing memory are complete', async () => {
    const folder = newFolder();
    const session = storedSession({ frames: 1200 });
    const progress: number[] = [];
    const many = task(folder, { session, onProgress: (rows) => progress.push(rows) });
    await writeExports({ ...many, reader: readerOf(session, 1200) });
    const lines = readFileSync(`${folder}/interview.jsonl`, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1200);
    lines.forEach((line, i) => expect((JSON.parse(line) as { frame: number }).frame).toBe(i));
    expect(progress).toEqual([500, 1000, 1200]);
  });
});

describe('the sidecar', () => {
  interface Sidecar extends Record<string, unknown> {
    readonly files: Record<string, { readonly columns: Record<string, string> }>;
  }

  async function sidecarOf(session: StoredSession, rest: Partial<ExportTask['context']> = {}): Promise<Sidecar> {
    const folder = newFolder();
    const context = exportContext(session, rest);
    await writeExports(task(folder, { session, context }));
    return JSON.parse(readFileSync(`${folder}/interview.meta.json`, 'utf8')) as Sidecar;
  }

  it.each([
    ['films', storedSession()],
    ['pictures', storedSession({ source: PICTURES })],
  ])('explains every column of every table of %s', async (_, session) => {
    const folder = newFolder();
    await writeExports(task(folder, { session }));
    const { files } = JSON.parse(readFileSync(`${folder}/interview.meta.json`, 'utf8')) as Sidecar;
    expect(Object.keys(files).sort()).toEqual(
      readdirSync(folder)
        .filter((name) => !name.endsWith('.meta.json'))
        .sort(),
    );
    for (const name of Object.keys(files).filter((file) => file.endsWith('.csv'))) {
      const [head] = parseCsv(readFileSync(`${folder}/${name}`, 'utf8'));
      for (const column of head) expect(files[name].columns[column], `${name}: ${column}`).toMatch(/\w{2,}/);
    }
  });

  it('says what was measured with what', async () => {
    const session = storedSession({ problems: ['The file is cut short.'], state: 'interrupted', frames: 7 });
    const sidecar = await sidecarOf(session, { intervalSeconds: 2.5 });
    expect(sidecar).toMatchObject({
      program: { name: 'mien', version: '1.2.3' },
      session_id: session.id,
      code: 'interview',
      source: { name: 'interview.mp4', sha256: session.source.sha256, duration_s: 4, codec: 'h264', width: 640 },
      frames: 7,
      complete: false,
      problems: ['The file is cut short.'],
      profile: { name: 'mien', hash: session.profileHash, quality: session.profile.quality },
      models: session.models,
      run: RUN,
    });
    expect(JSON.stringify(sidecar.rows)).toContain('2.5 s');
    expect(JSON.stringify(sidecar.what)).toContain('not what the person feels');
  });

  it('says under whose consent, and nothing of the participants but codes and scopes', async () => {
    expect((await sidecarOf(storedSession())).consent).toMatch(/^external/);
    const consent = {
      kind: 'file',
      form: { version: '2026-03' },
      participants: [{ code: 'A07', scopes: ['analysis'], picture: 'secret.jpg', given_at: '2026-11-02' }],
    } as const;
    const { form, participants } = consent;
    const copied = participants.map(({ scopes, ...rest }) => ({ ...rest, scopes: [...scopes] }));
    const session = storedSession({ consent: { kind: 'file', form, participants: copied }, identification: false });
    const sidecar = await sidecarOf(session);
    expect(sidecar.consent).toEqual({ form, participants: [{ code: 'A07', scopes: ['analysis'] }] });
    expect(sidecar.identification).toMatch(/^off/);
    expect(JSON.stringify(sidecar)).not.toContain('secret.jpg');
  });

  it('says whether values of invalid rows are there', async () => {
    const rowsOf = async (blankInvalid: boolean): Promise<string> =>
      ((await sidecarOf(storedSession(), { blankInvalid })).rows as { invalid: string }).invalid;
    expect(await rowsOf(true)).toMatch(/left out/);
    expect(await rowsOf(false)).toMatch(/valid or not/);
  });

  it('has the same content for the same session but for the part "run"', async () => {
    const folder = newFolder();
    const textOf = async (run: ExportTask['run']): Promise<Record<string, unknown>> => {
      await writeExports(task(folder, { run }));
      return JSON.parse(readFileSync(`${folder}/interview.meta.json`, 'utf8')) as Record<string, unknown>;
    };
    const first = await textOf(RUN);
    const second = await textOf({ ...RUN, created: '2027-01-01T00:00:00.000Z', analysed_fps: 1 });
    expect(second.run).not.toEqual(first.run);
    expect({ ...second, run: null }).toEqual({ ...first, run: null });
  });
});

describe('a folder that cannot be written to', () => {
  it('because a file stands in its way is said to be so', async () => {
    writeFileSync(temporary.at('file'), '');
    for (const folder of [temporary.at('file'), temporary.at('file', 'below')]) {
      const { code, message, remedy } = await refusal(task(folder));
      expect(code).toBe('output_unwritable');
      expect(message).toBe(`Nothing can be written to ${folder}.`);
      expect(remedy).toContain('--out');
    }
  });

  it.skipIf(process.platform === 'win32')('because the user may not is said to be so', async () => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o555 });
    chmodSync(folder, 0o555);
    chmodSync(temporary.path, 0o755);
    const { code } = await withoutRights(() => refusal(task(folder)));
    expect(code).toBe('output_unwritable');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self'))('because nobody can make folders there is said to be so', async () => {
    expect((await refusal(task('/proc/mien/out'))).code).toBe('output_unwritable');
  });

  it('because the name is too long for the disk is said to be so', async () => {
    const folder = newFolder();
    const { code } = await refusal(task(folder, { stem: 'x'.repeat(300) }));
    expect(code).toBe('output_unwritable');
    expect(leftovers(folder)).toEqual([]);
  });
});

describe('writing that fails in the middle', () => {
  it.skipIf(process.platform === 'win32')('on a full disk says so and leaves nothing half done', async () => {
    const folder = newFolder();
    const child = startChild('export-child.ts', [folder], 'ulimit -f 64'); // blocks of 512 or 1024 bytes
    expect(await child.ended).toBe(0);
    expect(child.lines).toEqual([`output_unwritable The disk of ${folder} is full.`]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not write through a link that lies in its way', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(temporary.at('precious.txt'), 'keep me');
    symlinkSync(temporary.at('precious.txt'), `${folder}/interview.wide.csv`);
    symlinkSync(temporary.at('precious.txt'), `${folder}/interview.wide.csv.${process.pid}.part`);
    await writeExports(task(folder));
    expect(readFileSync(temporary.at('precious.txt'), 'utf8')).toBe('keep me');
    expect(readFileSync(`${folder}/interview.wide.csv`, 'utf8')).toContain('session_id');
  });

  it.each(ENDINGS)('because a folder has the name of the file %s leaves nothing half done', async (ending) => {
    const folder = newFolder();
    mkdirSync(`${folder}/interview${ending}`, { recursive: true });
    expect((await refusal(task(folder))).code).toBe('output_unwritable');
    expect(leftovers(folder)).toEqual([]);
  });

  it('by a fault leaves nothing half done and tells the fault as it is', async () => {
    const folder = newFolder();
    const session = storedSession({ frames: 3 });
    const whole = readerOf(session, 3);
    const fault = new Error('the disk under the database is gone');
    const reader: SessionReader = {
      ...whole,
      *frames() {
        yield* whole.frames();
        throw fault;
      },
    };
    expect([...timeline(whole, session.profile)]).toHaveLength(3);
    await expect(writeExports(task(folder, { session, reader }))).rejects.toBe(fault);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not mixed with another one of the same name at the same time, which may even be stopped', async () => {
    const folder = newFolder();
    await writeExports(task(folder));
    const alone = ENDINGS.map((ending) => readFileSync(`${folder}/interview${ending}`, 'utf8'));
    const stop = (): void => {
      throw new MienError('interrupted', 'Stopped.', 'Run it again.');
    };
    const outcomes = await Promise.allSettled([
      writeExports(task(folder)),
      writeExports(task(folder, { onProgress: stop })),
      writeExports(task(folder)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(leftovers(folder)).toEqual([]);
    expect(ENDINGS.map((ending) => readFileSync(`${folder}/interview${ending}`, 'utf8'))).toEqual(alone);
  });

  it('because the user stopped it leaves nothing half done and keeps the earlier files', async () => {
    const folder = newFolder();
    await writeExports(task(folder));
    const before = ENDINGS.map((ending) => readFileSync(`${folder}/interview${ending}`, 'utf8'));
    const stop = (): void => {
      throw new MienError('interrupted', 'Stopped.', 'Run it again.');
    };
    expect((await refusal(task(folder, { onProgress: stop }))).code).toBe('interrupted');
    expect(leftovers(folder)).toEqual([]);
    expect(ENDINGS.map((ending) => readFileSync(`${folder}/interview${ending}`, 'utf8'))).toEqual(before);
  });
});
