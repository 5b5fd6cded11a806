// TensorFlow's layers written with ONNX's operators: images become NCHW, filters OIHW, and padding is spelled out in pixels.
import { OnnxGraph, type Attribute } from './onnx.ts';
import type { Weights } from './weights.ts';

/** A feature map in the graph: its name and its size without the batch. */
export interface FeatureMap {
  readonly value: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Rows and columns of padding before and after. */
export interface Pads {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export type Padding = 'same' | 'valid' | Pads;

interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: number;
  readonly padding: Padding;
}

const noPads: Pads = { top: 0, left: 0, bottom: 0, right: 0 };

/** TensorFlow's SAME: as many outputs as input / stride rounded up, the odd pixel of padding at the end. */
function samePads(size: number, kernel: number, stride: number): readonly [before: number, after: number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

function resolvePads(x: FeatureMap, { kernel, stride, padding }: Window): Pads {
  if (padding === 'valid') return noPads;
  if (padding !== 'same') return padding;
  const [top, bottom] = samePads(x.height, kernel[0], stride);
  const [left, right] = samePads(x.width, kernel[1], stride);
  return { top, left, bottom, right };
}

function windowed(
  x: FeatureMap,
  window: Window,
): { attributes: Record<string, Attribute>; height: number; width: number } {
  const pads = resolvePads(x, window);
  const { kernel, stride } = window;
  return {
    attributes: {
      kernel_shape: kernel,
      strides: [stride, stride],
      pads: [pads.top, pads.left, pads.bottom, pads.right],
    },
    height: Math.floor((x.height + pads.top + pads.bottom - kernel[0]) / stride) + 1,
    width: Math.floor((x.width + pads.left + pads.right - kernel[1]) / stride) + 1,
  };
}

function dimensions(weights: Weights, rank: number): number[] {
  if (weights.shape.length !== rank)
    throw new Error(`weights of shape ${weights.shape.join('×')} where rank ${rank} is due`);
  return [...weights.shape];
}

/** HWIO (TensorFlow) to OIHW (ONNX). */
export function filtersToOihw(filters: Weights): { data: Float32Array; dims: [number, number, number, number] } {
  const [h = 0, w = 0, i = 0, o = 0] = dimensions(filters, 4);
  const data = new Float32Array(filters.data.length);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let ci = 0; ci < i; ci++)
        for (let co = 0; co < o; co++)
          data[((co * i + ci) * h + y) * w + x] = filters.data[((y * w + x) * i + ci) * o + co];
  return { data, dims: [o, i, h, w] };
}

/** A filter scaled and shifted as a batch normalisation would do behind it: one convolution instead of two layers. */
export function foldScale(filters: Weights, scale: Float32Array): Weights {
  const outputs = scale.length;
  return { shape: filters.shape, data: filters.data.map((v, i) => v * scale[i % outputs]) };
}

/** Builds one network layer by layer. */
export class Network {
  readonly graph: OnnxGraph;

  constructor(name: string) {
    this.graph = new OnnxGraph(name);
  }

  input(name: string, channels: number, height: number, width: number): FeatureMap {
    return { value: this.graph.input(name, ['n', channels, height, width]), channels, height, width };
  }

  /** `filters` HWIO. */
  conv(x: FeatureMap, filters: Weights, bias: Weights | null, stride: number, padding: Padding): FeatureMap {
    const { data, dims } = filtersToOihw(filters);
    if (dims[1] !== x.channels) throw new Error(`filters for ${dims[1]} channels on ${x.channels}`);
    return this.#convolve(x, data, dims, bias, stride, padding, 1);
  }

  /** `filters` HWC1, one for each channel. */
  depthwise(x: FeatureMap, filters: Weights, bias: Weights | null, stride: number, padding: Padding): FeatureMap {
    const { data, dims } = filtersToOihw(filters); // HWC1 reads as I = C, O = 1: the transposition gives 1CHW, the same bytes as C1HW
    return this.#convolve(x, data, [dims[1], 1, dims[2], dims[3]], bias, stride, padding, x.channels);
  }

  /** Depthwise and pointwise convolution, the bias after both. */
  separable(
    x: FeatureMap,
    depth: Weights,
    point: Weights,
    bias: Weights,
    stride: number,
    padding: Padding,
  ): FeatureMap {
    return this.conv(this.depthwise(x, depth, null, stride, padding), point, bias, 1, 'valid');
  }

  relu = (x: FeatureMap): FeatureMap => this.#same(x, this.graph.node('Relu', [x.value]));

  relu6(x: FeatureMap): FeatureMap {
    const limits = [0, 6].map((v) => this.graph.constant(Float32Array.of(v), []));
    return this.#same(x, this.graph.node('Clip', [x.value, ...limits]));
  }

  leakyRelu(x: FeatureMap, alpha: number): FeatureMap {
    return this.#same(x, this.graph.node('LeakyRelu', [x.value], { alpha: { float: alpha } }));
  }

  /**
   * PReLU(x, a) = (1 − a)·ReLU(x) + a·x, the two products as depthwise 1×1 convolutions: ONNX Runtime keeps those in its
   * blocked layout, its own PRelu it does not (facemesh: 5.8 ms against 2.1).
   */
  prelu(x: FeatureMap, alpha: Weights): FeatureMap {
    const dims = [x.channels, 1, 1, 1];
    const scaled = (input: string, weights: Float32Array): string =>
      this.graph.node('Conv', [input, this.graph.constant(weights, dims)], { group: x.channels, kernel_shape: [1, 1] });
    const positive = scaled(
      this.graph.node('Relu', [x.value]),
      alpha.data.map((a) => 1 - a),
    );
    return this.#same(x, this.graph.node('Add', [positive, scaled(x.value, alpha.data)]));
  }

  sigmoid = (x: string): string => this.graph.node('Sigmoid', [x]);

  softmax = (x: string): string => this.graph.node('Softmax', [x], { axis: -1 });

  add(a: FeatureMap, b: FeatureMap): FeatureMap {
    if (a.channels !== b.channels || a.height !== b.height || a.width !== b.width)
      throw new Error('adding feature maps of different sizes');
    return this.#same(a, this.graph.node('Add', [a.value, b.value]));
  }

  maxPool = (x: FeatureMap, kernel: readonly [number, number], stride: number, padding: Padding): FeatureMap =>
    this.#pool('MaxPool', x, { kernel, stride, padding });

  averagePool = (x: FeatureMap, kernel: readonly [number, number], stride: number): FeatureMap =>
    this.#pool('AveragePool', x, { kernel, stride, padding: 'valid' });

  /** Zeros around the image and behind the last channel. */
  pad(x: FeatureMap, pads: Pads, channels: number): FeatureMap {
    const amounts = [0, 0, pads.top, pads.left, 0, channels, pads.bottom, pads.right];
    const value = this.graph.node('Pad', [x.value, this.graph.integers(amounts)], { mode: 'constant' });
    return {
      value,
      channels: x.channels + channels,
      height: x.height + pads.top + pads.bottom,
      width: x.width + pads.left + pads.right,
    };
  }

  /** Mean over the pixels of each channel: [n, channels]. */
  globalMean(x: FeatureMap): string {
    return this.graph.node('Flatten', [this.graph.node('GlobalAveragePool', [x.value])], { axis: 1 });
  }

  /** The feature map's values in TensorFlow's order (row, column, channel) as [n, rows, columns]. */
  rows(x: FeatureMap, columns: number): string {
    const last = x.height * x.width === 1 ? x.value : this.graph.node('Transpose', [x.value], { perm: [0, 2, 3, 1] });
    return this.graph.node('Reshape', [last, this.graph.integers([0, -1, columns])]);
  }

  /** The feature map's values in TensorFlow's order as [n, all]. */
  flatten(x: FeatureMap): string {
    const last = x.height * x.width === 1 ? x.value : this.graph.node('Transpose', [x.value], { perm: [0, 2, 3, 1] });
    return this.graph.node('Flatten', [last], { axis: 1 });
  }

  /** `x` [n, inputs] times `weights` [inputs, outputs], plus `bias` [outputs]. */
  dense(x: string, weights: Weights, bias: Weights | null): string {
    const [inputs = 0, outputs = 0] = dimensions(weights, 2);
    const operands = [x, this.graph.constant(weights.data, [inputs, outputs])];
    return this.graph.node('Gemm', bias ? [...operands, this.graph.constant(bias.data, [outputs])] : operands);
  }

  #pool(operator: string, x: FeatureMap, window: Window): FeatureMap {
    const { attributes, height, width } = windowed(x, window);
    return { value: this.graph.node(operator, [x.value], attributes), channels: x.channels, height, width };
  }

  #convolve(
    x: FeatureMap,
    data: Float32Array,
    dims: [number, number, number, number],
    bias: Weights | null,
    stride: number,
    padding: Padding,
    group: number,
  ): FeatureMap {
    const { attributes, height, width } = windowed(x, { kernel: [dims[2], dims[3]], stride, padding });
    const inputs = [x.value, this.graph.constant(data, dims)];
    if (bias) inputs.push(this.graph.constant(bias.data, [dims[0]]));
    return { value: this.graph.node('Conv', inputs, { ...attributes, group }), channels: dims[0], height, width };
  }

  #same(x: FeatureMap, value: string): FeatureMap {
    return { ...x, value };
  }
}
