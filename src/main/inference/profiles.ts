// Profiles in files: those that come with the program, and the user's own in a folder beside the sessions.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from '../contract/document.ts';
import { MienError, reportOf } from '../contract/errors.ts';
import { profileSchema } from '../contract/manifest.ts';
import type { ProfileSummary } from '../contract/profiles.ts';
import type { Profile } from '../core/profile.ts';

const ENDING = '.json';
const NAME = /^[\w-]+$/;
const CORRECT = 'Correct it; models/profiles/mien.json is an example.';

export class ProfileFiles {
  readonly #shipped: string;
  readonly #own: string | null;
  readonly #misfitOf: (profile: Profile) => string | null;
  readonly #lackOf: (profile: Profile) => string | null;

  /**
   * `own` is the folder of the user's profiles, which need not be there; null for none. `misfitOf` says what of a profile does not
   * fit the models that there are, or throws it; `lackOf` which of its models is still to be fetched, null for none.
   */
  constructor(
    shipped: URL,
    own: string | null,
    misfitOf: (profile: Profile) => string | null,
    lackOf: (profile: Profile) => string | null,
  ) {
    this.#shipped = fileURLToPath(shipped);
    this.#own = own;
    this.#misfitOf = misfitOf;
    this.#lackOf = lackOf;
  }

  /** Every profile that has a name, the shipped ones first. One that is broken is listed with what is wrong. */
  async list(): Promise<ProfileSummary[]> {
    const shipped = await namesIn(this.#shipped);
    const own = this.#own === null ? [] : await namesIn(this.#own);
    return [
      ...(await Promise.all(shipped.map((name) => this.#summary(name, true)))),
      ...(await Promise.all(own.map((name) => this.#summary(name, false)))),
    ];
  }

  /** A profile by its name, or by the path of a .json file. Throws usage and model_missing. */
  async read(name: string): Promise<Profile> {
    if (name.endsWith(ENDING)) return this.#parse(await textOf(name, name), name);
    if (!NAME.test(name)) throw unreadable(name);
    if ((await namesIn(this.#shipped)).includes(name)) return this.#readShipped(name);
    return this.#readOwn(name);
  }

  async #summary(name: string, isShipped: boolean): Promise<ProfileSummary> {
    try {
      const profile = await (isShipped ? this.#readShipped(name) : this.#readOwn(name));
      const members = profile.members.map(({ model }) => model);
      return { name, description: profile.description, members, isShipped, problem: this.#lackOf(profile) };
    } catch (error) {
      return { name, description: '', members: [], isShipped, problem: reportOf(error).message };
    }
  }

  async #readShipped(name: string): Promise<Profile> {
    return this.#parse(await textOf(join(this.#shipped, name + ENDING), name), name);
  }

  /** Sessions say by name which profile made them, so there is one for each name. */
  async #readOwn(name: string): Promise<Profile> {
    if (this.#own === null) throw unreadable(name);
    const profile = this.#parse(await textOf(join(this.#own, name + ENDING), name), name);
    const reserved = (await namesIn(this.#shipped)).find((other) => isSame(other, name));
    if (reserved !== undefined) {
      const message = `The profile "${name}" is called as one that comes with Mien.`;
      throw new MienError('usage', message, 'Give it and its file another name.');
    }
    if (profile.name !== name) {
      const message = `The profile in the file ${name}${ENDING} calls itself "${profile.name}".`;
      throw new MienError('usage', message, 'Give both the same name.');
    }
    return profile;
  }

  #parse(text: string, name: string): Profile {
    const kind = { name: `The profile "${name}"`, code: 'usage', remedy: CORRECT } as const;
    const profile = parseDocument(text, profileSchema, kind);
    const misfit = this.#misfitOf(profile);
    if (misfit) throw new MienError(kind.code, `${kind.name} is not valid: ${misfit}.`, kind.remedy);
    return profile;
  }
}

/** Names of the profiles in a folder, in their order; a folder that is not there, or that nobody may read, has none. */
async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []); // said above
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .sort();
}

function textOf(path: string, name: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
}

function unreadable(name: string, cause?: unknown): MienError {
  const remedy = 'Give the name of a profile, such as mien, or the path of a .json file.';
  return new MienError('usage', `The profile "${name}" cannot be read.`, remedy, { cause });
}

const isSame = (p: string, q: string): boolean => p.toLowerCase() === q.toLowerCase();
