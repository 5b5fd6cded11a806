// The program behind the window: found again by itself when it was gone.
import { Client, type Call } from '../../main/contract/rpc.ts';
import { MienError } from '../../main/contract/errors.ts';
import type { CallName, Input, Progress } from '../../main/contract/api.ts';
import type { Transport } from '../../main/contract/transport.ts';

export type Connection = 'connecting' | 'ready' | 'lost';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

export class Program {
  readonly #connect: () => Promise<Transport>;
  #client: Client | null = null;
  #state = $state<Connection>('connecting');
  /** Counts how often the program was found: whoever shows what it said asks again. */
  #epoch = $state(0);

  constructor(connect: () => Promise<Transport>) {
    this.#connect = connect;
    void this.#keep();
  }

  get state(): Connection {
    return this.#state;
  }

  get epoch(): number {
    return this.#epoch;
  }

  call<N extends CallName>(name: N, input: Input<N>, onProgress?: (progress: Progress<N>) => void): Call<N> {
    if (this.#client) return this.#client.call(name, input, onProgress);
    const error = new MienError('interrupted', 'The program behind the window is gone.', 'It is being looked for.');
    return { result: Promise.reject(error), cancel: () => undefined };
  }

  async #keep(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const transport = await this.#connect().catch(() => null);
      if (transport) {
        pauseMs = FIRST_PAUSE_MS;
        await this.#use(transport);
      }
      this.#state = 'lost';
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Resolves when the wire has closed. */
  #use(transport: Transport): Promise<void> {
    return new Promise((resolve) => {
      this.#client = new Client(transport, () => {
        this.#client = null;
        resolve();
      });
      this.#epoch++;
      this.#state = 'ready';
    });
  }
}
