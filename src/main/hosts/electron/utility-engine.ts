// The engine of Electron as its main process sees it: a utility process, which windows are handed over to as ports.
import { fileURLToPath } from 'node:url';
import { utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron';
import type { EngineReply, EngineRequest } from '../service/engine.ts';
import type { EngineProcess } from '../service/keeper.ts';

const ENTRY = fileURLToPath(new URL('./engine-entry.ts', import.meta.url));

/** What the process is told; a port comes with each window. */
export type UtilityRequest = EngineRequest | { readonly kind: 'window' };

/** What it says; "left" when it has nothing to do any more, and may be ended. */
export type UtilityReply = EngineReply | { readonly kind: 'left' };

export class UtilityEngine implements EngineProcess {
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;
  readonly #process: UtilityProcess;
  #onReply: (reply: EngineReply) => void = () => undefined;
  #hasLeft = false;

  constructor() {
    this.#process = utilityProcess.fork(ENTRY, [], { serviceName: 'Mien engine', stdio: 'inherit' });
    this.gone = new Promise((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.on('message', (reply: UtilityReply) => {
      if (reply.kind === 'left') this.#leave();
      else this.#onReply(reply);
    });
  }

  send(request: EngineRequest): void {
    this.#process.postMessage(request);
  }

  onReply(listener: (reply: EngineReply) => void): void {
    this.#onReply = listener;
  }

  onExit(listener: (code: number | null) => void): void {
    this.#process.once('exit', (code) => listener(this.#hasLeft ? 0 : code));
  }

  kill(): void {
    this.#process.kill();
  }

  /** Hands over the engine's end of a wire. When the engine ends it is closed. */
  takeWindow(port: MessagePortMain): void {
    this.#process.postMessage({ kind: 'window' } satisfies UtilityRequest, [port]);
    void this.gone.then(() => port.close()); // where the engine was gone already, nobody else does
  }

  /** A process that ended itself would take with it what it has just said. */
  #leave(): void {
    this.#hasLeft = true;
    this.#process.kill();
  }
}
