// Files that were dropped, from the question whether everybody has agreed to their place in the queue. It belongs to the window and
// goes on while other pages are looked at.
import { incomingAddress } from '../../main/contract/incoming.ts';
import { MienError, reportOf, type ErrorReport } from '../../main/contract/errors.ts';
import type { Input, Output } from '../../main/contract/api.ts';
import type { Call } from '../../main/contract/rpc.ts';
import type { Program } from '../connection/program.svelte.ts';
import { sendFile, type SendingFile } from '../connection/send-file.ts';
import type { Dropped, DroppedItem } from './dropped.ts';

type Outcome = Output<'incoming.analyse'>;
/** What is chosen for everything that was dropped; without a profile it is that of the settings. */
type Choice = Pick<Input<'incoming.analyse'>, 'identification' | 'profile'>;

export class Sending {
  readonly #program: Program;
  #asked = $state.raw<Dropped | null>(null);
  #sending = $state.raw<{ readonly name: string; readonly total: number } | null>(null);
  #sent = $state(0);
  #outcome = $state.raw<Outcome | null>(null);
  #error = $state.raw<ErrorReport | null>(null);
  #place: Call<'incoming.open'> | null = null;
  #file: SendingFile | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  /** What the researcher is asked about; null while nothing is. */
  get asked(): Dropped | null {
    return this.#asked;
  }

  /** The file that is being sent, and the bytes of all of them; null while nothing is sent. */
  get sending(): { readonly name: string; readonly total: number } | null {
    return this.#sending;
  }

  /** Bytes that are sent. */
  get sent(): number {
    return this.#sent;
  }

  /** What became of the files before; null once something else was dropped. */
  get outcome(): Outcome | null {
    return this.#outcome;
  }

  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Asks about what was dropped, as soon as it is known. While files are sent nothing else is taken. */
  async ask(finding: Dropped | Promise<Dropped>): Promise<void> {
    if (this.#sending) return;
    this.#outcome = null;
    this.#error = null;
    try {
      this.#asked = await finding;
    } catch (error) {
      this.#error = reportOf(unreadable(error));
    }
  }

  /** The researcher wants nothing of it. */
  dismiss(): void {
    this.#asked = null;
  }

  /** Everybody has agreed: everything goes into the queue. */
  async go(choice: Choice): Promise<void> {
    const { items = [], refused = [] } = this.#asked ?? {};
    this.#asked = null;
    this.#error = null;
    try {
      const paths = items.flatMap(({ path }) => path ?? []);
      const { added, refused: more } =
        paths.length > 0 ? await this.#name(paths, choice) : await this.#send(items, choice);
      this.#outcome = { added, refused: [...refused, ...more] };
    } catch (error) {
      this.#error = reportOf(error);
    } finally {
      this.#place?.cancel(); // what was sent and is not analysed goes
      this.#place = null;
      this.#file = null;
      this.#sending = null;
    }
  }

  cancel(): void {
    this.#file?.cancel();
    this.#place?.cancel();
  }

  #name(paths: string[], choice: Choice): Promise<Outcome> {
    return this.#program.call('incoming.analysePaths', { paths, haveAgreed: true, ...choice }).result;
  }

  async #send(items: readonly DroppedItem[], choice: Choice): Promise<Outcome> {
    const total = items.flatMap(({ files }) => files).reduce((sum, { file }) => sum + file.size, 0);
    this.#sent = 0;
    this.#sending = { name: items[0]?.name ?? '', total };
    const id = await this.#openPlace();
    let before = 0;
    for (const [item, { files }] of items.entries()) {
      for (const { path, file } of files) {
        this.#sending = { name: path.join('/'), total };
        const address = incomingAddress(id, item, path);
        this.#file = sendFile(address, file, (bytes) => (this.#sent = before + Math.min(bytes, file.size)));
        await this.#file.sent;
        before += file.size;
        this.#sent = before;
      }
    }
    return this.#program.call('incoming.analyse', { id, haveAgreed: true, ...choice }).result;
  }

  /** Resolves to the id of a place for copies; rejects when there is none. */
  #openPlace(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#place = this.#program.call('incoming.open', { haveAgreed: true }, resolve);
      this.#place.result.catch(reject); // later, when it is cancelled, nobody waits any more
    });
  }
}

/** A file that was dropped may be gone, or not be for us to read. */
const unreadable = (cause: unknown): MienError =>
  new MienError('input_unreadable', 'What you have dropped cannot be read.', 'Check that you may read all of it.', {
    cause,
  });
