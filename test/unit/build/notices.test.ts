import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noticesOf, packagesOf } from '../../../build/notices.ts';
import { notices } from '../../../src/main/contract/notices.ts';
import { temporaryFolder } from '../../fixtures/store-folder.ts';

/** A project with these packages, by their place in it: what stands in their package.json, and other files. */
function projectWith(packages: Readonly<Record<string, object>>, files: Readonly<Record<string, string>> = {}): string {
  const root = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [place, content] of Object.entries(packages)) {
    const name = place.replace(/^.*node_modules\//, '');
    write(join(place, 'package.json'), JSON.stringify({ name, version: '1.0.0', license: 'MIT', ...content }));
  }
  for (const [path, text] of Object.entries(files)) write(path, text);
  return root;
}

const summaryOf = (root: string, parts: readonly string[] = []): string[] =>
  noticesOf(root, parts).map(({ name, version, licence }) => `${name} ${version} ${licence}`);

describe('notices', () => {
  it('list what the program needs and what that needs, each once and by name, and no tools', () => {
    const root = projectWith({
      '.': { dependencies: { b: '1', '@s/a': '1' }, devDependencies: { tool: '1' } },
      'node_modules/b': { dependencies: { c: '1', '@s/a': '1' } },
      'node_modules/@s/a': { version: '2.0.0', dependencies: { b: '1' } },
      'node_modules/c': { license: 'ISC' },
      'node_modules/tool': {},
    });
    expect(summaryOf(root)).toEqual(['@s/a 2.0.0 MIT', 'b 1.0.0 MIT', 'c 1.0.0 ISC']);
  });

  it('list every version that is installed', () => {
    const root = projectWith({
      '.': { dependencies: { a: '1', c: '1' } },
      'node_modules/a': { dependencies: { c: '2' } },
      'node_modules/a/node_modules/c': { version: '2.0.0', dependencies: { d: '1' } },
      'node_modules/c': {},
      'node_modules/d': {},
    });
    expect(summaryOf(root)).toEqual(['a 1.0.0 MIT', 'c 1.0.0 MIT', 'c 2.0.0 MIT', 'd 1.0.0 MIT']);
  });

  it('list of optional packages those that are installed, and want the others to be', () => {
    const root = projectWith({
      '.': { dependencies: { a: '1' } },
      'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-windows': '1' } },
      'node_modules/a-linux': {},
    });
    expect(summaryOf(root)).toEqual(['a 1.0.0 MIT', 'a-linux 1.0.0 MIT']);
    const incomplete = projectWith({
      '.': { dependencies: { a: '1' } },
      'node_modules/a': { dependencies: { b: '1' } },
    });
    expect(() => noticesOf(incomplete, [])).toThrow(/^b, which .* needs, is not installed/);
    expect(() => noticesOf(projectWith({ '.': { dependencies: { a: '1' } } }), [])).toThrow('a is not installed');
  });

  it('list packages of which something is built in, without what they need', () => {
    const root = projectWith({
      '.': {},
      'node_modules/part': { dependencies: { compiler: '1' } },
      'node_modules/compiler': {},
    });
    expect(summaryOf(root, ['part'])).toEqual(['part 1.0.0 MIT']);
    expect(() => noticesOf(root, ['missing'])).toThrow('missing is not installed');
  });

  it('have the licence as it is stated, and every text of it', () => {
    const dependencies = { a: '1', b: '1', c: '1' };
    const root = projectWith(
      {
        '.': { dependencies },
        'node_modules/a': { license: { type: 'BSD' } },
        'node_modules/b': { license: undefined },
        'node_modules/c': {},
      },
      {
        'node_modules/a/LICENSE': '\nTerms of a.\n',
        'node_modules/a/NOTICE.txt': 'Notice of a.',
        'node_modules/a/README.md': 'no licence',
        'node_modules/b/licence.md': 'Terms of b.',
        'node_modules/c/license/readme.md': 'not a file of licence',
      },
    );
    const found = noticesOf(root, []);
    expect(found.map(({ licence }) => licence)).toEqual(['BSD', 'not stated', 'MIT']);
    expect(found.map(({ text }) => text)).toEqual(['Terms of a.\n\nNotice of a.', 'Terms of b.', null]);
    expect(notices.parse(found)).toEqual(found);
  });
});

describe('files of a window', () => {
  it('come from packages, each named once', () => {
    const files = [
      ...['/x/src/a.ts', '/x/node_modules/svelte/src/b.js', '/x/node_modules/svelte/src/c.js', '\0virtual'],
      ...['/x/node_modules/@s/a/d.js', '/x/node_modules/a/node_modules/b/e.js', 'C:\\x\\node_modules\\@s\\w\\f.js'],
    ];
    expect(packagesOf(files)).toEqual(['svelte', '@s/a', 'b', '@s/w']);
  });
});
