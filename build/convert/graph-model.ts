// Rewrites a TensorFlow.js graph model (nodes with TensorFlow's operators) as an ONNX graph. Only nodes that a wanted output
// depends on are visited, so unused heads of a network cost nothing at run time. Unknown operators are errors.
import { Network, type FeatureMap, type Pads, type Padding } from './layers.ts';
import { readWeights, type WeightSpec, type Weights } from './weights.ts';

interface AttributeValue {
  readonly s?: string;
  readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] };
  readonly shape?: { readonly dim?: readonly { readonly size: string }[] };
}

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, AttributeValue>>;
}

/** The model.json of a TensorFlow.js graph model, as far as it is read here. */
export interface GraphModel {
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: readonly { readonly weights: readonly WeightSpec[] }[];
}

/** A value on the way through the graph: a feature map, or rows that have left image form ([n, …]). */
type Value = { readonly map: FeatureMap } | { readonly flat: string };

interface Operands {
  readonly map: (index: number) => FeatureMap;
  readonly flat: (index: number) => string;
  readonly weights: (index: number) => Weights;
  readonly count: number;
}

function base64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function integers(node: GraphNode, name: string): number[] {
  return (node.attr?.[name]?.list?.i ?? []).map(Number);
}

function padding(node: GraphNode): Padding {
  const name = base64(node.attr?.padding?.s ?? '').toLowerCase();
  if (name !== 'same' && name !== 'valid') throw new Error(`${node.name}: padding ${name} is not supported`);
  return name;
}

function stride(node: GraphNode): number {
  const [, vertical = 1, horizontal = 1] = integers(node, 'strides');
  if (vertical !== horizontal) throw new Error(`${node.name}: unequal strides are not supported`);
  if (integers(node, 'dilations').some((d) => d !== 1)) throw new Error(`${node.name}: dilation is not supported`);
  return vertical;
}

function fusedOperators(node: GraphNode): string[] {
  return (node.attr?.fused_ops?.list?.s ?? []).map(base64);
}

function activate(net: Network, x: FeatureMap, node: GraphNode, operands: Operands): FeatureMap {
  switch (fusedOperators(node)[1]) {
    case undefined:
      return x;
    case 'Relu':
      return net.relu(x);
    case 'Relu6':
      return net.relu6(x);
    case 'Prelu':
      return net.prelu(x, operands.weights(3));
    default:
      throw new Error(`${node.name}: fused ${fusedOperators(node).join(', ')} is not supported`);
  }
}

function convolve(net: Network, node: GraphNode, operands: Operands): FeatureMap {
  const bias = fusedOperators(node)[0] === 'BiasAdd' ? operands.weights(2) : null;
  const layer = node.op.includes('Depthwise') ? 'depthwise' : 'conv';
  const x = net[layer](operands.map(0), operands.weights(1), bias, stride(node), padding(node));
  return activate(net, x, node, operands);
}

function pad(net: Network, operands: Operands): FeatureMap {
  const [, , top = 0, bottom = 0, left = 0, right = 0, before = 0, channels = 0] = operands.weights(1).data;
  if (before !== 0) throw new Error('padding in front of the first channel is not supported');
  const pads: Pads = { top, left, bottom, right };
  return net.pad(operands.map(0), pads, channels);
}

/** Reshape is used for one thing in these networks: leaving image form, as rows of the last dimension or as one row. */
function reshape(net: Network, operands: Operands): string {
  const shape = [...operands.weights(1).data];
  return shape.length === 3 ? net.rows(operands.map(0), shape[2]) : net.flatten(operands.map(0));
}

function apply(net: Network, node: GraphNode, operands: Operands): Value {
  switch (node.op) {
    case '_FusedConv2D':
    case 'Conv2D':
    case 'DepthwiseConv2dNative':
    case 'FusedDepthwiseConv2dNative':
      return { map: convolve(net, node, operands) };
    case 'AddV2':
      return { map: net.add(operands.map(0), operands.map(1)) };
    case 'Relu':
      return { map: net.relu(operands.map(0)) };
    case 'Prelu':
      return { map: net.prelu(operands.map(0), operands.weights(1)) };
    case 'MaxPool': {
      const [, height = 1, width = 1] = integers(node, 'ksize');
      return { map: net.maxPool(operands.map(0), [height, width], stride(node), padding(node)) };
    }
    case 'Pad':
      return { map: pad(net, operands) };
    case 'Reshape':
      return { flat: reshape(net, operands) };
    case 'Mean':
      return { flat: net.globalMean(operands.map(0)) };
    default:
      throw new Error(`${node.name}: the operator ${node.op} is not supported`);
  }
}

/** Walks one graph model, building the ONNX nodes that the wanted values need. */
export class GraphModelReader {
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #weights: ReadonlyMap<string, Weights>;
  readonly #values = new Map<string, Value>();
  readonly #net: Network;

  constructor(net: Network, model: GraphModel, bytes: Uint8Array) {
    this.#net = net;
    this.#nodes = new Map(model.modelTopology.node.map((node) => [node.name, node]));
    this.#weights = readWeights(
      model.weightsManifest.flatMap((group) => group.weights),
      bytes,
    );
  }

  /** Declares the graph's picture input from the model's placeholder: [n, channels, height, width]. */
  input(name: string, placeholder: string): void {
    const size = this.#node(placeholder).attr?.shape?.shape?.dim?.map((d) => Number(d.size)) ?? [];
    const [, height, width, channels] = size;
    this.#values.set(placeholder, { map: this.#net.input(name, channels, height, width) });
  }

  /** The graph value that the node `name` computes, as rows ([n, …]). */
  flat(name: string): string {
    const value = this.#value(name);
    if (!('flat' in value)) throw new Error(`${name} is still an image`);
    return value.flat;
  }

  /** The feature map that the node `name` computes. */
  map(name: string): FeatureMap {
    const value = this.#value(name);
    if (!('map' in value)) throw new Error(`${name} is not an image`);
    return value.map;
  }

  #node(name: string): GraphNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`the graph has no node ${name}`);
    return node;
  }

  #value(name: string): Value {
    const known = this.#values.get(name);
    if (known) return known;
    const node = this.#node(name);
    const inputs = node.input ?? [];
    const nameOf = (index: number): string => inputs[index] ?? '';
    const value = apply(this.#net, node, {
      map: (index) => this.map(nameOf(index)),
      flat: (index) => this.flat(nameOf(index)),
      weights: (index) => {
        const weights = this.#weights.get(nameOf(index));
        if (!weights) throw new Error(`${name}: input ${index} is not a constant`);
        return weights;
      },
      count: inputs.length,
    });
    this.#values.set(name, value);
    return value;
  }
}
