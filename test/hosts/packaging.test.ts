// Packages for every system, made of a stand-in for Electron's files and without a network: what is in them, and how they are locked.
// The packed program of this machine runs on the stand-in for Electron. It is taken out of its archive for that, which plain Node cannot
// read: that Electron finds everything inside of it is not proved here, nor are signatures and installers.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractAll, extractFile, getRawHeader } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { NtExecutable, NtExecutableResource } from 'resedit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourcesIn, sizesOf, sizesText } from '../../build/packed.ts';
import { TARGETS, configurationFor, pack, type System } from '../../build/packaging.ts';
import { ONE_FACE_CLIP, makeClip } from '../../src/main/hosts/demo/clip.ts';
import { CHROMIUM } from '../fixtures/browser.ts';
import { Workplace } from '../fixtures/cli.ts';
import { makeElectronDist } from '../fixtures/electron-dist.ts';
import { ElectronProgram } from '../fixtures/electron/program.ts';
import { filesBelow, packedFiles, systemOf, type PackedFile } from '../fixtures/packed-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SYSTEMS = Object.keys(TARGETS) as System[];
const readJson = (path: string): Record<string, object | undefined> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, object | undefined>;
const PROJECT = readJson(join(ROOT, 'package.json'));
const namesIn = (part: string): string[] => Object.keys(PROJECT[part] ?? {});

/** Where packaging puts the program. */
const PROGRAMS: Readonly<Record<System, string>> = {
  mac: 'mac-arm64/Mien.app',
  windows: 'win-unpacked/Mien.exe',
  linux: 'linux-unpacked/mien',
};

/** The system of this machine, where it is one that a package is for. */
const OWN = SYSTEMS.find((system) => {
  const { platform, arch } = TARGETS[system];
  return platform === process.platform && arch === process.arch;
});

describe('a package', () => {
  const place = new Workplace();
  const packages = place.at('packages');
  const cache = place.at('cache');
  let connections: unknown[] = [];

  /** What a machine for tests cannot have: Electron's files, and signatures. */
  function packFor(system: System, further: object = {}): Promise<void> {
    const dist = place.at('electron', system);
    makeElectronDist(dist, system);
    const wanted = configurationFor(ROOT);
    const configuration = {
      ...wanted,
      electronDist: dist,
      directories: { ...wanted.directories, output: packages },
      mac: { ...wanted.mac, identity: null },
      win: { ...wanted.win, signExecutable: false },
      ...further,
    };
    return pack({ root: ROOT, system, isFolderOnly: true, configuration });
  }

  const resources = (system: System): string => resourcesIn(packages, system);
  const archiveOf = (system: System): string => join(resources(system), 'app.asar');
  const filesOf = (system: System): PackedFile[] => packedFiles(archiveOf(system));
  const pathsOf = (system: System): string[] => filesOf(system).map(({ path }) => path);

  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    for (const name of ['ELECTRON_BUILDER_CACHE', 'electron_config_cache', 'XDG_CACHE_HOME']) vi.stubEnv(name, cache);
    vi.stubEnv('npm_config_offline', 'true'); // it is asked for the list of what is installed
    const connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(() => {
      throw new Error('there is no network');
    });
    for (const system of SYSTEMS) await packFor(system);
    connections = connect.mock.calls;
    connect.mockRestore();
  }, 300_000);

  afterAll(() => {
    vi.unstubAllEnvs();
    place.remove();
  });

  it('is made without asking anybody for anything', () => {
    expect(connections).toEqual([]);
    expect(readdirSync(cache)).toEqual([]);
  });

  it.each(SYSTEMS)('for %s has what the program needs', (system) => {
    const paths = new Set(pathsOf(system));
    const below = (folder: string): string[] => filesBelow(join(ROOT, folder)).map((file) => `${folder}/${file}`);
    const built = ['out/main', 'out/kernel', 'out/preload', 'out/renderer'].flatMap(below);
    const models = Object.values(
      readJson(join(ROOT, 'models/manifest.json')).models as Record<string, { file: string; origin: { kind: string } }>,
    ).filter(({ origin }) => origin.kind !== 'fetched');
    const needed = [
      ...['package.json', 'models/manifest.json', ...below('models/profiles')],
      ...built.filter((file) => !file.endsWith('.map')),
      ...models.map(({ file }) => `models/${file}`),
      ...namesIn('dependencies').map((name) => `node_modules/${name}/package.json`),
    ];
    expect(built.length).toBeGreaterThan(100);
    expect(needed.filter((file) => !paths.has(file))).toEqual([]);
    console.log(`package for ${system}: ${sizesText(sizesOf(resources(system)))}`);
  });

  it.each(SYSTEMS)('for %s has nothing else', (system) => {
    const paths = pathsOf(system);
    const places = /^(package\.json$|out\/(main|kernel|native|preload|renderer)\/|models\/|node_modules\/)/;
    expect(paths.filter((path) => !places.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(ts|mts|cts|map|svelte)$|^models\/.*(\.md|\/\..*)$/.test(path))).toEqual([]);
    const tools = [...namesIn('devDependencies'), ...namesIn('optionalDependencies')];
    const packed = new Set(paths.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]));
    expect(tools.filter((name) => packed.has(name))).toEqual([]);
    if (system !== 'mac') expect(readdirSync(join(resources(system), '../locales'))).toEqual(['en-US.pak']);
    const project = JSON.parse(extractFile(archiveOf(system), 'package.json').toString()) as object;
    expect(Object.keys(project)).toContain('dependencies');
    expect(Object.keys(project)).not.toContain('devDependencies');
  });

  it.each(SYSTEMS)('for %s has native parts of that system alone, and these lie beside the archive', (system) => {
    const { platform, arch, packages: wanted } = TARGETS[system];
    const files = filesOf(system);
    const beside = files.filter(({ isUnpacked }) => isUnpacked).map(({ path }) => path);
    expect(filesBelow(`${archiveOf(system)}.unpacked`).sort()).toEqual([...beside].sort());
    const natives = files.filter(({ path }) => /\.(node|dll|dylib|so(\.\d+)*)$/.test(path));
    expect(natives.filter(({ isUnpacked }) => !isUnpacked)).toEqual([]);
    const isBuilt = system === OWN && existsSync(join(ROOT, 'out/native/kinect.node'));
    expect(natives.some(({ path }) => path === 'out/native/kinect.node')).toBe(isBuilt);
    for (const { path } of natives) expect(systemOf(join(`${archiveOf(system)}.unpacked`, path)), path).toBe(platform);

    const ofRuntime = 'node_modules/onnxruntime-node/bin/napi-v6/';
    const runtimes = natives.filter(({ path }) => path.startsWith(ofRuntime)).map(({ path }) => dirname(path));
    expect(new Set(runtimes)).toEqual(new Set([`${ofRuntime}${platform}/${arch}`]));
    const databases = natives.filter(({ path }) => path.includes('better-sqlite3')).map(({ path }) => path);
    expect(databases).toEqual([`node_modules/better-sqlite3/prebuilds/${platform}-${arch}.node`]);
    const scoped = files.map(({ path }) => /^node_modules\/(@(?:img|seydx)\/[^/]+)\//.exec(path)?.[1]);
    const expected = ['@img/colour', ...wanted.filter((name) => existsSync(join(ROOT, 'node_modules', name)))];
    expect([...new Set(scoped)].filter((name) => name !== undefined).sort()).toEqual(expected.sort());
    const { native } = sizesOf(resources(system));
    expect(native / 1e6).toBeGreaterThan(40);
    expect(native / 1e6).toBeLessThan(90);
  });

  it.each(SYSTEMS)('for %s cannot be made to run other code', async (system) => {
    const fuses = await getCurrentFuseWire(join(packages, PROGRAMS[system]));
    expect(fuses).toMatchObject({
      [FuseV1Options.RunAsNode]: FuseState.DISABLE,
      [FuseV1Options.EnableCookieEncryption]: FuseState.ENABLE,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: FuseState.DISABLE,
      [FuseV1Options.EnableNodeCliInspectArguments]: FuseState.DISABLE,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: FuseState.ENABLE,
      [FuseV1Options.OnlyLoadAppFromAsar]: FuseState.ENABLE,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: FuseState.DISABLE,
    });
  });

  it('starts no Node of its own, which its program would not be', () => {
    const archive = archiveOf('linux');
    const scripts = pathsOf('linux').filter((path) => /^out\/(main|preload)\/.*\.c?js$/.test(path));
    expect(scripts).toContain('out/main/hosts/electron/utility-engine.js');
    const code = scripts.map((path) => extractFile(archive, path).toString());
    expect(code.filter((text) => /child_process|ELECTRON_RUN_AS_NODE/.test(text))).toEqual([]);
  });

  const hashOf = (system: System): string =>
    createHash('sha256')
      .update(getRawHeader(archiveOf(system)).headerString)
      .digest('hex');

  it('for macOS asks for the camera and for what native parts need, and nothing else', () => {
    const { hardenedRuntime, entitlements, entitlementsInherit } = configurationFor(ROOT).mac ?? {};
    expect(hardenedRuntime).toBe(true);
    expect(entitlementsInherit).toBe(entitlements);
    const rights = readFileSync(join(ROOT, entitlements ?? ''), 'utf8').matchAll(/<key>(.*)<\/key>\s*<true\/>/g);
    expect([...rights].map(([, right]) => right)).toEqual([
      'com.apple.security.cs.allow-jit',
      'com.apple.security.cs.disable-library-validation',
      'com.apple.security.device.camera',
    ]);
  });

  it('for macOS says what the camera is for, holds the hash of its archive and has its icon', () => {
    const list = readFileSync(join(packages, PROGRAMS.mac, 'Contents/Info.plist'), 'utf8');
    expect(list).toMatch(
      /NSCameraUsageDescription<\/key>\s*<string>Mien computes expression scores [^<]*does not leave/,
    );
    const asked = [...list.matchAll(/<key>(\w+UsageDescription)</g)].map(([, key]) => key);
    expect(asked).toEqual(['NSCameraUsageDescription']);
    expect(list).toContain(`<string>${hashOf('mac')}</string>`);
    const icon = readFileSync(join(resources('mac'), 'icon.icns'));
    expect(icon.toString('ascii', 0, 4)).toBe('icns');
    expect(icon.readUInt32BE(4)).toBe(icon.length);
  });

  it('for Windows holds the hash of its archive, and has its icon and name', () => {
    const program = NtExecutable.from(readFileSync(join(packages, PROGRAMS.windows)));
    const { entries } = NtExecutableResource.from(program);
    const integrity = entries.find(({ type, id }) => type === 'INTEGRITY' && id === 'ELECTRONASAR');
    const [entry] = JSON.parse(Buffer.from(integrity?.bin ?? new ArrayBuffer(0)).toString()) as {
      file: string;
      value: string;
    }[];
    expect(entry).toMatchObject({ file: 'resources\\app.asar', value: hashOf('windows') });
    const [iconGroup, version] = [14, 16];
    expect(entries.map(({ type }) => type)).toEqual(expect.arrayContaining([iconGroup, version]));
    const names = entries.filter(({ type }) => type === version).map(({ bin }) => Buffer.from(bin).toString('utf16le'));
    expect(names.join()).toContain('Mien');
  });

  it.each(SYSTEMS)('for %s says under which licences it is', (system) => {
    const read = (name: string): string => readFileSync(join(resources(system), 'licences', name), 'utf8');
    expect(read('LICENCE.txt')).toMatch(/as a whole, .*\s.*GPL-3\.0-or-later/);
    expect(read('LICENCE.txt')).toContain('MIT License');
    expect(read('GPL-3.0.txt')).toMatch(/^\s*GNU GENERAL PUBLIC LICENSE\s+Version 3/);
    for (const name of namesIn('dependencies')) expect(read('THIRD-PARTY-NOTICES.txt')).toContain(`\n${name} `);
    // On macOS they lie outside of the program; of a distribution that is a folder, nothing outside is taken.
    if (system === 'mac') return;
    const ofElectron = ['LICENSE.electron.txt', 'LICENSES.chromium.html'];
    expect(readdirSync(join(packages, dirname(PROGRAMS[system])))).toEqual(expect.arrayContaining(ofElectron));
  });

  it('is not made by a configuration with words that nobody knows', async () => {
    await expect(packFor('linux', { colour: 'blue' })).rejects.toThrow(/unknown property 'colour'/);
    const mac = { ...configurationFor(ROOT).mac, camera: true };
    await expect(packFor('linux', { mac })).rejects.toThrow(/configuration\.mac should be one of/);
  });

  it.skipIf(!CHROMIUM || !OWN)('runs, and analyses a film', { timeout: 180_000 }, async () => {
    const system = OWN ?? 'linux';
    const folder = place.at('taken out');
    extractAll(archiveOf(system), folder);
    const home = place.at('home');
    mkdirSync(home);
    await makeClip(join(home, 'film.mp4'), { ...ONE_FACE_CLIP, scenes: ONE_FACE_CLIP.scenes.slice(0, 1) });
    const program = await ElectronProgram.start(place.data, {
      main: join(folder, 'out/main/hosts/electron/main.js'),
      env: { HOME: home, USERPROFILE: home },
    });
    try {
      const page = await program.page();
      await page.getByRole('link', { name: 'Analyse files' }).first().click();
      await page.getByRole('button', { name: /film.mp4/ }).click();
      await page.getByLabel(/Everybody who is seen/).check();
      await page.getByLabel(/Recognise people/).check();
      await page.getByRole('button', { name: 'Analyse', exact: true }).click();
      await page.getByRole('link', { name: 'Open the session' }).click({ timeout: 120_000 });
      await page.getByRole('region', { name: 'Timeline of P1' }).waitFor();
    } finally {
      await program.stop();
    }
    expect(program.stderr).toBe('');
  });
});
