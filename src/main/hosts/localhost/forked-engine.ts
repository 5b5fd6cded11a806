// The engine of the browser host as the server sees it: a child process, which windows are handed over to as sockets.
import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { EngineReply, EngineRequest } from '../service/engine.ts';
import type { EngineProcess } from '../service/keeper.ts';
import type { Upgrade } from './windows.ts';

const ENTRY = new URL('./engine-entry.ts', import.meta.url);

/**
 * What the child is told. A socket comes with each window, unless it has been closed on its way. The window may be answered when it
 * has been let go: until then this process still reads from it, and what it said would be lost.
 */
export type ForkedRequest =
  | EngineRequest
  | { readonly kind: 'window'; readonly id: number; readonly upgrade: Upgrade }
  | { readonly kind: 'let-go'; readonly id: number };

/**
 * Frames leave much that is dead at once. V8 would take its time to collect it, and more and more memory, in every thread; with little
 * room it collects more often, which costs less than a thousandth of the time.
 */
const YOUNG_MB = 2;

export class ForkedEngine implements EngineProcess {
  readonly #child: ChildProcess;
  /** Sockets that are not handed over yet: they go one after the other. */
  readonly #onTheWay = new Set<Socket>();
  #onExit: (code: number | null) => void = () => undefined;
  #windows = 0;

  /** Starts the child on the Node that this runs on. Throws when the system refuses to. */
  constructor() {
    this.#child = fork(ENTRY, {
      // Nothing of the parent's: a debugger's port, or a program on the command line of Node, is for the parent alone.
      execArgv: [`--max-semi-space-size=${YOUNG_MB}`],
      serialization: 'advanced', // bytes as they are
      // What a library prints in there is no answer of ours; and lines from the terminal are for the parent.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.#child.once('error', () => {
      if (this.#child.pid === undefined) this.#end(null); // it never began
    });
    this.#child.once('close', (code) => this.#end(code)); // unlike "exit", this comes behind the last message
  }

  send(request: EngineRequest): void {
    this.#child.send(request, () => undefined); // of one that is gone, onExit tells
  }

  onReply(listener: (reply: EngineReply) => void): void {
    this.#child.on('message', listener);
  }

  onExit(listener: (code: number | null) => void): void {
    this.#onExit = listener;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /**
   * Hands a socket over. When the engine ends first it is closed; but for the one that Node has sent and of which it has not heard
   * again, which nobody can close any more: it must not keep the parent from ending, and its window gives up by itself.
   */
  takeWindow(upgrade: Upgrade, socket: Socket): void {
    socket.unref();
    this.#onTheWay.add(socket);
    const id = ++this.#windows;
    this.#child.send({ kind: 'window', id, upgrade } satisfies ForkedRequest, socket, {}, (error) => {
      this.#onTheWay.delete(socket);
      if (error) socket.destroy();
    });
    // Node sends nothing more before the child has the socket and ours is closed.
    this.#child.send({ kind: 'let-go', id } satisfies ForkedRequest, () => undefined); // of one that is gone, onExit tells
  }

  #end(code: number | null): void {
    for (const socket of this.#onTheWay) socket.destroy();
    this.#onExit(code);
  }
}
