// The engine of every host with windows: the store and what the program does for its windows. It knows nothing of processes; what
// the one that it lives in is told, and says, stands here too.
import type { ErrorReport } from '../../contract/errors.ts';
import { serve } from '../../contract/rpc.ts';
import type { Transport } from '../../contract/transport.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { openRegistry, openStore } from '../compose.ts';
import { faultLog } from '../faults.ts';
import type { QueuedFile } from './analyses.ts';
import { Service, type ServiceFolders } from './service.ts';

export interface EngineSettings {
  readonly folders: ServiceFolders;
  /** How often the engine was started again since Mien was started. */
  readonly restarts: number;
  /** Files that the engine before had in its queue. */
  readonly queue: readonly QueuedFile[];
  /** Whether faults that nobody is told of are written to standard error. */
  readonly isVerbose: boolean;
}

/** What the process of an engine is told: one start, questions, then at most one stop. Windows come in the way of each host. */
export type EngineRequest =
  { readonly kind: 'start'; readonly settings: EngineSettings } | { readonly kind: 'ask' } | { readonly kind: 'stop' };

/** What it says. */
export type EngineReply =
  /** It can serve windows. */
  | { readonly kind: 'ready' }
  /** Why it could not be started or ended in order. */
  | { readonly kind: 'failed'; readonly error: ErrorReport }
  /** It was asked, and does not hang; with a debugger on it, it may soon. */
  | { readonly kind: 'alive'; readonly isDebugged: boolean }
  /** What is in its queue of files from now on, for the engine behind it. */
  | { readonly kind: 'queue'; readonly queue: readonly QueuedFile[] };

type TellQueue = (queue: readonly QueuedFile[]) => void;

export class Engine {
  readonly #store: RecordingStore;
  readonly #service: Service;
  readonly #onFault: (error: unknown) => void;

  private constructor(store: RecordingStore, settings: EngineSettings, tellQueue: TellQueue) {
    const { folders, restarts, queue, isVerbose } = settings;
    this.#store = store;
    const queueOf = { left: queue, tell: tellQueue };
    this.#service = new Service(store, () => openRegistry(folders.data), folders, restarts, queueOf);
    this.#onFault = faultLog(isVerbose);
  }

  /** Opens the store; `tellQueue` hears of every change of the queue of files. Throws store_unusable and store_busy. */
  static async open(settings: EngineSettings, tellQueue: TellQueue): Promise<Engine> {
    return new Engine(await openStore(settings.folders.data), settings, tellQueue);
  }

  /** Answers a window, from its first message on. */
  serve(window: Transport): void {
    serve(window, this.#service.handlers, this.#onFault);
  }

  /** Ends what is under way, keeps what was recorded and closes the store. */
  async stop(): Promise<void> {
    try {
      await this.#service.stop();
    } finally {
      await this.#store.close();
    }
  }
}
