// What lies where in a packed folder, and how large it is.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from './packaging.ts';

/** The folder with the program's archive and what lies beside it, in the folder of all packages. */
export function resourcesIn(packages: string, system: System): string {
  const places: Readonly<Record<System, string>> = {
    mac: 'mac-arm64/Mien.app/Contents/Resources',
    windows: 'win-unpacked/resources',
    linux: 'linux-unpacked/resources',
  };
  return join(packages, places[system]);
}

/** Bytes of the parts of a packed program, without Electron. */
export interface Sizes {
  readonly archive: number;
  readonly models: number;
  readonly decoder: number;
  /** Native parts but for the decoder. */
  readonly native: number;
}

export function sizesOf(resources: string): Sizes {
  const unpacked = join(resources, 'app.asar.unpacked');
  const packages = join(unpacked, 'node_modules');
  const decoder = bytesIn(join(packages, '@seydx'));
  return {
    archive: statSync(join(resources, 'app.asar')).size,
    models: bytesIn(join(unpacked, 'models')),
    decoder,
    native: bytesIn(packages) - decoder,
  };
}

/** One line with all sizes, in millions of bytes. */
export function sizesText({ archive, models, decoder, native }: Sizes): string {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  return `archive ${mb(archive)}, models ${mb(models)}, native parts ${mb(native)}, decoder ${mb(decoder)}`;
}

/** Of a folder that is not there, none. */
function bytesIn(folder: string): number {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
