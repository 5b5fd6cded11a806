// mien analyze: videos and pictures to sessions and files.
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { MienError, reportOf, type ErrorReport } from '../../contract/errors.ts';
import { EXPRESSIONS } from '../../core/expression.ts';
import type { Profile } from '../../core/profile.ts';
import type { PersonSummary } from '../../core/summary.ts';
import { rejectionFacts, rejectionSentence, type RejectionFacts } from '../../exporters/rejections.ts';
import { checkFolder } from '../../exporters/write.ts';
import { resolveInput, type Input } from '../../sources/open.ts';
import { analyze, type Analysis, type AnalysisSettings } from '../analysis.ts';
import { freeCode } from '../codes.ts';
import { openRegistry, openStore } from '../compose.ts';
import { exitCodeOf, EXIT_INTERRUPTED } from './exit.ts';
import { stopOnInterrupt } from './interrupt.ts';
import { parseCode, withExportOptions, type ExportOptions, type GlobalOptions } from './options.ts';
import { recordingSettings, withRecordingOptions, type RecordingOptions } from './recording-options.ts';
import { clockText, counted, note, print, startProgress, table, type Progress } from './terminal.ts';

interface AnalyzeOptions extends ExportOptions, RecordingOptions {
  readonly code?: string;
}

/** One element of the list that --json prints. */
export interface InputReport {
  readonly path: string;
  readonly ok: boolean;
  readonly error?: ErrorReport;
  readonly session_id?: string;
  readonly state?: string;
  readonly frames?: number;
  readonly frames_with_face?: number;
  readonly duration_s?: number | null;
  readonly analysed_fps?: number;
  readonly persons?: readonly PersonSummary[];
  readonly rejected_by_depth?: readonly RejectionFacts[];
  readonly files?: readonly string[];
  readonly problems?: readonly string[];
}

export function addAnalyzeCommand(program: Command): void {
  const command = withRecordingOptions(program.command('analyze'))
    .description('Analyse videos, pictures or folders: stores a session for each and writes its files.')
    .argument('<inputs...>', 'video, picture or folder; "-" reads a list of them from standard input, one a line')
    .option('--code <code>', 'what the files are called; otherwise the name of the input', parseCode);
  withExportOptions(command)
    .addHelpText('after', '\nExample:\n  mien analyze interview.mp4 --out results --formats csv')
    .action(async (inputs: string[], options: AnalyzeOptions) => {
      process.exitCode = await run(inputs, options, program.opts<GlobalOptions>());
    });
}

async function run(paths: readonly string[], options: AnalyzeOptions, global: GlobalOptions): Promise<number> {
  const registry = await openRegistry(global.data);
  const settings = await settingsOf(options, await registry.profile(options.profile));
  await checkFolder(options.out, 'Choose another folder with --out.'); // nobody should wait for an analysis to hear of this
  const store = await openStore(global.data);
  const stop = new AbortController();
  const release = stopOnInterrupt(stop, 'Stopping: what was analysed is kept and written.');
  const reports: InputReport[] = [];
  const codes = new Set<string>();
  let exit = 0;
  try {
    for (const path of await expandList(paths)) {
      if (stop.signal.aborted) break;
      const inputs = await resolveInput(path).catch((error: unknown) => {
        exit = Math.max(exit, report(reports, path, error, global));
        return [];
      });
      for (const input of inputs) {
        if (stop.signal.aborted) break;
        const code = uniqueCode(options.code ?? input.stem, codes);
        try {
          const analysis = await analyzeOne(input, code, settings, { registry, store, signal: stop.signal }, global);
          reports.push(describe(input.path, analysis));
        } catch (error) {
          exit = Math.max(exit, report(reports, input.path, error, global));
        }
      }
    }
  } finally {
    release();
    await store.close();
  }
  if (global.json) print(JSON.stringify({ inputs: reports }, null, 2));
  return stop.signal.aborted ? EXIT_INTERRUPTED : exit;
}

async function settingsOf(options: AnalyzeOptions, profile: Profile): Promise<AnalysisSettings> {
  const { out, formats, interval, keepInvalid } = options;
  const written = { folder: out, exporters: formats, intervalSeconds: interval, blankInvalid: !keepInvalid };
  return { ...(await recordingSettings(options, profile)), ...written };
}

async function expandList(paths: readonly string[]): Promise<string[]> {
  const expanded: string[] = [];
  for (const path of paths) {
    if (path !== '-') {
      expanded.push(path);
      continue;
    }
    for await (const line of createInterface({ input: process.stdin })) if (line.trim()) expanded.push(line.trim());
  }
  if (expanded.length > 0) return expanded;
  throw new MienError('usage', 'The list on standard input is empty.', 'Give one path a line.');
}

/** Two inputs of one name must not write the same files. */
function uniqueCode(wanted: string, taken: Set<string>): string {
  const code = freeCode(wanted, (candidate) => taken.has(candidate.toLowerCase()));
  taken.add(code.toLowerCase());
  return code;
}

async function analyzeOne(
  input: Input,
  code: string,
  settings: AnalysisSettings,
  host: Pick<Parameters<typeof analyze>[3], 'registry' | 'store' | 'signal'>,
  global: GlobalOptions,
): Promise<Analysis> {
  let progress: Progress | null = null;
  try {
    const analysis = await analyze(input, code, settings, {
      ...host,
      onStart({ info }) {
        progress = startProgress(info.name, info.expectedFrames, info.kind === 'pictures' ? 'pictures' : 'frames');
      },
      onProgress: ({ frames }) => progress?.update(frames),
      onExport: () => undefined,
    });
    stopProgress(progress);
    if (!global.json) print(textOf(input.path, analysis));
    return analysis;
  } catch (error) {
    stopProgress(progress);
    throw error;
  }
}

function stopProgress(progress: Progress | null): void {
  progress?.stop();
}

function report(reports: InputReport[], path: string, error: unknown, { verbose }: GlobalOptions): number {
  const described = reportOf(error);
  reports.push({ path, ok: false, error: described });
  note(`mien: ${described.message} ${described.remedy}`);
  if (verbose && error instanceof Error) note(error.stack ?? '');
  return exitCodeOf(described.code);
}

/** A session for programs. */
export function describe(
  path: string,
  { sessionId, result, framesWithFace, durationSeconds, persons, rejections, files, problems }: Analysis,
): InputReport {
  return {
    path,
    ok: true,
    session_id: sessionId,
    state: result.state,
    frames: result.frames,
    frames_with_face: framesWithFace,
    duration_s: durationSeconds,
    analysed_fps: speedOf(result),
    persons,
    ...rejectionFacts(rejections),
    files: files.map((file) => file.path),
    problems,
  };
}

function speedOf({ frames, elapsedMs }: Analysis['result']): number {
  return elapsedMs > 0 ? (1000 * frames) / elapsedMs : 0;
}

/** A session in words. */
export function textOf(path: string, analysis: Analysis): string {
  const { sessionId, kind, result, framesWithFace, durationSeconds, persons, rejections, files, problems } = analysis;
  const duration = durationSeconds === null ? '' : ` (${clockText(durationSeconds)})`;
  const unit = kind === 'pictures' ? 'picture' : 'frame';
  const lost = result.dropped > 0 ? `, ${result.dropped} lost` : '';
  const stopped = result.state === 'interrupted' ? ' Stopped early.' : '';
  const lines = [
    `${path}: ${counted(result.frames, unit)}${duration}${lost}, ${framesWithFace} with a face, ` +
      `${speedOf(result).toFixed(0)} ${unit}s a second.${stopped}`,
    persons.length > 0 ? personsTable(persons) : 'Nobody was seen.',
    ...rejections.map(rejectionSentence),
    ...problems.map((problem) => `Note: ${problem}`),
    ...(files.length > 0
      ? [`Session ${sessionId}. Files:`, ...files.map((file) => `  ${file.path}`)]
      : [`Session ${sessionId}. "npm run mien -- export ${sessionId} --out <folder>" writes its files.`]),
    'Scores say what the face looks like to the model, not what the person feels.',
  ];
  return `${lines.join('\n')}\n`;
}

/** Each person with the share of each expression: the share of the valid frames in which it is dominant. */
export function personsTable(persons: readonly PersonSummary[]): string {
  const percent = (value: number | null): string => (value === null ? '–' : `${Math.round(100 * value)} %`);
  const rows = persons.map((person) => [
    person.participant ? `${person.id} (${person.participant})` : person.id,
    person.frames,
    person.valid_frames,
    ...EXPRESSIONS.map((name) => percent(person.dominant_share[name])),
  ]);
  return table(['person', 'frames', 'valid', ...EXPRESSIONS], rows);
}
