// The networks of @vladmandic/face-api, whose package holds weights only: their layers are written out here as its source
// (src/ssdMobilenetv1, src/tinyYolov2, src/faceFeatureExtractor, src/faceRecognitionNet) composes them. Normalisation of the
// picture stays outside the graphs, in the manifest, where the sampler reads it.
import { Network, foldScale, type FeatureMap, type Padding } from './layers.ts';
import type { Weights } from './weights.ts';

type Lookup = (name: string) => Weights;

const onePixel = { top: 1, left: 1, bottom: 1, right: 1 };
const none = { top: 0, left: 0, bottom: 0, right: 0 };

function lookup(weights: ReadonlyMap<string, Weights>): Lookup {
  return (name) => {
    const found = weights.get(name);
    if (!found) throw new Error(`the weight file has no ${name}`);
    return found;
  };
}

/** Folds TensorFlow's inference batch normalisation (epsilon 0.001) into the depthwise filters in front of it. */
function foldBatchNorm(w: Lookup, name: string): { filters: Weights; bias: Weights } {
  const parameter = (part: string): Float32Array => w(`${name}/BatchNorm/${part}`).data;
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(parameter);
  if (!gamma || !beta || !mean || !variance) throw new Error(`${name}: batch normalisation is incomplete`);
  const at = (values: Float32Array, i: number): number => values[i];
  const scale = gamma.map((g, i) => g / Math.sqrt(at(variance, i) + 0.0010000000474974513));
  const bias = beta.map((b, i) => b - at(mean, i) * at(scale, i));
  return { filters: foldScale(w(`${name}/depthwise_weights`), scale), bias: { shape: [bias.length], data: bias } };
}

/** Centre and size of boxes, four graph values [n, boxes, 1], as corners [n, boxes, 4] in the order x0 y0 x1 y1. */
function corners(net: Network, x: string, y: string, width: string, height: string): string {
  const half = net.graph.constant(Float32Array.of(0.5), []);
  const edge = (operator: 'Sub' | 'Add', centre: string, size: string): string =>
    net.graph.node(operator, [centre, net.graph.node('Mul', [size, half])]);
  const sides = [edge('Sub', x, width), edge('Sub', y, height), edge('Add', x, width), edge('Add', y, height)];
  return net.graph.node('Concat', sides, { axis: 2 });
}

/** Splits [n, rows, columns] into its columns, each [n, rows, 1]. */
function columns(net: Network, x: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    net.graph.node('Slice', [x, net.graph.integers([i]), net.graph.integers([i + 1]), net.graph.integers([2])]),
  );
}

const TINY_CELLS = 13;
/** Widths and heights of the five anchors in cells (face-api src/tinyFaceDetector/const.ts). */
const TINY_ANCHORS = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const;

/**
 * Detector "tiny" (a small YOLO v2): `image` [n, 3, 416, 416] to `boxes` [n, 845, 4] (x0 y0 x1 y1 as shares of the padded
 * square) and `scores` [n, 845].
 */
export function tinyFaceDetector(weights: ReadonlyMap<string, Weights>): Uint8Array {
  const w = lookup(weights);
  const net = new Network('tiny_face_detector');
  let x = net.input('image', 3, 416, 416);
  x = net.leakyRelu(net.conv(x, w('conv0/filters'), w('conv0/bias'), 1, 'valid'), 0.1);
  for (let i = 1; i <= 5; i++) {
    x = net.maxPool(x, [2, 2], 2, 'same');
    const [depth, point] = [w(`conv${i}/depthwise_filter`), w(`conv${i}/pointwise_filter`)];
    x = net.leakyRelu(net.separable(x, depth, point, w(`conv${i}/bias`), 1, onePixel), 0.1);
  }
  x = net.maxPool(x, [2, 2], 1, 'same');
  x = net.conv(x, w('conv8/filters'), w('conv8/bias'), 1, 'valid');
  const rows = TINY_CELLS * TINY_CELLS * TINY_ANCHORS.length;
  const [tx, ty, tw, th, score] = columns(net, net.rows(x, 5), 5) as [string, string, string, string, string];
  const perRow = (value: (cell: number, anchor: number) => number): string => {
    const values = Float32Array.from({ length: rows }, (_, i) =>
      value(Math.floor(i / TINY_ANCHORS.length), i % TINY_ANCHORS.length),
    );
    return net.graph.constant(values, [1, rows, 1]);
  };
  const cell = net.graph.constant(Float32Array.of(1 / TINY_CELLS), []);
  const centre = (t: string, origin: string): string =>
    net.graph.node('Mul', [net.graph.node('Add', [net.sigmoid(t), origin]), cell]);
  const size = (t: string, side: 0 | 1): string => {
    const anchors = perRow((_, anchor) => (TINY_ANCHORS[anchor]?.[side] ?? NaN) / TINY_CELLS);
    return net.graph.node('Mul', [net.graph.node('Exp', [t]), anchors]);
  };
  const column = perRow((i) => i % TINY_CELLS);
  const row = perRow((i) => Math.floor(i / TINY_CELLS));
  const boxes = corners(net, centre(tx, column), centre(ty, row), size(tw, 0), size(th, 1));
  net.graph.output('boxes', boxes, ['n', rows, 4]);
  net.graph.output('scores', net.graph.node('Flatten', [net.sigmoid(score)], { axis: 1 }), ['n', rows]);
  return net.graph.serialize();
}

/**
 * Detector SSD on MobileNet v1: `image` [n, 3, 512, 512] to `boxes` [n, 5118, 4] (x0 y0 x1 y1 as shares of the padded
 * square) and `scores` [n, 5118].
 */
export function ssdMobilenet(weights: ReadonlyMap<string, Weights>): Uint8Array {
  const w = lookup(weights);
  const net = new Network('ssd_mobilenetv1');
  const pointwise = (x: FeatureMap, name: string, stride: number): FeatureMap =>
    net.relu6(net.conv(x, w(`${name}/weights`), w(`${name}/convolution_bn_offset`), stride, 'same'));
  const depthwise = (x: FeatureMap, name: string, stride: number): FeatureMap => {
    const { filters, bias } = foldBatchNorm(w, name);
    return net.relu6(net.depthwise(x, filters, bias, stride, 'same'));
  };
  let x = pointwise(net.input('image', 3, 512, 512), 'MobilenetV1/Conv2d_0_pointwise', 2);
  const features: FeatureMap[] = [];
  for (let i = 1; i <= 13; i++) {
    x = depthwise(x, `MobilenetV1/Conv2d_${i}_depthwise`, [2, 4, 6, 12].includes(i) ? 2 : 1);
    x = pointwise(x, `MobilenetV1/Conv2d_${i}_pointwise`, 1);
    if (i === 11 || i === 13) features.push(x);
  }
  for (let i = 0; i < 8; i++) {
    x = pointwise(x, `Prediction/Conv2d_${i}_pointwise`, i % 2 === 1 ? 2 : 1);
    if (i % 2 === 1) features.push(x);
  }
  const predict = (part: string, count: number): string => {
    const rows = features.map((map, i) => {
      const name = `Prediction/BoxPredictor_${i}/${part}`;
      return net.rows(net.conv(map, w(`${name}/weights`), w(`${name}/biases`), 1, 'same'), count);
    });
    return net.graph.node('Concat', rows, { axis: 1 });
  };
  const anchors = w('Output/extra_dim').data; // y0 x0 y1 x1
  const rows = anchors.length / 4;
  const perRow = (value: (y0: number, x0: number, y1: number, x1: number) => number): string => {
    const values = Float32Array.from({ length: rows }, (_, i) => {
      const [y0, x0, y1, x1] = anchors.subarray(4 * i, 4 * i + 4);
      return value(y0, x0, y1, x1);
    });
    return net.graph.constant(values, [1, rows, 1]);
  };
  const scaled = (t: string, by: number): string =>
    net.graph.node('Mul', [t, net.graph.constant(Float32Array.of(by), [])]);
  const centre = (t: string, size: string, origin: string): string =>
    net.graph.node('Add', [net.graph.node('Mul', [scaled(t, 1 / 10), size]), origin]);
  const extent = (t: string, size: string): string =>
    net.graph.node('Mul', [net.graph.node('Exp', [scaled(t, 1 / 5)]), size]);
  const [ty, tx, th, tw] = columns(net, predict('BoxEncodingPredictor', 4), 4) as [string, string, string, string];
  const width = perRow((_y0, x0, _y1, x1) => x1 - x0);
  const height = perRow((y0, _x0, y1) => y1 - y0);
  const x0 = centre(
    tx,
    width,
    perRow((_, a, __, b) => (a + b) / 2),
  );
  const y0 = centre(
    ty,
    height,
    perRow((a, _, b) => (a + b) / 2),
  );
  net.graph.output('boxes', corners(net, x0, y0, extent(tw, width), extent(th, height)), ['n', rows, 4]);
  const [, face] = columns(net, predict('ClassPredictor', 3), 3) as [string, string, string];
  net.graph.output('scores', net.graph.node('Flatten', [net.sigmoid(face)], { axis: 1 }), ['n', rows]);
  return net.graph.serialize();
}

/** One dense block of four layers, each layer fed with the sum of all before it (face-api's denseBlock4). */
function denseBlock(net: Network, w: Lookup, name: string, input: FeatureMap, first: boolean): FeatureMap {
  const separable = (x: FeatureMap, layer: string, stride: number): FeatureMap =>
    net.separable(
      x,
      w(`${layer}/depthwise_filter`),
      w(`${layer}/pointwise_filter`),
      w(`${layer}/bias`),
      stride,
      'same',
    );
  const start = first
    ? net.conv(input, w(`${name}/conv0/filters`), w(`${name}/conv0/bias`), 2, 'same')
    : separable(input, `${name}/conv0`, 2);
  let sum = net.relu(start);
  let x = sum;
  for (let i = 1; i <= 3; i++) {
    sum = net.add(sum, separable(x, `${name}/conv${i}`, 1));
    x = net.relu(sum);
  }
  return x;
}

function faceFeatures(net: Network, w: Lookup): string {
  let x = net.input('face', 3, 112, 112);
  for (let i = 0; i < 4; i++) x = denseBlock(net, w, `dense${i}`, x, i === 0);
  return net.flatten(net.averagePool(x, [7, 7], 2));
}

/** `face` [n, 3, 112, 112] to `points` [n, 136]: x and y of 68 landmarks as shares of the padded square. */
export function faceLandmark68(weights: ReadonlyMap<string, Weights>): Uint8Array {
  const w = lookup(weights);
  const net = new Network('face_landmark_68');
  net.graph.output('points', net.dense(faceFeatures(net, w), w('fc/weights'), w('fc/bias')), ['n', 136]);
  return net.graph.serialize();
}

/** `face` [n, 3, 112, 112] to `logits` [n, 7]: neutral, happy, sad, angry, fearful, disgusted, surprised. */
export function faceExpression(weights: ReadonlyMap<string, Weights>): Uint8Array {
  const w = lookup(weights);
  const net = new Network('face_expression');
  net.graph.output('logits', net.dense(faceFeatures(net, w), w('fc/weights'), w('fc/bias')), ['n', 7]);
  return net.graph.serialize();
}

/** `face` [n, 3, 150, 150] to `embedding` [n, 128]: dlib's residual network (its scale layers folded into the filters). */
export function faceRecognition(weights: ReadonlyMap<string, Weights>): Uint8Array {
  const w = lookup(weights);
  const net = new Network('face_recognition');
  const conv = (x: FeatureMap, name: string, stride: number, padding: Padding): FeatureMap => {
    const scale = w(`${name}/scale/weights`).data;
    const shift = w(`${name}/scale/biases`).data;
    const bias = w(`${name}/conv/bias`).data.map((b, i) => b * scale[i] + shift[i]);
    const filters = foldScale(w(`${name}/conv/filters`), scale);
    return net.conv(x, filters, { shape: [bias.length], data: bias }, stride, padding);
  };
  const residual = (x: FeatureMap, name: string): FeatureMap => {
    const inner = net.relu(conv(x, `${name}/conv1`, 1, 'same'));
    return net.relu(net.add(conv(inner, `${name}/conv2`, 1, 'same'), x));
  };
  const residualDown = (x: FeatureMap, name: string): FeatureMap => {
    const inner = net.relu(conv(x, `${name}/conv1`, 2, 'valid'));
    let out = conv(inner, `${name}/conv2`, 1, 'same');
    let pooled = net.averagePool(x, [2, 2], 2);
    // The strided convolution loses a row and a column, the pooling has fewer channels: zeros fill both up.
    if (out.height < pooled.height) out = net.pad(out, { ...none, bottom: 1, right: 1 }, 0);
    if (pooled.channels < out.channels) pooled = net.pad(pooled, none, out.channels - pooled.channels);
    return net.relu(net.add(pooled, out));
  };
  let x = net.relu(conv(net.input('face', 3, 150, 150), 'conv32_down', 2, 'valid'));
  x = net.maxPool(x, [3, 3], 2, 'valid');
  const layers = [
    ...['conv32_1', 'conv32_2', 'conv32_3', 'conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
    ...['conv128_down', 'conv128_1', 'conv128_2', 'conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
  ];
  for (const name of layers) x = name.includes('down') ? residualDown(x, name) : residual(x, name);
  net.graph.output('embedding', net.dense(net.globalMean(x), w('fc'), null), ['n', 128]);
  return net.graph.serialize();
}
