import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** Writes a file that appears under its name only when it is finished, readable by its owner alone. Throws what the system throws. */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`; // two programs at once must not write into one another
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
