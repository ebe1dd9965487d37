import { operatorKey, type Node } from '../model/graph.ts';

/** Nodes of a way that a message names at each end. */
const NAMED = 3;

/**
 * The shortest way back from a tensor to a node: the nodes on it in order of execution, that node first; empty where there
 * is none.
 */
export function wayBack(
  nodes: readonly Node[],
  from: string,
  isEnd: (node: Node) => boolean,
): readonly Node[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const next = new Map<Node, Node | undefined>();
  const first = producers.get(from);
  if (first === undefined) return [];
  next.set(first, undefined);
  // Grows while it is gone through: what is nearest to the tensor comes first.
  for (const node of next.keys()) {
    if (isEnd(node)) return forward(node, next);
    for (const name of node.inputs) {
      const producer = name === '' ? undefined : producers.get(name);
      if (producer !== undefined && !next.has(producer)) next.set(producer, node);
    }
  }
  return [];
}

function forward(start: Node, next: ReadonlyMap<Node, Node | undefined>): readonly Node[] {
  const way: Node[] = [];
  for (let node: Node | undefined = start; node !== undefined; node = next.get(node)) way.push(node);
  return way;
}

/** A way as messages show it: `Conv "c1" → Relu "r1" → … → Gemm "fc"`. */
export function describeWay(way: readonly Node[]): string {
  const short = way.map(
    (node) => `${operatorKey(node)} "${node.name === '' ? (node.outputs[0] ?? '') : node.name}"`,
  );
  const shown = way.length > 2 * NAMED ? [...short.slice(0, NAMED), '…', ...short.slice(-NAMED)] : short;
  return shown.join(' → ');
}
