import { EdjmError } from '@edjm/core';
import { describeNode, operatorKey, type Node } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import type { VjpContext } from '../graph/operator.ts';
import { usedNames } from '../model/scope.ts';
import { isFloating } from '../model/tensor.ts';
import { advice } from '../graph/uncoveredNodes.ts';
import { describePath, shortestPath } from '../graph/path.ts';

/** A derivative to write: see {@link differentiate}. */
export interface Differentiation {
  /** The tensor y to differentiate. */
  readonly output: string;
  /** The tensors x_i to differentiate with respect to: inputs, weights, or tensors between them and y. */
  readonly inputs: readonly string[];
  /** K cotangents of y, shape [K, …shape of y]. */
  readonly cotangents: string;
  /** Whether to take each x_i as independent of the others, even if it depends on them. Defaults to false. */
  readonly independent?: boolean;
}

/** Whether a node rounds real numbers to integers that stand for them. */
function quantizes(builder: GraphBuilder, node: Node): boolean {
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

/** Adds a cotangent to those that have reached a tensor by other paths. */
function accumulate(
  builder: GraphBuilder,
  cotangents: Map<string, string>,
  entry: { readonly name: string; readonly cotangent: string },
): void {
  const known = cotangents.get(entry.name);
  cotangents.set(entry.name, known === undefined ? entry.cotangent : builder.add(known, entry.cotangent));
}

/** The error for a node without a derivative: it names the node, the path that needs it, and a remedy. */
function refusal(
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
function checkQuantized(
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

function checkInputs(builder: GraphBuilder, inputs: readonly string[]): void {
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

function checkCotangents(builder: GraphBuilder, { output, cotangents }: Differentiation): void {
  const [, ...shape] = builder.shape(cotangents);
  const expected = builder.shape(output);
  if (builder.shape(cotangents).length > 0 && shape.join() === expected.join()) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `expected cotangents of the shape [K, ${expected.join(', ')}] for "${output}", got [${builder.shape(cotangents).join(', ')}].`,
  );
}

/**
 * Writes the reverse pass of a graph into the same graph: for each x_i the K vector-Jacobian products
 * Σ_y c_k ∂y/∂x_i, shape [K, …shape of x_i].
 *
 * The nodes that it adds have derivatives too: differentiate a product again for second derivatives. At a kink the
 * derivative is the one that PyTorch gives; it lies between those of the two sides.
 *
 * @returns the names of the products, in the order of `inputs`; zeros if y does not depend on x_i.
 * @throws EdjmError `UNSUPPORTED` if an operator between x_i and y has no derivative, `SHAPE_MISMATCH` if the
 * cotangents do not fit y, `INVALID_ARGUMENT` if x_i does not hold real numbers, or is a constant that was folded
 * into others.
 *
 * @example
 * ```ts
 * import { differentiate, type GraphBuilder } from '@edjm/onnx-autodiff';
 *
 * // Rows of the Jacobian of y: the products with K unit vectors.
 * export function addRows(builder: GraphBuilder, k: number): string {
 *   const shape = [k, ...builder.shape('y')];
 *   const cotangents = builder.addInput('cotangents', { elementType: 'float32', shape });
 *   const [rows = ''] = differentiate(builder, { output: 'y', inputs: ['x'], cotangents });
 *   return rows;
 * }
 * ```
 */
export function differentiate(builder: GraphBuilder, what: Differentiation): readonly string[] {
  const inputs = what.inputs.map((name) => builder.resolve(name));
  checkInputs(builder, inputs);
  checkCotangents(builder, what);
  const nodes = [...builder.nodes];
  const active = dependents(builder, nodes, inputs);
  checkQuantized(builder, nodes, { active, output: builder.resolve(what.output) });
  const cotangents = new Map<string, string>([[builder.resolve(what.output), what.cotangents]]);
  const ends = new Set(what.independent === true ? inputs : []);
  const passing = (name: string) => (ends.has(name) ? undefined : cotangents.get(name));
  for (const node of nodes.toReversed()) {
    const reached = node.outputs.some((name) => passing(name) !== undefined);
    if (!reached || !node.inputs.some((name) => active.has(name))) continue;
    const operator = builder.operators.get(operatorKey(node));
    if (operator === undefined || 'rewrite' in operator || operator.vjp === undefined)
      throw refusal(builder, node, { nodes, active, output: builder.resolve(what.output) });
    const { vjp } = operator;
    const source = builder.provenance.of(node.outputs.find((name) => name !== '') ?? '')?.source ?? node;
    builder.provenance.during({ pass: 'reverse', source }, () => {
      vjp(vjpContext(builder, node, { passing, active })).forEach((cotangent, index) => {
        const name = node.inputs[index] ?? '';
        if (cotangent !== undefined && active.has(name)) accumulate(builder, cotangents, { name, cotangent });
      });
    });
  }
  const [k = 1] = builder.shape(what.cotangents);
  return inputs.map((name) => {
    const { elementType, shape } = builder.type(name);
    return cotangents.get(name) ?? builder.filled(elementType, [k, ...shape], 0);
  });
}

function vjpContext(
  builder: GraphBuilder,
  node: Node,
  known: {
    readonly passing: (name: string) => string | undefined;
    readonly active: ReadonlySet<string>;
  },
): VjpContext {
  const outputs = node.outputs.map(known.passing);
  return {
    node,
    builder,
    cotangents: outputs,
    cotangent: () => {
      const [first, ...others] = outputs;
      if (first !== undefined && others.every((cotangent) => cotangent === undefined)) return first;
      throw new EdjmError(
        'UNSUPPORTED',
        `expected a result that depends on the first output of ${describeNode(node)} alone, got one that depends on another.`,
      );
    },
    input: (index) => {
      const name = node.inputs[index] ?? '';
      if (name === '') throw new Error(`expected input ${String(index)} of ${describeNode(node)}, got none.`);
      return name;
    },
    needs: (index) => known.active.has(node.inputs[index] ?? ''),
  };
}
