import { EdjmError } from '@edjm/core';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { describePath, shortestPath } from '../graph/path.ts';
import { advice } from '../graph/uncoveredNodes.ts';
import { describeNode, operatorKey, type Node } from '../model/graph.ts';
import { usedNames } from '../model/scope.ts';
import { isFloating } from '../model/tensor.ts';
import { dependents, isStep, quantizes } from './dependents.ts';

/** The error for a node without a derivative: it names the node, the path that needs it, and a remedy. */
export function refusal(
  builder: GraphBuilder,
  node: Node,
  { nodes, active, output }: { nodes: readonly Node[]; active: ReadonlySet<string>; output: string },
): EdjmError {
  if (!builder.operators.has(operatorKey(node)))
    return builder.uncoveredError(`expected a derivative of ${describeNode(node)}`, output);
  const isFirst = (candidate: Node) =>
    candidate.inputs.every((name) => !active.has(name) || builder.producer(name) === undefined);
  const entry = node.inputs.find((name) => active.has(name)) ?? '';
  const path = [
    ...shortestPath(nodes, entry, isFirst),
    ...shortestPath(nodes, output, (other) => other === node),
  ];
  return new EdjmError(
    'UNSUPPORTED',
    `expected an operator with a derivative on the way from the input to the output, got ${describeNode(node)} of operator set ${String(builder.opsetOf(node))}: ${describePath(path)}. ` +
      `The rest of the graph is fine. ${advice(node)}`,
  );
}

/** Refuses a path from an input to the output on which real numbers are rounded to integers that stand for them. */
export function checkQuantized(
  builder: GraphBuilder,
  nodes: readonly Node[],
  path: { readonly active: ReadonlySet<string>; readonly output: string },
): void {
  const needed = new Set([path.output]);
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of usedNames(node)) needed.add(name);
    if (!quantizes(builder, node) || !node.inputs.some((name) => path.active.has(name))) continue;
    throw new EdjmError(
      'UNSUPPORTED',
      `expected an operator with a derivative on the way from the input to the output, got ${describeNode(node)}, which rounds: its derivative is 0 wherever there is one. ` +
        "Straight-through derivatives, which take the rounding for the identity, are given on request: use the option 'straightThrough' (--straight-through).",
    );
  }
}

/** Operators that round, which have straight-through derivatives. */
const roundings = new Set(['Round', 'Floor', 'Ceil']);

/** Refuses an output that every path from the inputs reaches through steps: all of its derivatives would be 0. */
export function checkSteps(builder: GraphBuilder, output: string, inputs: readonly string[]): void {
  const names = inputs.map((name) => builder.resolve(name));
  const target = builder.resolve(output);
  const active = dependents(builder, builder.nodes, names);
  const smooth = builder.nodes.filter((node) => !isStep(builder, node));
  if (!active.has(target) || dependents(builder, smooth, names).has(target)) return;
  const needed = new Set([target]);
  for (const node of builder.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of usedNames(node)) needed.add(name);
    if (!isStep(builder, node) || !node.inputs.some((name) => active.has(name))) continue;
    const straight = roundings.has(node.opType)
      ? " Take the rounding for the identity by the option 'straightThrough' (--straight-through), or choose"
      : ' Choose';
    throw new EdjmError(
      'UNSUPPORTED',
      `expected an operator with a derivative on the way from the input to the output, got ${describeNode(node)}, a step: its derivative is 0 wherever there is one.${straight} a tensor in front of it, such as "${node.inputs[0] ?? ''}", by the option 'output' (--output NAME).`,
    );
  }
}

/** Refuses tensors that are no real numbers, and constants whose values went into others. */
export function checkInputs(builder: GraphBuilder, inputs: readonly string[]): void {
  for (const name of inputs) {
    const { elementType } = builder.type(name);
    if (!isFloating(elementType)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected real numbers to differentiate with respect to, got "${name}" of type ${elementType}.`,
      );
    }
    if (builder.isAbsorbed(name)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected a tensor that the graph computes with, got the constant "${name}", whose values went into other constants. Declare it with addInput before the nodes are added.`,
      );
    }
  }
}

/** Refuses cotangents whose shape is not that of the output, with an axis K in front. */
export function checkCotangents(
  builder: GraphBuilder,
  { output, cotangents }: { readonly output: string; readonly cotangents: string },
): void {
  const [, ...shape] = builder.shape(cotangents);
  const expected = builder.shape(output);
  if (builder.shape(cotangents).length > 0 && shape.join() === expected.join()) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `expected cotangents of the shape [K, ${expected.join(', ')}] for "${output}", got [${builder.shape(cotangents).join(', ')}].`,
  );
}
