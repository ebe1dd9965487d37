import { analyze, type Dataset } from '@edjm/core';
import {
  tensorOf,
  writeModel,
  type Attribute,
  type Graph,
  type Node,
  type Tensor,
} from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { onnxBackend } from '../../src/index.ts';
import { node } from '../support/smallGraphs.ts';

interface Small {
  readonly shape: readonly number[];
  readonly nodes: readonly Node[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly dOut: readonly number[];
}

function bytesOf({ shape, nodes, constants = {}, dOut }: Small): Uint8Array {
  const graph: Graph = {
    name: 'kinks',
    irVersion: 8,
    opsets: new Map([['', 18]]),
    inputs: [{ name: 'x', elementType: 'float32', shape: ['n', ...shape] }],
    outputs: [{ name: 'y', elementType: 'float32', shape: ['n', ...dOut] }],
    initializers: new Map(Object.entries(constants)),
    nodes,
  };
  return writeModel(graph);
}

const apply = (op: string, attributes: Readonly<Record<string, Attribute>> = {}, ...rest: string[]) => [
  node(op, ['x', ...rest], { attributes }),
];
const scalar = (value: number) => tensorOf('float32', [], [value]);
const ints = (...values: number[]) => ({ ints: values });
const float = (value: number) => ({ float: value });

/** Far from its kinks, near one, exactly on one, far again: four values a sample, of which the last is 4. */
const vectors: Readonly<Record<string, readonly [Node[], number, Readonly<Record<string, Tensor>>?]>> = {
  Relu: [apply('Relu'), 0],
  LeakyRelu: [apply('LeakyRelu'), 0],
  Abs: [apply('Abs'), 0],
  Selu: [apply('Selu'), 0],
  'Elu with α = 2': [apply('Elu', { alpha: float(2) }), 0],
  HardSwish: [apply('HardSwish'), 3],
  HardSigmoid: [apply('HardSigmoid', { alpha: float(0.25), beta: float(0.5) }), 2],
  Shrink: [apply('Shrink', { lambd: float(0.5) }), -0.5],
  ThresholdedRelu: [apply('ThresholdedRelu', { alpha: float(1) }), 1],
  Clip: [apply('Clip', {}, 'low', 'high'), 1.5, { low: scalar(-6), high: scalar(1.5) }],
  'Max with a constant': [apply('Max', {}, 'low'), 1, { low: scalar(1) }],
  'Min behind a layer': [
    [node('Mul', ['x', 'two'], { outputs: ['t'] }), node('Min', ['t', 'low'])],
    1,
    { two: scalar(2), low: scalar(2) },
  ],
};

describe('samples near kinks', () => {
  it.each(Object.entries(vectors))('are told for %s', async (_, [nodes, kink, constants = {}]) => {
    await using network = await onnxBackend().load(bytesOf({ shape: [4], nodes, constants, dOut: [4] }));
    const off = kink + (kink === 0 ? 1e-9 : 2 ** -22);
    const rows = [0.75, off, kink, 0.25].flatMap((value) => [value, -1.75, 2.25, 4]);
    const flags = await network.nearKinks!({ rows: 4, columns: 4, data: Float32Array.from(rows) });
    expect(Array.from(flags.data)).toEqual([0, 1, 0, 0]);
  });

  const pooled: Readonly<
    Record<string, readonly [Node[], readonly number[], Readonly<Record<string, Tensor>>?]>
  > = {
    MaxPool: [apply('MaxPool', { kernel_shape: ints(2, 2), strides: ints(2, 2) }), [1, 1, 2]],
    'MaxPool, overlapping and padded': [
      apply('MaxPool', { kernel_shape: ints(2, 3), strides: ints(1, 2), pads: ints(1, 1, 0, 1) }),
      [1, 2, 2],
    ],
    GlobalMaxPool: [apply('GlobalMaxPool'), [1, 1, 1]],
    ReduceMax: [
      apply('ReduceMax', { keepdims: { int: 0 } }, 'axes'),
      [1, 2],
      { axes: tensorOf('int64', [1], [3]) },
    ],
    ReduceMin: [
      [
        node('Neg', ['x'], { outputs: ['t'] }),
        node('ReduceMin', ['t', 'axes'], { attributes: { keepdims: { int: 0 } } }),
      ],
      [1, 2],
      { axes: tensorOf('int64', [1], [3]) },
    ],
  };

  it.each(Object.entries(pooled))('are told for windows of %s', async (_, [nodes, dOut, constants = {}]) => {
    await using network = await onnxBackend().load(bytesOf({ shape: [1, 2, 4], nodes, constants, dOut }));
    const image = (first: number) => [3, first, 0, 0.5, 1, 2, -1, 0.25];
    const rows = [image(1.5), image(3 - 2 ** -22), image(3)].flat();
    const flags = await network.nearKinks!({ rows: 3, columns: 8, data: Float32Array.from(rows) });
    expect(Array.from(flags.data)).toEqual([0, 1, 0]);
  });

  it('are none in a network without kinks', async () => {
    await using network = await onnxBackend().load(bytesOf({ shape: [2], nodes: apply('Tanh'), dOut: [2] }));
    const flags = await network.nearKinks!({ rows: 2, columns: 2, data: Float32Array.of(0, 1e-9, 1, 2) });
    expect(Array.from(flags.data)).toEqual([0, 0]);
  });

  it('stand in an analysis, with their indices', async () => {
    await using network = await onnxBackend().load(bytesOf({ shape: [2], nodes: apply('Relu'), dOut: [2] }));
    const data = Float64Array.of(1, 2, 1e-9, 2, -1, 2, 3, -1e-8);
    const dataset: Dataset = {
      name: 'samples',
      n: 4,
      sampleShape: [2],
      async *batches() {
        yield { rows: 4, columns: 2, data };
      },
      sha256: async () => '0'.repeat(64),
    };
    const { nearKinks } = await analyze(network, dataset);
    expect(nearKinks).toEqual({ n: 2, samples: [1, 3] });
  });
});
