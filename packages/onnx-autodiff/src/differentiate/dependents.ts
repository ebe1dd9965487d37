import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { operatorKey, type Node } from '../model/graph.ts';
import { isFloating } from '../model/tensor.ts';

/** Whether a node rounds real numbers to integers that stand for them. */
export function quantizes(builder: GraphBuilder, node: Node): boolean {
  const operator = builder.operators.get(operatorKey(node));
  return operator !== undefined && 'quantizes' in operator;
}

/**
 * The given tensors and every one that depends on them through real numbers, or integers that stand for them: an index or
 * a truth value carries no derivative.
 */
export function dependents(
  builder: GraphBuilder,
  nodes: readonly Node[],
  inputs: readonly string[],
): ReadonlySet<string> {
  const found = new Set(inputs);
  // Tensors behind an uncovered operator have no known type. They count, so that an error can name the operator.
  const isReal = (name: string) => !builder.knows(name) || isFloating(builder.type(name).elementType);
  for (const node of nodes) {
    const dependent = node.inputs.filter((name) => found.has(name));
    if (dependent.length === 0) continue;
    const standsForReal = quantizes(builder, node) || !dependent.every(isReal);
    for (const name of node.outputs) if (name !== '' && (standsForReal || isReal(name))) found.add(name);
  }
  return found;
}

/** Whether a tensor depends on another one through real numbers, or integers that stand for them. */
export function dependsOn(builder: GraphBuilder, output: string, input: string): boolean {
  return dependents(builder, builder.nodes, [builder.resolve(input)]).has(builder.resolve(output));
}

/** Whether the output of a node is constant between jumps. */
export function isStep(builder: GraphBuilder, node: Node): boolean {
  const operator = builder.operators.get(operatorKey(node));
  return operator !== undefined && 'isStep' in operator && operator.isStep;
}
