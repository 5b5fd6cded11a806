// What a network is given of a face, as a picture that a person can look at.
import { tensorLength, type TensorSpec } from './sample.ts';

export interface FaceInput {
  /** The network that is given it. */
  readonly model: string;
  readonly width: number;
  readonly height: number;
  /** 1: grey; 3: red, green and blue of each pixel in turn. */
  readonly channels: 1 | 3;
  /** width · height · channels values of 0…255, row after row from the top. */
  readonly pixels: Uint8Array;
}

/** The first picture of a tensor. Values are rounded; nothing else is lost. */
export function pictureOf(model: string, tensor: Float32Array, spec: TensorSpec): FaceInput {
  const { width, height, mean, std } = spec;
  const channels = spec.color === 'rgb' ? 3 : 1;
  const size = width * height;
  const pixels = new Uint8ClampedArray(tensorLength(spec)); // rounds, and keeps to 0…255
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < size; i++) pixels[channels * i + c] = tensor[c * size + i] * std[c] + mean[c];
  return { model, width, height, channels, pixels: new Uint8Array(pixels.buffer) };
}
