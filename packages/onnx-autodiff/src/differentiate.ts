import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from './graph.ts';
import { operatorKey, type GraphBuilder } from './graphBuilder.ts';
import type { VjpContext } from './operator.ts';
import { isFloating, tensorOf } from './tensor.ts';

/** What to differentiate: see {@link differentiate}. */
export interface Differentiation {
  /** The tensor y whose derivative is asked for. */
  readonly output: string;
  /** The tensors x_i with respect to which; inputs, weights, or anything between. */
  readonly inputs: readonly string[];
  /** K cotangents of y, shape [K, …shape of y]. */
  readonly cotangents: string;
}

/** Every floating tensor that depends on one of the given tensors. */
function dependents(nodes: readonly Node[], inputs: readonly string[]): Set<string> {
  const found = new Set(inputs);
  for (const node of nodes) {
    if (node.inputs.some((name) => found.has(name))) {
      for (const name of node.outputs) if (name !== '') found.add(name);
    }
  }
  return found;
}

/** Adds up the cotangents that reach one tensor by several ways. */
function accumulate(
  builder: GraphBuilder,
  cotangents: Map<string, string>,
  entry: { readonly name: string; readonly cotangent: string },
): void {
  const known = cotangents.get(entry.name);
  cotangents.set(
    entry.name,
    known === undefined ? entry.cotangent : builder.emit('Add', [known, entry.cotangent]),
  );
}

function refusal(builder: GraphBuilder, node: Node): EdjmError {
  if (!builder.operators.has(operatorKey(node)))
    return builder.uncoveredError(`expected a derivative of ${describeNode(node)}`);
  return new EdjmError(
    'UNSUPPORTED',
    `expected an operator with a derivative on the way from the input to the output, got ${describeNode(node)}. ` +
      'The rest of the graph is fine: choose an output before it.',
  );
}

/**
 * Writes the reverse pass of a graph into the same graph: for each x_i the K vector-Jacobian products
 * Σ_y c_k ∂y/∂x_i, shape [K, …shape of x_i].
 *
 * The nodes that it adds are ordinary ones with derivatives of their own.
 *
 * @returns the names of the products, in the order of `inputs`; zeros where y does not depend on x_i.
 * @throws EdjmError `UNSUPPORTED` where an operator on the way has no derivative.
 */
export function differentiate(builder: GraphBuilder, what: Differentiation): readonly string[] {
  const inputs = what.inputs.map((name) => builder.resolve(name));
  const nodes = [...builder.nodes];
  const active = dependents(nodes, inputs);
  const cotangents = new Map<string, string>([[builder.resolve(what.output), what.cotangents]]);
  for (const node of nodes.toReversed()) {
    const reached = node.outputs.some((name) => cotangents.has(name));
    if (!reached || !node.inputs.some((name) => active.has(name))) continue;
    const operator = builder.operators.get(operatorKey(node));
    if (operator?.vjp === undefined) {
      // Numbers that are no floating ones carry no derivative: an index, a count, a truth value.
      const outputs = node.outputs.filter((name) => cotangents.has(name));
      if (operator !== undefined && outputs.every((name) => !isFloating(builder.type(name).elementType)))
        continue;
      throw refusal(builder, node);
    }
    const context = vjpContext(builder, node, { cotangents, active });
    operator.vjp(context).forEach((cotangent, index) => {
      const name = node.inputs[index] ?? '';
      if (cotangent !== undefined && context.needs(index))
        accumulate(builder, cotangents, { name, cotangent });
    });
  }
  const [k = 1] = builder.shape(what.cotangents);
  return inputs.map((name) => cotangents.get(name) ?? zerosLike(builder, name, k));
}

function vjpContext(
  builder: GraphBuilder,
  node: Node,
  known: { readonly cotangents: ReadonlyMap<string, string>; readonly active: ReadonlySet<string> },
): VjpContext {
  const outputs = node.outputs.map((name) => known.cotangents.get(name));
  return {
    node,
    builder,
    cotangents: outputs,
    cotangent: () => {
      const [first] = outputs;
      if (first === undefined)
        throw new Error(`expected a cotangent of the first output of ${describeNode(node)}, got none.`);
      return first;
    },
    input: (index) => {
      const name = node.inputs[index] ?? '';
      if (name === '') throw new Error(`expected input ${String(index)} of ${describeNode(node)}, got none.`);
      return name;
    },
    needs: (index) => {
      const name = node.inputs[index] ?? '';
      return name !== '' && known.active.has(name) && isFloating(builder.type(name).elementType);
    },
  };
}

function zerosLike(builder: GraphBuilder, name: string, k: number): string {
  const { elementType, shape } = builder.type(name);
  const value = tensorOf(elementType, [1], [0]);
  return builder.emit('ConstantOfShape', [builder.ints([k, ...shape])], { value: { tensor: value } });
}
