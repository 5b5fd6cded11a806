// Follows whether something is being recorded. Then the machine must stay awake, and a hidden window must not be slowed down.
import { MessageChannelMain, powerSaveBlocker } from 'electron';
import { Client } from '../../contract/rpc.ts';
import type { EngineKeeper } from '../service/keeper.ts';
import { portTransport } from './port-transport.ts';
import type { UtilityEngine } from './utility-engine.ts';

export class RecordingWatch {
  readonly #onChange: (isRecording: boolean) => void;
  #blocker: number | null = null;

  /** `onChange` is called whenever a recording has begun or ended; a pause is a part of it. */
  constructor(onChange: (isRecording: boolean) => void) {
    this.#onChange = onChange;
  }

  get isRecording(): boolean {
    return this.#blocker !== null;
  }

  /** Follows the engine, and every one that is started after it. Resolves when there will be none any more. */
  async follow(engine: EngineKeeper<UtilityEngine>): Promise<void> {
    for (;;) {
      const running = await engine.ready().catch(() => null); // whoever keeps it says why there is none
      if (!running) break;
      this.#watch(running);
      await running.gone;
      this.#set(false); // in the middle of a recording, perhaps
    }
  }

  #watch(engine: UtilityEngine): void {
    const { port1, port2 } = new MessageChannelMain();
    const client = new Client(portTransport(port2));
    engine.takeWindow(port1);
    const watch = client.call('live.watch', {}, ({ stage }) => this.#set(stage === 'recording' || stage === 'paused'));
    watch.result.catch(() => undefined); // it ends with the engine
  }

  #set(isRecording: boolean): void {
    if (isRecording === this.isRecording) return;
    if (this.#blocker === null) {
      this.#blocker = powerSaveBlocker.start('prevent-display-sleep');
    } else {
      powerSaveBlocker.stop(this.#blocker);
      this.#blocker = null;
    }
    this.#onChange(isRecording);
  }
}
