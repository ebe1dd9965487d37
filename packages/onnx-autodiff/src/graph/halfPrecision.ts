import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../model/graph.ts';
import type { TensorBuilder } from './tensorBuilder.ts';

/** Operators that only move values, or change their type: no digit is lost in them. */
const moving = new Set([
  'Cast',
  'CastLike',
  'Concat',
  'Dropout',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Reshape',
  'Shape',
  'Size',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

/**
 * Refuses a node that computes in numbers of 16 bits: rows would have three digits, or two, in a report that promises more.
 *
 * @throws EdjmError `UNSUPPORTED`.
 */
export function checkNotHalf(builder: TensorBuilder, node: Node): void {
  if (node.domain === '' && moving.has(node.opType)) return;
  for (const name of node.inputs) {
    if (
      name === '' ||
      builder.lists.has(name) ||
      !builder.knows(name) ||
      builder.constantValue(name) !== undefined
    )
      continue;
    const { elementType } = builder.type(name);
    if (elementType !== 'float16' && elementType !== 'bfloat16') continue;
    throw new EdjmError(
      'UNSUPPORTED',
      `${describeNode(node)}: expected a network that computes in float32 or float64, got ${elementType} for "${name}". Export the network in float32: in PyTorch call model.float() and leave autocast out.`,
    );
  }
}
