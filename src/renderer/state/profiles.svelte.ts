// The profiles that there are, and the one that is chosen.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import { DEFAULT_PROFILE, type ProfileSummary } from '../../main/contract/profiles.ts';
import type { Program } from '../connection/program.svelte.ts';

export class ProfileList {
  readonly #program: Program;
  readonly #preferred: string;
  #profiles = $state.raw<readonly ProfileSummary[]>([]);
  #error = $state.raw<ErrorReport | null>(null);
  /** A name; empty until they are known, and where none can be used. */
  chosen = $state('');

  /** `preferred` is chosen where it can be used, until another one is. */
  constructor(program: Program, preferred: string) {
    this.#program = program;
    this.#preferred = preferred;
  }

  get usable(): readonly ProfileSummary[] {
    return this.#profiles.filter(({ problem }) => problem === null);
  }

  get broken(): readonly ProfileSummary[] {
    return this.#profiles.filter(({ problem }) => problem !== null);
  }

  /** As a call takes it. */
  get choice(): { readonly profile?: string } {
    return this.chosen === '' ? {} : { profile: this.chosen };
  }

  /** Of the chosen one. */
  get description(): string {
    return this.usable.find(({ name }) => name === this.chosen)?.description ?? '';
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  async load(): Promise<void> {
    try {
      this.#profiles = await this.#program.call('profiles.list', {}).result;
      this.#error = null;
      const names = this.usable.map(({ name }) => name);
      this.chosen =
        [this.chosen, this.#preferred, DEFAULT_PROFILE, ...names].find((name) => names.includes(name)) ?? '';
    } catch (error) {
      this.#error = reportOf(error);
    }
  }
}
