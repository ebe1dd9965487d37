import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  NetworkGraph,
  straightThroughOperators,
  tensorOf,
  type Graph,
} from '../../src/index.ts';
import { floats, graphOf, node } from '../models.ts';

/** A layer between integers: x is quantized, and what it stands for is multiplied by weights. */
function quantizedLayer(): Graph {
  return graphOf(
    [
      node('QuantizeLinear', ['x', 's', 'z'], { outputs: ['q'] }),
      node('Reshape', ['q', 'shape'], { outputs: ['r'] }),
      node('DequantizeLinear', ['r', 's', 'z'], { outputs: ['d'] }),
      node('MatMul', ['d', 'w']),
    ],
    {
      initializers: new Map([
        ['s', floats([], 0.1)],
        ['z', tensorOf('uint8', [], [128])],
        ['shape', tensorOf('int64', [2], [-1, 4])],
        ['w', floats([4, 2], 1, 2, 3, 4, 5, 6, 7, 8)],
      ]),
    },
  );
}

const operators = ({ nodes }: Graph) => nodes.map(({ opType }) => opType);

describe('a network between integers', () => {
  it('runs forward as it stands', () => {
    const { graph } = new NetworkGraph(quantizedLayer()).forwardGraph(2);
    expect(operators(graph)).toContain('QuantizeLinear');
  });

  it('is refused if derivatives are asked for, with the option that gives them', () => {
    const network = new NetworkGraph(quantizedLayer());
    expect(() => network.vjpGraph(2, 1)).toThrow(
      /got QuantizeLinear \(node "QuantizeLinear of q"\), which rounds: its derivative is 0 wherever there is one\. .* 'straightThrough' \(--straight-through\)/,
    );
  });

  it('is differentiated straight through on request', () => {
    const network = new NetworkGraph(quantizedLayer(), { straightThrough: true });
    expect(network.dOut).toBe(2);
    expect(operators(network.vjpGraph(2, 1).graph)).not.toContain('QuantizeLinear');
  });

  it('is refused if the integers come out of the data dynamically', () => {
    const graph = graphOf(
      [
        node('DynamicQuantizeLinear', ['x'], { outputs: ['q', 's', 'z'] }),
        node('MatMulInteger', ['q', 'w', 'z'], { outputs: ['sum'] }),
        node('Cast', ['sum'], { outputs: ['real'], attributes: { to: { int: 1 } } }),
        node('Mul', ['real', 's']),
      ],
      { initializers: new Map([['w', tensorOf('int8', [4, 2], [1, 2, 3, 4, 5, 6, 7, 8])]]) },
    );
    expect(() => new NetworkGraph(graph).vjpGraph(2, 1)).toThrow(/DynamicQuantizeLinear .* which rounds/);
    expect(() => new NetworkGraph(graph, { straightThrough: true }).vjpGraph(2, 1)).not.toThrow();
  });

  it('is differentiated where the rounded numbers do not reach the output', () => {
    const { nodes, ...rest } = quantizedLayer();
    const network = new NetworkGraph({ ...rest, nodes: [...nodes.slice(0, 3), node('MatMul', ['x', 'w'])] });
    expect(operators(network.vjpGraph(2, 1).graph)).not.toContain('QuantizeLinear');
  });

  it('is refused if the scales fit nothing', () => {
    const graph = quantizedLayer();
    const initializers = new Map([...graph.initializers, ['s', floats([3], 1, 2, 3)] as const]);
    expect(() => new NetworkGraph({ ...graph, initializers }).forwardGraph(2)).toThrow(
      /expected a scale for the tensor, for each slice of axis 1, or for each whole block of them, got the shape \[3\] for \[\d+, 4\]/,
    );
  });

  it('has rules for the same operators with and without the request', () => {
    expect([...straightThroughOperators.keys()]).toEqual([...coveredOperators.keys()]);
  });
});

describe('a network that ends in a step', () => {
  const layer = node('MatMul', ['x', 'w'], { outputs: ['z'] });
  const initializers = new Map([['w', floats([4, 2], 1, 2, 3, 4, 5, 6, 7, 8)]]);

  it.each(['Round', 'Floor', 'Ceil', 'Sign'])('by %s is refused, with a tensor in front of it', (opType) => {
    const graph = graphOf([layer, node(opType, ['z'], { outputs: ['s'] }), node('MatMul', ['s', 'v'])], {
      initializers: new Map([...initializers, ['v', floats([2, 2], 1, 2, 3, 4)]]),
    });
    const network = new NetworkGraph(graph);
    expect(() => network.forwardGraph(2)).not.toThrow();
    expect(() => network.vjpGraph(2, 1)).toThrow(
      new RegExp(`got ${opType} .*, a step: its derivative is 0 .* such as "z", by the option 'output'`),
    );
    expect(() => new NetworkGraph(graph, { output: 'z' }).gramGraph(2, 1)).not.toThrow();
  });

  it.each(['Round', 'Floor', 'Ceil'])('by %s is differentiated straight through on request', (opType) => {
    const graph = graphOf([layer, node(opType, ['z'])], { initializers });
    expect(() => new NetworkGraph(graph).gramGraph(2, 1)).toThrow(/--straight-through/);
    expect(() => new NetworkGraph(graph, { straightThrough: true }).gramGraph(2, 1)).not.toThrow();
  });

  it('is differentiated if another path leads around the step', () => {
    const graph = graphOf([layer, node('Floor', ['z'], { outputs: ['s'] }), node('Sub', ['z', 's'])], {
      initializers,
    });
    expect(() => new NetworkGraph(graph).vjpGraph(2, 1)).not.toThrow();
  });

  it('by a comparison or the place of the maximum is refused', () => {
    const compared = [
      layer,
      node('Greater', ['z', 'zero'], { outputs: ['b'] }),
      node('Cast', ['b'], { attributes: { to: { int: 1 } } }),
    ];
    const graph = graphOf(compared, { initializers: new Map([...initializers, ['zero', floats([], 0)]]) });
    expect(() => new NetworkGraph(graph)).toThrow(/expected an output "y" that depends on "x"/);
    const placed = graphOf([layer, node('Hardmax', ['z'])], { initializers });
    expect(() => new NetworkGraph(placed)).toThrow(/expected an output "y" that depends on "x"/);
  });
});

describe('a network that draws random numbers', () => {
  it.each(['RandomNormalLike', 'RandomUniformLike', 'Bernoulli'])(
    'by %s is refused with the reason',
    (opType) => {
      const graph = graphOf([node(opType, ['x'], { outputs: ['r'] }), node('Add', ['x', 'r'])]);
      expect(() => new NetworkGraph(graph)).toThrow(
        new RegExp(
          `${opType} .*A network that draws random numbers has no Jacobian: export it in evaluation mode`,
        ),
      );
    },
  );

  it('beside the output does no harm', () => {
    const graph = graphOf([node('RandomNormalLike', ['x'], { outputs: ['r'] }), node('Relu', ['x'])]);
    expect(() => new NetworkGraph(graph).vjpGraph(2, 1)).not.toThrow();
  });

  it('by dropout or batch normalization is refused too', () => {
    const ones = floats([4], 1, 1, 1, 1);
    const training = new Map([
      ['mode', tensorOf('bool', [], [1])],
      ['v', ones],
    ] as const);
    const dropout = graphOf([node('Dropout', ['x', '', 'mode'])], { initializers: training });
    expect(() => new NetworkGraph(dropout)).toThrow(/expected dropout in inference mode/);
    const normalization = graphOf(
      [node('BatchNormalization', ['x', 'v', 'v', 'v', 'v'], { attributes: { training_mode: { int: 1 } } })],
      { initializers: training },
    );
    expect(() => new NetworkGraph(normalization)).toThrow(/in inference mode, got training mode/);
  });
});
