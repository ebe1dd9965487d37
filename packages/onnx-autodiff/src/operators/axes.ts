import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../model/graph.ts';

/** A non-negative axis for a tensor of the given rank. */
export function normalizedAxis(node: Node, axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(normalized) && normalized >= 0 && normalized < rank) return normalized;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected an axis from -${String(rank)} to ${String(rank - 1)}, got ${String(axis)}.`,
  );
}

/** Non-negative axes, each named once, for a tensor of the given rank. */
export function normalizedAxes(node: Node, axes: readonly number[], rank: number): readonly number[] {
  const normalized = axes.map((axis) => normalizedAxis(node, axis, rank));
  if (new Set(normalized).size === axes.length) return normalized;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected every axis once, got [${axes.join(', ')}].`,
  );
}
