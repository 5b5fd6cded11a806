// What the program does for its windows: the calls of the contract, put on the store and the exporters. Every host with windows
// has one.
import { isAbsolute, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Handlers } from '../../contract/rpc.ts';
import type { SessionDetail, SessionSummary } from '../../contract/api.ts';
import { MienError } from '../../contract/errors.ts';
import type { CameraLatency } from '../../contract/latency.ts';
import type { ErasureProgress, ErasureResult, ErasureTarget } from '../../contract/participants.ts';
import { localDay } from '../../contract/retention.ts';
import { EXPRESSIONS, expressionOf } from '../../core/expression.ts';
import type { ExportSpan, Exporter, StoredSession } from '../../engine/ports.ts';
import { EXPORTERS } from '../../exporters/index.ts';
import { checkFolder } from '../../exporters/write.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { exportSession } from '../analysis.ts';
import { planErasure } from '../erasures.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { Analyses, type AnalysisChoice, type AnalysisQueue } from './analyses.ts';
import { listFolder } from './browse.ts';
import { Incoming } from './incoming.ts';
import { Erasures } from './erasures.ts';
import { Corrections } from './corrections.ts';
import { LiveDesk } from './live-desk.ts';
import type { OpenSession } from './open-session.ts';
import { OpenSessions } from './open-sessions.ts';
import { Rescores } from './rescores.ts';
import { SettingsFile } from './settings-file.ts';
import { BrokenOffVideos } from '../videos.ts';

/** A window hears of changes so often. */
const WATCH_MS = 250;

export interface ServiceFolders {
  readonly data: string;
  /** Where exports go unless the settings or the user say otherwise. */
  readonly exports: string;
  /** Where choosing a file begins. */
  readonly home: string;
  /** Address at which the window finds a film in place of a camera. */
  readonly sampleCamera: string | null;
}

export class Service {
  readonly #store: RecordingStore;
  readonly #openRegistry: () => Promise<ModelRegistry>;
  readonly #folders: ServiceFolders;
  readonly #restarts: number;
  readonly #analyses: Analyses;
  readonly #incoming: Incoming;
  readonly #desk: LiveDesk;
  readonly #erasures: Erasures;
  readonly #corrections: Corrections;
  readonly #settings: SettingsFile;
  readonly #rescores: Rescores;
  readonly #videos: BrokenOffVideos;
  /** What reads the database at the moment. */
  readonly #reading = new Set<Promise<unknown>>();
  /** Exports go one after the other: two at once could write the same files. */
  #lastExport: Promise<unknown> = Promise.resolve();
  readonly #ending = { aborted: false };
  readonly #sessions: OpenSessions;
  /** Hears how late a camera is, when somebody has measured it. */
  onLatency: (latency: CameraLatency) => void = () => undefined;

  /** `restarts` says how often the program has started its engine again, `queue` what becomes of the queue of files then. */
  constructor(
    store: RecordingStore,
    openRegistry: () => Promise<ModelRegistry>,
    folders: ServiceFolders,
    restarts = 0,
    queue?: AnalysisQueue,
  ) {
    this.#store = store;
    this.#openRegistry = openRegistry;
    this.#folders = folders;
    this.#restarts = restarts;
    this.#analyses = new Analyses(store, openRegistry, queue, (id) => this.#prepare(id));
    this.#incoming = new Incoming(folders.data, this.#analyses);
    this.#desk = new LiveDesk(store, openRegistry);
    this.#erasures = new Erasures(store);
    this.#sessions = new OpenSessions(store, {
      isBusy: () => this.#desk.status().stage !== 'closed' || this.#analyses.isWorking,
      settled: () => this.#erasures.settled,
      whileReading: (work) => this.#whileReading(work),
      ending: this.#ending,
    });
    this.#corrections = new Corrections(store, () => this.#sessions.forget());
    this.#settings = new SettingsFile(folders.data);
    this.#rescores = new Rescores(store, openRegistry);
    this.#videos = new BrokenOffVideos(store);
  }

  /** Ends what is under way and waits for it; what was recorded so far is kept. */
  async stop(): Promise<void> {
    this.#ending.aborted = true;
    this.#sessions.interrupt();
    await this.#desk.shutDown();
    await this.#analyses.stop();
    await this.#incoming.stop();
    await Promise.allSettled([...this.#reading]);
    await this.#erasures.settled;
  }

  readonly handlers: Handlers = {
    'program.describe': async () => ({
      version: PROGRAM_VERSION,
      dataFolder: this.#folders.data,
      exportFolder: await this.#exportFolder(),
      homeFolder: this.#folders.home,
      formats: EXPORTERS.map(({ format }) => format),
      sampleCamera: this.#folders.sampleCamera,
      restarts: this.#restarts,
    }),
    'settings.get': () => this.#settings.read(),
    'settings.set': async (changes) => {
      if (typeof changes.exportFolder === 'string') await checkExportFolder(changes.exportFolder);
      return this.#settings.change(changes);
    },
    'profiles.list': async () => (await this.#openRegistry()).profiles(),
    'folders.list': ({ path }) => listFolder(path),
    'analyses.add': async ({ path, ...choice }) => {
      await this.#analyses.add(path, await this.#choice(choice));
      return {};
    },
    'incoming.analysePaths': async (input) => this.#incoming.analysePaths(input, await this.#choice(input)),
    'incoming.open': async (_, { signal, tell }) => {
      await this.#incoming.open(signal, tell);
      return {};
    },
    'incoming.analyse': async (input) => this.#incoming.analyse(input, await this.#choice(input)),
    'analyses.change': ({ id, action }) => {
      this.#analyses[action](id);
      return Promise.resolve({});
    },
    'analyses.watch': async (_, { signal, tell }) => {
      let told = -1;
      while (!signal.aborted) {
        if (told !== this.#analyses.version) {
          told = this.#analyses.version;
          tell(this.#analyses.list());
        }
        await setTimeout(WATCH_MS);
      }
      return {};
    },
    'latency.tell': (latency) => {
      this.onLatency(latency);
      return Promise.resolve({});
    },
    'live.open': async (setup) => {
      await this.#desk.open({ ...setup, profile: setup.profile ?? (await this.#usualProfile()) });
      return {};
    },
    'live.close': async () => {
      await this.#desk.close();
      return {};
    },
    'live.watch': async (_, { signal, tell }) => {
      while (!signal.aborted) {
        tell(this.#desk.status());
        await setTimeout(WATCH_MS);
      }
      return {};
    },
    'live.attach': async (facts, { signal, tell }) => {
      await this.#desk.attach(facts, signal, tell);
      return {};
    },
    'live.frame': (frame) => this.#desk.frame(frame),
    'live.assign': async (input) => {
      await this.#desk.assign(input);
      return {};
    },
    'live.faceInput': (input) => this.#desk.faceInput(input),
    'live.explain': (input) => Promise.resolve(this.#desk.explain(input)),
    'live.control': async ({ action, start }) => {
      if (action === 'record') return { sessionId: null, asks: [...(await this.#desk.record(start))] };
      const sessionId = await this.#desk.control(action);
      if (action === 'stop' && sessionId !== null) this.#prepare(sessionId);
      return { sessionId, asks: [] };
    },
    'projects.list': () => Promise.resolve(this.#store.projects()),
    'retention.overdue': () => Promise.resolve(this.#store.overdue(localDay(Date.now()))),
    'live.scores': ({ shown }) => {
      this.#desk.showScores(shown);
      return Promise.resolve({});
    },
    'live.mark': (input) => Promise.resolve(this.#desk.mark(input)),
    'live.withdraw': async (input) => {
      try {
        await this.#desk.withdraw(input);
      } finally {
        this.#sessions.forget(); // the recording that has ended may have been made ready already
      }
      return {};
    },
    'participants.list': ({ search }) => this.#erasures.list(search),
    'participants.withdraw': async ({ participant, scope, sessionIds }) => {
      await Promise.allSettled([...this.#reading]); // a video that is being mended could come back after it was removed
      try {
        await this.#store.withdraw(participant, scope, sessionIds);
      } finally {
        this.#sessions.forget(); // what may be seen has changed, also where a video could not be removed
      }
      return {};
    },
    'participants.planErasure': async (target) => Promise.resolve(planErasure(this.#store, target)),
    'participants.erase': (target, { signal, tell }) => this.#erase(target, signal, tell),
    'sessions.list': async ({ search }) => {
      const found = this.#store.sessions().filter((session) => matches(session, search));
      return Promise.resolve(found.map((session) => this.#summary(session)));
    },
    'sessions.describe': async ({ id }, { tell }) => {
      const opened = await this.#sessions.get(id, tell);
      const stored = this.#store.session(opened.session.id);
      // A video that cannot be mended now is tried again next time: the numbers do not wait for it.
      const { video } = await this.#whileReading(this.#videos.mended(stored).catch(() => stored));
      return this.#describe(opened, video);
    },
    'sessions.timeline': async ({ id, fromSeconds, toSeconds, steps }) =>
      (await this.#sessions.get(id)).timeline(fromSeconds, toSeconds, steps),
    'sessions.figures': async ({ id, fromSeconds, toSeconds }) =>
      (await this.#sessions.get(id)).figures(fromSeconds, toSeconds),
    'sessions.edit': async (input) => ({ number: await this.#corrections.edit(input) }),
    'sessions.undo': async (input) => {
      await this.#corrections.undo(input, true);
      return {};
    },
    'sessions.redo': async (input) => {
      await this.#corrections.undo(input, false);
      return {};
    },
    'sessions.note': async (input) => {
      await this.#corrections.note(input);
      return {};
    },
    'sessions.rescore': async (input, { signal, tell }) => {
      const watch = { signal: this.#untilEnding(signal), onProgress: tell };
      const made = await this.#whileReading(this.#rescores.rescore(input, this.#erasures.settled, watch));
      this.#prepare(made.sessionId);
      return made;
    },
    'sessions.export': async ({ id: name, folder, formats, intervalSeconds, keepInvalid, span }, { signal, tell }) => {
      const { id } = this.#store.session(name);
      const target = resolve(await this.#exportFolder(), folder);
      await checkFolder(target);
      const settings = {
        folder: target,
        exporters: [...new Set(formats)].map(exporterOf),
        intervalSeconds,
        blankInvalid: !keepInvalid,
        span: span ?? null,
      };
      const write = (): ReturnType<typeof exportSession> =>
        exportSession(this.#store, id, stemOf(this.#store.session(id).code, span), settings, (rows) => {
          if (signal.aborted || this.#ending.aborted)
            throw new MienError('interrupted', 'The export was cancelled.', 'No file was changed.');
          tell(rows);
        });
      const exporting = Promise.all([this.#lastExport, this.#erasures.settled]).then(write);
      this.#lastExport = exporting.catch(() => undefined); // whoever asked is told
      const { files } = await this.#whileReading(exporting);
      return { files: files.map(({ path }) => resolve(path)) };
    },
  };

  /** Waits for whoever reads the sessions; who comes later waits for it. */
  async #erase(
    target: ErasureTarget,
    signal: { readonly aborted: boolean },
    tell: (progress: ErasureProgress) => void,
  ): Promise<ErasureResult> {
    const watch = { signal: this.#untilEnding(signal), onProgress: tell };
    this.#sessions.interrupt();
    const erasing = this.#erasures.erase(target, Promise.allSettled([...this.#reading, this.#lastExport]), watch);
    try {
      return await erasing;
    } finally {
      this.#sessions.forget(); // what is kept ready holds the person still
    }
  }

  /** A signal that is also set when the program ends. */
  #untilEnding(signal: { readonly aborted: boolean }): { readonly aborted: boolean } {
    const ending = this.#ending;
    return {
      get aborted() {
        return signal.aborted || ending.aborted;
      },
    };
  }

  async #exportFolder(): Promise<string> {
    const { values } = await this.#settings.read();
    return values.exportFolder ?? this.#folders.exports;
  }

  async #whileReading<T>(work: Promise<T>): Promise<T> {
    this.#reading.add(work);
    try {
      return await work;
    } finally {
      this.#reading.delete(work);
    }
  }

  async #usualProfile(): Promise<string> {
    return (await this.#settings.read()).values.profile;
  }

  /** Where no profile was chosen it is the usual one. */
  async #choice(input: { readonly identification: boolean; readonly profile?: string }): Promise<AnalysisChoice> {
    return { identification: input.identification, profile: input.profile ?? (await this.#usualProfile()) };
  }

  #prepare(id: string): void {
    this.#sessions.prepare(id).catch(() => undefined); // whoever opens it begins again, and is told
  }

  #summary({
    id,
    code,
    state,
    source,
    frames,
    durationMs,
    profile,
    createdUnixMs,
    rescored,
  }: StoredSession): SessionSummary {
    return {
      ...{ id, code, state, frames, createdUnixMs },
      source: source.name,
      kind: source.kind,
      durationSeconds: durationMs === null ? null : durationMs / 1000,
      profile: profile.name,
      scoredAgainFrom: rescored && { id: rescored.from, code: rescored.fromCode, unixMs: rescored.unixMs },
      persons: this.#store.personCount(id),
    };
  }

  #describe(opened: OpenSession, video: StoredSession['video']): SessionDetail {
    const { session, startSeconds, endSeconds } = opened;
    const { models, profileHash, programVersion, consent, identification, setup, problems } = session;
    const persons = opened.figures();
    const measured = new Set(models.flatMap(({ expression }) => expression?.labels.map(expressionOf) ?? []));
    return {
      summary: this.#summary(session),
      ...{ startSeconds, endSeconds, persons, profileHash, programVersion, identification },
      models: models.map(({ id, sha256 }) => ({ id, sha256 })),
      consent: consent.kind,
      video,
      wantsVideo: setup?.keeps === 'video' && session.rescored === null, // it is in the session that was recorded
      unmeasured: EXPRESSIONS.filter((name) => !measured.has(name)),
      problems: [...problems],
      ...this.#corrections.describe(session),
    };
  }
}

async function checkExportFolder(folder: string): Promise<void> {
  if (!isAbsolute(folder))
    throw new MienError('output_unwritable', `"${folder}" is not a whole path.`, 'Give it from its beginning.');
  await checkFolder(folder);
}

function matches({ code, id, source }: StoredSession, text: string): boolean {
  return [code, id, source.name].some((value) => value.toLowerCase().includes(text.trim().toLowerCase()));
}

/** What the files of a part of a session are called, so that they stand beside those of the whole. */
const stemOf = (code: string, span: ExportSpan | null | undefined): string =>
  span ? `${code}.${span.fromSeconds.toFixed(2)}-${span.toSeconds.toFixed(2)}` : code;

function exporterOf(format: string): Exporter {
  const exporter = EXPORTERS.find((candidate) => candidate.format === format);
  if (!exporter) throw new MienError('usage', `There is no format "${format}".`, 'Choose another one.');
  return exporter;
}
