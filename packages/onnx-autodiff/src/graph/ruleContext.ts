import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../model/graph.ts';
import type { TensorBuilder } from './tensorBuilder.ts';
import type { InferContext, RewriteContext } from './operator.ts';
import { valuesOf } from '../model/tensor.ts';

/** The context of a rule that infers types. */
export function inferContext(builder: TensorBuilder, node: Node): InferContext {
  return {
    node,
    inputs: node.inputs.map((name) => (name === '' ? undefined : builder.type(name))),
    input: (index) => builder.type(present(node, index)),
    constant: (index) => constantInput(builder, node, index),
  };
}

/** The context of a composite, for a node of the given operator set. */
export function rewriteContext(builder: TensorBuilder, node: Node, opset: number): RewriteContext {
  return {
    node,
    builder,
    opset,
    constant: (index) => constantInput(builder, node, index),
    input: (index) => present(node, index),
    optional: (index) => ((node.inputs[index] ?? '') === '' ? undefined : node.inputs[index]),
    wants: (index) => (node.outputs[index] ?? '') !== '',
  };
}

function constantInput(builder: TensorBuilder, node: Node, index: number): readonly number[] | undefined {
  const name = node.inputs[index] ?? '';
  if (name === '') return undefined;
  const tensor = builder.constantValue(name);
  if (tensor !== undefined) return valuesOf(tensor);
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected input ${String(index)} to be known before the network runs, but it is computed from its data.`,
  );
}

function present(node: Node, index: number): string {
  const name = node.inputs[index] ?? '';
  if (name !== '') return name;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected an input at position ${String(index)}, got none.`,
  );
}
