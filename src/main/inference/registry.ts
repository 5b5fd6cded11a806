// Finds models by their id in models/manifest.json and hands out their bytes only if the hash is right.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MienError } from '../contract/errors.ts';
import { manifestSchema, profileSchema, type Manifest, type ManifestModel } from '../contract/manifest.ts';
import type { Profile } from '../core/profile.ts';
import type { ModelRecord } from '../engine/ports.ts';

const SETUP = 'Run "npm run setup": it makes the models from installed packages, without a download.';

export class ModelRegistry {
  readonly #folder: URL;
  readonly manifest: Manifest;

  private constructor(folder: URL, manifest: Manifest) {
    this.#folder = folder;
    this.manifest = manifest;
  }

  /** Reads the manifest of a folder like models/. */
  static async open(folder: URL): Promise<ModelRegistry> {
    const text = await readFile(new URL('manifest.json', folder), 'utf8').catch((cause: unknown) => {
      throw new MienError('model_missing', 'The list of models, models/manifest.json, cannot be read.', SETUP, {
        cause,
      });
    });
    return new ModelRegistry(folder, manifestSchema.parse(JSON.parse(text)));
  }

  entry(id: string): ManifestModel {
    const entry = this.manifest.models[id];
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

  /** A profile by its name in models/profiles, or by the path of a file. */
  async profile(name: string): Promise<Profile> {
    const isFile = name.endsWith('.json');
    const location = isFile ? name : new URL(`profiles/${name}.json`, this.#folder);
    const text = await readFile(location, 'utf8').catch((cause: unknown) => {
      const remedy = 'Give the name of a profile in models/profiles, such as mien, or the path of a .json file.';
      throw new MienError('usage', `The profile "${name}" cannot be read.`, remedy, { cause });
    });
    const parsed = profileSchema.safeParse(parseJson(text, name));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const place = issue ? `${issue.path.join('.')}: ${issue.message}` : 'it does not fit';
    throw new MienError(
      'usage',
      `The profile "${name}" is not valid (${place}).`,
      'Correct it; models/profiles/mien.json is an example.',
    );
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MienError('usage', `The profile "${name}" is not JSON.`, 'models/profiles/mien.json is an example.', {
      cause,
    });
  }
}
