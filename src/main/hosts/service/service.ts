// What the program does for its windows: the calls of the contract, put on the store and the exporters. Every host with windows
// has one.
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Handlers } from '../../contract/rpc.ts';
import type { SessionDetail, SessionSummary } from '../../contract/api.ts';
import { MienError } from '../../contract/errors.ts';
import { EXPRESSIONS, expressionOf } from '../../core/expression.ts';
import type { Exporter, StoredSession } from '../../engine/ports.ts';
import { EXPORTERS } from '../../exporters/index.ts';
import { checkFolder } from '../../exporters/write.ts';
import type { ModelRegistry } from '../../inference/registry.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { exportSession } from '../analysis.ts';
import { PROGRAM_VERSION } from '../compose.ts';
import { Analyses } from './analyses.ts';
import { listFolder } from './browse.ts';
import { OpenSession } from './open-session.ts';

/** Sessions kept ready: the one that is looked at and one to compare it with. */
const MOST_OPEN = 2;

/** A window hears of changes so often. */
const WATCH_MS = 250;

export interface ServiceFolders {
  readonly data: string;
  /** Where exports go unless the user says otherwise. */
  readonly exports: string;
  /** Where choosing a file begins. */
  readonly home: string;
}

export class Service {
  readonly #store: RecordingStore;
  readonly #folders: ServiceFolders;
  readonly #analyses: Analyses;
  /** What reads the database at the moment. */
  readonly #reading = new Set<Promise<unknown>>();
  /** Exports go one after the other: two at once could write the same files. */
  #lastExport: Promise<unknown> = Promise.resolve();
  readonly #ending = { aborted: false };
  readonly #open = new Map<string, Promise<OpenSession>>();

  constructor(store: RecordingStore, openRegistry: () => Promise<ModelRegistry>, folders: ServiceFolders) {
    this.#store = store;
    this.#folders = folders;
    this.#analyses = new Analyses(store, openRegistry);
  }

  /** Ends what is under way and waits for it; what was recorded so far is kept. */
  async stop(): Promise<void> {
    this.#ending.aborted = true;
    await this.#analyses.stop();
    await Promise.allSettled([...this.#reading]);
  }

  readonly handlers: Handlers = {
    'program.describe': () =>
      Promise.resolve({
        version: PROGRAM_VERSION,
        dataFolder: this.#folders.data,
        exportFolder: this.#folders.exports,
        homeFolder: this.#folders.home,
        formats: EXPORTERS.map(({ format }) => format),
      }),
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
    'sessions.list': async ({ search }) => {
      const found = this.#store.sessions().filter((session) => matches(session, search));
      return Promise.resolve(found.map((session) => this.#summary(session)));
    },
    'sessions.describe': async ({ id }) => this.#describe(await this.#opened(id)),
    'sessions.timeline': async ({ id, fromSeconds, toSeconds, steps }) =>
      (await this.#opened(id)).timeline(fromSeconds, toSeconds, steps),
    'sessions.figures': async ({ id, fromSeconds, toSeconds }) =>
      (await this.#opened(id)).figures(fromSeconds, toSeconds),
    'sessions.export': async ({ id: name, folder, formats, intervalSeconds, keepInvalid }, { signal, tell }) => {
      const { id, code } = this.#store.session(name);
      const target = resolve(this.#folders.exports, folder);
      await checkFolder(target);
      const settings = {
        folder: target,
        exporters: [...new Set(formats)].map(exporterOf),
        intervalSeconds,
        blankInvalid: !keepInvalid,
      };
      const write = (): ReturnType<typeof exportSession> =>
        exportSession(this.#store, id, code, settings, (rows) => {
          if (signal.aborted || this.#ending.aborted)
            throw new MienError('interrupted', 'The export was cancelled.', 'No file was changed.');
          tell(rows);
        });
      const exporting = this.#lastExport.then(write);
      this.#lastExport = exporting.catch(() => undefined); // whoever asked is told
      const { files } = await this.#whileReading(exporting);
      return { files: files.map(({ path }) => resolve(path)) };
    },
  };

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
      await Promise.resolve(); // until it is among those that are open: what fails is taken out again
      const session = this.#store.session(id);
      const opened = await this.#whileReading(OpenSession.load(this.#store, session, this.#ending));
      if (session.state === 'recording') this.#open.delete(id); // it grows
      return opened;
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  #summary({ id, code, state, source, frames, profile, createdUnixMs }: StoredSession): SessionSummary {
    return {
      ...{ id, code, state, frames, createdUnixMs },
      source: source.name,
      kind: source.kind,
      durationSeconds: source.durationMs === null ? null : source.durationMs / 1000,
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
    };
  }
}

function matches({ code, id, source }: StoredSession, text: string): boolean {
  return [code, id, source.name].some((value) => value.toLowerCase().includes(text.trim().toLowerCase()));
}

function exporterOf(format: string): Exporter {
  const exporter = EXPORTERS.find((candidate) => candidate.format === format);
  if (!exporter) throw new MienError('usage', `There is no format "${format}".`, 'Choose another one.');
  return exporter;
}
