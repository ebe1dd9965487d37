import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  NetworkGraph,
  tensorOf,
  type Attribute,
  type Graph,
  type NetworkGraphOptions,
  type Node,
  type Tensor,
} from '../../src/index.ts';
import { graphOf, ints, node } from '../models.ts';

const weights = (...shape: readonly number[]): Tensor => {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return tensorOf(
    'float32',
    shape,
    Array.from({ length: size }, (_, index) => Math.sin(index + 1)),
  );
};

/** Constants of many shapes, by names such as `w8x3`. */
const initializers = new Map<string, Tensor>([
  ...[[8, 2], [8, 3], [8, 4], [8, 6], [8, 7], [8, 8], [4, 2], [3, 8], [8], [3]].map(
    (shape) => [`w${shape.join('x')}`, weights(...shape)] as const,
  ),
  ['kernel', weights(2, 1, 2, 2)],
  ['one', ints(1)],
  ['image', ints(-1, 1, 2, 4)],
  ['across', ints(8, -1)],
  ['places', ints(1, 3, 5)],
  ['three', ints(3)],
]);

type Step = readonly [string, readonly string[], string, Readonly<Record<string, Attribute>>?];

const nodesOf = (steps: readonly Step[]): readonly Node[] =>
  steps.map(([opType, inputs, output, attributes]) =>
    node(opType, inputs, { outputs: [output], ...(attributes && { attributes }) }),
  );

/** A graph of x [n, 8]. */
const network = (steps: readonly Step[], rest: Partial<Graph> = {}): Graph =>
  graphOf(nodesOf(steps), {
    inputs: [{ name: 'x', elementType: 'float32', shape: ['n', 8] }],
    initializers,
    ...rest,
  });

const narrowed = (steps: readonly Step[], options: NetworkGraphOptions = {}, rest: Partial<Graph> = {}) =>
  new NetworkGraph(network(steps, rest), options).narrowed();

const axis = (int: number) => ({ axis: { int } });
/** What is bent follows. */
const end = (from: string): Step => ['Tanh', [from], 'y'];

describe('a narrowed network', () => {
  it.each<[string, number, readonly Step[]]>([
    ['a matrix product', 3, [['Gemm', ['x', 'w8x3', 'w3'], 't'], end('t')]],
    ['a product and a sum', 3, [['MatMul', ['x', 'w8x3'], 'a'], ['Add', ['a', 'w3'], 't'], end('t')]],
    [
      'constants that normalize',
      3,
      [['Sub', ['x', 'w8'], 'a'], ['Div', ['a', 'w8'], 'b'], ['MatMul', ['b', 'w8x3'], 't'], end('t')],
    ],
    [
      'the narrowest of several',
      2,
      [['MatMul', ['x', 'w8x4'], 'a'], ['MatMul', ['a', 'w4x2'], 't'], end('t')],
    ],
    [
      'what is narrow before it is wide again',
      3,
      [['MatMul', ['x', 'w8x3'], 't'], ['MatMul', ['t', 'w3x8'], 'b'], end('b')],
    ],
    [
      'a sum of two products',
      3,
      [['MatMul', ['x', 'w8x3'], 'a'], ['Neg', ['a'], 'b'], ['Add', ['a', 'b'], 't'], end('t')],
    ],
    [
      'parts side by side',
      5,
      [
        ['Gather', ['x', 'places'], 'a', axis(1)],
        ['Slice', ['x', 'one', 'three', 'one'], 'b'],
        ['Concat', ['a', 'b'], 't', axis(1)],
        end('t'),
      ],
    ],
    [
      'a convolution of stride 2',
      4,
      [
        ['Reshape', ['x', 'image'], 'a'],
        ['Conv', ['a', 'kernel'], 't', { strides: { ints: [2, 2] } }],
        end('t'),
      ],
    ],
    [
      'average pooling',
      2,
      [
        ['Reshape', ['x', 'image'], 'a'],
        ['AveragePool', ['a'], 't', { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } }],
        end('t'),
      ],
    ],
    ['a mean', 1, [['ReduceMean', ['x', 'one'], 't'], end('t')]],
    [
      'ways that join in front of the narrow place',
      3,
      [['Mul', ['x', 'w8'], 'a'], ['Add', ['a', 'x'], 'b'], ['MatMul', ['b', 'w8x3'], 't'], end('t')],
    ],
    [
      'ways that part behind it',
      3,
      [
        ['MatMul', ['x', 'w8x3'], 't'],
        ['Tanh', ['t'], 'a'],
        ['Add', ['a', 't'], 'y'],
      ],
    ],
    [
      'a way of truth values alone around it',
      3,
      [
        ['MatMul', ['x', 'w8x3'], 't'],
        ['ReduceSum', ['x', 'one'], 's'],
        ['Greater', ['s', 'w3'], 'c'],
        ['Tanh', ['t'], 'a'],
        ['Where', ['c', 'a', 't'], 'y'],
      ],
    ],
    ['the whole of an affine network', 3, [['Gemm', ['x', 'w8x3', 'w3'], 'y']]],
  ])('begins behind %s', (_, h, steps) => {
    const parts = narrowed(steps)!;
    expect(parts.first.map(({ dIn, dOut }) => [dIn, dOut])).toEqual([[8, h]]);
    expect([parts.rest.sampleSize, parts.rest.dIn]).toEqual([8, h]);
    expect(parts.rest.vjpGraph(5, 2).graph.outputs[0]!.shape).toEqual([2, 5, h]);
  });

  it.each<[string, readonly Step[]]>([
    ['whose first layer is wider', [['MatMul', ['x', 'w8x8'], 'a'], end('a')]],
    ['that is hardly narrower', [['MatMul', ['x', 'w8x7'], 'a'], end('a')]],
    [
      'that is bent before it is narrow',
      [
        ['Tanh', ['x'], 'a'],
        ['MatMul', ['a', 'w8x3'], 'y'],
      ],
    ],
    ['that squares its input', [['Mul', ['x', 'x'], 'a'], ['MatMul', ['a', 'w8x3'], 'b'], end('b')]],
    ['that divides by its input', [['Div', ['w8', 'x'], 'a'], ['MatMul', ['a', 'w8x3'], 'b'], end('b')]],
    [
      'around whose narrow layer the input leads',
      [
        ['MatMul', ['x', 'w8x3'], 'a'],
        ['Tanh', ['a'], 'b'],
        ['MatMul', ['b', 'w3x8'], 'c'],
        ['Add', ['c', 'x'], 'y'],
      ],
    ],
    [
      'of two narrow layers side by side',
      [
        ['MatMul', ['x', 'w8x3'], 'a'],
        ['MatMul', ['x', 'w8x6'], 'b'],
        ['Tanh', ['a'], 'c'],
        ['Sigmoid', ['b'], 'd'],
        ['Concat', ['c', 'd'], 'y', axis(1)],
      ],
    ],
    [
      'whose rows are not samples',
      [
        ['Reshape', ['x', 'across'], 'a'],
        ['Transpose', ['w8x3'], 'b'],
        ['MatMul', ['b', 'a'], 'c'],
        ['Transpose', ['c'], 'd'],
        ['Tanh', ['c'], 'e'],
        ['Transpose', ['e'], 'f'],
        ['Concat', ['d', 'f'], 'y', axis(1)],
      ],
    ],
  ])('is not made of one %s', (_, steps) => {
    expect(narrowed(steps)).toBeUndefined();
  });

  it('begins behind several tensors, where they are narrow together', () => {
    const parts = narrowed([
      ['MatMul', ['x', 'w8x3'], 'a'],
      ['MatMul', ['x', 'w8x2'], 'b'],
      ['Tanh', ['a'], 'c'],
      ['Sigmoid', ['b'], 'd'],
      ['Concat', ['c', 'd'], 'y', axis(1)],
    ])!;
    expect(parts.first.map(({ dOut }) => dOut).sort()).toEqual([2, 3]);
    expect(parts.rest.vjpGraph(5, 2).graph.outputs[0]!.shape).toEqual([2, 5, 5]);
  });

  it('begins behind the first of several tensors of one size', () => {
    const steps: readonly Step[] = [
      ['MatMul', ['x', 'w8x3'], 'a'],
      ['Add', ['a', 'w3'], 'b'],
      ['Tanh', ['b'], 'y'],
    ];
    const operators = (graph: Graph) => graph.nodes.map(({ opType }) => opType);
    const { first, rest } = narrowed(steps)!;
    expect(operators(first[0]!.forwardGraph(2).graph)).not.toContain('Add');
    expect(operators(rest.forwardGraph(2).graph)).toContain('Add');
  });

  const shifted: readonly Step[] = [['Add', ['x', 'z'], 'a'], ['MatMul', ['a', 'w8x3'], 't'], end('t')];
  const inputs = ['x', 'z'].map((name) => ({ name, elementType: 'float32', shape: ['n', 8] }) as const);

  it('takes what is fixed as constant, and nothing that samples bring', () => {
    expect(narrowed(shifted, { fixed: { z: 2 } }, { inputs })?.rest.dIn).toBe(3);
    expect(narrowed(shifted, { input: 'x' }, { inputs })).toBeUndefined();
  });

  it('begins at the tensor that is differentiated with respect to', () => {
    const steps: readonly Step[] = [['Tanh', ['x'], 'hidden'], ['MatMul', ['hidden', 'w8x3'], 't'], end('t')];
    expect(narrowed(steps)).toBeUndefined();
    const parts = narrowed(steps, { input: 'hidden' })!;
    expect([parts.first[0]!.dIn, parts.rest.dIn, parts.rest.sampleSize]).toEqual([8, 3, 8]);
    expect(parts.rest.narrowed()).toBeUndefined();
  });

  it('ends where the output is', () => {
    const steps: readonly Step[] = [
      ['MatMul', ['x', 'w8x4'], 'a'],
      ['Softmax', ['a'], 'y'],
    ];
    const { rest } = narrowed(steps)!;
    expect([rest.head.kind, rest.dIn, rest.dOut]).toEqual(['softmax', 4, 4]);
  });

  it.each([1, 4])('keeps a fixed batch of %i', (n) => {
    const fixed = { inputs: [{ name: 'x', elementType: 'float32', shape: [n, 8] } as const] };
    const steps: readonly Step[] = [['MatMul', ['x', 'w8x3'], 't'], end('t')];
    const parts = narrowed(steps, {}, fixed)!;
    expect([parts.rest.fixedBatchSize, parts.rest.dIn]).toEqual([n, 3]);
    expect(new NetworkGraph(network(steps, fixed)).withFreeBatch()?.narrowed()?.rest.fixedBatchSize).toBe(
      undefined,
    );
  });
});

describe('affine operators', () => {
  it('have a derivative', () => {
    const rules = [...coveredOperators].flatMap(([name, operator]) =>
      'rewrite' in operator || operator.affine === undefined ? [] : [[name, operator.vjp] as const],
    );
    expect(rules.length).toBeGreaterThan(30);
    expect(rules.filter(([, vjp]) => vjp === undefined)).toEqual([]);
  });
});
