import { EdjmError } from '@edjm/core';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import type { VjpContext } from '../graph/operator.ts';
import { describeNode, operatorKey, type Node } from '../model/graph.ts';
import { dependents } from './dependents.ts';
import { hasInfiniteSlope } from './infiniteSlopes.ts';
import { checkCotangents, checkInputs, checkQuantized, refusal } from './refusals.ts';

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

/** Adds a cotangent to those that have reached a tensor by other paths. */
function accumulate(
  builder: GraphBuilder,
  cotangents: Map<string, string>,
  entry: { readonly name: string; readonly cotangent: string },
): void {
  const known = cotangents.get(entry.name);
  cotangents.set(entry.name, known === undefined ? entry.cotangent : builder.add(known, entry.cotangent));
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
  const unbounded = nodes.some(
    (node) => node.inputs.some((name) => active.has(name)) && hasInfiniteSlope(builder, node),
  );
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
      vjp(vjpContext(builder, node, { passing, active, unbounded })).forEach((cotangent, index) => {
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
    readonly unbounded: boolean;
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
    unbounded: known.unbounded,
    needs: (index) => known.active.has(node.inputs[index] ?? ''),
  };
}
