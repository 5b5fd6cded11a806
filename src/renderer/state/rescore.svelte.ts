// Scoring a session again, from the choice of the profile to the new session.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';
import { ProfileList } from './profiles.svelte.ts';

export class RescoreJob {
  readonly #program: Program;
  readonly #id: string;
  readonly profiles: ProfileList;
  #frames = $state<number | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #call: Call<'sessions.rescore'> | null = null;

  /** `profile` is the one that the session was scored with. */
  constructor(program: Program, id: string, profile: string) {
    this.#program = program;
    this.#id = id;
    this.profiles = new ProfileList(program, profile);
  }

  /** Frames scored so far; null while nothing is scored. */
  get frames(): number | null {
    return this.#frames;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  get isReady(): boolean {
    return this.profiles.chosen !== '' && this.#frames === null;
  }

  /** The id of the new session; null where there is none, and {@link error} says why. */
  async start(): Promise<string | null> {
    if (!this.isReady) return null;
    this.#error = null;
    this.#frames = 0;
    const input = { id: this.#id, profile: this.profiles.chosen };
    this.#call = this.#program.call('sessions.rescore', input, (frames) => (this.#frames = frames));
    try {
      return (await this.#call.result).sessionId;
    } catch (error) {
      this.#error = reportOf(error);
      return null;
    } finally {
      this.#frames = null;
      this.#call = null;
    }
  }

  /** Forgets why it was not possible, because something else was chosen. */
  dismiss(): void {
    this.#error = null;
  }

  cancel(): void {
    this.#call?.cancel();
  }
}
