// The one place where pixels become numbers: cuts a picture out of a frame through an affine map, converts its colours and
// normalises it, in one pass, into a tensor that the caller owns. The arithmetic is a WebAssembly kernel (src/kernel) that
// works on the frame where it lies, so frames, scratch and tensors share the kernel's memory.
//
// Between pixels it interpolates bilinearly. Where the map shrinks much, several points of a pixel are averaged against
// aliasing, about as many source pixels apart as the sampler is told. Chroma, which has half the resolution, is read on half the grid. A point outside the
// frame takes the nearest pixel ('edge') or black ('black').
import type { Affine } from './geometry.ts';
import type { ColorSpace, Frame, Plane } from './frame.ts';

/**
 * What a network takes: planes in the order R, G, B (or one of grey), each value (v − mean) / std with v 0…255. Grey is the
 * frame's own luma at full range, or 0.299 R + 0.587 G + 0.114 B of an RGBA frame.
 */
export interface TensorSpec {
  readonly width: number;
  readonly height: number;
  readonly color: 'rgb' | 'gray';
  /** One value for each channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export type Border = 'edge' | 'mirror' | 'black';

/** The first bytes of the kernel's memory are its own; frames and arenas lie behind them. */
export const KERNEL_BYTES = 65_536;

/** The functions of src/kernel/sample.ts and the memory that all their addresses point into. */
export interface SampleKernel {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly resample: (...args: number[]) => void;
  readonly resampleYuv: (...args: number[]) => void;
}

/** Values in one picture of a tensor. */
export function tensorLength(spec: TensorSpec): number {
  return spec.width * spec.height * (spec.color === 'rgb' ? 3 : 1);
}

/** kr and kb of the luma equation: BT.601, BT.709 and BT.2020 (non-constant luminance). */
const LUMA_WEIGHTS = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

/** Y′CbCr to R′G′B′, all 0…255: luma · scale + offset, and what chroma around 128 adds to each colour. */
interface Conversion {
  readonly scale: number;
  readonly offset: number;
  readonly redCr: number;
  readonly greenCb: number;
  readonly greenCr: number;
  readonly blueCb: number;
}

function conversion({ matrix, range }: ColorSpace): Conversion {
  const [kr, kb] = LUMA_WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const full = range === 'full';
  const chroma = full ? 1 : 255 / 224;
  const scale = full ? 1 : 255 / 219;
  return {
    scale,
    offset: full ? 0 : -16 * scale,
    redCr: 2 * (1 - kr) * chroma,
    greenCb: (-2 * kb * (1 - kb) * chroma) / kg,
    greenCr: (-2 * kr * (1 - kr) * chroma) / kg,
    blueCb: 2 * (1 - kb) * chroma,
  };
}

const RGB_TO_GRAY = [0.299, 0.587, 0.114] as const;

/** A channel of the frame: bytes at `address + y · stride + x · step` of the kernel's memory. */
interface Channel {
  readonly address: number;
  readonly stride: number;
  readonly step: number;
  readonly width: number;
  readonly height: number;
}

/** How many points a pixel gets along one axis, so that neighbours lie about `spacing` source pixels apart. */
function pointsFor(m: Affine, spacing: number): number {
  const step = Math.max(Math.hypot(m.a, m.d), Math.hypot(m.b, m.e));
  return Math.min(16, Math.max(1, Math.round(step / spacing)));
}

/** The last column and row of a channel. Throws where the kernel could not count them. */
function lastOf({ width, height }: Channel): [number, number] {
  if (Math.min(width, height) < 2) throw new RangeError('a picture to sample from is 4 pixels wide and high at least');
  if (Math.max(width, height) > 32_767)
    throw new RangeError('a picture to sample from is at most 32,767 pixels wide and high');
  return [width - 1, height - 1];
}

/** Where the centre of the first output pixel lies, counted from the centre of the first pixel of the channel. */
function originOf(m: Affine): [number, number] {
  return [(m.a + m.b) / 2 + m.c - 0.5, (m.d + m.e) / 2 + m.f - 0.5];
}

/** What becomes of a value: (clamp(scale · value + offset) − mean) · factor, or nothing where the factor is 0. */
interface Finish {
  readonly scale: number;
  readonly offset: number;
  readonly mean: number;
  readonly factor: number;
}

const UNFINISHED: Finish = { scale: 1, offset: 0, mean: 0, factor: 0 };

/** The kernel's terms for what is outside a channel: the nearest pixel, or what a mirror at the edge would show. */
const OUTSIDE = { edge: -1, mirror: -2 } as const;

/** Hands out pieces of the kernel's memory, aligned to 16 bytes. */
export class Arena {
  readonly buffer: ArrayBufferLike;
  readonly #end: number;
  #next: number;

  /** The bytes [start, end) of `buffer` are the arena's alone. */
  constructor(buffer: ArrayBufferLike, start: number, end: number) {
    this.buffer = buffer;
    this.#next = Math.ceil(start / 16) * 16;
    this.#end = end;
  }

  /** Memory for `length` float32 values. Throws when the arena is used up. */
  floats(length: number): Float32Array {
    const address = this.#next;
    const next = address + Math.ceil(length / 4) * 16;
    if (next > this.#end) throw new RangeError('the memory for tensors is used up');
    this.#next = next;
    return new Float32Array(this.buffer, address, length);
  }
}

/** Cuts pictures out of frames. Frames and tensors must lie in the kernel's memory. */
export class Sampler {
  readonly #kernel: SampleKernel;
  readonly #arena: Arena;
  readonly #spacing: number;
  #scratch: Float32Array = new Float32Array(0);

  /** `spacing`: source pixels between the points of one output pixel, where there are several. */
  constructor(kernel: SampleKernel, arena: Arena, spacing: number) {
    this.#kernel = kernel;
    this.#arena = arena;
    this.#spacing = spacing;
  }

  /** A tensor for `count` pictures that this sampler can fill. */
  tensor(spec: TensorSpec, count: number): Float32Array {
    return this.#arena.floats(tensorLength(spec) * count);
  }

  /**
   * Writes `spec.width × spec.height` pixels of `frame` into `tensor` as its picture `index`. `toFrame` maps output pixels to
   * frame pixels, both measured from the top left corner. Sizes must be even, and 8 at least.
   */
  sample(frame: Frame, toFrame: Affine, spec: TensorSpec, border: Border, tensor: Float32Array, index = 0): void {
    const length = tensorLength(spec);
    if (spec.width % 2 || spec.height % 2 || spec.width < 8)
      throw new RangeError('a tensor needs an even size, 8 at least');
    if ((index + 1) * length > tensor.length) throw new RangeError('the tensor is smaller than the picture');
    const out = tensor.subarray(index * length, (index + 1) * length);
    if (frame.format === 'rgba') this.#fromRgba(frame, toFrame, spec, border, out);
    else if (spec.color === 'gray' || frame.format === 'gray') this.#fromLuma(frame, toFrame, spec, border, out);
    else this.#fromYuv(frame, toFrame, spec, border, out);
  }

  #fromLuma(frame: Frame, m: Affine, spec: TensorSpec, border: Border, out: Float32Array): void {
    const { scale, offset } = conversion(frame.colorSpace);
    const pixels = spec.width * spec.height;
    const black = border === 'black' ? -offset / scale : OUTSIDE[border];
    for (let c = 0; c < out.length / pixels; c++) {
      const finish = { scale, offset, mean: spec.mean[c], factor: 1 / spec.std[c] };
      const target = out.subarray(c * pixels, (c + 1) * pixels);
      this.#resample(this.#channel(frame, 0), m, spec, pointsFor(m, this.#spacing), black, target, finish);
    }
  }

  #fromYuv(frame: Frame, m: Affine, spec: TensorSpec, border: Border, out: Float32Array): void {
    const { width, height, mean, std } = spec;
    const [luma, cb, cr] = [0, 1, 2].map((index) => this.#channel(frame, index));
    const k = conversion(frame.colorSpace);
    const scratch = (this.#scratch = this.#grown(2 * width));
    const outside = border === 'black' ? [-k.offset / k.scale, 128] : [OUTSIDE[border], OUTSIDE[border]];
    // Half the grid over half the pixels: the steps stay, the origin is halved.
    const chroma = { ...m, c: m.c / 2, f: m.f / 2 };
    this.#kernel.resampleYuv(
      ...[luma.address, cb.address, cr.address, luma.stride, cb.stride, cb.step],
      ...[...lastOf(luma), ...lastOf(cb), ...originOf(m), ...originOf(chroma), m.a, m.d, m.b, m.e],
      ...[width, height, pointsFor(m, this.#spacing)],
      ...outside,
      ...[k.scale, k.offset, k.redCr, k.greenCb, k.greenCr, k.blueCb],
      ...[mean[0], mean[1], mean[2], 1 / std[0], 1 / std[1], 1 / std[2], scratch.byteOffset, out.byteOffset],
    );
  }

  #fromRgba(frame: Frame, m: Affine, spec: TensorSpec, border: Border, out: Float32Array): void {
    const pixels = spec.width * spec.height;
    const channel = (this.#scratch = this.#grown(pixels));
    const points = pointsFor(m, this.#spacing);
    const gray = spec.color === 'gray';
    if (gray) out.fill(-spec.mean[0] / spec.std[0]);
    for (let c = 0; c < 3; c++) {
      this.#resample(this.#channel(frame, c), m, spec, points, border === 'black' ? 0 : OUTSIDE[border], channel);
      if (gray) for (let i = 0; i < pixels; i++) out[i] += (RGB_TO_GRAY[c] * channel[i]) / spec.std[0];
      else for (let i = 0; i < pixels; i++) out[c * pixels + i] = (channel[i] - spec.mean[c]) / spec.std[c];
    }
  }

  /** Channel `index` of a frame: Y, Cb, Cr, or R, G, B. */
  #channel(frame: Frame, index: number): Channel {
    const chroma = index > 0 && frame.format !== 'rgba';
    const width = chroma ? (frame.width + 1) >> 1 : frame.width;
    const height = chroma ? (frame.height + 1) >> 1 : frame.height;
    switch (frame.format) {
      case 'rgba':
        return { ...this.#located(frame.planes[0], index), step: 4, width, height };
      case 'nv12':
        if (chroma) return { ...this.#located(frame.planes[1], index - 1), step: 2, width, height };
        return { ...this.#located(frame.planes[0], 0), step: 1, width, height };
      default:
        return { ...this.#located(frame.planes[index], 0), step: 1, width, height };
    }
  }

  #located(plane: Plane, offset: number): { address: number; stride: number } {
    if (plane.data.buffer !== this.#kernel.memory.buffer)
      throw new RangeError("the frame is not in the sampler's memory");
    return { address: plane.data.byteOffset + offset, stride: plane.stride };
  }

  #resample(
    ch: Channel,
    m: Affine,
    size: { readonly width: number; readonly height: number },
    points: number,
    border: number,
    out: Float32Array,
    { scale, offset, mean, factor }: Finish = UNFINISHED,
  ): void {
    this.#kernel.resample(
      ...[ch.address, ch.stride, ch.step, ...lastOf(ch), ...originOf(m), m.a, m.d, m.b, m.e],
      ...[size.width, size.height, points, border, scale, offset, mean, factor, out.byteOffset],
    );
  }

  /** Scratch for so many values. */
  #grown(length: number): Float32Array {
    const scratch = this.#scratch;
    return scratch.length >= length ? scratch : this.#arena.floats(length);
  }
}
