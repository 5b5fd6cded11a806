// What makes the file of a model the one that is meant: its sha256, or the id that git gives it where only that is known.
import { createHash } from 'node:crypto';
import type { ManifestModel } from '../contract/manifest.ts';

/** Hashes in hexadecimal, at least one. */
export interface Identity {
  readonly sha256: string | null;
  /** SHA-1 of "blob ", the length of the file in bytes, a zero byte and the file. */
  readonly gitBlob: string | null;
}

export function identityOf({ sha256, origin }: ManifestModel): Identity {
  return { sha256, gitBlob: origin.kind === 'fetched' ? origin.gitBlob : null };
}

/** Whether a file is the one that is meant, by every hash that is known of it. */
export function isFileOf(bytes: Uint8Array, { sha256, gitBlob }: Identity): boolean {
  if (sha256 === null && gitBlob === null) throw new RangeError('nothing is known of this file');
  if (sha256 !== null && createHash('sha256').update(bytes).digest('hex') !== sha256) return false;
  return gitBlob === null || gitBlobOf(bytes) === gitBlob;
}

/** The sha256, or "git-blob:" and the id where only that is known. */
export function identityText({ sha256, gitBlob }: Identity): string {
  return sha256 ?? `git-blob:${gitBlob ?? ''}`;
}

/** The id of a file in git's object store. */
export function gitBlobOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
