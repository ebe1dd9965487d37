import { describe, expect, it } from 'vitest';
import { NetworkGraph, type Graph, type NetworkGraphOptions, type ValueInfo } from '../src/index.ts';
import { floats, graphOf, node, smallNetwork } from './models.ts';

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
    expect([network.inputShape, network.inputSize, network.outputSize]).toEqual([[1, 4, 4], 16, 3]);
    expect(network.forwardGraph(5).graph.outputs[0]!.shape).toEqual([5, 3]);
    expect(network.vjpGraph(5, 2).graph.outputs[0]!.shape).toEqual([2, 5, 16]);
    expect(network.vjpGraph(10, 2).workspaceBytes).toBeGreaterThan(network.vjpGraph(5, 2).workspaceBytes);
  });

  it('takes the values of other inputs', () => {
    const graph = graphOf(add, { inputs: [value('x', ['n', 4]), value('z', [4])] });
    const network = new NetworkGraph(graph, { constants: new Map([['z', floats([4], 1, 2, 3, 4)]]) });
    expect(network.outputSize).toBe(4);
  });

  it('takes the shape of a sample where the model leaves it open', () => {
    const graph = graphOf(relu, { inputs: [value('x', ['n', 'width'])] });
    expect(new NetworkGraph(graph, { inputShape: [7] }).outputSize).toBe(7);
  });

  it('finds the logits before a softmax, or adds one', () => {
    const kinds = ['logit', 'probability', 'log-probability'] as const;
    const endings = (graph: Graph) =>
      kinds.map((outputKind) =>
        new NetworkGraph(graph, { outputKind })
          .forwardGraph(2)
          .graph.nodes.map(({ opType }) => opType)
          .filter((opType) => opType.includes('Softmax')),
      );
    const softmax = graphOf([node('Softmax', ['x'])]);
    expect(endings(softmax)).toEqual([[], ['Softmax'], ['LogSoftmax']]);
    expect(endings(graphOf(relu))).toEqual([[], ['Softmax'], ['LogSoftmax']]);
  });

  it.each<[string, Graph, NetworkGraphOptions, string, RegExp]>([
    [
      'two inputs',
      graphOf(add, { inputs: [value('x', ['n', 4]), value('z', [4])] }),
      {},
      'AMBIGUOUS',
      /m\.onnx: expected one input, got "x", "z"\. Choose one/,
    ],
    [
      'two inputs of which one is chosen',
      graphOf(add, { inputs: [value('x', ['n', 4]), value('z', [4])] }),
      { input: 'x' },
      'UNSUPPORTED',
      /expected a network of one input, got also "z"/,
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
      /expected an output among "y", got "q"/,
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
      graphOf(relu, { inputs: [value('x', ['n', 4], 'int64')] }),
      {},
      'UNSUPPORTED',
      /expected an input of type float32 or float64, got int64/,
    ],
    [
      'an output of integers',
      graphOf([node('ArgMax', ['x'])]),
      {},
      'UNSUPPORTED',
      /expected an output of type float32, got int64 for "y"/,
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
