// The settings of the program as this window knows them.
import { createContext } from 'svelte';
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { KnownSettings, Settings } from '../../main/contract/settings.ts';
import type { Program } from '../connection/program.svelte.ts';

export class SettingsState {
  readonly #program: Program;
  #known = $state.raw<KnownSettings | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #isDismissed = $state(false);

  constructor(program: Program) {
    this.#program = program;
  }

  /** Null until the program has told them. */
  get values(): Settings | null {
    return this.#known?.values ?? null;
  }

  /** What is wrong with the file of the settings, until it is dismissed. */
  get problem(): KnownSettings['problem'] {
    return this.#isDismissed ? null : (this.#known?.problem ?? null);
  }

  /** Why they could not be read or changed. */
  get error(): ErrorReport | null {
    return this.#error;
  }

  dismiss(): void {
    this.#isDismissed = true;
  }

  /** To be called whenever the program was found. */
  async load(): Promise<void> {
    await this.#attempt(() => this.#program.call('settings.get', {}).result);
  }

  /** Whether the change was possible; if not, {@link error} says why. */
  change(changes: Partial<Settings>): Promise<boolean> {
    return this.#attempt(() => this.#program.call('settings.set', changes).result);
  }

  async #attempt(work: () => Promise<KnownSettings>): Promise<boolean> {
    try {
      this.#known = await work();
      this.#error = null;
      return true;
    } catch (error) {
      this.#error = reportOf(error);
      return false;
    }
  }
}

const [settingsHere, provideSettings] = createContext<SettingsState>();
export { provideSettings };

/** The settings of the window, which has them before it shows a page. To be called while a component is made. */
export function useSettings(): { readonly state: SettingsState; readonly values: Settings } {
  const state = settingsHere();
  const { values } = state;
  if (!values) throw new Error('a page is shown before the settings are known');
  return { state, values };
}
