import { afterEach, describe, expect, it, vi } from 'vitest';
import { isRunning } from '../../../src/main/platform/programs.ts';

const OURS = { foreign: 'is none of ours' } as const;
const ANY = { foreign: 'counts' } as const;

afterEach(() => vi.restoreAllMocks());

describe('a program', () => {
  it('runs, or has ended, whoever asks', () => {
    expect([isRunning(process.pid, OURS), isRunning(process.pid, ANY)]).toEqual([true, true]);
    expect([isRunning(999_999_999, OURS), isRunning(999_999_999, ANY)]).toEqual([false, false]);
  });

  it.each([NaN, 0, -1, 1.5])('has no such number as %d', (pid) => {
    const kill = vi.spyOn(process, 'kill');
    expect([isRunning(pid, OURS), isRunning(pid, ANY)]).toEqual([false, false]);
    expect(kill).not.toHaveBeenCalled(); // 0 and less mean whole groups
  });

  it('of another user counts where that is said', () => {
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    });
    expect([isRunning(1, OURS), isRunning(1, ANY)]).toEqual([false, true]);
  });
});
