// "npm run package": makes the installers for the system of this machine. Behind "--": mac, windows or linux names a system, --folder
// makes only the folder that would be installed.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MienError } from '../src/main/contract/errors.ts';
import { resourcesIn, sizesOf, sizesText } from './packed.ts';
import { PACKAGES, TARGETS, configurationFor, missingPackages, pack, type System } from './packaging.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SYSTEMS = Object.keys(TARGETS) as System[];

interface Wish {
  readonly system: System;
  readonly isFolderOnly: boolean;
}

/** Reads the words of the command. Throws usage. */
function readWish(words: readonly string[]): Wish {
  const { values, positionals } = parse(words);
  const own = SYSTEMS.find((system) => TARGETS[system].platform === process.platform);
  const [named = own, ...others] = positionals;
  const system = SYSTEMS.find((known) => known === named);
  if (!system || others.length > 0) {
    throw new MienError(
      'usage',
      'There is no such system to make a package for.',
      `Name one of ${SYSTEMS.join(', ')}.`,
    );
  }
  return { system, isFolderOnly: values.folder === true };
}

function parse(words: readonly string[]): { values: { folder?: boolean | undefined }; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options: { folder: { type: 'boolean' } } });
  } catch (cause) {
    const message = 'There is a word that packaging does not know.';
    throw new MienError('usage', message, 'Known are a system and "--folder".', { cause });
  }
}

/** Throws usage or input_missing where this machine cannot make the package. */
function refuseInVain({ system, isFolderOnly }: Wish): void {
  const { title, platform, arch, installers } = TARGETS[system];
  const missing = missingPackages(ROOT, system);
  if (missing.length > 0) {
    const message = `Native parts for ${title} are not installed: ${missing.join(', ')}.`;
    throw new MienError('input_missing', message, `Run this on ${title} (${arch}): npm installs them there.`);
  }
  if (isFolderOnly) return;
  if (installers.length === 0) {
    const remedy = 'Add "--folder" for the folder alone, or make a package for another system.';
    throw new MienError('usage', `There is no installer for ${title}.`, remedy);
  }
  if (platform !== process.platform) {
    const message = `Installers for ${title} are made on ${title} alone.`;
    throw new MienError('usage', message, 'Run this there, or add "--folder".');
  }
}

try {
  const wish = readWish(process.argv.slice(2));
  refuseInVain(wish);
  await pack({ root: ROOT, ...wish, configuration: configurationFor(ROOT) });
  const packages = join(ROOT, PACKAGES);
  console.log(`${packages}: ${sizesText(sizesOf(resourcesIn(packages, wish.system)))}`);
} catch (error) {
  if (!(error instanceof MienError)) throw error;
  console.error(`mien: ${error.message} ${error.remedy}`);
  process.exitCode = 1;
}
