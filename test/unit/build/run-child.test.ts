import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const FIXTURE = fileURLToPath(new URL('../../fixtures/run-child.mjs', import.meta.url));

interface Run {
  readonly lines: () => string[];
  /** Tells whoever was started first. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves when nobody holds standard output any more. */
  readonly closed: Promise<unknown>;
}

async function start(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<Run> {
  const [program, ...words] = command;
  const child = spawn(program, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  const lines = (): string[] => text.split('\n').slice(0, -1);
  await expect.poll(() => lines().length, { timeout: 20_000 }).toBe(1);
  const pid = Number(lines()[0].split(' ')[1]);
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      expect(error).toMatchObject({ code: 'ESRCH' }); // it has ended, as it should
    }
  });
  return { lines: () => lines().slice(1), signal: (name) => child.kill(name), closed: once(child, 'close') };
}

describe.skipIf(process.platform === 'win32')('a program that runs in the place of another', () => {
  it.each(['SIGTERM', 'SIGHUP'] as const)('is told of %s, and waited for', async (signal) => {
    const run = await start([process.execPath, FIXTURE], { npm_lifecycle_event: '' });
    run.signal(signal);
    await run.closed;
    expect(run.lines()).toEqual([signal]);
  });

  it('ends when the shell of npm was ended, which tells nobody', async () => {
    const shell = ['/bin/sh', '-c', '"$0" "$1"; true', process.execPath, FIXTURE] as const;
    const run = await start(shell, { npm_lifecycle_event: 'start' });
    run.signal('SIGTERM');
    await run.closed;
    expect(run.lines()).toEqual(['SIGTERM']);
  });
});
