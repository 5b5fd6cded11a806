// Going through the folders of this machine, to choose one.
import type { FolderListing } from '../../main/contract/api.ts';
import { errorOf, reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { Program } from '../connection/program.svelte.ts';

export class Folders {
  readonly #program: Program;
  #listing = $state.raw<FolderListing | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #asked = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  get listing(): FolderListing | null {
    return this.#listing;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Begins at a folder, or where it is not there yet, at the nearest one above; at home where there is none. */
  begin(path: string): Promise<void> {
    return this.#attempt(async () => {
      for (let at = path.trim(); at !== ''; at = parentOf(at)) {
        const listing = await this.#list(at).catch((error: unknown) => {
          const report = reportOf(error);
          if (report.code === 'input_missing') return null;
          throw errorOf(report);
        });
        if (listing) return listing;
      }
      return this.#list((await this.#program.call('program.describe', {}).result).homeFolder);
    });
  }

  open(path: string): Promise<void> {
    return this.#attempt(() => this.#list(path));
  }

  #list(path: string): Promise<FolderListing> {
    return this.#program.call('folders.list', { path }).result;
  }

  /** What was asked for last is shown, whatever is told first. */
  async #attempt(find: () => Promise<FolderListing>): Promise<void> {
    const asked = ++this.#asked;
    try {
      const listing = await find();
      if (asked !== this.#asked) return;
      this.#listing = listing;
      this.#error = null;
    } catch (error) {
      if (asked === this.#asked) this.#error = reportOf(error);
    }
  }
}

/** The folder above, by either system's way of writing; empty for none. */
function parentOf(path: string): string {
  const trimmed = path.replace(/[/\\]+$/, '');
  const at = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'));
  if (at < 0 || trimmed === '') return '';
  return trimmed.slice(0, at) || trimmed.slice(0, 1);
}
