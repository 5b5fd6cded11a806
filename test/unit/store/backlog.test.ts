import { describe, expect, it } from 'vitest';
import { MienError } from '../../../src/main/contract/errors.ts';
import { Backlog, MOST_WAITING, PATIENCE_MS, type End, type Rows } from '../../../src/main/store/backlog.ts';
import { frameIn } from '../../fixtures/store-contents.ts';

const FULL = /disk is full/;

const sqlite = (code: string): Error => Object.assign(new Error(code), { code });

const rowsOf = (session: number, first: number, count = 1): Rows => ({
  kind: 'rows',
  session,
  frames: Array.from({ length: count }, (_, i) => frameIn(first + i)),
  ...{ faces: [], persons: [], segments: [], markers: [], events: [], clocks: [], withdrawals: [] },
});

const endOf = (session: number): End => ({
  ...{ kind: 'end', session, state: 'complete', problems: ['A model failed.'], analysedFps: 30, unixMs: 1 },
});

/** A database with one row for each frame, in which a frame cannot be twice, on a disk that may be full. */
class Disk {
  nowMs = 0;
  isFull = false;
  transactions = 0;
  readonly stored: string[] = [];
  readonly ends: End[] = [];
  readonly backlog = new Backlog(
    {
      rows: (groups) => {
        this.transactions++;
        this.#check();
        const names = groups.flatMap(({ session, frames }) => frames.map(({ sequence }) => `${session}:${sequence}`));
        const all = [...this.stored, ...names];
        if (new Set(all).size < all.length) throw sqlite('SQLITE_CONSTRAINT_PRIMARYKEY');
        this.stored.push(...names);
      },
      end: (end) => {
        this.#check();
        this.ends.push(end);
      },
    },
    'mien.sqlite',
    () => this.nowMs,
  );

  #check(): void {
    if (this.isFull) throw sqlite('SQLITE_FULL');
  }
}

describe('rows that wait', () => {
  it('are written in their order, in one transaction', () => {
    const disk = new Disk();
    const { backlog, stored } = disk;
    expect(backlog.isWaiting).toBe(false);
    backlog.flush();
    for (const sequence of [0, 1]) for (const session of [1, 2]) backlog.add(rowsOf(session, sequence));
    expect([backlog.isWaiting, stored]).toEqual([true, []]);
    backlog.flush();
    expect([backlog.isWaiting, stored]).toEqual([false, ['1:0', '2:0', '1:1', '2:1']]);
    expect(disk.transactions).toBe(1);
  });

  it('are written before their recording is ended, as it was meant to be', () => {
    const disk = new Disk();
    disk.backlog.add(rowsOf(1, 0));
    disk.backlog.end(endOf(1));
    expect([disk.stored, disk.ends, disk.transactions]).toEqual([['1:0'], [endOf(1)], 1]);
  });
});

describe('rows that cannot be written', () => {
  it('break their own recording off, which keeps what it had before; others lose nothing', () => {
    const disk = new Disk();
    for (const sequence of [0, 1, 1, 2]) disk.backlog.add(rowsOf(1, sequence));
    for (const sequence of [0, 1, 2]) disk.backlog.add(rowsOf(2, sequence));
    disk.backlog.flush();
    expect(disk.stored).toEqual(['1:0', '1:1', '2:0', '2:1', '2:2']);
    expect(() => disk.backlog.add(rowsOf(1, 3))).toThrow(MienError);
    disk.backlog.add(rowsOf(2, 3));
    expect(() => disk.backlog.end(endOf(1))).toThrow('Something in this recording cannot be stored.');
    disk.backlog.end(endOf(2));
    expect(disk.stored.slice(-1)).toEqual(['2:3']);
    const problems = ['A model failed.', 'Something in this recording cannot be stored.'];
    expect(disk.ends).toEqual([{ ...endOf(1), state: 'interrupted', problems }, endOf(2)]);
  });

  it('are found when the recording is ended, too', () => {
    const disk = new Disk();
    for (const sequence of [0, 0]) disk.backlog.add(rowsOf(1, sequence));
    expect(() => disk.backlog.end(endOf(1))).toThrow('cannot be stored');
    expect(disk.ends.map(({ state }) => state)).toEqual(['interrupted']);
    expect(disk.backlog.isWaiting).toBe(false);
    disk.backlog.flush(); // whoever comes next is not told
  });
});

describe('a disk that is full', () => {
  it('for a short while costs nothing', () => {
    const disk = new Disk();
    disk.isFull = true;
    for (const session of [1, 2]) disk.backlog.add(rowsOf(session, 0));
    expect(() => disk.backlog.flush()).toThrow('SQLITE_FULL');
    disk.nowMs = PATIENCE_MS - 1;
    disk.backlog.add(rowsOf(1, 1));
    disk.isFull = false;
    disk.backlog.flush();
    disk.nowMs = 10 * PATIENCE_MS;
    disk.backlog.add(rowsOf(1, 2));
    disk.backlog.end(endOf(1));
    expect(disk.stored).toEqual(['1:0', '2:0', '1:1', '1:2']);
    expect(disk.ends).toEqual([endOf(1)]);
  });

  it('for too long breaks a recording off, which ends as soon as there is room with all that waited', () => {
    const disk = new Disk();
    disk.isFull = true;
    disk.backlog.add(rowsOf(1, 0));
    expect(() => disk.backlog.flush()).toThrow();
    disk.nowMs = PATIENCE_MS;
    expect(() => disk.backlog.add(rowsOf(1, 1))).toThrow(FULL);
    expect(() => disk.backlog.end(endOf(1))).toThrow(FULL);
    expect(() => disk.backlog.flush()).toThrow();
    expect([disk.stored, disk.ends, disk.backlog.isWaiting]).toEqual([[], [], true]);
    disk.isFull = false;
    disk.backlog.flush();
    expect(disk.stored).toEqual(['1:0']);
    const problems = ['A model failed.', expect.stringMatching(FULL)];
    expect(disk.ends).toEqual([{ ...endOf(1), state: 'interrupted', problems }]);
    expect(disk.backlog.isWaiting).toBe(false);
  });

  it('keeps a hole out of a recording: once a row was refused, none behind it is taken', () => {
    const disk = new Disk();
    disk.isFull = true;
    disk.backlog.add(rowsOf(1, 0));
    expect(() => disk.backlog.flush()).toThrow();
    disk.nowMs = PATIENCE_MS;
    expect(() => disk.backlog.add(rowsOf(1, 1))).toThrow(FULL);
    disk.isFull = false;
    disk.backlog.flush();
    expect(() => disk.backlog.add(rowsOf(1, 2))).toThrow(FULL);
    disk.backlog.add(rowsOf(2, 0)); // sent nothing meanwhile, and so has lost nothing
    disk.backlog.flush();
    expect(disk.stored).toEqual(['1:0', '2:0']);
  });

  it('does not fill the memory instead', () => {
    const disk = new Disk();
    disk.isFull = true;
    disk.backlog.add(rowsOf(1, 0));
    expect(() => disk.backlog.flush()).toThrow();
    disk.backlog.add(rowsOf(1, 1, MOST_WAITING - 1));
    expect(() => disk.backlog.add(rowsOf(1, MOST_WAITING))).toThrow(FULL);
    disk.backlog.add(rowsOf(2, 0)); // has room of its own
    disk.isFull = false;
    expect(() => disk.backlog.end(endOf(1))).toThrow(FULL);
    disk.backlog.end(endOf(2));
    expect(disk.stored).toHaveLength(MOST_WAITING + 1);
    expect(disk.ends.map(({ state }) => state)).toEqual(['interrupted', 'complete']);
  });

  it('keeps nothing of a recording that is to be removed, whose number may be used again', () => {
    const disk = new Disk();
    disk.isFull = true;
    for (const session of [1, 2]) disk.backlog.add(rowsOf(session, 0));
    expect(() => disk.backlog.end(endOf(1))).toThrow(FULL);
    disk.nowMs = PATIENCE_MS;
    expect(() => disk.backlog.add(rowsOf(1, 1))).toThrow(FULL);
    disk.backlog.forget(1);
    disk.isFull = false;
    disk.backlog.flush();
    expect([disk.stored, disk.ends]).toEqual([['2:0'], []]);
    disk.backlog.add(rowsOf(1, 0));
    disk.backlog.end(endOf(1));
    expect(disk.ends).toEqual([endOf(1)]);
  });

  it('that is full again when the end is to be written says interrupted, and says why once', () => {
    const disk = new Disk();
    disk.isFull = true;
    expect(() => disk.backlog.end(endOf(1))).toThrow(FULL);
    expect(() => disk.backlog.end(endOf(2))).toThrow(FULL);
    disk.isFull = false;
    disk.backlog.flush();
    expect(disk.ends.map(({ session, state, problems }) => [session, state, problems.length])).toEqual([
      [1, 'interrupted', 2],
      [2, 'interrupted', 2],
    ]);
  });
});
