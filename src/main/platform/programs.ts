// Whether a program that has left its number in a data folder is still there.
import { stat } from 'node:fs/promises';
import { uptime } from 'node:os';

/** Whether a program runs. What belongs to another user cannot be asked more than that: `foreign` says whether it counts. */
export function isRunning(pid: number, { foreign }: { readonly foreign: 'counts' | 'is none of ours' }): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return foreign === 'counts' && (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a file was made before the machine was started: then its program is gone, whatever has its number now. */
export async function isOlderThanMachine(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => null); // gone meanwhile
  return facts !== null && facts.mtimeMs < Date.now() - 1000 * uptime();
}
