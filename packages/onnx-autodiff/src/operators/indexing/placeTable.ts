import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../../model/graph.ts';

/** The largest table. Tables are made before anything runs: a file of a few bytes must not fill the memory with one. */
const LARGEST_TABLE = 1 << 22;

/** The table of places 0 … length − 1, each mapped to a number, that a derivative needs. */
export function placeTable(node: Node, length: number, value: (place: number) => number): number[] {
  checkTable(node, length);
  return Array.from({ length }, (_, place) => value(place));
}

/** Throws `UNSUPPORTED` if a table that a derivative needs would have too many places. */
export function checkTable(node: Node, length: number): void {
  if (length <= LARGEST_TABLE) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected a window or padding of at most ${String(LARGEST_TABLE)} places along an axis, got ${String(length)}.`,
  );
}
