import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noticesText, writeLicences } from '../../../build/licences.ts';
import { temporaryFolder } from '../../fixtures/store-folder.ts';

describe('the texts of licences in a package', () => {
  it('list everybody with version, licence and text, as far as there are any', () => {
    const text = noticesText([
      { name: 'network', version: '', licence: 'MIT', text: null },
      { name: 'package', version: '1.2.3', licence: 'ISC', text: 'Permission is granted.' },
    ]);
    expect(text).toMatch(
      /^-+\nnetwork\nLicence: MIT\n\n-+\npackage 1\.2\.3\nLicence: ISC\n\nPermission is granted\.\n\n-+\n$/m,
    );
  });

  it('are not written half where the window has not been built', () => {
    const folder = join(temporaryFolder(), 'licences');
    expect(() => writeLicences(temporaryFolder(), folder)).toThrow(/notices\.json/);
    expect(existsSync(folder)).toBe(false);
  });
});
