// One export from the choice of its formats to its files.
import { reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';
import type { Span } from './review.svelte.ts';

/** Where this window has exported to last, as long as the settings say of no other folder. */
let lastFolder: { readonly folder: string; readonly usual: string } | null = null;

export class ExportJob {
  readonly #program: Program;
  readonly #id: string;
  /** The stretch that is selected, if any. */
  readonly span: Span | null;
  #known = $state.raw<readonly string[]>([]);
  #rows = $state<number | null>(null);
  #isPrepared = $state(false);
  #files = $state.raw<readonly string[] | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #call: Call<'sessions.export'> | null = null;
  /** Where exports go by the settings. */
  #usual = '';
  folder = $state('');
  formats = $state<string[]>([]);
  intervalSeconds = $state(10);
  keepInvalid = $state(false);
  isSpanOnly = $state(false);

  constructor(program: Program, id: string, span: Span | null) {
    this.#program = program;
    this.#id = id;
    this.span = span;
  }

  /** The formats that there are. */
  get known(): readonly string[] {
    return this.#known;
  }

  /** Rows written so far; null while nothing is written. */
  get rows(): number | null {
    return this.#rows;
  }

  get files(): readonly string[] | null {
    return this.#files;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Until then the folder is not to be typed: what is usual would get into it. */
  get isPrepared(): boolean {
    return this.#isPrepared;
  }

  get isReady(): boolean {
    return this.folder.trim() !== '' && this.formats.length > 0 && this.intervalSeconds > 0;
  }

  async prepare(): Promise<void> {
    try {
      const { exportFolder, formats } = await this.#program.call('program.describe', {}).result;
      const { values } = await this.#program.call('settings.get', {}).result;
      this.folder = lastFolder?.usual === exportFolder ? lastFolder.folder : exportFolder;
      this.#usual = exportFolder;
      this.intervalSeconds = values.intervalSeconds;
      this.keepInvalid = values.keepInvalid;
      this.#known = formats;
      this.formats = [...formats];
    } catch (error) {
      this.#error = reportOf(error);
    } finally {
      this.#isPrepared = true;
    }
  }

  async start(): Promise<void> {
    const { folder, formats, intervalSeconds, keepInvalid } = this;
    const span = this.isSpanOnly ? this.span : null;
    const input = { id: this.#id, folder: folder.trim(), formats: [...formats], intervalSeconds, keepInvalid, span };
    this.#error = null;
    this.#rows = 0;
    this.#call = this.#program.call('sessions.export', input, (rows) => (this.#rows = rows));
    try {
      this.#files = (await this.#call.result).files;
      lastFolder = { folder: input.folder, usual: this.#usual };
    } catch (error) {
      this.#error = reportOf(error);
    } finally {
      this.#rows = null;
      this.#call = null;
    }
  }

  cancel(): void {
    this.#call?.cancel();
  }
}
