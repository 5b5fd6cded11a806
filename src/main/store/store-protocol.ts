// What the store and its writer thread say to each other.
import type { Scope } from '../contract/consent.ts';
import type { ErasureTarget } from '../contract/participants.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { ClockReading, FaceRecord, FrameRecord, Marker, SessionEvent } from '../core/record.ts';
import type { SessionEnd } from '../engine/ports.ts';
import type { ErasureMemory } from './erasure-progress.ts';
import type { NewChange } from '../core/edits.ts';
import type { EditWords } from './stored-edits.ts';

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
  readonly setup: string | null;
  readonly createdUnixMs: number;
  readonly writerPid: number;
}

export interface ParticipantColumns {
  readonly code: string;
  readonly scopes: readonly Scope[];
  readonly givenAt: string | null;
  readonly details: string;
}

export type StoreRequest =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'begin';
      readonly session: SessionColumns;
      readonly profile: string;
      readonly models: string;
      readonly participants: readonly ParticipantColumns[];
    }
  | {
      readonly kind: 'rows';
      readonly session: number;
      readonly frames: readonly FrameRecord[];
      readonly faces: readonly PackedFace[];
      readonly persons: readonly Person[];
      readonly segments: readonly Segment[];
      readonly markers: readonly Marker[];
      readonly events: readonly SessionEvent[];
      readonly clocks: readonly ClockReading[];
    }
  | ({ readonly kind: 'end'; readonly session: number; readonly unixMs: number } & SessionEnd)
  | { readonly kind: 'discard'; readonly id: string; readonly unixMs: number }
  | ({ readonly kind: 'edit'; readonly id: string; readonly change: NewChange } & EditWords)
  | {
      readonly kind: 'undo';
      readonly id: string;
      readonly unixMs: number;
      readonly number: number;
      readonly undone: boolean;
    }
  | { readonly kind: 'note'; readonly id: string; readonly unixMs: number; readonly text: string }
  | {
      readonly kind: 'exported';
      readonly id: string;
      readonly unixMs: number;
      readonly files: readonly { readonly path: string; readonly sha256: string }[];
    }
  | {
      readonly kind: 'withdraw';
      readonly ids: readonly string[];
      readonly participant: string;
      readonly scope: Scope;
      readonly unixMs: number;
    }
  | {
      readonly kind: 'erase';
      readonly target: ErasureTarget;
      readonly programVersion: string;
      readonly unixMs: number;
      readonly memory: ErasureMemory;
    }
  | { readonly kind: 'close' };
