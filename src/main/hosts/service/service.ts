// What the program does for its windows: the calls of the contract, put on the store and the exporters. Every host with windows
// has one.
import { isAbsolute, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Handlers } from '../../contract/rpc.ts';
import type { SessionDetail, SessionSummary } from '../../contract/api.ts';
import { MienError } from '../../contract/errors.ts';
import type { ErasureProgress, ErasureResult, ErasureTarget } from '../../contract/participants.ts';
import { EXPRESSIONS, expressionOf } from '../../core/expression.ts';
import type { ExportSpan, Exporter, StoredSession } from '../../engine/ports.ts';
import { EXPORTERS } from '../../exporters/index.ts';
import { checkFolder } from '../../exporters/write.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { exportSession } from '../analysis.ts';
import { planErasure } from '../erasures.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { Analyses } from './analyses.ts';
import { listFolder } from './browse.ts';
import { Erasures } from './erasures.ts';
import { Corrections } from './corrections.ts';
import { LiveDesk } from './live-desk.ts';
import { OpenSession } from './open-session.ts';
import { SettingsFile } from './settings-file.ts';

/** Sessions kept ready: the one that is looked at and one to compare it with. */
const MOST_OPEN = 2;

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
  readonly #folders: ServiceFolders;
  readonly #restarts: number;
  readonly #analyses: Analyses;
  readonly #desk: LiveDesk;
  readonly #erasures: Erasures;
  readonly #corrections: Corrections;
  readonly #settings: SettingsFile;
  /** What reads the database at the moment. */
  readonly #reading = new Set<Promise<unknown>>();
  /** Exports go one after the other: two at once could write the same files. */
  #lastExport: Promise<unknown> = Promise.resolve();
  readonly #ending = { aborted: false };
  readonly #open = new Map<string, Promise<OpenSession>>();

  /** `restarts` says how often the program has started its engine again. */
  constructor(
    store: RecordingStore,
    openRegistry: () => Promise<ModelRegistry>,
    folders: ServiceFolders,
    restarts = 0,
  ) {
    this.#store = store;
    this.#folders = folders;
    this.#restarts = restarts;
    this.#analyses = new Analyses(store, openRegistry);
    this.#desk = new LiveDesk(store, openRegistry);
    this.#erasures = new Erasures(store);
    this.#corrections = new Corrections(store, () => this.#open.clear()); // by whatever name it was opened
    this.#settings = new SettingsFile(folders.data);
  }

  /** Ends what is under way and waits for it; what was recorded so far is kept. */
  async stop(): Promise<void> {
    this.#ending.aborted = true;
    await this.#desk.shutDown();
    await this.#analyses.stop();
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
    'folders.list': ({ path }) => listFolder(path),
    'analyses.add': async ({ path, identification }) => {
      await this.#analyses.add(path, identification);
      return {};
    },
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
    'live.open': async (setup) => {
      await this.#desk.open(setup);
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
    'live.control': async ({ action }) => ({ sessionId: await this.#desk.control(action) }),
    'live.scores': ({ shown }) => {
      this.#desk.showScores(shown);
      return Promise.resolve({});
    },
    'live.mark': (input) => Promise.resolve(this.#desk.mark(input)),
    'live.withdraw': async ({ participant }) => {
      await this.#desk.withdraw(participant);
      return {};
    },
    'participants.list': ({ search }) => this.#erasures.list(search),
    'participants.withdraw': async ({ participant, scope, sessionIds }) => {
      await this.#store.withdraw(participant, scope, sessionIds);
      this.#open.clear(); // what may be seen has changed
      return {};
    },
    'participants.planErasure': async (target) => Promise.resolve(planErasure(this.#store, target)),
    'participants.erase': (target, { signal, tell }) => this.#erase(target, signal, tell),
    'sessions.list': async ({ search }) => {
      const found = this.#store.sessions().filter((session) => matches(session, search));
      return Promise.resolve(found.map((session) => this.#summary(session)));
    },
    'sessions.describe': async ({ id }) => this.#describe(await this.#opened(id)),
    'sessions.timeline': async ({ id, fromSeconds, toSeconds, steps }) =>
      (await this.#opened(id)).timeline(fromSeconds, toSeconds, steps),
    'sessions.figures': async ({ id, fromSeconds, toSeconds }) =>
      (await this.#opened(id)).figures(fromSeconds, toSeconds),
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
    const ending = this.#ending;
    const watch = {
      signal: {
        get aborted() {
          return signal.aborted || ending.aborted;
        },
      },
      onProgress: tell,
    };
    const erasing = this.#erasures.erase(target, Promise.allSettled([...this.#reading, this.#lastExport]), watch);
    try {
      return await erasing;
    } finally {
      this.#open.clear(); // what is kept ready holds the person still
    }
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

  #opened(id: string): Promise<OpenSession> {
    const known = this.#open.get(id);
    this.#open.delete(id);
    const opened = known ?? this.#load(id);
    this.#open.set(id, opened); // the last is the most recently used
    for (const oldest of [...this.#open.keys()].slice(0, -MOST_OPEN)) this.#open.delete(oldest);
    return opened;
  }

  async #load(id: string): Promise<OpenSession> {
    try {
      await this.#erasures.settled; // and at least until it is among those that are open: what fails is taken out again
      const session = this.#store.session(id);
      const opened = await this.#whileReading(OpenSession.load(this.#store, session, this.#ending));
      if (session.state === 'recording') this.#open.delete(id); // it grows
      return opened;
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  #summary({ id, code, state, source, frames, durationMs, profile, createdUnixMs }: StoredSession): SessionSummary {
    return {
      ...{ id, code, state, frames, createdUnixMs },
      source: source.name,
      kind: source.kind,
      durationSeconds: durationMs === null ? null : durationMs / 1000,
      profile: profile.name,
      persons: this.#store.personCount(id),
    };
  }

  #describe(opened: OpenSession): SessionDetail {
    const { session, startSeconds, endSeconds } = opened;
    const { models, profileHash, programVersion, consent, identification, problems } = session;
    const persons = opened.figures();
    const measured = new Set(models.flatMap(({ expression }) => expression?.labels.map(expressionOf) ?? []));
    return {
      summary: this.#summary(session),
      ...{ startSeconds, endSeconds, persons, profileHash, programVersion, identification },
      models: models.map(({ id, sha256 }) => ({ id, sha256 })),
      consent: consent.kind,
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
