// What can be said to the application on its command line.
import { parseArgs } from 'node:util';

export interface Options {
  readonly data: string | undefined;
  /** Whether a film of a face stands in for a camera. */
  readonly isDemo: boolean;
  readonly isVerbose: boolean;
}

/** Reads the words behind the program's name. Those of Chromium stand among them: what is unknown is not ours. */
export function parseOptions(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    strict: false,
    options: { data: { type: 'string' }, demo: { type: 'boolean' }, verbose: { type: 'boolean' } },
  });
  return {
    data: folderOf(values.data),
    isDemo: values.demo === true,
    isVerbose: values.verbose === true,
  };
}

/** A word that follows "--data" and is another option is no folder. */
function folderOf(value: unknown): string | undefined {
  return typeof value === 'string' && !value.startsWith('-') ? value : undefined;
}
