import { EdjmError } from '@edjm/core';
import { describeNode, type Graph, type Node } from './graph.ts';

/**
 * The nodes of a graph in an order in which they can run: that of the file where it is one, as it should be.
 *
 * @param what - names the graph in messages.
 * @throws EdjmError `INVALID_FILE` where a tensor is made twice or comes out of nowhere, and where nodes form a cycle.
 */
export function nodesInOrder(graph: Graph, what: string): readonly Node[] {
  const makers = tensorMakers(graph, what);
  const order: Node[] = [];
  const done = new Set<Node>();
  for (const node of graph.nodes) {
    // From each node back to those that it waits for; on a stack of our own, as chains may be long.
    const stack = [node];
    const waiting = new Set(stack);
    for (let next = stack.at(-1); next !== undefined; next = stack.at(-1)) {
      const missing = next.inputs.map((name) => makers.get(name)).find((maker) => maker && !done.has(maker));
      if (missing === undefined) {
        stack.pop();
        if (!done.has(next)) order.push(next);
        done.add(next);
      } else if (waiting.has(missing)) {
        throw new EdjmError(
          'INVALID_FILE',
          `${what}: expected nodes that can run one after another, got a cycle through ${describeNode(missing)}.`,
        );
      } else {
        stack.push(missing);
        waiting.add(missing);
      }
    }
  }
  return order;
}

/** The node that makes each tensor, undefined for inputs and initializers. */
function tensorMakers(graph: Graph, what: string): ReadonlyMap<string, Node | undefined> {
  const makers = new Map<string, Node | undefined>();
  const make = (name: string, maker?: Node): void => {
    if (makers.has(name)) {
      throw new EdjmError(
        'INVALID_FILE',
        `${what}: expected one tensor of the name "${name}", got two${maker ? `, the second from ${describeNode(maker)}` : ''}.`,
      );
    }
    makers.set(name, maker);
  };
  const use = (name: string, user: string): void => {
    if (name === '' || makers.has(name)) return;
    throw new EdjmError(
      'INVALID_FILE',
      `${what}: expected ${user} to be inputs, initializers or outputs of nodes, got "${name}", which is none of them.`,
    );
  };
  for (const { name } of graph.inputs) make(name);
  for (const name of graph.initializers.keys()) make(name);
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== '') make(name, node);
  for (const node of graph.nodes)
    for (const name of node.inputs) use(name, `the inputs of ${describeNode(node)}`);
  for (const { name } of graph.outputs) use(name, 'the outputs of the graph');
  return makers;
}
