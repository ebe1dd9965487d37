import { describe, expect, it } from 'vitest';
import { NetworkGraph, type Graph, type NetworkGraphOptions, type ValueInfo } from '../../src/index.ts';
import { floats, graphOf, node, smallNetwork } from '../models.ts';

const value = (
  name: string,
  shape?: ValueInfo['shape'],
  elementType: ValueInfo['elementType'] = 'float32',
): ValueInfo => ({
  name,
  elementType,
  ...(shape && { shape }),
});

const relu = [node('Relu', ['x'])];
const add = [node('Add', ['x', 'z'])];

describe('NetworkGraph', () => {
  it('writes graphs for any batch size and number of cotangents', () => {
    const network = new NetworkGraph(smallNetwork());
    expect([network.inputShape, network.sampleSize, network.dOut]).toEqual([[1, 4, 4], 16, 3]);
    expect(network.forwardGraph(5).graph.outputs[0]!.shape).toEqual([5, 3]);
    expect(network.vjpGraph(5, 2).graph.outputs[0]!.shape).toEqual([2, 5, 16]);
    expect(network.vjpGraph(10, 2).workspaceBytes).toBeGreaterThan(network.vjpGraph(5, 2).workspaceBytes);
  });

  it.each([
    ['bfloat16', 16, 'Relu'],
    ['float16', 10, 'Relu'],
    ['float16', 10, 'Sigmoid'],
    ['bfloat16', 16, 'Softmax'],
  ] as const)('refuses to compute in %s (type %i, %s) and says what to do', (type, to, operator) => {
    const nodes = [
      node('Cast', ['x'], { outputs: ['h'], attributes: { to: { int: to } } }),
      node(operator, ['h'], { outputs: ['r'] }),
      node('Cast', ['r'], { attributes: { to: { int: 1 } } }),
    ];
    const graph = graphOf(nodes, { inputs: [value('x', ['n', 4])] });
    expect(() => new NetworkGraph(graph)).toThrow(
      new RegExp(
        `${operator}.*expected a network that computes in float32.*${type}.*Export the network in float32`,
      ),
    );
  });

  it('passes numbers of 16 bits on where they are only moved', () => {
    const nodes = [
      node('Cast', ['x'], { outputs: ['h'], attributes: { to: { int: 10 } } }),
      node('Transpose', ['h'], { outputs: ['t'], attributes: { perm: { ints: [0, 1] } } }),
      node('Cast', ['t'], { attributes: { to: { int: 1 } } }),
    ];
    const network = new NetworkGraph(graphOf(nodes, { inputs: [value('x', ['n', 4])] }));
    expect(network.vjpGraph(2, 1).graph.outputs[0]!.shape).toEqual([1, 2, 4]);
  });

  it('takes the values of other inputs', () => {
    const graph = graphOf(add, { inputs: [value('x', ['n', 4]), value('z', [4])] });
    const z = { shape: [4], data: [1, 2, 3, 4] };
    for (const value of [z, 0.5]) {
      const network = new NetworkGraph(graph, { fixed: { z: value } });
      expect([network.sampleSize, network.dOut]).toEqual([4, 4]);
    }
  });

  it('takes one value of another input for every sample', () => {
    const graph = graphOf(add, { inputs: [value('x', ['n', 4]), value('z', ['n', 4])] });
    for (const shape of [[4], [1, 4]]) {
      const network = new NetworkGraph(graph, { fixed: { z: { shape, data: [1, 2, 3, 4] } } });
      expect(network.forwardGraph(3).graph.outputs[0]!.shape).toEqual([3, 4]);
    }
  });

  it('takes several inputs side by side, and differentiates with respect to one', () => {
    const inputs = [value('x', ['n', 2, 2]), value('z', ['n', 1, 2])];
    const network = new NetworkGraph(graphOf(add, { inputs }), { input: 'z' });
    expect([network.inputShape, network.dIn, network.dOut]).toEqual([[6], 2, 4]);
    expect(network.vjpGraph(5, 3).graph.outputs[0]!.shape).toEqual([3, 5, 2]);
  });

  it('differentiates with respect to real numbers where other inputs are indices', () => {
    const inputs = [value('x', ['n', 4]), value('i', ['n', 4], 'int64')];
    const nodes = [
      node('Cast', ['i'], { outputs: ['c'], attributes: { to: { int: 1 } } }),
      node('Mul', ['x', 'c']),
    ];
    const network = new NetworkGraph(graphOf(nodes, { inputs }));
    expect([network.sampleSize, network.dIn]).toEqual([8, 4]);
  });

  it('differentiates any tensor with respect to any other', () => {
    const nodes = [
      node('Tanh', ['x'], { outputs: ['a'] }),
      node('Concat', ['a', 'a'], { outputs: ['b'], attributes: { axis: { int: 1 } } }),
      node('Exp', ['b']),
    ];
    const graph = graphOf(nodes, { inputs: [value('x', ['n', 4])] });
    const network = new NetworkGraph(graph, { input: 'a', output: 'b' });
    expect([network.sampleSize, network.dIn, network.dOut]).toEqual([4, 4, 8]);
    expect(() => new NetworkGraph(graph, { input: 'b', output: 'a' })).toThrow(/"a" that depends on "b"/);
  });

  it('says where a network of tokens can be differentiated', () => {
    const nodes = [node('Gather', ['table', 'x'], { outputs: ['embedded'] }), node('Tanh', ['embedded'])];
    const graph = graphOf(nodes, {
      inputs: [value('x', ['n', 3], 'int64')],
      initializers: new Map([['table', floats([2, 2], 1, 2, 3, 4)]]),
    });
    expect(() => new NetworkGraph(graph)).toThrow(/--input NAME\), such as "embedded"/);
    const network = new NetworkGraph(graph, { input: 'embedded' });
    expect([network.sampleSize, network.dIn, network.dOut]).toEqual([3, 6, 6]);
  });

  it('takes the shape of a sample where the model leaves it open', () => {
    const graph = graphOf(relu, { inputs: [value('x', ['n', 'width'])] });
    expect(new NetworkGraph(graph, { inputShape: [7] }).dOut).toBe(7);
  });

  it('gives the logits before a softmax', () => {
    const operators = (graph: Graph) =>
      new NetworkGraph(graph).forwardGraph(2).graph.nodes.map(({ opType }) => opType);
    expect(operators(graphOf([node('Softmax', ['x'])]))).not.toContain('Softmax');
    expect(operators(graphOf(relu))).toContain('Relu');
  });

  it.each<[string, Graph, NetworkGraphOptions, string, RegExp]>([
    [
      'two inputs',
      graphOf(add, { inputs: [value('x', ['n', 4]), value('z', [4])] }),
      {},
      'AMBIGUOUS',
      /m\.onnx: expected one input, got "x", "z"\. Choose the one/,
    ],
    [
      'a value for an input that is not there',
      graphOf(relu),
      { fixed: { q: 1 } },
      'INVALID_ARGUMENT',
      /expected values for inputs among "x", got one for "q"/,
    ],
    [
      'a value of another rank',
      graphOf(add, { inputs: [value('x', ['n', 4]), value('z', ['n', 4])] }),
      { fixed: { z: { shape: [1, 1, 4], data: [1, 2, 3, 4] } } },
      'SHAPE_MISMATCH',
      /value for "z" of the shape \[n, 4\], or of one sample's, got \[1, 1, 4\]/,
    ],
    [
      'inputs of different batch sizes',
      graphOf(add, { inputs: [value('x', [2, 4]), value('z', [1, 4])] }),
      { input: 'x' },
      'UNSUPPORTED',
      /expected inputs of one batch size, got sizes of 2, 1/,
    ],
    [
      'two outputs',
      graphOf(relu, { outputs: [value('y'), value('x')] }),
      {},
      'AMBIGUOUS',
      /expected one output, got "y", "x"/,
    ],
    [
      'an output of another name',
      graphOf(relu),
      { output: 'q' },
      'INVALID_ARGUMENT',
      /expected an output among the model's tensors of real numbers "y", got "q"/,
    ],
    [
      'an input of unknown shape',
      graphOf(relu, { inputs: [value('x')] }),
      {},
      'AMBIGUOUS',
      /got "x" \[no shape\]\. Give the shape of one sample/,
    ],
    [
      'an input of unknown width',
      graphOf(relu, { inputs: [value('x', ['n', 'width'])] }),
      {},
      'AMBIGUOUS',
      /got "x" \[n, width\]/,
    ],
    [
      'an input of integers',
      graphOf([node('Cast', ['x'], { attributes: { to: { int: 1 } } })], {
        inputs: [value('x', ['n', 4], 'int64')],
      }),
      {},
      'UNSUPPORTED',
      /expected an input of type float32 or float64, got int64/,
    ],
    [
      'an output of integers',
      graphOf([node('ArgMax', ['x'])]),
      {},
      'UNSUPPORTED',
      /expected an output of real numbers, got int64 for "y"/,
    ],
    [
      'an output without a row for each sample',
      graphOf([node('ReduceSum', ['x'])], { inputs: [value('x', [2, 4])] }),
      {},
      'UNSUPPORTED',
      /one row for each of 2 samples, got the shape \[1, 1\]/,
    ],
    [
      'an operator without a rule',
      graphOf([node('Bernoulli', ['x'])]),
      {},
      'UNSUPPORTED',
      /not covered: Bernoulli \(node "Bernoulli of y"\)/,
    ],
  ])('refuses %s', (...[, graph, options, code, says]) => {
    const message = expect.stringMatching(says) as string;
    let error: unknown;
    try {
      new NetworkGraph(graph, { name: 'm.onnx', ...options });
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code, message });
  });
});
