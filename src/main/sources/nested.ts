// Everything that can be analysed in what somebody has dropped: a file, or a folder with folders in it.
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BY_NUMBER, isInputName, refusalOfKind } from '../contract/inputs.ts';
import { reportOf } from '../contract/errors.ts';
import { resolveInput, type Input } from './open.ts';

/** Deeper folders are not looked into. */
const DEEPEST = 16;

export interface FoundInputs {
  readonly inputs: readonly Input[];
  /** What cannot be analysed, in sentences. */
  readonly refused: readonly string[];
}

/** A file is one input; of each folder its pictures are one, and every video is another. Never throws: what is wrong is told. */
export async function resolveNested(path: string, name = basename(path), depth = 0): Promise<FoundInputs> {
  const facts = await stat(path).catch(() => null); // resolveInput says what is wrong
  if (facts?.isDirectory()) return resolveFolders(path, name, depth);
  if (facts?.isFile() && !isInputName(name)) return { inputs: [], refused: [refusalOfKind(name)] };
  return attempt(path, name);
}

async function attempt(path: string, name: string): Promise<FoundInputs> {
  try {
    return { inputs: await resolveInput(path), refused: [] };
  } catch (error) {
    const { message, remedy } = reportOf(error);
    return { inputs: [], refused: [`${message.replaceAll(path, name)} ${remedy}`] };
  }
}

async function resolveFolders(path: string, name: string, depth: number): Promise<FoundInputs> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
  if (!entries) return attempt(path, name); // it says what is wrong
  const visible = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((p, q) => BY_NUMBER.compare(p.name, q.name));
  const files = visible.filter((entry) => !entry.isDirectory());
  const found: FoundInputs[] = [];
  if (files.some((file) => isInputName(file.name))) found.push(await attempt(path, name));
  found.push({
    inputs: [],
    refused: files.filter((file) => !isInputName(file.name)).map((file) => refusalOfKind(`${name}/${file.name}`)),
  });
  if (depth < DEEPEST) {
    for (const folder of visible.filter((entry) => entry.isDirectory()))
      found.push(await resolveNested(join(path, folder.name), `${name}/${folder.name}`, depth + 1));
  }
  const [inputs, refused] = [found.flatMap((one) => one.inputs), found.flatMap((one) => one.refused)];
  const isEmpty = inputs.length === 0 && refused.length === 0 && depth === 0;
  return { inputs, refused: isEmpty ? [`${name} has no videos and no pictures.`] : refused };
}
