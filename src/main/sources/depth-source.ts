// A camera that sees depth beside colour: one interface for a Kinect, a recording of one and an invented scene.
import type { DepthMap } from '../core/depth/frame.ts';

/** One number for each stream. */
export interface StreamCounts {
  readonly color: number;
  readonly depth: number;
}

/** When a picture was taken. */
export interface PictureTime {
  /** The device's own clock: ticks of a Kinect v1 (60 MHz, beginning anew after 2^32), 0 where there is none. */
  readonly deviceTime: number;
  /** Milliseconds on the clock of whoever opened the source (engine/ports.ts, Clock.monotonicMs). */
  readonly hostMs: number;
}

export interface ColorPicture extends PictureTime {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, row by row from the top left; not mirrored. */
  readonly rgb: Uint8Array;
}

/** Depth as the device gives it. */
export type DepthPicture = PictureTime &
  (
    | {
        /** 11-bit disparity in the depth camera's own geometry: core/depth converts it and registers it to the colour picture. */
        readonly kind: 'raw-11';
        readonly width: number;
        readonly height: number;
        /** Row by row; 2047 where there is no reading. */
        readonly disparity: Uint16Array;
      }
    | {
        /** Millimetres in the colour picture's geometry. */
        readonly kind: 'registered';
        readonly map: DepthMap;
      }
  );

/** A colour and a depth picture of the same moment. Their bytes are the reader's until it asks for the next frame. */
export interface DepthFrame {
  /** 0, 1, 2, … */
  readonly sequence: number;
  readonly color: ColorPicture;
  readonly depth: DepthPicture;
  /** Pictures of each stream that the device delivered and that are in no frame, since the source was opened. */
  readonly dropped: StreamCounts;
  /** Whether the device was gone and is back since the frame before. */
  readonly isAfterGap: boolean;
}

/** What is known of a device once it is open. */
export interface DeviceFacts {
  readonly sensor: DepthMap['sensor'];
  /** For people. */
  readonly name: string;
  /** Null where the device has none or does not tell. */
  readonly serial: string | null;
  /** The library or file format that its pictures come through. */
  readonly driver: string;
  readonly depthKind: DepthPicture['kind'];
  /** Whether pictures that nobody waits for are lost; a recording that waits is not live. */
  readonly isLive: boolean;
}

export interface DepthSource {
  readonly facts: DeviceFacts;
  /**
   * The next frame; of a live source the newest one, as soon as there is one. Null behind the last one and when the source is
   * closed meanwhile. One call at a time. Throws a MienError when the device is gone and does not come back.
   */
  next(): Promise<DepthFrame | null>;
  /** Ends everything, at any moment; it may be said again. */
  close(): Promise<void>;
}
