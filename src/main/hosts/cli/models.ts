// mien models: which there are, and whether their files are what was measured.
import type { Command } from 'commander';
import { reportOf } from '../../contract/errors.ts';
import { modelsOf } from '../../core/profile.ts';
import { openRegistry } from '../compose.ts';
import type { GlobalOptions } from './options.ts';
import { print, table } from './terminal.ts';

interface ModelState {
  readonly id: string;
  readonly ok: boolean;
  readonly problem: string | null;
  readonly origin: string;
  readonly licence: string;
  readonly measured: string;
}

export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('List and check the networks.')
    .addHelpText('after', '\nExample:\n  mien models list');
  models
    .command('list')
    .description('List the models with their origin, licence and figures.')
    .addHelpText('after', '\nExample:\n  mien models list')
    .action(async () => {
      const states = await inspect();
      if (program.opts<GlobalOptions>().json) print(JSON.stringify({ models: states }, null, 2));
      else
        print(
          table(
            ['model', 'origin', 'licence', 'measured'],
            states.map((s) => [s.id, s.origin, s.licence, s.measured]),
          ),
        );
    });
  models
    .command('verify')
    .description('Hold every model file against its hash.')
    .addHelpText('after', '\nExample:\n  mien models verify')
    .action(async () => {
      const states = await inspect();
      if (program.opts<GlobalOptions>().json) print(JSON.stringify({ models: states }, null, 2));
      else
        print(
          table(
            ['model', 'state'],
            states.map((s) => [s.id, s.problem ?? 'right']),
          ),
        );
      if (states.some(({ ok }) => !ok)) process.exitCode = 4;
    });
}

/** The state of every model in the manifest. */
export async function inspect(): Promise<ModelState[]> {
  const registry = await openRegistry();
  const states: ModelState[] = [];
  for (const [id, { origin, licence, measured }] of Object.entries(registry.manifest.models)) {
    const problem = await registry.bytes(id).then(
      () => null,
      (error: unknown) => reportOf(error).message,
    );
    const from =
      origin.kind === 'ours' ? `ours (${origin.training})` : `converted from ${origin.package} ${origin.version}`;
    states.push({ id, ok: problem === null, problem, origin: from, licence, measured });
  }
  return states;
}

/** Whether every model of a profile can be loaded. */
export async function profileProblems(name: string): Promise<string[]> {
  const registry = await openRegistry();
  const wanted = new Set(modelsOf(await registry.profile(name)));
  return (await inspect()).flatMap(({ id, problem }) => (wanted.has(id) && problem ? [problem] : []));
}
