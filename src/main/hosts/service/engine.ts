// The engine of every host with windows: the store and what the program does for its windows. It knows nothing of processes; what
// the one that it lives in is told, and says, stands here too.
import type { ErrorReport } from '../../contract/errors.ts';
import { serve } from '../../contract/rpc.ts';
import type { Transport } from '../../contract/transport.ts';
import type { RecordingStore } from '../../store/recording-store.ts';
import { openRegistry, openStore } from '../compose.ts';
import { faultLog } from '../faults.ts';
import { Service, type ServiceFolders } from './service.ts';

export interface EngineSettings {
  readonly folders: ServiceFolders;
  /** How often the engine was started again since Mien was started. */
  readonly restarts: number;
  /** Whether faults that nobody is told of are written to standard error. */
  readonly isVerbose: boolean;
}

/** What the process of an engine is told: one start, then at most one stop. Windows come in the way of each host. */
export type EngineRequest = { readonly kind: 'start'; readonly settings: EngineSettings } | { readonly kind: 'stop' };

/** What it says: that it can serve windows, or why it could not be started or ended in order. */
export type EngineReply = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly error: ErrorReport };

export class Engine {
  readonly #store: RecordingStore;
  readonly #service: Service;
  readonly #onFault: (error: unknown) => void;

  private constructor(store: RecordingStore, { folders, restarts, isVerbose }: EngineSettings) {
    this.#store = store;
    this.#service = new Service(store, openRegistry, folders, restarts);
    this.#onFault = faultLog(isVerbose);
  }

  /** Opens the store. Throws store_unusable and store_busy. */
  static async open(settings: EngineSettings): Promise<Engine> {
    return new Engine(await openStore(settings.folders.data), settings);
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
