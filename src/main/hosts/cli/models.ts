// mien models: which there are, whether their files are what was measured, and fetching those that do not come with Mien.
import type { Command } from 'commander';
import { reportOf } from '../../contract/errors.ts';
import type { ManifestModel } from '../../contract/manifest.ts';
import { modelsOf } from '../../core/profile.ts';
import { fetchModel, fetchedModels, isFetched, parseOrigin, type Origin } from '../../inference/fetching.ts';
import { openRegistry } from '../compose.ts';
import { stopOnInterrupt } from './interrupt.ts';
import type { GlobalOptions } from './options.ts';
import { note, print, startProgress, table, type Progress } from './terminal.ts';

interface ModelState {
  readonly id: string;
  /** Whether nothing is to be done: a model that is fetched only when somebody asks need not be there. */
  readonly ok: boolean;
  readonly state: 'there' | 'not there' | 'damaged';
  readonly problem: string | null;
  readonly origin: string;
  readonly licence: string;
  readonly measured: string;
}

interface FetchReport {
  readonly id: string;
  readonly file: string;
  /** Whether the right file was there before. */
  readonly was_there: boolean;
}

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('List and check the networks, and fetch those that do not come with Mien.')
    .addHelpText('after', '\nExample:\n  mien models list');
  models
    .command('list')
    .description('List the models with their origin, licence and figures.')
    .addHelpText('after', '\nExample:\n  mien models list')
    .action(async () => {
      const { data, json } = program.opts<GlobalOptions>();
      const states = await inspect(data);
      const rows = states.map((s) => [s.id, s.state, s.origin, s.licence, s.measured]);
      print(
        json
          ? JSON.stringify({ models: states }, null, 2)
          : table(['model', 'file', 'origin', 'licence', 'measured'], rows),
      );
    });
  models
    .command('verify')
    .description('Hold every model file against its hash.')
    .addHelpText('after', '\nExample:\n  mien models verify')
    .action(async () => {
      const { data, json } = program.opts<GlobalOptions>();
      const states = await inspect(data);
      const rows = states.map((s) => [s.id, s.problem ?? 'right']);
      print(json ? JSON.stringify({ models: states }, null, 2) : table(['model', 'state'], rows));
      if (states.some(({ ok }) => !ok)) process.exitCode = 4;
    });
  models
    .command('fetch')
    .description('Fetch models that do not come with Mien into the data folder, and hold them against their hashes.')
    .argument('<name>', 'a model, or a set of them such as hsemotion')
    .option('--from <place>', 'a folder in which the files lie, or an https address below which they do')
    .addHelpText(
      'after',
      '\nThis is the only command that uses the network, and it fetches from the addresses in "models list" alone, or from' +
        '\nwhere you say. What has arrived when it is stopped is kept, and the next call goes on from there.' +
        '\n\nExample:\n  mien models fetch hsemotion\n  mien models fetch hsemotion --from /media/stick',
    )
    .action(async (name: string, { from }: { from?: string }) => {
      const { data, json } = program.opts<GlobalOptions>();
      const reports = await fetchAll(name, parseOrigin(from), data);
      const rows = reports.map(({ id, file, was_there }) => `${id}: ${was_there ? 'was there' : 'fetched'} (${file})`);
      print(json ? JSON.stringify({ models: reports }, null, 2) : rows.join('\n'));
    });
}

async function fetchAll(name: string, from: Origin, data: string | undefined): Promise<FetchReport[]> {
  const registry = await openRegistry(data);
  const reports: FetchReport[] = [];
  const stop = new AbortController();
  const release = stopOnInterrupt(stop, 'Stopping: what has arrived is kept.');
  try {
    for (const [id, model] of fetchedModels(registry.manifest, name)) {
      const file = registry.fileOf(id);
      const bar = new MegabyteBar(id);
      const task = { id, model, file, from, signal: stop.signal, onProgress: bar.update };
      const isNew = await fetchModel(task).finally(bar.stop);
      reports.push({ id, file, was_there: !isNew });
    }
  } finally {
    release();
  }
  return reports;
}

const MEGABYTE = 1e6;

/** Progress in megabytes: of how many is known when the first have come. */
class MegabyteBar {
  readonly #label: string;
  #bar: Progress | null = null;

  constructor(label: string) {
    this.#label = label;
  }

  readonly update = (done: number, total: number | null): void => {
    if (!this.#bar) note(`Fetching ${this.#label} …`);
    this.#bar ??= startProgress(this.#label, total === null ? null : Math.ceil(total / MEGABYTE), 'MB');
    this.#bar.update(Math.floor(done / MEGABYTE));
  };

  readonly stop = (): void => this.#bar?.stop();
}

/** The state of every model in the manifest. */
export async function inspect(data: string | undefined): Promise<ModelState[]> {
  const registry = await openRegistry(data);
  const states: ModelState[] = [];
  for (const [id, model] of Object.entries(registry.manifest.models)) {
    const { code, problem } = await registry.bytes(id).then(
      () => ({ code: null, problem: null }),
      (error: unknown) => ({ code: reportOf(error).code, problem: problemOf(error, model) }),
    );
    const state = code === null ? 'there' : code === 'model_missing' ? 'not there' : 'damaged';
    const ok = state === 'there' || (state === 'not there' && isFetched(model));
    const { licence, measured } = model;
    states.push({ id, ok, state, problem, origin: originOf(model), licence, measured });
  }
  return states;
}

/** What is wrong, with the command that mends it where it is one of ours. */
function problemOf(error: unknown, model: ManifestModel): string {
  const { message, remedy } = reportOf(error);
  return isFetched(model) ? `${message} ${remedy}` : message;
}

function originOf({ origin }: ManifestModel): string {
  switch (origin.kind) {
    case 'ours':
      return `ours (${origin.training})`;
    case 'converted':
      return `converted from ${origin.package} ${origin.version}`;
    case 'fetched':
      return `fetched from ${origin.url}`;
  }
}

/** Whether every model of a profile can be loaded. */
export async function profileProblems(name: string, data: string | undefined): Promise<string[]> {
  const registry = await openRegistry(data);
  const wanted = new Set(modelsOf(await registry.profile(name)));
  return (await inspect(data)).flatMap(({ id, problem }) => (wanted.has(id) && problem ? [problem] : []));
}
