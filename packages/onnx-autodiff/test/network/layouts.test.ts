import { describe, expect, it } from 'vitest';
import { NetworkGraph, type NetworkGraphOptions, type ValueInfo } from '../../src/index.ts';
import { floats, graphOf, ints, node } from '../models.ts';

const value = (name: string, shape?: ValueInfo['shape']): ValueInfo => ({
  name,
  elementType: 'float32',
  ...(shape && { shape }),
});

const sizes = (network: NetworkGraph) => [network.sampleSize, network.dIn, network.dOut];
const shapeOf = (network: NetworkGraph, n: number) => network.forwardGraph(n).graph.outputs[0]!.shape;

describe('outputs', () => {
  it('may have lost the axis of one output', () => {
    const summed = node('ReduceSum', ['x', 'axis'], { attributes: { keepdims: { int: 0 } } });
    const nodes = [node('ReduceSum', ['x', 'axis'], { outputs: ['s'] }), node('Squeeze', ['s'])];
    for (const graph of [graphOf([summed]), graphOf(nodes)]) {
      const network = new NetworkGraph({ ...graph, initializers: new Map([['axis', ints(1)]]) });
      expect([network.fixedBatchSize, ...sizes(network)]).toEqual([undefined, 4, 4, 1]);
      expect([shapeOf(network, 1), shapeOf(network, 5)]).toEqual([[1, 1], [5, 1]]); // prettier-ignore
      expect(network.vjpGraph(1, 3).graph.outputs[0]!.shape).toEqual([3, 1, 4]);
    }
  });

  it('need no batch axis if the batch is 1', () => {
    const nodes = [node('Reshape', ['x', 'shape'])];
    for (const shape of [ints(6), ints(2, 3), ints(3, 1, 2)]) {
      const inputs = [value('x', [1, 1, 2, 3])];
      const network = new NetworkGraph(graphOf(nodes, { inputs, initializers: new Map([['shape', shape]]) }));
      expect([network.fixedBatchSize, ...sizes(network)]).toEqual([1, 6, 6, 6]);
      expect(network.vjpGraph(1, 2).graph.outputs[0]!.shape).toEqual([2, 1, 6]);
    }
  });

  it('may have the batch on the axis that grows with it', () => {
    const nodes = [node('Transpose', ['x'], { attributes: { perm: { ints: [1, 0, 2] } } })];
    const network = new NetworkGraph(graphOf(nodes, { inputs: [value('x', ['n', 2, 3])] }));
    expect(sizes(network)).toEqual([6, 6, 6]);
    expect([shapeOf(network, 2), shapeOf(network, 7)]).toEqual([[2, 6], [7, 6]]); // prettier-ignore
  });

  it('are refused without a row for each sample', () => {
    const nodes = [node('ReduceMean', ['x', 'axis'], { attributes: { keepdims: { int: 0 } } })];
    const graph = graphOf(nodes, { initializers: new Map([['axis', ints(0)]]) });
    expect(() => new NetworkGraph(graph)).toThrow(
      /one row for each of 2 samples, got the shape \[4\]\. Choose/,
    );
  });
});

describe('a network that runs with one sample alone', () => {
  const w = floats([4, 3], ...Array.from({ length: 12 }, (_, index) => index));

  it.each<[string, Parameters<typeof graphOf>]>([
    [
      'as it flattens the batch',
      [
        [
          node('Flatten', ['x'], { outputs: ['f'], attributes: { axis: { int: 0 } } }),
          node('MatMul', ['f', 'w']),
        ],
        { initializers: new Map([['w', w]]) },
      ],
    ],
    [
      'as a constant shape has no room for more',
      [
        [node('Reshape', ['x', 's'], { outputs: ['f'] }), node('MatMul', ['f', 'w'])],
        { initializers: new Map([['w', w], ['s', ints(1, 4)]]) }, // prettier-ignore
      ],
    ],
    [
      'as all samples would stand in one row',
      [[node('Flatten', ['x'], { attributes: { axis: { int: 0 } } })]],
    ],
  ])('takes one at a time, %s', (_, graph) => {
    const network = new NetworkGraph(graphOf(...graph));
    expect([network.fixedBatchSize, network.dIn]).toEqual([1, 4]);
    expect(shapeOf(network, 1)).toEqual([1, network.dOut]);
  });
});

describe('a batch on the second axis', () => {
  const options: NetworkGraphOptions = { batchAxis: 1 };
  const nodes = [node('MatMul', ['x', 'w'], { outputs: ['t'] }), node('Tanh', ['t'])];
  const initializers = new Map([
    ['w', floats([4, 2], ...Array.from({ length: 8 }, (_, index) => index / 8))],
  ]);

  it('is taken at inputs and outputs', () => {
    const network = new NetworkGraph(
      graphOf(nodes, { inputs: [value('x', [3, 'n', 4])], initializers }),
      options,
    );
    expect([network.inputShape, ...sizes(network)]).toEqual([[3, 4], 12, 12, 6]);
    for (const n of [2, 3, 8]) {
      expect(shapeOf(network, n)).toEqual([n, 6]);
      expect(network.vjpGraph(n, 5).graph.outputs[0]!.shape).toEqual([5, n, 12]);
    }
    const inner = new NetworkGraph(graphOf(nodes, { inputs: [value('x', [3, 'n', 4])], initializers }), {
      ...options,
      input: 't',
    });
    expect(inner.vjpGraph(3, 5).graph.outputs[0]!.shape).toEqual([5, 3, 6]);
  });

  it('may be gone to the first axis of the output', () => {
    const last = [node('Gather', ['x', 'last'], { outputs: ['h'] }), node('MatMul', ['h', 'w'])];
    const constants = new Map([...initializers, ['last', ints(-1)]]);
    const squeezed = [
      ...last.slice(0, 1),
      node('Squeeze', ['h', 'zero'], { outputs: ['q'] }),
      node('MatMul', ['q', 'w']),
    ];
    constants.set('zero', ints(0));
    const graph = graphOf(squeezed, { inputs: [value('x', [3, 'n', 4])], initializers: constants });
    const network = new NetworkGraph(graph, options);
    expect(sizes(network)).toEqual([12, 12, 2]);
    expect([shapeOf(network, 2), shapeOf(network, 9)]).toEqual([[2, 2], [9, 2]]); // prettier-ignore
  });

  it('is proposed if only that is open', () => {
    const graph = graphOf(nodes, { inputs: [value('x', [3, 'n', 4])], initializers });
    expect(() => new NetworkGraph(graph)).toThrow(
      /\(--input-shape SHAPE\)\. If the batch .*\(--batch-axis AXIS\)/,
    );
  });
});

describe('fixed values', () => {
  /** x + the first row of a state of two rows. */
  const withState = (x: ValueInfo['shape'], state: ValueInfo['shape']) =>
    graphOf(
      [
        node('Gather', ['h', 'zero'], { outputs: ['h0'] }),
        node('Concat', ['x', 'h0'], { attributes: { axis: { int: 1 } } }),
      ],
      {
        inputs: [value('x', x), value('h', state)],
        initializers: new Map([['zero', { ...ints(0), shape: [] }]]),
      },
    );
  const data = Array.from({ length: 6 }, (_, index) => index);

  it.each<[string, ValueInfo['shape']]>([
    ['of its name', [2, 'n', 3]],
    ['of another name', [2, 'other', 3]],
    ['without a name', [2, undefined, 3]],
  ])('have the batch on an axis %s, whole, of one sample, or one number', (_, declared) => {
    for (const h of [{ shape: [2, 1, 3], data }, { shape: [2, 3], data }, 0]) {
      const network = new NetworkGraph(withState(['n', 4], declared), { fixed: { h } });
      expect([network.fixedBatchSize, ...sizes(network)]).toEqual([undefined, 4, 4, 7]);
      expect(shapeOf(network, 6)).toEqual([6, 7]);
    }
  });

  it('fill a known shape as it is', () => {
    for (const batch of [1, 'n'] as const) {
      for (const h of [{ shape: [2, 1, 3], data }, { shape: [2, 3], data }, 0]) {
        const network = new NetworkGraph(withState([batch, 4], [2, 1, 3]), { fixed: { h } });
        expect([network.fixedBatchSize, ...sizes(network)]).toEqual([1, 4, 4, 7]);
      }
    }
  });

  it('follow a batch that is freed', () => {
    const network = new NetworkGraph(withState([1, 4], [2, 1, 3]), { fixed: { h: 0 } }).withFreeBatch()!;
    expect(shapeOf(network, 6)).toEqual([6, 7]);
  });

  it('are refused for several samples', () => {
    const h = { shape: [2, 5, 3], data: Array.from({ length: 30 }, () => 0) };
    expect(() => new NetworkGraph(withState(['n', 4], [2, 'n', 3]), { fixed: { h } })).toThrow(
      /"h" of the shape \[2, n, 3\], or of one sample's, got \[2, 5, 3\]\. Give one value for every sample/,
    );
  });

  it('decide the branch of an If', () => {
    const branch = (opType: string) => ({
      graph: {
        name: opType,
        inputs: [],
        outputs: [value('b')],
        initializers: new Map(),
        nodes: [node(opType, ['x'], { outputs: ['b'] })],
      },
    });
    for (const [elementType, shape] of [
      ['bool', []],
      ['int64', []],
      ['int64', [1]],
      ['float32', [1]],
    ] as const) {
      // prettier-ignore
      const nodes = [
        node('Cast', ['mode'], { outputs: ['c'], attributes: { to: { int: 9 } } }),
        node('If', ['c'], { attributes: { then_branch: branch('Sin'), else_branch: branch('Cos') } }),
      ];
      const graph = graphOf(nodes, { inputs: [value('x', ['n', 4]), { name: 'mode', elementType, shape }] });
      for (const [mode, opType] of [
        [1, 'Sin'],
        [0, 'Cos'],
      ] as const) {
        // prettier-ignore
        for (const given of [mode, { shape, data: [mode] }, { shape: [], data: [mode] }]) {
          const network = new NetworkGraph(graph, { fixed: { mode: given }, input: 'x' });
          expect(network.fixedBatchSize).toBeUndefined();
          expect(network.forwardGraph(3).graph.nodes.map((made) => made.opType)).toContain(opType);
        }
      }
    }
  });
});

describe('shapes that a model leaves open', () => {
  const open = graphOf([node('Relu', ['x'])], { inputs: [value('x', ['n', 3, 'height', undefined])] });
  const one = graphOf([node('Relu', ['x'])], { inputs: [value('x', ['n', 3, 2, 'width'])] });

  it('are told by the data', () => {
    expect(new NetworkGraph(open, { dataShape: [3, 2, 5] }).inputShape).toEqual([3, 2, 5]);
    expect(new NetworkGraph(one, { dataShape: [30] }).inputShape).toEqual([3, 2, 5]);
  });

  it('are not guessed', () => {
    for (const [graph, dataShape] of [
      [open, [30]],
      [open, [2, 5, 3]],
      [one, [31]],
      [one, [5, 6]],
    ] as const) {
      expect(() => new NetworkGraph(graph, { dataShape })).toThrow(/Give the shape of one sample/);
    }
  });

  it('of a shape without a name are those of the data, not of fixed values', () => {
    const nodes = [node('Concat', ['x', 'z'], { attributes: { axis: { int: 1 } } })];
    const graph = graphOf(nodes, { inputs: [value('x', ['n', 'w']), value('z', ['n', 2])] });
    const network = new NetworkGraph(graph, { inputShape: [5], fixed: { z: 0 } });
    expect(sizes(network)).toEqual([5, 5, 7]);
  });
});
