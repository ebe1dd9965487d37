import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';

/** The most nodes that loops of one graph may become: a trip count in a file may be any number. */
const MOST_NODES = 1 << 17;

const unrolled = new WeakMap<TensorBuilder, number>();

/**
 * Counts nodes of a loop that are about to be written one step after another.
 *
 * @param node - the node that loops, for the message.
 * @throws EdjmError `UNSUPPORTED` if the loops of the graph become too many nodes.
 */
export function countUnrolled(builder: TensorBuilder, node: Node, nodes: number): void {
  const total = (unrolled.get(builder) ?? 0) + nodes;
  unrolled.set(builder, total);
  if (total <= MOST_NODES) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected loops of at most ${String(MOST_NODES)} nodes in all, written one step after another, got more. Export the network for shorter sequences, or with fewer iterations.`,
  );
}
