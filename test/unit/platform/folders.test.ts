import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder } from '../../../src/main/platform/folders.ts';
import { temporaryFolder } from '../../fixtures/store-folder.ts';

const isWindows = process.platform === 'win32';
const isFolder = (path: string): boolean => statSync(path).isDirectory();
const rightsOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('making a folder', () => {
  it('makes those above it that are missing, and nothing else', () => {
    const top = temporaryFolder();
    makeFolder(join(top, 'a', 'b', 'c'), 0o700);
    expect(isFolder(join(top, 'a', 'b', 'c'))).toBe(true);
    expect([top, join(top, 'a'), join(top, 'a', 'b')].map((folder) => readdirSync(folder))).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ]);
  });

  it('understands relative names, dots and a slash at the end', () => {
    const top = temporaryFolder();
    makeFolder(`${relative(process.cwd(), top)}/x/./y/../z//`, 0o700);
    expect(readdirSync(join(top, 'x'))).toEqual(['z']);
  });

  it('leaves a folder that is there as it is', () => {
    const top = temporaryFolder();
    mkdirSync(join(top, 'mine'), { mode: 0o755 });
    writeFileSync(join(top, 'mine', 'file'), 'text');
    const before = rightsOf(join(top, 'mine'));
    makeFolder(join(top, 'mine'), 0o700);
    expect(rightsOf(join(top, 'mine'))).toBe(before);
    expect(readdirSync(join(top, 'mine'))).toEqual(['file']);
  });

  it.skipIf(isWindows)('gives all new folders the rights that were asked for', () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const top = temporaryFolder();
    makeFolder(join(top, 'a', 'b'), 0o750);
    expect([join(top, 'a'), join(top, 'a', 'b')].map(rightsOf)).toEqual(['750', '750']);
  });

  it.skipIf(isWindows)('goes through a link to a folder', () => {
    const top = temporaryFolder();
    mkdirSync(join(top, 'real'));
    symlinkSync(join(top, 'real'), join(top, 'link'));
    makeFolder(join(top, 'link', 'new'), 0o700);
    expect(readdirSync(join(top, 'real'))).toEqual(['new']);
  });

  it.each(['file', join('file', 'below'), join('file', 'far', 'below')])(
    'fails where a file is in the way: %s',
    (name) => {
      const top = temporaryFolder();
      writeFileSync(join(top, 'file'), 'text');
      expect(() => makeFolder(join(top, name), 0o700)).toThrow(/EEXIST|ENOTDIR/);
      expect(readdirSync(top)).toEqual(['file']);
    },
  );

  // Here the system says of a folder that is there that it is not, and Node's own way of making folders never returns.
  it.skipIf(!existsSync('/proc/self'))('fails where the system does not let anybody make one', () => {
    expect(() => makeFolder('/proc/mien/data', 0o700)).toThrow(/ENOENT|EACCES|EPERM|EROFS/);
  });
});
