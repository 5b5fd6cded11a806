// What is said to the thread that makes levels, and about levels to the one that writes.
import type { StoredSession } from '../engine/ports.ts';

/** A chunk as a row of its table has it. */
export interface ChunkColumns {
  readonly person: number;
  readonly level: number;
  readonly chunk: number;
  readonly startSeconds: number;
  readonly steps: number;
  /** Float64 values of SpanSums, for the finest level. */
  readonly sums: Uint8Array | null;
  /** Bytes of LevelChunk. */
  readonly data: Uint8Array;
}

/** From where to where a session goes, in seconds, or of pictures in their numbers. */
export interface LevelEnds {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export type MakeRequest =
  | { readonly kind: 'begin'; readonly session: StoredSession } // answered with the fingerprint
  | { readonly kind: 'next' } // answered with MadeLevels
  | { readonly kind: 'close' };

/** What has become ready since the last answer. */
export interface MadeLevels {
  readonly chunks: readonly ChunkColumns[];
  /** 0…1 of the frames that have been read. */
  readonly share: number;
  /** Null until everything is made. */
  readonly ends: LevelEnds | null;
}

/** What the writer is asked about levels; `set` is the number that it gave to what is being made. */
export type LevelRequest =
  | { readonly kind: 'begin'; readonly id: string; readonly pid: number } // answered with the number of the set
  | { readonly kind: 'add'; readonly set: number; readonly chunks: readonly ChunkColumns[] }
  | ({ readonly kind: 'complete'; readonly set: number; readonly fingerprint: string } & LevelEnds)
  | { readonly kind: 'abandon'; readonly set: number }
  | { readonly kind: 'trim' }; // answered with whether there is more
