import { EdjmError } from '@edjm/core';
import { describeNode, type Node, type Subgraph } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { renamed } from '../../model/scope.ts';
import { countUnrolled } from './unrolling.ts';

/** The body of a node, and a function that writes copies of it into the graph around the node. */
export interface InlinedBody {
  readonly body: Subgraph;
  /** Writes one copy for the given inputs, with names of its own, and returns the outputs. */
  readonly write: (inputs: readonly string[]) => readonly string[];
}

/**
 * The graph that is an attribute of a node, ready to replace the node. Its initializers are written once.
 *
 * @throws EdjmError `INVALID_FILE` if there is no graph of that name with that many inputs.
 */
export function inlinedBody(
  builder: TensorBuilder,
  node: Node,
  { attribute, inputs }: { readonly attribute: string; readonly inputs: number },
): InlinedBody {
  const value = node.attributes[attribute];
  const body = value !== undefined && 'graph' in value ? value.graph : undefined;
  if (body?.inputs.length !== inputs) {
    const got = body === undefined ? 'none' : `one of ${String(body.inputs.length)}`;
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected a graph of ${String(inputs)} inputs as its attribute "${attribute}", got ${got}.`,
    );
  }
  const constants = [...body.initializers].map(([name, tensor]) => [name, builder.constant(tensor)] as const);
  const write: InlinedBody['write'] = (tensors) => {
    countUnrolled(builder, node, 1 + body.inputs.length + body.nodes.length);
    const names = new Map(constants);
    body.inputs.forEach(({ name }, index) => {
      // Each input gets a new name, which no body inside of this one hides.
      const own = builder.freshName('input');
      builder.alias(own, tensors[index] ?? '');
      names.set(name, own);
    });
    for (const inner of body.nodes) {
      for (const name of inner.outputs) names.set(name, builder.freshName(inner.opType));
      builder.addSourceNode(renamed(inner, (name) => names.get(name) ?? name));
    }
    return body.outputs.map(({ name }) => builder.resolve(names.get(name) ?? name));
  };
  return { body, write };
}
