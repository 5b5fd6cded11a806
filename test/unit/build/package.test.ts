// What "npm run package" refuses, and what it says then.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TARGETS, missingPackages, type System } from '../../../build/packaging.ts';
import { temporaryFolder } from '../../fixtures/store-folder.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../../../build/package.ts', import.meta.url));
const SYSTEMS = Object.keys(TARGETS) as System[];

function run(...words: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...words], { encoding: 'utf8' });
  return { status, stderr };
}

describe('packaging', () => {
  it('misses every native part in a project without packages', () => {
    const folder = temporaryFolder();
    for (const system of SYSTEMS) expect(missingPackages(folder, system)).toEqual(TARGETS[system].packages);
  });

  it('is refused for a system whose native parts are not installed, with their names and what to do', () => {
    const foreign = SYSTEMS.filter((system) => missingPackages(ROOT, system).length > 0);
    expect(foreign.length).toBeGreaterThanOrEqual(2); // npm installs those of one system
    const { title, packages } = TARGETS[foreign[0]];
    const { status, stderr } = run(foreign[0], '--folder');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      `mien: Native parts for ${title} are not installed: ${packages.join(', ')}. Run this on ${title}`,
    );
  });

  it.each([
    [['atari'], /There is no such system .* Name one of mac, windows, linux\./],
    [['mac', 'windows'], /There is no such system/],
    [['--colour'], /There is a word that packaging does not know\. Known are/],
  ])('is refused when it is asked with %j', (words, sentence) => {
    const { status, stderr } = run(...words);
    expect(status).toBe(1);
    expect(stderr).toMatch(sentence);
  });

  it.skipIf(missingPackages(ROOT, 'linux').length > 0)('makes no installer for Linux, and says what it makes', () => {
    const { status, stderr } = run('linux');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'mien: There is no installer for Linux. Add "--folder" for the folder alone, or make a package for another system.\n',
    );
  });
});
