// mien record: what a Kinect sees, or a recording of one, to a session and its files.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { agreesToVideo, type Consent } from '../../contract/consent.ts';
import { MienError } from '../../contract/errors.ts';
import type { SourceInfo } from '../../engine/ports.ts';
import { checkFolder } from '../../exporters/write.ts';
import type { KeptFrames } from '../../sources/kinect/kept-source.ts';
import { replayedFolder } from '../../sources/kinect/open.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { exportSession, freeStem, recordInput, summarise, type Analysis, type RecordedInput } from '../analysis.ts';
import { freeCode } from '../codes.ts';
import { openRegistry, openStore } from '../compose.ts';
import { describe, textOf } from './analyze.ts';
import { RecordedDevice } from './device.ts';
import { EXIT_INTERRUPTED } from './exit.ts';
import { stopOnInterrupt } from './interrupt.ts';
import { parseCode, parseDuration, withExportOptions, type ExportOptions, type GlobalOptions } from './options.ts';
import { recordingSettings, withRecordingOptions, type RecordingOptions } from './recording-options.ts';
import { counted, note, print } from './terminal.ts';

interface Options extends RecordingOptions, Omit<ExportOptions, 'out'> {
  readonly source: string;
  readonly out?: string;
  readonly name?: string;
  /** Seconds. */
  readonly for?: number;
  readonly raw?: string;
}

/** Nobody has said how long: Ctrl-C is the end of a recording, and no interruption. */
const NEVER = { aborted: false } as const;

export function addRecordCommand(program: Command): void {
  const command = program
    .command('record')
    .description('Record what a Kinect sees, until Ctrl-C or for a given time: stores a session and writes its files.')
    .requiredOption(
      '--source <source>',
      '"kinect", or "replay:FOLDER" for a recording of one in place of the device',
      parseSource,
    )
    .option('--for <time>', 'how long, such as 90s, 10m or 1h30m; otherwise until Ctrl-C', parseDuration)
    .option('--name <name>', 'what the session and its files are called; otherwise the name of the source', parseCode)
    .option(
      '--raw <folder>',
      'also keep the pictures, if everybody agreed to video, as a recording that can be replayed: about 46 MB a second',
    );
  withExportOptions(withRecordingOptions(command), 'may')
    .addHelpText('after', '\nExample:\n  mien record --source kinect --for 10m --out results')
    .action(async (options: Options) => {
      process.exitCode = await run(options, program.opts<GlobalOptions>());
    });
}

function parseSource(text: string): string {
  if (text === 'kinect' || replayedFolder(text) !== null) return text;
  throw new InvalidArgumentError('Choose "kinect" or "replay:FOLDER".');
}

async function run(options: Options, global: GlobalOptions): Promise<number> {
  const { source, out, raw = null } = options;
  const registry = await openRegistry(global.data);
  const settings = await recordingSettings(options, await registry.profile(options.profile));
  if (raw !== null) {
    checkAgreedToVideo(settings.consent);
    note(RAW_WORDS);
  }
  if (out !== undefined) await checkFolder(out, 'Choose another folder with --out.');
  const store = await openStore(global.data);
  const stop = new AbortController();
  const release = stopOnInterrupt(stop, 'Stopping: what was recorded is kept.');
  const device = new RecordedDevice({ source, seconds: options.for ?? null, raw, stop: stop.signal });
  try {
    const input = { path: source, stem: source, isDevice: true, open: () => device.open() } as const;
    const recorded = await recordInput(input, (info) => codeOf(info, options, store), settings, {
      ...{ registry, store, signal: options.for === undefined ? NEVER : stop.signal },
      onStart: () => undefined,
      onBegin: async (id) => {
        if (raw !== null) await noteRaw(store, id, raw);
        device.begin();
      },
      onProgress: (progress, faces) => device.noteProgress(progress, faces),
    });
    device.finish();
    const analysis = await written(recorded, options, store);
    const { kept } = device;
    const { dropped, state } = recorded.result;
    if (global.json) print(JSON.stringify({ ...describe(source, analysis), dropped, ...rawFacts(kept) }, null, 2));
    else print(textOf(source, analysis) + rawWords(kept));
    return state === 'interrupted' ? EXIT_INTERRUPTED : 0;
  } catch (error) {
    device.finish();
    if (device.kept && device.kept.frames > 0) note(rawWords(device.kept)); // nobody else tells of them
    throw error;
  } finally {
    device.finish();
    release();
    await store.close();
  }
}

/** Pictures show whoever is before the camera, and nothing is covered in them. Throws no_consent. */
function checkAgreedToVideo(consent: Consent): void {
  const asked = consent.kind === 'file' ? consent.participants : [];
  const others = asked.filter((one) => !agreesToVideo(one)).map(({ code }) => code);
  if (asked.length > 0 && others.length === 0) return;
  const message =
    others.length > 0
      ? `Pictures cannot be kept: ${others.join(', ')} did not agree to video.`
      : 'Pictures cannot be kept: nobody has said that everybody agreed to video.';
  const remedy = 'Leave --raw out, or give with --consent a file in which everybody has the scope "video".';
  throw new MienError('no_consent', message, remedy);
}

const RAW_WORDS =
  'The pictures are kept as they are: everybody before the camera is seen in them, bystanders, too. They are not part of the session: ' +
  'whoever takes consent back or is erased is still in them, until you delete the folder.';

/** Whoever is erased is to hear of the folder, also where the program is ended in the middle: so it is noted while it is empty. */
async function noteRaw(store: RecordingStore, id: string, folder: string): Promise<void> {
  await store.noteExport(id, [{ path: resolve(folder), sha256: createHash('sha256').digest('hex') }]);
}

/** A name that no session and, where files are written, no other file has. */
async function codeOf({ name, sha256 }: SourceInfo, options: Options, store: RecordingStore): Promise<string> {
  const taken = new Set(store.sessions().map(({ code }) => code));
  const code = freeCode(options.name ?? name, (candidate) => taken.has(candidate));
  return options.out === undefined ? code : freeStem(options.out, code, sha256);
}

async function written(recorded: RecordedInput, options: Options, store: RecordingStore): Promise<Analysis> {
  const { sessionId, code } = recorded;
  const { out, formats, interval, keepInvalid } = options;
  if (out === undefined) return { ...recorded, ...summarise(store, sessionId) };
  const settings = { folder: out, exporters: formats, intervalSeconds: interval, blankInvalid: !keepInvalid };
  const stem = await freeStem(out, code, store.session(sessionId).source.sha256); // another may have ended meanwhile
  return { ...recorded, ...(await exportSession(store, sessionId, stem, settings, () => undefined)) };
}

function rawFacts(kept: KeptFrames | null): object {
  if (!kept) return {};
  const { folder, frames, bytes, dropped, isCut } = kept;
  return {
    raw: { folder, frames, bytes, dropped_color: dropped.color, dropped_depth: dropped.depth, complete: !isCut },
  };
}

function rawWords(kept: KeptFrames | null): string {
  if (!kept) return '';
  const { folder, frames, bytes, dropped } = kept;
  const lost = dropped.color + dropped.depth;
  const losses = lost > 0 ? `, ${counted(lost, 'picture')} lost` : '';
  return `Pictures in ${folder}: ${counted(frames, 'frame')}, ${(bytes / 1e6).toFixed(0)} MB${losses}.\n`;
}
