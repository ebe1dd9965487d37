import {
  EdjmError,
  type ModelInspection,
  type ModelOperator,
  type ModelTensor,
  type OperatorDerivative,
} from '@edjm/core';
import { type Graph, type Node, operatorKey, type SubgraphValue, subgraphsOf } from '../model/graph.ts';
import { isFloating, sizeOf } from '../model/tensor.ts';
import { coveredOperators, straightThroughOperators } from '../operators/index.ts';
import { NetworkGraph } from './networkGraph.ts';
import type { NetworkGraphOptions } from './networkGraphOptions.ts';

/**
 * Describes a model without running it: inputs, outputs, the tensors that can be chosen, operators with their derivatives, parameters, and the head. Of
 * several inputs or outputs, without a choice, tensors and head belong to the first of each.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { inspectGraph, readModel } from '@edjm/onnx-autodiff';
 *
 * const { operators, head } = inspectGraph(readModel(await readFile('model.onnx')));
 * console.log(operators, head?.kind);
 * ```
 */
export function inspectGraph(graph: Graph, options: NetworkGraphOptions = {}): ModelInspection {
  const weights = [...graph.initializers.values()].filter(({ elementType }) => isFloating(elementType));
  const nodes = allNodes(graph.nodes);
  const about = {
    name: options.name ?? graph.name,
    inputs: graph.inputs.map(tensorOf),
    outputs: graph.outputs.map(tensorOf),
    operators: operatorsOf(nodes),
    parameters: {
      tensors: weights.length,
      count: weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      bytes: weights.reduce((sum, { bytes }) => sum + bytes.length, 0),
    },
  };
  try {
    const network = new NetworkGraph(graph, {
      ...options,
      input: options.input ?? graph.inputs.find(({ elementType }) => isFloating(elementType))?.name,
      output: options.output ?? graph.outputs[0]?.name,
    });
    return { ...about, tensors: network.namedTensors(), head: network.head };
  } catch (error) {
    if (!EdjmError.is(error)) throw error;
    return { ...about, tensors: [], problem: error.message };
  }
}

function tensorOf({ name, elementType, shape }: SubgraphValue): ModelTensor {
  return { name, elementType, shape: shape?.map((size) => size ?? null) };
}

/** The nodes, and those of branches and loops. */
function allNodes(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => [node, ...subgraphsOf(node).flatMap((body) => allNodes(body.nodes))]);
}

function operatorsOf(nodes: readonly Node[]): readonly ModelOperator[] {
  const counts = new Map<string, number>();
  for (const node of nodes) counts.set(operatorKey(node), (counts.get(operatorKey(node)) ?? 0) + 1);
  return [...counts]
    .sort(([a, many], [b, few]) => few - many || a.localeCompare(b))
    .map(([name, count]) => ({ name, count, derivative: derivativeOf(name) }));
}

/** Operators that become others when a graph is read, whose derivatives these are. */
const others: ReadonlySet<string> = new Set(['CastLike', 'Dropout', 'Identity', 'ReduceProd', 'Upsample']);

function derivativeOf(key: string): OperatorDerivative {
  const operator = coveredOperators.get(key);
  if (operator === undefined) return 'unsupported';
  if (straightThroughOperators.get(key) !== operator) return 'straight-through';
  if ('rewrite' in operator || others.has(key)) return 'yes';
  if (operator.isStep === true) return 'zero';
  return operator.vjp === undefined ? 'none' : 'yes';
}
