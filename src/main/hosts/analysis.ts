// One file or folder from its name to a stored session and its exports, as every host does it.
import { dirname, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { parseDocument } from '../contract/document.ts';
import { MienError, reportOf } from '../contract/errors.ts';
import { analysedOf, consentFileSchema, type Consent, type ConsentFile } from '../contract/consent.ts';
import { baselinesIn } from '../core/baseline.ts';
import type { DepthRejection } from '../core/record.ts';
import { SummaryCollector, type PersonSummary } from '../core/summary.ts';
import { modelsOf, type Profile } from '../core/profile.ts';
import { timeline } from '../core/timeline.ts';
import type { ExportSpan, Exporter, FrameSource, SlottedFrame, SourceInfo } from '../engine/ports.ts';
import { record, type RecordResult, type RecordTask } from '../engine/record.ts';
import { sourceOfFiles } from '../exporters/sidecar.ts';
import { writeExports, type WrittenFile } from '../exporters/write.ts';
import { WorkerAnalyzer } from '../inference/analyzer.ts';
import type { ModelRegistry } from '../inference/registry.ts';
import { Pictures } from '../sources/pictures.ts';
import type { Input } from '../sources/open.ts';
import type { RecordingStore } from '../store/recording-store.ts';
import { PROGRAM_VERSION, systemClock } from './compose.ts';

/** What a user may choose for a recording. */
export interface RecordingSettings {
  readonly profile: Profile;
  readonly consent: Consent;
  /** Folder against which the pictures named in the consent are found. */
  readonly consentFolder: string;
  readonly identification: boolean;
}

/** The same, and what is written afterwards. */
export interface AnalysisSettings extends RecordingSettings {
  readonly folder: string;
  readonly exporters: readonly Exporter[];
  readonly intervalSeconds: number;
  readonly blankInvalid: boolean;
}

export interface AnalysisHost {
  readonly registry: ModelRegistry;
  readonly store: RecordingStore;
  readonly signal: { readonly aborted: boolean };
  readonly onStart: (source: FrameSource) => void;
  /** There is a session, without a frame so far. */
  readonly onBegin?: (id: string) => Promise<void>;
  readonly onProgress: RecordTask['onProgress'];
}

/** A session that was made of an input. */
export interface RecordedInput {
  readonly sessionId: string;
  readonly code: string;
  readonly kind: SourceInfo['kind'];
  readonly result: RecordResult;
  readonly durationSeconds: number | null;
  readonly problems: readonly string[];
}

export interface Analysis extends RecordedInput {
  readonly framesWithFace: number;
  readonly persons: readonly PersonSummary[];
  readonly rejections: readonly DepthRejection[];
  readonly files: readonly WrittenFile[];
}

/** Reads a consent file. Throws usage with the place that is wrong. */
export async function readConsent(path: string): Promise<ConsentFile> {
  const remedy = 'The README shows an example of a consent file.';
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MienError('usage', `The consent file ${path} cannot be read.`, 'Check its name.', { cause });
  });
  return parseDocument(text, consentFileSchema, { name: `The consent file ${path}`, code: 'usage', remedy });
}

/** Whether people may be recognised: not if one of those who were asked did not agree to it. */
export function mayIdentify(consent: Consent): boolean {
  return consent.kind === 'external' || consent.participants.every(({ scopes }) => scopes.includes('identification'));
}

/** Analyses an input, stores the session and writes its exports. Throws what source, networks, store or exporters throw. */
export async function analyze(
  input: Input,
  code: string,
  settings: AnalysisSettings,
  host: AnalysisHost & { readonly onExport: (rows: number) => void },
): Promise<Analysis> {
  const codeFor = ({ sha256 }: SourceInfo): Promise<string> => freeStem(settings.folder, code, sha256);
  const recorded = await recordInput(input, codeFor, settings, host);
  const exported = await exportSession(host.store, recorded.sessionId, recorded.code, settings, host.onExport);
  return { ...recorded, ...exported };
}

/** Analyses an input and stores the session. Throws what source, networks or store throw. */
export async function recordInput(
  input: Input,
  codeFor: (source: SourceInfo) => Promise<string>,
  settings: RecordingSettings,
  host: AnalysisHost,
): Promise<RecordedInput> {
  const { profile, consent, identification } = settings;
  const { registry, store, signal, onProgress } = host;
  let analyzer: WorkerAnalyzer | null = null;
  let source: FrameSource | null = null;
  try {
    // A device goes on whoever listens: it is opened when the networks are there.
    if (input.isDevice) analyzer = await startAnalyzer(registry, settings, 'camera');
    source = await input.open();
    const { info } = source;
    host.onStart(source);
    const code = await codeFor(info);
    const id = store.nextId(info.sha256, { profile, consent, identification });
    analyzer ??= await startAnalyzer(registry, settings, info.kind);
    await enrolPictures(analyzer, settings);
    const firstFrameUnixMs = await begun(source);
    const writer = await store.begin({
      id,
      code,
      source: info,
      profile,
      models: modelsOf(profile).map((model) => registry.record(model)),
      consent,
      identification,
      programVersion: PROGRAM_VERSION,
      firstFrameUnixMs,
      setup: null,
      lock: null,
    });
    const begin = host.onBegin?.(id) ?? Promise.resolve();
    const task = { source, analyzer, writer, profile, clock: systemClock, signal, onProgress };
    const result = await begin
      .then(() => record(task))
      .catch(async (error: unknown) => {
        throw await keptOf(store, id, error);
      });
    const { durationMs, problems } = store.session(id);
    const durationSeconds = durationMs === null ? null : durationMs / 1000;
    return { sessionId: id, code, kind: info.kind, result, durationSeconds, problems };
  } finally {
    try {
      await analyzer?.close();
    } finally {
      await source?.close();
    }
  }
}

/** When the first frame of a live source was captured, in Unix milliseconds; null for files. Throws interrupted where none came. */
async function begun(source: FrameSource): Promise<number | null> {
  if (source.info.kind !== 'camera' || !source.begin) return null;
  const firstFrameUnixMs = await source.begin();
  if (firstFrameUnixMs !== null) return firstFrameUnixMs;
  const remedy = 'Start it again, and let it run until the first frames are counted.';
  throw new MienError('interrupted', 'The recording ended before its first frame; nothing is stored.', remedy);
}

/** The name, or the first with a number behind it, under which the folder has no files of another source. */
export async function freeStem(folder: string, code: string, sha256: string): Promise<string> {
  for (let i = 1; ; i++) {
    const stem = i === 1 ? code : `${code}-${i}`;
    const earlier = await sourceOfFiles(folder, stem);
    if (earlier === null || earlier === sha256) return stem;
  }
}

/** A session without a frame is of no use; of one that broke off in the middle, the user is told where it is. */
async function keptOf(store: RecordingStore, id: string, error: unknown): Promise<unknown> {
  const { frames } = store.session(id);
  if (frames === 0) {
    await store.discard(id);
    return error;
  }
  const { code, message, remedy } = reportOf(error);
  const kept = `What came before it is stored: "npm run mien -- export ${id} --out <folder>" writes its files.`;
  return new MienError(code, message, `${remedy} ${kept}`, { cause: error });
}

/** Writes the files of a stored session. */
export async function exportSession(
  store: RecordingStore,
  id: string,
  stem: string,
  settings: Pick<AnalysisSettings, 'folder' | 'exporters' | 'intervalSeconds' | 'blankInvalid'> & {
    readonly span?: ExportSpan | null;
  },
  onProgress: (rows: number) => void,
): Promise<{
  framesWithFace: number;
  persons: PersonSummary[];
  rejections: readonly DepthRejection[];
  files: WrittenFile[];
}> {
  const session = store.session(id);
  const reader = store.read(session);
  const { folder, exporters, intervalSeconds, blankInvalid, span = null } = settings;
  const summary = new SummaryCollector();
  const files = await writeExports({
    reader,
    exporters,
    context: { session, notes: reader, intervalSeconds, blankInvalid, span, ...baselinesIn(reader, session.profile) },
    folder,
    stem,
    run: {
      created: new Date(session.createdUnixMs).toISOString(),
      analysed_fps: session.analysedFps,
      state: session.state,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    onRow: (row) => summary.add(row),
    onProgress,
  });
  await store.noteExport(
    id,
    files.map(({ path, sha256 }) => ({ path: resolve(path), sha256 })),
  );
  const { rejections } = reader;
  return { framesWithFace: summary.framesWithFace, persons: summary.persons(), rejections, files };
}

/** What the files would say of a session in a few numbers, where none are wanted. */
export function summarise(store: RecordingStore, id: string): Omit<Analysis, keyof RecordedInput> {
  const session = store.session(id);
  const reader = store.read(session);
  const summary = new SummaryCollector();
  for (const row of timeline(reader, session.profile)) summary.add(row);
  const { rejections } = reader;
  return { framesWithFace: summary.framesWithFace, persons: summary.persons(), rejections, files: [] };
}

/**
 * Starts the networks for frames of this kind. Participants become known in the order in which they appear, but for those whose
 * picture is shown to the networks first; all of them may be named by hand instead.
 */
export function startAnalyzer(
  registry: ModelRegistry,
  settings: Pick<RecordingSettings, 'profile' | 'consent' | 'identification'>,
  kind: SourceInfo['kind'],
  { areNamedByHand = false } = {},
): Promise<WorkerAnalyzer> {
  const { profile, consent, identification } = settings;
  const asked = consent.kind === 'file' ? consent.participants : null;
  return WorkerAnalyzer.start(registry, {
    profile,
    identification,
    stills: kind === 'pictures',
    uncut: kind === 'camera',
    participants:
      asked?.map(({ code, picture }) => ({
        code,
        claim: areNamedByHand ? ('hand' as const) : picture !== undefined && identification ? 'picture' : 'order',
      })) ?? null,
    analysed: analysedOf(consent),
  });
}

/** Shows the analyzer the pictures of the participants, so that it knows them when they appear. */
async function enrolPictures(
  analyzer: WorkerAnalyzer,
  { consent, consentFolder, identification }: RecordingSettings,
): Promise<void> {
  if (consent.kind !== 'file' || !identification) return;
  for (const { code, picture } of consent.participants) {
    if (!picture) continue;
    const frame = await readPicture(resolve(consentFolder, picture), picture, analyzer).catch((cause: unknown) => {
      const remedy = 'It is looked for beside the consent file; check its name, and that it is a picture.';
      const message = `The picture of participant ${code} (${picture}) cannot be read.`;
      throw new MienError('usage', message, remedy, { cause });
    });
    const faces = await analyzer.enrol(code, frame);
    analyzer.release(frame.slot);
    if (faces !== 1) {
      const found = faces === 0 ? 'no face' : `${faces} faces`;
      const remedy = 'Give a picture that shows the participant alone, from the front.';
      throw new MienError('usage', `The picture of participant ${code} (${picture}) shows ${found}.`, remedy);
    }
  }
}

async function readPicture(path: string, name: string, analyzer: WorkerAnalyzer): Promise<SlottedFrame> {
  const pictures = await Pictures.open(name, [{ path, name }]);
  const frame = await pictures.next(analyzer.allocate);
  if (!frame) throw new Error('a picture without a frame');
  return frame;
}

/** The folder of a consent file. */
export const consentFolderOf = (path: string): string => dirname(resolve(path));
