import { operatorKey, type Node } from '../model/graph.ts';

/** The nodes that a message names at each end of a path. */
const NAMED = 3;

/** The nodes on the shortest path to a tensor from a node of some kind, in order of execution; empty if there is no such path. */
export function shortestPath(
  nodes: readonly Node[],
  from: string,
  isEnd: (node: Node) => boolean,
): readonly Node[] {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const next = new Map<Node, Node | undefined>();
  const first = producers.get(from);
  if (first === undefined) return [];
  next.set(first, undefined);
  // The loop adds to the map that it goes through: nodes nearest to the tensor come first.
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
  const path: Node[] = [];
  for (let node: Node | undefined = start; node !== undefined; node = next.get(node)) path.push(node);
  return path;
}

/** A path in the form of messages: `Conv "c1" → Relu "r1" → … → Gemm "fc"`. */
export function describePath(path: readonly Node[]): string {
  const short = path.map(
    (node) => `${operatorKey(node)} "${node.name === '' ? (node.outputs[0] ?? '') : node.name}"`,
  );
  const shown = path.length > 2 * NAMED ? [...short.slice(0, NAMED), '…', ...short.slice(-NAMED)] : short;
  return shown.join(' → ');
}
