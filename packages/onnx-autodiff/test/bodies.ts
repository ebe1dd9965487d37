import { EdjmError } from '@edjm/core';
import { expect } from 'vitest';
import {
  coveredOperators,
  GraphBuilder,
  readModel,
  tensorOf,
  valuesOf,
  writeModel,
  type Graph,
  type Node,
  type Subgraph,
  type Tensor,
} from '../src/index.ts';
import { node } from './models.ts';

/** A truth value. */
export const truth = (value: boolean): Tensor => tensorOf('bool', [], [Number(value)]);
/** A whole number. */
export const count = (value: number): Tensor => tensorOf('int64', [], [value]);
/** A node with one output. */
export const to = (output: string, opType: string, ...inputs: readonly string[]) =>
  node(opType, inputs, { outputs: [output] });

/** A graph as the attribute of a node; types follow from what it is bound to. */
export function body(
  inputs: readonly string[],
  nodes: readonly Node[],
  outputs: readonly string[],
): { readonly graph: Subgraph } {
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  const graph = {
    name: 'body',
    inputs: named(inputs),
    outputs: named(outputs),
    initializers: new Map<string, Tensor>(),
    nodes,
  };
  return { graph };
}

/** The graph with its nodes added, for x of shape [2, 4]. */
export function added(graph: Graph): GraphBuilder {
  const source = readModel(writeModel(graph));
  const builder = new GraphBuilder(source, coveredOperators);
  builder.addInput('x', { elementType: 'float32', shape: [2, 4] });
  for (const each of source.nodes) builder.addSourceNode(each);
  return builder;
}

/** The graph of the output y. */
export const built = (builder: GraphBuilder) => builder.build([builder.resolve('y')]);
/** The operators that y takes. */
export const operators = (builder: GraphBuilder) => built(builder).nodes.map(({ opType }) => opType);
/** The numbers of a constant. */
export const numbers = (builder: GraphBuilder, name: string) => valuesOf(builder.constantValue(name)!);

/** The error of adding the nodes and asking for y, or its shape. */
export function refusal(graph: Graph): unknown {
  try {
    const builder = added(graph);
    return builder.shape('y');
  } catch (error) {
    if (EdjmError.is(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

/** An error of that code. */
export const refused = (code: string, says: RegExp): unknown => ({
  code,
  message: expect.stringMatching(says) as string,
});

/** A Loop with its body. */
export function loopOf(
  inputs: readonly string[],
  loopBody: ReturnType<typeof body>,
  outputs: readonly string[] = ['y'],
): Node {
  return node('Loop', inputs, { outputs, attributes: { body: loopBody } });
}
