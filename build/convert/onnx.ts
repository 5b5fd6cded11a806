// A small ONNX graph writer: just what the converted networks need, in NCHW with a free batch size. The wire format is
// protobufjs's business; the message numbers below are those of ONNX's public schema (onnx/onnx.proto).
import protobuf from 'protobufjs';

const IR_VERSION = 8;
const OPSET = 13;
const FLOAT = 1;
const INT64 = 7;

const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

const root = protobuf.Root.fromJSON({
  nested: {
    Dimension: { fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } } },
    TensorShape: { fields: { dim: { rule: 'repeated', type: 'Dimension', id: 1 } } },
    TensorType: { fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'TensorShape', id: 2 } } },
    Type: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
    ValueInfo: { fields: { name: { type: 'string', id: 1 }, type: { type: 'Type', id: 2 } } },
    Tensor: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1, options: { packed: false } },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        floats: { rule: 'repeated', type: 'float', id: 7, options: { packed: false } },
        ints: { rule: 'repeated', type: 'int64', id: 8, options: { packed: false } },
        type: { type: 'int32', id: 20 },
      },
    },
    Node: {
      fields: {
        input: { rule: 'repeated', type: 'string', id: 1 },
        output: { rule: 'repeated', type: 'string', id: 2 },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        attribute: { rule: 'repeated', type: 'Attribute', id: 5 },
      },
    },
    Graph: {
      fields: {
        node: { rule: 'repeated', type: 'Node', id: 1 },
        name: { type: 'string', id: 2 },
        initializer: { rule: 'repeated', type: 'Tensor', id: 5 },
        input: { rule: 'repeated', type: 'ValueInfo', id: 11 },
        output: { rule: 'repeated', type: 'ValueInfo', id: 12 },
      },
    },
    OperatorSet: { fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } } },
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        graph: { type: 'Graph', id: 7 },
        opsetImport: { rule: 'repeated', type: 'OperatorSet', id: 8 },
      },
    },
  },
});

/** An attribute's value: whole numbers become ONNX ints; floats are marked, because JavaScript cannot tell 1 from 1.0. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** A dimension is a size, or a name for one that is free (the batch). */
export type Dimension = number | string;

interface NamedShape {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

function encodeAttribute(name: string, value: Attribute): Record<string, unknown> {
  if (typeof value === 'number') return { name, i: value, type: attributeType.int };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: attributeType.string };
  if ('float' in value) return { name, f: value.float, type: attributeType.float };
  return { name, ints: [...value], type: attributeType.ints };
}

function valueInfo({ name, shape }: NamedShape): Record<string, unknown> {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

function bytesOf(data: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Collects nodes and constants in order and serialises them; the same calls always give the same bytes. */
export class OnnxGraph {
  readonly #name: string;
  readonly #nodes: Record<string, unknown>[] = [];
  readonly #initializers: Record<string, unknown>[] = [];
  readonly #inputs: NamedShape[] = [];
  readonly #outputs: NamedShape[] = [];
  #next = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares a float32 input and returns its name. */
  input(name: string, shape: readonly Dimension[]): string {
    this.#inputs.push({ name, shape });
    return name;
  }

  /** Declares `value` as the float32 output `name`. */
  output(name: string, value: string, shape: readonly Dimension[]): void {
    this.#nodes.push({ input: [value], output: [name], name, opType: 'Identity', attribute: [] });
    this.#outputs.push({ name, shape });
  }

  /** Adds a float32 constant; its length must be the product of `dims`. */
  constant(data: Float32Array, dims: readonly number[]): string {
    const size = dims.reduce((a, b) => a * b, 1);
    if (size !== data.length) throw new Error(`constant of ${data.length} values for the shape ${dims.join('×')}`);
    return this.#initializer(FLOAT, bytesOf(data), dims);
  }

  /** Adds a constant vector of int64, as shapes and pads are written in ONNX. */
  integers(values: readonly number[]): string {
    return this.#initializer(INT64, bytesOf(BigInt64Array.from(values, BigInt)), [values.length]);
  }

  /** Adds a node with one output and returns that output's name. */
  node(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `v${this.#next++}`;
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    this.#nodes.push({ input: [...inputs], output: [output], name: `${opType}_${output}`, opType, attribute });
    return output;
  }

  /** The graph as the bytes of an .onnx file. */
  serialize(): Uint8Array {
    const model = {
      irVersion: IR_VERSION,
      producerName: 'mien',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs.map(valueInfo),
        output: this.#outputs.map(valueInfo),
      },
    };
    const type = root.lookupType('Model');
    return type.encode(type.create(model)).finish();
  }

  #initializer(dataType: number, rawData: Uint8Array, dims: readonly number[]): string {
    const name = `c${this.#next++}`;
    this.#initializers.push({ dims: [...dims], dataType, name, rawData });
    return name;
  }
}
