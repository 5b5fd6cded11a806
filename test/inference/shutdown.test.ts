// How the threads end: each case runs in a program of its own, which must end by itself, without being told to.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Told } from '../fixtures/inference-child.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/inference-child.ts', import.meta.url));
/** A program that has not ended by then never will. */
const HANGS_MS = 30_000;

interface Ended extends Told {
  readonly exitCode: number | string | null | undefined;
  readonly stderr: string;
}

function play(scene: string): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: HANGS_MS, killSignal: 'SIGKILL' } as const;
    execFile(process.execPath, [PROGRAM, scene], options, (error, stdout, stderr) => {
      const exitCode = error ? (error.signal ?? error.code) : 0;
      const told: Told = stdout ? (JSON.parse(stdout) as Told) : { outcomes: [], messages: [] };
      resolve({ ...told, exitCode, stderr });
    });
  });
}

const FAILED = expect.stringMatching(/^(?!answered$)/) as string;

describe.concurrent('a program with an analyzer', () => {
  it('ends when it has closed it', async () => {
    expect(await play('idle')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('gets every frame answered that was under way when it closed it, and ends', async () => {
    const { outcomes, ...rest } = await play('close-in-flight');
    expect(rest).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcomes).toEqual(['answered', 'answered', 'answered', 'answered', 'answered']);
  });

  it('may close it more than once, and ends', async () => {
    const { outcomes, ...rest } = await play('close-twice');
    expect(rest).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcomes).toEqual(['answered', 'answered', 'answered']);
  });

  it('gets an error for what it asks for afterwards, and ends', async () => {
    const { outcomes, ...rest } = await play('ask-after-close');
    expect(rest).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcomes).toEqual([FAILED, FAILED]);
  });

  it('that could not start it ends', async () => {
    expect(await play('model-missing')).toMatchObject({ exitCode: 0, stderr: '', outcomes: ['model_missing'] });
  });

  it.each(['vision-dies', 'expression-dies'])(
    'gets an error for what was under way when a thread died (%s), and ends',
    async (scene) => {
      const { outcomes, messages, ...rest } = await play(scene);
      expect(rest).toMatchObject({ exitCode: 0 });
      expect(outcomes).toHaveLength(6);
      // What was answered before the end counts; the rest is told, as is that nothing more can be asked.
      expect(outcomes.slice(0, 4)).toContainEqual(FAILED);
      expect(outcomes[4]).toEqual(FAILED);
      expect(outcomes[5]).toBe('answered');
      for (const message of messages) expect(message).toMatch(/^[^\n]+$/);
    },
  );

  it('gets an error for what it asks for after a thread died in silence, and ends', async () => {
    const { outcomes, ...rest } = await play('expression-dies-idle');
    expect(rest).toMatchObject({ exitCode: 0 });
    expect(outcomes.slice(0, 4)).toContainEqual(FAILED);
    expect(outcomes[4]).toBe('answered');
  });
});
