import { describe, expect, it } from 'vitest';
import { filtersToOihw, foldScale, Network, type FeatureMap, type Padding } from '../../../build/convert/layers.ts';
import type { Weights } from '../../../build/convert/weights.ts';
import { runGraph, type Values } from '../../fixtures/onnx.ts';

const weights = (shape: readonly number[], ...data: readonly number[]): Weights => ({
  shape,
  data: Float32Array.from(data),
});

const ones = (...shape: readonly number[]): Weights => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** Builds layers on one picture and runs them; also holds the size that the layers promise against the size that comes out. */
async function run(
  [channels, height, width]: readonly [number, number, number],
  data: readonly number[],
  build: (net: Network, x: FeatureMap) => FeatureMap,
): Promise<number[]> {
  const net = new Network('test');
  const y = build(net, net.input('x', channels, height, width));
  net.graph.output('y', y.value, ['n', y.channels, y.height, y.width]);
  const outputs = await runGraph(net.graph.serialize(), { x: { dims: [1, channels, height, width], data } });
  expect(outputs.y.dims).toEqual([1, y.channels, y.height, y.width]);
  return [...outputs.y.data];
}

/** The same for layers that leave image form; `n` pictures. */
async function runFlat(
  dims: readonly [number, number, number, number],
  data: readonly number[],
  build: (net: Network, x: FeatureMap) => string,
): Promise<Values> {
  const net = new Network('test');
  net.graph.output('y', build(net, net.input('x', dims[1], dims[2], dims[3])), ['n']);
  return (await runGraph(net.graph.serialize(), { x: { dims, data } })).y;
}

describe('filters', () => {
  it('go from height, width, input, output to output, input, height, width', () => {
    // Every value tells where it stood: row, column, input, output as decimal digits.
    const shape = [2, 3, 2, 2] as const;
    const values: number[] = [];
    for (let h = 0; h < 2; h++)
      for (let w = 0; w < 3; w++)
        for (let i = 0; i < 2; i++) for (let o = 0; o < 2; o++) values.push(1000 * h + 100 * w + 10 * i + o);
    const { data, dims } = filtersToOihw(weights(shape, ...values));
    expect(dims).toEqual([2, 2, 2, 3]);
    expect([...data]).toEqual([
      ...[0, 100, 200, 1000, 1100, 1200],
      ...[10, 110, 210, 1010, 1110, 1210],
      ...[1, 101, 201, 1001, 1101, 1201],
      ...[11, 111, 211, 1011, 1111, 1211],
    ]);
  });

  it('must have four dimensions', () => {
    expect(() => filtersToOihw(ones(3, 3, 2))).toThrow('weights of shape 3×3×2 where rank 4 is due');
  });

  it('are scaled by the output channel, which is their last axis', () => {
    const folded = foldScale(weights([1, 2, 1, 2], 1, 2, 3, 4), Float32Array.of(10, -1));
    expect(folded).toEqual({ shape: [1, 2, 1, 2], data: Float32Array.of(10, -2, 30, -4) });
  });

  it('of a depthwise layer are scaled by the channel', () => {
    const folded = foldScale(weights([1, 2, 2, 1], 1, 2, 3, 4), Float32Array.of(10, -1));
    expect([...folded.data]).toEqual([10, -2, 30, -4]);
  });
});

describe('padding', () => {
  /** Sums over windows of a row 1, 2, 3, …, n, worked out by hand from TensorFlow's rule. */
  const SAME = [
    { n: 5, kernel: 3, stride: 1, sums: [3, 6, 9, 12, 9] }, // one before, one after
    { n: 4, kernel: 3, stride: 1, sums: [3, 6, 9, 7] },
    { n: 4, kernel: 2, stride: 1, sums: [3, 5, 7, 4] }, // one after
    { n: 5, kernel: 3, stride: 2, sums: [3, 9, 9] }, // one before, one after
    { n: 4, kernel: 3, stride: 2, sums: [6, 7] }, // one after
    { n: 7, kernel: 3, stride: 2, sums: [3, 9, 15, 13] },
    { n: 5, kernel: 2, stride: 2, sums: [3, 7, 5] }, // one after
    { n: 4, kernel: 2, stride: 2, sums: [3, 7] }, // none
    { n: 6, kernel: 5, stride: 2, sums: [10, 20, 15] }, // one before, two after
    { n: 6, kernel: 1, stride: 2, sums: [1, 3, 5] }, // none, though a pixel is left over
    { n: 5, kernel: 1, stride: 2, sums: [1, 3, 5] },
  ] as const;

  it.each(SAME)(
    'SAME of $n pixels, kernel $kernel, stride $stride, along a row',
    async ({ n, kernel, stride, sums }) => {
      const y = await run([1, 1, n], upTo(n), (net, x) => net.conv(x, ones(1, kernel, 1, 1), null, stride, 'same'));
      expect(y).toEqual(sums);
    },
  );

  it.each(SAME)(
    'SAME of $n pixels, kernel $kernel, stride $stride, down a column',
    async ({ n, kernel, stride, sums }) => {
      const y = await run([1, n, 1], upTo(n), (net, x) => net.conv(x, ones(kernel, 1, 1, 1), null, stride, 'same'));
      expect(y).toEqual(sums);
    },
  );

  it('SAME is worked out for height and width apart', async () => {
    // 4 rows: pixels 0–2 and 2–3; 5 columns: 0–1, 1–3, 3–4. Products count the pixels of a window.
    const y = await run([1, 4, 5], Array<number>(20).fill(1), (net, x) =>
      net.conv(x, ones(3, 3, 1, 1), null, 2, 'same'),
    );
    expect(y).toEqual([3 * 2, 3 * 3, 3 * 2, 2 * 2, 2 * 3, 2 * 2]);
  });

  it('SAME for a depthwise layer is that for a whole one', async () => {
    const y = await run([1, 1, 4], upTo(4), (net, x) => net.depthwise(x, ones(1, 3, 1, 1), null, 2, 'same'));
    expect(y).toEqual([6, 7]);
  });

  it.each<{ name: string; padding: Padding; sums: number[] }>([
    { name: 'VALID has none', padding: 'valid', sums: [6, 12] },
    { name: 'one pixel at the left', padding: { top: 0, left: 1, bottom: 0, right: 0 }, sums: [3, 9] },
    { name: 'two pixels at the right', padding: { top: 0, left: 0, bottom: 0, right: 2 }, sums: [6, 12, 5] },
  ])('$name', async ({ padding, sums }) => {
    const y = await run([1, 1, 5], upTo(5), (net, x) => net.conv(x, ones(1, 3, 1, 1), null, 2, padding));
    expect(y).toEqual(sums);
  });

  it('given in pixels goes to the side that it names', async () => {
    const y = await run([1, 1, 1], [7], (net, x) =>
      net.conv(x, ones(1, 1, 1, 1), null, 1, { top: 1, left: 2, bottom: 0, right: 1 }),
    );
    expect(y).toEqual([0, 0, 0, 0, 0, 0, 7, 0]);
  });

  it('does not take part in a maximum', async () => {
    const y = await run([1, 1, 3], [-3, -1, -2], (net, x) => net.maxPool(x, [1, 2], 2, 'same'));
    expect(y).toEqual([-1, -2]);
    const dense = await run([1, 1, 3], [-3, -1, -2], (net, x) => net.maxPool(x, [1, 2], 1, 'same'));
    expect(dense).toEqual([-1, -1, -2]);
  });
});

describe('convolutions', () => {
  it('mix channels and add the bias', async () => {
    // Two input channels of one pixel, 2 and 3; filters [in][out] = [[1, 10], [100, 1000]]; bias 5 and −5.
    const y = await run([2, 1, 1], [2, 3], (net, x) =>
      net.conv(x, weights([1, 1, 2, 2], 1, 10, 100, 1000), weights([2], 5, -5), 1, 'valid'),
    );
    expect(y).toEqual([2 + 300 + 5, 20 + 3000 - 5]);
  });

  it('are correlations: the filter is not turned', async () => {
    const y = await run([1, 2, 2], [1, 2, 3, 4], (net, x) =>
      net.conv(x, weights([2, 2, 1, 1], 1000, 100, 10, 1), null, 1, 'valid'),
    );
    expect(y).toEqual([1234]);
  });

  it('refuse filters for another number of channels', () => {
    const net = new Network('test');
    const x = net.input('x', 3, 4, 4);
    expect(() => net.conv(x, ones(1, 1, 2, 5), null, 1, 'same')).toThrow('filters for 2 channels on 3');
  });

  it('of the depthwise kind keep channels apart', async () => {
    // Filter [1, 2, channels 2, 1]: channel 0 gets (1, 2), channel 1 gets (10, 20).
    const y = await run([2, 1, 2], [3, 4, 5, 6], (net, x) =>
      net.depthwise(x, weights([1, 2, 2, 1], 1, 10, 2, 20), weights([2], 0.5, -0.5), 1, 'valid'),
    );
    expect(y).toEqual([3 + 8 + 0.5, 50 + 120 - 0.5]);
  });

  it('of the separable kind go through the channels, then mix them, then add the bias', async () => {
    const y = await run([2, 1, 2], [3, 4, 5, 6], (net, x) =>
      net.separable(
        x,
        weights([1, 2, 2, 1], 1, 10, 2, 20),
        weights([1, 1, 2, 1], 1, 0.1),
        weights([1], 1000),
        1,
        'valid',
      ),
    );
    expect(y[0]).toBeCloseTo(11 + 17 + 1000, 3);
    expect(y).toHaveLength(1);
  });
});

describe('activations', () => {
  const VALUES = [-3, -0.5, 0, 0.25, 7];

  it.each([-1.5, -1, 0, 0.25, 1, 3])('PReLU with the slope %d is max(x, 0) + a·min(x, 0)', async (a) => {
    const y = await run([1, 1, 5], VALUES, (net, x) => net.prelu(x, weights([1, 1, 1], a)));
    VALUES.forEach((x, i) => {
      expect(y[i]).toBeCloseTo(Math.max(x, 0) + a * Math.min(x, 0), 5);
    });
  });

  it('PReLU has a slope for every channel', async () => {
    const y = await run([3, 1, 2], [-4, 4, -4, 4, -4, 4], (net, x) => net.prelu(x, weights([1, 1, 3], 0.5, 0, -2)));
    expect(y).toEqual([-2, 4, 0, 4, 8, 4]);
  });

  it('ReLU, ReLU6 and leaky ReLU', async () => {
    expect(await run([1, 1, 5], VALUES, (net, x) => net.relu(x))).toEqual([0, 0, 0, 0.25, 7]);
    expect(await run([1, 1, 5], VALUES, (net, x) => net.relu6(x))).toEqual([0, 0, 0, 0.25, 6]);
    expect(await run([1, 1, 5], VALUES, (net, x) => net.leakyRelu(x, 0.5))).toEqual([-1.5, -0.25, 0, 0.25, 7]);
  });

  it('sigmoid and softmax, the latter over the last axis of each picture', async () => {
    const sigmoid = await runFlat([1, 3, 1, 1], [0, Math.log(3), -Math.log(3)], (net, x) =>
      net.sigmoid(net.flatten(x)),
    );
    [0.5, 0.75, 0.25].forEach((share, i) => {
      expect(sigmoid.data[i]).toBeCloseTo(share, 6);
    });
    const softmax = await runFlat([2, 2, 1, 1], [0, Math.log(3), Math.log(4), 0], (net, x) =>
      net.softmax(net.flatten(x)),
    );
    [0.25, 0.75, 0.8, 0.2].forEach((share, i) => {
      expect(softmax.data[i]).toBeCloseTo(share, 6);
    });
  });
});

describe('pooling, padding, adding', () => {
  it('the average of a window is over its pixels', async () => {
    const y = await run([1, 2, 4], upTo(8), (net, x) => net.averagePool(x, [2, 2], 2));
    expect(y).toEqual([(1 + 2 + 5 + 6) / 4, (3 + 4 + 7 + 8) / 4]);
  });

  it('an average drops the row and column that fill no window', async () => {
    expect(await run([1, 3, 3], upTo(9), (net, x) => net.averagePool(x, [2, 2], 2))).toEqual([3]);
  });

  it('a maximum is taken for each channel', async () => {
    const y = await run([2, 2, 2], [1, 2, 3, 4, -1, -2, -3, -4], (net, x) => net.maxPool(x, [2, 2], 2, 'valid'));
    expect(y).toEqual([4, -1]);
  });

  it('zeros go around the image and behind the last channel', async () => {
    const pads = { top: 1, left: 0, bottom: 0, right: 2 };
    const y = await run([1, 1, 2], [5, 6], (net, x) => net.pad(x, pads, 1));
    expect(y).toEqual([0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('feature maps are added value by value', async () => {
    expect(await run([1, 1, 2], [5, -6], (net, x) => net.add(x, net.relu(x)))).toEqual([10, -6]);
  });

  it('feature maps of different sizes are not added', () => {
    const net = new Network('test');
    const x = net.input('x', 1, 4, 4);
    const smaller = net.maxPool(x, [2, 2], 2, 'valid');
    const deeper = net.pad(x, { top: 0, left: 0, bottom: 0, right: 0 }, 1);
    expect(() => net.add(x, smaller)).toThrow('adding feature maps of different sizes');
    expect(() => net.add(x, deeper)).toThrow('adding feature maps of different sizes');
  });
});

describe('leaving image form', () => {
  /** Two pictures of two channels, two rows and three columns: the digits of a value are picture, channel, row, column. */
  const DIMS = [2, 2, 2, 3] as const;
  const DATA = [0, 1].flatMap((n) =>
    [0, 1].flatMap((c) => [0, 1].flatMap((y) => [0, 1, 2].map((x) => 1000 * n + 100 * c + 10 * y + x))),
  );
  const pixelsOf = (n: number): number[] => [0, 1, 2, 10, 11, 12].flatMap((p) => [1000 * n + p, 1000 * n + 100 + p]);

  it('rows run through row, column, channel, as in TensorFlow', async () => {
    const y = await runFlat(DIMS, DATA, (net, x) => net.rows(x, 4));
    expect(y).toEqual({ dims: [2, 3, 4], data: [...pixelsOf(0), ...pixelsOf(1)] });
  });

  it('flat values run through row, column, channel too', async () => {
    const y = await runFlat(DIMS, DATA, (net, x) => net.flatten(x));
    expect(y).toEqual({ dims: [2, 12], data: [...pixelsOf(0), ...pixelsOf(1)] });
  });

  it('a single pixel gives its channels', async () => {
    const flat = await runFlat([2, 3, 1, 1], upTo(6), (net, x) => net.flatten(x));
    expect(flat).toEqual({ dims: [2, 3], data: upTo(6) });
    const rows = await runFlat([1, 4, 1, 1], upTo(4), (net, x) => net.rows(x, 2));
    expect(rows).toEqual({ dims: [1, 2, 2], data: upTo(4) });
  });

  it('the mean is taken over the pixels of each channel', async () => {
    const y = await runFlat([1, 2, 1, 2], [1, 3, 10, 30], (net, x) => net.globalMean(x));
    expect(y).toEqual({ dims: [1, 2], data: [2, 20] });
  });

  it('a dense layer multiplies by [inputs, outputs] and adds the bias', async () => {
    const matrix = weights([2, 3], 1, 2, 3, 10, 20, 30);
    const bare = await runFlat([2, 2, 1, 1], [1, 1, 2, 0], (net, x) => net.dense(net.flatten(x), matrix, null));
    expect(bare).toEqual({ dims: [2, 3], data: [11, 22, 33, 2, 4, 6] });
    const biased = await runFlat([1, 2, 1, 1], [1, 1], (net, x) =>
      net.dense(net.flatten(x), matrix, weights([3], 0.5, 0, -0.5)),
    );
    expect(biased).toEqual({ dims: [1, 3], data: [11.5, 22, 32.5] });
  });

  it('a dense layer wants a matrix', () => {
    const net = new Network('test');
    const x = net.flatten(net.input('x', 2, 1, 1));
    expect(() => net.dense(x, ones(2), null)).toThrow('weights of shape 2 where rank 2 is due');
  });
});

describe('Network', () => {
  it('gives the same bytes for the same layers', () => {
    const bytes = (): Uint8Array => {
      const net = new Network('same');
      const x = net.prelu(net.conv(net.input('x', 1, 5, 5), ones(3, 3, 1, 2), null, 2, 'same'), ones(1, 1, 2));
      net.graph.output('y', net.dense(net.globalMean(x), ones(2, 2), ones(2)), ['n', 2]);
      return net.graph.serialize();
    };
    expect(Buffer.compare(bytes(), bytes())).toBe(0);
  });
});
