// Puts the adapters together for every host.
import { readFileSync } from 'node:fs';
import { homedir, uptime } from 'node:os';
import { join } from 'node:path';
import type { LiveClock } from '../engine/ports.ts';
import { ModelRegistry } from '../inference/registry.ts';
import { RecordingStore } from '../store/recording-store.ts';

const ROOT = new URL('../../../', import.meta.url);
export const MODELS_FOLDER = new URL('models/', ROOT);

export const PROGRAM_VERSION = (JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { version: string })
  .version;

export const systemClock: LiveClock = {
  monotonicMs: () => performance.now(),
  unixMs: () => Date.now(),
  uptimeMs: () => 1000 * uptime(),
};

/** Where sessions are stored: what the user says, else MIEN_DATA, else the platform's place for application data. */
export function dataFolder(chosen: string | undefined): string {
  const folder = chosen ?? process.env.MIEN_DATA;
  if (folder) return folder;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Mien');
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Mien');
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'mien');
}

/** The models, with those that were fetched into a data folder, and the profiles that come with them or that the user has put there. */
export const openRegistry = (data?: string): Promise<ModelRegistry> =>
  ModelRegistry.open(MODELS_FOLDER, join(dataFolder(data), 'profiles'), join(dataFolder(data), 'models'));

export const openStore = (data: string | undefined): Promise<RecordingStore> =>
  RecordingStore.open(dataFolder(data), systemClock);
