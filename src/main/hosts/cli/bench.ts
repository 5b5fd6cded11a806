// mien bench: how fast the pipeline is, and how much of the time is not the networks' own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { AllocateSlot, FrameSource, SlottedFrame, SourceInfo } from '../../engine/ports.ts';
import { record } from '../../engine/record.ts';
import { WorkerAnalyzer } from '../../inference/analyzer.ts';
import type { Measurements } from '../../inference/measure.ts';
import { VideoFile } from '../../sources/video-file.ts';
import { RecordingStore } from '../../store/recording-store.ts';
import { frameBytes } from '../../core/frame.ts';
import { modelsOf } from '../../core/profile.ts';
import { MienError } from '../../contract/errors.ts';
import { PROGRAM_VERSION, openRegistry, systemClock } from '../compose.ts';
import type { Profile } from '../../core/profile.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import { resolveInput } from '../../sources/open.ts';
import { ONE_FACE_CLIP, makeClip } from '../demo/clip.ts';
import { addDepthBenchCommand } from './bench-depth.ts';
import { parseCount, type GlobalOptions } from './options.ts';
import { note, print, table } from './terminal.ts';
import { compareWithFaceApi, type Comparison } from './bench-face-api.ts';

interface BenchOptions {
  readonly clip?: string;
  readonly frames: number;
  readonly profile: string;
  readonly versus?: string;
}

interface Stage {
  readonly name: string;
  readonly median_ms: number;
  readonly p95_ms: number;
  readonly runs: number;
}

interface BenchReport {
  readonly stages: readonly Stage[];
  /** CPU time of the pipeline for a frame, decoding aside. */
  readonly total_ms: number;
  /** CPU time of the same runs of the networks alone, for a frame. */
  readonly inference_ms: number;
  readonly ratio: number;
  readonly fps: number;
  readonly rss_mb: number;
  readonly frames: number;
  readonly versus?: readonly Comparison[];
}

export function addBenchCommand(program: Command): void {
  const bench = program
    .command('bench')
    .description('Measure the speed of the pipeline on this machine.')
    .option('--clip <file>', 'a film to measure with; otherwise one is made that shows one face')
    .option('--frames <number>', 'how many frames to measure', parseCount, 300)
    .option('--profile <name>', 'profile to measure', 'mien')
    .option('--versus <name>', 'face-api: the same networks there, on the tfjs WASM backend')
    .addHelpText('after', '\nExample:\n  mien bench --versus face-api')
    .action(async (options: BenchOptions) => {
      const { versus } = options;
      if (versus !== undefined && versus !== 'face-api') {
        throw new MienError('usage', `There is no comparison with "${versus}".`, 'Use --versus face-api.');
      }
      const folder = await mkdtemp(join(tmpdir(), 'mien-bench-'));
      try {
        const clip = options.clip ?? join(folder, 'one-face.mp4');
        if (!options.clip) await makeClip(clip, ONE_FACE_CLIP);
        const { data, json } = program.opts<GlobalOptions>();
        const registry = await openRegistry(data);
        const measured = await measure(clip, options, registry, folder);
        const report = versus ? { ...measured, versus: await compareWithFaceApi(registry) } : measured;
        if (json) print(JSON.stringify(report, null, 2));
        else print(textOf(report));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  addDepthBenchCommand(program, bench);
}

const ROUNDS = 4;
/** Frames between two looks at the CPU time: two runs of the detector. */
const GROUP = 30;

/** Frames that are under way at once, as many as an analysis has slots. */
const UNDER_WAY = 8;

async function measure(
  clip: string,
  { frames: wanted, profile: name }: BenchOptions,
  registry: ModelRegistry,
  folder: string,
): Promise<BenchReport> {
  const profile = await registry.profile(name);
  const options = { profile, identification: true, stills: false, participants: null, analysed: null };
  await resolveInput(clip); // says what is wrong with it before anything is started
  const analyzer = await WorkerAnalyzer.start(registry, options, { measured: true });
  const store = await RecordingStore.open(folder, systemClock);
  try {
    return await measureWith(analyzer, store, profile, await decode(clip, wanted), registry);
  } finally {
    await analyzer.close();
    await store.close();
  }
}

interface Decoded {
  /** Frames in memory of their own. */
  readonly frames: readonly SlottedFrame[];
  readonly info: SourceInfo;
  readonly decodeMs: readonly number[];
}

async function measureWith(
  analyzer: WorkerAnalyzer,
  store: RecordingStore,
  profile: Profile,
  { frames, info, decodeMs }: Decoded,
  registry: ModelRegistry,
): Promise<BenchReport> {
  note(`Measuring ${frames.length} frames of ${info.width} × ${info.height} …`);

  let runs = 0;
  /** The frames once more; to those who follow faces, a film goes on and does not begin again. */
  const film = (onGroup: OnGroup | null = null): MemorySource =>
    new MemorySource(
      info,
      frames.map((frame) => ({ ...frame, sequence: runs * frames.length + frame.sequence })),
      onGroup,
    );

  const run = async (id: string, source: MemorySource): Promise<number> => {
    runs++;
    await analyzer.measure('reset');
    const writer = await store.begin({
      id,
      code: id,
      source: info,
      profile,
      models: modelsOf(profile).map((model) => registry.record(model)),
      consent: { kind: 'external' },
      identification: true,
      programVersion: PROGRAM_VERSION,
      firstFrameUnixMs: null,
      setup: null,
      lock: null,
    });
    const { elapsedMs } = await record({
      source,
      analyzer,
      writer,
      profile,
      clock: systemClock,
      signal: { aborted: false },
      onProgress: ({ frames: done }) => source.noteDone(done - 1),
    });
    return elapsedMs;
  };

  await run('warm-up', film());
  const whole = film();
  const elapsedMs = await run('whole', whole);
  const [vision, ...expression] = await analyzer.measure('measurements');
  // The speed of a machine changes from second to second. So the pipeline is stopped after every group of frames, the networks
  // run once more on what they had, and the middle one of the ratios counts.
  const groups: Group[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    let before = process.cpuUsage();
    const source = film(async (from, to) => {
      const pipelineMs = cpuSince(before) - source.takeCopyMs();
      groups.push({ pipelineMs, networksMs: await networksAlone(analyzer, from, to), frames: to - from });
      before = process.cpuUsage();
    });
    await run(`round ${round}`, source);
  }
  const { pipelineMs, networksMs, frames: count } = medianBy(groups, (group) => group.pipelineMs / group.networksMs);
  return {
    stages: [
      stage('decoding', decodeMs),
      ...[vision, ...expression].flatMap(({ runs }) =>
        Object.entries(runs).map(([model, times]) => stage(model, times)),
      ),
      stage('looking, all but networks', restOf(vision, 'look')),
      ...expression.map((one, i) => {
        const thread = expression.length > 1 ? `, thread ${i + 1}` : '';
        return stage(`estimating, all but networks${thread}`, restOf(one, 'express'));
      }),
      stage('frame, from reading to writing', whole.latencies),
    ],
    total_ms: pipelineMs / count,
    inference_ms: networksMs / count,
    ratio: pipelineMs / networksMs,
    fps: (1000 * frames.length) / elapsedMs,
    rss_mb: process.memoryUsage.rss() / 2 ** 20,
    frames: frames.length,
  };
}

/** A group of frames: CPU time of the pipeline, and of its networks alone. */
interface Group {
  readonly pipelineMs: number;
  readonly networksMs: number;
  readonly frames: number;
}

/** CPU time of the runs of the networks that belong to the frames [from, to), without that of the messages which ask for them. */
async function networksAlone(analyzer: WorkerAnalyzer, from: number, to: number): Promise<number> {
  const indices = Array.from({ length: to - from }, (_, i) => from + i);
  const cpuOf = async (numbers: readonly number[]): Promise<number> => {
    const before = process.cpuUsage();
    await analyzer.replay(numbers);
    return cpuSince(before);
  };
  const messagesMs = await cpuOf(indices.map(() => -1));
  return (await cpuOf(indices)) - messagesMs;
}

function medianBy<T>(items: readonly T[], key: (item: T) => number): T {
  const sorted = [...items].sort((a, b) => key(a) - key(b));
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined) throw new RangeError('nothing to take the middle of');
  return middle;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function restOf({ requests }: Measurements, kind: string): number[] {
  return (requests[kind] ?? []).map(({ ms, inferenceMs }) => ms - inferenceMs);
}

function stage(name: string, times: readonly number[]): Stage {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return { name, median_ms: at(0.5), p95_ms: at(0.95), runs: times.length };
}

/** Decodes up to `wanted` frames. */
async function decode(clip: string, wanted: number): Promise<Decoded> {
  const allocate: AllocateSlot = (format, width, height) =>
    Promise.resolve({ id: 0, bytes: new Uint8Array(frameBytes(format, width, height)) });
  const video = await VideoFile.open(clip);
  const frames: SlottedFrame[] = [];
  const decodeMs: number[] = [];
  while (frames.length < wanted) {
    const startMs = performance.now();
    const frame = await video.next(allocate);
    if (!frame) break;
    decodeMs.push(performance.now() - startMs);
    frames.push(frame);
  }
  const { info } = video;
  await video.close();
  return { frames, info, decodeMs };
}

type OnGroup = (from: number, to: number) => Promise<void>;

/**
 * Decoded frames, and how long each was under way. As many are under way at once as in use, and where a decoder would write a
 * frame to its slot, it is copied there.
 */
class MemorySource implements FrameSource {
  readonly info: SourceInfo;
  readonly problems: readonly string[] = [];
  readonly latencies: number[] = [];
  readonly #frames: readonly SlottedFrame[];
  readonly #onGroup: OnGroup | null;
  readonly #startedMs: number[] = [];
  #copyMs = 0;
  #waiting: (() => void) | null = null;

  /** `onGroup` is called whenever a group of frames is done, and the next one waits for it. */
  constructor(info: SourceInfo, frames: readonly SlottedFrame[], onGroup: OnGroup | null = null) {
    this.info = info;
    this.#frames = frames;
    this.#onGroup = onGroup;
  }

  async next(allocate: AllocateSlot): Promise<SlottedFrame | null> {
    const index = this.#startedMs.length;
    const isGroupFull = this.#onGroup !== null && index > 0 && index % GROUP === 0;
    while (index - this.latencies.length > (isGroupFull ? 0 : UNDER_WAY - 1)) {
      await this.#oneDone();
    }
    if (isGroupFull) await this.#onGroup?.(index - GROUP, index);
    this.#startedMs.push(performance.now());
    const frame = this.#frames.at(index);
    if (!frame) return null;
    const slot = await allocate(frame.format, frame.width, frame.height);
    const before = process.threadCpuUsage();
    slot.bytes.set(frame.slot.bytes);
    const { user, system } = process.threadCpuUsage(before);
    this.#copyMs += (user + system) / 1000;
    return { ...frame, slot };
  }

  /** CPU time that copying has taken since it was asked for the last time: it stands for decoding and does not count. */
  takeCopyMs(): number {
    const copyMs = this.#copyMs;
    this.#copyMs = 0;
    return copyMs;
  }

  /** Waits until a frame is done. Throws when none is for long: something has failed, which the recording tells then. */
  async #oneDone(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no frame was done for half a minute')), 30_000);
      this.#waiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  noteDone(index: number): void {
    this.latencies.push(performance.now() - (this.#startedMs[index] ?? NaN));
    this.#waiting?.();
    this.#waiting = null;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function textOf(report: BenchReport): string {
  const ms = (value: number): string => value.toFixed(2);
  const stages = report.stages.map(({ name, median_ms, p95_ms, runs }) => [name, ms(median_ms), ms(p95_ms), runs]);
  const lines = [
    table(['stage', 'median ms', 'p95 ms', 'runs'], stages),
    '',
    `CPU time a frame, decoding aside: ${ms(report.total_ms)} ms; the networks alone: ${ms(report.inference_ms)} ms; ` +
      `ratio ${report.ratio.toFixed(3)}`,
    `${report.fps.toFixed(1)} frames a second over ${report.frames} frames; ${Math.round(report.rss_mb)} MB of memory`,
  ];
  if (report.versus) {
    const rows = report.versus.map((row) => [
      ...[row.name, ms(row.one_core_ms), ms(row.ours_ms), ms(row.theirs_ms)],
      ...[`${row.one_core_ratio.toFixed(1)} ×`, `${row.ratio.toFixed(1)} ×`],
    ]);
    const heads = ['the same network', 'one core ms', 'all cores ms', 'face-api ms', 'faster: one core', 'all cores'];
    lines.push('', table(heads, rows), '', 'face-api can use one core: tfjs has no threads in Node.');
  }
  return lines.join('\n');
}
