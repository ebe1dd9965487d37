import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  differentiate,
  GraphBuilder,
  tensorOf,
  valuesOf,
  type Graph,
} from '../../src/index.ts';
import { floats, graphOf, node } from '../models.ts';

function builderOf(graph: Graph): GraphBuilder {
  const builder = new GraphBuilder(graph, coveredOperators);
  builder.addInput('x', { elementType: 'float32', shape: [2, 4] });
  for (const source of graph.nodes) builder.addSourceNode(source);
  return builder;
}

/** The products of y with K = 3 cotangents. */
function products(builder: GraphBuilder, inputs: readonly string[], output = 'y'): readonly string[] {
  const { elementType, shape } = builder.type(output);
  const cotangents = builder.addInput('c', { elementType, shape: [3, ...shape] });
  return differentiate(builder, { output, inputs, cotangents });
}

describe('differentiate', () => {
  it('gives one product for each cotangent and input', () => {
    const builder = builderOf(graphOf([node('Tanh', ['x'])]));
    expect(products(builder, ['x']).map((name) => builder.shape(name))).toEqual([[3, 2, 4]]);
  });

  it('gives zeros where the output does not depend on the input', () => {
    const builder = builderOf(graphOf([node('Tanh', ['x'], { outputs: ['t'] }), node('Neg', ['x'])]));
    const [zeros = ''] = products(builder, ['t']);
    expect(builder.shape(zeros)).toEqual([3, 2, 4]);
    expect(valuesOf(builder.constantValue(zeros)!).every((value) => value === 0)).toBe(true);
  });

  it('gives zeros where all ways lead through integers', () => {
    const nodes = [
      node('ArgMax', ['x'], { outputs: ['i'], attributes: { axis: { int: 1 } } }),
      node('Cast', ['i'], { attributes: { to: { int: 1 } } }),
    ];
    const builder = builderOf(graphOf(nodes));
    const before = builder.nodes.length;
    const [zeros = ''] = products(builder, ['x']);
    expect(builder.constantValue(zeros)).toBeDefined();
    expect(builder.nodes).toHaveLength(before);
  });

  it('gives the cotangents themselves where the output is the input', () => {
    const builder = builderOf(graphOf([node('Identity', ['x'])]));
    expect(products(builder, ['x'])).toEqual(['c']);
  });

  it('differentiates with respect to what lies between', () => {
    const builder = builderOf(graphOf([node('Exp', ['x'], { outputs: ['e'] }), node('Mul', ['e', 'x'])]));
    const [toE, toX] = products(builder, ['e', 'x']);
    const graph = builder.build([toE!, toX!]);
    expect(graph.nodes.map(({ opType }) => opType)).toContain('Exp');
    expect(toE).not.toBe(toX);
  });

  it('writes nothing for tensors that nobody asks about', () => {
    const initializers = new Map([['w', floats([4, 2], 1, 2, 3, 4, 5, 6, 7, 8)]]);
    const nodes = [node('MatMul', ['x', 'w'], { outputs: ['p'] }), node('Neg', ['p'])];
    const builder = builderOf(graphOf(nodes, { initializers }));
    const before = builder.nodes.length;
    products(builder, ['p']);
    expect(builder.nodes.slice(before).map(({ opType }) => opType)).toEqual(['Mul']);
  });

  describe('refuses', () => {
    const refusal = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        if (EdjmError.is(error)) return { code: error.code, message: error.message };
        throw error;
      }
      return undefined;
    };

    it('an operator without a derivative, by name and node', () => {
      const initializers = new Map([
        ['places', tensorOf('int64', [2], [1, 0])],
        ['depth', tensorOf('int64', [], [3])],
      ]);
      const builder = builderOf(graphOf([node('OneHot', ['places', 'depth', 'x'])], { initializers }));
      expect(refusal(() => products(builder, ['x']))).toEqual({
        code: 'UNSUPPORTED',
        message:
          'expected an operator with a derivative on the way from the input to the output, got OneHot (node "OneHot of y") of operator set 18: OneHot "OneHot of y". ' +
          `The rest of the graph is fine. Choose an output before it by the option 'output' (--output NAME), such as "places", or export the network without it.`,
      });
    });

    it('an operator without a rule, by name and node', () => {
      const nodes = [node('Bernoulli', ['x'], { outputs: ['b'] }), node('Neg', ['b'])];
      const builder = builderOf(graphOf(nodes));
      const act = () => differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'x' });
      expect(refusal(act)).toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('Bernoulli (node "Bernoulli of b")') as string,
      });
    });

    it('cotangents of another shape', () => {
      const builder = builderOf(graphOf([node('Neg', ['x'])]));
      const act = () => differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'x' });
      expect(refusal(act)).toEqual({
        code: 'SHAPE_MISMATCH',
        message: 'expected cotangents of the shape [K, 2, 4] for "y", got [2, 4].',
      });
    });

    it('inputs that are no real numbers', () => {
      const nodes = [node('ArgMax', ['x'], { outputs: ['i'] }), node('Neg', ['x'])];
      expect(refusal(() => products(builderOf(graphOf(nodes)), ['i']))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('got "i" of type int64') as string,
      });
    });

    it('weights whose values went into other constants, rather than give zeros for them', () => {
      const initializers = new Map([['w', floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8)]]);
      const nodes = [node('Transpose', ['w'], { outputs: ['t'] }), node('MatMul', ['x', 't'])];
      const graph = graphOf(nodes, { initializers });
      const folded = builderOf(graph);
      expect(refusal(() => products(folded, ['w']))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('"w", whose values went into other constants') as string,
      });
      const builder = new GraphBuilder(graph, coveredOperators);
      builder.addInput('x', { elementType: 'float32', shape: [2, 4] });
      builder.addInput('w', { elementType: 'float32', shape: [2, 4] });
      for (const source of nodes) builder.addSourceNode(source);
      expect(builder.shape(products(builder, ['w'])[0]!)).toEqual([3, 2, 4]);
    });
  });
});
