import { EdjmError } from '@edjm/core';
import { describeNode, type Attribute, type Node, type Subgraph } from './graph.ts';
import { definedNames, usedNames } from './scope.ts';

/**
 * A graph with its nodes, and those of the graphs inside of it, in an order in which they can run: the order of the
 * file if it is one.
 *
 * @param what - names the graph in messages.
 * @param outer - names of the tensors around it, which its nodes may use.
 * @throws EdjmError `INVALID_FILE` if a tensor is made twice or by nothing, or if nodes form a cycle.
 */
export function inOrder<G extends Subgraph>(
  graph: G,
  what: string,
  outer: ReadonlySet<string> = new Set(),
): G {
  const visible = new Set([...outer, ...definedNames(graph)]);
  const nodes = nodesInOrder(graph, { what, visible }).map((node) => {
    const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => [
      name,
      'graph' in attribute ? { graph: inOrder(attribute.graph, what, visible) } : attribute,
    ]);
    return { ...node, attributes: Object.fromEntries(attributes) };
  });
  return { ...graph, nodes };
}

/** The name of a graph in messages, and the names that its nodes may use. */
interface Scope {
  readonly what: string;
  readonly visible: ReadonlySet<string>;
}

function nodesInOrder(graph: Subgraph, scope: Scope): readonly Node[] {
  const { what } = scope;
  const makers = tensorMakers(graph, scope);
  const used = new Map(graph.nodes.map((node) => [node, usedNames(node)] as const));
  const order: Node[] = [];
  const done = new Set<Node>();
  for (const node of graph.nodes) {
    // From each node back to those that it waits for, on a stack of our own: chains may be long.
    const stack = [node];
    const waiting = new Set(stack);
    for (let next = stack.at(-1); next !== undefined; next = stack.at(-1)) {
      const missing = (used.get(next) ?? [])
        .map((name) => makers.get(name))
        .find((maker) => maker && !done.has(maker));
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
function tensorMakers(graph: Subgraph, { what, visible }: Scope): ReadonlyMap<string, Node | undefined> {
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
    if (name === '' || visible.has(name)) return;
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
