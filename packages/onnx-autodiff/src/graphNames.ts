import { EdjmError } from '@edjm/core';
import { describeNode, type Graph, type Node } from './graph.ts';

/**
 * Checks that every tensor of a graph is made once, and before it is used: no name twice, none out of nowhere, no cycle.
 *
 * @param what - names the graph in messages.
 * @throws EdjmError `INVALID_FILE` otherwise.
 */
export function checkNames(graph: Graph, what: string): void {
  const made = new Map<string, string>();
  const make = (name: string, maker: string): void => {
    const other = made.get(name);
    if (other !== undefined) {
      throw new EdjmError(
        'INVALID_FILE',
        `${what}: expected one tensor of the name "${name}", got two: ${other} and ${maker}.`,
      );
    }
    made.set(name, maker);
  };
  const use = (name: string, user: string): void => {
    if (name === '' || made.has(name)) return;
    throw new EdjmError(
      'INVALID_FILE',
      `${what}: expected ${user} to come from an input, an initializer or an earlier node, got "${name}" from none of them. The file is damaged, or its nodes form a cycle.`,
    );
  };
  for (const { name } of graph.inputs) make(name, 'an input');
  for (const name of graph.initializers.keys()) make(name, 'an initializer');
  for (const node of graph.nodes) {
    for (const name of node.inputs) use(name, `the inputs of ${describeNode(node)}`);
    for (const name of madeBy(node)) make(name, `an output of ${describeNode(node)}`);
  }
  for (const { name } of graph.outputs) use(name, 'the outputs of the graph');
}

function madeBy({ outputs }: Node): readonly string[] {
  return outputs.filter((name) => name !== '');
}
