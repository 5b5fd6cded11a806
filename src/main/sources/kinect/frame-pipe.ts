// Frames on their way from the process of the sensor: a head of numbers, then the colour picture, then the depth picture. Messages of
// Node would copy each picture four times.
import { V1_COLOR_BYTES, V1_DEPTH_BYTES } from './geometry.ts';

/** Milliseconds of the machine: the same in every process, whenever that was started. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The numbers of a frame. */
export interface FrameHead {
  readonly colorDeviceTime: number;
  /** On the clock of {@link machineMs}. */
  readonly colorMs: number;
  readonly depthDeviceTime: number;
  readonly depthMs: number;
  /** Pictures that are in no frame, since the sensor was opened. */
  readonly colorDropped: number;
  readonly depthDropped: number;
  /** From the driver's callback to JavaScript, in milliseconds: the longer way of the two pictures. */
  readonly callbackMs: number;
}

const FIELDS = [
  'colorDeviceTime',
  'colorMs',
  'depthDeviceTime',
  'depthMs',
  'colorDropped',
  'depthDropped',
  'callbackMs',
] as const satisfies readonly (keyof FrameHead)[];

/** A head as it goes through the pipe: doubles in the machine's own order of bytes. */
export function encodeHead(head: FrameHead): Uint8Array {
  return new Uint8Array(Float64Array.from(FIELDS, (field) => head[field]).buffer);
}

/** A frame as it has arrived. Its bytes are overwritten by the next one. */
export interface PipedFrame {
  readonly head: FrameHead;
  readonly rgb: Uint8Array;
  readonly depth: Uint16Array;
}

/** Puts frames together from the pieces in which a pipe delivers them. */
export class FrameReader {
  readonly #head = new Float64Array(FIELDS.length);
  readonly #rgb = new Uint8Array(V1_COLOR_BYTES);
  readonly #depth = new Uint16Array(V1_DEPTH_BYTES / 2);
  readonly #parts = [new Uint8Array(this.#head.buffer), this.#rgb, new Uint8Array(this.#depth.buffer)];
  readonly #onFrame: (frame: PipedFrame) => void;
  /** Which part is being filled, and how far. */
  #part = 0;
  #filled = 0;

  constructor(onFrame: (frame: PipedFrame) => void) {
    this.#onFrame = onFrame;
  }

  push(piece: Uint8Array): void {
    for (let from = 0; from < piece.length;) {
      const part = this.#parts[this.#part];
      const taken = piece.subarray(from, from + part.length - this.#filled);
      part.set(taken, this.#filled);
      this.#filled += taken.length;
      from += taken.length;
      if (this.#filled < part.length) return;
      this.#filled = 0;
      this.#part = (this.#part + 1) % this.#parts.length;
      if (this.#part === 0) this.#finish();
    }
  }

  #finish(): void {
    const head = Object.fromEntries(FIELDS.map((field, i) => [field, this.#head[i]])) as unknown as FrameHead;
    this.#onFrame({ head, rgb: this.#rgb, depth: this.#depth });
  }
}
