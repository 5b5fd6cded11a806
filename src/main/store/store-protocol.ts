// What the store and its writer thread say to each other.
import type { Scope } from '../contract/consent.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { FaceRecord, FrameRecord } from '../core/record.ts';
import type { SessionEnd } from '../engine/ports.ts';

export interface PackedFace {
  readonly sequence: number;
  readonly segment: number;
  readonly reason: FaceRecord['reason'];
  readonly numbers: Float32Array;
}

export interface SessionColumns {
  readonly id: string;
  readonly code: string;
  readonly source: string;
  readonly sourceSha256: string;
  readonly profileHash: string;
  readonly consentKind: string;
  readonly consentForm: string | null;
  readonly identification: 0 | 1;
  readonly programVersion: string;
  readonly firstFrameUnixMs: number | null;
  readonly createdUnixMs: number;
  readonly writerPid: number;
}

export type StoreRequest =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'begin';
      readonly session: SessionColumns;
      readonly profile: string;
      readonly models: string;
      readonly participants: readonly {
        readonly code: string;
        readonly scopes: readonly Scope[];
        readonly givenAt: string | null;
      }[];
    }
  | {
      readonly kind: 'rows';
      readonly session: number;
      readonly frames: readonly FrameRecord[];
      readonly faces: readonly PackedFace[];
      readonly persons: readonly Person[];
      readonly segments: readonly Segment[];
    }
  | ({ readonly kind: 'end'; readonly session: number; readonly unixMs: number } & SessionEnd)
  | { readonly kind: 'discard'; readonly id: string; readonly unixMs: number }
  | {
      readonly kind: 'exported';
      readonly id: string;
      readonly unixMs: number;
      readonly files: readonly { readonly path: string; readonly sha256: string }[];
    }
  | { readonly kind: 'close' };
