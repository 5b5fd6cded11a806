// What the process of a sensor and the one that keeps it say to each other. Pictures go through a pipe of their own (frame-pipe.ts).
import type { ErrorReport } from '../../contract/errors.ts';
import type { DepthPicture } from '../depth-source.ts';

export interface SensorSettings {
  /** Which Kinect, from 0 on. */
  readonly index: number;
  /** Recordings are made of raw depth; everything else wants it registered, where the library can. */
  readonly wantsRaw: boolean;
  /** Libraries to try in place of the system's. */
  readonly libraries?: readonly string[];
}

export type SensorRequest =
  | { readonly kind: 'open'; readonly settings: SensorSettings }
  /** One more frame, the newest there is. */
  | { readonly kind: 'want' }
  /** Which driver and devices there are. */
  | { readonly kind: 'list'; readonly libraries?: readonly string[] }
  | { readonly kind: 'stop' };

/** What a sensor has told of itself. */
export interface SensorFacts {
  readonly serial: string | null;
  readonly library: string;
  readonly isFake: boolean;
  readonly depthKind: DepthPicture['kind'];
}

export interface DriverReport {
  readonly state: 'ready' | 'no-driver' | 'no-addon';
  readonly words: string;
  /** What to do; null where nothing is to be done. */
  readonly remedy: string | null;
  /** Serial numbers, empty where unknown; those of a fake library are recordings. */
  readonly devices: readonly string[];
}

export type SensorReply =
  /** The driver is asked for the device from now on; what a fake one plays has been looked through. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'opened'; readonly facts: SensorFacts }
  | { readonly kind: 'failed'; readonly error: ErrorReport }
  /** A recording has come to its end. `lostBuffers` were taken from the driver and forgotten: there must be none. */
  | { readonly kind: 'finished'; readonly lostBuffers: number }
  | { readonly kind: 'listed'; readonly report: DriverReport };
