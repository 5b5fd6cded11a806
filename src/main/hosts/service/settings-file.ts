// The settings in a file of the data folder. It is read whenever it is asked for: somebody may have changed it by hand, or in a
// second program. What cannot be read is put aside and said, and never keeps the program from working.
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseDocument } from '../../contract/document.ts';
import { MienError, reportOf } from '../../contract/errors.ts';
import { DEFAULT_SETTINGS, settings, type KnownSettings, type Settings } from '../../contract/settings.ts';
import { writeWholeFile } from '../../platform/whole-file.ts';

const NAME = 'settings.json';

/** What a newer version has added stays in the file, and what an older one did not know is filled in. */
const content = z.looseObject(settings.exactPartial().shape);
type Content = z.infer<typeof content>;

export class SettingsFile {
  readonly #folder: string;
  readonly #path: string;
  #problem: KnownSettings['problem'] = null;
  /** One after the other: what two windows change at once must both be there. */
  #last: Promise<unknown> = Promise.resolve();

  /** `folder` is the data folder; it must be there when something is changed. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, NAME);
  }

  /** Never throws: the usual settings stand in for a file that is damaged, and the problem is told. */
  read(): Promise<KnownSettings> {
    return this.#inTurn(async () => {
      const found = await this.#content().catch((error: unknown) => {
        const { message } = reportOf(error);
        this.#problem = {
          message: `${message} The usual ones are in use.`,
          remedy: 'Check that you may read the file.',
        };
        return {};
      });
      return this.#known(found);
    });
  }

  /** Changes some settings and leaves the others. Throws output_unwritable, and input_unreadable: then nothing is lost. */
  change(changes: Partial<Settings>): Promise<KnownSettings> {
    return this.#inTurn(async () => {
      const changed = { ...(await this.#content()), ...changes };
      await this.#write(changed);
      return this.#known(changed);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined); // whoever asked is told
    return turn;
  }

  #known(found: Content): KnownSettings {
    const values = settings.strip().parse({ ...DEFAULT_SETTINGS, ...found });
    return { values, problem: this.#problem };
  }

  /** Throws input_unreadable for a file that is there and cannot be read. */
  async #content(): Promise<Content> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      const message = `The settings in ${this.#path} cannot be read.`;
      throw new MienError('input_unreadable', message, 'Check that you may read the file.', { cause: error });
    });
    if (text === null) return {};
    try {
      const remedy = 'Set again what was different.';
      return parseDocument(text, content, { name: `The file ${NAME}`, code: 'input_unreadable', remedy });
    } catch (error) {
      await this.#putAside(error);
      return {};
    }
  }

  /** Keeps a damaged file under another name: somebody may want to know what was in it. */
  async #putAside(error: unknown): Promise<void> {
    const { message, remedy } = reportOf(error);
    let aside = join(this.#folder, 'settings.damaged.json');
    for (let i = 2; existsSync(aside); i++) aside = join(this.#folder, `settings.damaged-${i}.json`);
    const isKept = await rename(this.#path, aside).then(
      () => true,
      () => false, // it stays where it is, which is said
    );
    const kept = isKept ? `It is kept as ${aside}, and` : 'It could not be renamed;';
    this.#problem = { message: `${message} ${kept} the usual settings are in use.`, remedy };
  }

  async #write(changed: Content): Promise<void> {
    try {
      await writeWholeFile(this.#path, `${JSON.stringify(changed, null, 2)}\n`);
    } catch (cause) {
      const message = `The settings could not be written to ${this.#path}.`;
      throw new MienError(
        'output_unwritable',
        message,
        'Check that you may write there and that the disk is not full.',
        {
          cause,
        },
      );
    }
  }
}
