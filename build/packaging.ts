// What a package of Mien consists of, for whom, and how it is locked: what electron-builder is told.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arch, Platform, build, type Configuration } from 'electron-builder';
import { ICONS, makeIcons } from './icons.ts';
import { LICENCES, writeLicences } from './licences.ts';

/** Systems that a package can be made for. */
export type System = 'mac' | 'windows' | 'linux';

interface Target {
  readonly title: string;
  /** Names of the system and its processor, as Node has them. */
  readonly platform: 'darwin' | 'win32' | 'linux';
  readonly arch: 'arm64' | 'x64';
  /** What electron-builder makes of the packed folder. */
  readonly installers: readonly string[];
  /** Packages with native parts that npm brings to such a machine alone. */
  readonly packages: readonly string[];
}

/** For Linux there is no installer: its folder is what tests pack and run. */
export const TARGETS: Readonly<Record<System, Target>> = {
  mac: {
    title: 'macOS',
    platform: 'darwin',
    arch: 'arm64',
    installers: ['dmg', 'zip'],
    packages: ['@img/sharp-darwin-arm64', '@img/sharp-libvips-darwin-arm64', '@seydx/node-av-darwin-arm64'],
  },
  windows: {
    title: 'Windows',
    platform: 'win32',
    arch: 'x64',
    installers: ['nsis'],
    packages: ['@img/sharp-win32-x64', '@seydx/node-av-win32-x64-msvc'],
  },
  linux: {
    title: 'Linux',
    platform: 'linux',
    arch: 'x64',
    installers: [],
    packages: ['@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64', '@seydx/node-av-linux-x64'],
  },
};

/** Folders below the root of the project: what is made for the package, and the packages. */
const MADE = 'out/package';
export const PACKAGES = 'out/packages';

/** What lies beside the archive: what the system loads, because it knows no archives; and models, which are checked by hashes of ours. */
const UNPACKED = [
  'models/**',
  'out/native/**',
  'node_modules/onnxruntime-node/bin/**',
  'node_modules/better-sqlite3/prebuilds/**',
  'node_modules/@img/sharp-*/**',
  'node_modules/@seydx/**',
];

/** Nobody starts the program as a plain Node, steers it by environment or debugger, or puts other code in its place. */
const FUSES: NonNullable<Configuration['electronFuses']> = {
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  enableCookieEncryption: true,
  grantFileProtocolExtraPrivileges: false,
  // Setting these breaks the signature that Electron has, without which no Mac starts it: where there is no certificate, nothing
  // signs it again. Only a Mac can.
  resetAdHocDarwinSignature: process.platform === 'darwin',
};

interface ProjectFile {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface ManifestFile {
  readonly models: Readonly<Record<string, { readonly file: string; readonly origin: { readonly kind: string } }>>;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** What belongs into every package, as patterns. electron-builder adds the packages that the program needs. */
function filesForAll(root: string): string[] {
  const { models } = readJson(join(root, 'models/manifest.json')) as ManifestFile;
  const { optionalDependencies = {} } = readJson(join(root, 'package.json')) as ProjectFile;
  return [
    'package.json',
    ...['main', 'kernel', 'native', 'preload', 'renderer'].map((part) => `out/${part}/**`),
    ...['models/manifest.json', 'models/profiles/*.json'],
    // What is fetched lies with the user's data.
    ...Object.values(models).flatMap(({ file, origin }) => (origin.kind === 'fetched' ? [] : [`models/${file}`])),
    // Electron has a Node of its own.
    ...Object.keys(optionalDependencies).map((name) => `!node_modules/${name}/**`),
    // The decoder's way to other machines, which Mien does not go.
    '!node_modules/{werift,werift-*,mediabunny,mp4box}/**',
    // What packages are made of and described by.
    ...['!**/*.{map,ts,mts,cts,c,cpp,h,gyp,gypi}', '!node_modules/{better-sqlite3/{deps,src},node-addon-api}/**'],
  ];
}

/**
 * Patterns that keep out what is for other machines. Not by "${platform}": in patterns for files that is the machine on which
 * the package is made.
 */
function othersThan({ platform, arch }: Target): string[] {
  const own = `${platform}-${arch}`;
  return [
    `!node_modules/onnxruntime-node/bin/napi-v6/!(${platform})/**`,
    `!node_modules/onnxruntime-node/bin/napi-v6/*/!(${arch})/**`,
    // A second copy under its long name: npm knows no links. The binding asks for the short one.
    '!node_modules/onnxruntime-node/bin/**/libonnxruntime.*.*.*.dylib',
    `!node_modules/better-sqlite3/prebuilds/!(${own}.node)`,
    `!node_modules/@img/sharp-!(${own}|libvips-${own})/**`,
    `!node_modules/@seydx/node-av-!(${own}|${own}-msvc)/**`,
    // What speaks with a Kinect is built on the machine that it is for.
    ...(own === `${process.platform}-${process.arch}` ? [] : ['!out/native/**']),
  ];
}

/** What electron-builder is told for the project in `root`. It checks it itself, and refuses keys that it does not know. */
export function configurationFor(root: string): Configuration {
  const { mac, windows, linux } = TARGETS;
  // All patterns stand with the system: beside general ones, those of a system would begin with everything.
  const filesFor = (target: Target): string[] => [...filesForAll(root), ...othersThan(target)];
  const made = (file: string): string => `${MADE}/${file}`;
  const installersOf = ({ installers, arch }: Target): { target: string; arch: 'arm64' | 'x64' }[] =>
    installers.map((target) => ({ target, arch }));
  return {
    appId: 'mien.desktop',
    productName: 'Mien',
    copyright: 'Copyright © 2026 the authors of Mien',
    directories: { output: PACKAGES, buildResources: MADE },
    asar: { smartUnpack: false },
    asarUnpack: UNPACKED,
    electronFuses: FUSES,
    electronLanguages: ['en-US'],
    extraResources: [{ from: made(LICENCES), to: LICENCES }],
    npmRebuild: false, // native parts speak Node-API: they are the same for every Node
    allowMissingDependencies: false,
    publish: null,
    mac: {
      target: installersOf(mac),
      category: 'public.app-category.education',
      icon: made(ICONS.mac),
      files: filesFor(mac),
      hardenedRuntime: true,
      entitlements: 'build/entitlements.mac.plist',
      entitlementsInherit: 'build/entitlements.mac.plist',
      extendInfo: {
        NSCameraUsageDescription:
          'Mien computes expression scores from the picture of the camera. The picture does not leave this machine.',
        // What Electron would ask for beside it.
        ...{ NSMicrophoneUsageDescription: null, NSAudioCaptureUsageDescription: null },
        ...{ NSBluetoothAlwaysUsageDescription: null, NSBluetoothPeripheralUsageDescription: null },
      },
    },
    win: { target: installersOf(windows), icon: made(ICONS.windows), files: filesFor(windows) },
    // Removing the program leaves the recordings where they are.
    nsis: { oneClick: false, allowToChangeInstallationDirectory: true, deleteAppDataOnUninstall: false },
    linux: { target: 'dir', executableName: 'mien', files: filesFor(linux) },
  };
}

/** Packages that a package for this system must contain and that are not installed in `root`. */
export function missingPackages(root: string, system: System): string[] {
  return TARGETS[system].packages.filter((name) => !existsSync(join(root, 'node_modules', name)));
}

export interface PackOptions {
  /** The project; its window, Electron's part of it and its models have been made. */
  readonly root: string;
  readonly system: System;
  /** Whether the folder that would be installed is enough. */
  readonly isFolderOnly: boolean;
  readonly configuration: Configuration;
}

/** Makes the packages. Throws what electron-builder says. */
export async function pack({ root, system, isFolderOnly, configuration }: PackOptions): Promise<void> {
  await makeIcons(join(root, 'src/renderer/public/icon.svg'), join(root, MADE));
  writeLicences(root, join(root, MADE, LICENCES));
  const { installers, arch } = TARGETS[system];
  const platform = { mac: Platform.MAC, windows: Platform.WINDOWS, linux: Platform.LINUX }[system];
  const targets = platform.createTarget(isFolderOnly ? 'dir' : [...installers], Arch[arch]);
  await build({ projectDir: root, targets, config: configuration, publish: 'never' });
}
