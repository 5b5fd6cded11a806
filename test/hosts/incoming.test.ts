// Copies that a browser has sent, in the hands of the engine: when they go into the queue, and when they are gone.
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Analyses, type QueuedFile } from '../../src/main/hosts/service/analyses.ts';
import { Incoming, incomingFolder } from '../../src/main/hosts/service/incoming.ts';
import { openStore, refusalOf, temporaryFolder } from '../fixtures/store-folder.ts';

const CHOICE = { identification: false, profile: 'mien' } as const;

class Desk {
  readonly data: string;
  readonly analyses: Analyses;
  readonly incoming: Incoming;
  /** Lets the queue go on; no file can be analysed in it. */
  go: () => void = () => undefined;

  /** The files that an engine after a crash would go on with. */
  left: readonly QueuedFile[] = [];

  private constructor(data: string, store: Awaited<ReturnType<typeof openStore>>, left: readonly QueuedFile[]) {
    this.data = data;
    const held = new Promise<void>((resolve) => (this.go = resolve));
    const noModels = (): Promise<never> => held.then(() => Promise.reject(new Error('no models here')));
    this.analyses = new Analyses(store, noModels, { left, tell: (queue) => (this.left = queue) });
    this.incoming = new Incoming(data, this.analyses);
    onTestFinished(async () => {
      this.go();
      await this.analyses.stop();
      await this.incoming.stop();
    });
  }

  static async make(data = temporaryFolder(), left: readonly QueuedFile[] = []): Promise<Desk> {
    return new Desk(data, await openStore(temporaryFolder()), left);
  }

  get copies(): string[] {
    const folder = incomingFolder(this.data);
    return existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]).sort() : [];
  }

  /** A place with these files in it. */
  async place(...files: readonly string[]): Promise<{ id: string; signal: { aborted: boolean }; over: Promise<void> }> {
    const signal = { aborted: false };
    let over: Promise<void> = Promise.resolve();
    const id = await new Promise<string>((resolve) => {
      over = this.incoming.open(signal, resolve);
    });
    for (const file of files) {
      const path = join(incomingFolder(this.data), id, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'something');
    }
    return { id, signal, over };
  }

  analyse(id: string): ReturnType<Incoming['analyse']> {
    return this.incoming.analyse({ id, haveAgreed: true, identification: false }, CHOICE);
  }

  get queue(): string[] {
    return this.analyses.list().map(({ path, state }) => `${path} ${state}`);
  }
}

describe('files that were sent', () => {
  it('go into the queue in the order in which they were dropped, and what is no film is named', async () => {
    const desk = await Desk.make();
    const { id, over } = await desk.place('10/b.mp4', '2/set/1.png', '2/set/in/c.mp4', '1/notes.txt');
    expect(await desk.analyse(id)).toEqual({
      added: 3,
      refused: ['notes.txt is no video and no picture that Mien can read.'],
    });
    await over;
    expect(desk.queue).toEqual(['set running', 'set/in/c.mp4 waiting', 'b.mp4 waiting']);
  });

  it('are removed as soon as they are over: failed, or cancelled while they wait', async () => {
    const desk = await Desk.make();
    const { id } = await desk.place('0/a.mp4', '1/b.mp4', '2/c.mp4');
    await desk.analyse(id);
    desk.analyses.cancel(2);
    await expect
      .poll(() => desk.copies)
      .toEqual([id, join(id, '0'), join(id, '0', 'a.mp4'), join(id, '2'), join(id, '2', 'c.mp4')]);
    desk.go();
    await expect.poll(() => desk.copies).toEqual([]);
    expect(desk.queue).toEqual(['a.mp4 failed', 'b.mp4 cancelled', 'c.mp4 failed']);
  });

  it('of a folder stay until the last of it is over', async () => {
    const desk = await Desk.make();
    const { id } = await desk.place('0/set/a.mp4', '0/set/b.mp4');
    await desk.analyse(id);
    desk.analyses.cancel(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(desk.copies).toContain(join(id, '0', 'set', 'a.mp4'));
    desk.go();
    await expect.poll(() => desk.copies).toEqual([]);
  });

  it('are removed when nobody wants them any more, and cannot be analysed then, nor twice', async () => {
    const desk = await Desk.make();
    const given = await desk.place('0/a.mp4');
    given.signal.aborted = true;
    await given.over;
    expect(desk.copies).toEqual([]);
    await refusalOf(desk.analyse(given.id), 'usage');
    const { id } = await desk.place('0/a.mp4');
    await desk.analyse(id);
    await refusalOf(desk.analyse(id), 'usage');
    expect(desk.queue).toHaveLength(1);
  });

  it('and are all no films are removed at once', async () => {
    const desk = await Desk.make();
    const { id } = await desk.place('0/notes.txt');
    expect((await desk.analyse(id)).added).toBe(0);
    await expect.poll(() => desk.copies).toEqual([]);
  });

  it('are removed when the program ends, those on their way too', async () => {
    const desk = await Desk.make();
    const { id } = await desk.place('0/a.mp4');
    await desk.analyse(id);
    await desk.place('0/b.mp4');
    desk.go();
    await desk.analyses.stop();
    await desk.incoming.stop();
    expect(desk.copies).toEqual([]);
  });

  it('and left by a program that was killed are removed at the next start; those of one that runs stay', async () => {
    const data = temporaryFolder();
    const [gone, running, older] = ['999999999-a', `${process.ppid}-b`, `${process.ppid}-d`];
    for (const place of [gone, running, older, `${process.pid}-c`, 'else'])
      mkdirSync(join(incomingFolder(data), place, '0'), { recursive: true });
    const beforeTheMachine = Date.now() / 1000 - uptime() - 60;
    utimesSync(join(incomingFolder(data), older), beforeTheMachine, beforeTheMachine);
    const desk = await Desk.make(data);
    await expect.poll(() => desk.copies).toEqual([running, join(running, '0')]);
  });
});

describe('copies that wait when the engine crashes', () => {
  it('are to be dropped again; no other file of that name is taken for one', async () => {
    const name = 'package.json'; // there is one where the program runs
    const desk = await Desk.make();
    const { id } = await desk.place('0/a.mp4', '1/b.mp4');
    await desk.analyse(id);
    expect(desk.left.map(({ isCopy }) => isCopy)).toEqual([true, true]);
    const next = await Desk.make(temporaryFolder(), [{ ...desk.left[1], path: name }]);
    await expect.poll(() => next.queue).toEqual([`${name} failed`]);
    const [{ error }] = next.analyses.list();
    expect(error).toEqual({
      message: 'The copy of package.json went with a part of Mien that stopped.',
      remedy: 'Drop it again.',
    });
  });
});

describe('files whose place is known', () => {
  it('are analysed where they lie, and stay there', async () => {
    const desk = await Desk.make();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.mp4'), 'something');
    mkdirSync(join(folder, 'in'));
    writeFileSync(join(folder, 'in', 'b.mp4'), 'something');
    const paths = [folder, join(folder, 'gone.mp4')];
    const input = { paths, haveAgreed: true, identification: false } as const;
    const { added, refused } = await desk.incoming.analysePaths(input, CHOICE);
    expect([added, refused]).toEqual([2, [expect.stringMatching(/^There is no file or folder gone.mp4/)]]);
    desk.go();
    await expect
      .poll(() => desk.queue)
      .toEqual([`${join(folder, 'a.mp4')} failed`, `${join(folder, 'in', 'b.mp4')} failed`]);
    expect(existsSync(join(folder, 'in', 'b.mp4'))).toBe(true);
  });
});
