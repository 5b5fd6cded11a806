// What the store and its writer thread say to each other.
import type { Scope } from '../contract/consent.ts';
import type { ErasureTarget } from '../contract/participants.ts';
import type { Withdrawal } from '../contract/withdrawal.ts';
import type { Person, Segment } from '../core/persons.ts';
import type { ClockReading, FrameRecord, Marker, SessionEvent } from '../core/record.ts';
import type { SessionEnd } from '../engine/ports.ts';
import type { ErasureMemory } from './erasure-progress.ts';
import type { NewChange } from '../core/edits.ts';
import type { FaceColumns } from './face-codec.ts';
import type { LevelRequest } from './level-protocol.ts';
import type { EditWords } from './stored-edits.ts';
import type { VideoChange } from './videos.ts';

/** What the writer thread is started with. */
export interface WriterData {
  readonly file: string;
  /** How long another program may hold the database before a recording breaks off. */
  readonly patienceMs: number;
}

export interface PackedFace extends FaceColumns {
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
  readonly lock: string | null;
  readonly createdUnixMs: number;
  readonly writerPid: number;
}

/** What a session is made of that scores another one, `from`, again; everything else it has from that one. */
export interface CopyColumns {
  readonly from: string;
  readonly id: string;
  readonly code: string;
  readonly profile: string;
  readonly profileHash: string;
  readonly models: string;
  readonly programVersion: string;
  readonly writerPid: number;
  readonly unixMs: number;
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
      /** What the project holds fixed from this session on; null where it stays as it is. */
      readonly fixed: { readonly project: string; readonly settings: string } | null;
      /** For the audit: in what the session differs from its project; null for nothing. */
      readonly differs: string | null;
    }
  | { readonly kind: 'beginCopy'; readonly columns: CopyColumns }
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
      readonly withdrawals: readonly Omit<Withdrawal, 'whileRecording'>[];
    }
  | ({ readonly kind: 'end'; readonly session: number; readonly unixMs: number } & SessionEnd)
  /** Removes a part; it is answered "more" until all is gone. */
  | { readonly kind: 'discard'; readonly id: string; readonly unixMs: number }
  | ({ readonly kind: 'edit'; readonly id: string; readonly change: NewChange } & EditWords)
  | {
      readonly kind: 'undo';
      readonly id: string;
      readonly unixMs: number;
      readonly number: number;
      readonly undone: boolean;
    }
  | { readonly kind: 'video'; readonly change: VideoChange }
  /** Asks of which sessions, by id, videos must go; `found` are those of which there are files. */
  | { readonly kind: 'videosOwed'; readonly found: readonly string[] }
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
  | { readonly kind: 'levels'; readonly ask: LevelRequest }
  | { readonly kind: 'close' };
