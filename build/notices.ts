// Lists what others have made and we ship: packages that the program needs, and what they need; packages of which parts are in the
// window; networks. It is made whenever the window is built, because what is installed depends on the machine.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';
import { NOTICES_FILE, type Notice } from '../src/main/contract/notices.ts';

const MODELS = 'models/manifest.json';

/** Networks are made of files of these packages. */
const HOMES_OF_NETWORKS = ['@vladmandic/face-api', '@vladmandic/human'];

const LICENCE_FILES = /^(licen[cs]e|copying|notice|third.?party)/i;

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readPackage = (folder: string): PackageFile =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;

/** Where a package is that somebody in `folder` asks for, as Node finds it; null where it is not installed. */
function findPackage(name: string, folder: string): string | null {
  for (let from = folder; ; from = dirname(from)) {
    const found = join(from, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
    if (dirname(from) === from) return null;
  }
}

/** Adds the folders of what a package needs, and of what that needs. Throws where something is missing that is not optional. */
function addNeeded(folder: string, folders: Set<string>): void {
  const { dependencies = {}, optionalDependencies = {} } = readPackage(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = findPackage(name, folder);
    if (found === null && name in optionalDependencies) continue; // for other machines
    if (found === null) throw new Error(`${name}, which ${folder} needs, is not installed`);
    if (folders.has(found)) continue;
    folders.add(found);
    addNeeded(found, folders);
  }
}

function noticeOf(folder: string): Notice {
  const { name, version, license } = readPackage(folder);
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILES.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
  const stated = typeof license === 'object' ? license.type : license;
  return { name, version, licence: stated ?? 'not stated', text: texts.join('\n\n') || null };
}

function networksOf(root: string): Notice[] {
  const { models } = JSON.parse(readFileSync(join(root, MODELS), 'utf8')) as {
    readonly models: Readonly<Record<string, { readonly licence: string }>>;
  };
  return Object.entries(models).map(([id, { licence }]) => ({ name: id, version: '', licence, text: null }));
}

/**
 * What is shipped of a project, by name: what its package.json needs to run (for optional ones: what is installed here), without
 * tools, and the packages `parts`, of which something is built in.
 */
export function noticesOf(root: string, parts: readonly string[]): Notice[] {
  const folders = new Set<string>();
  for (const name of Object.keys(readPackage(root).dependencies ?? {})) {
    const found = findPackage(name, root);
    if (found === null) throw new Error(`${name} is not installed`);
    folders.add(found);
    addNeeded(found, folders);
  }
  for (const name of parts) {
    const found = findPackage(name, root);
    if (found === null) throw new Error(`${name} is not installed`);
    folders.add(found);
  }
  const placeOf = ({ name, version }: Notice): string => `${name} ${version}`;
  return [...folders].map(noticeOf).sort((p, q) => (placeOf(p) < placeOf(q) ? -1 : 1));
}

/** The packages that files come from. */
export function packagesOf(files: readonly string[]): string[] {
  const names = files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/'))?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Puts the list beside the page that is built. */
export function noticesPlugin(root: string): Plugin {
  return {
    name: 'notices',
    generateBundle(_, bundle): void {
      const files = Object.values(bundle).flatMap((made) => (made.type === 'chunk' ? made.moduleIds : []));
      const list = [...networksOf(root), ...noticesOf(root, [...HOMES_OF_NETWORKS, ...packagesOf(files)])];
      this.emitFile({ type: 'asset', fileName: NOTICES_FILE, source: JSON.stringify(list) });
    },
  };
}
