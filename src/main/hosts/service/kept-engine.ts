// The engine's end of what keeps it (keeper.ts is the other): it is opened when that is asked for, and ended in order.
import { url as debuggerUrl } from 'node:inspector';
import { reportOf } from '../../contract/errors.ts';
import type { Transport } from '../../contract/transport.ts';
import { faultLog } from '../faults.ts';
import { Engine, type EngineReply, type EngineRequest, type EngineSettings } from './engine.ts';

/** What the host does in the process of its engine. */
export interface EngineHost {
  /** Resolves when the reply is on its way, or when nobody is left to hear it. */
  readonly reply: (reply: EngineReply) => Promise<void>;
  /** Takes no window any more and closes those that there are. */
  readonly closeWindows: () => Promise<void>;
  /** Lets the process end: nothing is left to be done. */
  readonly leave: () => void;
}

export class KeptEngine {
  readonly #host: EngineHost;
  #engine: Engine | null = null;
  #opened: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(host: EngineHost) {
    this.#host = host;
  }

  hear(request: EngineRequest): void {
    if (request.kind === 'start') this.#opened = this.#open(request.settings);
    else if (request.kind === 'ask') void this.#host.reply({ kind: 'alive', isDebugged: debuggerUrl() !== undefined });
    else this.stop();
  }

  /** Answers a window, from its first message on. None comes before the engine is ready. */
  serve(window: Transport): void {
    if (this.#engine) this.#engine.serve(window);
    else window.close();
  }

  /** Ends everything in order, once, whoever asks for it. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    void this.#stop();
  }

  async #open(settings: EngineSettings): Promise<void> {
    try {
      this.#engine = await Engine.open(settings, (queue) => void this.#host.reply({ kind: 'queue', queue }));
      await this.#host.reply({ kind: 'ready' });
    } catch (error) {
      faultLog(settings.isVerbose)(error); // a report has no stack
      await this.#host.reply({ kind: 'failed', error: reportOf(error) });
      this.#host.leave();
    }
  }

  async #stop(): Promise<void> {
    await this.#opened;
    try {
      await this.#host.closeWindows();
      await this.#engine?.stop();
    } catch (error) {
      await this.#host.reply({ kind: 'failed', error: reportOf(error) });
    }
    this.#host.leave();
  }
}
