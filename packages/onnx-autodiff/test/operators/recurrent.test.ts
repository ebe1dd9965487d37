import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { coveredOperators, GraphBuilder, tensorOf, type Attribute } from '../../src/index.ts';
import { graphOf, node } from '../models.ts';

const STEPS = 3;
const HIDDEN = 2;

interface Change {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** The builder after an LSTM of three steps on a batch of 5. */
function built({ attributes = {}, shapes = {} }: Change = {}): GraphBuilder {
  const inputs = { x: [STEPS, 5, 4], w: [1, 8, 4], r: [1, 8, HIDDEN], b: [1, 16], ...shapes };
  const graph = graphOf(
    [node('LSTM', ['x', 'w', 'r', 'b', 'lengths'], { outputs: ['y', 'h'], attributes })],
    { initializers: new Map([['lengths', tensorOf('int32', [5], [3, 3, 3, 3, 3])]]) },
  );
  const builder = new GraphBuilder(graph, coveredOperators);
  for (const [name, shape] of Object.entries(inputs))
    builder.addInput(name, { elementType: 'float32', shape });
  for (const each of graph.nodes) builder.addSourceNode(each);
  return builder;
}

function refusal(change: Change): unknown {
  try {
    return built(change).shape('y');
  } catch (error) {
    if (EdjmError.is(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

const refused = (code: string, says: RegExp): unknown => ({
  code,
  message: expect.stringMatching(says) as string,
});

describe('recurrent operators', () => {
  it('are written step after step, with one product for all inputs and one for each step', () => {
    const builder = built();
    const { nodes } = builder.build([builder.resolve('y')]);
    const count = (opType: string) => nodes.filter((each) => each.opType === opType).length;
    expect(builder.shape('y')).toEqual([STEPS, 1, 5, HIDDEN]);
    expect(builder.shape('h')).toEqual([1, 5, HIDDEN]);
    expect(count('Gemm')).toBe(1 + STEPS);
    expect(count('Where')).toBe(0);
    // A sigmoid takes four nodes.
    expect(nodes.length).toBeLessThanOrEqual(10 + 13 * STEPS);
  });

  it.each<[string, Change, ReturnType<typeof refused>]>([
    [
      'a direction that is none',
      { attributes: { direction: { string: 'up' } } },
      refused('INVALID_FILE', /direction .* got "up"/),
    ],
    [
      'an activation function that is none',
      { attributes: { activations: { strings: ['Sigmoid', 'Tanh', 'constructor'] } } },
      refused('INVALID_FILE', /expected activation functions among relu, .* got "constructor"/),
    ],
    [
      'too few activation functions',
      { attributes: { activations: { strings: ['Tanh'] } } },
      refused('INVALID_FILE', /expected 3 activation functions, got 1/),
    ],
    [
      'weights that do not fit',
      { shapes: { w: [1, 6, 4] } },
      refused('SHAPE_MISMATCH', /shape \[1, 8, 4\] .* got \[1, 6, 4\]/),
    ],
    [
      'weights of one direction for two',
      { attributes: { direction: { string: 'bidirectional' } } },
      refused('SHAPE_MISMATCH', /expected the shape \[2, /),
    ],
    [
      'a sequence of two axes',
      { shapes: { x: [3, 4] } },
      refused('SHAPE_MISMATCH', /weights of three axes, got the shapes \[3, 4\]/),
    ],
    [
      'a sequence of 2^30 steps',
      { shapes: { x: [2 ** 30, 5, 4] } },
      refused('UNSUPPORTED', /LSTM of y and h"\): expected loops of at most 131072 nodes/),
    ],
    [
      'lengths of another batch',
      { shapes: { x: [3, 6, 4] } },
      refused('SHAPE_MISMATCH', /shape \[6\] for its input "lengths"/),
    ],
  ])('are refused with %s', (_, change, expected) => {
    expect(refusal(change)).toEqual(expected);
  });
});
