import { describe, expect, it } from 'vitest';
import { OnnxGraph } from '../../../build/convert/onnx.ts';
import { runGraph } from '../../fixtures/onnx.ts';

/** y = relu(x · [[1, 2], [3, 4], [5, 6]] + [−30, 1]) */
function smallNetwork(): OnnxGraph {
  const graph = new OnnxGraph('small');
  const x = graph.input('x', ['n', 3]);
  const weights = graph.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const bias = graph.constant(Float32Array.of(-30, 1), [2]);
  graph.output('y', graph.node('Relu', [graph.node('Gemm', [x, weights, bias])]), ['n', 2]);
  return graph;
}

describe('a graph in onnxruntime', () => {
  it('computes what was written down, for any batch', async () => {
    const graph = smallNetwork().serialize();
    // 1·1 + 2·3 + 3·5 = 22, below 30; 1·2 + 2·4 + 3·6 + 1 = 29
    const one = await runGraph(graph, { x: { dims: [1, 3], data: [1, 2, 3] } });
    expect(one).toEqual({ y: { dims: [1, 2], data: [0, 29] } });
    // 10·1 + 10·3 − 30 = 10; 10·2 + 10·4 + 1 = 61; then −30 and 1; then −5 − 30 and −6 + 1
    const three = await runGraph(graph, { x: { dims: [3, 3], data: [10, 10, 0, 0, 0, 0, 0, 0, -1] } });
    expect(three).toEqual({ y: { dims: [3, 2], data: [10, 61, 0, 1, 0, 0] } });
  });

  it('keeps inputs and outputs in the order of their names', async () => {
    const graph = new OnnxGraph('two');
    const [a, b] = [graph.input('a', [2]), graph.input('b', [2])];
    graph.output('difference', graph.node('Sub', [a, b]), [2]);
    graph.output('same', a, [2]);
    const outputs = await runGraph(graph.serialize(), {
      b: { dims: [2], data: [1, 2] },
      a: { dims: [2], data: [10, 20] },
    });
    expect(Object.entries(outputs)).toEqual([
      ['difference', { dims: [2], data: [9, 18] }],
      ['same', { dims: [2], data: [10, 20] }],
    ]);
  });

  it('writes a whole number, also a negative one, as an int', async () => {
    const graph = new OnnxGraph('int');
    const x = graph.input('x', [2, 2]);
    graph.output('last', graph.node('Concat', [x, x], { axis: -1 }), [2, 4]);
    graph.output('first', graph.node('Concat', [x, x], { axis: 0 }), [4, 2]);
    const { last, first } = await runGraph(graph.serialize(), { x: { dims: [2, 2], data: [1, 2, 3, 4] } });
    expect(last).toEqual({ dims: [2, 4], data: [1, 2, 1, 2, 3, 4, 3, 4] });
    expect(first).toEqual({ dims: [4, 2], data: [1, 2, 3, 4, 1, 2, 3, 4] });
  });

  it('writes lists as ints', async () => {
    const graph = new OnnxGraph('ints');
    graph.output('y', graph.node('Transpose', [graph.input('x', [1, 2, 3])], { perm: [2, 0, 1] }), [3, 1, 2]);
    const { y } = await runGraph(graph.serialize(), { x: { dims: [1, 2, 3], data: [1, 2, 3, 4, 5, 6] } });
    expect(y).toEqual({ dims: [3, 1, 2], data: [1, 4, 2, 5, 3, 6] });
  });

  it('writes a marked number as a float, a whole one too', async () => {
    const graph = new OnnxGraph('float');
    const x = graph.input('x', [2]);
    graph.output('quarter', graph.node('LeakyRelu', [x], { alpha: { float: 0.25 } }), [2]);
    graph.output('double', graph.node('LeakyRelu', [x], { alpha: { float: 2 } }), [2]);
    const { quarter, double } = await runGraph(graph.serialize(), { x: { dims: [2], data: [-8, 8] } });
    expect(quarter.data).toEqual([-2, 8]);
    expect(double.data).toEqual([-16, 8]);
  });

  it('writes text as a string', async () => {
    const graph = new OnnxGraph('string');
    const [x, pads] = [graph.input('x', [3]), graph.integers([1, 2])];
    graph.output('edge', graph.node('Pad', [x, pads], { mode: 'edge' }), [6]);
    graph.output('reflect', graph.node('Pad', [x, pads], { mode: 'reflect' }), [6]);
    const { edge, reflect } = await runGraph(graph.serialize(), { x: { dims: [3], data: [1, 2, 3] } });
    expect(edge.data).toEqual([1, 1, 2, 3, 3, 3]);
    expect(reflect.data).toEqual([2, 1, 2, 3, 2, 1]);
  });

  it('writes integers as int64, negative ones too', async () => {
    const graph = new OnnxGraph('int64');
    graph.output('y', graph.node('Reshape', [graph.input('x', ['n', 4]), graph.integers([0, -1, 2])]), ['n', 2, 2]);
    const { y } = await runGraph(graph.serialize(), { x: { dims: [1, 4], data: [1, 2, 3, 4] } });
    expect(y).toEqual({ dims: [1, 2, 2], data: [1, 2, 3, 4] });
  });

  it('takes a constant without dimensions for a number', async () => {
    const graph = new OnnxGraph('scalar');
    graph.output('y', graph.node('Mul', [graph.input('x', [2]), graph.constant(Float32Array.of(3), [])]), [2]);
    const { y } = await runGraph(graph.serialize(), { x: { dims: [2], data: [5, 7] } });
    expect(y).toEqual({ dims: [2], data: [15, 21] });
  });

  it('writes only the part of a buffer that a constant is a view of', async () => {
    const graph = new OnnxGraph('view');
    const part = Float32Array.of(9, 9, 1, 2, 9).subarray(2, 4);
    graph.output('y', graph.node('Add', [graph.input('x', [2]), graph.constant(part, [2])]), [2]);
    const { y } = await runGraph(graph.serialize(), { x: { dims: [2], data: [10, 20] } });
    expect(y).toEqual({ dims: [2], data: [11, 22] });
  });
});

describe('OnnxGraph', () => {
  it('gives the same bytes for the same calls', () => {
    expect(Buffer.compare(smallNetwork().serialize(), smallNetwork().serialize())).toBe(0);
  });

  it('gives the same bytes when it is asked again', () => {
    const graph = smallNetwork();
    expect(Buffer.compare(graph.serialize(), graph.serialize())).toBe(0);
  });

  it('gives other bytes for another constant', () => {
    const bytes = [1, 2].map((value) => {
      const graph = new OnnxGraph('one');
      graph.output('y', graph.node('Add', [graph.input('x', [1]), graph.constant(Float32Array.of(value), [1])]), [1]);
      return graph.serialize();
    });
    expect(Buffer.compare(bytes[0], bytes[1])).not.toBe(0);
  });

  it('refuses a constant whose values do not fill its shape', () => {
    const graph = new OnnxGraph('wrong');
    expect(() => graph.constant(new Float32Array(5), [2, 3])).toThrow('constant of 5 values for the shape 2×3');
    expect(() => graph.constant(new Float32Array(2), [])).toThrow('constant of 2 values for the shape ');
  });

  it('gives every node and constant its own name', () => {
    const graph = new OnnxGraph('names');
    const x = graph.input('x', [1]);
    const names = [
      graph.node('Relu', [x]),
      graph.constant(Float32Array.of(1), [1]),
      graph.integers([1]),
      graph.node('Relu', [x]),
    ];
    expect(new Set(names).size).toBe(4);
  });
});
