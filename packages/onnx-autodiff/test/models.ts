import {
  tensorOf,
  type Attribute,
  type Graph,
  type Node,
  type Tensor,
  type ValueInfo,
} from '../src/index.ts';

/** A node of the standard operators. */
export function node(
  opType: string,
  inputs: readonly string[],
  options: {
    readonly outputs?: readonly string[];
    readonly attributes?: Readonly<Record<string, Attribute>>;
  } = {},
): Node {
  const { outputs = ['y'], attributes = {} } = options;
  return { opType, domain: '', name: `${opType} of ${outputs.join(' and ')}`, inputs, outputs, attributes };
}

/** A graph of float32 inputs `x` and outputs `y`, but for what is said otherwise. */
export function graphOf(
  nodes: readonly Node[],
  rest: Partial<Graph> & { readonly opset?: number } = {},
): Graph {
  const { opset = 18, ...fields } = rest;
  const y: ValueInfo = { name: 'y', elementType: 'float32' };
  return {
    name: 'graph',
    irVersion: 8,
    opsets: new Map([['', opset]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: ['batch', 4] }],
    outputs: [y],
    initializers: new Map(),
    nodes,
    ...fields,
  };
}

export const ints = (...values: readonly number[]): Tensor => tensorOf('int64', [values.length], values);

export const floats = (shape: readonly number[], ...values: readonly number[]): Tensor =>
  tensorOf('float32', shape, values);

/** A small convolutional network with a bit of everything that a reader has to check. */
export function smallNetwork(): Graph {
  const nodes = [
    node('Constant', [], { outputs: ['zero'], attributes: { value: { tensor: ints(0) } } }),
    node('Conv', ['x', 'w'], {
      outputs: ['c'],
      attributes: { pads: { ints: [1, 1, 1, 1] }, group: { int: 1 } },
    }),
    node('MaxPool', ['c'], {
      outputs: ['p'],
      attributes: { kernel_shape: { ints: [2, 2] }, auto_pad: { string: 'SAME_UPPER' } },
    }),
    node('LeakyRelu', ['p'], { outputs: ['r'], attributes: { alpha: { float: 0.25 } } }),
    node('Shape', ['r'], { outputs: ['s'] }),
    node('Gather', ['s', 'zero'], { outputs: ['n'] }),
    node('Concat', ['n', 'rest'], { outputs: ['shape'], attributes: { axis: { int: 0 } } }),
    node('Reshape', ['r', 'shape'], { outputs: ['f'] }),
    node('Gemm', ['f', 'v', 'b'], { outputs: ['y'], attributes: { transB: { int: 1 } } }),
  ];
  return graphOf(nodes, {
    inputs: [{ name: 'x', elementType: 'float32', shape: ['batch', 1, 4, 4] }],
    initializers: new Map([
      ['w', floats([2, 1, 3, 3], ...Array.from({ length: 18 }, (_, index) => index / 8 - 1))],
      ['rest', ints(-1)],
      ['v', floats([3, 32], ...Array.from({ length: 96 }, (_, index) => (index % 7) / 8))],
      ['b', floats([3], 1, 2, 3)],
    ]),
  });
}
