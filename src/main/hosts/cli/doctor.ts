// mien doctor: whether everything that Mien needs is there and works, and what to do where it does not.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { reportOf } from '../../contract/errors.ts';
import { tensorLength } from '../../core/sample.ts';
import { instantiateKernel, sharedMemory } from '../../inference/kernel.ts';
import { OrtModel } from '../../inference/ort-model.ts';
import { forkSensor } from '../../sources/kinect/forked-sensor.ts';
import { describeKinect } from '../../sources/kinect/probe.ts';
import { dataFolder, openRegistry, openStore } from '../compose.ts';
import { addLatencyCommand } from './doctor-latency.ts';
import { profileProblems } from './models.ts';
import type { GlobalOptions } from './options.ts';
import { print, table } from './terminal.ts';

interface Check {
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'optional';
  readonly detail: string;
  /** What to do, where something is to be done. */
  readonly remedy: string | null;
}

const SETUP = 'Run "npm run setup" in the folder of Mien.';
const require = createRequire(import.meta.url);

const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail, remedy: null });
const missing = (name: string, detail: string, remedy: string): Check => ({ name, state: 'missing', detail, remedy });
const optional = (name: string, detail: string, remedy: string): Check => ({ name, state: 'optional', detail, remedy });

/** Runs a check; whatever it throws becomes its result. */
async function guarded(name: string, remedy: string, check: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    const described = reportOf(error);
    return missing(name, described.message, described.code === 'internal' ? remedy : described.remedy);
  }
}

export function addDoctorCommand(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('Check what Mien needs and say how to mend what is missing.')
    .addHelpText('after', '\nExample:\n  mien doctor')
    .action(async () => {
      const { data, json } = program.opts<GlobalOptions>();
      const checks = await runChecks(data);
      if (json) print(JSON.stringify({ checks }, null, 2));
      else print(textOf(checks));
      if (checks.some(({ state }) => state === 'missing')) process.exitCode = 4;
    });
  addLatencyCommand(program, doctor);
}

async function runChecks(data: string | undefined): Promise<Check[]> {
  return [
    checkNode(),
    await guarded('models', SETUP, async () => {
      const problems = await profileProblems('mien', data);
      return problems.length === 0
        ? ok('models', 'all files of the profile mien are the ones that were measured')
        : missing('models', problems.join(' '), SETUP);
    }),
    await guarded('networks', SETUP, checkNetworks),
    await guarded('sampling kernel', SETUP, () => {
      instantiateKernel(sharedMemory(2 ** 16));
      return Promise.resolve(ok('sampling kernel', 'WebAssembly with SIMD and shared memory works'));
    }),
    await guarded('video decoders', SETUP, checkDecoders),
    await guarded('pictures', SETUP, async () => {
      const { default: sharp } = await import('sharp');
      return ok('pictures', `jpeg, png, webp, tiff (libvips ${sharp.versions.vips})`);
    }),
    await guarded('database', 'Choose another folder with --data.', async () => {
      const store = await openStore(data);
      const count = store.sessions().length;
      await store.close();
      return ok('database', `${join(dataFolder(data), 'mien.sqlite')}, ${count} sessions`);
    }),
    checkCamera(),
    await checkKinect(),
    checkElectron(),
  ];
}

function checkNode(): Check {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const detail = `${process.version} on ${process.platform} ${process.arch}`;
  if (major >= 24) return ok('Node', detail);
  return missing('Node', detail, 'Mien brings its own Node 24: start it with npm ("npm run mien -- …").');
}

/** Runs the smallest network once on an empty picture. */
async function checkNetworks(): Promise<Check> {
  const registry = await openRegistry();
  const id = 'occlusion';
  const entry = registry.entry(id);
  const model = await OrtModel.create(id, entry, await registry.bytes(id));
  const outputs = await model.run(new Float32Array(tensorLength(entry.input)), 1);
  await model.release();
  const works = Object.values(outputs).every((values) => values.every(Number.isFinite));
  return works ? ok('networks', 'onnxruntime works') : missing('networks', 'onnxruntime gives no numbers', SETUP);
}

async function checkDecoders(): Promise<Check> {
  const { Codec } = await import('node-av/lib');
  const wanted = ['h264', 'hevc', 'vp8', 'vp9', 'av1'];
  const absent = wanted.filter((name) => !Codec.findDecoderByName(name as never));
  if (absent.length === 0) return ok('video decoders', wanted.join(', '));
  return missing('video decoders', `without ${absent.join(', ')}`, SETUP);
}

function checkCamera(): Check {
  if (process.platform !== 'linux') {
    return optional('camera', 'is asked for by the application when it is used', 'Nothing to do for files.');
  }
  const devices = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^video\d+$/.test(name)) : [];
  if (devices.length > 0) return ok('camera', devices.join(', '));
  return optional('camera', 'none found', 'Only live recording needs one: plug it in.');
}

/** Asked in a process of its own: a driver may end it. Nobody needs a Kinect, so nothing about it is "missing". */
async function checkKinect(): Promise<Check> {
  const { state, words, remedy, devices } = await describeKinect({ launch: forkSensor });
  if (state !== 'ready') return optional('Kinect', words, remedy ?? '');
  if (devices.length === 0) {
    return optional('Kinect', `${words}, no device`, 'Plug it in, with its own power supply; only depth needs one.');
  }
  return ok('Kinect', `${words}, ${devices.map((serial) => serial || 'a device without a serial number').join(', ')}`);
}

/** Electron's own program is fetched when the application is first started; the command line does without. */
function checkElectron(): Check {
  const remedy =
    'Only the window needs it: it is fetched at the first start, or set ELECTRON_OVERRIDE_DIST_PATH to a copy.';
  const chosen = process.env.ELECTRON_EXEC_PATH ?? process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (chosen) {
    return existsSync(chosen) ? ok('Electron', chosen) : optional('Electron', `${chosen} does not exist`, remedy);
  }
  try {
    const folder = fileURLToPath(new URL('.', `file://${require.resolve('electron/package.json')}`));
    const { version } = require('electron/package.json') as { version: string };
    const isFetched = existsSync(join(folder, 'dist')) && existsSync(join(folder, 'path.txt'));
    return isFetched ? ok('Electron', version) : optional('Electron', `${version} without its program`, remedy);
  } catch {
    return optional('Electron', 'not installed', remedy);
  }
}

function textOf(checks: readonly Check[]): string {
  const words = { ok: 'ok', missing: 'MISSING', optional: '–' };
  const rows = checks.map(({ name, state, detail }) => [name, words[state], detail]);
  const remedies = checks.filter(({ remedy }) => remedy).map(({ name, remedy }) => `${name}: ${remedy}`);
  return [table(['what', 'state', 'detail'], rows), ...(remedies.length > 0 ? ['', ...remedies] : [])].join('\n');
}
