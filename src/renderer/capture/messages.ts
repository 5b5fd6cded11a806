// What the page and its camera worker say to each other.
import type { CameraFacts, LiveFaceMessage } from '../../main/contract/live.ts';
import type { ErrorReport } from '../../main/contract/errors.ts';
import type { WireEnd } from '../connection/wire.ts';

export interface CameraStart {
  readonly frames: ReadableStream<VideoFrame>;
  /** A wire of the worker's own. */
  readonly wire: WireEnd;
  readonly camera: CameraFacts;
}

export type CameraNews =
  /** The camera's clock is known: frames are analysed from here on. */
  | { readonly kind: 'settled' }
  | {
      readonly kind: 'report';
      readonly faces: readonly LiveFaceMessage[];
      /** When the frame was captured, Unix time on the camera's clock. */
      readonly unixMs: number;
      readonly width: number;
      readonly height: number;
      /** Frames that were lost in the window since the camera was opened. */
      readonly dropped: number;
    }
  | { readonly kind: 'fault'; readonly error: ErrorReport }
  /** No more frames come. */
  | { readonly kind: 'ended' };
