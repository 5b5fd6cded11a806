// Finds models by their id in models/manifest.json and hands out their bytes only if the hash is right.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseDocument } from '../contract/document.ts';
import { MienError } from '../contract/errors.ts';
import { manifestSchema, type Manifest, type ManifestModel } from '../contract/manifest.ts';
import type { ProfileSummary } from '../contract/profiles.ts';
import type { Profile } from '../core/profile.ts';
import type { ModelRecord } from '../engine/ports.ts';
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
  readonly #folder: URL;
  readonly #profiles: ProfileFiles;
  readonly manifest: Manifest;

  private constructor(folder: URL, manifest: Manifest, ownProfiles: string | null) {
    this.#folder = folder;
    this.#profiles = new ProfileFiles(new URL('profiles/', folder), ownProfiles, (profile) => this.#misfit(profile));
    this.manifest = manifest;
  }

  /** Reads the manifest of a folder like models/. `ownProfiles`: the folder of the user's profiles, which need not be there. */
  static async open(folder: URL, ownProfiles: string | null = null): Promise<ModelRegistry> {
    const text = await readFile(new URL('manifest.json', folder), 'utf8').catch((cause: unknown) => {
      throw new MienError('model_missing', 'The list of models, models/manifest.json, cannot be read.', SETUP, {
        cause,
      });
    });
    const kind = { name: 'The list of models, models/manifest.json,', code: 'model_damaged', remedy: SETUP } as const;
    return new ModelRegistry(folder, parseDocument(text, manifestSchema, kind), ownProfiles);
  }

  entry(id: string): ManifestModel {
    const entry = Object.hasOwn(this.manifest.models, id) ? this.manifest.models[id] : undefined;
    if (entry) return entry;
    const known = Object.keys(this.manifest.models).join(', ');
    throw new MienError('model_missing', `There is no model "${id}".`, `Known models: ${known}.`);
  }

  /** The bytes of a model's file. Throws model_missing without the file and model_damaged when its hash is wrong. */
  async bytes(id: string): Promise<Uint8Array> {
    const { file, sha256 } = this.entry(id);
    const bytes = await readFile(new URL(file, this.#folder)).catch((cause: unknown) => {
      throw new MienError('model_missing', `The file of the model ${id} (models/${file}) is missing.`, SETUP, {
        cause,
      });
    });
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new MienError(
        'model_damaged',
        `The file of the model ${id} (models/${file}) is not the one that was measured.`,
        SETUP,
      );
    }
    return bytes;
  }

  /** What a session remembers of a model. */
  record(id: string): ModelRecord {
    const { sha256, expression } = this.entry(id);
    return { id, sha256, expression };
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
}
