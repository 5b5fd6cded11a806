// What the engine and the two workers say to each other.
import type { ColorSpace, Frame, PixelFormat } from '../core/frame.ts';
import { depthIn, frameBytesWith, planesIn } from '../core/frame.ts';
import type { DepthGeometry } from '../core/depth/frame.ts';
import type { MessagePort } from 'node:worker_threads';
import type { IdentityNews } from '../core/vision.ts';
import type { PackedFace } from './packing.ts';
import type { AnalyzerOptions, SegmentInputs } from '../engine/ports.ts';
import type { ManifestModel } from '../contract/manifest.ts';
import type { Withdrawable } from '../contract/withdrawal.ts';

/** A model as it is sent to a worker. */
export interface ModelMessage {
  readonly id: string;
  readonly entry: ManifestModel;
  readonly bytes: Uint8Array;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly models: readonly ModelMessage[];
  readonly options: AnalyzerOptions;
  /** Whether the worker notes what everything takes, for "mien bench". */
  readonly measured: boolean;
  /** Frames go from the vision thread to every expression thread: its ends of these channels, or their one end. */
  readonly channels: readonly MessagePort[];
}

/** A frame by its place in the shared memory. */
export interface FrameMessage {
  readonly address: number;
  readonly sequence: number;
  readonly timeMs: number;
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly colorSpace: ColorSpace;
  readonly depth?: DepthGeometry;
}

export type WorkerRequest =
  | { readonly kind: 'ready' }
  | { readonly kind: 'memory'; readonly memory: WebAssembly.Memory; readonly start: number; readonly end: number }
  | { readonly kind: 'enrol'; readonly code: string; readonly frame: FrameMessage }
  | { readonly kind: 'look'; readonly frame: FrameMessage; readonly inputsOf: readonly number[] }
  | {
      readonly kind: 'express';
      readonly frame: FrameMessage;
      readonly look: LookAnswer;
      readonly inputsOf: readonly number[];
    }
  /** A picture that is a face from edge to edge. */
  | { readonly kind: 'crop'; readonly frame: FrameMessage; readonly isMirrored: boolean }
  | { readonly kind: 'assign'; readonly track: number; readonly participant: string | null }
  | { readonly kind: 'withdraw'; readonly participant: string; readonly scope: Withdrawable }
  | { readonly kind: 'finish' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'measure'; readonly what: 'reset' | 'measurements' }
  | { readonly kind: 'replay'; readonly index: number }
  | { readonly kind: 'stop' };

/** What the vision thread knows of a frame; it goes on to the expression thread if there is a face to estimate. */
export interface LookAnswer {
  readonly faces: readonly PackedFace[];
  readonly searched: boolean;
  readonly cut: boolean;
  readonly news: IdentityNews | null;
}

/** The same with what the members say of the faces that may be estimated, one after the other. */
export interface FrameAnswer extends LookAnswer {
  readonly answers: Float32Array;
  readonly inputs: readonly SegmentInputs[];
  readonly problems: readonly string[];
}

/** The frame that a message means. */
export function frameIn(memory: WebAssembly.Memory, message: FrameMessage): Frame {
  const { address, width, height, format, depth, ...rest } = message;
  const bytes = new Uint8Array(memory.buffer, address, frameBytesWith(depth, format, width, height));
  const frame = { ...rest, width, height, format, planes: planesIn(bytes, format, width, height) };
  return depth ? { ...frame, depth: { ...depth, mm: depthIn(bytes, depth, format, width, height) } } : frame;
}
