// The projects that there are, to choose from when a recording is set up.
import { projectKey, type Project } from '../../main/contract/project.ts';
import type { Program } from '../connection/program.svelte.ts';

export class ProjectList {
  #found = $state.raw<readonly Project[]>([]);

  constructor(program: Program) {
    program.call('projects.list', {}).result.then(
      (found) => (this.#found = found),
      () => undefined, // they are offered, and can be typed all the same
    );
  }

  get names(): readonly string[] {
    return this.#found.map(({ name }) => name);
  }

  /** The project of this name; null where it has no recording. */
  named(name: string): Project | null {
    return this.#found.find((one) => projectKey(one.name) === projectKey(name)) ?? null;
  }
}
